//! What is due.

use chrono::{DateTime, Utc};

use super::super::lever::StepKey;
use super::super::state::Run;
use super::Progress;
use super::look::{Look, PartNext, Standing};
use super::script::parts;
use super::words::{Choice, RunOutcome};
use crate::plan::{Action, Plan};

/// What is due in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Begin these, all at once.
    Start(Vec<StepKey>),
    /// Take this one back: the key is that of the step that does it, or of the look at whether it did.
    Undo(StepKey),
    /// Something is under way, or waits for its time.
    Wait {
        /// Look again then, if nothing happens before.
        until: Option<DateTime<Utc>>,
    },
    /// It stands: a person must decide about these.
    Ask {
        /// In order.
        steps: Vec<StepKey>,
        /// Look again then all the same.
        until: Option<DateTime<Utc>>,
    },
    /// It is over.
    End(RunOutcome),
}

/// What is due in a run now. The only place that knows.
pub fn next(run: &Run, plan: &Plan, now: DateTime<Utc>) -> Next {
    if let Some(end) = &run.ended {
        return Next::End(end.outcome);
    }
    let look = Look { run, plan, now };
    let parts = parts(&run.lever, plan);
    let mut waiting = run
        .steps
        .values()
        .any(|it| it.progress == Progress::Running);
    if look.undo_failed(&parts) {
        return if waiting {
            Next::Wait { until: None }
        } else {
            Next::End(RunOutcome::UndoFailed)
        };
    }
    let mut until = None;
    // What takes itself back does so whatever else goes on.
    for (step, due) in look.provisional(&parts) {
        let Some(undo) = step.step.undo.as_deref() else {
            continue;
        };
        let key = step.key.taken_back();
        match look.standing(&key, undo) {
            Standing::Fresh if due > now => until = Some(soonest(until, due)),
            Standing::Fresh | Standing::Again => return Next::Undo(key),
            Standing::Unsure => return Next::Undo(key.checked()),
            Standing::Waits(at) => until = Some(soonest(until, at)),
            _ => {}
        }
    }
    let mut outcomes = Vec::with_capacity(parts.len());
    if run.aborted.is_none() {
        for part in &parts {
            match look.part(part) {
                PartNext::Start(mut steps) if run.withheld.is_some() => {
                    // Looking does no harm, and tells what there is to take back.
                    steps.retain(|it| it.check);
                    if !steps.is_empty() {
                        return Next::Start(steps);
                    }
                    outcomes.push(RunOutcome::Stopped);
                }
                PartNext::Ask(_) if run.withheld.is_some() => outcomes.push(RunOutcome::Stopped),
                PartNext::Start(steps) => return Next::Start(steps),
                PartNext::Undo(step) => return Next::Undo(step),
                PartNext::Wait(at) => {
                    waiting = true;
                    until = at.map_or(until, |at| Some(soonest(until, at)));
                    break;
                }
                PartNext::Ask(_) => {}
                PartNext::Over(outcome) => outcomes.push(outcome),
            }
        }
    }
    let steps = look.asks(&parts);
    if waiting {
        Next::Wait { until }
    } else if !steps.is_empty() {
        Next::Ask { steps, until }
    } else if until.is_some() {
        Next::Wait { until }
    } else if run.aborted.is_some() {
        Next::End(RunOutcome::Aborted)
    } else {
        Next::End(together(&outcomes))
    }
}

/// The steps that wait for a person's decision, in order.
pub fn asks(run: &Run, plan: &Plan, now: DateTime<Utc>) -> Vec<StepKey> {
    if run.is_over() {
        return Vec::new();
    }
    let look = Look { run, plan, now };
    let parts = parts(&run.lever, plan);
    if look.undo_failed(&parts) {
        return Vec::new();
    }
    look.asks(&parts)
}

/// All about which a person can decide: the steps that wait for one, and those that take themselves back unless they are kept.
pub fn questions(run: &Run, plan: &Plan, now: DateTime<Utc>) -> Vec<StepKey> {
    let mut steps = asks(run, plan, now);
    let held = run.steps.keys();
    let held = held.filter(|step| kept_until(run, plan, step).is_some());
    let held: Vec<StepKey> = held.filter(|it| !steps.contains(it)).cloned().collect();
    steps.extend(held);
    steps
}

/// What a person can decide about a step now.
pub fn choices(run: &Run, plan: &Plan, key: &StepKey, now: DateTime<Utc>) -> &'static [Choice] {
    if asks(run, plan, now).contains(key) {
        if !run.steps.contains_key(key) {
            // Held back: what it needs was not done.
            return &[Choice::Retry, Choice::Done, Choice::Skip];
        }
        let by_hand = run
            .steps
            .get(key)
            .is_some_and(|it| it.progress == Progress::ByHand);
        return match (key.undo, by_hand) {
            (true, _) => &[Choice::Retry, Choice::Done, Choice::Skip],
            // What only a person can do is not tried again by the bot.
            (false, true) if is_manual(run, plan, key) => {
                &[Choice::Done, Choice::Skip, Choice::Undo]
            }
            (false, true) => &[Choice::Done, Choice::Skip, Choice::Retry, Choice::Undo],
            (false, false) => &Choice::ALL,
        };
    }
    if kept_until(run, plan, key).is_some() {
        return &[Choice::Done, Choice::Undo];
    }
    &[]
}

fn is_manual(run: &Run, plan: &Plan, key: &StepKey) -> bool {
    let step = super::step(&run.lever, plan, key);
    step.is_some_and(|it| matches!(it.action, Action::Manual { .. }))
}

/// Until when somebody can confirm a step before it takes itself back.
pub fn kept_until(run: &Run, plan: &Plan, key: &StepKey) -> Option<DateTime<Utc>> {
    if run.is_over() {
        return None;
    }
    let look = Look {
        run,
        plan,
        now: DateTime::<Utc>::MIN_UTC,
    };
    let parts = parts(&run.lever, plan);
    let mut held = look.provisional(&parts);
    let (step, due) = held.find(|(step, _)| step.key == *key)?;
    let begun = run.steps.contains_key(&step.key.taken_back());
    (!begun && !run.steps.get(key)?.take_back).then_some(due)
}

/// The earlier one.
fn soonest(until: Option<DateTime<Utc>>, at: DateTime<Utc>) -> DateTime<Utc> {
    until.map_or(at, |until| until.min(at))
}

/// The outcome of several parts.
fn together(outcomes: &[RunOutcome]) -> RunOutcome {
    let all = |wanted| !outcomes.is_empty() && outcomes.iter().all(|it| *it == wanted);
    if all(RunOutcome::Succeeded) {
        RunOutcome::Succeeded
    } else if all(RunOutcome::Undone) {
        RunOutcome::Undone
    } else if outcomes.is_empty() || outcomes.contains(&RunOutcome::Stopped) {
        RunOutcome::Stopped
    } else {
        RunOutcome::Partly
    }
}
