//! The hand that moves the world: what tests and the chat page do, in process.

mod chats;
mod people;
mod see;

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::entities::Entity;
use crate::model::{ChatKind, MessageId};
use crate::shared::Shared;

/// Drives a [`crate::Sandbox`]. Cheap to clone.
///
/// Methods that name a chat panic if there is no such chat: that is the test's mistake, and a test should say so at once.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

impl std::fmt::Debug for Control {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        let control = Self { shared };
        control.add_telegrams_own_users();
        control
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

/// A person to create.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NewUser {
    /// Shown name; empty is "Someone".
    pub first_name: String,
    /// Shown after it.
    pub last_name: Option<String>,
    /// Without `@`.
    pub username: Option<String>,
    /// Such as `en`.
    pub language_code: Option<String>,
    /// For another bot.
    pub is_bot: bool,
}

impl NewUser {
    /// A person with a first name and a username.
    pub fn named(first_name: &str, username: &str) -> Self {
        Self {
            first_name: first_name.to_owned(),
            username: Some(username.to_owned()),
            language_code: Some("en".to_owned()),
            ..Self::default()
        }
    }
}

/// A chat to create.
#[derive(Debug, Clone)]
pub struct NewChat {
    /// What it is. A private chat is made by [`Control::open_private`].
    pub kind: ChatKind,
    /// Its name.
    pub title: String,
}

impl NewChat {
    /// A basic group.
    pub fn group(title: &str) -> Self {
        Self {
            kind: ChatKind::Group,
            title: title.to_owned(),
        }
    }

    /// A private supergroup.
    pub fn supergroup(title: &str) -> Self {
        Self {
            kind: ChatKind::Supergroup {
                public_username: None,
            },
            title: title.to_owned(),
        }
    }

    /// A supergroup with topics.
    pub fn forum(title: &str) -> Self {
        Self {
            kind: ChatKind::Forum,
            title: title.to_owned(),
        }
    }
}

/// A file that a person sends.
#[derive(Debug, Clone, Default)]
pub struct Attachment {
    /// With its ending.
    pub name: String,
    /// The content.
    pub bytes: Vec<u8>,
    /// Sent as a picture instead of a document.
    pub photo: bool,
}

/// A message as somebody else than a plain person would send it: every field that matters for who is speaking.
#[derive(Debug, Clone, Default)]
pub struct Say {
    /// Text, or the caption under the attachment.
    pub text: String,
    /// The message replied to.
    pub reply_to: Option<MessageId>,
    /// The topic.
    pub thread: Option<MessageId>,
    /// A file.
    pub attachment: Option<Attachment>,
    /// Forwarded from somebody hidden.
    pub forwarded: bool,
    /// Sent through an inline bot of this username.
    pub via_bot: Option<String>,
    /// Sent by an anonymous administrator: in the group's name.
    pub anonymous: bool,
    /// Sent in the name of a channel with this title.
    pub as_channel: Option<String>,
    /// An automatic forward from the linked channel of this title.
    pub linked_channel: Option<String>,
    /// Seconds since 1970 instead of now.
    pub date: Option<i64>,
    /// More entities than those that are found in the text.
    pub entities: Vec<Entity>,
    /// Fields merged into the `Message` object as they are, known or unknown.
    pub extra: Map<String, Value>,
}

impl Say {
    /// Plain text.
    pub fn text(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }

    /// As a reply.
    pub fn reply_to(mut self, message: MessageId) -> Self {
        self.reply_to = Some(message);
        self
    }

    /// In a topic.
    pub fn in_thread(mut self, thread: MessageId) -> Self {
        self.thread = Some(thread);
        self
    }

    /// With a document.
    pub fn document(mut self, name: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.attachment = Some(Attachment {
            name: name.to_owned(),
            bytes: bytes.into(),
            photo: false,
        });
        self
    }

    /// With a picture.
    pub fn photo(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.attachment = Some(Attachment {
            name: "photo.jpg".to_owned(),
            bytes: bytes.into(),
            photo: true,
        });
        self
    }
}
