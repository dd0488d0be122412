//! What can be said about steps and runs.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::super::ids::IncidentId;
use super::super::policy::Changed;
use super::fact::StepFact;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// As the plan expects.
    Succeeded,
    /// It surely did not do what the plan expects.
    Failed,
    /// It may or may not have happened.
    Unknown,
    /// A person must do it.
    ByHand,
}

/// What came back of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepReport {
    /// How it ended.
    pub status: StepStatus,
    /// What came of it, where that has a kind.
    pub fact: Option<StepFact>,
    /// One line; where there is a fact, what was said beside it.
    pub summary: String,
    /// Exit code or HTTP status.
    pub code: Option<i64>,
    /// SHA-256 (hex) of its output.
    pub output_sha256: Option<String>,
    /// Bytes of its output.
    pub output_bytes: Option<u64>,
    /// Nobody knows, only because the bot was ended meanwhile.
    pub interrupted: bool,
}

impl StepReport {
    /// Done, and nothing more to say.
    pub fn succeeded() -> Self {
        Self {
            status: StepStatus::Succeeded,
            interrupted: false,
            ..Self::interrupted()
        }
    }

    /// Nobody knows, and why.
    pub fn unknown(why: StepFact) -> Self {
        Self {
            status: StepStatus::Unknown,
            fact: Some(why),
            interrupted: false,
            ..Self::interrupted()
        }
    }

    /// The bot was ended while the step was under way.
    pub fn interrupted() -> Self {
        Self {
            status: StepStatus::Unknown,
            fact: None,
            summary: String::new(),
            code: None,
            output_sha256: None,
            output_bytes: None,
            interrupted: true,
        }
    }
}

/// What a person decides about a step that cannot go on by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// Try it again.
    Retry,
    /// It is done. Of a step that would take itself back: it stays.
    Done,
    /// Go on without it.
    Skip,
    /// Take back what can be taken back, and end.
    Undo,
}

impl Choice {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Retry, Self::Done, Self::Skip, Self::Undo];

    /// As in `/step 3 retry`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Done => "done",
            Self::Skip => "skip",
            Self::Undo => "undo",
        }
    }

    /// The choice of this word, letter case aside.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|choice| choice.word().eq_ignore_ascii_case(word))
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// Every step is done.
    Succeeded,
    /// It went on to the end, but not every step is done.
    Partly,
    /// It stopped at a failure, and everything that it had changed was taken back.
    Undone,
    /// It stopped, and something stays as it was left.
    Stopped,
    /// Taking back failed: a person must look, now.
    UndoFailed,
    /// A person ended it between two steps.
    Aborted,
    /// It was not allowed to begin, or to go on.
    Refused,
}

impl RunOutcome {
    /// As it is stored, and as texts are named after it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Partly => "partly",
            Self::Undone => "undone",
            Self::Stopped => "stopped",
            Self::UndoFailed => "undo_failed",
            Self::Aborted => "aborted",
            Self::Refused => "refused",
        }
    }
}

/// Why a run may not begin or go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "hindrance", rename_all = "snake_case")]
pub enum Hindrance {
    /// Another run is at work on a target that this one needs.
    Busy { incident: IncidentId, run: u32 },
    /// A run of another chat is at work on this target.
    BusyElsewhere { target: String },
    /// The log was changed from outside: nobody knows who asked for what.
    LogChanged,
    /// The procedure ran a short while ago.
    Resting { until: DateTime<Utc> },
    /// The rules do not allow it.
    NotAllowed { why: String },
    /// Something is different from when it was approved.
    Changed { what: Changed },
}
