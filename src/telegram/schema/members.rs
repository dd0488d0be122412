//! Who came, went, or became an administrator; and what the bot itself may do.

use super::{Routed, Shared, actor, letter, seen};
use crate::app::{House, Wanted};
use crate::incident::{Author, Command, Identity, Origin, Request, Standing, UserId, Via};
use crate::telegram::incoming::{Incoming, Membership, MessageIn, PersonIn, What};

pub(super) async fn own_standing(incoming: Shared<Incoming>, house: Shared<House>) -> Routed {
    let What::BotMembership { chat, by, status } = &incoming.what else {
        return Routed::Nothing;
    };
    let standing = match *status {
        Membership::Owner | Membership::Member | Membership::Restricted { can_send: true } => {
            Standing::Member
        }
        Membership::Administrator {
            can_pin,
            can_manage_topics,
            can_delete,
            ..
        } => Standing::Administrator {
            can_pin,
            can_manage_topics,
            can_delete,
        },
        Membership::Restricted { can_send: false } => Standing::Muted,
        Membership::Left | Membership::Kicked => Standing::Gone,
    };
    let adder = by;
    let by = Some(actor(&house, Some(by), Identity::Person, Via::Button, chat));
    let command = Command::BotStanding { standing, by };
    let request = Request {
        command,
        incident: None,
        origin: Origin::default(),
    };
    // Whoever adds the bot belongs to the chat, even if they never write there.
    let who = (!adder.is_bot).then(|| seen(adder, false));
    letter(
        &incoming,
        chat,
        who,
        Wanted::Command(Box::new((Author::Bot, request))),
    )
}

pub(super) async fn member_change(incoming: Shared<Incoming>) -> Routed {
    let What::MemberChanged {
        chat,
        user,
        status,
        by,
    } = &incoming.what
    else {
        return Routed::Nothing;
    };
    let yes = matches!(status, Membership::Owner | Membership::Administrator { .. });
    let left = matches!(status, Membership::Left | Membership::Kicked);
    let person = (!user.is_bot).then(|| seen(user, left));
    let by = a_person(Some(by));
    letter(&incoming, chat, person, membership(user, yes, left, by))
}

/// Service messages about members: every bot gets these, not only administrators.
pub(super) fn came_or_went(message: &MessageIn) -> Wanted {
    if let Some(gone) = &message.left_member {
        let by = message
            .from
            .as_ref()
            .filter(|_| message.sender_chat.is_none());
        return membership(gone, false, true, a_person(by));
    }
    if message.new_members.is_empty() {
        return Wanted::Nothing;
    }
    let users = message.new_members.iter().map(|it| UserId(it.id));
    own(Command::Joined {
        users: users.collect(),
    })
}

/// Behind a bot, such as the one that stands for anonymous administrators, may be anybody.
fn a_person(by: Option<&PersonIn>) -> Option<UserId> {
    by.filter(|it| !it.is_bot).map(|it| UserId(it.id))
}

fn membership(user: &PersonIn, yes: bool, left: bool, by: Option<UserId>) -> Wanted {
    let command = Command::AdministratorIs {
        user: UserId(user.id),
        yes,
        left,
        by,
    };
    own(command)
}

/// Something that the bot noticed.
pub(super) fn own(command: Command) -> Wanted {
    let request = Request {
        command,
        incident: None,
        origin: Origin::default(),
    };
    Wanted::Command(Box::new((Author::Bot, request)))
}
