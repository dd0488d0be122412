//! What an outbox row's body holds: one thing to be told to Telegram, as compact JSON.
//!
//! It is written in the same transaction as the events that caused it and delivered by the courier afterwards, perhaps by
//! a later version of the program: fields may be added with a default, never renamed.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::incident::FileIn;

/// One thing to do in a chat. The chat itself is a column of the row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub enum Outgoing {
    /// A new message.
    Message(Message),
    /// New text and buttons for a message that the bot sent before.
    Edit {
        /// The message to change.
        message_id: i64,
        /// Text in Telegram's HTML.
        html: String,
        /// The buttons; none removes those that are there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
    },
    /// New text and buttons for a message of which it is not known yet that it was sent: as long as it waits it goes out like
    /// this. What was sent meanwhile is put right when its delivery comes back.
    Revise {
        /// The message's tag.
        tag: String,
        /// Text in Telegram's HTML.
        html: String,
        /// The buttons; none leaves the message without any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        keyboard: Option<Keyboard>,
    },
    /// The incident's card, or another projection of the house, rendered when it is sent: several waiting ones become one.
    Card {
        /// The incident's id, or the name of the other projection.
        incident: String,
    },
    /// The answer to a pressed button.
    Toast {
        /// Telegram's id of the press.
        callback_id: String,
        /// Up to 200 characters of plain text; empty only stops the button's spinner.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        /// Shown as a dialogue that has to be closed, instead of a line that fades.
        #[serde(default, skip_serializing_if = "is_false")]
        alert: bool,
        /// When it is pointless to try on, microseconds UTC.
        until: i64,
    },
    /// A reaction as a receipt.
    Reaction {
        /// The message to react to.
        message_id: i64,
        /// One emoji of those that Telegram allows for reactions.
        emoji: String,
        /// What to reply (plain text) where reactions are off.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback: Option<String>,
        /// Where that reply goes.
        #[serde(default, skip_serializing_if = "Place::is_general")]
        place: Place,
    },
    /// A file made of text.
    Document(Document),
    /// A file of the incident's folder.
    File(FileOut),
    /// An errand: a piece of evidence is fetched and stored.
    Store {
        /// The incident's id.
        incident: String,
        /// The piece's number.
        number: u32,
    },
    /// An errand: a file that was sent is looked through for secrets.
    LookInto(FileIn),
    /// An errand: an export is made.
    Export {
        /// The incident's id.
        incident: String,
        /// The export's number.
        number: u32,
        /// Where in the chat it is brought.
        #[serde(default, skip_serializing_if = "Place::is_general")]
        place: Place,
        /// The message that asked for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reply_to: Option<i64>,
    },
    /// A topic for an incident.
    Topic {
        /// The incident's id.
        incident: String,
        /// The topic's name, at most 128 characters.
        name: String,
        /// The id of a custom emoji, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        icon: Option<String>,
    },
    /// Unpins a message.
    Unpin {
        /// The message.
        message_id: i64,
    },
    /// Deletes a message: a pasted secret, or one of our own.
    DeleteMessage {
        /// The message.
        message_id: i64,
    },
    /// The picture of an enrolment for one-time codes, in a private chat. It is drawn when it is sent: the row holds no secret.
    TotpPicture {
        /// Whose it is.
        user: i64,
        /// What the authenticator app calls the account.
        account: String,
    },
    /// The recovery codes of a fresh enrolment, in a private chat. They are read when they are sent, and forgotten then.
    RecoveryCodes {
        /// Whose they are.
        user: i64,
    },
    /// The command list that Telegram offers while typing.
    Commands {
        /// For whom.
        scope: Scope,
        /// Two letters, or none for everybody without a list of their own.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        language: Option<String>,
        /// Name (without slash) and description; with none there is no such list any more, and the wider one holds.
        commands: Vec<(String, String)>,
    },
    /// Leaves the chat.
    Leave,
    /// Asks who administers the chat; the answer comes back.
    Administrators,
}

/// A new message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Text in Telegram's HTML, everything from outside escaped. Longer than 4096 characters is split or sent as a file.
    pub html: String,
    /// Buttons below the last part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyboard: Option<Keyboard>,
    /// The message it answers, if that still exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// Where in the chat.
    #[serde(default, skip_serializing_if = "Place::is_general")]
    pub place: Place,
    /// Without a sound.
    #[serde(default, skip_serializing_if = "is_false")]
    pub silent: bool,
    /// Given back when it was delivered, so that the sender knows which message it became.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Pinned once it is there.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pin: bool,
}

/// A file made of text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// The file's name.
    pub name: String,
    /// Its media type, such as `text/markdown`.
    pub mime: String,
    /// What is in it.
    pub content: String,
    /// Up to 1024 characters of HTML below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Where in the chat.
    #[serde(default, skip_serializing_if = "Place::is_general")]
    pub place: Place,
    /// The message it answers, if that still exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// Given back when it was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
}

/// A file of the incident's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileOut {
    /// The incident's id.
    pub incident: String,
    /// The file's name.
    pub file: String,
    /// Its SHA-256: what was changed meanwhile is not sent.
    pub sha256: String,
    /// Up to 1024 characters of HTML below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caption: Option<String>,
    /// Where in the chat.
    #[serde(default, skip_serializing_if = "Place::is_general")]
    pub place: Place,
    /// The message it answers, if that still exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
}

/// Where in a chat a message goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The chat itself, or a forum's general topic.
    #[default]
    General,
    /// A topic by its id.
    Thread(i64),
    /// The topic of an incident, which may not have been made yet when this is written.
    Incident(String),
}

impl Place {
    fn is_general(&self) -> bool {
        *self == Self::General
    }
}

/// For whom a list of commands is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The row's chat.
    Chat,
    /// The administrators of the row's chat.
    AdministratorsOf,
    /// One member of the row's chat.
    Member(i64),
}

/// Buttons in rows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keyboard(pub Vec<Vec<Button>>);

/// One button.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What it says.
    #[serde(rename = "n")]
    pub text: String,
    /// At most 64 bytes that come back when it is pressed.
    #[serde(default, rename = "d", skip_serializing_if = "Option::is_none")]
    pub data: Option<String>,
    /// Its colour, where the reader's Telegram knows colours.
    #[serde(default, rename = "s", skip_serializing_if = "Option::is_none")]
    pub style: Option<Style>,
}

impl Button {
    /// A button that sends `data` back.
    pub fn press(text: impl Into<String>, data: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            data: Some(data.into()),
            ..Self::default()
        }
    }

    /// The same button in a colour.
    pub fn styled(self, style: Style) -> Self {
        Self {
            style: Some(style),
            ..self
        }
    }
}

/// A button's colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Red: it stops or destroys something.
    Danger,
    /// Green: it completes something.
    Success,
    /// Blue: the usual next step.
    Primary,
}

/// Who goes first when Telegram's limits make somebody wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// Alarms and levers: never abandoned, a part of the limits is kept free for them.
    Emergency = 0,
    /// What an incident needs: its card, answers to commands.
    Incident = 1,
    /// What can wait: digests, lists, reminders.
    Routine = 2,
}

impl Lane {
    /// The lane as it is stored.
    pub fn number(self) -> i64 {
        self as i64
    }

    /// Reads a stored lane; an unknown one is routine.
    pub fn of(number: i64) -> Self {
        match number {
            0 => Self::Emergency,
            1 => Self::Incident,
            _ => Self::Routine,
        }
    }
}

impl Outgoing {
    /// As it is stored in the outbox.
    pub fn to_body(&self) -> String {
        serde_json::to_string(self).expect("strings, numbers and lists always become JSON")
    }

    /// Whether a stored body is an errand: work of the bot's own, for which Telegram's limits on sending do not count.
    pub fn is_errand(body: &str) -> bool {
        ["store", "export", "look_into"]
            .iter()
            .any(|it| body.starts_with(&format!(r#"{{"t":"{it}""#)))
    }

    /// Reads a stored body.
    pub fn from_body(body: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(body)
    }
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde's skip_serializing_if wants a reference
fn is_false(value: &bool) -> bool {
    !value
}
