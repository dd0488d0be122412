use tokio::sync::watch;

use crate::actions::testing::{Bench, Server, command, file, http, moment, sql};
use crate::actions::{Execute as _, Rehearsal, Status};
use crate::clock::Clock;
use crate::incident::Mode;
use crate::plan::{
    Action, ConnectionKind, FileOperation, HttpMethod, ServiceChange, Step, parse, shipped,
};

fn rehearsal() -> Rehearsal {
    Rehearsal::new(Clock::test(moment()))
}

#[tokio::test]
async fn it_says_what_would_happen() {
    let mut bench = Bench::new();
    bench.mode = Mode::DryRun;
    let (_hold, stop) = watch::channel(false);
    let wait = Action::Wait { seconds: 600 };
    for (action, summary) in [
        (
            Action::Http(http(HttpMethod::Post, "/pause/${setting.T_PROJECT}")),
            "rehearsed: would send POST /pause/‹T_PROJECT› to The app",
        ),
        (
            Action::Command(command(&["nft", "-f", "x"])),
            "rehearsed: would run nft -f x on The host",
        ),
        (
            file(FileOperation::Remove, "MAINTENANCE", None),
            "rehearsed: would remove MAINTENANCE in The home",
        ),
        (
            Action::Sql(sql("DELETE FROM sessions", &[])),
            "rehearsed: would run on The db: DELETE FROM sessions",
        ),
        (
            Action::Service {
                connection: "host".to_owned(),
                unit: "web".to_owned(),
                change: ServiceChange::Stop,
            },
            "rehearsed: would stop web on The host",
        ),
        (wait, "rehearsed: would wait 600 s"),
        (
            Action::Manual {
                text: "Call Ann".to_owned(),
                link: None,
            },
            "rehearsed: would ask a person: Call Ann",
        ),
    ] {
        let done = rehearsal().execute(bench.job(action), stop.clone()).await;
        assert_eq!(
            (done.status, done.summary.as_str()),
            (Status::Succeeded, summary)
        );
    }
}

#[tokio::test]
async fn what_is_known_is_put_in_and_what_is_not_is_named() {
    let mut bench = Bench::new();
    bench.mode = Mode::DryRun;
    bench.values.incident = "SEC-2026-007".to_owned();
    let value = ("address".to_owned(), "203.0.113.7".to_owned());
    bench.values.parameters = [value].into();
    let (_hold, stop) = watch::channel(false);
    let argv = ["block", "{ ${param.address} }", "${generated}", "${now}"];
    let path = "incidents/${incident.id}/${secret.T_KEY}";
    let mut said = Vec::new();
    for action in [
        Action::Command(command(&argv)),
        file(FileOperation::Write, path, Some("x")),
    ] {
        let done = rehearsal().execute(bench.job(action), stop.clone()).await;
        said.push(done.summary);
    }
    // Asked for without an incident, it has no id yet.
    bench.values.incident = String::new();
    let job = bench.job(file(FileOperation::Write, path, Some("x")));
    said.push(rehearsal().execute(job, stop).await.summary);
    let now = bench.values.now.format("%Y-%m-%dT%H:%M:%SZ");
    assert_eq!(
        said,
        [
            format!("rehearsed: would run block {{ 203.0.113.7 }} ‹generated› {now} on The host")
                .as_str(),
            "rehearsed: would write incidents/SEC-2026-007/‹T_KEY› in The home",
            "rehearsed: would write incidents/‹incident.id›/‹T_KEY› in The home",
        ]
    );
}

#[tokio::test]
async fn each_refuses_what_is_not_its_own() {
    let mut bench = Bench::new();
    let (_hold, stop) = watch::channel(false);
    let write = file(FileOperation::Write, "x", Some("y"));
    let done = rehearsal()
        .execute(bench.job(write.clone()), stop.clone())
        .await;
    assert_eq!(
        (done.status, done.summary.as_str()),
        (Status::Failed, "this is no rehearsal: nothing was executed")
    );
    for mode in [Mode::Drill, Mode::DryRun] {
        bench.mode = mode;
        let done = bench
            .live()
            .execute(bench.job(write.clone()), stop.clone())
            .await;
        assert_eq!(
            (done.status, done.summary.as_str()),
            (Status::Failed, "this is a rehearsal: nothing was executed")
        );
        assert_eq!(bench.take_back(write.clone()).await.status, Status::Failed);
    }
    assert!(!bench.home().join("x").exists());
    let manual = Action::Manual {
        text: "Call Ann".to_owned(),
        link: None,
    };
    bench.mode = Mode::Drill;
    assert_eq!(
        rehearsal().execute(bench.job(manual), stop).await.status,
        Status::ByHand
    );
}

/// Every step of both plans, with every address set to a server that counts and every folder to one that is empty: not one
/// request leaves, not one file is touched, neither from a rehearsal nor from the real executor that is given a drill by
/// mistake.
#[tokio::test]
async fn not_one_byte_leaves() {
    let server = Server::answering(200, "").await;
    let mut bench = Bench::new();
    let (_hold, stop) = watch::channel(false);
    let mut steps = 0;
    for (_, source) in shipped() {
        bench.plan = parse(source).unwrap();
        let home = bench.home().display().to_string();
        for connection in bench.plan.connections.clone() {
            let address = match connection.kind {
                ConnectionKind::Http => server.url(),
                ConnectionKind::Database => format!("postgres://app@{}/x", server.address),
                ConnectionKind::Host => "localhost".to_owned(),
                ConnectionKind::Folder => home.clone(),
            };
            bench.set(&connection.address, address);
            for name in connection.secrets.iter().chain(&connection.settings) {
                bench.set(name, "value-of-it");
            }
        }
        assert_eq!(bench.targets().not_set_up(&bench.plan), []);
        let all = bench.plan.procedures.iter().flat_map(|it| &it.steps);
        let all = all.chain(bench.plan.credentials.iter().flat_map(|it| &it.steps));
        let all: Vec<Step> = all
            .flat_map(|it| [Some(it), it.undo.as_deref()].into_iter().flatten())
            .filter(|it| !matches!(it.action, Action::Wait { .. }))
            .cloned()
            .collect();
        for step in all {
            for mode in [Mode::Drill, Mode::DryRun] {
                bench.mode = mode;
                let job = bench.job_of(step.clone());
                let done = rehearsal().execute(job.clone(), stop.clone()).await;
                assert_ne!(done.status, Status::Failed, "{}", done.summary);
                let done = bench.live().execute(job, stop.clone()).await;
                assert_eq!(done.status, Status::Failed);
                steps += 1;
            }
        }
        for collector in &bench.plan.collectors {
            let (approval, plan) = bench.gathering(collector);
            let done = rehearsal().gather(&approval, &plan, collector, &bench.values);
            assert_eq!(done.status, Status::Succeeded, "{}", done.summary);
            let live = bench.live();
            let done = live
                .gather(&approval, &plan, collector, &bench.values, stop.clone())
                .await;
            assert_eq!(done.status, Status::Failed, "{}", done.summary);
        }
    }
    assert!(steps > 200, "{steps}");
    assert!(server.arrived().is_empty());
    assert_eq!(std::fs::read_dir(bench.home()).unwrap().count(), 0);
    // The same bench does reach the server once it is live.
    bench.mode = Mode::Live;
    let plan = &bench.plan;
    let mut steps = plan.procedures.iter().flat_map(|it| &it.steps);
    let request = steps
        .find(|it| matches!(it.action, Action::Http(_)))
        .unwrap();
    bench.run(request.action.clone()).await;
    assert_eq!(server.arrived().len(), 1);
}
