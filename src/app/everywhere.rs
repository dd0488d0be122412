//! What an owner who asks in private is shown: the open incidents of all chats.

use std::sync::{Arc, PoisonError};

use super::House;
use super::letter::{Letter, Wanted};
use super::room::Room;
use crate::incident::{
    Actor, Author, Chat, Command, Identity, OpenElsewhere, Request, StatusOf, Via,
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

    /// The open incidents of all chats by id, and how many chats could not be read.
    async fn open_everywhere(&self) -> (Vec<OpenElsewhere>, usize) {
        let rooms: Vec<Arc<Room>> = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_key.values().cloned().collect()
        };
        let (mut open, mut unread) = (Vec::new(), 0);
        for room in rooms {
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
