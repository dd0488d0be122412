//! What is due.

use chrono::{DateTime, Duration, Utc};

use super::super::lever::{Mode, StepKey};
use super::super::state::Run;
use super::script::{Part, Planned, parts};
use super::words::{Choice, RunOutcome};
use super::{Progress, StepState};
use crate::plan::{Action, Plan, Step};

/// What is due in a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Begin these, all at once.
    Start(Vec<StepKey>),
    /// Take this one back: the key is that of the step that does it.
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
    let look = Look { run, now };
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
            Standing::Waits(at) => until = Some(soonest(until, at)),
            _ => {}
        }
    }
    let mut outcomes = Vec::with_capacity(parts.len());
    if run.aborted.is_none() {
        for part in &parts {
            match look.part(part) {
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

/// Nothing more begins in it, unless a step takes itself back: it is in nobody's way.
pub fn is_through(run: &Run, plan: &Plan, now: DateTime<Utc>) -> bool {
    let look = Look { run, now };
    let running = |it: &StepState| it.progress == Progress::Running;
    run.is_over()
        || !run.steps.values().any(running)
            && (run.aborted.is_some()
                || parts(&run.lever, plan)
                    .iter()
                    .all(|part| matches!(look.part(part), PartNext::Over(_))))
}

/// The steps that wait for a person's decision, in order.
pub fn asks(run: &Run, plan: &Plan, now: DateTime<Utc>) -> Vec<StepKey> {
    if run.is_over() {
        return Vec::new();
    }
    let look = Look { run, now };
    let parts = parts(&run.lever, plan);
    if look.undo_failed(&parts) {
        return Vec::new();
    }
    look.asks(&parts)
}

/// What a person can decide about a step now.
pub fn choices(run: &Run, plan: &Plan, key: &StepKey, now: DateTime<Utc>) -> &'static [Choice] {
    if asks(run, plan, now).contains(key) {
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
        now: DateTime::<Utc>::MIN_UTC,
    };
    let parts = parts(&run.lever, plan);
    let mut held = look.provisional(&parts);
    let (step, due) = held.find(|(step, _)| step.key == *key)?;
    let begun = run.steps.contains_key(&step.key.taken_back());
    (!begun && !run.steps.get(key)?.take_back).then_some(due)
}

struct Look<'a> {
    run: &'a Run,
    now: DateTime<Utc>,
}

/// Where a step stands, as far as what is due is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Not begun yet.
    Fresh,
    /// To be begun again now.
    Again,
    /// To be begun again then.
    Waits(DateTime<Utc>),
    /// Under way.
    Running,
    /// Done.
    Fine,
    /// Left out.
    Skipped,
    /// Failed for good.
    Failed,
    /// Nobody knows, or a person must do it.
    Asks,
    /// A person wants everything taken back.
    GivenUp,
}

/// What is due in one part.
enum PartNext {
    Start(Vec<StepKey>),
    Undo(StepKey),
    Wait(Option<DateTime<Utc>>),
    Ask(Vec<StepKey>),
    Over(RunOutcome),
}

impl Look<'_> {
    fn standing(&self, key: &StepKey, step: &Step) -> Standing {
        let Some(state) = self.run.steps.get(key) else {
            return Standing::Fresh;
        };
        match state.progress {
            Progress::Running => Standing::Running,
            Progress::Succeeded | Progress::Done => Standing::Fine,
            Progress::Skipped => Standing::Skipped,
            Progress::Retry => Standing::Again,
            Progress::GivenUp { .. } => Standing::GivenUp,
            Progress::Failed => self.again(state, step).unwrap_or(Standing::Failed),
            Progress::Unknown { interrupted: true } if step.idempotent || is_our_own(step) => {
                Standing::Again
            }
            Progress::Unknown { .. } => self.again(state, step).unwrap_or(Standing::Asks),
            // Nobody is asked to do what is only looked at.
            Progress::ByHand if self.run.mode == Mode::DryRun => Standing::Fine,
            Progress::ByHand => Standing::Asks,
        }
    }

    /// When it is tried again by itself. A step that must not happen twice is not, whatever a plan says.
    fn again(&self, state: &StepState, step: &Step) -> Option<Standing> {
        if !step.idempotent || state.tries > step.retries {
            return None;
        }
        let at = state.at + Duration::seconds(i64::from(step.retry_wait_seconds));
        Some(if at <= self.now {
            Standing::Again
        } else {
            Standing::Waits(at)
        })
    }

    fn undo_failed(&self, parts: &[Part<'_>]) -> bool {
        undos(parts).any(|(key, undo)| self.standing(&key, undo) == Standing::Failed)
    }

    /// The steps that would take themselves back, and when.
    fn provisional<'s>(
        &'s self,
        parts: &'s [Part<'_>],
    ) -> impl Iterator<Item = (&'s Planned<'s>, DateTime<Utc>)> + 's {
        let steps = parts.iter().flat_map(|part| &part.steps);
        steps
            .filter(|_| self.run.mode != Mode::DryRun)
            .filter_map(|it| {
                let state = self.run.steps.get(&it.key)?;
                let after = it.step.revert_after?;
                let undo = it.step.undo.as_deref()?;
                let taken_back = self.standing(&it.key.taken_back(), undo);
                let open = state.progress == Progress::Succeeded
                    && !state.kept
                    && !matches!(taken_back, Standing::Fine | Standing::Skipped);
                let due = if state.take_back {
                    self.now
                } else {
                    state.at + after.duration()
                };
                open.then_some((it, due))
            })
    }

    fn asks(&self, parts: &[Part<'_>]) -> Vec<StepKey> {
        let mut asks = Vec::new();
        for part in parts.iter().filter(|_| self.run.aborted.is_none()) {
            if part.goes_on {
                let steps = part.steps.iter();
                asks.extend(
                    steps
                        .filter(|it| self.standing(&it.key, &it.step) == Standing::Asks)
                        .map(|it| it.key.clone()),
                );
            } else if let PartNext::Ask(steps) = self.part(part) {
                asks.extend(steps);
            }
        }
        for (key, undo) in undos(parts) {
            if self.standing(&key, undo) == Standing::Asks && !asks.contains(&key) {
                asks.push(key);
            }
        }
        asks
    }

    fn part(&self, part: &Part<'_>) -> PartNext {
        let mut asks = Vec::new();
        let mut flawed = false;
        let together = |a: &Planned<'_>, b: &Planned<'_>| {
            a.step.group.is_some() && a.step.group == b.step.group
        };
        for group in part.steps.chunk_by(together) {
            let standings: Vec<(&Planned<'_>, Standing)> = group
                .iter()
                .map(|it| (it, self.standing(&it.key, &it.step)))
                .collect();
            let lost = |it: &Standing| matches!(it, Standing::Failed | Standing::GivenUp);
            let halt = !part.goes_on && standings.iter().any(|(_, it)| lost(it));
            // Where it stops, only what a person wants again is begun.
            let start: Vec<StepKey> = standings
                .iter()
                .filter(|(_, it)| matches!(it, Standing::Fresh | Standing::Again))
                .filter(|(it, _)| !halt || self.is_wanted_again(&it.key))
                .map(|(it, _)| it.key.clone())
                .collect();
            if !start.is_empty() {
                return PartNext::Start(start);
            }
            if standings.iter().any(|(_, it)| *it == Standing::Running) {
                return PartNext::Wait(None);
            }
            let waits = standings.iter().filter_map(|(_, it)| match it {
                Standing::Waits(at) => Some(*at),
                _ => None,
            });
            if let Some(at) = waits.min().filter(|_| !halt) {
                return PartNext::Wait(Some(at));
            }
            let asking = standings.iter().filter(|(_, it)| *it == Standing::Asks);
            asks.extend(asking.map(|(it, _)| it.key.clone()));
            if !part.goes_on && !asks.is_empty() {
                return PartNext::Ask(asks);
            }
            if halt {
                return self.unwind(part);
            }
            flawed |= standings
                .iter()
                .any(|(_, it)| lost(it) || *it == Standing::Skipped);
        }
        if !asks.is_empty() {
            return PartNext::Ask(asks);
        }
        PartNext::Over(if flawed {
            RunOutcome::Partly
        } else {
            RunOutcome::Succeeded
        })
    }

    /// It stopped: takes back, last first, what can be taken back.
    fn unwind(&self, part: &Part<'_>) -> PartNext {
        let happened: Vec<&Planned<'_>> = part
            .steps
            .iter()
            .rev()
            .filter(|it| self.may_have_happened(&it.key))
            .collect();
        let given_up = part
            .steps
            .iter()
            .any(|it| self.standing(&it.key, &it.step) == Standing::GivenUp);
        // Nothing can be taken back: a person knows better than to leave it so.
        if !given_up && happened.iter().all(|it| it.step.undo.is_none()) {
            let failed = part.steps.iter();
            let failed = failed.filter(|it| self.standing(&it.key, &it.step) == Standing::Failed);
            return PartNext::Ask(failed.map(|it| it.key.clone()).collect());
        }
        let mut left = false;
        for it in happened {
            let Some(undo) = it.step.undo.as_deref() else {
                left |= it.step.action.acts();
                continue;
            };
            let key = it.key.taken_back();
            match self.standing(&key, undo) {
                Standing::Fresh | Standing::Again => return PartNext::Undo(key),
                Standing::Running => return PartNext::Wait(None),
                Standing::Waits(at) => return PartNext::Wait(Some(at)),
                Standing::Asks => return PartNext::Ask(vec![key]),
                Standing::Fine => {}
                Standing::Skipped | Standing::Failed | Standing::GivenUp => left = true,
            }
        }
        PartNext::Over(if left {
            RunOutcome::Stopped
        } else {
            RunOutcome::Undone
        })
    }

    fn is_wanted_again(&self, key: &StepKey) -> bool {
        let state = self.run.steps.get(key);
        state.is_some_and(|it| it.progress == Progress::Retry)
    }

    fn may_have_happened(&self, key: &StepKey) -> bool {
        let state = self.run.steps.get(key);
        state.is_some_and(|it| {
            matches!(
                it.progress,
                Progress::Succeeded
                    | Progress::Done
                    | Progress::Unknown { .. }
                    | Progress::GivenUp { happened: true }
            )
        })
    }
}

/// Done by the bot itself and by nobody outside: cut off, it did nothing.
fn is_our_own(step: &Step) -> bool {
    matches!(
        step.action,
        Action::Notify { .. } | Action::Wait { .. } | Action::Manual { .. }
    )
}

/// The steps that take others back.
fn undos<'s>(parts: &'s [Part<'_>]) -> impl Iterator<Item = (StepKey, &'s Step)> {
    let steps = parts.iter().flat_map(|part| &part.steps);
    steps.filter_map(|it| {
        let undo = it.step.undo.as_deref()?;
        Some((it.key.taken_back(), undo))
    })
}

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
