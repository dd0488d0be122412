//! One incident, folded from its events.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use super::event::{Quoted, Recorded};
use super::host::HostSource;
use super::ids::{IncidentId, UserId};
use super::lever::{Lever, Mode, Warrant};
use super::lifecycle::Lifecycle;
use super::people::{By, Person};
use crate::plan::{FactField, Phase, Plan, Severity};

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

    /// What the current phase's gate still needs: numbers and texts of items, facts.
    pub fn gate_needs(&self) -> (Vec<(u32, String)>, Vec<String>) {
        let gate = &self.phase().gate;
        let items = self
            .plan
            .items()
            .filter(|(_, _, item)| {
                gate.items.contains(&item.id) && !self.items.contains_key(&item.id)
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
