mod properties;
mod unsure;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chrono::{DateTime, Duration, TimeZone, Utc};

use super::*;
use crate::incident::lever::{Mode, Warrant};
use crate::incident::{Person, UserId};
use crate::plan::{self, Action, Minutes, OnFailure, ServiceChange, Step};

static PLAN: LazyLock<Plan> = LazyLock::new(|| {
    plan::parse(plan::default_source()).unwrap_or_else(|problems| panic!("{problems:?}"))
});

pub(super) fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 2, 17, 14, 0, 0)
        .single()
        .expect("a moment")
}

/// A step that changes something, must not happen twice, and cannot be taken back.
pub(super) fn plain(name: &str) -> Step {
    Step {
        name: name.to_owned(),
        action: Action::Service {
            connection: "host".to_owned(),
            unit: name.to_owned(),
            change: ServiceChange::Stop,
        },
        idempotent: false,
        timeout_seconds: 30,
        by_hand: None,
        undo: None,
        check: None,
        revert_after: None,
        group: None,
        needs: None,
        retries: 0,
        retry_wait_seconds: 0,
    }
}

fn undoable(name: &str) -> Step {
    Step {
        undo: Some(Box::new(plain("back"))),
        ..plain(name)
    }
}

fn again(name: &str, retries: u32) -> Step {
    Step {
        idempotent: true,
        retries,
        retry_wait_seconds: 60,
        ..plain(name)
    }
}

/// The shipped plan with one procedure of these steps.
pub(super) fn plan_with(on_failure: OnFailure, steps: Vec<Step>) -> Plan {
    let mut plan = PLAN.clone();
    let mut procedure = plan.procedures.swap_remove(0);
    procedure.id = "lever".to_owned();
    procedure.on_failure = on_failure;
    procedure.steps = steps;
    plan.procedures = vec![procedure];
    plan
}

/// A run, played by hand.
struct Play {
    plan: Plan,
    run: Run,
    now: DateTime<Utc>,
}

impl Play {
    fn of(on_failure: OnFailure, steps: Vec<Step>) -> Self {
        let lever = Lever::Procedure {
            id: "lever".to_owned(),
            parameters: BTreeMap::new(),
        };
        Self::lever(plan_with(on_failure, steps), lever)
    }

    fn lever(plan: Plan, lever: Lever) -> Self {
        let run = Run {
            number: 1,
            lever,
            fingerprint: String::new(),
            mode: Mode::Live,
            warrant: Warrant::Confirmed,
            asked_by: By::Bot,
            approved_by: Vec::new(),
            why: None,
            at: start(),
            steps: BTreeMap::new(),
            aborted: None,
            withheld: None,
            question: None,
            ended: None,
            message: None,
            version: 1,
        };
        Self {
            plan,
            run,
            now: start(),
        }
    }

    /// What is due, in short.
    fn due(&self) -> String {
        let names = |keys: &[StepKey]| {
            let names = keys.iter().map(|key| format!(" {}", self.short(key)));
            names.collect::<String>()
        };
        let when = |until: Option<DateTime<Utc>>| {
            until.map_or_else(String::new, |at| {
                format!(", {} s", (at - self.now).num_seconds())
            })
        };
        match next(&self.run, &self.plan, self.now) {
            Next::Start(keys) => format!("start{}", names(&keys)),
            Next::Undo(key) => format!("undo {}", self.short(&key)),
            Next::Wait { until } => format!("wait{}", when(until)),
            Next::Ask { steps, until } => format!("ask{}{}", names(&steps), when(until)),
            Next::End(outcome) => format!("end {}", outcome.word()),
        }
    }

    fn short(&self, key: &StepKey) -> String {
        let number = number(&self.run.lever, &self.plan, key).expect("a step of the run");
        let mark = |is: bool, mark| if is { mark } else { "" };
        format!("{number}{}{}", mark(key.undo, "u"), mark(key.check, "c"))
    }

    fn key(&self, short: &str) -> StepKey {
        let number = short.trim_end_matches(['u', 'c']);
        let number = number.parse().expect("a number");
        let key = step_by_number(&self.run.lever, &self.plan, number).expect("a step");
        StepKey {
            undo: short.contains('u'),
            check: short.contains('c'),
            ..key
        }
    }

    fn happens(&mut self, event: &IncidentEvent) {
        let by = By::Person(Person {
            id: UserId(2),
            name: "Alice".to_owned(),
            username: None,
        });
        self.run.fold(event, &by, self.now);
    }

    /// Whatever is due begins.
    fn begin(&mut self) -> &mut Self {
        let steps = match next(&self.run, &self.plan, self.now) {
            Next::Start(steps) => steps,
            Next::Undo(step) => vec![step],
            other => panic!("nothing to begin: {other:?}"),
        };
        for step in steps {
            let attempt = self.run.steps.get(&step).map_or(0, |it| it.attempts) + 1;
            self.happens(&IncidentEvent::StepStarted {
                run: 1,
                step,
                attempt,
            });
        }
        self
    }

    fn ends(&mut self, short: &str, status: StepStatus) -> &mut Self {
        self.over(short, status, false)
    }

    fn over(&mut self, short: &str, status: StepStatus, interrupted: bool) -> &mut Self {
        let step = self.key(short);
        let attempt = self.run.steps[&step].attempts;
        self.happens(&IncidentEvent::StepEnded {
            run: 1,
            step,
            attempt,
            status,
            fact: None,
            summary: String::new(),
            code: None,
            output_sha256: None,
            output_bytes: None,
            interrupted,
        });
        self
    }

    fn does(&mut self, short: &str, status: StepStatus) -> &mut Self {
        self.begin().ends(short, status)
    }

    fn decide(&mut self, short: &str, choice: Choice) -> &mut Self {
        let step = self.key(short);
        let can = choices(&self.run, &self.plan, &step, self.now);
        assert!(can.contains(&choice), "{choice:?} of {can:?}");
        self.happens(&IncidentEvent::StepDecided {
            run: 1,
            step,
            choice,
        });
        self
    }

    fn pass(&mut self, seconds: i64) -> &mut Self {
        self.now += Duration::seconds(seconds);
        self
    }
}

use OnFailure::{Continue, Stop};
use StepStatus::{ByHand, Failed, Succeeded, Unknown};

#[test]
fn steps_run_in_order_and_groups_together() {
    let grouped = |name: &str| Step {
        group: Some("pair".to_owned()),
        ..plain(name)
    };
    let mut play = Play::of(
        Stop,
        vec![plain("a"), grouped("b"), grouped("c"), plain("d")],
    );
    assert_eq!(play.due(), "start 1");
    assert_eq!(play.begin().due(), "wait");
    assert_eq!(play.ends("1", Succeeded).due(), "start 2 3");
    assert_eq!(
        play.begin().ends("3", Succeeded).due(),
        "wait",
        "2 is under way"
    );
    assert_eq!(play.ends("2", Succeeded).due(), "start 4");
    assert_eq!(play.does("4", Succeeded).due(), "end succeeded");
}

#[test]
fn a_failure_is_tried_again_after_its_pause_and_only_so_often() {
    let mut play = Play::of(Stop, vec![again("a", 2)]);
    assert_eq!(play.does("1", Failed).due(), "wait, 60 s");
    assert_eq!(play.pass(60).due(), "start 1");
    assert_eq!(
        play.does("1", Unknown).due(),
        "wait, 60 s",
        "it may happen twice"
    );
    assert_eq!(play.pass(60).does("1", Failed).due(), "ask 1");
    assert_eq!(play.decide("1", Choice::Retry).due(), "start 1");
    assert_eq!(
        play.does("1", Failed).due(),
        "wait, 60 s",
        "the count begins anew"
    );
    assert_eq!(play.pass(60).does("1", Succeeded).due(), "end succeeded");
}

#[test]
fn what_must_not_happen_twice_is_not_tried_again_whatever_the_plan_says() {
    let careless = Step {
        idempotent: false,
        ..again("a", 5)
    };
    let mut play = Play::of(Stop, vec![careless]);
    assert_eq!(play.does("1", Failed).due(), "ask 1");
}

#[test]
fn a_failure_takes_back_in_reverse_what_can_be_taken_back() {
    let mut play = Play::of(Stop, vec![undoable("a"), undoable("b"), plain("c")]);
    play.does("1", Succeeded).does("2", Succeeded);
    assert_eq!(play.does("3", Failed).due(), "undo 2u");
    assert_eq!(play.does("2u", Succeeded).due(), "undo 1u");
    assert_eq!(play.does("1u", Succeeded).due(), "end undone");

    let mut play = Play::of(Stop, vec![undoable("a"), plain("b"), plain("c")]);
    play.does("1", Succeeded).does("2", Succeeded);
    play.does("3", Failed).does("1u", Succeeded);
    assert_eq!(play.due(), "end stopped", "2 stays as it is");
}

#[test]
fn where_nothing_can_be_taken_back_it_stands_and_asks() {
    let fresh = || {
        let mut play = Play::of(Stop, vec![plain("a"), plain("b"), plain("c")]);
        play.does("1", Succeeded).does("2", Failed);
        play
    };
    assert_eq!(fresh().due(), "ask 2");
    assert_eq!(fresh().decide("2", Choice::Retry).due(), "start 2");
    assert_eq!(fresh().decide("2", Choice::Done).due(), "start 3");
    assert_eq!(fresh().decide("2", Choice::Undo).due(), "end stopped");
    let mut skipped = fresh();
    assert_eq!(skipped.decide("2", Choice::Skip).due(), "start 3");
    assert_eq!(skipped.does("3", Succeeded).due(), "end partly");
}

#[test]
fn a_failing_way_back_ends_everything() {
    let mut play = Play::of(Stop, vec![undoable("a"), undoable("b"), plain("c")]);
    play.does("1", Succeeded)
        .does("2", Succeeded)
        .does("3", Failed);
    assert_eq!(play.does("2u", Failed).due(), "end undo_failed");
    let mut play = Play::of(Stop, vec![undoable("a"), plain("b")]);
    play.does("1", Succeeded).does("2", Failed);
    assert_eq!(play.does("1u", Unknown).due(), "ask 1u");
    assert_eq!(play.decide("1u", Choice::Skip).due(), "end stopped");
}

#[test]
fn shutdown_goes_on_past_failures_and_asks_at_the_end() {
    let mut play = Play::of(Continue, vec![undoable("a"), plain("b"), plain("c")]);
    assert_eq!(
        play.does("1", Succeeded).does("2", Unknown).due(),
        "start 3"
    );
    assert_eq!(play.does("3", Failed).due(), "ask 2");
    assert_eq!(play.decide("2", Choice::Done).due(), "end partly");
}

#[test]
fn after_a_restart_only_what_may_happen_twice_runs_again() {
    let mut play = Play::of(Stop, vec![again("a", 0), plain("b")]);
    assert_eq!(play.begin().over("1", Unknown, true).due(), "start 1");
    assert_eq!(
        play.begin().over("1", Unknown, true).due(),
        "start 1",
        "each time"
    );
    assert_eq!(
        play.does("1", Succeeded)
            .begin()
            .over("2", Unknown, true)
            .due(),
        "ask 2"
    );
    assert_eq!(play.decide("2", Choice::Undo).due(), "end stopped");
}

#[test]
fn an_unknown_step_may_have_happened_and_is_taken_back_with_the_rest() {
    let mut play = Play::of(Stop, vec![undoable("a"), undoable("b"), plain("c")]);
    play.does("1", Succeeded);
    assert_eq!(play.does("2", Unknown).due(), "ask 2");
    assert_eq!(play.decide("2", Choice::Undo).due(), "undo 2u");
    assert_eq!(
        play.does("2u", Succeeded).does("1u", Succeeded).due(),
        "end undone"
    );
}

#[test]
fn a_step_takes_itself_back_unless_somebody_keeps_it() {
    let fresh = || {
        let provisional = Step {
            revert_after: Some(Minutes(10)),
            ..undoable("a")
        };
        let mut play = Play::of(Continue, vec![provisional, plain("b")]);
        play.does("1", Succeeded);
        play
    };
    let mut play = fresh();
    assert_eq!(play.does("2", Succeeded).due(), "wait, 600 s");
    assert_eq!(play.pass(600).due(), "undo 1u");
    assert_eq!(play.begin().due(), "wait");
    assert_eq!(play.ends("1u", Succeeded).due(), "end succeeded");

    let mut kept = fresh();
    kept.decide("1", Choice::Done);
    assert_eq!(kept.pass(600).does("2", Succeeded).due(), "end succeeded");

    let mut at_once = fresh();
    assert_eq!(at_once.decide("1", Choice::Undo).due(), "undo 1u");

    let mut while_another_hangs = fresh();
    while_another_hangs.begin();
    assert_eq!(while_another_hangs.pass(600).due(), "undo 1u");

    let mut aborted = fresh();
    aborted.happens(&IncidentEvent::RunAborted {
        run: 1,
        why: String::new(),
    });
    assert_eq!(aborted.due(), "wait, 600 s", "the way back stays promised");
    assert_eq!(aborted.pass(600).does("1u", Succeeded).due(), "end aborted");

    let mut dry = fresh();
    dry.run.mode = Mode::DryRun;
    assert_eq!(
        dry.does("2", Succeeded).due(),
        "end succeeded",
        "nothing to take back"
    );
}

#[test]
fn an_abort_lets_the_step_under_way_end() {
    let mut play = Play::of(Stop, vec![undoable("a"), plain("b"), plain("c")]);
    play.does("1", Succeeded).begin();
    play.happens(&IncidentEvent::RunAborted {
        run: 1,
        why: "wrong system".to_owned(),
    });
    assert_eq!(play.due(), "wait");
    assert_eq!(play.ends("2", Failed).due(), "end aborted");
}

#[test]
fn a_person_does_what_the_bot_cannot() {
    let mut play = Play::of(Stop, vec![plain("a"), plain("b")]);
    assert_eq!(play.does("1", ByHand).due(), "ask 1");
    assert_eq!(play.decide("1", Choice::Done).due(), "start 2");
}

#[test]
fn one_credential_does_not_hold_back_the_others() {
    let mut two = PLAN.clone();
    let mut credential = two.credentials.swap_remove(0);
    credential.check = two.probes.first().map(|probe| probe.id.clone());
    let with = |id: &str| plan::Credential {
        id: id.to_owned(),
        steps: vec![plain("make"), plain("install")],
        ..credential.clone()
    };
    two.credentials = vec![with("one"), with("two")];
    let lever = Lever::Rotate {
        credentials: vec!["one".to_owned(), "two".to_owned()],
    };
    let mut play = Play::lever(two, lever);
    assert_eq!(play.does("1", Failed).due(), "start 4");
    play.does("4", Succeeded).does("5", Succeeded);
    assert_eq!(
        play.due(),
        "start 6",
        "the check stands after the last step"
    );
    assert_eq!(play.does("6", Succeeded).due(), "ask 1");
    assert_eq!(rotated(&play.run, &play.plan), ["two"]);
    play.decide("1", Choice::Retry);
    play.does("1", Succeeded)
        .does("2", Succeeded)
        .does("3", Succeeded);
    assert_eq!(play.due(), "end succeeded");
    assert_eq!(rotated(&play.run, &play.plan), ["one", "two"]);
}

#[test]
fn a_step_is_held_back_while_what_it_needs_is_not_done() {
    use StepStatus::{ByHand, Failed, Succeeded};
    let steps = || {
        let needs = Step {
            needs: Some(1),
            ..plain("end the sessions")
        };
        vec![plain("capture"), needs, plain("close")]
    };
    let play = || Play::of(OnFailure::Continue, steps());
    let mut fine = play();
    fine.does("1", Succeeded);
    assert_eq!(fine.due(), "start 2");

    // It failed: the rest goes on, and a person decides about what must not happen without it.
    let mut failed = play();
    failed.does("1", Failed);
    assert_eq!(failed.due(), "start 3");
    failed.does("3", Succeeded);
    assert_eq!(failed.due(), "ask 2");
    failed.decide("2", Choice::Skip);
    assert_eq!(failed.due(), "end partly");

    // So it does where it was left out; whoever knows better says so.
    let mut left_out = play();
    left_out.does("1", ByHand).does("3", Succeeded);
    assert_eq!(left_out.due(), "ask 1");
    left_out.decide("1", Choice::Skip);
    assert_eq!(left_out.due(), "ask 2");
    left_out.decide("2", Choice::Retry);
    assert_eq!(left_out.due(), "start 2");

    let mut by_hand = play();
    by_hand.does("1", ByHand).does("3", Succeeded);
    by_hand.decide("1", Choice::Done);
    assert_eq!(by_hand.due(), "start 2");

    // It holds where a failure halting everything, too.
    let mut halting = Play::of(OnFailure::Stop, steps());
    halting.does("1", ByHand).decide("1", Choice::Skip);
    assert_eq!(halting.due(), "ask 2");
}

#[test]
fn a_way_back_is_only_gone_where_the_step_that_it_needs_happened() {
    use StepStatus::{Failed, Succeeded, Unknown};
    let back = Step {
        needs: Some(3),
        ..plain("deploy what was there")
    };
    let look = Step {
        undo: Some(Box::new(back)),
        ..plain("look")
    };
    let steps = || vec![look.clone(), look.clone(), undoable("switch"), plain("go")];

    // Nothing was switched: nothing is to be taken back, and nobody is asked.
    let mut play = Play::of(OnFailure::Stop, steps());
    play.does("1", Succeeded).does("2", Failed);
    assert_eq!(play.due(), "end undone");
    let mut play = Play::of(OnFailure::Stop, steps());
    play.does("1", Succeeded).does("2", Succeeded);
    play.does("3", Failed);
    assert_eq!(play.due(), "end undone");

    // It was: what was there comes back last.
    let mut play = Play::of(OnFailure::Stop, steps());
    play.does("1", Succeeded).does("2", Succeeded);
    play.does("3", Succeeded).does("4", Failed);
    for back in ["3u", "2u", "1u"] {
        assert_eq!(play.due(), format!("undo {back}"));
        play.does(back, Succeeded);
    }
    assert_eq!(play.due(), "end undone");

    // Nobody knows whether it was: it is taken back all the same.
    let mut play = Play::of(OnFailure::Stop, steps());
    play.does("1", Succeeded).does("2", Succeeded);
    play.does("3", Unknown).decide("3", Choice::Undo);
    assert_eq!(play.due(), "undo 3u");
    assert_eq!(play.does("3u", Succeeded).due(), "undo 2u");
}

#[test]
fn what_is_withheld_only_goes_back() {
    use StepStatus::{Failed, Succeeded};
    let withheld = IncidentEvent::RunWithheld {
        run: 1,
        hindrance: Hindrance::NotAllowed { why: String::new() },
    };
    let for_a_while = Step {
        revert_after: Some(Minutes(10)),
        ..undoable("shut")
    };
    let mut play = Play::of(OnFailure::Continue, vec![for_a_while, plain("close")]);
    play.does("1", Succeeded).happens(&withheld);
    assert_eq!(play.due(), "wait, 600 s");
    play.pass(600);
    assert_eq!(play.due(), "undo 1u");
    play.does("1u", Succeeded);
    assert_eq!(play.due(), "end stopped");

    // What was being taken back goes on being taken back.
    let steps = vec![undoable("a"), undoable("b"), plain("c")];
    let mut play = Play::of(OnFailure::Stop, steps);
    play.does("1", Succeeded).does("2", Succeeded);
    play.does("3", Failed).does("2u", Succeeded);
    play.happens(&withheld);
    assert_eq!(play.due(), "undo 1u");
    play.does("1u", Succeeded);
    assert_eq!(play.due(), "end undone");

    // What stands waits for nobody any more.
    let mut play = Play::of(OnFailure::Stop, vec![plain("a"), plain("b")]);
    play.does("1", Failed).happens(&withheld);
    assert_eq!(play.due(), "end stopped");
}
