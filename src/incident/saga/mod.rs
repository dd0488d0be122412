//! A run goes on from step to step. Its state is a fold over its events, and [`next`] says from that state alone what is
//! due, so that going on and taking up again after a kill are the same.

mod fact;
mod hold;
mod look;
mod next;
mod script;
mod supersede;
#[cfg(test)]
mod tests;
mod words;

use chrono::{DateTime, Utc};

use super::chat::Chat;
use super::event::IncidentEvent;
use super::ids::IncidentId;
use super::lever::{Lever, Mode, StepKey};
use super::people::By;
use super::state::Run;
use crate::plan::Plan;

pub(super) use fact::lenient as lenient_fact;
#[cfg(test)]
pub(crate) use fact::tests::every as every_fact;
pub use fact::{Bound, Closed, Cut, FileFact, StepFact, Wanted};
pub use hold::{Elsewhere, goes_first, in_the_way, is_at_work, is_fail_safe, rests_until, targets};
pub use next::{Next, asks, choices, kept_until, next, questions};
pub use script::{
    Part, Planned, every_step, every_way_back, is_our_own_restart, number, parts, restarts_bot,
    step, step_by_number, steps,
};
pub use supersede::{is_contested, promises, replaced_by};
pub use words::{Choice, Hindrance, RunOutcome, StepReport, StepStatus};

/// What is known of a step that was begun.
#[derive(Debug, Clone, PartialEq)]
pub struct StepState {
    /// How often it was begun.
    pub attempts: u32,
    /// How often since somebody last said "again". What a restart cut off is not counted.
    pub tries: u32,
    /// Where it stands.
    pub progress: Progress,
    /// Since when.
    pub at: DateTime<Utc>,
    /// What came of its last end.
    pub fact: Option<StepFact>,
    /// One line about its last end; where there is a fact, what was said beside it.
    pub summary: String,
    /// Exit code or HTTP status of its last end.
    pub code: Option<i64>,
    /// What its check said since nobody knew whether it happened.
    pub looked: Option<StepStatus>,
    /// Who decided about it last, and what.
    pub decided: Option<(Choice, By)>,
    /// Somebody confirmed it: it does not take itself back.
    pub kept: bool,
    /// Somebody wants it taken back now.
    pub take_back: bool,
    /// A later run has the last word about it: this one does not take it back any more.
    pub superseded: Option<(IncidentId, u32)>,
}

/// Where a step stands that was begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Under way.
    Running,
    /// As the plan expects.
    Succeeded,
    /// It surely did not do what the plan expects.
    Failed,
    /// It may or may not have happened.
    Unknown {
        /// Only because the bot was ended meanwhile.
        interrupted: bool,
    },
    /// A person must do it.
    ByHand,
    /// A person says that it is done.
    Done,
    /// A person says: go on without it.
    Skipped,
    /// A person says: again.
    Retry,
    /// A person says: take everything back.
    GivenUp {
        /// This one may have happened too.
        happened: bool,
    },
}

/// The end of a run.
#[derive(Debug, Clone, PartialEq)]
pub struct RunEnd {
    /// How it ended.
    pub outcome: RunOutcome,
    /// Why it was refused.
    pub hindrance: Option<Hindrance>,
    /// When.
    pub at: DateTime<Utc>,
}

impl Run {
    /// Nobody has to do anything about it any more.
    pub fn is_over(&self) -> bool {
        self.ended.is_some()
    }

    /// Folds one event of this run.
    pub(super) fn fold(&mut self, event: &IncidentEvent, by: &By, at: DateTime<Utc>) {
        self.version += 1;
        match event {
            IncidentEvent::StepStarted { step, attempt, .. } => {
                let state = self.begun(step, at);
                state.attempts = *attempt;
                state.tries += 1;
                state.progress = Progress::Running;
                state.looked = None;
                state.superseded = None;
                state.at = at;
            }
            IncidentEvent::StepEnded {
                step,
                status,
                fact,
                summary,
                code,
                interrupted,
                ..
            } => {
                let state = self.begun(step, at);
                if *interrupted {
                    state.tries = state.tries.saturating_sub(1);
                }
                state.progress = match status {
                    StepStatus::Succeeded => Progress::Succeeded,
                    StepStatus::Failed => Progress::Failed,
                    StepStatus::Unknown => Progress::Unknown {
                        interrupted: *interrupted,
                    },
                    StepStatus::ByHand => Progress::ByHand,
                };
                state.at = at;
                state.fact.clone_from(fact);
                state.summary.clone_from(summary);
                state.code = *code;
                if step.check && !interrupted {
                    self.settle(&step.unchecked(), *status, at);
                }
            }
            IncidentEvent::StepDecided { step, choice, .. } => {
                self.begun(step, at).decide(*choice, by, at);
            }
            IncidentEvent::StepSuperseded {
                step,
                incident,
                by_run,
                ..
            } => {
                self.begun(step, at).superseded = Some((*incident, *by_run));
            }
            IncidentEvent::RunAborted { why, .. } => {
                self.aborted = Some((by.clone(), why.clone()));
            }
            IncidentEvent::RunWithheld { hindrance, .. } => {
                self.withheld = Some(hindrance.clone());
            }
            IncidentEvent::RunEnded {
                outcome, hindrance, ..
            } => {
                self.ended = Some(RunEnd {
                    outcome: *outcome,
                    hindrance: hindrance.clone(),
                    at,
                });
            }
            IncidentEvent::ProgressPosted {
                message_id,
                question: true,
                ..
            } => self.question = Some(*message_id),
            IncidentEvent::ProgressPosted { message_id, .. } => self.message = Some(*message_id),
            IncidentEvent::ProgressLost { .. } => self.message = None,
            _ => {}
        }
    }

    /// A check told whether a step happened that nobody knew about.
    fn settle(&mut self, step: &StepKey, said: StepStatus, at: DateTime<Utc>) {
        let state = self.steps.get_mut(step);
        let unknown = |it: &&mut StepState| matches!(it.progress, Progress::Unknown { .. });
        let Some(state) = state.filter(unknown) else {
            return;
        };
        state.looked = Some(said);
        if said == StepStatus::Succeeded {
            state.progress = Progress::Succeeded;
            state.at = at;
        }
    }

    fn begun(&mut self, step: &StepKey, at: DateTime<Utc>) -> &mut StepState {
        self.steps.entry(step.clone()).or_insert(StepState {
            attempts: 0,
            tries: 0,
            progress: Progress::Running,
            at,
            fact: None,
            summary: String::new(),
            code: None,
            looked: None,
            decided: None,
            kept: false,
            take_back: false,
            superseded: None,
        })
    }
}

impl StepState {
    fn decide(&mut self, choice: Choice, by: &By, at: DateTime<Utc>) {
        self.decided = Some((choice, by.clone()));
        let stands = self.progress == Progress::Succeeded;
        match choice {
            Choice::Done if stands => {
                self.kept = true;
                return;
            }
            Choice::Undo if stands => {
                self.take_back = true;
                return;
            }
            Choice::Retry => {
                self.tries = 0;
                self.progress = Progress::Retry;
            }
            Choice::Done => self.progress = Progress::Done,
            Choice::Skip => self.progress = Progress::Skipped,
            Choice::Undo => {
                let happened = matches!(self.progress, Progress::Unknown { .. });
                self.progress = Progress::GivenUp { happened };
            }
        }
        self.at = at;
    }

    /// It did what it should, by itself or by a person's hand.
    pub fn is_fine(&self) -> bool {
        matches!(self.progress, Progress::Succeeded | Progress::Done)
    }
}

/// The credentials that a run rotated whole, check included.
pub fn rotated<'r>(run: &'r Run, plan: &Plan) -> Vec<&'r str> {
    let Lever::Rotate { credentials } = &run.lever else {
        return Vec::new();
    };
    let whole = |id: &&String| {
        let parts = parts(&run.lever, plan);
        parts
            .iter()
            .filter(|part| part.id == id.as_str())
            .flat_map(|part| &part.steps)
            .all(|it| run.steps.get(&it.key).is_some_and(StepState::is_fine))
    };
    let whole = credentials.iter().filter(whole);
    whole.map(String::as_str).collect()
}

/// Whether surely nothing was changed for a credential of a run: each of its steps that acts was not begun, failed for sure,
/// or was left out.
pub fn is_untouched(run: &Run, plan: &Plan, credential: &str) -> bool {
    let parts = parts(&run.lever, plan);
    let steps = parts.iter().filter(|part| part.id == credential);
    let mut acting = steps
        .flat_map(|part| &part.steps)
        .filter(|it| it.step.action.acts());
    acting.all(|it| match run.steps.get(&it.key) {
        None => true,
        // What failed now may have happened at an earlier try.
        Some(state) => {
            state.attempts == 0 || (state.attempts == 1 && state.progress == Progress::Failed)
        }
    })
}

/// When a credential was last rotated for real, as far as this chat knows.
pub fn rotated_at(chat: &Chat, credential: &str) -> Option<DateTime<Utc>> {
    let runs = chat
        .incidents
        .values()
        .flat_map(|incident| incident.runs.iter().map(move |run| (incident, run)));
    runs.filter(|(_, run)| run.mode == Mode::Live)
        .filter(|(incident, run)| rotated(run, &incident.plan).contains(&credential))
        .filter_map(|(_, run)| run.ended.as_ref().map(|end| end.at))
        .max()
}
