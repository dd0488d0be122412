//! One look at a run: where its steps stand, and what is due in each part.

use chrono::{DateTime, Duration, Utc};

use super::super::lever::{Mode, StepKey};
use super::super::state::Run;
use super::script::{Part, Planned};
use super::words::{RunOutcome, StepStatus};
use super::{Progress, StepState};
use crate::plan::{Action, Plan, Step};

/// A run as it is looked at.
pub(super) struct Look<'a> {
    pub(super) run: &'a Run,
    pub(super) plan: &'a Plan,
    pub(super) now: DateTime<Utc>,
}

/// Where a step stands, as far as what is due is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// Not begun yet.
    Fresh,
    /// To be begun again now.
    Again,
    /// To be begun again then.
    Waits(DateTime<Utc>),
    /// Nobody knows whether it happened, but a check can tell: it is due.
    Unsure,
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
    /// Not begun, since a step that it needs is not done yet.
    Later,
    /// Not begun, since a step that it needs was not done: a person decides.
    HeldBack,
    /// A person wants everything taken back.
    GivenUp,
}

impl Standing {
    /// A person decides.
    fn is_a_question(self) -> bool {
        matches!(self, Self::Asks | Self::HeldBack)
    }
}

/// What is due in one part.
pub(super) enum PartNext {
    Start(Vec<StepKey>),
    Undo(StepKey),
    Wait(Option<DateTime<Utc>>),
    Ask(Vec<StepKey>),
    Over(RunOutcome),
}

impl Look<'_> {
    pub(super) fn standing(&self, key: &StepKey, step: &Step) -> Standing {
        let Some(state) = self.run.steps.get(key) else {
            return self.before_it_begins(key, step);
        };
        match state.progress {
            Progress::Running => Standing::Running,
            Progress::Succeeded | Progress::Done => Standing::Fine,
            Progress::Skipped => Standing::Skipped,
            Progress::Retry => Standing::Again,
            Progress::GivenUp { .. } => Standing::GivenUp,
            Progress::Failed => self.again(state, step).unwrap_or(Standing::Failed),
            Progress::Unknown { .. } if self.can_be_checked(state, step) => {
                let look = self.run.steps.get(&key.checked());
                if look.is_some_and(|it| it.progress == Progress::Running) {
                    Standing::Running
                } else {
                    Standing::Unsure
                }
            }
            // The check says that it is not done: once more does no harm.
            Progress::Unknown { .. }
                if state.looked == Some(StepStatus::Failed)
                    && step.idempotent
                    && state.tries <= step.retries.max(1) =>
            {
                Standing::Again
            }
            Progress::Unknown { interrupted: true } if step.idempotent || is_our_own(step) => {
                Standing::Again
            }
            Progress::Unknown { .. } => self.again(state, step).unwrap_or(Standing::Asks),
            // Nobody is asked to do what is only looked at.
            Progress::ByHand if self.run.mode == Mode::DryRun => Standing::Fine,
            Progress::ByHand => Standing::Asks,
        }
    }

    fn before_it_begins(&self, key: &StepKey, step: &Step) -> Standing {
        let Some((needed, key)) = self.needed(key, step) else {
            return Standing::Fresh;
        };
        match self.standing(&key, &needed) {
            Standing::Fine => Standing::Fresh,
            Standing::Skipped | Standing::Failed | Standing::GivenUp
                if self.run.mode == Mode::DryRun =>
            {
                Standing::Skipped
            }
            Standing::Skipped | Standing::Failed | Standing::GivenUp => Standing::HeldBack,
            _ => Standing::Later,
        }
    }

    /// The step that must be done before this one.
    fn needed(&self, key: &StepKey, step: &Step) -> Option<(Step, StepKey)> {
        let needed = key.needed(step)?;
        let found = super::step(&self.run.lever, self.plan, &needed)?;
        Some((found, needed))
    }

    /// Whether a check can still tell if it happened: people are asked only after that.
    fn can_be_checked(&self, state: &StepState, step: &Step) -> bool {
        let check = step.check.as_ref();
        let known = check.is_some_and(|id| self.plan.probes.iter().any(|it| it.id == *id));
        known && state.looked.is_none()
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

    pub(super) fn undo_failed(&self, parts: &[Part<'_>]) -> bool {
        undos(parts).any(|(key, undo)| self.standing(&key, undo) == Standing::Failed)
    }

    /// The steps that would take themselves back, and when.
    pub(super) fn provisional<'s>(
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
                    && state.superseded.is_none()
                    && !matches!(taken_back, Standing::Fine | Standing::Skipped);
                let due = if state.take_back {
                    self.now
                } else {
                    state.at + after.duration()
                };
                open.then_some((it, due))
            })
    }

    pub(super) fn asks(&self, parts: &[Part<'_>]) -> Vec<StepKey> {
        let mut asks = Vec::new();
        let open = self.run.aborted.is_none() && self.run.withheld.is_none();
        for part in parts.iter().filter(|_| open) {
            if part.goes_on {
                let steps = part.steps.iter();
                asks.extend(
                    steps
                        .filter(|it| self.standing(&it.key, &it.step).is_a_question())
                        .map(|it| it.key.clone()),
                );
            } else if let PartNext::Ask(steps) = self.part(part) {
                asks.extend(steps);
            }
        }
        for (key, undo) in undos(parts) {
            let ours = !self.is_superseded(&key.put_there());
            if ours && self.standing(&key, undo) == Standing::Asks && !asks.contains(&key) {
                asks.push(key);
            }
        }
        asks
    }

    pub(super) fn part(&self, part: &Part<'_>) -> PartNext {
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
                .filter_map(|(it, standing)| match standing {
                    Standing::Fresh | Standing::Again => {
                        (!halt || self.is_wanted_again(&it.key)).then(|| it.key.clone())
                    }
                    Standing::Unsure => Some(it.key.checked()),
                    _ => None,
                })
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
            let asking = standings.iter().filter(|(_, it)| it.is_a_question());
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
            let only_after = it.key.taken_back_only_after(undo);
            if only_after.is_some_and(|it| !self.may_have_happened(&it)) {
                continue;
            }
            let key = it.key.taken_back();
            match self.standing(&key, undo) {
                Standing::Fresh | Standing::Again => return PartNext::Undo(key),
                Standing::Unsure => return PartNext::Undo(key.checked()),
                Standing::Running => return PartNext::Wait(None),
                Standing::Waits(at) => return PartNext::Wait(Some(at)),
                Standing::Asks => return PartNext::Ask(vec![key]),
                Standing::Fine => {}
                Standing::Skipped
                | Standing::Failed
                | Standing::GivenUp
                | Standing::Later
                | Standing::HeldBack => left = true,
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

    /// A later run has the last word about it.
    fn is_superseded(&self, key: &StepKey) -> bool {
        let state = self.run.steps.get(key);
        state.is_some_and(|it| it.superseded.is_some())
    }

    /// What a later run has the last word about is not this one's to take back.
    fn may_have_happened(&self, key: &StepKey) -> bool {
        let state = self.run.steps.get(key);
        state
            .filter(|it| it.superseded.is_none())
            .is_some_and(|it| {
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
