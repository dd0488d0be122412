//! What goes out and comes back, with just the fields the bot uses.

use serde::{Deserialize, Serialize};

use crate::messages::outgoing::{Button, Keyboard, Style};

/// The bot as Telegram knows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Me {
    /// Its user id.
    pub id: i64,
    /// Its name after the @.
    pub username: String,
    /// Its first name.
    #[serde(default)]
    pub first_name: String,
    /// True if privacy mode is off: it sees every message of a group.
    #[serde(default)]
    pub can_read_all_group_messages: bool,
}

/// A message that was sent.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Sent {
    /// Its id in the chat; 0 for an ephemeral one.
    pub message_id: i64,
}

/// Which message is answered.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ReplyTo {
    /// The message.
    pub message_id: i64,
    /// Send anyway if it is gone.
    pub allow_sending_without_reply: bool,
}

impl ReplyTo {
    /// An answer to `message_id`, sent even if that is gone.
    pub fn gently(message_id: i64) -> Self {
        Self {
            message_id,
            allow_sending_without_reply: true,
        }
    }
}

/// Whether links are shown with a preview.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct LinkPreview {
    /// True for none.
    pub is_disabled: bool,
}

impl LinkPreview {
    /// No previews.
    pub const OFF: Self = Self { is_disabled: true };
}

/// `sendMessage`.
#[derive(Clone, Debug, Serialize)]
pub struct SendMessage<'a> {
    /// Telegram's id of the chat.
    pub chat_id: i64,
    /// The text.
    pub text: &'a str,
    /// `HTML`, or none for plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<&'static str>,
    /// The topic.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_thread_id: Option<i64>,
    /// The message answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_parameters: Option<ReplyTo>,
    /// Without a sound.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_notification: bool,
    /// Previews of links.
    pub link_preview_options: LinkPreview,
    /// Buttons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<Markup<'a>>,
}

/// `editMessageText`.
#[derive(Clone, Debug, Serialize)]
pub struct EditMessage<'a> {
    /// Telegram's id of the chat.
    pub chat_id: i64,
    /// The message to change.
    pub message_id: i64,
    /// Its new text.
    pub text: &'a str,
    /// `HTML`, or none for plain text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parse_mode: Option<&'static str>,
    /// Previews of links.
    pub link_preview_options: LinkPreview,
    /// Its new buttons; none removes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<Markup<'a>>,
}

/// `answerCallbackQuery`.
#[derive(Clone, Debug, Serialize)]
pub struct AnswerCallback<'a> {
    /// The press.
    pub callback_query_id: &'a str,
    /// The toast.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub text: &'a str,
    /// A dialogue instead of a line.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub show_alert: bool,
}

/// `sendDocument` with a file made of text.
#[derive(Clone, Debug)]
pub struct SendDocument<'a> {
    /// Telegram's id of the chat.
    pub chat_id: i64,
    /// The file's name.
    pub name: &'a str,
    /// Its media type.
    pub mime: &'a str,
    /// What is in it.
    pub content: &'a [u8],
    /// The caption, if any.
    pub caption: Option<&'a str>,
    /// `HTML`, or none for plain text.
    pub parse_mode: Option<&'static str>,
    /// The topic.
    pub thread_id: Option<i64>,
    /// The message answered.
    pub reply: Option<ReplyTo>,
}

/// Buttons as Telegram wants them.
#[derive(Clone, Debug, Serialize)]
pub struct Markup<'a> {
    inline_keyboard: Vec<Vec<MarkupButton<'a>>>,
}

#[derive(Clone, Debug, Serialize)]
struct MarkupButton<'a> {
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    callback_data: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    style: Option<&'static str>,
}

/// A keyboard as Telegram wants it; empty rows are left out.
pub fn markup(keyboard: &Keyboard) -> Markup<'_> {
    let rows = keyboard.0.iter().filter(|row| !row.is_empty());
    Markup {
        inline_keyboard: rows
            .map(|row| row.iter().map(markup_button).collect())
            .collect(),
    }
}

fn markup_button(button: &Button) -> MarkupButton<'_> {
    MarkupButton {
        text: &button.text,
        callback_data: button.data.as_deref(),
        style: button.style.map(|style| match style {
            Style::Danger => "danger",
            Style::Success => "success",
            Style::Primary => "primary",
        }),
    }
}

/// A reaction on a message.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Reaction<'a> {
    /// Always `emoji`.
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    /// The emoji.
    pub(super) emoji: &'a str,
}

/// One command of the list that Telegram offers while typing.
#[derive(Clone, Debug, Serialize)]
pub struct BotCommand<'a> {
    /// Its name without the slash.
    pub command: &'a str,
    /// What it does.
    pub description: &'a str,
}

/// For whom a list of commands is, as Telegram wants it.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CommandScope {
    /// Everybody without a narrower list.
    Default,
    /// One chat.
    Chat {
        /// The chat.
        chat_id: i64,
    },
    /// The administrators of one chat.
    ChatAdministrators {
        /// The chat.
        chat_id: i64,
    },
    /// One member of one chat.
    ChatMember {
        /// The chat.
        chat_id: i64,
        /// The member.
        user_id: i64,
    },
}

/// Who administers a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Administrator {
    /// The user's id.
    pub user_id: i64,
    /// True for the chat's owner.
    pub is_creator: bool,
}

/// How Telegram delivers updates at present.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct WebhookInfo {
    /// The webhook's address, empty for none.
    #[serde(default)]
    pub url: String,
    /// How many updates wait.
    #[serde(default)]
    pub pending_update_count: i64,
    /// What went wrong last.
    #[serde(default)]
    pub last_error_message: Option<String>,
}
