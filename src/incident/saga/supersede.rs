//! Which run has the last word about what takes itself back: once a later one has done the same again, has done what
//! would take it back, or is its declared way back, the older run must not touch the target any more.

use std::collections::BTreeMap;

use super::super::chat::Chat;
use super::super::ids::IncidentId;
use super::super::lever::{Lever, Mode, StepKey};
use super::super::state::{Incident, Run};
use super::look::Look;
use super::script::{parts, step, steps};
use super::{Progress, StepState};
use crate::plan::{Action, Plan, Procedure, Step};

/// A step of a run that was or is being executed.
struct Deed<'a> {
    run: &'a Run,
    plan: &'a Plan,
    key: &'a StepKey,
    step: Step,
}

/// The steps that a run would take back by itself, not counting one that is being taken back right now.
pub fn promises(run: &Run, plan: &Plan) -> Vec<StepKey> {
    if run.is_over() {
        return Vec::new();
    }
    let look = Look {
        run,
        plan,
        now: chrono::DateTime::<chrono::Utc>::MIN_UTC,
    };
    let parts = parts(&run.lever, plan);
    let going_back = |key: &StepKey| {
        let back = run.steps.get(&key.taken_back());
        back.is_some_and(|it| it.progress == Progress::Running)
    };
    let held = look.provisional(&parts).map(|(it, _)| it.key.clone());
    held.filter(|key| !going_back(key)).collect()
}

/// The run that has the last word about a step, if that is another one. `fresh` is a run as it will be once the decision
/// that is being made has happened.
pub fn replaced_by(
    chat: &Chat,
    (home, run): (&Incident, &Run),
    key: &StepKey,
    fresh: Option<(IncidentId, &Run)>,
) -> Option<(IncidentId, u32)> {
    let since = run.steps.get(key)?.at;
    let its = Deed::of(run, &home.plan, key)?;
    let mut last = None;
    for (incident, other) in others(chat, (home.id, run)) {
        let now = fresh.filter(|(id, it)| *id == incident.id && it.number == other.number);
        let other = now.map_or(other, |(_, it)| it);
        let done = other.steps.iter().filter(|(key, state)| {
            let put = !key.undo && !key.check;
            put && state.is_fine() && state.superseded.is_none() && state.at >= since
        });
        for (key, state) in done {
            let deed = Deed::of(other, &incident.plan, key);
            let newer = last.is_none_or(|(at, _)| state.at >= at);
            if newer && deed.is_some_and(|it| it.replaces(&its)) {
                last = Some((state.at, (incident.id, other.number)));
            }
        }
    }
    last.map(|(_, run)| run)
}

/// Whether another run does the contrary of one of these steps right now: whichever ended last would win.
pub fn is_contested(chat: &Chat, (home, run): (&Incident, &Run), keys: &[StepKey]) -> bool {
    others(chat, (home.id, run))
        .filter(|(incident, other)| incident.lifecycle.open().is_some() && !other.is_over())
        .any(|(incident, other)| {
            let running = other.steps.iter();
            let running = running.filter(|(_, it)| it.progress == Progress::Running);
            running.map(|(theirs, _)| theirs).any(|theirs| {
                keys.iter().any(|mine| {
                    let mine = (run, &*home.plan, mine);
                    let theirs = (other, &*incident.plan, theirs);
                    undoes(mine, theirs) || undoes(theirs, mine)
                })
            })
        })
}

/// Whether a step takes back by itself what the other one is about to have the last word about.
fn undoes(
    (run, plan, back): (&Run, &Plan, &StepKey),
    (other, its_plan, put): (&Run, &Plan, &StepKey),
) -> bool {
    if !back.undo || back.check || put.undo || put.check {
        return false;
    }
    let meant = back.put_there();
    let provisional = Deed::of(run, plan, &meant).filter(|it| it.step.revert_after.is_some());
    let (Some(provisional), Some(put)) = (provisional, Deed::of(other, its_plan, put)) else {
        return false;
    };
    put.replaces(&provisional)
}

/// The other runs that may be about the same targets: what is rehearsed and what is real never meet.
fn others<'c>(
    chat: &'c Chat,
    (home, run): (IncidentId, &'c Run),
) -> impl Iterator<Item = (&'c Incident, &'c Run)> {
    let all = chat.incidents.values();
    let all = all.flat_map(|it| it.runs.iter().map(move |run| (it, run)));
    all.filter(move |(it, other)| {
        let itself = it.id == home && other.number == run.number;
        !itself && other.mode == run.mode && other.mode != Mode::DryRun
    })
}

impl<'a> Deed<'a> {
    fn of(run: &'a Run, plan: &'a Plan, key: &'a StepKey) -> Option<Self> {
        let step = step(&run.lever, plan, key)?;
        Some(Self {
            run,
            plan,
            key,
            step,
        })
    }

    /// Whether this one says how the other's target stands.
    fn replaces(&self, its: &Deed<'_>) -> bool {
        let Some(back) = its.step.undo.as_deref() else {
            return false;
        };
        if self.plan.info.id != its.plan.info.id {
            return false;
        }
        let mine = self.step.undo.as_deref();
        self.does(&self.step.action, its, &its.step.action)
            || self.does(&self.step.action, its, &back.action)
            || mine.is_some_and(|it| self.does(&it.action, its, &back.action))
            || self.is_way_back_of(its, back)
    }

    /// Whether two actions are one and the same, with the same values.
    fn does(&self, mine: &Action, other: &Deed<'_>, its: &Action) -> bool {
        let bound = || serde_json::to_string(mine).is_ok_and(|it| it.contains("${param."));
        mine == its && (given(self.run) == given(other.run) || !bound())
    }

    /// Whether it completes, on the same target, the procedure that the plan names as the other's way back.
    fn is_way_back_of(&self, its: &Deed<'_>, back: &Step) -> bool {
        let Some(target) = target(its.plan, back) else {
            return false;
        };
        let on_it = |step: &Step| self::target(self.plan, step).is_some_and(|it| it == target);
        let fine = |key: &StepKey| self.run.steps.get(key).is_some_and(StepState::is_fine);
        is_declared_way_back(self, its)
            && on_it(&self.step)
            && steps(&self.run.lever, self.plan)
                .iter()
                .filter(|it| on_it(&it.step))
                .all(|it| it.key == *self.key || fine(&it.key))
    }
}

/// By the plan, and for the same values as far as both take them.
fn is_declared_way_back(mine: &Deed<'_>, its: &Deed<'_>) -> bool {
    let (Lever::Procedure { id, .. }, Some(procedure)) = (&mine.run.lever, procedure(its)) else {
        return false;
    };
    let (mine, its) = (given(mine.run), given(its.run));
    let agree = |(name, value): (&String, &String)| {
        let other = mine.and_then(|it| it.get(name));
        other.is_none_or(|it| it == value)
    };
    procedure.undo.as_ref() == Some(id) && its.into_iter().flatten().all(agree)
}

fn procedure<'p>(deed: &Deed<'p>) -> Option<&'p Procedure> {
    let Lever::Procedure { id, .. } = &deed.run.lever else {
        return None;
    };
    deed.plan.procedures.iter().find(|it| it.id == *id)
}

fn given(run: &Run) -> Option<&BTreeMap<String, String>> {
    match &run.lever {
        Lever::Procedure { parameters, .. } => Some(parameters),
        Lever::Rotate { .. } => None,
    }
}

/// What a step changes, by the setting that holds the address.
fn target<'p>(plan: &'p Plan, step: &'p Step) -> Option<&'p str> {
    let id = step.action.connection().filter(|_| step.action.acts())?;
    let known = plan.connection(id).map(|it| it.address.as_str());
    Some(known.unwrap_or(id))
}
