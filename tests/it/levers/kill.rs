//! The runner dies between and inside steps, again and again.

use std::collections::BTreeMap;
use std::time::Duration;

use breakglass::actions::Status;
use breakglass::clock::Clock;
use breakglass::incident::saga::{self, Progress};
use breakglass::incident::{Choice, Mode, RunOutcome, Warrant};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::stage::{GROUP, Stage, procedure};
use crate::harness::figure;

const RUNS: u32 = 16;

/// Two levers: one stops at a failure, one goes on. Steps named `once…` must not happen twice.
const TABLES: &str = r#"
[[procedure]]
id = "fragile"
name = "Fragile"
summary = "Stops at a failure."
tier = "t2"
touches = ["Nothing"]

[[procedure.step]]
name = "once a"
kind = "service"
connection = "host"
unit = "a"
change = "stop"

[procedure.step.undo]
name = "again back a"
kind = "service"
connection = "host"
unit = "a"
change = "start"
idempotent = true
retries = 3
retry_wait = "1s"

[[procedure.step]]
name = "again b"
kind = "service"
connection = "host"
unit = "b"
change = "stop"
idempotent = true
retries = 2
retry_wait = "1s"
group = "pair"

[[procedure.step]]
name = "once c"
kind = "service"
connection = "host"
unit = "c"
change = "stop"
group = "pair"

[procedure.step.undo]
name = "once back c"
kind = "service"
connection = "host"
unit = "c"
change = "start"

[[procedure.step]]
name = "once d"
kind = "service"
connection = "host"
unit = "d"
change = "stop"

[[procedure]]
id = "stubborn"
name = "Stubborn"
summary = "Goes on past failures."
tier = "t2"
touches = ["Nothing"]
on_failure = "continue"

[[procedure.step]]
name = "once e"
kind = "service"
connection = "host"
unit = "e"
change = "stop"

[[procedure.step]]
name = "again f"
kind = "service"
connection = "host"
unit = "f"
change = "stop"
idempotent = true

[[procedure.step]]
name = "once g"
kind = "service"
connection = "host"
unit = "g"
change = "stop"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_runs_twice_and_nothing_runs_for_ever() {
    let mut rng = StdRng::seed_from_u64(42);
    let stage = Stage::new(Clock::system(), TABLES);
    let open = stage.open().await;
    let id = stage.declare(&open, GROUP).await;
    open.kill().await;

    let mut kills = 0_u32;
    let mut inside = 0_u32;
    let mut wanted: BTreeMap<(u32, String), usize> = BTreeMap::new();
    let mut outcomes: BTreeMap<&str, u32> = BTreeMap::new();
    for number in 0..RUNS {
        let lever = if number % 2 == 0 {
            "fragile"
        } else {
            "stubborn"
        };
        script(&stage, &mut rng);
        let run = stage
            .pull(id, procedure(lever), Mode::Live, Warrant::Confirmed)
            .await;
        for round in 0.. {
            assert!(round < 400, "run {run} must end");
            let open = stage.open().await;
            // Longer and longer, so that a slow machine gets somewhere too.
            tokio::time::sleep(Duration::from_millis(rng.random_range(0..60 + 10 * round))).await;
            let seen = stage.incident(&open, id).await;
            let known = seen.run(run).unwrap();
            if known.is_over() {
                open.kill().await;
                break;
            }
            // What a person decides while it stands; not every time, so that it is also killed while it stands.
            let asks = saga::asks(known, &seen.plan, stage.clock.now());
            if let Some(step) = asks.first().filter(|_| rng.random_bool(0.7)) {
                let choice = match rng.random_range(0..4) {
                    0 => Choice::Retry,
                    1 => Choice::Skip,
                    2 if !step.undo => Choice::Undo,
                    _ => Choice::Done,
                };
                let shown = saga::number(&known.lever, &seen.plan, step).unwrap();
                let name = saga::step(&known.lever, &seen.plan, step).unwrap().name;
                open.decides(id, run, shown, choice).await;
                if choice == Choice::Retry {
                    *wanted.entry((run, name)).or_default() += 1;
                }
                tokio::time::sleep(Duration::from_millis(rng.random_range(0..20))).await;
            }
            let now = stage.incident(&open, id).await;
            let known = now.run(run).unwrap();
            let at_work = known.steps.values();
            let at_work = at_work.filter(|it| it.progress == Progress::Running);
            inside += u32::from(at_work.count() > 0);
            open.kill().await;
            kills += 1;
        }
        let open = stage.open().await;
        let incident = stage.incident(&open, id).await;
        let known = incident.run(run).unwrap();
        let outcome = known.ended.as_ref().unwrap().outcome;
        assert_ne!(outcome, RunOutcome::Refused);
        *outcomes.entry(outcome.word()).or_default() += 1;
        assert!(
            known
                .steps
                .values()
                .all(|it| it.progress != Progress::Running)
        );
        open.kill().await;
    }

    let world = stage.live.world();
    let mut executed = 0;
    for run in 1..=RUNS {
        let names: std::collections::BTreeSet<&String> = world
            .begun
            .iter()
            .filter(|(_, of, _)| *of == run)
            .map(|(_, _, name)| name)
            .collect();
        for name in names {
            let times = world.times(run, name);
            executed += times;
            let allowed = 1 + wanted.get(&(run, name.clone())).copied().unwrap_or(0);
            if name.starts_with("once") {
                assert!(
                    times <= allowed,
                    "{name} of run {run}: {times} times, {allowed} allowed"
                );
            }
        }
    }
    assert!(
        kills >= RUNS && inside > 0,
        "{kills} kills, {inside} inside a step"
    );
    figure(&format!(
        "sagas: {RUNS} runs, {kills} kills ({inside} of them inside a step), {executed} executions: \
         0 steps twice that must not, 0 runs still running; ends: {outcomes:?}"
    ));
}

/// Other results for each run.
fn script(stage: &Stage, rng: &mut StdRng) {
    let mut world = stage.live.world();
    world.takes = Duration::from_millis(rng.random_range(1..30));
    world.script.clear();
    for name in [
        "again b",
        "once c",
        "once d",
        "once g",
        "again f",
        "again back a",
        "once back c",
    ] {
        let results = (0..3)
            .map(|_| match rng.random_range(0..10) {
                0..=5 => Status::Succeeded,
                6..=7 => Status::Failed,
                8 => Status::Unknown,
                _ => Status::ByHand,
            })
            .collect();
        world.script.insert(name.to_owned(), results);
    }
}
