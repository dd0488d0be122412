//! A house on a ledger in a file, with executors that do what they are told and remember what they did.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use breakglass::actions::{Done, Execute, Gather, Gathered, Gathering, Job, Live, Status};
use breakglass::app::{self, Delivery, Executors, House, Letter, PlanFile, Wanted};
use breakglass::clock::Clock;
use breakglass::evidence::export::seal::Recipients;
use breakglass::evidence::vault::Vault;
use breakglass::incident::{
    Actor, Author, By, Chat, ChatKey, ChatKind, Choice, Command, Event, Identity, Incident,
    IncidentEvent, IncidentId, Lever, Mode, Origin, Person, Plans, Recorded, Request, TotpState,
    UserId, Via, Warrant, apply,
};
use breakglass::messages::Languages;
use breakglass::plan;
use breakglass::store::{Ledger, NewEvent, OpenError, Unit};
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

pub const OLIVIA: i64 = 1;
pub const GROUP: i64 = -1001;
/// Far above what anything here needs, also on a busy machine.
pub const PATIENCE: Duration = Duration::from_mins(2);

/// What executors did, and what they are to do.
#[derive(Default)]
pub struct World {
    /// Incident, run and name of each step that was begun, in order.
    pub begun: Vec<(String, u32, String)>,
    /// Results to give, by step name; then it succeeds.
    pub script: BTreeMap<String, VecDeque<Status>>,
    /// Steps that never end.
    pub hangs: Vec<String>,
    /// How long each takes.
    pub takes: Duration,
    /// Collectors that ran.
    pub gathered: Vec<String>,
    /// Collectors that fail.
    pub unreadable: Vec<String>,
    /// What goes on past a kill.
    pub at_work: Vec<JoinHandle<()>>,
}

impl World {
    pub fn times(&self, run: u32, step: &str) -> usize {
        let all = self.begun.iter();
        all.filter(|(_, r, s)| *r == run && s == step).count()
    }

    pub fn names(&self) -> Vec<&str> {
        self.begun
            .iter()
            .map(|(_, _, name)| name.as_str())
            .collect()
    }
}

#[derive(Clone, Default)]
pub struct Hands {
    world: Arc<Mutex<World>>,
    /// Executes file steps for real.
    pub files: Option<Live>,
}

impl Hands {
    pub fn world(&self) -> std::sync::MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

impl Execute for Hands {
    async fn execute(&self, job: Job, mut stop: watch::Receiver<bool>) -> Done {
        let name = job.step.name.clone();
        let (status, takes, hangs) = {
            let mut world = self.world();
            let id = job.approval.incident().to_string();
            world.begun.push((id, job.approval.run(), name.clone()));
            let status = world.script.get_mut(&name).and_then(VecDeque::pop_front);
            let hangs = world.hangs.contains(&name);
            (status.unwrap_or(Status::Succeeded), world.takes, hangs)
        };
        let file = matches!(job.step.action, plan::Action::File(_));
        if let Some(live) = self.files.as_ref().filter(|_| file) {
            tokio::time::sleep(takes).await;
            // A kill ends threads too; here they go on, and the next start waits for them.
            let live = live.clone();
            let work = tokio::spawn(async move { live.execute(job, stop).await });
            let (tell, told) = tokio::sync::oneshot::channel();
            let watched = tokio::spawn(async move {
                // Nobody may be left to hear it.
                let _ = tell.send(work.await.unwrap());
            });
            self.world().at_work.push(watched);
            let done = told.await.unwrap();
            tokio::time::sleep(takes).await;
            return done;
        }
        let work = async {
            tokio::time::sleep(takes).await;
            if hangs {
                std::future::pending::<()>().await;
            }
        };
        let status = tokio::select! {
            () = work => status,
            _ = stop.wait_for(|stop| *stop) => Status::Unknown,
        };
        Done {
            status,
            fact: None,
            summary: format!("{name} said so"),
            code: Some(i64::from(status != Status::Succeeded)),
            output: None,
        }
    }

    async fn let_go(&self, job: Job) {
        if let Some(live) = &self.files {
            live.let_go(job).await;
        }
    }
}

impl Gather for Hands {
    async fn gather(&self, gathering: Gathering, _stop: watch::Receiver<bool>) -> Gathered {
        let mut world = self.world();
        let mut gathered = Gathered::default();
        for collector in gathering.collectors {
            world.gathered.push(collector.id.clone());
            if world.unreadable.contains(&collector.id) {
                let failure = format!("{}: permission denied", collector.id);
                gathered.failures.push(failure);
            } else {
                gathered.stored += 1;
            }
        }
        gathered
    }
}

/// The house with its runner.
pub struct Open {
    pub house: Arc<House>,
    _deliveries: mpsc::UnboundedReceiver<Delivery>,
    ledger: Ledger,
    stop: watch::Sender<bool>,
    runner: JoinHandle<()>,
}

pub struct Stage {
    folder: tempfile::TempDir,
    pub clock: Clock,
    source: String,
    /// The plan revisions that are installed: the last one is newer than what incidents are pinned to.
    newer: Option<String>,
    pub live: Hands,
    pub rehearsal: Hands,
}

impl Stage {
    /// The shipped plan with these tables at its end.
    pub fn new(clock: Clock, tables: &str) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            clock,
            source: format!("{}\n{tables}", plan::default_source()),
            newer: None,
            live: Hands::default(),
            rehearsal: Hands::default(),
        }
    }

    /// From the next start another revision of the plan is installed.
    pub fn upgrade(&mut self, old: &str, new: &str) {
        assert!(self.source.contains(old));
        self.newer = Some(self.source.replace(old, new));
    }

    fn url(&self) -> String {
        format!(
            "sqlite://{}",
            self.folder.path().join("levers.db").display()
        )
    }

    async fn ledger(&self) -> Ledger {
        // A program that another test starts may hold the lock file for a moment, as forks do.
        let opening = async {
            loop {
                let clock = self.clock.clone();
                match Ledger::open(&self.url(), Arc::new(move || clock.micros())).await {
                    Ok(ledger) => return ledger,
                    Err(OpenError::InUse { .. }) => {
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        };
        let opened = tokio::time::timeout(PATIENCE, opening).await;
        opened.expect("the lock file is free again")
    }

    fn installed(&self) -> app::Installed {
        let file = PlanFile {
            name: "test".to_owned(),
            source: self.newer.clone().unwrap_or_else(|| self.source.clone()),
        };
        app::install(vec![file]).unwrap()
    }

    pub async fn open(&self) -> Open {
        let at_work = std::mem::take(&mut self.live.world().at_work);
        for work in at_work {
            work.await.unwrap();
        }
        let ledger = self.ledger().await;
        let setup = app::Setup {
            owners: [UserId(OLIVIA)].into(),
            home_chat: None,
            bot: "breakglass_bot".to_owned(),
            language: "en".to_owned(),
            seed: Some(7),
            vault: Vault::open(&self.folder.path().join("evidence")).unwrap(),
            recipients: Recipients::default(),
        };
        let languages = Languages::embedded(Vec::new()).unwrap();
        let (house, deliveries) = House::open(
            ledger.clone(),
            self.clock.clone(),
            setup,
            languages,
            self.installed(),
        )
        .await
        .unwrap();
        house.warm_up().await;
        let (stop, stopping) = watch::channel(false);
        let executors = Executors {
            live: self.live.clone(),
            rehearsal: self.rehearsal.clone(),
            gather: self.live.clone(),
        };
        let runner = tokio::spawn(Arc::clone(&house).run_levers(executors, stopping));
        Open {
            house,
            _deliveries: deliveries,
            ledger,
            stop,
            runner,
        }
    }

    /// An incident in a group, declared by its owner.
    pub async fn declare(&self, open: &Open, group: i64) -> IncidentId {
        open.says(group, Command::Start, None).await;
        let text = "P0 it burns".to_owned();
        open.says(group, Command::Declare { text }, None).await;
        let streams = open.ledger.streams("incident/").await.unwrap();
        let newest = streams.last().unwrap();
        newest.trim_start_matches("incident/").parse().unwrap()
    }

    /// Writes the start of a run into the ledger, as the rules for requests will.
    pub async fn pull(&self, id: IncidentId, lever: Lever, mode: Mode, warrant: Warrant) -> u32 {
        self.pulled(id, lever, mode, warrant, None).await
    }

    /// The same, approved for something else.
    pub async fn pull_as(&self, id: IncidentId, lever: Lever, fingerprint: String) -> u32 {
        let (mode, warrant) = (Mode::Live, Warrant::Confirmed);
        self.pulled(id, lever, mode, warrant, Some(fingerprint))
            .await
    }

    async fn pulled(
        &self,
        id: IncidentId,
        lever: Lever,
        mode: Mode,
        warrant: Warrant,
        fingerprint: Option<String>,
    ) -> u32 {
        self.write(id, |incident| {
            let own = || lever.fingerprint(&incident.plan).unwrap();
            vec![IncidentEvent::RunStarted {
                run: incident.next_run(),
                fingerprint: fingerprint.clone().unwrap_or_else(own),
                lever: lever.clone(),
                mode,
                warrant,
                asked_by: by_olivia(),
                approved_by: Vec::new(),
                why: Some("it burns".to_owned()),
            }]
        })
        .await
    }

    /// Writes into the ledger what happened to a run. Its number, which is that of the newest run.
    pub async fn write(
        &self,
        id: IncidentId,
        what: impl FnOnce(&Incident) -> Vec<IncidentEvent>,
    ) -> u32 {
        let ledger = self.ledger().await;
        let incident = self.incident_in(&ledger, id).await;
        let stream = format!("incident/{id}");
        let chat = ledger.chat_of_stream(&stream).await.unwrap().unwrap();
        let new = |(event, seq): (IncidentEvent, i64)| NewEvent {
            stream: stream.clone(),
            seq,
            at: self.clock.micros(),
            kind: event.kind().to_owned(),
            body: serde_json::to_string(&Body {
                by: by_olivia(),
                event,
            })
            .unwrap(),
        };
        let first = i64::try_from(incident.version).unwrap() + 1;
        let unit = Unit {
            chat,
            events: what(&incident).into_iter().zip(first..).map(new).collect(),
            ..Unit::default()
        };
        ledger.commit(unit).await.unwrap();
        let run = self.incident_in(&ledger, id).await.next_run() - 1;
        ledger.close().await;
        run
    }

    /// The incident as the ledger has it.
    pub async fn incident(&self, open: &Open, id: IncidentId) -> Incident {
        self.incident_in(&open.ledger, id).await
    }

    async fn incident_in(&self, ledger: &Ledger, id: IncidentId) -> Incident {
        let read = plan::parse(&self.source).unwrap();
        let mut plans = Plans::default();
        plans.install(Arc::new(read));
        let mut chat = Chat::new(ChatKey(1));
        for stored in ledger.stream(&format!("incident/{id}")).await.unwrap() {
            let body: Body = serde_json::from_str(&stored.body).unwrap();
            let recorded = Recorded {
                at: DateTime::from_timestamp_micros(stored.at).unwrap(),
                by: body.by,
                event: Event::Incident(id, body.event),
            };
            apply(&mut chat, recorded, &plans).unwrap();
        }
        chat.incidents.remove(&id).unwrap()
    }

    /// Waits until something holds for an incident.
    pub async fn until(
        &self,
        open: &Open,
        id: IncidentId,
        what: &str,
        holds: impl Fn(&Incident) -> bool,
    ) -> Incident {
        let waiting = async {
            loop {
                let incident = self.incident(open, id).await;
                if holds(&incident) {
                    return incident;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(incident) => incident,
            Err(_) => {
                let incident = self.incident(open, id).await;
                panic!("{what}: {:#?}", incident.runs)
            }
        }
    }
}

#[derive(Serialize, Deserialize)]
pub struct Body {
    pub by: By,
    #[serde(flatten)]
    pub event: IncidentEvent,
}

impl Open {
    /// Olivia says something in a group.
    pub async fn says(&self, group: i64, command: Command, incident: Option<IncidentId>) {
        let author = Author::Person(Actor {
            person: olivia(),
            identity: Identity::Person,
            via: Via::Text,
            owner: true,
            private: false,
            totp: TotpState::None,
        });
        let request = Request {
            command,
            incident,
            origin: Origin::default(),
        };
        let letter = Letter {
            update_id: None,
            timer: None,
            chat: Some(app::ChatSeen {
                title: "War room".to_owned(),
                kind: ChatKind::Supergroup,
                forum: false,
                public: false,
            }),
            person: None,
            wanted: Wanted::Command(Box::new((author, request))),
        };
        let outcome = self.house.handle(group, vec![letter]).await;
        assert!(outcome.broken.is_empty() && outcome.unavailable.is_none());
    }

    pub async fn decides(&self, id: IncidentId, run: u32, step: u32, choice: Choice) {
        self.decides_in(GROUP, id, run, step, choice).await;
    }

    pub async fn decides_in(
        &self,
        group: i64,
        id: IncidentId,
        run: u32,
        step: u32,
        choice: Choice,
    ) {
        let command = Command::Step {
            run: Some(run),
            step: Some(breakglass::incident::StepRef {
                number: step,
                undo: false,
            }),
            choice,
        };
        self.says(group, command, Some(id)).await;
    }

    /// The end of the process, with a warning.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        self.runner.await.unwrap();
        self.ledger.close().await;
    }

    /// The end of the process, without one: nothing that was under way is heard of again.
    pub async fn kill(self) {
        self.runner.abort();
        let _ = self.runner.await;
        drop(self.house);
        self.ledger.close().await;
    }
}

fn olivia() -> Person {
    Person {
        id: UserId(OLIVIA),
        name: "Olivia".to_owned(),
        username: None,
    }
}

fn by_olivia() -> By {
    By::Person(olivia())
}

pub fn procedure(id: &str) -> Lever {
    Lever::Procedure {
        id: id.to_owned(),
        parameters: BTreeMap::new(),
    }
}
