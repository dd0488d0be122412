//! One update, read tolerantly into the few things that the bot acts on.
//!
//! Telegram adds fields, entities and kinds of updates all the time. A strict reader loses a whole command to one of them
//! (tried: a message with a new kind of entity came out without its text). Here every field is read for itself; what is
//! unknown or of another type than expected is not there, and the rest stands.

mod fields;
mod message;
#[cfg(test)]
mod tests;

use thiserror::Error;

use self::fields::Fields;
pub use self::message::{Entity, EntityKind, FileIn, FileKind, MessageIn, ReplyIn, Typed, typed};

/// One update.
#[derive(Clone, Debug, PartialEq)]
pub struct Incoming {
    /// Telegram's number of it.
    pub update_id: i64,
    /// What happened.
    pub what: What,
    /// It may have waited before it was fetched.
    pub backlog: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// A message, or a service message.
    Message(Box<MessageIn>),
    /// A message was edited: never acted on.
    Edited {
        /// Where.
        chat: ChatIn,
        /// Which one.
        message_id: i64,
        /// By whom.
        from: Option<PersonIn>,
        /// The topic, if it stands in one.
        thread_id: Option<i64>,
        /// Its text or caption now: looked at for secrets, never acted on.
        text: Option<String>,
    },
    /// A button was pressed.
    Press(Box<PressIn>),
    /// Somebody changed their reactions.
    Reaction {
        /// Where.
        chat: ChatIn,
        /// On which message.
        message_id: i64,
        /// Who; none for somebody anonymous.
        user: Option<PersonIn>,
        /// The emoji that are there now.
        emoji: Vec<String>,
    },
    /// The bot's own standing in a chat changed.
    BotMembership {
        /// The chat.
        chat: ChatIn,
        /// Who did it.
        by: PersonIn,
        /// What it is now.
        status: Membership,
    },
    /// Somebody else's standing in a chat changed.
    MemberChanged {
        /// The chat.
        chat: ChatIn,
        /// Whose.
        user: PersonIn,
        /// What it is now.
        status: Membership,
        /// Who did it.
        by: PersonIn,
    },
    /// A group became a supergroup. Both sides tell it: expect it twice.
    Migrated {
        /// The id it had.
        from: i64,
        /// The id it has.
        to: i64,
    },
    /// Nothing for us.
    Ignored(&'static str),
}

impl What {
    /// Telegram's id of the chat in which it happened.
    pub fn chat(&self) -> Option<i64> {
        match self {
            Self::Message(message) => Some(message.chat.id),
            Self::Press(press) => press.chat.as_ref().map(|chat| chat.id),
            Self::Edited { chat, .. }
            | Self::Reaction { chat, .. }
            | Self::BotMembership { chat, .. }
            | Self::MemberChanged { chat, .. } => Some(chat.id),
            Self::Migrated { .. } | Self::Ignored(_) => None,
        }
    }
}

/// A chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatIn {
    /// Telegram's id.
    pub id: i64,
    /// What kind of chat.
    pub kind: ChatKind,
    /// Its title, or the person's name.
    pub title: String,
    /// Its public name, if it has one: then anybody may join.
    pub username: Option<String>,
    /// True if it has topics.
    pub is_forum: bool,
}

/// What kind of chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatKind {
    /// With one person.
    Private,
    /// A small group.
    Group,
    /// A supergroup.
    Supergroup,
    /// A channel, or anything else.
    Channel,
}

/// A person, or a bot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonIn {
    /// Telegram's id: the only thing that identifies anybody.
    pub id: i64,
    /// First and last name.
    pub name: String,
    /// The name after the @.
    pub username: Option<String>,
    /// The language of their client.
    pub language_code: Option<String>,
    /// True for a bot.
    pub is_bot: bool,
}

/// Standing in a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// The chat's owner.
    Owner,
    /// An administrator.
    Administrator {
        /// May pin.
        can_pin: bool,
        /// May make topics.
        can_manage_topics: bool,
        /// May delete messages.
        can_delete: bool,
    },
    /// A member.
    Member,
    /// A member with restrictions.
    Restricted {
        /// May send messages.
        can_send: bool,
    },
    /// Not in the chat.
    Left,
    /// Thrown out.
    Kicked,
}

impl Membership {
    /// Whether whoever has it may write in the chat.
    pub fn may_write(self) -> bool {
        match self {
            Self::Owner | Self::Administrator { .. } | Self::Member => true,
            Self::Restricted { can_send } => can_send,
            Self::Left | Self::Kicked => false,
        }
    }
}

/// A pressed button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PressIn {
    /// Telegram's id of the press, for the answer.
    pub id: String,
    /// Who pressed: the real person, even an anonymous administrator.
    pub from: PersonIn,
    /// Where; none for a button outside chats.
    pub chat: Option<ChatIn>,
    /// On which message.
    pub message_id: Option<i64>,
    /// In which topic.
    pub thread_id: Option<i64>,
    /// When that message was sent, Unix seconds; 0 if Telegram shows it no more.
    pub message_date: i64,
    /// What the button says it sends: hostile until checked.
    pub data: Option<String>,
}

/// As whom a message was sent. Only a person acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// A person, in their own name.
    Person,
    /// An administrator who hides behind the group.
    AnonymousAdmin,
    /// Somebody who speaks as a channel.
    Channel,
    /// The channel that the group discusses.
    LinkedChannel,
    /// A bot.
    Bot,
    /// A person through another bot.
    ViaBot,
    /// Somebody else's words.
    Forwarded,
    /// An edited message.
    Edited,
}

/// Why an update could not be read at all.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ReadError {
    /// Not a JSON object.
    #[error("not a JSON object: {0}")]
    NotAnObject(String),
    /// Nothing to confirm it by.
    #[error("no update_id")]
    NoId,
}

/// Telegram's stand-in for anonymous administrators.
pub(super) const ANONYMOUS_ADMIN: i64 = 1_087_968_824;
/// Telegram's stand-in for people who write as a channel.
const AS_CHANNEL: i64 = 136_817_688;
/// Telegram itself, which forwards a linked channel's posts.
const TELEGRAM_ITSELF: i64 = 777_000;

impl Incoming {
    /// Reads one update. Whatever in it is unknown is left out; only text that is no JSON object, or has no number, is an error.
    pub fn read(raw: &str) -> Result<Self, ReadError> {
        let update =
            Fields::read(raw).map_err(|error| ReadError::NotAnObject(error.to_string()))?;
        let update_id = update.number("update_id").ok_or(ReadError::NoId)?;
        Ok(Self {
            update_id,
            what: what(&update),
            backlog: false,
        })
    }
}

/// The number of an update, without reading the rest.
pub fn update_id(raw: &str) -> Option<i64> {
    Fields::read(raw).ok()?.number("update_id")
}

/// The kind of an update (`message`, `callback_query`…), for logs and for what is set aside.
pub fn kind(raw: &str) -> String {
    let name = Fields::read(raw).ok().and_then(|fields| {
        fields
            .names()
            .find(|name| *name != "update_id")
            .map(str::to_owned)
    });
    let mut name = name.unwrap_or_else(|| "unreadable".to_owned());
    name.retain(|c| c.is_ascii_lowercase() || c == '_');
    name.truncate(40);
    name
}

fn what(update: &Fields<'_>) -> What {
    if let Some(message) = update.object("message") {
        return message::read(&message);
    }
    if let Some(message) = update.object("edited_message") {
        return edited(&message).unwrap_or(What::Ignored("an edited message without chat or id"));
    }
    if let Some(press) = update.object("callback_query") {
        return pressed(&press).unwrap_or(What::Ignored("a press without id or person"));
    }
    if let Some(reaction) = update.object("message_reaction") {
        return reacted(&reaction).unwrap_or(What::Ignored("a reaction without chat or message"));
    }
    if let Some(change) = update.object("my_chat_member") {
        let read =
            standing(&change).map(|(chat, _, status, by)| What::BotMembership { chat, by, status });
        return read.unwrap_or(What::Ignored("a change of membership that says too little"));
    }
    if let Some(change) = update.object("chat_member") {
        let read = standing(&change).and_then(|(chat, user, status, by)| {
            Some(What::MemberChanged {
                chat,
                user: user?,
                status,
                by,
            })
        });
        return read.unwrap_or(What::Ignored("a change of membership that says too little"));
    }
    What::Ignored("another kind of update")
}

fn edited(message: &Fields<'_>) -> Option<What> {
    Some(What::Edited {
        chat: chat(&message.object("chat")?)?,
        message_id: message.number("message_id")?,
        from: message.object("from").and_then(|from| person(&from)),
        thread_id: message
            .number("message_thread_id")
            .filter(|_| message.yes("is_topic_message")),
        text: message.text("text").or_else(|| message.text("caption")),
    })
}

fn pressed(press: &Fields<'_>) -> Option<What> {
    let message = press.object("message");
    let of_message = |name| message.as_ref().and_then(|message| message.number(name));
    let in_topic = message
        .as_ref()
        .is_some_and(|message| message.yes("is_topic_message"));
    Some(What::Press(Box::new(PressIn {
        id: press.text("id")?,
        from: person(&press.object("from")?)?,
        chat: message
            .as_ref()
            .and_then(|message| chat(&message.object("chat")?)),
        message_id: of_message("message_id"),
        thread_id: of_message("message_thread_id").filter(|_| in_topic),
        message_date: of_message("date").unwrap_or(0),
        data: press.text("data"),
    })))
}

fn reacted(reaction: &Fields<'_>) -> Option<What> {
    Some(What::Reaction {
        chat: chat(&reaction.object("chat")?)?,
        message_id: reaction.number("message_id")?,
        user: reaction.object("user").and_then(|user| person(&user)),
        emoji: reaction
            .list("new_reaction")
            .iter()
            .filter_map(|one| one.text("emoji"))
            .collect(),
    })
}

/// Chat, whose standing, the standing, and who changed it.
fn standing(change: &Fields<'_>) -> Option<(ChatIn, Option<PersonIn>, Membership, PersonIn)> {
    let now = change.object("new_chat_member")?;
    let user = now.object("user").and_then(|user| person(&user));
    Some((
        chat(&change.object("chat")?)?,
        user,
        membership(&now)?,
        person(&change.object("from")?)?,
    ))
}

fn membership(member: &Fields<'_>) -> Option<Membership> {
    Some(match member.text("status")?.as_str() {
        "creator" => Membership::Owner,
        "administrator" => Membership::Administrator {
            can_pin: member.yes("can_pin_messages"),
            can_manage_topics: member.yes("can_manage_topics"),
            can_delete: member.yes("can_delete_messages"),
        },
        "member" => Membership::Member,
        "restricted" if member.yes("is_member") => Membership::Restricted {
            can_send: member.yes("can_send_messages"),
        },
        "kicked" => Membership::Kicked,
        "left" | "restricted" => Membership::Left,
        _ => return None,
    })
}

fn chat(chat: &Fields<'_>) -> Option<ChatIn> {
    Some(ChatIn {
        id: chat.number("id")?,
        kind: match chat.text("type").as_deref() {
            Some("private") => ChatKind::Private,
            Some("group") => ChatKind::Group,
            Some("supergroup") => ChatKind::Supergroup,
            _ => ChatKind::Channel,
        },
        title: chat.text("title").unwrap_or_else(|| full_name(chat)),
        username: chat.text("username"),
        is_forum: chat.yes("is_forum"),
    })
}

fn person(user: &Fields<'_>) -> Option<PersonIn> {
    Some(PersonIn {
        id: user.number("id")?,
        name: full_name(user),
        username: user.text("username"),
        language_code: user.text("language_code"),
        is_bot: user.yes("is_bot"),
    })
}

fn full_name(fields: &Fields<'_>) -> String {
    match (
        fields.text("first_name").unwrap_or_default(),
        fields.text("last_name"),
    ) {
        (first, None) => first,
        (first, Some(last)) => format!("{first} {last}").trim().to_owned(),
    }
}
