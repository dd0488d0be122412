//! One incident, folded from its events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::event::{NotStored, Quoted, Recorded};
use super::host::HostSource;
use super::ids::{IncidentId, UserId};
use super::lever::{Lever, Mode, StepKey, Warrant};
use super::lifecycle::Lifecycle;
use super::people::{By, Person};
use super::saga::{Hindrance, RunEnd, StepState};
use crate::plan::{AutoTick, ChecklistItem, FactField, Phase, Plan, Severity, Stage};

/// One incident.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Its id.
    pub id: IncidentId,
    /// The plan revision that it was declared under.
    pub plan: Arc<Plan>,
    /// What it is about, in the declarer's words.
    pub title: String,
    /// A code of the plan, once somebody chose one.
    pub severity: Option<String>,
    /// The plan's drill that it rehearses, by id.
    pub drill: Option<String>,
    /// Open, closed or called off.
    pub lifecycle: Lifecycle,
    /// When it was declared.
    pub declared_at: DateTime<Utc>,
    /// Who declared it.
    pub declared_by: By,
    /// Items that are not open, by id.
    pub items: BTreeMap<String, ItemState>,
    /// Roles by id.
    pub roles: BTreeMap<String, Person>,
    /// Who has seen it, and when.
    pub seen_by: BTreeMap<UserId, (Person, DateTime<Utc>)>,
    /// Facts of `/set`; list fields hold one value a line.
    pub facts: BTreeMap<FactField, Fact>,
    /// Work for afterwards.
    pub follow_ups: Vec<FollowUp>,
    /// What was kept.
    pub evidence: Vec<Evidence>,
    /// What collectors brought, oldest first.
    pub collections: Vec<Collection>,
    /// How many exports were asked for.
    pub exports: u32,
    /// The exports that were made or given up.
    pub exported: BTreeSet<u32>,
    /// Where its card stands.
    pub card: Option<CardPlace>,
    /// The forum topic.
    pub topic: Topic,
    /// When each phase was entered first.
    pub entered: BTreeMap<String, DateTime<Utc>>,
    /// When a report was last written.
    pub reported_at: Option<DateTime<Utc>>,
    /// How many events it has: the version of its stream.
    pub version: u64,
    /// Levers that were pulled, oldest first.
    pub runs: Vec<Run>,
    /// Runs that the journal brought back, by name.
    pub imported: BTreeSet<String>,
    /// All its events, in order: the timeline.
    pub timeline: Vec<Recorded>,
}

/// A checklist item that is not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemState {
    /// Done.
    Ticked {
        /// By whom.
        by: By,
        /// When.
        at: DateTime<Utc>,
    },
    /// Does not apply.
    Skipped {
        /// By whom.
        by: By,
        /// When.
        at: DateTime<Utc>,
        /// Why.
        why: String,
    },
}

impl ItemState {
    /// "ticked" or "skipped".
    pub fn name(&self) -> &'static str {
        match self {
            Self::Ticked { .. } => "ticked",
            Self::Skipped { .. } => "skipped",
        }
    }
}

/// A recorded fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// The value, checked for its field's kind.
    pub value: String,
    /// Who recorded it last.
    pub by: By,
    /// When.
    pub at: DateTime<Utc>,
}

/// Work for afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowUp {
    /// 1, 2, 3 … within the incident.
    pub number: u32,
    /// What is to be done.
    pub text: String,
    /// Who does it.
    pub owner: Option<Person>,
    /// By when.
    pub due: Option<NaiveDate>,
    /// Finished.
    pub done: bool,
}

/// Something that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// E1, E2, E3 …
    pub number: u32,
    /// What it shows, in the keeper's words.
    pub about: String,
    /// The message or file.
    pub quoted: Quoted,
    /// Who kept it.
    pub by: By,
    /// When.
    pub at: DateTime<Utc>,
    /// Whether it lies in the vault.
    pub kept: Kept,
}

/// Whether a piece of evidence lies in the vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// Not yet.
    Waiting,
    /// It does.
    Stored {
        /// SHA-256, 64 hexadecimal digits.
        sha256: String,
        /// Bytes.
        size: u64,
    },
    /// It could not be stored.
    Failed(NotStored),
}

impl Evidence {
    /// The name of its file in the incident's folder and in an export: `E2-photo.jpg`.
    pub fn file(&self) -> String {
        let name = match &self.quoted.file {
            Some(file) => file.name.as_str(),
            None => "message.txt",
        };
        format!("E{}-{name}", self.number)
    }
}

/// What one run of collectors brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// The run's number.
    pub run: u32,
    /// SHA-256 of the manifest.
    pub sha256: String,
    /// The manifest's name in the incident's folder.
    pub file: String,
    /// Collectors that brought what they should.
    pub gathered: u32,
    /// Collectors that did not.
    pub failed: u32,
    /// When it was complete.
    pub at: DateTime<Utc>,
}

/// A lever that was pulled.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// 1, 2, 3 … within the incident.
    pub number: u32,
    /// What.
    pub lever: Lever,
    /// What exactly, by [`Lever::fingerprint`].
    pub fingerprint: String,
    /// How much of it is real.
    pub mode: Mode,
    /// By what right.
    pub warrant: Warrant,
    /// Who asked.
    pub asked_by: By,
    /// Who else agreed.
    pub approved_by: Vec<Person>,
    /// In the asker's words.
    pub why: Option<String>,
    /// When it began.
    pub at: DateTime<Utc>,
    /// The steps that were begun.
    pub steps: BTreeMap<StepKey, StepState>,
    /// Who ended it between two steps, and why.
    pub aborted: Option<(By, String)>,
    /// Why the rules let no further step begin.
    pub withheld: Option<Hindrance>,
    /// How it ended.
    pub ended: Option<RunEnd>,
    /// The message that shows how it goes.
    pub message: Option<i64>,
    /// The message that asks people what to do about it.
    pub question: Option<i64>,
    /// How many events it has.
    pub version: u64,
}

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardPlace {
    /// Telegram's message id.
    pub message_id: i64,
}

/// The incident's forum topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// The group has none, or it could not be made.
    None,
    /// It is being made.
    Asked,
    /// It exists.
    Made(i64),
}

impl Incident {
    /// Whether it is a rehearsal.
    pub fn is_drill(&self) -> bool {
        self.id.is_drill()
    }

    /// The phase that it is, or was, in. Its plan has at least one.
    pub fn phase(&self) -> &Phase {
        &self.plan.phases[self.phase_index()]
    }

    /// The index of that phase in the plan.
    pub fn phase_index(&self) -> usize {
        let id = self.lifecycle.phase();
        self.plan
            .phases
            .iter()
            .position(|phase| phase.id == id)
            .unwrap_or(0)
    }

    /// The phase after this one.
    pub fn next_phase(&self) -> Option<&Phase> {
        self.plan.phases.get(self.phase_index() + 1)
    }

    /// The severity with its name and targets.
    pub fn severity(&self) -> Option<&Severity> {
        self.plan.severity(self.severity.as_deref()?)
    }

    /// Whether a severity is worse than this incident's. An incident without one is outranked by any.
    pub fn is_outranked_by(&self, severity: Option<&str>) -> bool {
        let rank = |code: &str| self.plan.severity_rank(code).unwrap_or(usize::MAX);
        let now = self.severity.as_deref().map_or(usize::MAX, rank);
        severity.is_some_and(|code| rank(code) < now)
    }

    /// What the current phase's gate still needs: numbers and texts of items, facts.
    pub fn gate_needs(&self) -> (Vec<(u32, String)>, Vec<String>) {
        let gate = &self.phase().gate;
        let deletes_traces = self.eradication_is_next();
        let items = self
            .plan
            .items()
            .filter(|(_, _, item)| {
                let guards = gate.items.contains(&item.id)
                    || (deletes_traces && item.auto == Some(AutoTick::EvidencePreserved));
                guards && !self.items.contains_key(&item.id)
            })
            .map(|(number, _, item)| (u32::try_from(number).unwrap_or(u32::MAX), item.text.clone()))
            .collect();
        let facts = gate
            .facts
            .iter()
            .filter(|name| Plan::fact(name).is_none_or(|field| !self.facts.contains_key(&field)))
            .cloned()
            .collect();
        (items, facts)
    }

    /// Whether the fact that an item stands for is known not to hold: then nobody ticks it by hand.
    pub fn is_untrue(&self, item: &ChecklistItem) -> bool {
        item.auto == Some(AutoTick::SeverityAssigned)
            && self.severity.is_none()
            && !self.plan.severities.is_empty()
    }

    /// Whether the next step is the one that deletes proof: whatever the plan's gates say, evidence comes before it.
    fn eradication_is_next(&self) -> bool {
        let next = self.next_phase().map(|phase| phase.stage);
        next == Some(Stage::Eradication) && self.phase().stage != Stage::Eradication
    }

    /// People who take part: declared, saw, hold a role.
    pub fn participants(&self) -> BTreeSet<UserId> {
        self.seen_by
            .keys()
            .copied()
            .chain(self.roles.values().map(|person| person.id))
            .chain(self.declared_by.person().map(|person| person.id))
            .collect()
    }

    /// The next free follow-up number.
    pub fn next_follow_up(&self) -> u32 {
        self.follow_ups
            .iter()
            .map(|it| it.number)
            .max()
            .unwrap_or(0)
            + 1
    }

    /// The run with this number.
    pub fn run(&self, number: u32) -> Option<&Run> {
        self.runs.iter().find(|it| it.number == number)
    }

    /// The next free run number.
    pub fn next_run(&self) -> u32 {
        self.runs.iter().map(|it| it.number).max().unwrap_or(0) + 1
    }

    /// The run that a request past Telegram started before.
    pub fn run_by_ticket(&self, source: &HostSource) -> Option<&Run> {
        let asked_by = By::Host(source.clone());
        let known = source.ticket.is_some();
        self.runs.iter().find(|it| known && it.asked_by == asked_by)
    }

    /// The next free evidence number.
    pub fn next_evidence(&self) -> u32 {
        self.evidence.iter().map(|it| it.number).max().unwrap_or(0) + 1
    }
}
