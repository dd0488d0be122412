use std::sync::Arc;

use tokio::sync::watch;

use crate::actions::testing::{Bench, Server, command, file, http, moment, sql};
use crate::actions::{Execute as _, Job, Rehearsal, Status, can_take_back};
use crate::clock::Clock;
use crate::incident::Mode;
use crate::plan::{Action, FileOperation, HttpMethod, ServiceChange};
use crate::plan::{parse, shipped};

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
            "rehearsed: would send POST /pause/${setting.T_PROJECT} to The app",
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
        let done = bench
            .live()
            .take_back(bench.job(write.clone()), stop.clone())
            .await;
        assert_eq!(done.status, Status::Failed);
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

/// Every step of both plans, with every address set to a server that counts: not one request, not one file.
#[tokio::test]
async fn not_one_byte_leaves() {
    let server = Server::answering(200, "").await;
    let bench = Bench::new();
    let (_hold, stop) = watch::channel(false);
    let mut steps = 0;
    for (_, source) in shipped() {
        let plan = Arc::new(parse(source).unwrap());
        let all = plan
            .procedures
            .iter()
            .flat_map(|it| &it.steps)
            .chain(plan.credentials.iter().flat_map(|it| &it.steps));
        for step in all.filter(|it| !matches!(it.action, Action::Wait { .. })) {
            for mode in [Mode::Drill, Mode::DryRun] {
                let job = Job {
                    approval: crate::incident::Approval::for_tests(
                        crate::incident::IncidentId::security(2026, 7),
                        1,
                        mode,
                    ),
                    plan: plan.clone(),
                    step: step.clone(),
                    values: bench.values.clone(),
                };
                let done = rehearsal().execute(job.clone(), stop.clone()).await;
                assert_ne!(done.status, Status::Failed, "{}", done.summary);
                if can_take_back(step) {
                    rehearsal().take_back(job, stop.clone()).await;
                }
                steps += 1;
            }
        }
    }
    assert!(steps > 200, "{steps}");
    assert!(server.arrived().is_empty());
    assert_eq!(std::fs::read_dir(bench.home()).unwrap().count(), 0);
}
