//! Says what would happen. It has neither a client nor connections nor secrets: nothing can leave.

use tokio::sync::watch;

use super::{Done, Execute, Job, Look, Status, Values, template};
use crate::clock::Clock;
use crate::incident::{Approval, Mode};
use crate::plan::{Action, Check, Collector, Plan};

/// Executes nothing, for drills and dry runs.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    clock: Clock,
}

impl Rehearsal {
    /// Pauses are kept by this clock.
    pub fn new(clock: Clock) -> Self {
        Self { clock }
    }

    /// What a collector would gather.
    pub fn gather(
        &self,
        approval: &Approval,
        plan: &Plan,
        collector: &Collector,
        values: &Values,
    ) -> Done {
        refuse_live(approval).unwrap_or_else(|| {
            let what = would(plan, &collector.action, values);
            Done::new(Status::Succeeded, format!("rehearsed: would {what}"))
        })
    }
}

impl Execute for Rehearsal {
    async fn execute(&self, job: Job, mut stop: watch::Receiver<bool>) -> Done {
        if let Some(refusal) = refuse_live(&job.approval) {
            return refusal;
        }
        match &job.step.action {
            // In a drill people practise what is theirs to do.
            Action::Manual { .. } if job.approval.mode() == Mode::Drill => {
                super::by_hand(&job.step)
            }
            Action::Wait { seconds } if job.approval.mode() == Mode::Drill => {
                super::pause(&self.clock, *seconds, &mut stop).await
            }
            action => {
                let what = would(&job.plan, action, &job.values);
                Done::new(Status::Succeeded, format!("rehearsed: would {what}"))
            }
        }
    }

    async fn look(&self, look: Look, _stop: watch::Receiver<bool>) -> Done {
        self.gather(&look.approval, &look.plan, &look.collector, &look.values)
    }
}

fn refuse_live(approval: &Approval) -> Option<Done> {
    (approval.mode() == Mode::Live)
        .then(|| Done::failed("this is no rehearsal: nothing was executed"))
}

/// What an action would do: with the values that are known, and the names of those that are only there when it is real.
fn would(plan: &Plan, action: &Action, values: &Values) -> String {
    let at = |id: &str| {
        let found = plan.connections.iter().find(|it| it.id == id);
        found.map_or_else(|| id.to_owned(), |it| it.name.clone())
    };
    let put = |text: &str| template::described(text, values);
    match action {
        Action::Http(it) => {
            let path = put(&it.path);
            format!("send {} {path} to {}", it.method, at(&it.connection))
        }
        Action::Command(it) => {
            let argv: Vec<String> = it.argv.iter().map(|it| put(it)).collect();
            format!("run {} on {}", argv.join(" "), at(&it.connection))
        }
        Action::File(it) => {
            let path = put(&it.path);
            format!("{} {path} in {}", it.change, at(&it.connection))
        }
        Action::Sql(it) => format!("run on {}: {}", at(&it.connection), it.statement),
        Action::Service {
            connection,
            unit,
            change,
        } => format!("{change} {unit} on {}", at(connection)),
        Action::Probe { probe } => {
            let found = plan.probes.iter().find(|it| it.id == *probe);
            match found.map(|it| (&it.name, &it.check)) {
                Some((name, Check::Action(action))) if action.connection().is_some() => {
                    format!("check {name}: {}", would(plan, action, values))
                }
                Some((name, _)) => format!("check {name}"),
                None => format!("check {probe}"),
            }
        }
        Action::Collect { collectors } => format!("gather {}", collectors.join(", ")),
        Action::Notify { template } => format!("send the message {template}"),
        Action::Wait { seconds } => format!("wait {seconds} s"),
        Action::Manual { text, .. } => format!("ask a person: {text}"),
    }
}

#[cfg(test)]
mod tests;
