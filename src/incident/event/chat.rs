//! What happens to a chat, whatever incidents it has.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::incident::again::Again;
use crate::incident::factor::FactorChange;
use crate::incident::ids::{IncidentId, UserId};
use crate::incident::lever::Lever;
use crate::incident::people::{Permission, Person};
use crate::incident::request::{Form, Outcome, Stage};

/// What became of a chat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum ChatEvent {
    /// Title and kind, as Telegram has them.
    Described {
        title: String,
        kind: ChatKind,
        forum: bool,
        public: bool,
    },
    /// The bot's standing in the chat.
    BotStanding { standing: Standing },
    /// An owner took the chat into use.
    Claimed,
    /// The bot left, or was removed.
    Unclaimed { why: String },
    /// The group became a supergroup.
    Migrated { from: i64, to: i64 },
    /// `/setup plan`
    PlanChosen { plan: String },
    /// `/language`
    LanguageChosen { language: String },
    /// `/setup timezone`, an IANA name.
    TimezoneChosen { timezone: String },
    /// `/setup admins`
    AdminsCount { on: bool },
    /// `/setup responders`
    RespondersChosen { everybody: bool },
    /// `/setup home`
    HomeChosen,
    /// Telegram's list of administrators.
    AdministratorsListed { ids: BTreeSet<UserId> },
    /// `/grant`
    Granted {
        person: Person,
        permission: Permission,
    },
    /// `/revoke`
    Revoked {
        person: Person,
        permission: Permission,
    },
    /// `/contact`
    ContactBound {
        contact: String,
        person: Person,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        backup: Option<Person>,
    },
    /// A question was put to a person.
    Asked { ask: u32, question: Question },
    /// It was answered, or lapsed.
    Answered { ask: u32 },
    /// Somebody tried what they may not do.
    Refused { verb: String, needs: Permission },
    /// Something was asked for that nobody does alone, or not without a second thought.
    Requested {
        form: Box<Form>,
        stage: Stage,
        needs: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        called: Vec<Person>,
    },
    /// Its message stands in the chat.
    RequestShown { request: u32, message_id: i64 },
    /// It waits for something else now.
    RequestMoved {
        request: u32,
        stage: Stage,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
        needs: u32,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        called: Vec<Person>,
    },
    /// Somebody let a lever be played through in a dry run: nothing was touched.
    Rehearsed {
        lever: Lever,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
    },
    /// Somebody agreed to it.
    RequestAgreed { request: u32 },
    /// Somebody tried to answer it who may not.
    RequestRefused { request: u32, why: String },
    /// It is spent.
    RequestEnded { request: u32, outcome: Outcome },
    /// Somebody left the chat: by themselves where `by` is they, removed where it is somebody else.
    Left {
        user: UserId,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        by: Option<UserId>,
    },
    /// Somebody who had left is back.
    Returned { user: UserId },
    /// Somebody's second factor was taken away.
    TotpReset { person: Person },
    /// Somebody's second factor was set up, locked, or taken away on the host.
    FactorChanged {
        person: Person,
        #[serde(flatten)]
        change: FactorChange,
    },
}

/// A question that waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "question", rename_all = "snake_case")]
pub enum Question {
    /// A second `/declare` within ten minutes: the same incident or a separate one?
    SameIncident {
        incident: IncidentId,
        title: String,
        severity: Option<String>,
    },
    /// `/grant` by @name: is this the right person?
    Grant {
        person: Person,
        permission: Permission,
    },
    /// A command came late: is it still meant?
    StillMeant {
        command: Again,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
    },
}

/// Telegram's kinds of chats, as far as they differ for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    /// One person and the bot.
    Private,
    /// A plain group.
    #[default]
    Group,
    /// A supergroup.
    Supergroup,
    /// A channel: the bot does nothing there.
    Channel,
}

/// The bot's standing in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum Standing {
    /// Not seen yet.
    #[default]
    Unknown,
    /// A plain member.
    Member,
    /// A member who may not write.
    Muted,
    /// An administrator, with the rights that matter to us.
    Administrator {
        can_pin: bool,
        can_manage_topics: bool,
        can_delete: bool,
    },
    /// Not there (any more).
    Gone,
}

impl ChatEvent {
    /// The event's name, as stored in the ledger's `kind` column.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Described { .. } => "described",
            Self::BotStanding { .. } => "bot_standing",
            Self::Claimed => "claimed",
            Self::Unclaimed { .. } => "unclaimed",
            Self::Migrated { .. } => "migrated",
            Self::PlanChosen { .. } => "plan_chosen",
            Self::LanguageChosen { .. } => "language_chosen",
            Self::TimezoneChosen { .. } => "timezone_chosen",
            Self::AdminsCount { .. } => "admins_count",
            Self::RespondersChosen { .. } => "responders_chosen",
            Self::HomeChosen => "home_chosen",
            Self::AdministratorsListed { .. } => "administrators_listed",
            Self::Granted { .. } => "granted",
            Self::Revoked { .. } => "revoked",
            Self::ContactBound { .. } => "contact_bound",
            Self::Asked { .. } => "asked",
            Self::Answered { .. } => "answered",
            Self::Refused { .. } => "refused",
            Self::Requested { .. } => "requested",
            Self::RequestShown { .. } => "request_shown",
            Self::RequestMoved { .. } => "request_moved",
            Self::Rehearsed { .. } => "rehearsed",
            Self::RequestAgreed { .. } => "request_agreed",
            Self::RequestRefused { .. } => "request_refused",
            Self::RequestEnded { .. } => "request_ended",
            Self::Left { .. } => "left",
            Self::Returned { .. } => "returned",
            Self::TotpReset { .. } => "totp_reset",
            Self::FactorChanged { .. } => "factor_changed",
        }
    }
}
