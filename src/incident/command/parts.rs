//! What commands carry.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::incident::event::NotStored;
use crate::incident::ids::IncidentId;
use crate::incident::lever::StepKey;
use crate::incident::people::Person;
use crate::incident::saga::StepStatus;

/// A lever as it was typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pull {
    /// The command's word.
    pub verb: &'static str,
    /// What follows it: a name, parameters, `now` with the typed name, a reason.
    pub words: String,
}

/// A checklist item as people and buttons name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemRef {
    /// The running number shown on the card.
    Number(u32),
    /// The item's id, as a button carries it.
    Id(String),
}

/// A step as people and buttons name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepRef {
    /// Its number in the run, from 1.
    pub number: u32,
    /// The step that takes it back.
    pub undo: bool,
}

/// Somebody named in a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// The one who writes.
    Myself,
    /// Known without doubt: a reply, a text mention, an id that was seen.
    Known(Person),
    /// Found by `@name`: names change hands, so trust asks first.
    ByName(Person),
    /// Nobody of that name was seen yet.
    Unknown(String),
}

/// How `/cancel` calls an incident off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelAs {
    /// Nothing had happened.
    FalseAlarm,
    /// Handled under another id.
    DuplicateOf(IncidentId),
}

/// One step of the setup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Setup {
    /// `/setup`: show what is set and what can be.
    Show,
    /// `/setup plan jarvis`
    Plan(String),
    /// `/setup language ru`
    Language(String),
    /// `/setup timezone Europe/Berlin`
    Timezone(String),
    /// `/setup admins on`
    Admins(bool),
    /// `/setup responders granted`
    Responders { everybody: bool },
    /// `/setup home`
    Home,
}

/// What to show of several incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusOf {
    /// The current one, or the list.
    Current,
    /// Every open one.
    All,
}

/// An open incident of some chat, for those who see all chats.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenElsewhere {
    /// Its id.
    pub id: IncidentId,
    /// Code and name, once somebody chose one.
    pub severity: Option<(String, String)>,
    /// The severity's emoji.
    pub emoji: Option<String>,
    /// What it is about.
    pub title: String,
    /// The title of its chat.
    pub chat: String,
}

/// What became of evidence, as those report who handle it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preserved {
    /// A piece lies in the vault.
    Stored {
        number: u32,
        sha256: String,
        size: u64,
    },
    /// A piece could not be stored.
    Failed { number: u32, why: NotStored },
    /// The collectors of a run are through; hash and name are the manifest's.
    Collected {
        run: u32,
        sha256: String,
        file: String,
        gathered: u32,
        failed: u32,
    },
    /// An export lies in the incident's folder.
    Exported(Export),
    /// An export could not be made.
    NotExported { number: u32 },
    /// An export was made, but Telegram refused it; where it lies.
    NotDelivered { path: String },
}

/// An export that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// 1, 2, 3 … within the incident.
    pub number: u32,
    /// Its name in the incident's folder.
    pub file: String,
    /// Where that is on the host: for owners only.
    pub path: String,
    /// SHA-256.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Whether only the recipients that the host names can read it.
    pub encrypted: bool,
}

/// What a step of a dry run said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// Which step.
    pub step: StepKey,
    /// Its name in the plan.
    pub name: String,
    /// Whether it could be played.
    pub status: StepStatus,
    /// What it would do.
    pub said: String,
}

/// What a collector printed that lists the choices of a parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The procedure that needs it.
    pub procedure: String,
    /// The parameter.
    pub parameter: String,
    /// What was given already.
    pub given: BTreeMap<String, String>,
    /// Its output, or why there is none.
    pub output: Result<String, String>,
}

/// A value that can be chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// As it is typed.
    pub value: String,
    /// What else is known of it.
    pub about: String,
}

/// What somebody is told who sends `/totp`, in private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TotpSaid {
    /// No key is set on the host.
    Off,
    /// It cannot be decided now; the host's log says why.
    Failed,
    /// An enrolment waits for its first code: the picture is shown (again).
    Show(Person),
    /// Enrolled, with so many recovery codes left.
    Enrolled {
        since: DateTime<Utc>,
        recovery: usize,
    },
    /// Just enrolled: the recovery codes follow.
    Confirmed(Person),
    /// A code, and nothing that it could be for.
    NotEnrolled,
    /// The first code is wrong.
    FirstWrong,
    /// A right code.
    Passed,
    /// A wrong one, with so many tries left.
    Wrong { left: u32 },
    /// Too many were wrong.
    Locked { until: DateTime<Utc> },
}

/// A file that somebody sent, to be looked into.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileIn {
    /// Telegram's id, good for a download by this bot.
    pub file_id: String,
    /// The message that it came with.
    pub message_id: i64,
    /// The topic that the message stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<i64>,
    /// Who sent it, if Telegram says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// In a private chat the bot may delete what it is sent.
    pub private: bool,
}

/// A secret in a message, as far as it may be known: its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretIn {
    /// What it is, for people: "GitHub token".
    pub name: String,
    /// Words by which the plan's credential is found that may be concerned, the best first.
    pub fits: Vec<String>,
    /// So many different ones are alike in both; none where the same value has another entry before.
    pub count: u32,
}

/// Secrets in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeakIn {
    /// What was found, each of a kind once.
    pub found: Vec<SecretIn>,
    /// The messages that hold them.
    pub messages: Vec<i64>,
    /// Who wrote the first of them, if Telegram says so.
    pub author: Option<Person>,
    /// In a private chat the bot may delete what it is sent.
    pub private: bool,
    /// They stand in a piece of evidence, which stays as it is: somebody stored it deliberately.
    pub evidence: Option<u32>,
}
