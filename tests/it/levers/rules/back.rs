//! What takes itself back by the clock.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_step_takes_itself_back_by_the_clock() {
    let clock = Clock::test(Clock::system().now());
    let stage = stage(clock.clone());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let forgotten = stage
        .pull(id, procedure("shut_out"), Mode::Live, Warrant::Confirmed)
        .await;
    let open = stage.open().await;
    let shut = |run: u32| {
        move |it: &Incident| {
            it.run(run).is_some_and(|run| {
                run.steps
                    .values()
                    .any(|step| step.progress == Progress::Succeeded)
            })
        }
    };
    stage.until(&open, id, "it is shut", shut(forgotten)).await;
    // The promise outlives the process.
    open.kill().await;
    let open = stage.open().await;
    assert_eq!(stage.live.world().names(), ["shut"]);
    clock.advance(Duration::from_secs(601));
    open.house.fire_due().await.unwrap();
    let done = stage
        .until(&open, id, "it opens again", |it| over(it, forgotten))
        .await;
    assert_eq!(outcome(&done, forgotten), RunOutcome::Succeeded);
    assert_eq!(stage.live.world().names(), ["shut", "open again"]);
    open.stop().await;

    let kept = stage
        .pull(id, procedure("shut_out"), Mode::Live, Warrant::Confirmed)
        .await;
    let open = stage.open().await;
    stage.until(&open, id, "it is shut", shut(kept)).await;
    open.decides(id, kept, 1, Choice::Done).await;
    clock.advance(Duration::from_secs(601));
    open.house.fire_due().await.unwrap();
    stage
        .until(&open, id, "it stays", |it| over(it, kept))
        .await;
    assert_eq!(stage.live.world().names(), ["shut", "open again", "shut"]);
    assert_eq!(open.house.ledger().timers_all().await.unwrap(), Vec::new());
    open.stop().await;
}

fn somebody() -> By {
    By::Person(Person {
        id: UserId(77),
        name: "Mallory".to_owned(),
        username: None,
    })
}

/// A run whose asker may not act any more, with a step of it begun that ended so.
async fn of_somebody_revoked(
    stage: &Stage,
    id: IncidentId,
    lever: &Lever,
    status: StepStatus,
) -> u32 {
    stage
        .write(id, |incident| {
            let run = incident.next_run();
            let step = saga::steps(lever, &incident.plan)[0].key.clone();
            vec![
                IncidentEvent::RunStarted {
                    run,
                    fingerprint: lever.fingerprint(&incident.plan).unwrap(),
                    lever: lever.clone(),
                    mode: Mode::Live,
                    warrant: Warrant::Confirmed,
                    asked_by: somebody(),
                    approved_by: Vec::new(),
                    why: None,
                },
                IncidentEvent::StepStarted {
                    run,
                    step: step.clone(),
                    attempt: 1,
                },
                IncidentEvent::StepEnded {
                    run,
                    step,
                    attempt: 1,
                    status,
                    fact: None,
                    summary: String::new(),
                    code: None,
                    output_sha256: None,
                    output_bytes: None,
                    interrupted: false,
                },
            ]
        })
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_itself_back_does_so_whoever_lost_their_permission() {
    let clock = Clock::test(Clock::system().now());
    let stage = stage(clock.clone());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let lever = procedure("shut_out");
    let shut = of_somebody_revoked(&stage, id, &lever, StepStatus::Succeeded).await;
    let lever = procedure("stop_it");
    let waits = of_somebody_revoked(&stage, id, &lever, StepStatus::Failed).await;
    let open = stage.open().await;
    // Nothing further begins for whoever may not ask for it any more, also days later.
    open.decides(id, waits, 1, Choice::Retry).await;
    let done = stage
        .until(&open, id, "it stops", |it| over(it, waits))
        .await;
    let end = done.run(waits).unwrap().ended.clone().unwrap();
    assert_eq!(end.outcome, RunOutcome::Stopped);
    let what = Changed::Asker;
    assert_eq!(end.hindrance, Some(Hindrance::Changed { what }));
    assert!(!over(&done, shut));
    clock.advance(Duration::from_secs(601));
    open.house.fire_due().await.unwrap();
    let done = stage
        .until(&open, id, "it opens again", |it| over(it, shut))
        .await;
    assert_eq!(outcome(&done, shut), RunOutcome::Succeeded);
    assert_eq!(stage.live.world().names(), ["open again"]);
    open.stop().await;
}
