//! A fail-safe procedure, run without Telegram and without the ledger: `breakglass shutdown`, and the admin endpoint
//! while the ledger takes nothing. The intent and every step go to the journal before and after they happen.

mod plans;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use chrono::Datelike;
use tokio::sync::watch;

use crate::actions::{Done, Execute, Job, Status, Values};
use crate::clock::Clock;
use crate::incident::{
    Approval, Door, HostOutcome, HostRecord, Lever, Refusal, StepFact, StepKey, Tally, clean,
    one_line, policy, saga,
};
use crate::journal::{Journal, JournalError};
use crate::plan::{Action, Plan, Step};

pub use plans::{PlanError, find as find_plan};

/// An executor that does not come back is given up on so long after the step's own limit.
const GRACE: Duration = Duration::from_secs(30);
/// Characters of a reason.
const WHY_MAX: usize = 500;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Pull {
    /// The plan.
    pub plan: Arc<Plan>,
    /// One of its fail-safe procedures.
    pub procedure: String,
    /// Telegram's id of the chat that it belongs to; none: the home chat.
    pub chat: Option<i64>,
    /// Why.
    pub why: String,
    /// Where the asker stood.
    pub door: Door,
    /// Their account on the host.
    pub account: Option<String>,
}

/// Nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Only fail-safe procedures run from here.
    #[error("{procedure:?} does not run from the host, only: {known}")]
    NotFailSafe {
        /// What was asked for.
        procedure: String,
        /// What does.
        known: String,
    },
    /// A reason is missing.
    #[error("give a reason with --reason: it goes on the timeline")]
    NoReason,
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What happens, for whoever watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A step begins.
    Begins {
        /// Its number, from 1.
        number: usize,
        /// How many there are.
        of: usize,
        /// Its name.
        name: String,
    },
    /// It ended.
    Ended {
        /// How.
        outcome: HostOutcome,
        /// What came of it, where that has a kind.
        fact: Option<StepFact>,
        /// In a line; where there is a fact, what was said beside it.
        summary: String,
    },
    /// The journal takes nothing any more; the run goes on.
    Unrecorded {
        /// Why.
        why: String,
    },
}

/// A run whose intent is on the disk.
#[derive(Debug)]
pub struct Begun {
    id: String,
    lever: Lever,
    approval: Approval,
    pull: Pull,
    journal: Option<Journal>,
}

/// A fresh name for a run.
pub fn fresh_id() -> String {
    format!("{:016x}", rand::random::<u64>())
}

/// Checks what is asked for and writes the intent. Without a journal nothing is written: for whoever insists.
///
/// # Errors
/// Nothing was done.
pub fn begin(pull: Pull, journal: Option<Journal>, clock: &Clock) -> Result<Begun, HostError> {
    let now = clock.now();
    let why = one_line(&clean(&pull.why), WHY_MAX);
    if why.is_empty() {
        return Err(HostError::NoReason);
    }
    let granted = policy::host_approval(&pull.plan, &pull.procedure, now.year());
    let (lever, approval) = granted.map_err(|refusal| not_fail_safe(&pull.procedure, refusal))?;
    let id = journal
        .as_ref()
        .map_or_else(fresh_id, |it| it.run().to_owned());
    let mut begun = Begun {
        id,
        lever,
        approval,
        pull,
        journal,
    };
    let intent = HostRecord::Intent {
        door: begun.pull.door,
        plan: begun.pull.plan.info.id.clone(),
        revision: begun.pull.plan.revision.as_str().to_owned(),
        chat: begun.pull.chat,
        lever: begun.lever.clone(),
        fingerprint: begun.approval.fingerprint().to_owned(),
        why,
        account: begun.pull.account.clone(),
        steps: u32::try_from(begun.lever.steps(&begun.pull.plan).len()).unwrap_or(u32::MAX),
    };
    if let Some(journal) = &mut begun.journal {
        journal.append(now, intent)?;
    }
    Ok(begun)
}

/// Whether the procedure may run from the host at all: to be asked before a journal is opened.
///
/// # Errors
/// What may.
pub fn check(plan: &Plan, procedure: &str) -> Result<(), HostError> {
    let granted = policy::host_lever(plan, procedure);
    granted
        .map(drop)
        .map_err(|refusal| not_fail_safe(procedure, refusal))
}

fn not_fail_safe(procedure: &str, refusal: Refusal) -> HostError {
    let known = match refusal {
        Refusal::UnknownWord { known, .. } => known.join(", "),
        other => other.to_string(),
    };
    HostError::NotFailSafe {
        procedure: one_line(procedure, 64),
        known,
    }
}

impl Begun {
    /// The run's name.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Executes the steps in order, past failures: stop as much as possible. Once `stop` is true the step
    /// under way is cut off and the rest left out.
    pub async fn execute<E: Execute>(
        mut self,
        executor: &E,
        clock: &Clock,
        stop: watch::Receiver<bool>,
        mut say: impl FnMut(Progress),
    ) -> Tally {
        let plan = Arc::clone(&self.pull.plan);
        let steps = self.lever.steps(&plan);
        let of = steps.len();
        let mut tally = Tally::default();
        let mut ends: Vec<(&str, HostOutcome)> = Vec::with_capacity(of);
        for (number, (key, step)) in steps.into_iter().enumerate() {
            if *stop.borrow() {
                break;
            }
            say(Progress::Begins {
                number: number + 1,
                of,
                name: step.name.clone(),
            });
            let began = HostRecord::Began {
                step: key.clone(),
                name: step.name.clone(),
            };
            self.record(clock, began, &mut say);
            let left = held_back(step, &ends).or_else(|| left_to_people(step));
            let (outcome, fact, summary) = match left {
                Some(summary) => (HostOutcome::ByHand, None, summary),
                None => self.settled(executor, (&key, step), clock, &stop).await,
            };
            tally.add(outcome);
            ends.push((&step.name, outcome));
            let ended = HostRecord::Ended {
                step: key,
                name: step.name.clone(),
                outcome,
                fact: fact.clone(),
                summary: summary.clone(),
            };
            self.record(clock, ended, &mut say);
            say(Progress::Ended {
                outcome,
                fact,
                summary,
            });
        }
        self.record(clock, tally.over(), &mut say);
        tally
    }

    /// Carries a step out. Where nobody knows whether it happened, its check tells; where that says no, a step that does no
    /// harm is done once more, as in a chat.
    async fn settled<E: Execute>(
        &self,
        executor: &E,
        (key, step): (&StepKey, &Step),
        clock: &Clock,
        halt: &watch::Receiver<bool>,
    ) -> (HostOutcome, Option<StepFact>, String) {
        let look = saga::step(&self.lever, &self.pull.plan, &key.checked());
        let mut tries = 0;
        loop {
            tries += 1;
            let done = self.carry_out(executor, step, clock, halt.clone()).await;
            let Some(look) = look.as_ref().filter(|_| done.0 == HostOutcome::Unknown) else {
                return done;
            };
            if *halt.borrow() {
                return done;
            }
            let (found, fact, said) = self.carry_out(executor, look, clock, halt.clone()).await;
            let again = step.idempotent && tries <= step.retries.max(1);
            match found {
                HostOutcome::Succeeded => {
                    // What counts is what the check found; it is told by the check's name.
                    let told = [look.name.as_str(), said.as_str()];
                    let told = told.into_iter().filter(|it| !it.is_empty());
                    let told = told.collect::<Vec<_>>().join(": ");
                    return (HostOutcome::Succeeded, fact, one_line(&told, 200));
                }
                HostOutcome::Failed if again && !*halt.borrow() => {}
                _ => return done,
            }
        }
    }

    async fn carry_out<E: Execute>(
        &self,
        executor: &E,
        step: &Step,
        clock: &Clock,
        stopping: watch::Receiver<bool>,
    ) -> (HostOutcome, Option<StepFact>, String) {
        let now = clock.now();
        let job = Job {
            approval: self.approval.clone(),
            plan: Arc::clone(&self.pull.plan),
            step: step.clone(),
            values: Values {
                incident: format!("HOST-{}", self.id),
                now,
                since: now - chrono::Duration::days(1),
                ..Values::default()
            },
        };
        let limit = Duration::from_secs(u64::from(step.timeout_seconds)) + GRACE;
        match tokio::time::timeout(limit, executor.execute(job, stopping)).await {
            Ok(done) => {
                let summary = one_line(&done.summary, 200);
                (outcome_of(done.status), done.fact, summary)
            }
            Err(_) => (HostOutcome::Unknown, Some(StepFact::NoEnd), String::new()),
        }
    }

    /// A full disk must not stop a shutdown that has begun.
    fn record(&mut self, clock: &Clock, record: HostRecord, say: &mut impl FnMut(Progress)) {
        let Some(journal) = &mut self.journal else {
            return;
        };
        if let Err(error) = journal.append(clock.now(), record) {
            say(Progress::Unrecorded {
                why: error.to_string(),
            });
        }
    }
}

/// Steps that nothing on the host can answer for: a message while Telegram may be down, and what must be confirmed
/// within minutes or taken back.
fn left_to_people(step: &Step) -> Option<String> {
    let by_hand = step.by_hand.as_deref().unwrap_or(&step.name);
    match (&step.action, step.revert_after) {
        (Action::Notify { .. }, _) => Some("tell the team yourself".to_owned()),
        (Action::Collect { .. }, _) => {
            Some("keep the evidence yourself, before it is gone".to_owned())
        }
        (_, Some(span)) => Some(one_line(
            &format!(
                "somebody must be there to take it back within {} minutes: {by_hand}",
                span.0
            ),
            200,
        )),
        _ => None,
    }
}

/// A step whose needed step is not done, whoever was to do that: only a person knows when it is.
fn held_back(step: &Step, ends: &[(&str, HostOutcome)]) -> Option<String> {
    let needed = usize::try_from(step.needs?.checked_sub(1)?).ok()?;
    let (name, outcome) = ends.get(needed)?;
    let by_hand = step.by_hand.as_deref().unwrap_or(&step.name);
    (*outcome != HostOutcome::Succeeded).then(|| {
        one_line(
            &format!("only once this is done: {name}. Then: {by_hand}"),
            200,
        )
    })
}

fn outcome_of(status: Status) -> HostOutcome {
    match status {
        Status::Succeeded => HostOutcome::Succeeded,
        Status::Failed => HostOutcome::Failed,
        Status::Unknown => HostOutcome::Unknown,
        Status::ByHand => HostOutcome::ByHand,
    }
}

/// Executes nothing: says of each step what a person does. For a machine on which no target is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct OnPaper;

impl Execute for OnPaper {
    async fn execute(&self, job: Job, _stop: watch::Receiver<bool>) -> Done {
        let summary = job.step.by_hand.unwrap_or(job.step.name);
        Done {
            status: Status::ByHand,
            fact: None,
            summary: one_line(&summary, 200),
            code: None,
            output: None,
        }
    }
}
