//! Which update means what: the routes on top, the endpoints below.
//!
//! A route ends in a [`Routed`]: a letter for a chat, or nothing. Nothing is decided here.

#![expect(
    clippy::needless_pass_by_value,
    reason = "dptree hands dependencies over by value"
)]

use std::ops::ControlFlow;
use std::sync::Arc;

use dptree::{Handler, Type};

mod letters;
mod members;

use self::letters::{actor, bare, identity, letter, seen};
use self::members::{came_or_went, member_change, own, own_standing};
use super::commands::{self, Directory};
use super::incoming::{
    ANONYMOUS_ADMIN, ChatKind as Kind, Incoming, MessageIn, PersonIn, PressIn, What, typed,
};
use super::leaks;
use super::presses;
use crate::app::{House, Letter, People, Wanted};
use crate::incident::{Author, Command, Identity, Origin, Person, Quoted, Request, UserId, Via};

/// Where an update leads.
#[derive(Debug, Clone, PartialEq)]
pub enum Routed {
    /// To a chat (Telegram's id).
    Letter(i64, Box<Letter>),
    /// A group became a supergroup.
    Migrated {
        /// Its id before.
        from: i64,
        /// Its id now.
        to: i64,
    },
    /// Nowhere.
    Nothing,
}

type Shared<T> = Arc<T>;
/// The routes, type-checked when they are built.
pub type Schema = Handler<'static, Routed>;

/// The routes.
pub fn schema() -> Schema {
    dptree::entry()
        .branch(dptree::filter_map(as_message).endpoint(message))
        .branch(dptree::filter_map(as_press).endpoint(press))
        .branch(dptree::filter(is_edit).endpoint(edited))
        .branch(dptree::filter(is_reaction).endpoint(reaction))
        .branch(dptree::filter(is_own_standing).endpoint(own_standing))
        .branch(dptree::filter(is_member_change).endpoint(member_change))
        .branch(dptree::filter(is_migration).endpoint(migration))
}

/// Checks that every endpoint gets what it asks for. dptree's own dispatcher would do it; we have none.
///
/// # Panics
/// When a route asks for something that [`route`] does not give: a mistake in this file.
pub fn check(schema: &Schema) {
    let given = [Type::of::<Shared<Incoming>>(), Type::of::<Shared<House>>()];
    dptree::type_check(schema.sig(), &dptree::deps![], &given);
}

/// Sends an update down the routes.
pub async fn route(schema: &Schema, house: &Shared<House>, incoming: Incoming) -> Routed {
    let given = dptree::deps![Arc::new(incoming), Arc::clone(house)];
    match schema.dispatch(given).await {
        ControlFlow::Break(routed) => routed,
        ControlFlow::Continue(_) => Routed::Nothing,
    }
}

fn as_message(incoming: Shared<Incoming>) -> Option<MessageIn> {
    match &incoming.what {
        What::Message(message) if message.chat.kind != Kind::Channel => {
            Some(MessageIn::clone(message))
        }
        _ => None,
    }
}

fn as_press(incoming: Shared<Incoming>) -> Option<PressIn> {
    match &incoming.what {
        What::Press(press) => Some(PressIn::clone(press)),
        _ => None,
    }
}

fn is_edit(incoming: Shared<Incoming>) -> bool {
    matches!(&incoming.what, What::Edited { chat, .. } if chat.kind != Kind::Channel)
}

fn is_reaction(incoming: Shared<Incoming>) -> bool {
    matches!(incoming.what, What::Reaction { .. })
}

fn is_own_standing(incoming: Shared<Incoming>) -> bool {
    matches!(&incoming.what, What::BotMembership { chat, .. } if chat.kind != Kind::Channel)
}

fn is_member_change(incoming: Shared<Incoming>) -> bool {
    matches!(incoming.what, What::MemberChanged { .. })
}

fn is_migration(incoming: Shared<Incoming>) -> bool {
    matches!(incoming.what, What::Migrated { .. })
}

async fn message(incoming: Shared<Incoming>, house: Shared<House>, message: MessageIn) -> Routed {
    let mut message = message;
    // First of all: nothing that is read below holds a secret any more.
    let leak = leaks::take_out(&mut message);
    let bot = house.bot();
    if let Some(typed) = message.command().filter(|it| commands::is_ours(it, bot)) {
        look_up_mentions(&house, typed.rest).await;
    }
    let identity = identity(message.identity());
    let read = commands::read(&message, bot, house.people());
    let wanted = match read.or_else(|| unknown_command(&message, bot)) {
        Some(read) => {
            let via = if message.is_caption {
                Via::Caption
            } else {
                Via::Text
            };
            let from = message.from.as_ref();
            let actor = actor(&house, from, identity, via, &message.chat);
            let request = Request {
                command: read.command,
                incident: read.incident,
                origin: Origin {
                    message_id: Some(message.message_id),
                    thread_id: message.thread_id,
                    reply: reply(&message),
                    press: None,
                    sent_at: chrono::DateTime::from_timestamp(message.date, 0)
                        .filter(|_| message.date > 0),
                    backlog: incoming.backlog,
                },
            };
            Wanted::Command(Box::new((Author::Person(actor), request)))
        }
        None => match leaks::to_look_into(&message) {
            Some(file) => own(Command::FileSeen(file)),
            None => came_or_went(&message),
        },
    };
    let wanted = match leak {
        Some(leak) => leak.beside(wanted, &message.chat, message.from.as_ref()),
        None => wanted,
    };
    let left = message.left_member.as_ref().filter(|it| !it.is_bot);
    let person = match left {
        Some(gone) => Some(seen(gone, true)),
        None if identity == Identity::Person => message.from.as_ref().map(|from| seen(from, false)),
        None => None,
    };
    letter(&incoming, &message.chat, person, wanted)
}

/// An edit never acts; a secret that it brings in is removed all the same. Whoever made a command of it is told.
async fn edited(incoming: Shared<Incoming>, house: Shared<House>) -> Routed {
    let What::Edited {
        chat,
        message_id,
        from,
        thread_id,
        text,
    } = &incoming.what
    else {
        return Routed::Nothing;
    };
    if let Some(leak) = leaks::in_edit(&incoming.what) {
        let wanted = leak.beside(Wanted::Nothing, chat, from.as_ref());
        return bare(&incoming, chat.id, None, wanted);
    }
    let typed = text.as_deref().and_then(typed);
    let bot = house.setup().bot.as_str();
    let anonymous = |from: &PersonIn| from.id == ANONYMOUS_ADMIN;
    let identity = match from {
        Some(from) if anonymous(from) => Identity::AnonymousAdmin,
        Some(from) if !from.is_bot => Identity::Person,
        _ => return Routed::Nothing,
    };
    if !typed.is_some_and(|it| commands::is_ours(&it, bot)) {
        return Routed::Nothing;
    }
    let actor = actor(&house, from.as_ref(), identity, Via::Text, chat);
    let origin = Origin {
        message_id: Some(*message_id),
        thread_id: *thread_id,
        ..Origin::default()
    };
    let wanted = Wanted::EditedCommand(Box::new((actor, origin)));
    bare(&incoming, chat.id, None, wanted)
}

/// `/typo@our_bot`, or any unknown command in private: say what there is. In a group, what is nearly a command of
/// ours is asked about; everything else belongs to other bots.
fn unknown_command(message: &MessageIn, bot: &str) -> Option<commands::Read> {
    let typed = message.command()?;
    let ours = typed.bot.is_some_and(|name| name.eq_ignore_ascii_case(bot));
    let alone = message.chat.kind == Kind::Private && typed.bot.is_none();
    let word = typed.name.to_lowercase();
    let command = if ours || alone {
        Command::Misused { verb: word }
    } else if typed.bot.is_none() && !message.is_caption {
        let meant = commands::nearest(&word)?;
        Command::NearMiss { word, meant }
    } else {
        return None;
    };
    Some(commands::Read {
        command,
        incident: None,
    })
}

/// In a topic Telegram lets every message reply to the topic's first one: that is no reply.
fn reply(message: &MessageIn) -> Option<Quoted> {
    let reply = message.reply.as_ref()?;
    (Some(reply.message_id) != message.thread_id).then(|| commands::quoted(reply))
}

async fn press(incoming: Shared<Incoming>, house: Shared<House>, press: PressIn) -> Routed {
    let Some(chat) = press.chat.clone() else {
        return Routed::Nothing;
    };
    let read = press.data.as_deref().and_then(presses::read);
    let wanted = match read {
        Some((command, incident)) => {
            let voice = if press.from.is_bot {
                Identity::Bot
            } else {
                Identity::Person
            };
            let actor = actor(&house, Some(&press.from), voice, Via::Button, &chat);
            let request = Request {
                command,
                incident,
                origin: Origin {
                    message_id: press.message_id,
                    thread_id: press.thread_id,
                    reply: None,
                    press: Some(press.id.clone()),
                    sent_at: None,
                    backlog: incoming.backlog,
                },
            };
            Wanted::Command(Box::new((Author::Person(actor), request)))
        }
        None => Wanted::UnknownPress {
            press: press.id.clone(),
        },
    };
    // A press shows a chat only in part where the message is out of reach.
    let person = Some(seen(&press.from, false));
    if press.message_date == 0 {
        return bare(&incoming, chat.id, person, wanted);
    }
    letter(&incoming, &chat, person, wanted)
}

/// Reactions that say "I have seen it".
const SEEN: [&str; 6] = ["👀", "👍", "👌", "🫡", "✍", "🔥"];

async fn reaction(incoming: Shared<Incoming>, house: Shared<House>) -> Routed {
    let What::Reaction {
        chat,
        message_id,
        user: Some(user),
        emoji,
    } = &incoming.what
    else {
        return Routed::Nothing;
    };
    if !emoji
        .iter()
        .any(|emoji| SEEN.contains(&emoji.trim_end_matches('\u{fe0f}')))
        || user.is_bot
    {
        return Routed::Nothing;
    }
    let actor = actor(&house, Some(user), Identity::Person, Via::Reaction, chat);
    let card = Quoted {
        message_id: *message_id,
        author: None,
        written_at: None,
        text: String::new(),
        file: None,
    };
    let origin = Origin {
        reply: Some(card),
        ..Origin::default()
    };
    let request = Request {
        command: Command::Ack,
        incident: None,
        origin,
    };
    let wanted = Wanted::Command(Box::new((Author::Person(actor), request)));
    bare(&incoming, chat.id, Some(seen(user, false)), wanted)
}

async fn migration(incoming: Shared<Incoming>) -> Routed {
    match incoming.what {
        What::Migrated { from, to } => Routed::Migrated { from, to },
        _ => Routed::Nothing,
    }
}

/// Names and ids in a command, brought into memory, so that reading it needs no waiting.
async fn look_up_mentions(house: &House, text: &str) {
    let name = |word: &str| {
        let name = word
            .strip_prefix('@')?
            .trim_end_matches([',', '.', ';', ':']);
        (!name.is_empty() && name.len() <= 64).then(|| name.to_owned())
    };
    let usernames: Vec<String> = text.split_whitespace().filter_map(name).take(8).collect();
    let ids: Vec<UserId> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok().filter(|id| *id > 9_999).map(UserId))
        .take(8)
        .collect();
    if usernames.is_empty() && ids.is_empty() {
        return;
    }
    if let Err(error) = house
        .people()
        .look_up(house.ledger(), &usernames, &ids)
        .await
    {
        tracing::warn!("people cannot be looked up: {error}");
    }
}

impl Directory for People {
    fn by_username(&self, username: &str) -> Option<Person> {
        People::by_username(self, username)
    }

    fn by_id(&self, id: UserId) -> Option<Person> {
        People::by_id(self, id)
    }
}
