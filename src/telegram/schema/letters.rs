//! Letters for chats, and who speaks in them.

use super::Routed;
use crate::app::{ChatSeen, House, Letter, PersonSeen, Wanted};
use crate::incident::{Actor, ChatKind, Identity, Person, TotpState, UserId, Via};
use crate::telegram::commands;
use crate::telegram::incoming::{ChatIn, ChatKind as Kind, Identity as Voice, Incoming, PersonIn};

pub(super) fn letter(
    incoming: &Incoming,
    chat: &ChatIn,
    person: Option<PersonSeen>,
    wanted: Wanted,
) -> Routed {
    let kind = match chat.kind {
        Kind::Private => ChatKind::Private,
        Kind::Group => ChatKind::Group,
        Kind::Supergroup => ChatKind::Supergroup,
        Kind::Channel => ChatKind::Channel,
    };
    let shown = ChatSeen {
        title: chat.title.clone(),
        kind,
        forum: chat.is_forum,
        public: chat.username.is_some() && kind != ChatKind::Private,
    };
    let letter = Letter {
        update_id: Some(incoming.update_id),
        timer: None,
        chat: Some(shown),
        person,
        wanted,
    };
    Routed::Letter(chat.id, Box::new(letter))
}

/// Without the chat's description: this kind of update shows only a part of it.
pub(super) fn bare(
    incoming: &Incoming,
    chat: i64,
    person: Option<PersonSeen>,
    wanted: Wanted,
) -> Routed {
    let letter = Letter {
        update_id: Some(incoming.update_id),
        timer: None,
        chat: None,
        person,
        wanted,
    };
    Routed::Letter(chat, Box::new(letter))
}

pub(super) fn actor(
    house: &House,
    from: Option<&PersonIn>,
    identity: Identity,
    via: Via,
    chat: &ChatIn,
) -> Actor {
    let person = from.map_or_else(
        || Person {
            id: UserId(0),
            name: String::new(),
            username: None,
        },
        commands::person,
    );
    let owner = identity == Identity::Person && house.is_owner(person.id);
    Actor {
        person,
        identity,
        via,
        owner,
        private: chat.kind == Kind::Private,
        totp: TotpState::None,
    }
}

pub(super) fn seen(person: &PersonIn, left: bool) -> PersonSeen {
    PersonSeen {
        person: commands::person(person),
        language: person.language_code.clone(),
        left,
    }
}

pub(super) fn identity(voice: Voice) -> Identity {
    match voice {
        Voice::Person => Identity::Person,
        Voice::AnonymousAdmin => Identity::AnonymousAdmin,
        Voice::Channel => Identity::Channel,
        Voice::LinkedChannel => Identity::LinkedChannel,
        Voice::Bot => Identity::Bot,
        Voice::ViaBot => Identity::ViaBot,
        Voice::Forwarded | Voice::Edited => Identity::Forwarded,
    }
}
