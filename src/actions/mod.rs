//! Executes steps: requests, programs, files, statements, services, checks. Whoever wants something done brings an
//! [`Approval`], which only the rules can give.

mod addresses;
mod command;
mod file;
mod frame;
mod gather;
mod generated;
mod http;
mod live;
mod output;
mod probe;
pub mod redact;
mod rehearsal;
mod service;
mod sql;
mod targets;
mod template;
#[cfg(test)]
mod testing;

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::incident::{Approval, StepFact};
use crate::plan::{Action, Collector, Plan, Step};

pub use addresses::Names;
pub use generated::Generated;
pub use live::Live;
pub use rehearsal::Rehearsal;
pub use targets::{NotSetUp, Target, Targets};

pub use gather::{Gather, Gathered, Gathering};

/// One step to execute.
#[derive(Debug, Clone)]
pub struct Job {
    /// The leave to do it.
    pub approval: Approval,
    /// The plan revision that the incident runs under: connections and probes are looked up in it.
    pub plan: Arc<Plan>,
    /// What to do, for how long at most.
    pub step: Step,
    /// What the step's placeholders stand for.
    pub values: Values,
}

/// A look at what a collector finds: it only reads, and nothing of it is kept.
#[derive(Debug, Clone)]
pub struct Look {
    /// The leave to do it.
    pub approval: Approval,
    /// The plan revision whose connections it uses.
    pub plan: Arc<Plan>,
    /// What to run, for how long and how much of it at most.
    pub collector: Collector,
    /// What its placeholders stand for.
    pub values: Values,
}

/// What placeholders stand for. They are put in as data, never as part of a command line or statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    /// `${incident.id}`
    pub incident: String,
    /// `${now}`
    pub now: DateTime<Utc>,
    /// `${since}`: a day before the incident started.
    pub since: DateTime<Utc>,
    /// `${param.NAME}`
    pub parameters: BTreeMap<String, String>,
    /// Under which name the secret behind `${generated}` is kept until the run is over: the same for all steps of one
    /// rotation, also after a restart. None where nothing is generated.
    pub generated: Option<String>,
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// As the plan expects.
    Succeeded,
    /// It surely did not do what the plan expects.
    Failed,
    /// It may or may not have happened.
    Unknown,
    /// A person must do it: it is a manual step, or its connection is not set up. The summary says what to do.
    ByHand,
}

/// What became of a step. Nothing in it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// How it ended.
    pub status: Status,
    /// What came of it, where that has a kind. It has no words: `messages` says it.
    pub fact: Option<StepFact>,
    /// One line, at most 200 characters; where there is a fact, what was said beside it.
    pub summary: String,
    /// Exit code or HTTP status, where there is one.
    pub code: Option<i64>,
    /// What it printed or answered.
    pub output: Option<Output>,
}

/// What a step printed or answered, without secrets, cut where it is too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The beginning, as far as it is kept.
    pub kept: Vec<u8>,
    /// Bytes there were in all.
    pub total: u64,
    /// SHA-256 (hex) of all of them, before anything was taken out.
    pub sha256: String,
}

/// Whoever executes steps: for real, or as a rehearsal that has neither a client nor credentials.
pub trait Execute: Send + Sync + 'static {
    /// Executes one step. `stop` becomes true when it should end early: it then ends as [`Status::Unknown`], or as
    /// [`Status::Failed`] if nothing was begun.
    fn execute(&self, job: Job, stop: watch::Receiver<bool>) -> impl Future<Output = Done> + Send;

    /// Deletes what is kept from before a file step, when nobody will take it back any more: it may be an old secret. The
    /// job is the same as that of [`Execute::execute`].
    fn let_go(&self, _job: Job) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }

    /// Runs a collector only to see what it prints.
    fn look(&self, _look: Look, _stop: watch::Receiver<bool>) -> impl Future<Output = Done> + Send {
        std::future::ready(Done::failed("nothing can be looked up here"))
    }

    /// A rotation is through: the secret that was generated under this name is where it belongs, and kept here no longer.
    fn forget(&self, _generated: String) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

impl<T: Execute> Execute for Arc<T> {
    fn execute(&self, job: Job, stop: watch::Receiver<bool>) -> impl Future<Output = Done> + Send {
        T::execute(self, job, stop)
    }

    fn let_go(&self, job: Job) -> impl Future<Output = ()> + Send {
        T::let_go(self, job)
    }

    fn look(&self, look: Look, stop: watch::Receiver<bool>) -> impl Future<Output = Done> + Send {
        T::look(self, look, stop)
    }

    fn forget(&self, generated: String) -> impl Future<Output = ()> + Send {
        T::forget(self, generated)
    }
}

/// A person does it.
fn by_hand(step: &Step) -> Done {
    match &step.action {
        Action::Manual { text, link } => {
            let link = link.as_deref().unwrap_or_default();
            Done::new(Status::ByHand, format!("{text} {link}"))
        }
        _ => Done::new(
            Status::ByHand,
            step.by_hand.as_deref().unwrap_or(&step.name),
        ),
    }
}

/// A pause that can be ended early.
async fn pause(clock: &Clock, seconds: u32, stop: &mut watch::Receiver<bool>) -> Done {
    tokio::select! {
        biased;
        () = frame::stopped(stop) => Done::failed(StepFact::CutOff),
        () = clock.sleep(Duration::from_secs(seconds.into())) => {
            Done::new(Status::Succeeded, StepFact::Waited { seconds })
        }
    }
}
