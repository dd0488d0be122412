//! What may run, in whose way, and what follows from it.

use std::time::Duration;

use breakglass::actions::Status;
use breakglass::clock::Clock;
use breakglass::incident::saga::{self, Progress};
use breakglass::incident::{
    By, Changed, Choice, Command, Hindrance, Incident, IncidentEvent, IncidentId, Lever, Mode,
    Person, RunOutcome, StepStatus, UserId, Warrant,
};
use breakglass::plan;

use super::stage::{GROUP, Stage, procedure};

const OTHER: i64 = -1002;

/// Two levers on the same host, one of which rests, and one that takes itself back.
const TABLES: &str = r#"
[[procedure]]
id = "stop_it"
name = "Stop it"
summary = "Stops the host's service."
tier = "t2"
touches = ["Host"]
cooldown = "10m"

[[procedure.step]]
name = "stop"
kind = "service"
connection = "host"
unit = "a"
change = "stop"

[[procedure]]
id = "shut_out"
name = "Shut out"
summary = "Shuts everybody out for a while."
tier = "t2"
touches = ["Host"]

[[procedure.step]]
name = "shut"
kind = "service"
connection = "host"
unit = "b"
change = "stop"
revert_after = "10m"
undo = { name = "open again", kind = "service", connection = "host", unit = "b", change = "start" }

[[procedure]]
id = "halt"
name = "Halt"
summary = "Stops the host's other service, whatever else is going on."
tier = "t3"
touches = ["Host"]
fail_safe = true

[[procedure.step]]
name = "halt"
kind = "service"
connection = "host"
unit = "c"
change = "stop"
idempotent = true

[[procedure]]
id = "tell"
name = "Tell"
summary = "Waits, tells, looks and keeps."
tier = "t2"
touches = ["Nothing"]

[[procedure.step]]
name = "pause"
kind = "wait"
time = "1s"

[[procedure.step]]
name = "tell"
kind = "notify"
template = "internal_alert"

[[procedure.step]]
name = "keep"
kind = "collect"
collectors = ["app_log"]

[[procedure.step]]
name = "look"
kind = "service"
connection = "host"
unit = "a"
change = "status"

[[procedure]]
id = "unsure"
name = "Unsure"
summary = "What must not happen twice, with a check."
tier = "t2"
touches = ["Nothing"]

[[procedure.step]]
name = "once"
kind = "service"
connection = "host"
unit = "a"
change = "restart"
check = "app_up"
"#;

fn collector() -> String {
    let plan = plan::parse(plan::default_source()).unwrap();
    plan.collectors[0].id.clone()
}

fn stage(clock: Clock) -> Stage {
    Stage::new(clock, &TABLES.replace("app_log", &collector()))
}

fn over(incident: &Incident, run: u32) -> bool {
    incident
        .run(run)
        .is_some_and(breakglass::incident::Run::is_over)
}

fn outcome(incident: &Incident, run: u32) -> RunOutcome {
    incident.run(run).unwrap().ended.as_ref().unwrap().outcome
}

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
    open: &super::stage::Open,
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
