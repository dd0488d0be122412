//! Runs of random plans with random results, kills, decisions and aborts, all through `decide` and `apply`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::*;
use crate::incident::{
    Actor, Author, Chat, ChatKey, ChatKind, Command, Env, Event, Identity, IncidentId, Origin,
    Plans, Recorded, Request, StepRef, Via, apply, decide,
};

/// So many times a person says anything but "go on": then they have had enough.
const PATIENCE: u32 = 12;
/// A run that has not ended by then never does.
const FOR_EVER: usize = 3_000;

fn step() -> impl Strategy<Value = Step> {
    let way_back = proptest::option::of((any::<bool>(), 0..2u32));
    (
        any::<bool>(),
        0..3u32,
        0..40u32,
        way_back,
        proptest::bool::weighted(0.2),
        0..4u8,
        proptest::bool::weighted(0.4),
    )
        .prop_map(
            |(idempotent, retries, wait, way_back, provisional, group, is_checked)| {
                let check = || is_checked.then(|| PLAN.probes[0].id.clone());
                let undo = way_back.map(|(idempotent, retries)| {
                    Box::new(Step {
                        idempotent,
                        retries,
                        check: check(),
                        ..plain("back")
                    })
                });
                Step {
                    idempotent,
                    retries,
                    needs: None,
                    retry_wait_seconds: wait,
                    revert_after: (provisional && undo.is_some()).then_some(Minutes(1)),
                    undo,
                    check: check(),
                    group: (group < 2).then(|| format!("g{group}")),
                    ..plain("step")
                }
            },
        )
}

struct Stage {
    chat: Chat,
    log: Vec<Recorded>,
    plans: Plans,
    id: IncidentId,
    now: DateTime<Utc>,
}

impl Stage {
    fn with(plan: Plan, lever: Lever) -> Self {
        let mut plans = Plans {
            default: plan.info.id.clone(),
            ..Plans::default()
        };
        plans.install(Arc::new(plan));
        let mut stage = Self {
            chat: Chat::new(ChatKey(1)),
            log: Vec::new(),
            plans,
            id: IncidentId::security(2026, 1),
            now: start(),
        };
        let described = Command::Describe {
            title: "War room".to_owned(),
            kind: ChatKind::Supergroup,
            forum: false,
            public: false,
        };
        stage.bot(described);
        stage.person(Command::Start);
        stage.person(Command::Declare {
            text: "P0 it burns".to_owned(),
        });
        let started = IncidentEvent::RunStarted {
            run: 1,
            lever,
            fingerprint: String::new(),
            mode: Mode::Live,
            warrant: Warrant::Confirmed,
            asked_by: By::Bot,
            approved_by: Vec::new(),
            why: None,
        };
        stage.record(By::Bot, Event::Incident(stage.id, started));
        stage
    }

    fn record(&mut self, by: By, event: Event) {
        let recorded = Recorded {
            at: self.now,
            by,
            event,
        };
        self.log.push(recorded.clone());
        apply(&mut self.chat, recorded, &self.plans).expect("what was decided folds");
    }

    /// How many events a command makes; none if it is refused.
    fn ask(&mut self, author: &Author, command: Command) -> Option<usize> {
        let request = Request {
            command,
            incident: self
                .chat
                .incidents
                .contains_key(&self.id)
                .then_some(self.id),
            origin: Origin::default(),
        };
        let env = Env {
            now: self.now,
            next_id: self.id,
            plans: &self.plans,
            languages: &["en"],
            owners: &[],
            dice: [7; 32],
            log_changed: false,
            elsewhere: None,
        };
        let decision = decide(&self.chat, &request, author, env).ok()?;
        let count = decision.events.len();
        for (by, event) in decision.events {
            self.record(by, event);
        }
        Some(count)
    }

    fn bot(&mut self, command: Command) -> Option<usize> {
        self.ask(&Author::Bot, command)
    }

    fn person(&mut self, command: Command) -> Option<usize> {
        let author = Author::Person(Actor {
            person: Person {
                id: UserId(1),
                name: "Olivia".to_owned(),
                username: None,
            },
            identity: Identity::Person,
            via: Via::Text,
            owner: true,
            private: false,
            totp: crate::incident::TotpState::None,
        });
        self.ask(&author, command)
    }

    fn run(&self) -> &Run {
        &self.chat.incidents[&self.id].runs[0]
    }

    fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.chat.incidents[&self.id].plan)
    }
}

/// What the outside world saw.
#[derive(Default)]
struct World {
    under_way: BTreeMap<StepKey, u32>,
    executed: BTreeMap<StepKey, u32>,
    /// Steps that a person wanted again since they were last executed.
    wanted: BTreeSet<StepKey>,
}

fn play(stage: &mut Stage, rng: &mut StdRng) {
    let plan = stage.plan();
    let mut world = World::default();
    let mut said = 0;
    for _ in 0..FOR_EVER {
        if stage.run().is_over() {
            break;
        }
        if rng.random_bool(0.02) {
            stage.person(Command::AbortRun {
                run: None,
                why: "enough".to_owned(),
            });
        }
        if rng.random_bool(0.05) {
            world.under_way.clear();
            stage.bot(Command::RunResumed { run: 1 });
            assert!(
                stage
                    .run()
                    .steps
                    .values()
                    .all(|it| it.progress != Progress::Running),
                "nothing is under way after a restart"
            );
        }
        match next(stage.run(), &plan, stage.now) {
            Next::Start(steps) => begin(stage, &mut world, &plan, steps),
            Next::Undo(step) => begin(stage, &mut world, &plan, vec![step]),
            Next::Wait { until } => {
                if world.under_way.is_empty() || rng.random_bool(0.1) {
                    let at = until.unwrap_or(stage.now + Duration::seconds(1));
                    assert!(
                        until.is_some() || !world.under_way.is_empty(),
                        "it waits for something"
                    );
                    stage.now = stage.now.max(at);
                }
                end_one(stage, &mut world, rng);
            }
            Next::Ask { steps, .. } => {
                said += 1;
                decide_one(stage, &mut world, rng, &steps, said > PATIENCE);
            }
            Next::End(outcome) => {
                assert!(world.under_way.is_empty());
                assert_eq!(
                    stage
                        .bot(Command::RunOver {
                            run: 1,
                            hindrance: None
                        })
                        .map(|it| it >= 1),
                    Some(true)
                );
                assert_eq!(
                    stage.run().ended.as_ref().map(|end| end.outcome),
                    Some(outcome)
                );
            }
        }
        stage.now += Duration::seconds(rng.random_range(0..3));
    }
    assert!(stage.run().is_over(), "it must end: {:#?}", stage.run());
}

fn begin(stage: &mut Stage, world: &mut World, plan: &Plan, steps: Vec<StepKey>) {
    let begun = stage.bot(Command::StepsBegun {
        run: 1,
        steps: steps.clone(),
    });
    assert_eq!(begun, Some(steps.len()));
    // Said twice, it begins nothing: whoever comes second must not execute.
    let again = stage.bot(Command::StepsBegun {
        run: 1,
        steps: steps.clone(),
    });
    assert_eq!(again, None);
    for step in steps {
        let definition = super::step(&stage.run().lever, plan, &step).expect("a step of the plan");
        let before = world.executed.entry(step.clone()).or_default();
        assert!(
            *before == 0 || definition.idempotent || world.wanted.contains(&step),
            "{step} must not happen twice by itself"
        );
        *before += 1;
        world.wanted.remove(&step);
        let attempt = stage.run().steps[&step].attempts;
        world.under_way.insert(step, attempt);
    }
}

fn end_one(stage: &mut Stage, world: &mut World, rng: &mut StdRng) {
    let keys: Vec<StepKey> = world.under_way.keys().cloned().collect();
    if keys.is_empty() {
        return;
    }
    let step = keys[rng.random_range(0..keys.len())].clone();
    let attempt = world.under_way.remove(&step).unwrap_or_default();
    let status = match rng.random_range(0..10) {
        0..=5 => StepStatus::Succeeded,
        6..=7 => StepStatus::Failed,
        8 => StepStatus::Unknown,
        _ => StepStatus::ByHand,
    };
    let report = StepReport {
        status,
        ..StepReport {
            interrupted: false,
            ..StepReport::interrupted()
        }
    };
    let late = Command::StepOver {
        run: 1,
        step: step.clone(),
        attempt: attempt + 7,
        report: report.clone(),
    };
    assert_eq!(
        stage.bot(late),
        Some(0),
        "a result of another attempt says nothing"
    );
    let over = Command::StepOver {
        run: 1,
        step,
        attempt,
        report,
    };
    assert_eq!(stage.bot(over), Some(1));
}

fn decide_one(
    stage: &mut Stage,
    world: &mut World,
    rng: &mut StdRng,
    steps: &[StepKey],
    enough: bool,
) {
    let plan = stage.plan();
    let step = steps[rng.random_range(0..steps.len())].clone();
    let can = choices(stage.run(), &plan, &step, stage.now);
    assert!(!can.is_empty(), "whoever is asked can decide");
    let choice = if enough {
        Choice::Skip
    } else {
        Choice::ALL[rng.random_range(0..4)]
    };
    let number = number(&stage.run().lever, &plan, &step);
    let command = Command::Step {
        run: Some(1),
        step: number.map(|number| StepRef {
            number,
            undo: step.undo,
        }),
        choice,
    };
    let decided = stage.person(command);
    assert_eq!(
        decided.is_some(),
        can.contains(&choice),
        "{choice:?} of {can:?}"
    );
    if decided.is_some() && choice == Choice::Retry {
        world.wanted.insert(step);
    }
}

/// Steps of one group stand next to each other, as the reader demands.
fn in_order(mut steps: Vec<Step>) -> Vec<Step> {
    for index in 1..steps.len() {
        let (before, rest) = steps.split_at_mut(index);
        let group = rest[0].group.clone();
        let apart = before[index - 1].group != group;
        if apart && before.iter().any(|it| it.group == group) {
            rest[0].group = None;
        }
    }
    steps
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn every_run_ends_once_and_nothing_happens_twice(
        steps in proptest::collection::vec(step(), 1..7),
        more in proptest::collection::vec(step(), 1..4),
        goes_on in any::<bool>(),
        rotation in any::<bool>(),
        seed in any::<u64>(),
    ) {
        let on_failure = if goes_on { OnFailure::Continue } else { OnFailure::Stop };
        let mut plan = plan_with(on_failure, in_order(steps.clone()));
        let first = plan.credentials[0].clone();
        plan.credentials = [("one", steps), ("two", more)]
            .map(|(id, steps)| plan::Credential { id: id.to_owned(), steps: in_order(steps), ..first.clone() })
            .into();
        let lever = if rotation {
            Lever::Rotate { credentials: vec!["one".to_owned(), "two".to_owned()] }
        } else {
            Lever::Procedure { id: "lever".to_owned(), parameters: BTreeMap::new() }
        };
        let mut rng = StdRng::seed_from_u64(seed);
        let mut stage = Stage::with(plan, lever);
        play(&mut stage, &mut rng);

        // It is over, once and for all.
        let ends = |log: &[Recorded]| log.iter().filter(|it| {
            matches!(&it.event, Event::Incident(_, IncidentEvent::RunEnded { .. }))
        }).count();
        prop_assert_eq!(ends(&stage.log), 1);
        prop_assert!(stage.run().steps.values().all(|it| it.progress != Progress::Running));
        let over = stage.log.len();
        stage.bot(Command::RunOver { run: 1, hindrance: None });
        stage.bot(Command::RunResumed { run: 1 });
        stage.person(Command::AbortRun { run: Some(1), why: String::new() });
        for choice in Choice::ALL {
            stage.person(Command::Step { run: Some(1), step: Some(StepRef { number: 1, undo: false }), choice });
        }
        prop_assert_eq!(stage.log.len(), over);

        // Replay comes to the same state, through JSON too.
        let mut replayed = Chat::new(ChatKey(1));
        for recorded in &stage.log {
            let event = match &recorded.event {
                Event::Incident(id, event) => {
                    let json = serde_json::to_string(event).expect("JSON");
                    Event::Incident(*id, serde_json::from_str(&json).expect("an event"))
                }
                event @ Event::Chat(_) => event.clone(),
            };
            apply(&mut replayed, Recorded { event, ..recorded.clone() }, &stage.plans).expect("it folds");
        }
        prop_assert_eq!(&replayed, &stage.chat);
    }
}
