//! What people see of a message: the transcript's lines.

use serde::Serialize;

use crate::entities::Entity;
use crate::model::{Chat, Keyboard, MessageId, Msg, UserId};
use crate::world::World;

/// One message as people see it now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Entry {
    /// The message's id.
    pub message_id: MessageId,
    /// The chat it stands in.
    pub chat: i64,
    /// The topic it stands in.
    pub thread: Option<MessageId>,
    /// The sender's user id.
    pub from: Option<UserId>,
    /// The sender's full name.
    pub from_name: String,
    /// Whether a bot wrote it.
    pub is_bot: bool,
    /// The text, or the caption of a file, without markup.
    pub text: String,
    /// Its formatting.
    pub entities: Vec<Entity>,
    /// Rows of buttons; empty without a keyboard.
    pub keyboard: Keyboard,
    /// Reactions with who set them.
    pub reactions: Vec<Reaction>,
    /// Whether it is pinned.
    pub pinned: bool,
    /// How many times it was edited.
    pub edits: u32,
    /// Whether a file hangs on it.
    pub file: Option<FileEntry>,
    /// The message it replies to.
    pub reply_to: Option<MessageId>,
    /// For a service message: the field's name in Telegram's `Message`, such as `pinned_message`.
    pub service: Option<String>,
    /// A short English sentence for a service message.
    pub service_text: Option<String>,
    /// Seconds since 1970.
    pub date: i64,
    /// Sent without a sound.
    pub silent: bool,
}

/// A reaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// The emoji.
    pub emoji: String,
    /// Who set it.
    pub by: UserId,
    /// That person's name.
    pub by_name: String,
}

/// A file on a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// Its id.
    pub file_id: String,
    /// Its name.
    pub name: String,
    /// Its length in bytes.
    pub size: usize,
    /// Whether it is shown as a picture.
    pub photo: bool,
}

impl Entry {
    /// The labels of all buttons, row after row.
    pub fn labels(&self) -> Vec<&str> {
        self.keyboard
            .iter()
            .flatten()
            .map(|button| button.text.as_str())
            .collect()
    }
}

pub(crate) fn entry(world: &World, chat: &Chat, msg: &Msg) -> Entry {
    let sender = msg.from.and_then(|id| world.user(id));
    let sender_chat = msg
        .extra
        .get("sender_chat")
        .and_then(|chat| chat.get("title"))
        .and_then(|title| title.as_str());
    let name = sender_chat.map_or_else(
        || {
            sender
                .map(crate::model::User::full_name)
                .unwrap_or_default()
        },
        str::to_owned,
    );
    Entry {
        message_id: msg.id,
        chat: chat.id,
        thread: msg.thread,
        from: msg.from,
        service_text: service_text(chat, msg, &name),
        from_name: name,
        is_bot: sender.is_some_and(|user| user.is_bot),
        text: msg.content.text.clone(),
        entities: msg.content.entities.clone(),
        keyboard: msg.content.keyboard.clone().unwrap_or_default(),
        reactions: msg
            .reactions
            .iter()
            .map(|(user, emoji)| Reaction {
                emoji: emoji.clone(),
                by: *user,
                by_name: world.user_name(*user),
            })
            .collect(),
        pinned: chat.pinned.contains(&msg.id),
        edits: msg.edits,
        file: msg.content.media.as_ref().map(|media| FileEntry {
            file_id: media.file_id.clone(),
            name: media.name.clone(),
            size: media.size,
            photo: media.photo,
        }),
        reply_to: msg.reply_to,
        service: msg.service.as_ref().map(|service| service.kind.to_owned()),
        date: msg.date,
        silent: msg.silent,
    }
}

fn service_text(chat: &Chat, msg: &Msg, name: &str) -> Option<String> {
    let service = msg.service.as_ref()?;
    let value = |field: &str| {
        service
            .value
            .get(field)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    let subject = |user: &serde_json::Value| {
        user.get("first_name")
            .and_then(|name| name.as_str())
            .unwrap_or("somebody")
            .to_owned()
    };
    Some(match service.kind {
        "new_chat_members" => {
            let joined = service.value.get(0).map(subject).unwrap_or_default();
            let by_itself = service
                .value
                .get(0)
                .and_then(|user| user.get("id"))
                .and_then(serde_json::Value::as_i64)
                == msg.from;
            if by_itself {
                format!("{joined} joined the group")
            } else {
                format!("{name} added {joined}")
            }
        }
        "left_chat_member" => {
            let left = subject(&service.value);
            let by_itself = service.value.get("id").and_then(serde_json::Value::as_i64) == msg.from;
            if by_itself {
                format!("{left} left the group")
            } else {
                format!("{name} removed {left}")
            }
        }
        "pinned_message" => format!("{name} pinned a message"),
        "forum_topic_created" => format!("{name} created the topic “{}”", value("name")),
        "forum_topic_edited" => format!("{name} renamed the topic to “{}”", value("name")),
        "forum_topic_closed" => format!("{name} closed the topic"),
        "forum_topic_reopened" => format!("{name} reopened the topic"),
        "migrate_to_chat_id" => "The group became a supergroup".to_owned(),
        "migrate_from_chat_id" => format!("“{}” was a group before", chat.title),
        other => other.replace('_', " "),
    })
}
