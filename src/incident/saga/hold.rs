//! Which targets a run holds, and what is in the way of another one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::look::{Look, PartNext};
use super::script::{parts, steps};
use super::words::{Hindrance, RunOutcome};
use super::{Progress, StepState};
use crate::incident::chat::Chat;
use crate::incident::lever::{Lever, Mode, Warrant};
use crate::incident::state::Run;
use crate::plan::{Plan, Procedure, Step};

/// What runs of other chats hold, as far as the installation knows. Nothing in it tells whose they are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Elsewhere {
    /// The targets at which they are at work.
    pub busy: BTreeSet<String>,
    /// Until when a procedure rests, by the ids of its plan and its own.
    pub rests: BTreeMap<(String, String), DateTime<Utc>>,
}

/// Stopping things waits for nobody, whoever agreed to it; nor do break-glass and the host.
pub fn goes_first(lever: &Lever, warrant: Warrant, plan: &Plan) -> bool {
    matches!(warrant, Warrant::BreakGlass | Warrant::Host) || is_fail_safe(lever, plan)
}

/// A procedure that only makes things safer.
pub fn is_fail_safe(lever: &Lever, plan: &Plan) -> bool {
    procedure(lever, plan).is_some_and(|it| it.fail_safe)
}

fn procedure<'p>(lever: &Lever, plan: &'p Plan) -> Option<&'p Procedure> {
    match lever {
        Lever::Procedure { id, .. } => plan.procedures.iter().find(|it| it.id == *id),
        Lever::Rotate { .. } => None,
    }
}

/// The targets that a lever changes, by the setting that holds the address: plans may call the same one by different names.
pub fn targets(lever: &Lever, plan: &Plan) -> BTreeSet<String> {
    let of = |step: &Step| {
        let id = step.action.connection().filter(|_| step.action.acts())?;
        let known = plan.connection(id).map(|it| it.address.clone());
        Some(known.unwrap_or_else(|| id.to_owned()))
    };
    let steps = steps(lever, plan);
    let ways_back = steps.iter().filter_map(|it| it.step.undo.as_deref());
    let all = steps.iter().map(|it| &*it.step).chain(ways_back);
    all.filter_map(of).collect()
}

/// Whether a run is at work, so that no other one may touch its targets. Not once nothing more begins in it, nor while it
/// only waits for a person, unless nobody knows whether a step of it is still under way out there.
pub fn is_at_work(run: &Run, plan: &Plan, now: DateTime<Utc>) -> bool {
    let look = Look { run, plan, now };
    let unsure =
        |it: &StepState| matches!(it.progress, Progress::Running | Progress::Unknown { .. });
    if run.is_over() || run.mode != Mode::Live {
        return false;
    }
    let open = run.aborted.is_none();
    let at_rest = |next| match next {
        PartNext::Over(_) | PartNext::Ask(_) => true,
        PartNext::Start(_) => run.withheld.is_some(),
        PartNext::Undo(_) | PartNext::Wait(_) => false,
    };
    let running = |it: &StepState| it.progress == Progress::Running;
    run.steps.values().any(running)
        || open
            && (run.steps.values().any(unsure)
                || !parts(&run.lever, plan)
                    .iter()
                    .all(|part| at_rest(look.part(part))))
}

/// Until when the procedure of an ended run rests. What failed may be tried again at once, and what is fail-safe always.
pub fn rests_until(run: &Run, plan: &Plan) -> Option<DateTime<Utc>> {
    let end = run.ended.as_ref().filter(|_| run.mode == Mode::Live)?;
    let ran = matches!(end.outcome, RunOutcome::Succeeded | RunOutcome::Partly);
    let procedure = procedure(&run.lever, plan).filter(|it| ran && !it.fail_safe)?;
    Some(end.at + procedure.cooldown?.duration())
}

/// What would keep a lever from running now, as far as is known: to be said before anybody agrees to it. It may be over, or
/// there may be something else, when the run begins: then that counts.
pub fn in_the_way(
    chat: &Chat,
    elsewhere: Option<&Elsewhere>,
    lever: &Lever,
    plan: &Plan,
    now: DateTime<Utc>,
) -> Option<Hindrance> {
    if is_fail_safe(lever, plan) {
        return None;
    }
    let wanted = targets(lever, plan);
    let runs = || {
        let incidents = chat.incidents.values();
        incidents.flat_map(|it| it.runs.iter().map(move |run| (it, run)))
    };
    let same = |a: &Lever| match (a, lever) {
        (Lever::Procedure { id, .. }, Lever::Procedure { id: other, .. }) => id == other,
        _ => false,
    };
    let rests = runs()
        .filter(|(it, run)| it.plan.info.id == plan.info.id && same(&run.lever))
        .filter_map(|(it, run)| rests_until(run, &it.plan))
        .chain(rests_elsewhere(elsewhere, lever, plan))
        .max();
    if let Some(until) = rests.filter(|until| *until > now) {
        return Some(Hindrance::Resting { until });
    }
    // One that has not begun yet may itself be refused.
    runs()
        .filter(|(it, run)| !run.steps.is_empty() && is_at_work(run, &it.plan, now))
        .find(|(it, run)| !targets(&run.lever, &it.plan).is_disjoint(&wanted))
        .map(|(it, run)| Hindrance::Busy {
            incident: it.id,
            run: run.number,
        })
        .or_else(|| {
            let target = wanted.intersection(&elsewhere?.busy).next()?;
            let known = plan.connections.iter().find(|it| it.address == *target);
            let target = known.map_or(target, |it| &it.name).clone();
            Some(Hindrance::BusyElsewhere { target })
        })
}

fn rests_elsewhere(
    elsewhere: Option<&Elsewhere>,
    lever: &Lever,
    plan: &Plan,
) -> Option<DateTime<Utc>> {
    let id = &procedure(lever, plan)?.id;
    let key = (plan.info.id.clone(), id.clone());
    elsewhere?.rests.get(&key).copied()
}
