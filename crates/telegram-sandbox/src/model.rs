//! The things of the world: users, chats, messages, buttons.

use std::collections::BTreeMap;

use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::entities::Entity;

/// A user's id; in a private chat also the chat's.
pub type UserId = i64;
/// A message's id, unique in its chat.
pub type MessageId = i64;
/// The id of a callback query.
pub type CallbackId = String;

/// Somebody with an account; the bot is one too.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub id: UserId,
    pub is_bot: bool,
    pub first_name: String,
    pub last_name: Option<String>,
    pub username: Option<String>,
    pub language_code: Option<String>,
    /// The `User` object, serialised once.
    pub json: Box<RawValue>,
}

impl User {
    pub fn full_name(&self) -> String {
        match &self.last_name {
            Some(last) => format!("{} {last}", self.first_name),
            None => self.first_name.clone(),
        }
    }

    /// Telegram's `User` object.
    pub fn render(&self) -> Map<String, Value> {
        let mut map = Map::new();
        map.insert("id".into(), self.id.into());
        map.insert("is_bot".into(), self.is_bot.into());
        map.insert("first_name".into(), self.first_name.clone().into());
        for (name, value) in [
            ("last_name", &self.last_name),
            ("username", &self.username),
            ("language_code", &self.language_code),
        ] {
            if let Some(value) = value {
                map.insert(name.into(), value.clone().into());
            }
        }
        map
    }
}

/// Keeps a value in its serialised form.
pub(crate) fn raw(value: &impl Serialize) -> Box<RawValue> {
    serde_json::value::to_raw_value(value).expect("plain data serialises")
}

/// What a chat is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// One person and the bot; the chat's id is the person's.
    Private,
    /// A basic group.
    Group,
    /// A supergroup, public if it has a username.
    Supergroup {
        /// Without `@`.
        #[serde(default)]
        public_username: Option<String>,
    },
    /// A supergroup with topics.
    Forum,
}

/// What an administrator may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "Telegram's own shape")]
pub struct Rights {
    /// Delete other people's messages.
    pub can_delete_messages: bool,
    /// Pin and unpin.
    pub can_pin_messages: bool,
    /// Create, rename, close and delete topics.
    pub can_manage_topics: bool,
    /// Add administrators.
    pub can_promote_members: bool,
    /// Remove and restrict members.
    pub can_restrict_members: bool,
    /// Invite people.
    pub can_invite_users: bool,
    /// Change the title and the picture.
    pub can_change_info: bool,
    /// Post in the group's name.
    pub is_anonymous: bool,
}

impl Rights {
    /// Everything except anonymity.
    pub const ALL: Self = Self {
        can_delete_messages: true,
        can_pin_messages: true,
        can_manage_topics: true,
        can_promote_members: true,
        can_restrict_members: true,
        can_invite_users: true,
        can_change_info: true,
        is_anonymous: false,
    };
    /// An administrator in name only.
    pub const NONE: Self = Self {
        can_delete_messages: false,
        can_pin_messages: false,
        can_manage_topics: false,
        can_promote_members: false,
        can_restrict_members: false,
        can_invite_users: false,
        can_change_info: false,
        is_anonymous: false,
    };
}

impl Default for Rights {
    fn default() -> Self {
        Self::ALL
    }
}

/// Somebody's standing in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Creator,
    Admin(Rights),
    Member,
    Left,
    Kicked,
}

impl Standing {
    pub fn name(self) -> &'static str {
        match self {
            Self::Creator => "creator",
            Self::Admin(_) => "administrator",
            Self::Member => "member",
            Self::Left => "left",
            Self::Kicked => "kicked",
        }
    }

    pub fn inside(self) -> bool {
        matches!(self, Self::Creator | Self::Admin(_) | Self::Member)
    }

    pub fn admin(self) -> bool {
        matches!(self, Self::Creator | Self::Admin(_))
    }

    pub fn rights(self) -> Rights {
        match self {
            Self::Creator => Rights::ALL,
            Self::Admin(rights) => rights,
            _ => Rights::NONE,
        }
    }
}

/// A topic of a forum; its thread id is the id of the service message that opened it.
#[derive(Debug, Clone)]
pub(crate) struct Topic {
    pub name: String,
    pub closed: bool,
}

#[derive(Debug, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a chat"
)]
pub(crate) struct Chat {
    pub id: i64,
    pub kind: ChatKind,
    pub title: String,
    pub members: BTreeMap<UserId, Standing>,
    pub messages: BTreeMap<MessageId, Msg>,
    pub last_id: MessageId,
    pub pinned: Vec<MessageId>,
    pub topics: BTreeMap<MessageId, Topic>,
    pub reactions_allowed: bool,
    /// Group: members who are no administrators may write.
    pub writing_allowed: bool,
    pub migrated_to: Option<i64>,
    /// Private: the person has written to the bot.
    pub started: bool,
    /// Private: the person has blocked the bot.
    pub blocked: bool,
    /// The short `Chat` object, serialised once.
    pub json: Box<RawValue>,
}

impl Chat {
    pub fn standing(&self, user: UserId) -> Standing {
        self.members.get(&user).copied().unwrap_or(Standing::Left)
    }

    pub fn is_forum(&self) -> bool {
        self.kind == ChatKind::Forum
    }

    pub fn is_private(&self) -> bool {
        self.kind == ChatKind::Private
    }

    pub fn is_super(&self) -> bool {
        matches!(self.kind, ChatKind::Supergroup { .. } | ChatKind::Forum)
    }

    /// `group`, `supergroup` or `private`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            ChatKind::Private => "private",
            ChatKind::Group => "group",
            ChatKind::Supergroup { .. } | ChatKind::Forum => "supergroup",
        }
    }

    pub fn username(&self) -> Option<&str> {
        match &self.kind {
            ChatKind::Supergroup { public_username } => public_username.as_deref(),
            _ => None,
        }
    }
}

/// A button of an inline keyboard.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Button {
    /// What people read on it.
    pub text: String,
    /// What a press sends.
    pub callback_data: Option<String>,
    /// A link that it opens.
    pub url: Option<String>,
    /// Text that it copies.
    pub copy_text: Option<String>,
    /// `danger`, `success` or `primary`.
    pub style: Option<String>,
    /// Shown, but cannot be pressed.
    pub disabled: bool,
    /// Whatever else came with it.
    pub other: Map<String, Value>,
}

impl Serialize for Button {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("text", &self.text)?;
        for (name, value) in [
            ("callback_data", &self.callback_data),
            ("url", &self.url),
            ("style", &self.style),
        ] {
            if let Some(value) = value {
                map.serialize_entry(name, value)?;
            }
        }
        if let Some(text) = &self.copy_text {
            map.serialize_entry("copy_text", &BTreeMap::from([("text", text)]))?;
        }
        if self.disabled {
            map.serialize_entry("disabled", &Map::new())?;
        }
        for (name, value) in &self.other {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// Rows of buttons.
pub type Keyboard = Vec<Vec<Button>>;

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Media {
    pub photo: bool,
    pub file_id: String,
    pub name: String,
    pub size: usize,
}

/// What people see of a message.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Content {
    /// Text, or the caption under media.
    pub text: String,
    pub entities: Vec<Entity>,
    pub media: Option<Media>,
    pub keyboard: Option<Keyboard>,
}

/// Something that happened in a chat, shown as a grey line.
#[derive(Debug, Clone)]
pub(crate) struct Service {
    /// The field's name in `Message`.
    pub kind: &'static str,
    pub value: Value,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Msg {
    pub id: MessageId,
    pub date: i64,
    pub edit_date: Option<i64>,
    pub from: Option<UserId>,
    pub thread: Option<MessageId>,
    pub reply_to: Option<MessageId>,
    pub content: Content,
    pub service: Option<Service>,
    pub reactions: Vec<(UserId, String)>,
    pub edits: u32,
    pub silent: bool,
    /// Fields merged into the `Message` object as they are.
    pub extra: Map<String, Value>,
}

impl Msg {
    /// UTF-16 units cannot be counted in a service message: it has no text.
    pub fn is_service(&self) -> bool {
        self.service.is_some()
    }
}
