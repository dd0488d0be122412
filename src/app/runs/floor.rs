//! Who is at work on what, in the whole installation: one run for each target, and a rest for procedures that want one.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};

use super::Call;
use crate::incident::saga;
use crate::incident::{Hindrance, Incident, Lever, Mode, Run, RunOutcome, Warrant};
use crate::plan::{Plan, Procedure, Step};

/// A target, by the setting that holds its address: plans may call the same target by different names.
type Target = String;

#[derive(Debug, Default)]
pub(super) struct Floor {
    held: HashMap<Target, Call>,
    /// By plan and procedure: until when it rests.
    rests: HashMap<(String, String), DateTime<Utc>>,
}

impl Floor {
    /// Takes into account what the ledger knows of a run.
    pub(super) fn remember(&mut self, incident: &Incident, run: &Run, now: DateTime<Utc>) {
        // What has not begun asks like everybody else.
        if !run.steps.is_empty() && !saga::is_through(run, &incident.plan, now) {
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
        if run.mode == Mode::Live && !goes_first(run) {
            if let Some(until) = self.rests_until(run, plan).filter(|until| *until > now) {
                return Err(Hindrance::Resting { until });
            }
            let in_the_way = targets(run, plan);
            let in_the_way = in_the_way.iter().filter_map(|it| self.held.get(it));
            if let Some((incident, run)) = in_the_way.copied().find(|other| *other != call) {
                return Err(Hindrance::Busy { incident, run });
            }
        }
        self.take(call, run, plan);
        Ok(())
    }

    /// The runs that make way for one that goes first.
    pub(super) fn in_the_way_of(&self, call: Call, run: &Run, plan: &Plan) -> BTreeSet<Call> {
        if run.mode != Mode::Live || !goes_first(run) {
            return BTreeSet::new();
        }
        let targets = targets(run, plan);
        let held = targets.iter().filter_map(|it| self.held.get(it));
        held.copied().filter(|other| *other != call).collect()
    }

    /// A run is through: nobody waits for it any more.
    pub(super) fn leave(&mut self, call: Call) {
        self.held.retain(|_, holder| *holder != call);
    }

    pub(super) fn note_rest(&mut self, run: &Run, plan: &Plan) {
        let Some(end) = run.ended.as_ref().filter(|_| run.mode == Mode::Live) else {
            return;
        };
        // Whoever failed may try again at once.
        if !matches!(end.outcome, RunOutcome::Succeeded | RunOutcome::Partly) {
            return;
        }
        if let Some(procedure) = procedure(run, plan)
            && let Some(cooldown) = procedure.cooldown
        {
            let key = (plan.info.id.clone(), procedure.id.clone());
            let until = end.at + cooldown.duration();
            let before = self.rests.entry(key).or_insert(until);
            *before = until.max(*before);
        }
    }

    fn rests_until(&self, run: &Run, plan: &Plan) -> Option<DateTime<Utc>> {
        let procedure = procedure(run, plan)?;
        let key = (plan.info.id.clone(), procedure.id.clone());
        self.rests.get(&key).copied()
    }

    fn take(&mut self, call: Call, run: &Run, plan: &Plan) {
        if run.mode == Mode::Live {
            let targets = targets(run, plan);
            self.held.extend(targets.into_iter().map(|it| (it, call)));
        }
    }
}

/// Break-glass and the host wait for nobody.
fn goes_first(run: &Run) -> bool {
    matches!(run.warrant, Warrant::BreakGlass | Warrant::Host)
}

fn procedure<'p>(run: &Run, plan: &'p Plan) -> Option<&'p Procedure> {
    match &run.lever {
        Lever::Procedure { id, .. } => plan.procedures.iter().find(|it| it.id == *id),
        Lever::Rotate { .. } => None,
    }
}

/// The targets that a run changes.
fn targets(run: &Run, plan: &Plan) -> BTreeSet<Target> {
    let of = |step: &Step| {
        let id = step.action.connection().filter(|_| step.action.acts())?;
        let known = plan.connection(id).map(|it| it.address.clone());
        Some(known.unwrap_or_else(|| id.to_owned()))
    };
    let steps = saga::steps(&run.lever, plan);
    let ways_back = steps.iter().filter_map(|it| it.step.undo.as_deref());
    let all = steps.iter().map(|it| &*it.step).chain(ways_back);
    all.filter_map(of).collect()
}
