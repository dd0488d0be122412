//! What a run has leave to do, and under which plan.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_touches_nothing() {
    let stage = stage(Clock::system());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let mut runs = Vec::new();
    for mode in [Mode::Drill, Mode::DryRun] {
        for lever in [
            "stop_it",
            "stop_it",
            "tell",
            "collect",
            "verify",
            "emergency_shutdown",
        ] {
            runs.push(
                stage
                    .pull(id, procedure(lever), mode, Warrant::Confirmed)
                    .await,
            );
        }
    }
    let open = stage.open().await;
    for run in runs {
        let done = stage.until(&open, id, "it ends", |it| over(it, run)).await;
        assert_eq!(outcome(&done, run), RunOutcome::Succeeded);
    }
    assert_eq!(stage.live.world().names(), Vec::<&str>::new());
    assert_eq!(stage.live.world().gathered, Vec::<String>::new());
    assert!(stage.rehearsal.world().begun.len() > 20);
    open.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_from_what_was_approved_does_not_run() {
    let stage = stage(Clock::system());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let run = stage
        .pull_as(id, procedure("stop_it"), "0".repeat(64))
        .await;
    let open = stage.open().await;
    let done = stage
        .until(&open, id, "it is refused", |it| over(it, run))
        .await;
    assert_eq!(outcome(&done, run), RunOutcome::Refused);
    assert_eq!(stage.live.world().names(), Vec::<&str>::new());
    open.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_goes_on_under_the_plan_that_it_was_begun_under() {
    let mut stage = stage(Clock::system());
    stage.live.world().hangs.push("look".to_owned());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let lever = procedure("tell");
    let run = stage.pull(id, lever, Mode::Live, Warrant::Confirmed).await;
    let open = stage.open().await;
    let begun = |it: &Incident| it.run(run).unwrap().steps.len() == 4;
    stage
        .until(&open, id, "it is at its last step", begun)
        .await;
    open.kill().await;
    stage.upgrade("name = \"look\"", "name = \"look elsewhere\"");
    let open = stage.open().await;
    stage.live.world().hangs.clear();
    let cut_off = |it: &Incident| {
        let run = it.run(run).unwrap();
        let interrupted = Progress::Unknown { interrupted: true };
        run.steps.values().any(|it| it.progress == interrupted)
    };
    stage.until(&open, id, "it asks", cut_off).await;
    open.decides(id, run, 4, Choice::Retry).await;
    let done = stage.until(&open, id, "it ends", |it| over(it, run)).await;
    assert_eq!(outcome(&done, run), RunOutcome::Succeeded);
    assert_eq!(stage.live.world().times(run, "look"), 2);
    let names: Vec<String> = stage
        .live
        .world()
        .names()
        .iter()
        .map(|it| (*it).to_owned())
        .collect();
    assert!(!names.contains(&"look elsewhere".to_owned()), "{names:?}");
    open.stop().await;
}
