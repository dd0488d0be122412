//! One step is executed, by whom it concerns.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::task::{Ended, Seen};
use super::{Call, Runner};
use crate::actions::{Done, Execute, Gather, Gathering, Job, Status, Values};
use crate::incident::Approval;
use crate::incident::{By, Command, Lever, Mode, StepFact, StepKey, StepReport, StepStatus};
use crate::panics;
use crate::plan::{Action, Plan, Step};

/// How much longer than its limit a step may take before the runner gives it up: the executor has its own limit, and
/// ends a program in two goes.
const GRACE: Duration = Duration::from_mins(1);

/// A step with all that its execution needs.
pub(super) struct Order {
    call: Call,
    approval: Approval,
    key: StepKey,
    attempt: u32,
    step: Step,
    plan: Arc<Plan>,
    values: Values,
    mode: Mode,
    asked_by: By,
}

impl Order {
    pub(super) fn new(
        call: Call,
        seen: &Seen,
        approval: Approval,
        key: StepKey,
        attempt: u32,
        step: Step,
    ) -> Self {
        let run = &seen.run;
        let (parameters, rotates) = match &run.lever {
            Lever::Procedure { parameters, .. } => (parameters.clone(), false),
            Lever::Rotate { .. } => (std::collections::BTreeMap::new(), true),
        };
        let values = Values {
            incident: call.0.to_string(),
            // The same for all steps, also after a restart: one may name a file that another one finds.
            now: run.at,
            since: seen.since,
            parameters,
            generated: rotates.then(|| generated(call, &key.part)),
        };
        Self {
            call,
            mode: approval.mode(),
            approval,
            key,
            attempt,
            step,
            plan: Arc::clone(&seen.plan),
            values,
            asked_by: run.asked_by.clone(),
        }
    }

    pub(super) fn job(&self) -> Job {
        Job {
            approval: self.approval.clone(),
            plan: Arc::clone(&self.plan),
            step: self.step.clone(),
            values: self.values.clone(),
        }
    }
}

impl<L: Execute, R: Execute, G: Gather> Runner<L, R, G> {
    /// Executes a step. Whatever happens, it ends: a panic and an executor that never answers count as unknown.
    pub(super) fn execute(
        self: &Arc<Self>,
        order: Order,
    ) -> impl Future<Output = Ended> + Send + use<L, R, G> {
        let (runner, stop) = (Arc::clone(self), self.stop.clone());
        async move {
            let (key, attempt) = (order.key.clone(), order.attempt);
            let limit = limit(&order);
            let mut one = JoinSet::new();
            one.spawn(runner.of_its_kind(order, stop.clone()));
            let report = match tokio::time::timeout(limit, one.join_next()).await {
                Ok(Some(Ok(report))) => report,
                Ok(Some(Err(error))) => {
                    tracing::error!("an executor broke: {}", panics::broken(&error));
                    Some(StepReport::unknown(StepFact::Broke))
                }
                Ok(None) | Err(_) => Some(StepReport::unknown(StepFact::NoEnd)),
            };
            // Cut off by our own end: taken up again after the start.
            let report = report.map(|report| StepReport {
                interrupted: report.status == StepStatus::Unknown && *stop.borrow(),
                ..report
            });
            Ended {
                step: key,
                attempt,
                report,
            }
        }
    }

    async fn of_its_kind(
        self: Arc<Self>,
        order: Order,
        stop: watch::Receiver<bool>,
    ) -> Option<StepReport> {
        let rehearses = order.mode != Mode::Live;
        Some(match &order.step.action {
            Action::Notify { template } if order.mode != Mode::DryRun => {
                let run = order.call.1;
                let notifies = || Command::StepNotifies {
                    run,
                    step: order.key.clone(),
                    attempt: order.attempt,
                    template: template.clone(),
                };
                self.tell(order.call, notifies).await;
                return None;
            }
            Action::Manual { text, .. } if order.mode != Mode::DryRun => StepReport {
                status: StepStatus::ByHand,
                summary: text.clone(),
                ..StepReport::succeeded()
            },
            _ if rehearses => report(self.executors.rehearsal.execute(order.job(), stop).await),
            Action::Wait { seconds } => self.wait(*seconds, stop).await,
            Action::Collect { collectors } => self.collect(&order, collectors, &stop).await,
            _ => report(self.executors.live.execute(order.job(), stop).await),
        })
    }

    async fn wait(&self, seconds: u32, mut stop: watch::Receiver<bool>) -> StepReport {
        let pause = Duration::from_secs(u64::from(seconds));
        tokio::select! {
            () = self.house.clock().sleep(pause) => StepReport::succeeded(),
            _ = stop.wait_for(|stop| *stop) => StepReport::interrupted(),
        }
    }

    /// The collectors of the step become one collection.
    async fn collect(
        &self,
        order: &Order,
        collectors: &[String],
        stop: &watch::Receiver<bool>,
    ) -> StepReport {
        let mut failures = Vec::new();
        let mut known = Vec::new();
        for id in collectors {
            match order.plan.collectors.iter().find(|it| it.id == *id) {
                Some(collector) => known.push(collector.clone()),
                None => failures.push(format!("{id}: the plan has no such collector")),
            }
        }
        let gathering = Gathering {
            approval: order.approval.clone(),
            plan: Arc::clone(&order.plan),
            collectors: known,
            values: order.values.clone(),
            asked_by: order.asked_by.clone(),
        };
        let gathered = self.executors.gather.gather(gathering, stop.clone()).await;
        if *stop.borrow() {
            return StepReport::interrupted();
        }
        let stored = gathered.stored;
        failures.extend(gathered.failures);
        StepReport {
            status: if failures.is_empty() {
                StepStatus::Succeeded
            } else {
                StepStatus::Failed
            },
            fact: Some(StepFact::Gathered {
                kept: stored,
                missing: failures.len(),
            }),
            summary: failures.into_iter().next().unwrap_or_default(),
            ..StepReport::succeeded()
        }
    }
}

/// So long at most.
fn limit(order: &Order) -> Duration {
    let of = |seconds: u32| Duration::from_secs(u64::from(seconds));
    let own = of(order.step.timeout_seconds);
    GRACE
        + match &order.step.action {
            Action::Wait { seconds } => own + of(*seconds),
            Action::Collect { collectors } => {
                let each = collectors.iter().filter_map(|id| {
                    let found = order.plan.collectors.iter().find(|it| it.id == *id);
                    found.map(|it| of(it.timeout_seconds) + GRACE)
                });
                own + each.sum::<Duration>()
            }
            Action::Probe { probe } => {
                let found = order.plan.probes.iter().find(|it| it.id == *probe);
                own + found.map_or(Duration::ZERO, |it| of(it.timeout_seconds))
            }
            _ => own,
        }
}

fn report(done: Done) -> StepReport {
    let (output_sha256, output_bytes) = match done.output {
        Some(output) => (Some(output.sha256), Some(output.total)),
        None => (None, None),
    };
    StepReport {
        status: match done.status {
            Status::Succeeded => StepStatus::Succeeded,
            Status::Failed => StepStatus::Failed,
            Status::Unknown => StepStatus::Unknown,
            Status::ByHand => StepStatus::ByHand,
        },
        fact: done.fact,
        summary: done.summary,
        code: done.code,
        output_sha256,
        output_bytes,
        interrupted: false,
    }
}

/// The name under which the secret of a rotation is kept until it is through.
pub(super) fn generated(call: Call, credential: &str) -> String {
    format!("{}-{}-{credential}", call.0, call.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::IncidentId;
    use crate::plan;

    fn order(action: Action) -> Order {
        let plan = plan::parse(plan::default_source()).unwrap_or_else(|it| panic!("{it:?}"));
        let mut step = plan.procedures[0].steps[0].clone();
        step.action = action;
        step.timeout_seconds = 30;
        let id = IncidentId::security(2026, 1);
        let lever = Lever::Procedure {
            id: plan.procedures[0].id.clone(),
            parameters: std::collections::BTreeMap::new(),
        };
        Order {
            call: (id, 1),
            approval: Approval::for_tests(id, 1, Mode::Live, lever, &plan),
            key: StepKey {
                part: "x".to_owned(),
                index: 0,
                undo: false,
                check: false,
            },
            attempt: 1,
            step,
            plan: Arc::new(plan),
            values: Values::default(),
            mode: Mode::Live,
            asked_by: By::Bot,
        }
    }

    #[test]
    fn whatever_runs_has_a_limit_beyond_its_own() {
        let manual = Action::Manual {
            text: String::new(),
            link: None,
        };
        assert_eq!(limit(&order(manual)), Duration::from_secs(90));
        let wait = Action::Wait { seconds: 600 };
        assert_eq!(limit(&order(wait)), Duration::from_secs(690));
        let all = order(Action::Collect {
            collectors: Vec::new(),
        });
        let collectors: Vec<String> = all.plan.collectors.iter().map(|it| it.id.clone()).collect();
        let seconds: u32 = all
            .plan
            .collectors
            .iter()
            .map(|it| it.timeout_seconds + 60)
            .sum();
        let own = limit(&order(Action::Collect { collectors }));
        assert_eq!(own, Duration::from_secs(90 + u64::from(seconds)));
    }
}
