//! Small work beside the runs: a lever is played through in a dry run, what can be chosen is looked up. Neither is a run of
//! an incident; what comes of it goes back through the one door, to where it was asked.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Datelike, Utc};

use super::Runner;
use crate::actions::{Done, Execute, Gather, Job, Look, Status, Values};
use crate::app::House;
use crate::app::letter::{Letter, Outcome, Wanted};
use crate::app::room::Room;
use crate::incident::saga;
use crate::incident::{
    Author, Chat, Command, Found, IncidentId, Lever, Mode, Origin, Played, Request, StepStatus,
    policy,
};
use crate::messages::step_said;
use crate::plan::{Collector, Plan};

/// A look at what can be chosen takes no longer than this, whatever the plan allows its collector as evidence.
const LOOK_SECONDS: u32 = 20;
/// Nor is more of it read.
const LOOK_KIB: u32 = 64;
/// How much longer the executor may take to give up by itself.
const GRACE: Duration = Duration::from_secs(20);

/// Something to be done beside the runs.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::app) enum Work {
    /// Play a lever through.
    Rehearse(Lever),
    /// Look up what can be chosen.
    Choices {
        procedure: String,
        parameter: String,
        given: BTreeMap<String, String>,
    },
}

/// The same with where it was asked.
pub(in crate::app) struct Errand {
    pub(in crate::app) work: Work,
    pub(in crate::app) incident: Option<IncidentId>,
    pub(in crate::app) plan: Arc<Plan>,
    pub(in crate::app) since: DateTime<Utc>,
    /// Whose incident it is.
    pub(in crate::app) room: Arc<Room>,
    /// Where it was written.
    pub(in crate::app) from: Arc<Room>,
    pub(in crate::app) origin: Origin,
}

impl House {
    /// Hands an errand over to the runner. Without a plan there is none.
    pub(in crate::app) fn send_on(
        &self,
        (work, incident): (Work, Option<IncidentId>),
        chat: &Chat,
        (room, from): (&Arc<Room>, &Arc<Room>),
        origin: Origin,
    ) {
        let known = incident.and_then(|id| chat.incidents.get(&id));
        let plans = self.plans();
        let plan = known.map(|it| &it.plan).or_else(|| plans.of_chat(chat));
        let Some(plan) = plan else { return };
        let began = known.map_or_else(|| self.clock().now(), |it| it.declared_at);
        // Pressed: the toast was its answer already, and there is no message to reply to.
        let pressed = origin.press.is_some();
        let origin = Origin {
            message_id: origin.message_id.filter(|_| !pressed),
            press: None,
            ..origin
        };
        self.calls.send_on(Errand {
            work,
            incident,
            plan: Arc::clone(plan),
            since: began - chrono::Duration::days(1),
            room: Arc::clone(room),
            from: Arc::clone(from),
            origin,
        });
    }
}

impl<L: Execute, R: Execute, G: Gather> Runner<L, R, G> {
    /// Does it, and brings back what came of it.
    pub(super) async fn run_errand(self: Arc<Self>, errand: Errand) {
        let found = match &errand.work {
            Work::Rehearse(lever) => self.rehearse(&errand, lever).await,
            Work::Choices {
                procedure,
                parameter,
                given,
            } => {
                let output = self.look_up(&errand, procedure, parameter).await;
                Some(Command::ChoicesFound(Found {
                    procedure: procedure.clone(),
                    parameter: parameter.clone(),
                    given: given.clone(),
                    output,
                }))
            }
        };
        let Some(command) = found else { return };
        let request = Request {
            command,
            incident: errand.incident,
            origin: errand.origin,
        };
        let letter = Letter {
            update_id: None,
            timer: None,
            chat: None,
            person: None,
            wanted: Wanted::Command(Box::new((Author::Bot, request))),
        };
        let mut outcome = Outcome::default();
        self.house
            .settle(&errand.room, &errand.from, vec![letter], &mut outcome)
            .await;
        if let Some(why) = outcome.unavailable {
            tracing::warn!("what was asked for beside the runs cannot be answered: {why}");
        }
    }

    /// Every step, one after the other, by the executor that has neither a client nor credentials.
    async fn rehearse(&self, errand: &Errand, lever: &Lever) -> Option<Command> {
        let plan = &errand.plan;
        let now = self.house.clock().now();
        let approval = policy::dry_approval(plan, lever, errand.incident, now.year())?;
        let mut values = self.values(errand);
        if let Lever::Procedure { parameters, .. } = lever {
            values.parameters.clone_from(parameters);
        }
        let mut steps = Vec::new();
        for planned in saga::steps(lever, plan) {
            let step = planned.step.into_owned();
            let name = step.name.clone();
            let job = Job {
                approval: approval.clone(),
                plan: Arc::clone(plan),
                step,
                values: values.clone(),
            };
            let done = self
                .executors
                .rehearsal
                .execute(job, self.stop.clone())
                .await;
            steps.push(Played {
                step: planned.key,
                name,
                status: status(&done),
                said: self.in_words(errand, &done),
            });
        }
        Some(Command::Rehearsed {
            lever: lever.clone(),
            steps,
        })
    }

    /// What the collector prints, or why it prints nothing.
    async fn look_up(
        &self,
        errand: &Errand,
        procedure: &str,
        parameter: &str,
    ) -> Result<String, String> {
        let plan = &errand.plan;
        let year = self.house.clock().now().year();
        let allowed = policy::choices_approval(plan, procedure, parameter, errand.incident, year);
        let (collector, approval) = allowed.ok_or("the plan has no list of it")?;
        let mode = approval.mode();
        let look = Look {
            approval,
            plan: Arc::clone(plan),
            collector: Collector {
                timeout_seconds: collector.timeout_seconds.min(LOOK_SECONDS),
                limit_kib: collector.limit_kib.min(LOOK_KIB),
                ..collector
            },
            values: self.values(errand),
        };
        let (live, rehearsal) = (&self.executors.live, &self.executors.rehearsal);
        let stop = self.stop.clone();
        let looking = async {
            match mode {
                Mode::Live => live.look(look, stop).await,
                Mode::Drill | Mode::DryRun => rehearsal.look(look, stop).await,
            }
        };
        let limit = Duration::from_secs(u64::from(LOOK_SECONDS)) + GRACE;
        let done = tokio::time::timeout(limit, looking)
            .await
            .map_err(|_| "it gave no answer in time".to_owned())?;
        match (done.status, &done.output) {
            (Status::Succeeded, Some(output)) => {
                Ok(String::from_utf8_lossy(&output.kept).into_owned())
            }
            _ => Err(self.in_words(errand, &done)),
        }
    }

    /// What came of it, in the language of the chat where it was asked.
    fn in_words(&self, errand: &Errand, done: &Done) -> String {
        let phrases = self.house.phrases(errand.from.language().as_deref());
        step_said(&phrases, done.fact.as_ref(), &done.summary)
    }

    fn values(&self, errand: &Errand) -> Values {
        Values {
            incident: errand.incident.map(|id| id.to_string()).unwrap_or_default(),
            now: self.house.clock().now(),
            since: errand.since,
            ..Values::default()
        }
    }
}

fn status(done: &Done) -> StepStatus {
    match done.status {
        Status::Succeeded => StepStatus::Succeeded,
        Status::Failed => StepStatus::Failed,
        Status::Unknown => StepStatus::Unknown,
        Status::ByHand => StepStatus::ByHand,
    }
}
