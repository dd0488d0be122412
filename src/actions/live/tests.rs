use std::time::Duration;

use tokio::sync::watch;

use crate::actions::testing::{Bench, Server, command, fact, file, http, moment, text};
use crate::actions::{Execute as _, Generated, Live, Status};
use crate::clock::Clock;
use crate::incident::StepFact;
use crate::plan::{Action, FileOperation, HttpMethod};

#[tokio::test]
async fn steps_that_are_not_an_executors() {
    let bench = Bench::new();
    for action in [
        Action::Collect {
            collectors: vec!["sessions".to_owned()],
        },
        Action::Notify {
            template: "alert".to_owned(),
        },
    ] {
        let done = bench.run(action).await;
        assert_eq!(
            (done.status, done.summary.as_str()),
            (Status::Failed, "this is not an executor's step")
        );
    }
    let manual = Action::Manual {
        text: "Call Ann.".to_owned(),
        link: Some("https://example.org/ann".to_owned()),
    };
    let done = bench.run(manual).await;
    assert_eq!(
        (done.status, done.summary.as_str()),
        (Status::ByHand, "Call Ann. https://example.org/ann")
    );
}

#[tokio::test]
async fn a_pause_is_kept_by_the_clock_and_can_be_ended() {
    let bench = Bench::new();
    let clock = Clock::test(moment());
    let live = Live::new(
        bench.targets(),
        Generated::new(bench.folder.path()),
        clock.clone(),
    );
    let wait = || bench.job(Action::Wait { seconds: 600 });
    let (tell, stop) = watch::channel(false);
    let (mut run, job) = (
        tokio::spawn({
            let (live, job, stop) = (live.clone(), wait(), stop.clone());
            async move { live.execute(job, stop).await }
        }),
        wait(),
    );
    assert!(
        tokio::time::timeout(Duration::from_millis(200), &mut run)
            .await
            .is_err()
    );
    clock.advance(Duration::from_mins(10));
    let done = run.await.unwrap();
    assert_eq!(
        (done.status, fact(&done).0),
        (Status::Succeeded, &StepFact::Waited { seconds: 600 })
    );
    let run = tokio::spawn(async move { live.execute(job, stop).await });
    tell.send(true).unwrap();
    assert_eq!(run.await.unwrap().status, Status::Failed);
}

/// Generate, install, hand over: all steps of a rotation see the same secret, also after a restart, and nobody else does.
#[tokio::test]
async fn a_rotation_goes_on_with_the_same_secret() {
    let server = Server::answering(200, "ok").await;
    let mut bench = Bench::new();
    bench.set("T_APP", server.url());
    let install = file(FileOperation::Write, "key", Some("${generated}"));
    let done = bench.run(install.clone()).await;
    assert_eq!(
        (done.status, done.summary.as_str()),
        (Status::Failed, "nothing stands for ${generated}")
    );
    bench.values.generated = Some("SEC-2026-007/1/app_key".to_owned());
    assert_eq!(bench.run(install).await.status, Status::Succeeded);
    let secret = std::fs::read_to_string(bench.home().join("key")).unwrap();
    assert_eq!(secret.len(), 43);
    // Every run below is a bot that was started anew.
    let mut request = http(HttpMethod::Post, "/env");
    request.body = Some("{\"value\":\"${generated}\"}".to_owned());
    assert_eq!(
        bench.run(Action::Http(request)).await.status,
        Status::Succeeded
    );
    assert_eq!(
        server.arrived()[0].body,
        format!("{{\"value\":\"{secret}\"}}")
    );
    let mut call = command(&["cat"]);
    call.stdin = Some("${generated}".to_owned());
    assert_eq!(text(&bench.run(Action::Command(call)).await), "[secret]");
    // A later step that prints it shows nothing either.
    let mut call = command(&["cat", "key"]);
    call.connection = "home".to_owned();
    assert_eq!(
        text(&bench.run(Action::Command(call.clone())).await),
        "[secret]"
    );
    bench
        .live()
        .generated()
        .forget("SEC-2026-007/1/app_key")
        .unwrap();
    let install = file(FileOperation::Write, "key", Some("${generated}"));
    assert_eq!(bench.run(install).await.status, Status::Succeeded);
    assert_ne!(
        std::fs::read_to_string(bench.home().join("key")).unwrap(),
        secret
    );
}

#[tokio::test]
async fn secrets_in_the_environment_of_a_program_are_taken_out() {
    let mut bench = Bench::new();
    bench.set("PGPASSWORD", "swordfish-77");
    bench.set("T_DB", "postgres://app:trout-4711@db/main");
    let mut call = command(&["sh", "-c", "echo $PGPASSWORD; echo trout-4711; echo $LANG"]);
    call.env
        .extend(["PGPASSWORD".to_owned(), "LANG".to_owned()]);
    bench.set("LANG", "C.UTF-8");
    assert_eq!(
        text(&bench.run(Action::Command(call)).await),
        "[secret]\n[secret]\nC.UTF-8\n"
    );
}

/// The leave for one procedure does nothing of another, nor the same with another value, nor for another incident.
#[tokio::test]
async fn a_leave_covers_its_own_lever_and_nothing_else() {
    let mut bench = Bench::new();
    bench.param("name", "a");
    let path = |name: &str| bench.home().join(name);
    let (_hold, stop) = watch::channel(false);
    let good = bench.job(file(FileOperation::Write, "flag-${param.name}", Some("x")));
    let other = bench.job(file(FileOperation::Write, "other", Some("x")));
    let refused = |done: crate::actions::Done| {
        assert_eq!(
            (done.status, done.summary.as_str()),
            (
                Status::Failed,
                "the approval is for something else: nothing was executed"
            )
        );
    };
    let live = bench.live();
    // A step of another procedure, in the plan that has it and in the one that was approved.
    let mut job = good.clone();
    job.step = other.step.clone();
    refused(live.execute(job.clone(), stop.clone()).await);
    job.plan = other.plan.clone();
    refused(live.execute(job, stop.clone()).await);
    // The procedure was edited since.
    let mut job = good.clone();
    let mut plan = (*job.plan).clone();
    plan.procedures[0].steps.push(other.step.clone());
    job.plan = plan.into();
    refused(live.execute(job, stop.clone()).await);
    // Other parameters, one more, another incident.
    for (name, value) in [("name", "b"), ("more", "x")] {
        let mut job = good.clone();
        let entry = (name.to_owned(), value.to_owned());
        job.values.parameters.extend([entry]);
        refused(live.execute(job, stop.clone()).await);
    }
    let mut job = good.clone();
    job.values.incident = "SEC-2026-008".to_owned();
    refused(live.execute(job, stop.clone()).await);
    // A collector that no step of it runs.
    let collector = bench.plan.collectors[0].clone();
    let done = live
        .gather(
            &good.approval,
            &good.plan,
            &collector,
            &good.values,
            stop.clone(),
        )
        .await;
    refused(done);
    assert_eq!(std::fs::read_dir(bench.home()).unwrap().count(), 0);
    assert_eq!(live.execute(good, stop).await.status, Status::Succeeded);
    assert!(path("flag-a").exists() && !path("other").exists());
}
