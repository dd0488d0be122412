//! What gets no answer.

use super::step::Step;
use crate::incident::{
    Actor, Author, Chat, ChatKind, Command, Identity, Origin, Refusal, Request, Via,
};

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
        // A reaction counts on a card only.
        actor.via == Via::Reaction && !points_at_card(chat, &request.origin)
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
