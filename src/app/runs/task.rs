//! One run, seen through to its end.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use super::execute::{Order, generated};
use super::floor::Floor;
use super::{Call, Runner};
use crate::actions::{Execute, Gather};
use crate::incident::saga::{self, Next, Progress};
use crate::incident::{
    Approval, Command, Hindrance, Incident, IncidentId, Mode, Refusal, Run, RunOutcome, StepKey,
    StepReport, policy,
};
use crate::panics;
use crate::plan::{FactField, Plan};

/// How long the ledger is left alone when it takes nothing.
const LEDGER_REST: Duration = Duration::from_secs(1);

/// How soon one that waits for another run looks again.
const FLOOR_REST: chrono::Duration = chrono::Duration::seconds(2);

/// A run as it is now.
pub(super) struct Seen {
    pub(super) run: Run,
    pub(super) plan: Arc<Plan>,
    /// The leave to execute it, or why there is none.
    pub(super) approval: Result<Approval, Hindrance>,
    /// The leave to take back what it did.
    pub(super) way_back: Option<Approval>,
    /// A day before the incident began.
    pub(super) since: DateTime<Utc>,
}

/// A step that has ended.
pub(super) struct Ended {
    pub(super) step: StepKey,
    pub(super) attempt: u32,
    /// None where its end is written already.
    pub(super) report: Option<StepReport>,
}

impl<L: Execute, R: Execute, G: Gather> Runner<L, R, G> {
    /// Goes on until it is over, or the process ends.
    pub(super) async fn see_through(self: Arc<Self>, call: Call, nudge: Arc<Notify>) -> Call {
        if self.enter(call).await {
            self.go_on(call, &nudge).await;
        }
        call
    }

    /// Goes on with one that was let in.
    pub(super) async fn resume(self: Arc<Self>, call: Call, nudge: Arc<Notify>) -> Call {
        self.go_on(call, &nudge).await;
        call
    }

    /// Everything is checked again, right before it begins. What has begun is let in: it may have something to take back,
    /// and its further steps are checked one by one.
    pub(super) async fn enter(&self, call: Call) -> bool {
        let run = call.1;
        let resumed = self.tell(call, || Command::RunResumed { run }).await;
        let Some(seen) = self.look(call).await.filter(|_| resumed.is_some()) else {
            return false;
        };
        if seen.run.is_over() {
            return false;
        }
        let hindrance = match seen.approval {
            Err(hindrance) if seen.run.steps.is_empty() => hindrance,
            _ => match self.admit(call, &seen.run, &seen.plan).await {
                Ok(()) => return true,
                Err(hindrance) => hindrance,
            },
        };
        self.withhold(call, &hindrance).await;
        self.with_floor(|floor| floor.leave(call));
        false
    }

    /// The rules, or another run, do not let it go on.
    async fn withhold(&self, call: Call, hindrance: &Hindrance) {
        let run = call.1;
        tracing::warn!(incident = %call.0, run, "a run is refused: {hindrance:?}");
        let over = || Command::RunOver {
            run,
            hindrance: Some(hindrance.clone()),
        };
        self.tell(call, over).await;
    }

    async fn admit(&self, call: Call, run: &Run, plan: &Plan) -> Result<(), Hindrance> {
        let others = self.with_floor(|floor| floor.in_the_way_of(call, run, plan));
        for other in others {
            let abort = Command::AbortRun {
                run: Some(other.1),
                why: format!("run {} of {} goes first", call.1, call.0),
            };
            self.house.tell(other.0, abort).await;
        }
        // What has begun is not asked again: it is in the way of others, not others in its.
        if !run.steps.is_empty() {
            return Ok(());
        }
        let now = self.house.clock().now();
        self.with_floor(|floor| floor.admit(call, run, plan, now))
    }

    async fn go_on(self: &Arc<Self>, call: Call, nudge: &Notify) {
        let mut under_way: JoinSet<Ended> = JoinSet::new();
        let mut stop = self.stop.clone();
        let (mut waits_for, mut forgotten) = (None, false);
        while let Some(seen) = self.look(call).await {
            let stopping = *stop.borrow();
            if stopping && under_way.is_empty() {
                return;
            }
            let now = self.house.clock().now();
            let until = match saga::next(&seen.run, &seen.plan, now) {
                _ if stopping => None,
                // Whoever stops it, or takes a step back, wakes it.
                Next::Start(_) if self.house.holds_run(&seen.run) => {
                    self.say_held_up(call, Hindrance::LogChanged, &mut waits_for)
                        .await;
                    None
                }
                Next::Start(steps) => match leave_for(&seen, &steps) {
                    Ok(leave) => match self.holds_up(call, &seen) {
                        Some(by) => {
                            self.say_held_up(call, by, &mut waits_for).await;
                            Some(now + FLOOR_REST)
                        }
                        None => {
                            waits_for = None;
                            self.begin(call, &seen, leave, steps, &mut under_way).await;
                            continue;
                        }
                    },
                    Err(hindrance) => {
                        self.withhold(call, hindrance).await;
                        // Should that be refused, it is not asked for again at once.
                        if self.look(call).await.is_some_and(|it| it.run == seen.run) {
                            self.rest().await;
                        }
                        continue;
                    }
                },
                Next::Undo(back) => {
                    if let Some(leave) = &seen.way_back {
                        self.begin(call, &seen, leave, vec![back], &mut under_way)
                            .await;
                        continue;
                    }
                    tracing::error!(incident = %call.0, run = call.1, "nothing allows to take it back");
                    None
                }
                Next::End(outcome) if seen.run.is_over() => {
                    let ended = seen.run.ended.as_ref().map(|end| end.outcome);
                    if !forgotten {
                        self.forget(call, &seen, ended.unwrap_or(outcome)).await;
                    }
                    return self.leave(call, &seen);
                }
                Next::End(outcome) => {
                    // Before its end is written: after a kill in between, one that is over is not taken up again.
                    self.forget(call, &seen, outcome).await;
                    forgotten = true;
                    let (run, hindrance) = (call.1, None);
                    self.tell(call, || Command::RunOver {
                        run,
                        hindrance: hindrance.clone(),
                    })
                    .await;
                    continue;
                }
                Next::Wait { until } | Next::Ask { until, .. } => until,
            };
            if !saga::is_at_work(&seen.run, &seen.plan, now) {
                self.with_floor(|floor| floor.leave(call));
            }
            tokio::select! {
                Some(ended) = under_way.join_next() => match ended {
                    Ok(ended) => self.note(call, ended).await,
                    Err(error) => {
                        tracing::error!("a step was lost: {}", panics::broken(&error));
                    },
                },
                () = nudge.notified() => {}
                () = self.until(until) => {}
                () = told_to(&mut stop), if !stopping => {}
            }
        }
    }

    /// While it waited for a person, another one may have come to its targets: then it goes on after that one.
    fn holds_up(&self, call: Call, seen: &Seen) -> Option<Hindrance> {
        let goes_on = self.with_floor(|floor| floor.go_on(call, &seen.run, &seen.plan));
        goes_on.err()
    }

    /// The team learns once for which run this one waits.
    async fn say_held_up(&self, call: Call, hindrance: Hindrance, said: &mut Option<Hindrance>) {
        if said.as_ref() == Some(&hindrance) {
            return;
        }
        let run = call.1;
        let held_up = || Command::RunHeldUp {
            run,
            hindrance: hindrance.clone(),
        };
        if self.tell(call, held_up).await.is_some() {
            *said = Some(hindrance);
        }
    }

    /// Generated secrets are kept until every credential of the run works with its new one; then the old ones go too. Of a run
    /// that was taken back nothing is kept either, nor a secret that surely was put nowhere.
    async fn forget(&self, call: Call, seen: &Seen, outcome: RunOutcome) {
        let Some(approval) = &seen.way_back else {
            return;
        };
        let rotated = saga::rotated(&seen.run, &seen.plan);
        let undone = outcome == RunOutcome::Undone;
        for part in saga::parts(&seen.run.lever, &seen.plan) {
            let is_rotated = rotated.contains(&part.id);
            let spare = is_rotated || undone || saga::is_untouched(&seen.run, &seen.plan, part.id);
            if approval.mode() == Mode::Live && (is_rotated || undone) {
                for it in part.steps {
                    let step = it.step.into_owned();
                    let order = Order::new(call, seen, approval.clone(), it.key, 1, step);
                    self.executors.live.let_go(order.job()).await;
                }
            }
            if spare {
                self.executors.live.forget(generated(call, part.id)).await;
            }
        }
    }

    fn leave(&self, call: Call, seen: &Seen) {
        self.with_floor(|floor| {
            floor.leave(call);
            floor.note_rest(&seen.run, &seen.plan);
        });
    }

    /// Writes that these steps begin, and only then lets them.
    async fn begin(
        self: &Arc<Self>,
        call: Call,
        seen: &Seen,
        approval: &Approval,
        steps: Vec<StepKey>,
        under_way: &mut JoinSet<Ended>,
    ) {
        let run = call.1;
        let begun = || Command::StepsBegun {
            run,
            steps: steps.clone(),
        };
        if self.tell(call, begun).await.is_none() {
            return;
        }
        // Only what stands in the ledger as begun by this, and once more than before, is executed.
        let Some(now) = self.look(call).await else {
            return;
        };
        let mut executed = false;
        for key in steps {
            let before = seen.run.steps.get(&key).map_or(0, |it| it.attempts);
            let state = now.run.steps.get(&key);
            let is_ours = state
                .is_some_and(|it| it.progress == Progress::Running && it.attempts == before + 1);
            let Some(step) = saga::step(&now.run.lever, &now.plan, &key).filter(|_| is_ours) else {
                continue;
            };
            let order = Order::new(call, &now, approval.clone(), key, before + 1, step);
            under_way.spawn(self.execute(order));
            executed = true;
        }
        if !executed {
            // Somebody was faster, or it was refused: look again, but not at once.
            tracing::warn!(incident = %call.0, run, "what was due is not any more");
            self.rest().await;
        }
    }

    /// Writes how a step ended. The only copy of that is here: it is written whenever the ledger takes it.
    async fn note(&self, call: Call, ended: Ended) {
        let Some(report) = ended.report else {
            return;
        };
        let over = || Command::StepOver {
            run: call.1,
            step: ended.step.clone(),
            attempt: ended.attempt,
            report: report.clone(),
        };
        if self.tell(call, over).await.is_none() {
            tracing::error!(
                incident = %call.0,
                run = call.1,
                step = %ended.step,
                "how it ended could not be written, it will count as unknown: {:?}",
                report.status
            );
        }
    }

    /// Says something to the house until the ledger takes it. None: the process ends before.
    pub(super) async fn tell(&self, call: Call, command: impl Fn() -> Command) -> Option<()> {
        loop {
            let done = self.house.tell(call.0, command()).await;
            let Some(why) = done.unavailable else {
                return Some(());
            };
            tracing::warn!(incident = %call.0, run = call.1, "the ledger takes nothing: {why}");
            if *self.stop.borrow() {
                return None;
            }
            self.rest().await;
        }
    }

    /// The run as it is now. None: there is no such run, or the process ends.
    async fn look(&self, call: Call) -> Option<Seen> {
        loop {
            match self.house.look_at(call).await {
                Ok(seen) => return seen,
                Err(why) => tracing::warn!(incident = %call.0, "a run cannot be read: {why}"),
            }
            if *self.stop.borrow() {
                return None;
            }
            self.rest().await;
        }
    }

    async fn rest(&self) {
        let mut stop = self.stop.clone();
        tokio::select! {
            () = self.house.clock().sleep(LEDGER_REST) => {}
            () = told_to(&mut stop) => {}
        }
    }

    /// Waits for a moment; for ever without one.
    fn until(&self, until: Option<DateTime<Utc>>) -> impl Future<Output = ()> {
        let clock = self.house.clock().clone();
        async move {
            match until {
                None => std::future::pending().await,
                Some(at) => {
                    let left = (at - clock.now()).to_std().unwrap_or_default();
                    // The wall clock may be a little behind the one that waits are measured by.
                    clock.sleep(left + Duration::from_millis(1)).await;
                }
            }
        }
    }

    fn with_floor<T>(&self, work: impl FnOnce(&mut Floor) -> T) -> T {
        self.house.with_floor(work)
    }
}

impl super::House {
    async fn look_at(&self, call: Call) -> Result<Option<Seen>, String> {
        let (id, number): (IncidentId, u32) = call;
        let room = match self.home_of(id).await {
            Some(key) => self.room_by_key(key),
            None => None,
        };
        let Some(room) = room else {
            return Ok(None);
        };
        let (owners, now) = (self.owners(), self.clock().now());
        let seen = self.with_chat(&room, |chat, _| {
            let incident = chat.incidents.get(&id)?;
            let run = incident.run(number)?;
            Some(Seen {
                run: run.clone(),
                plan: Arc::clone(&incident.plan),
                approval: policy::approval(chat, id, number, &owners, now).map_err(
                    |why| match why {
                        Refusal::Changed { changed, .. } => Hindrance::Changed { what: changed },
                        other => Hindrance::NotAllowed {
                            why: other.to_string(),
                        },
                    },
                ),
                way_back: policy::way_back(chat, id, number).ok(),
                since: began(incident) - chrono::Duration::days(1),
            })
        });
        seen.await.map_err(|error| error.to_string())
    }
}

/// The leave to begin these steps, as the rules give it at this moment. Whoever may take back may also look.
fn leave_for<'s>(seen: &'s Seen, steps: &[StepKey]) -> Result<&'s Approval, &'s Hindrance> {
    match (&seen.approval, &seen.way_back) {
        (Ok(leave), _) => Ok(leave),
        (Err(_), Some(leave)) if steps.iter().all(|it| it.check) => Ok(leave),
        (Err(hindrance), _) => Err(hindrance),
    }
}

/// The process ends.
async fn told_to(stop: &mut watch::Receiver<bool>) {
    let told = stop.wait_for(|stop| *stop).await.is_ok();
    // Whoever could say so is gone without having said it.
    if !told {
        std::future::pending::<()>().await;
    }
}

/// When the incident began, as far as anybody knows.
fn began(incident: &Incident) -> DateTime<Utc> {
    let fact = |field| incident.facts.get(&field)?.value.parse().ok();
    fact(FactField::Started)
        .or_else(|| fact(FactField::FirstSuspicious))
        .unwrap_or(incident.declared_at)
}
