//! Executes for real.

mod kept;
mod leave;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rustls::RootCertStore;
use tokio::sync::watch;

use super::addresses::Names;
use super::frame::Frame;
use super::generated::Generated;
use super::output::{Keep, Why};
use super::redact::Redactor;
use super::targets::{NotSetUp, Target, Targets};
use super::template::{self, Filler};
use super::{Done, Execute, Job, Look, Status, Values};
use super::{command, file, http, probe, service, sql};
use crate::clock::Clock;
use crate::incident::{Approval, StepFact};
use crate::panics;
use crate::plan::{Action, Check, Collector, Plan, Probe};
use crate::secret::Secret;

/// So much of a step's output is kept.
const KEPT: u64 = 64 * 1024;
/// So much of a collector's output is kept in memory, whatever its own cap; beyond it belongs into a file.
const IN_MEMORY: u64 = 64 * 1024 * 1024;
/// How long a program may take to end when it is told to.
const GRACE: Duration = Duration::from_secs(5);

/// The executor that acts on the plan's connections.
#[derive(Debug, Clone)]
pub struct Live {
    targets: Targets,
    generated: Generated,
    clock: Clock,
    names: Names,
    grace: Duration,
    roots: Arc<RootCertStore>,
}

/// What an action is done for.
struct Purpose<'a> {
    approval: &'a Approval,
    plan: &'a Plan,
    values: &'a Values,
    limit: Duration,
    /// A collector or probe: nothing may change.
    reading: bool,
    /// What a person does where the connection is not set up.
    by_hand: &'a str,
}

impl Live {
    /// On these connections; generated secrets are kept in that private folder; pauses are kept by the clock.
    pub fn new(targets: Targets, generated: Generated, clock: Clock) -> Self {
        Self {
            targets,
            generated,
            clock,
            names: Names::System,
            grace: GRACE,
            roots: probe::usual_roots(),
        }
    }

    /// With another way to resolve names.
    pub fn with_names(mut self, names: Names) -> Self {
        self.names = names;
        self
    }

    /// With another time for a program to end when it is told to, before it is killed.
    pub fn with_grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    #[cfg(test)]
    pub(super) fn with_roots(mut self, roots: RootCertStore) -> Self {
        self.roots = Arc::new(roots);
        self
    }

    /// The connections.
    pub fn targets(&self) -> &Targets {
        &self.targets
    }

    /// The secrets that were generated for rotations: [`Generated::forget`] them when the run is over.
    pub fn generated(&self) -> &Generated {
        &self.generated
    }

    /// Gathers evidence; of its output as much is kept in memory as the collector says, at most 64 MiB.
    pub async fn gather(
        &self,
        approval: &Approval,
        plan: &Plan,
        collector: &Collector,
        values: &Values,
        stop: watch::Receiver<bool>,
    ) -> Done {
        let keep = Keep::in_memory(cap(collector).min(IN_MEMORY));
        self.gather_with(approval, plan, collector, values, keep, stop)
            .await
    }

    /// Gathers evidence into an open file, as much as the collector says; the output then holds no bytes of its own.
    pub async fn gather_into(
        &self,
        approval: &Approval,
        plan: &Plan,
        collector: &Collector,
        values: &Values,
        file: std::fs::File,
        stop: watch::Receiver<bool>,
    ) -> Done {
        let keep = Keep {
            cap: cap(collector),
            file: Some(file),
        };
        self.gather_with(approval, plan, collector, values, keep, stop)
            .await
    }

    async fn gather_with(
        &self,
        approval: &Approval,
        plan: &Plan,
        collector: &Collector,
        values: &Values,
        keep: Keep,
        mut stop: watch::Receiver<bool>,
    ) -> Done {
        if let Some(refusal) = leave::for_collector(approval, plan, collector, values, &stop) {
            return refusal;
        }
        let purpose = Purpose {
            approval,
            plan,
            values,
            limit: Duration::from_secs(collector.timeout_seconds.into()),
            reading: true,
            by_hand: collector.by_hand.as_deref().unwrap_or(&collector.name),
        };
        self.act(&purpose, &collector.action, keep, &mut stop).await
    }

    async fn act(
        &self,
        purpose: &Purpose<'_>,
        action: &Action,
        keep: Keep,
        stop: &mut watch::Receiver<bool>,
    ) -> Done {
        let needed = super::targets::variables(action);
        let target = match (action, action.connection()) {
            (Action::Manual { text, link }, _) => {
                let link = link.as_deref().unwrap_or_default();
                return Done::new(Status::ByHand, format!("{text} {link}"));
            }
            (Action::Wait { seconds }, _) => {
                return super::pause(&self.clock, *seconds, stop).await;
            }
            (_, Some(id)) => self.target(purpose, id, &needed),
            (Action::Probe { .. }, None) => {
                return Done::failed("a check does not stand in a check");
            }
            (_, None) => return Done::failed("this is not an executor's step"),
        };
        let target = match target {
            Ok(target) => target,
            Err(done) => return *done,
        };
        let mut frame = match self.frame(purpose, &target, Some(action)).await {
            Ok(frame) => frame,
            Err(why) => return Done::failed(why),
        };
        if let Action::Command(call) = action {
            frame.redactor = self.redactor(purpose, &frame, &call.env);
        }
        let done = match action {
            Action::Http(request) => http::send(request, &frame, keep, stop).await,
            Action::Command(call) => command::call(call, &frame, keep, stop).await,
            Action::File(change) => file::change(change, &frame, keep, stop).await,
            Action::Sql(call) => sql::call(call, &frame, keep, stop).await,
            Action::Service { unit, change, .. } => {
                service::change(unit, *change, &frame, stop).await
            }
            _ => Done::failed("this is not an executor's step"),
        };
        done.redacted(&frame.redactor)
    }

    /// Runs a check.
    async fn check(
        &self,
        purpose: &Purpose<'_>,
        probe: &Probe,
        stop: &mut watch::Receiver<bool>,
    ) -> Done {
        let own = Duration::from_secs(probe.timeout_seconds.into());
        let purpose = &Purpose {
            limit: purpose.limit.min(own),
            reading: true,
            by_hand: probe.by_hand.as_deref().unwrap_or(&probe.name),
            ..*purpose
        };
        let id = match &probe.check {
            Check::Action(action) => {
                return self.act(purpose, action, Keep::in_memory(KEPT), stop).await;
            }
            Check::Tcp { connection, .. } | Check::Certificate { connection, .. } => connection,
        };
        let target = match self.target(purpose, id, &BTreeSet::new()) {
            Ok(target) => target,
            Err(done) => return *done,
        };
        let frame = match self.frame(purpose, &target, None).await {
            Ok(frame) => frame,
            Err(why) => return Done::failed(why),
        };
        let done = match &probe.check {
            Check::Tcp { port, .. } => probe::tcp(*port, &frame, stop).await,
            Check::Certificate { days, .. } => {
                probe::certificate(*days, self.clock.now(), self.roots.clone(), &frame, stop).await
            }
            Check::Action(_) => Done::failed("this is not an executor's step"),
        };
        done.redacted(&frame.redactor)
    }

    /// A connection that is ready, or what a person does instead.
    fn target(
        &self,
        purpose: &Purpose<'_>,
        id: &str,
        needed: &BTreeSet<&str>,
    ) -> Result<Target, Box<Done>> {
        let connection = purpose
            .plan
            .connections
            .iter()
            .find(|it| it.id == id)
            .ok_or_else(|| Box::new(Done::failed(format!("the plan has no connection {id}"))))?;
        self.targets
            .find(connection, needed)
            .map_err(|why| Box::new(by_hand(&why, purpose.by_hand)))
    }

    async fn frame<'a>(
        &'a self,
        purpose: &Purpose<'a>,
        target: &'a Target,
        action: Option<&Action>,
    ) -> Result<Frame<'a>, String> {
        let wants = action.is_some_and(|it| {
            let mut texts = template::texts(it).into_iter();
            texts.any(|text| template::names(text).contains(&"generated"))
        });
        let approval = purpose.approval;
        let mut frame = Frame {
            filler: Filler {
                target,
                values: purpose.values,
                generated: self.secret(purpose.values, wants).await?,
            },
            targets: &self.targets,
            redactor: Redactor::new(&[]),
            names: &self.names,
            limit: purpose.limit,
            grace: self.grace,
            reading: purpose.reading,
            mark: format!("{}-{}", approval.incident(), approval.run()),
        };
        frame.redactor = self.redactor(purpose, &frame, &[]);
        Ok(frame)
    }

    /// The generated secret: made where the step wants it, else only known, so that it is not seen.
    async fn secret(&self, values: &Values, wants: bool) -> Result<Option<Secret>, String> {
        let Some(name) = values.generated.clone() else {
            return Ok(None);
        };
        let generated = self.generated.clone();
        let work = move || {
            if wants {
                generated.get(&name).map(Some)
            } else {
                generated.peek(&name)
            }
        };
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|_| "the generated secret cannot be had".to_owned())?
            .map_err(|error| format!("the generated secret cannot be had: {error}"))
    }

    /// Takes out everything secret that this step can come across.
    fn redactor(&self, purpose: &Purpose<'_>, frame: &Frame<'_>, env: &[String]) -> Redactor {
        let mut secrets = self.targets.secrets(purpose.plan);
        secrets.extend(frame.filler.generated.clone());
        let handed = env.iter().filter(|it| sounds_secret(it));
        secrets.extend(
            handed
                .filter_map(|it| self.targets.variable(it))
                .map(Secret::new),
        );
        Redactor::new(&secrets)
    }
}

impl Execute for Live {
    async fn execute(&self, job: Job, mut stop: watch::Receiver<bool>) -> Done {
        if let Some(refusal) = leave::for_step(&job, &stop) {
            return refusal;
        }
        let purpose = purpose(&job);
        if let Action::Probe { probe } = &job.step.action {
            return match job.plan.probes.iter().find(|it| it.id == *probe) {
                Some(probe) => self.check(&purpose, probe, &mut stop).await,
                None => Done::failed(format!("the plan has no check {probe}")),
            };
        }
        let keep = Keep::in_memory(KEPT);
        self.act(&purpose, &job.step.action, keep, &mut stop).await
    }

    async fn let_go(&self, job: Job) {
        let done = self.let_go_of(&job).await;
        if done.status != Status::Succeeded {
            tracing::warn!("what was kept from before stays: {}", done.summary);
        }
    }

    async fn look(&self, look: Look, stop: watch::Receiver<bool>) -> Done {
        let Look {
            approval,
            plan,
            collector,
            values,
        } = look;
        self.gather(&approval, &plan, &collector, &values, stop)
            .await
    }

    async fn forget(&self, generated: String) {
        let kept = self.generated.clone();
        let gone = tokio::task::spawn_blocking(move || kept.forget(&generated)).await;
        let why = match gone {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(error) => panics::broken(&error).to_owned(),
        };
        tracing::error!("a generated secret could not be deleted: {why}");
    }
}

fn purpose(job: &Job) -> Purpose<'_> {
    Purpose {
        approval: &job.approval,
        plan: &job.plan,
        values: &job.values,
        limit: Duration::from_secs(job.step.timeout_seconds.into()),
        reading: false,
        by_hand: job.step.by_hand.as_deref().unwrap_or(&job.step.name),
    }
}

fn by_hand(why: &NotSetUp, text: &str) -> Done {
    let why = match &why.wrong {
        Some(wrong) => Why::from(format!("By hand ({wrong}): {text}")),
        None => {
            let missing = why.missing.clone();
            Why::with(StepFact::NotSetUp { missing }, text)
        }
    };
    Done::new(Status::ByHand, why)
}

fn cap(collector: &Collector) -> u64 {
    u64::from(collector.limit_kib) * 1024
}

/// Variables whose names say that they hold a secret.
fn sounds_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["SECRET", "TOKEN", "PASS", "KEY", "CREDENTIAL", "DSN"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests;
