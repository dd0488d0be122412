//! People: who they are, what they may do, how they speak to us.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::host::HostSource;
use super::ids::UserId;

/// A person as the bot knows them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Numeric Telegram id.
    pub id: UserId,
    /// First and last name, as Telegram shows them. Never markup.
    pub name: String,
    /// `alice` of `@alice`; may change hands, so it never authorises.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
}

/// What a person may do in a chat, rising. Granted, never inferred from a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// `/start`, `/help`, `/whoami` and nothing else.
    Stranger,
    /// T0 and T1.
    Responder,
    /// T2.
    Commander,
    /// The second person of T3.
    Approver,
    /// Installation-wide.
    Owner,
}

impl Permission {
    /// The word used in `/grant` and in texts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Stranger => "stranger",
            Self::Responder => "responder",
            Self::Commander => "commander",
            Self::Approver => "approver",
            Self::Owner => "owner",
        }
    }
}

/// Whose voice a message or press is. Only `Person` may act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// A person, speaking as themselves.
    Person,
    /// An administrator who hides behind the group's name.
    AnonymousAdmin,
    /// A message sent as a channel.
    Channel,
    /// An automatic forward from the linked channel.
    LinkedChannel,
    /// Another bot.
    Bot,
    /// A message made by an inline bot.
    ViaBot,
    /// A forwarded message.
    Forwarded,
}

/// How a command arrived. Higher tiers do not accept every way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// A text message.
    Text,
    /// The caption of a photo or file: up to T1.
    Caption,
    /// A button under one of our messages.
    Button,
    /// A reaction on one of our messages.
    Reaction,
}

/// Where somebody stands with their second factor, as the edge found it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TotpState {
    /// They have none.
    #[default]
    None,
    /// They have one, and sent no code lately.
    Needed,
    /// They sent a good code within the last few minutes.
    Passed,
    /// Too many wrong codes: nothing of T2 and above until then, but break-glass.
    Locked(DateTime<Utc>),
}

/// Who sends a command, as the edge found it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; for a hidden identity, the id that Telegram shows.
    pub person: Person,
    /// Whose voice it is.
    pub identity: Identity,
    /// How it arrived.
    pub via: Via,
    /// Listed in `BREAKGLASS_OWNERS`.
    pub owner: bool,
    /// The command was written in a private chat with the bot.
    pub private: bool,
    /// Their second factor.
    pub totp: TotpState,
}

/// The author of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// A person.
    Person(Person),
    /// The bot itself: a timer, a delivery, a fact it knows.
    Bot,
    /// Somebody who came past Telegram.
    Host(HostSource),
}

impl By {
    /// The person, if it was one.
    pub fn person(&self) -> Option<&Person> {
        match self {
            Self::Person(person) => Some(person),
            Self::Bot | Self::Host(_) => None,
        }
    }
}
