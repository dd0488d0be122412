//! What gets no answer.

use super::draft::Draft;
use super::step::Step;
use crate::app::told::Saying;
use crate::incident::{
    Actor, Author, Chat, ChatKind, Command, Identity, Origin, Permission, Refusal, Request, Via,
    policy,
};

/// What strangers are told, each by itself, besides the answers to the commands that are theirs; and what is recorded.
pub(super) const REFUSED: &str = "refused";
pub(super) const EDITED: &str = "edited";
pub(super) const RECORDED: &str = "recorded";

impl Step<'_> {
    /// Things that get no answer at all.
    pub(super) fn ignores(&self, chat: &Chat, author: &Author, request: &Request) -> bool {
        let Author::Person(actor) = author else {
            return false;
        };
        // Without an owner nobody can be trusted: the bot only shows people their ids.
        if self.house.setup.owners.is_empty() {
            return request.command != Command::WhoAmI;
        }
        // It may be another bot's: only the team is asked what it meant.
        if matches!(request.command, Command::NearMiss { .. })
            && (actor.identity != Identity::Person || self.is_stranger(chat, actor))
        {
            return true;
        }
        // A reaction counts on a card only.
        actor.via == Via::Reaction && !points_at_card(chat, &request.origin)
    }

    /// Whether somebody may do nothing here, in whatever form they write. Behind an anonymous administrator may be
    /// anybody of the team.
    pub(super) fn is_stranger(&self, chat: &Chat, actor: &Actor) -> bool {
        match actor.identity {
            Identity::AnonymousAdmin => false,
            Identity::Bot | Identity::Channel | Identity::LinkedChannel => true,
            Identity::Person | Identity::ViaBot | Identity::Forwarded => {
                let person = Actor {
                    identity: Identity::Person,
                    owner: self.house.is_owner(actor.person.id),
                    ..actor.clone()
                };
                policy::permission(chat, &person) == Permission::Stranger
            }
        }
    }

    /// Whether a stranger was told this a short while ago: then there is silence. Where not, it is said now. A team's
    /// people are never met with silence.
    pub(super) fn was_told(&self, draft: &mut Draft, actor: &Actor, what: &'static str) -> bool {
        if !self.is_stranger(&draft.chat, actor) {
            return false;
        }
        // A group that nobody claimed gets its one sentence once, whoever asks.
        let group = draft.chat.kind != ChatKind::Private && !draft.chat.claimed;
        let of_all = group && matches!(what, REFUSED | "start");
        let saying = Saying::Stranger {
            chat: self.room.key,
            whom: (!of_all).then_some(actor.person.id),
            what: if of_all { REFUSED } else { what },
        };
        self.is_enough(draft, saying)
    }

    /// Whether something was said already. Where not, it is said now.
    pub(super) fn is_enough(&self, draft: &mut Draft, saying: Saying) -> bool {
        if draft.told.contains(&saying) || self.house.told.is_enough(&saying, self.now) {
            return true;
        }
        draft.told.push(saying);
        false
    }
}

/// Refusals that nobody would read: in channels, and to other bots and automatic forwards.
pub(super) fn is_silent(refusal: &Refusal, actor: &Actor, chat: &Chat) -> bool {
    let hidden_in_channel = chat.kind == ChatKind::Channel;
    let foreign_bot = matches!(
        refusal,
        Refusal::NotAPerson {
            identity: Identity::Bot | Identity::LinkedChannel,
            ..
        }
    );
    hidden_in_channel || (foreign_bot && actor.via != Via::Button)
}

fn points_at_card(chat: &Chat, origin: &Origin) -> bool {
    let message_id = origin.reply.as_ref().map(|reply| reply.message_id);
    message_id.is_some_and(|id| {
        chat.incidents
            .values()
            .any(|it| it.card.is_some_and(|card| card.message_id == id))
    })
}
