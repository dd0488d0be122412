//! Levers pulled without Telegram: on the host or by the admin endpoint. What such a run leaves behind where the
//! ledger could not be written is a [`HostRun`], kept in the journal until it can be imported.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::lever::{Lever, StepKey};
use super::saga::{StepFact, lenient_fact};

/// Where somebody stood who came past Telegram. Which person it was, nobody can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// `breakglass shutdown` on the host.
    Host,
    /// The admin endpoint.
    Endpoint,
}

/// The author of what came past Telegram.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostSource {
    /// Where they stood.
    pub door: Door,
    /// What makes a repeat recognisable: the same ticket never does anything twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HostOutcome {
    /// As the plan expects.
    Succeeded,
    /// It surely did not do what the plan expects.
    Failed,
    /// It may or may not have happened.
    Unknown,
    /// Somebody must do it by hand.
    ByHand,
}

/// One record of such a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum HostRecord {
    /// What was about to be done, written before anything was.
    Intent {
        door: Door,
        /// Id and revision of the plan.
        plan: String,
        revision: String,
        /// Telegram's id of the chat that it belongs to; none: the home chat.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chat: Option<i64>,
        lever: Lever,
        fingerprint: String,
        why: String,
        /// The account on the host, where there was one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        account: Option<String>,
        /// How many steps it has.
        steps: u32,
    },
    /// A step was about to begin.
    Began { step: StepKey, name: String },
    /// A step ended.
    Ended {
        step: StepKey,
        name: String,
        outcome: HostOutcome,
        #[serde(
            default,
            deserialize_with = "lenient_fact",
            skip_serializing_if = "Option::is_none"
        )]
        fact: Option<StepFact>,
        summary: String,
    },
    /// The run was over.
    Over {
        succeeded: u32,
        failed: u32,
        unknown: u32,
        by_hand: u32,
    },
}

/// A record with its place in the run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostEntry {
    /// 1, 2, 3 … within the run.
    pub seq: u32,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// What.
    pub record: HostRecord,
}

/// A run as the journal has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostRun {
    /// Its name: random, the same for ever.
    pub id: String,
    /// Its records in order; the first is the intent.
    pub entries: Vec<HostEntry>,
}

/// How the steps of a run ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub succeeded: u32,
    pub failed: u32,
    pub unknown: u32,
    pub by_hand: u32,
}

impl Tally {
    /// Counts one step.
    pub fn add(&mut self, outcome: HostOutcome) {
        let count = match outcome {
            HostOutcome::Succeeded => &mut self.succeeded,
            HostOutcome::Failed => &mut self.failed,
            HostOutcome::Unknown => &mut self.unknown,
            HostOutcome::ByHand => &mut self.by_hand,
        };
        *count += 1;
    }

    /// The record that ends a run.
    pub fn over(self) -> HostRecord {
        HostRecord::Over {
            succeeded: self.succeeded,
            failed: self.failed,
            unknown: self.unknown,
            by_hand: self.by_hand,
        }
    }
}

impl HostRun {
    /// How its steps ended; one that began and has no end is unknown.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        let mut begun = 0_u32;
        for entry in &self.entries {
            match &entry.record {
                HostRecord::Began { .. } => begun += 1,
                HostRecord::Ended { outcome, .. } => {
                    begun = begun.saturating_sub(1);
                    tally.add(*outcome);
                }
                HostRecord::Intent { .. } | HostRecord::Over { .. } => {}
            }
        }
        tally.unknown += begun;
        tally
    }

    /// The records worth showing: the beginning of a step only where its end is not known.
    pub fn telling(&self) -> impl Iterator<Item = &HostEntry> {
        let ended = |begun: &StepKey| {
            self.entries.iter().any(
                |entry| matches!(&entry.record, HostRecord::Ended { step, .. } if step == begun),
            )
        };
        self.entries
            .iter()
            .filter(move |entry| match &entry.record {
                HostRecord::Began { step, .. } => !ended(step),
                _ => true,
            })
    }

    /// Whether it came to its end.
    pub fn is_over(&self) -> bool {
        let last = self.entries.last();
        last.is_some_and(|entry| matches!(entry.record, HostRecord::Over { .. }))
    }
}

/// The name of a request's run in the journal. One that was cut off has not happened: the next attempt has a name of its own.
pub fn attempt_id(ticket: &str, attempt: u32) -> String {
    match attempt {
        1 => ticket.to_owned(),
        _ => format!("{ticket}-{attempt}"),
    }
}
