//! Who is at work on what, in the whole installation: one run for each target, and a rest for procedures that want one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::PoisonError;

use chrono::{DateTime, Utc};

use super::Call;
use crate::app::House;
use crate::incident::saga::{self, Elsewhere};
use crate::incident::{Chat, Hindrance, Incident, Lever, Mode, Run};
use crate::plan::Plan;

#[derive(Debug, Default)]
pub(in crate::app) struct Floor {
    /// What each run that is at work holds.
    held: BTreeMap<Call, Held>,
    /// By plan and procedure: until when it rests.
    rests: BTreeMap<(String, String), DateTime<Utc>>,
}

#[derive(Debug)]
struct Held {
    targets: BTreeSet<String>,
    /// It is not sent away by another one that goes first.
    goes_first: bool,
}

impl Floor {
    /// Takes into account what the ledger knows of a run.
    pub(super) fn remember(&mut self, incident: &Incident, run: &Run, now: DateTime<Utc>) {
        // What has not begun asks like everybody else.
        if !run.steps.is_empty() && saga::is_at_work(run, &incident.plan, now) {
            self.take((incident.id, run.number), run, &incident.plan);
        }
        self.note_rest(run, &incident.plan);
    }

    /// Lets a run begin, or says what is in its way.
    pub(super) fn admit(
        &mut self,
        call: Call,
        run: &Run,
        plan: &Plan,
        now: DateTime<Utc>,
    ) -> Result<(), Hindrance> {
        let rests = self.rests_until(run, plan).filter(|until| *until > now);
        if let Some(until) = rests.filter(|_| run.mode == Mode::Live && !goes_first(run, plan)) {
            return Err(Hindrance::Resting { until });
        }
        self.go_on(call, run, plan)
    }

    /// Lets one go on that may have let go of its targets while it waited for a person.
    pub(super) fn go_on(&mut self, call: Call, run: &Run, plan: &Plan) -> Result<(), Hindrance> {
        if run.mode == Mode::Live && !goes_first(run, plan) && !self.held.contains_key(&call) {
            let in_the_way = self.others(call, run, plan).next().map(|(other, _)| *other);
            if let Some((incident, run)) = in_the_way {
                return Err(Hindrance::Busy { incident, run });
            }
        }
        self.take(call, run, plan);
        Ok(())
    }

    /// The runs that make way for one that goes first. Two that both do are in nobody's way.
    pub(super) fn in_the_way_of(&self, call: Call, run: &Run, plan: &Plan) -> BTreeSet<Call> {
        if run.mode != Mode::Live || !goes_first(run, plan) {
            return BTreeSet::new();
        }
        let others = self.others(call, run, plan);
        others
            .filter(|(_, held)| !held.goes_first)
            .map(|(other, _)| *other)
            .collect()
    }

    fn others<'f>(
        &'f self,
        call: Call,
        run: &Run,
        plan: &Plan,
    ) -> impl Iterator<Item = (&'f Call, &'f Held)> + use<'f> {
        let targets = saga::targets(&run.lever, plan);
        self.held
            .iter()
            .filter(move |(other, held)| **other != call && !held.targets.is_disjoint(&targets))
    }

    /// A run is through, or waits for a person: nobody waits for it.
    pub(super) fn leave(&mut self, call: Call) {
        self.held.remove(&call);
    }

    pub(super) fn note_rest(&mut self, run: &Run, plan: &Plan) {
        if let (Some(until), Some(key)) = (saga::rests_until(run, plan), key(run, plan)) {
            let before = self.rests.entry(key).or_insert(until);
            *before = until.max(*before);
        }
    }

    fn rests_until(&self, run: &Run, plan: &Plan) -> Option<DateTime<Utc>> {
        self.rests.get(&key(run, plan)?).copied()
    }

    fn take(&mut self, call: Call, run: &Run, plan: &Plan) {
        if run.mode == Mode::Live {
            let held = Held {
                targets: saga::targets(&run.lever, plan),
                goes_first: goes_first(run, plan),
            };
            self.held.insert(call, held);
        }
    }
}

impl House {
    pub(super) fn with_floor<T>(&self, work: impl FnOnce(&mut Floor) -> T) -> T {
        let mut floor = self.floor.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut floor)
    }

    /// What this chat may know of the runs of others.
    pub(in crate::app) fn elsewhere_of(&self, chat: &Chat) -> Elsewhere {
        self.with_floor(|floor| {
            let others = floor.held.iter();
            let others = others.filter(|((incident, _), _)| !chat.incidents.contains_key(incident));
            Elsewhere {
                busy: others.flat_map(|(_, held)| held.targets.clone()).collect(),
                rests: floor.rests.clone(),
            }
        })
    }
}

fn goes_first(run: &Run, plan: &Plan) -> bool {
    saga::goes_first(&run.lever, run.warrant, plan)
}

fn key(run: &Run, plan: &Plan) -> Option<(String, String)> {
    match &run.lever {
        Lever::Procedure { id, .. } => Some((plan.info.id.clone(), id.clone())),
        Lever::Rotate { .. } => None,
    }
}
