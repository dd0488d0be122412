//! How steps end, and what follows from it.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn an_orderly_end_cuts_a_step_off_and_says_so() {
    let stage = stage(Clock::system());
    stage.live.world().hangs.push("look".to_owned());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let run = stage
        .pull(id, procedure("tell"), Mode::Live, Warrant::Confirmed)
        .await;
    let open = stage.open().await;
    let progress = |it: &Incident, index: u32| {
        let run = it.run(run).unwrap();
        run.steps
            .iter()
            .find(|(key, _)| key.index == index)
            .map(|(_, it)| it.progress)
    };
    stage
        .until(&open, id, "it hangs", |it| {
            progress(it, 3) == Some(Progress::Running)
        })
        .await;
    open.stop().await;
    let open = stage.open().await;
    let seen = stage.incident(&open, id).await;
    assert_eq!(
        progress(&seen, 3),
        Some(Progress::Unknown { interrupted: true })
    );
    assert_eq!(stage.live.world().gathered, [collector()]);
    open.says(
        GROUP,
        Command::AbortRun {
            run: Some(run),
            why: "enough".to_owned(),
        },
        Some(id),
    )
    .await;
    let done = stage.until(&open, id, "it ends", |it| over(it, run)).await;
    assert_eq!(outcome(&done, run), RunOutcome::Aborted);
    open.stop().await;
}

fn ticked(incident: &Incident, auto: plan::AutoTick) -> bool {
    let mut items = incident
        .plan
        .items()
        .filter(|(.., it)| it.auto == Some(auto))
        .peekable();
    assert!(items.peek().is_some(), "{auto} ticks something");
    items.all(|(.., it)| incident.items.contains_key(&it.id))
}

#[tokio::test(flavor = "multi_thread")]
async fn facts_that_runs_make_known_tick_their_items() {
    let stage = stage(Clock::system());
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    let plan = stage.incident(&open, id).await.plan;
    open.stop().await;
    let all: Vec<String> = plan.credentials.iter().map(|it| it.id.clone()).collect();
    let (last, others) = all.split_last().unwrap();
    let rotate = |credentials: &[String]| Lever::Rotate {
        credentials: credentials.to_vec(),
    };
    stage
        .live
        .world()
        .unreadable
        .push(plan.collectors[0].id.clone());
    let cases = [
        (procedure("collect"), Mode::Live, [false, false, false]),
        (procedure("verify"), Mode::DryRun, [false, false, false]),
        (procedure("verify"), Mode::Live, [false, true, false]),
        (rotate(others), Mode::Live, [false, true, false]),
        (
            rotate(std::slice::from_ref(last)),
            Mode::Live,
            [false, true, true],
        ),
        (procedure("collect"), Mode::Live, [true, true, true]),
    ];
    for (lever, mode, [evidence, probes, credentials]) in cases {
        let shown = format!("{lever:?} {mode:?}");
        let run = stage.pull(id, lever, mode, Warrant::Confirmed).await;
        let open = stage.open().await;
        settle(&stage, &open, id, run).await;
        let seen = stage.until(&open, id, "it ends", |it| over(it, run)).await;
        assert_eq!(
            ticked(&seen, plan::AutoTick::EvidencePreserved),
            evidence,
            "{shown}"
        );
        assert_eq!(
            ticked(&seen, plan::AutoTick::ProbesGreen),
            probes,
            "{shown}"
        );
        assert_eq!(
            ticked(&seen, plan::AutoTick::CredentialsRotated),
            credentials,
            "{shown}"
        );
        open.stop().await;
        stage.live.world().unreadable.clear();
    }
}

/// A person does every manual step.
async fn settle(
    stage: &Stage,
    open: &crate::levers::stage::Open,
    id: breakglass::incident::IncidentId,
    run: u32,
) {
    use breakglass::incident::saga;
    loop {
        let seen = stage
            .until(open, id, "it ends or asks", |it| {
                over(it, run)
                    || !saga::asks(it.run(run).unwrap(), &it.plan, stage.clock.now()).is_empty()
            })
            .await;
        let known = seen.run(run).unwrap();
        let asks = saga::asks(known, &seen.plan, stage.clock.now());
        let Some(step) = asks.first() else { return };
        let number = saga::number(&known.lever, &seen.plan, step).unwrap();
        open.decides(id, run, number, Choice::Done).await;
    }
}

/// Nobody knows whether it happened: killed inside, or without an answer. Its check knows, and nobody is asked.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_knows_is_checked_before_anybody_is_asked() {
    let stage = stage(Clock::system());
    let plan = plan::parse(plan::default_source()).unwrap();
    let probe = plan.probes.iter().find(|it| it.id == "app_up").unwrap();
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.stop().await;
    let pull = || stage.pull(id, procedure("unsure"), Mode::Live, Warrant::Confirmed);

    stage.live.world().hangs.push("once".to_owned());
    let run = pull().await;
    let open = stage.open().await;
    let begun = |_: &Incident| stage.live.world().times(run, "once") == 1;
    stage.until(&open, id, "it hangs", begun).await;
    open.kill().await;
    stage.live.world().hangs.clear();
    let open = stage.open().await;
    let done = stage.until(&open, id, "it ends", |it| over(it, run)).await;
    assert_eq!(outcome(&done, run), RunOutcome::Succeeded);
    open.stop().await;

    let says = |step: &str, status| {
        let script = [(step.to_owned(), [status].into())];
        stage.live.world().script.extend(script);
    };
    says("once", Status::Unknown);
    let run = pull().await;
    let open = stage.open().await;
    let done = stage.until(&open, id, "it ends", |it| over(it, run)).await;
    assert_eq!(outcome(&done, run), RunOutcome::Succeeded);
    open.stop().await;

    // It is not done, and once more could do harm: a person decides.
    says("once", Status::Unknown);
    says(&probe.name, Status::Failed);
    let run = pull().await;
    let open = stage.open().await;
    let asks = |it: &Incident| {
        let known = it.run(run).unwrap();
        !breakglass::incident::saga::asks(known, &it.plan, stage.clock.now()).is_empty()
    };
    stage.until(&open, id, "it asks", asks).await;
    open.decides(id, run, 1, Choice::Retry).await;
    let done = stage.until(&open, id, "it ends", |it| over(it, run)).await;
    assert_eq!(outcome(&done, run), RunOutcome::Succeeded);
    let times = |step: &str| stage.live.world().times(run, step);
    assert_eq!((times("once"), times(&probe.name)), (2, 1));
    open.stop().await;
}
