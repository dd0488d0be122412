//! A bench for executors: a plan with four connections, an environment of its own, a server that records.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use chrono::{DateTime, TimeZone as _, Utc};
use tokio::sync::watch;

use super::{Done, Execute as _, Generated, Job, Live, Names, Targets, Values};
use crate::clock::Clock;
use crate::incident::{Approval, IncidentId, Lever, Mode, StepFact};
use crate::plan::{
    Action, Collector, CommandCall, Connection, ConnectionKind, FileChange, FileOperation,
    HttpMethod, HttpRequest, Plan, SqlCall, Step, default_source, parse,
};

/// What must never be seen.
pub(super) const CANARY: &str = "canary-5f2a-never-seen";

pub(super) struct Bench {
    pub(super) folder: tempfile::TempDir,
    pub(super) env: BTreeMap<String, String>,
    pub(super) plan: Plan,
    pub(super) values: Values,
    pub(super) names: Names,
    pub(super) mode: Mode,
    pub(super) timeout: u32,
    pub(super) grace: Duration,
}

pub(super) fn moment() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 17, 14, 0, 0).unwrap()
}

fn connection(id: &str, kind: ConnectionKind, secrets: &[&str], settings: &[&str]) -> Connection {
    let list = |names: &[&str]| names.iter().map(|it| (*it).to_owned()).collect();
    Connection {
        id: id.to_owned(),
        name: format!("The {id}"),
        kind,
        address: format!("T_{}", id.to_uppercase()),
        secrets: list(secrets),
        settings: list(settings),
    }
}

impl Bench {
    pub(super) fn new() -> Self {
        static PLAN: LazyLock<Plan> = LazyLock::new(|| parse(default_source()).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let mut plan = PLAN.clone();
        plan.connections = vec![
            connection("app", ConnectionKind::Http, &["T_TOKEN"], &["T_PROJECT"]),
            connection("db", ConnectionKind::Database, &[], &[]),
            connection("host", ConnectionKind::Host, &["T_TOKEN"], &[]),
            connection("home", ConnectionKind::Folder, &["T_TOKEN"], &[]),
        ];
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let path = std::env::var("PATH").unwrap();
        let env = [
            ("T_HOST", "localhost"),
            ("T_HOME", home.to_str().unwrap()),
            ("T_TOKEN", CANARY),
            ("T_PROJECT", "prj 1/2"),
            ("PATH", &path),
            ("TELOXIDE_TOKEN", "1:bots-own-token"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            folder,
            env: env.into(),
            plan,
            values: Values {
                incident: "SEC-2026-007".to_owned(),
                now: moment(),
                since: moment() - chrono::Duration::days(1),
                ..Values::default()
            },
            names: Names::System,
            mode: Mode::Live,
            timeout: 30,
            grace: Duration::from_millis(300),
        }
    }

    pub(super) fn home(&self) -> std::path::PathBuf {
        self.folder.path().join("home")
    }

    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.env.insert(name.to_owned(), value.into());
    }

    pub(super) fn param(&mut self, name: &str, value: &str) {
        let entry = (name.to_owned(), value.to_owned());
        self.values.parameters.extend([entry]);
    }

    pub(super) fn targets(&self) -> Targets {
        let env = self.env.clone();
        Targets::new(move |name| env.get(name).cloned())
    }

    pub(super) fn live(&self) -> Live {
        let generated = Generated::new(self.folder.path().join("generated"));
        Live::new(self.targets(), generated, Clock::test(moment()))
            .with_names(self.names.clone())
            .with_grace(self.grace)
    }

    /// The leave to do one step, in a plan that has it.
    fn leave_for(&self, step: Step) -> (Approval, Plan) {
        let mut plan = self.plan.clone();
        let mut procedure = plan.procedures.swap_remove(0);
        procedure.id = "bench".to_owned();
        procedure.steps = vec![step];
        plan.procedures = vec![procedure];
        let lever = Lever::Procedure {
            id: "bench".to_owned(),
            parameters: self.values.parameters.clone(),
        };
        let incident = IncidentId::security(2026, 7);
        let approval = Approval::for_tests(incident, 3, self.mode, lever, &plan);
        (approval, plan)
    }

    /// The leave to run a collector, in a plan that has it.
    pub(super) fn gathering(&self, collector: &Collector) -> (Approval, Plan) {
        let collect = Action::Collect {
            collectors: vec![collector.id.clone()],
        };
        let mut bench = Self::new();
        bench.plan = self.plan.clone();
        bench.plan.collectors = vec![collector.clone()];
        bench.values = self.values.clone();
        bench.mode = self.mode;
        bench.leave_for(self.step(collect))
    }

    fn step(&self, action: Action) -> Step {
        Step {
            name: "Step".to_owned(),
            action,
            idempotent: false,
            timeout_seconds: self.timeout,
            by_hand: Some("Do it yourself.".to_owned()),
            undo: None,
            check: None,
            revert_after: None,
            group: None,
            needs: None,
            retries: 0,
            retry_wait_seconds: 0,
        }
    }

    pub(super) fn job(&self, action: Action) -> Job {
        self.job_of(self.step(action))
    }

    pub(super) fn job_of(&self, step: Step) -> Job {
        let (approval, plan) = self.leave_for(step.clone());
        Job {
            approval,
            plan: Arc::new(plan),
            step,
            values: self.values.clone(),
        }
    }

    /// Executes, and makes sure that the canary is nowhere in what comes back.
    pub(super) async fn run(&self, action: Action) -> Done {
        let (_hold, stop) = watch::channel(false);
        seen(self.live().execute(self.job(action), stop).await)
    }

    /// Takes a file step back, as the plan's reader would have it.
    pub(super) async fn take_back(&self, action: Action) -> Done {
        let Action::File(mut change) = action else {
            panic!("no file step: {action:?}");
        };
        assert!(change.change.is_kept());
        change.change = FileOperation::Restore;
        change.with = None;
        self.run(Action::File(change)).await
    }
}

/// The fact of a result, with what was said beside it.
pub(super) fn fact(done: &Done) -> (&StepFact, &str) {
    let fact = done.fact.as_ref();
    (fact.unwrap_or_else(|| panic!("{done:?}")), &done.summary)
}

/// A program ended so.
pub(super) fn exit(program: &str, code: i32) -> StepFact {
    StepFact::Exit {
        program: program.to_owned(),
        code,
    }
}

/// Nothing in it shows the canary.
pub(super) fn seen(done: Done) -> Done {
    assert!(!format!("{done:?}").contains(CANARY), "{done:?}");
    assert!(!text(&done).contains(CANARY), "{}", text(&done));
    assert!(done.summary.chars().count() <= 200, "{}", done.summary);
    done
}

/// What was kept of the output, as text.
pub(super) fn text(done: &Done) -> String {
    let kept = done.output.as_ref().map(|it| it.kept.as_slice());
    String::from_utf8_lossy(kept.unwrap_or_default()).into_owned()
}

pub(super) fn http(method: HttpMethod, path: &str) -> HttpRequest {
    HttpRequest {
        connection: "app".to_owned(),
        method,
        path: path.to_owned(),
        headers: BTreeMap::new(),
        body: None,
        expect_status: vec![200],
        expect_body: None,
    }
}

pub(super) fn command(argv: &[&str]) -> CommandCall {
    CommandCall {
        connection: "host".to_owned(),
        argv: argv.iter().map(|it| (*it).to_owned()).collect(),
        env: vec!["PATH".to_owned()],
        stdin: None,
        expect_exit: vec![0],
        expect_output: None,
    }
}

pub(super) fn file(change: FileOperation, path: &str, with: Option<&str>) -> Action {
    Action::File(FileChange {
        connection: "home".to_owned(),
        path: path.to_owned(),
        change,
        with: with.map(str::to_owned),
    })
}

pub(super) fn sql(statement: &str, parameters: &[&str]) -> SqlCall {
    SqlCall {
        connection: "db".to_owned(),
        statement: statement.to_owned(),
        parameters: parameters.iter().map(|it| (*it).to_owned()).collect(),
        then: None,
        at_least: None,
        at_most: None,
        sign_in: None,
    }
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub(super) struct Arrived {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: String,
}

/// What a server answers.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

/// A server on loopback that records what arrives and always answers the same.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start(answer: Answer) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let arrived: Arc<Mutex<Vec<Arrived>>> = Arc::default();
        let record = arrived.clone();
        let handler = move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let (record, answer) = (record.clone(), answer.clone());
            async move {
                let headers = headers
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
                record.lock().unwrap().push(Arrived {
                    method: method.to_string(),
                    path: uri.to_string(),
                    headers: headers.collect(),
                    body: String::from_utf8(body.to_vec()).unwrap(),
                });
                let mut headers = HeaderMap::new();
                for (name, value) in answer.headers {
                    let value = HeaderValue::from_str(&value).unwrap();
                    headers.insert(HeaderName::from_static(name), value);
                }
                let status = StatusCode::from_u16(answer.status).unwrap();
                (status, headers, answer.body)
            }
        };
        let router = axum::Router::new().fallback(handler);
        let task = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            address,
            arrived,
            task,
        }
    }

    pub(super) async fn answering(status: u16, body: &str) -> Self {
        Self::start(Answer {
            status,
            body: body.as_bytes().to_vec(),
            ..Answer::default()
        })
        .await
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }
}
