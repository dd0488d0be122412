//! What is looked up across chats for those who ask in private: an owner is shown the open incidents of all of them,
//! somebody of a team where they belong.

use super::House;
use super::letter::{Letter, Wanted};
use super::room::Room;
use crate::incident::{
    Actor, Author, Chat, ChatKind, Command, Identity, OpenElsewhere, Permission, Request, StatusOf,
    UserId, Via, policy,
};

impl House {
    /// A `/status` of an owner in private that names no incident becomes the list of all chats. It is looked up before
    /// anything is decided, while no chat is held. Every other letter stays as it is.
    pub(super) async fn look_everywhere(&self, mut letter: Letter) -> Letter {
        let Wanted::Command(asked) = &letter.wanted else {
            return letter;
        };
        let (Author::Person(actor), request) = asked.as_ref() else {
            return letter;
        };
        if !asks_for_all(actor, request) {
            if let Some(command) = self.teams_of(actor, request).await {
                let request = Request {
                    command,
                    incident: None,
                    origin: request.origin.clone(),
                };
                letter.wanted = Wanted::Command(Box::new((Author::Bot, request)));
            }
            return letter;
        }
        let (open, unread) = self.open_everywhere().await;
        let request = Request {
            command: Command::StatusEverywhere { open, unread },
            incident: None,
            origin: request.origin.clone(),
        };
        letter.wanted = Wanted::Command(Box::new((Author::Bot, request)));
        letter
    }

    /// What somebody of a team who writes in private is told, instead of what a stranger is.
    async fn teams_of(&self, actor: &Actor, request: &Request) -> Option<Command> {
        let person = !actor.owner && actor.private && actor.identity == Identity::Person;
        if !person || actor.via != Via::Text {
            return None;
        }
        let verb = match &request.command {
            Command::WhoAmI => None,
            command => Some(belongs_in_a_group(command)?),
        };
        let id = actor.person.id;
        let mut teams = Vec::new();
        for room in self.all_rooms() {
            let look = |chat: &Chat, _: &_| {
                let may = policy::standing(chat, &[], id);
                let team = chat.kind != ChatKind::Private && may > Permission::Stranger;
                // Where every member responds, belonging to the chat is what counts, and a stranger does not.
                let by_name =
                    chat.grants.contains_key(&id) || chat.has_commanding_administrator(id);
                team.then(|| (chat.title.clone(), may, by_name))
            };
            let Ok(Some((title, may, by_name))) = self.with_chat(&room, look).await else {
                continue;
            };
            if by_name || self.belongs(&room, id).await {
                teams.push((title, may));
            }
        }
        teams.sort();
        (!teams.is_empty()).then(|| Command::TeamsOf {
            person: actor.person.clone(),
            verb,
            teams,
        })
    }

    /// Whether somebody was seen in a chat and did not leave it.
    async fn belongs(&self, room: &Room, id: UserId) -> bool {
        if self.people.is_member(room.key, id) {
            return true;
        }
        let members = self.ledger.members(room.key.0).await;
        members.is_ok_and(|members| members.iter().any(|it| it.user_id == id.0))
    }

    /// The open incidents of all chats by id, and how many chats could not be read.
    async fn open_everywhere(&self) -> (Vec<OpenElsewhere>, usize) {
        let (mut open, mut unread) = (Vec::new(), 0);
        for room in self.all_rooms() {
            match self.with_chat(&room, |chat, _| open_in(chat)).await {
                Ok(here) => open.extend(here),
                Err(error) => {
                    tracing::error!(chat = room.key.0, "a chat cannot be loaded: {error}");
                    unread += 1;
                }
            }
        }
        open.sort_by_key(|it| it.id);
        (open, unread)
    }
}

/// Only those who own the installation own every chat; nobody else is answered beyond their own.
fn asks_for_all(actor: &Actor, request: &Request) -> bool {
    actor.owner
        && actor.private
        && actor.identity == Identity::Person
        && actor.via == Via::Text
        && request.incident.is_none()
        && matches!(
            request.command,
            Command::Status(StatusOf::Current | StatusOf::All)
        )
}

/// The word of a command that private chats refuse.
fn belongs_in_a_group(command: &Command) -> Option<&'static str> {
    let (verb, tier) = match command {
        Command::Misused { verb } => policy::tier_of_word(verb)?,
        command => (command.verb(), policy::tier(command)?),
    };
    (tier > policy::Tier::Open).then_some(verb)
}

fn open_in(chat: &Chat) -> Vec<OpenElsewhere> {
    let shown = chat.open_incidents().map(|it| {
        let severity = it.severity();
        OpenElsewhere {
            id: it.id,
            severity: severity.map(|it| (it.code.clone(), it.name.clone())),
            emoji: severity.map(|it| it.emoji.clone()),
            title: it.title.clone(),
            chat: chat.title.clone(),
        }
    });
    shown.collect()
}
