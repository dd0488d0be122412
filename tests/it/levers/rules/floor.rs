//! Who goes first where several want the same target.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn one_run_for_each_target_in_the_whole_installation() {
    let stage = stage(Clock::system());
    stage.live.world().hangs.push("stop".to_owned());
    let open = stage.open().await;
    let here = stage.declare(&open, GROUP).await;
    let there = stage.declare(&open, OTHER).await;
    open.stop().await;
    let first = stage
        .pull(here, procedure("stop_it"), Mode::Live, Warrant::Confirmed)
        .await;
    let second = stage
        .pull(there, procedure("shut_out"), Mode::Live, Warrant::Confirmed)
        .await;
    let reading = stage
        .pull(there, procedure("tell"), Mode::Live, Warrant::Confirmed)
        .await;
    let open = stage.open().await;
    let elsewhere = stage
        .until(&open, there, "it is refused", |it| over(it, second))
        .await;
    let end = elsewhere.run(second).unwrap().ended.clone().unwrap();
    assert_eq!(end.outcome, RunOutcome::Refused);
    assert_eq!(
        end.hindrance,
        Some(Hindrance::Busy {
            incident: here,
            run: first
        })
    );
    let elsewhere = stage
        .until(&open, there, "reading is in nobody's way", |it| {
            over(it, reading)
        })
        .await;
    assert_eq!(outcome(&elsewhere, reading), RunOutcome::Succeeded);
    let hangs = |_: &Incident| stage.live.world().times(first, "stop") == 1;
    stage.until(&open, here, "it hangs", hangs).await;
    open.kill().await;

    // After a restart the unknown step still holds its target; break-glass waits for nobody, and ends it.
    let again = stage
        .pull(there, procedure("shut_out"), Mode::Live, Warrant::Confirmed)
        .await;
    let first_of_all = stage
        .pull(
            there,
            procedure("shut_out"),
            Mode::Live,
            Warrant::BreakGlass,
        )
        .await;
    let open = stage.open().await;
    let elsewhere = stage
        .until(&open, there, "it is refused again", |it| over(it, again))
        .await;
    assert_eq!(outcome(&elsewhere, again), RunOutcome::Refused);
    let here = stage
        .until(&open, here, "it makes way", |it| over(it, first))
        .await;
    assert_eq!(outcome(&here, first), RunOutcome::Aborted);
    let shut = |it: &Incident| {
        let run = it.run(first_of_all).unwrap();
        run.steps
            .values()
            .any(breakglass::incident::saga::StepState::is_fine)
    };
    stage.until(&open, there, "it is shut", shut).await;
    open.decides_in(OTHER, there, first_of_all, 1, Choice::Done)
        .await;
    let elsewhere = stage
        .until(&open, there, "it runs", |it| over(it, first_of_all))
        .await;
    assert_eq!(outcome(&elsewhere, first_of_all), RunOutcome::Succeeded);
    assert_eq!(stage.live.world().times(first, "stop"), 1);
    open.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_things_waits_for_nobody_whoever_agreed_to_it() {
    let stage = stage(Clock::system());
    stage.live.world().hangs.push("stop".to_owned());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let pull = |lever| stage.pull(id, procedure(lever), Mode::Live, Warrant::Confirmed);
    let busy = pull("stop_it").await;
    let open = stage.open().await;
    let hangs = |_: &Incident| stage.live.world().times(busy, "stop") == 1;
    stage.until(&open, id, "it hangs", hangs).await;
    open.kill().await;
    let halts = [pull("halt").await, pull("halt").await];
    let open = stage.open().await;
    for run in halts {
        let done = stage.until(&open, id, "it runs", |it| over(it, run)).await;
        assert_eq!(outcome(&done, run), RunOutcome::Succeeded);
    }
    let done = stage
        .until(&open, id, "it makes way", |it| over(it, busy))
        .await;
    assert_eq!(outcome(&done, busy), RunOutcome::Aborted);
    open.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_a_person_is_in_nobodys_way() {
    let stage = stage(Clock::system());
    let failed = [Status::Failed].into();
    stage.live.world().script.insert("stop".to_owned(), failed);
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let pull = |lever| stage.pull(id, procedure(lever), Mode::Live, Warrant::Confirmed);
    let waits = pull("stop_it").await;
    let open = stage.open().await;
    stage
        .until(&open, id, "it stands", |it| {
            let mut steps = it.run(waits).unwrap().steps.values();
            steps.any(|it| it.progress == Progress::Failed)
        })
        .await;
    open.stop().await;
    stage.live.world().hangs.push("shut".to_owned());
    let other = pull("shut_out").await;
    let open = stage.open().await;
    let begun = |_: &Incident| stage.live.world().times(other, "shut") == 1;
    stage.until(&open, id, "the other one begins", begun).await;
    // And goes on only once the other one is through.
    open.decides(id, waits, 1, Choice::Retry).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(stage.live.world().times(waits, "stop"), 1);
    open.kill().await;
    let open = stage.open().await;
    open.says(
        GROUP,
        Command::AbortRun {
            run: Some(other),
            why: "enough".to_owned(),
        },
        Some(id),
    )
    .await;
    let done = stage
        .until(&open, id, "it goes on", |it| over(it, waits))
        .await;
    assert_eq!(outcome(&done, waits), RunOutcome::Succeeded);
    assert_eq!(stage.live.world().times(waits, "stop"), 2);
    open.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_rests_after_it_ran_but_not_after_it_failed() {
    let stage = stage(Clock::system());
    stage
        .live
        .world()
        .script
        .insert("stop".to_owned(), [Status::Failed].into());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    let there = stage.declare(&open, OTHER).await;
    open.stop().await;
    let pull = || stage.pull(id, procedure("stop_it"), Mode::Live, Warrant::Confirmed);
    let failed = pull().await;
    let open = stage.open().await;
    stage
        .until(&open, id, "it stands", |it| {
            it.run(failed)
                .unwrap()
                .steps
                .values()
                .any(|it| it.progress == Progress::Failed)
        })
        .await;
    open.decides(id, failed, 1, Choice::Undo).await;
    stage
        .until(&open, id, "it is given up", |it| over(it, failed))
        .await;
    open.stop().await;
    let runs = pull().await;
    let open = stage.open().await;
    let done = stage.until(&open, id, "it runs", |it| over(it, runs)).await;
    assert_eq!(outcome(&done, runs), RunOutcome::Succeeded);
    let at = done.run(runs).unwrap().ended.clone().unwrap().at;
    open.stop().await;
    let rests = pull().await;
    let elsewhere = stage
        .pull(there, procedure("stop_it"), Mode::Live, Warrant::Confirmed)
        .await;
    // After a restart, and whoever asks in whichever chat.
    let open = stage.open().await;
    for (id, run) in [(id, rests), (there, elsewhere)] {
        let done = stage
            .until(&open, id, "it is refused", |it| over(it, run))
            .await;
        let end = done.run(run).unwrap().ended.clone().unwrap();
        assert_eq!(
            end.hindrance,
            Some(Hindrance::Resting {
                until: at + chrono::Duration::minutes(10)
            })
        );
    }
    assert_eq!(stage.live.world().times(rests, "stop"), 0);
    open.stop().await;
}
