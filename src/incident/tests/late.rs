//! Commands that came late, and incidents that cannot end yet.

use super::*;

fn owner() -> Author {
    actor(OWNER, Via::Text)
}

fn opened() -> Told {
    let mut told = Told::claimed();
    let text = "P0 key leaked".to_owned();
    told.ask(&owner(), Command::Declare { text }, None)
        .expect("declared");
    told
}

fn late(told: &mut Told, command: Command) -> Result<Decision, Refusal> {
    let origin = Origin {
        sent_at: Some(told.now - Duration::seconds(61)),
        ..Origin::default()
    };
    asked_so(told, OWNER, command, origin)
}

fn pressed(told: &mut Told, who: i64, ask: u32, backlog: bool) -> Result<Decision, Refusal> {
    let origin = Origin {
        press: Some("1".to_owned()),
        backlog,
        ..Origin::default()
    };
    asked_so(told, who, Command::Again { ask, yes: true }, origin)
}

fn asked_so(
    told: &mut Told,
    who: i64,
    command: Command,
    origin: Origin,
) -> Result<Decision, Refusal> {
    let request = Request {
        command,
        incident: None,
        origin,
    };
    let env = Env {
        now: told.now,
        next_id: IncidentId::security(2026, told.next),
        plans: &told.plans,
        languages: &["en"],
        owners: &[person(OWNER)],
        dice: [7; 32],
        log_changed: false,
        elsewhere: None,
    };
    let decision = decide(&told.chat, &request, &actor(who, Via::Button), env)?;
    for (by, event) in decision.events.clone() {
        let at = told.now;
        apply(&mut told.chat, Recorded { at, by, event }, &told.plans).expect("it folds");
    }
    Ok(decision)
}

fn open(told: &Told) -> usize {
    told.chat.open_incidents().count()
}

fn cancel() -> Command {
    Command::Cancel {
        kind: CancelAs::FalseAlarm,
        why: "ours".to_owned(),
    }
}

#[test]
fn a_late_command_waits_for_a_press_by_the_same_person_and_runs_once() {
    let mut told = opened();
    late(&mut told, cancel()).expect("a question");
    assert_eq!(open(&told), 1);
    let refusal = pressed(&mut told, 2, 1, false).expect_err("somebody else");
    assert!(
        matches!(
            refusal,
            Refusal::NotAllowed { .. } | Refusal::NotYourQuestion { .. }
        ),
        "{refusal:?}"
    );
    let refusal = pressed(&mut told, OWNER, 1, true).expect_err("that press may be old");
    assert!(matches!(refusal, Refusal::Stale { .. }));
    assert_eq!(open(&told), 1);
    // Another incident meanwhile: it is still about the one that was open.
    let text = "P1 another one".to_owned();
    told.now += Duration::minutes(11);
    told.ask(&owner(), Command::Declare { text }, None)
        .expect("declared");
    pressed(&mut told, OWNER, 1, false).expect("meant");
    let first = IncidentId::security(2026, 1);
    assert!(told.chat.incidents[&first].lifecycle.open().is_none());
    assert_eq!(open(&told), 1);
    let refusal = pressed(&mut told, OWNER, 1, false).expect_err("spent");
    assert!(matches!(refusal, Refusal::QuestionGone { .. }));
}

#[test]
fn every_command_from_t2_upwards_that_is_no_lever_can_be_meant_again() {
    let commands = [
        cancel(),
        Command::Next {
            force: Some("no time".to_owned()),
            from: None,
        },
        Command::Severity {
            code: "P2".to_owned(),
            why: None,
        },
        Command::Contact {
            contact: "legal".to_owned(),
            whom: Whom::Known(person(3)),
            backup: None,
        },
        Command::Report {
            format: String::new(),
        },
        Command::Export,
        Command::Audit { count: None },
        Command::Setup(Setup::Timezone("Europe/Berlin".to_owned())),
        Command::Grant {
            permission: Permission::Commander,
            whom: Whom::Known(person(3)),
        },
    ];
    for command in commands {
        let mut told = opened();
        let before = told.chat.incidents.clone();
        let verb = command.verb();
        late(&mut told, command).unwrap_or_else(|it| panic!("{verb}: {it}"));
        assert_eq!(told.chat.incidents, before, "{verb}");
        let json = serde_json::to_string(&told.chat.asks[&1].question).expect("JSON");
        let read: Question = serde_json::from_str(&json).expect("a question");
        assert_eq!(read, told.chat.asks[&1].question);
        pressed(&mut told, OWNER, 1, false).unwrap_or_else(|it| panic!("{verb}: {it}"));
        assert!(told.chat.asks.is_empty(), "{verb}");
    }
}

#[test]
fn raising_the_severity_is_never_too_late_and_a_refusal_is_no_question() {
    let mut told = Told::claimed();
    let text = "P2 odd".to_owned();
    told.ask(&owner(), Command::Declare { text }, None)
        .expect("declared");
    let raise = Command::Severity {
        code: "P0".to_owned(),
        why: None,
    };
    late(&mut told, raise).expect("raised");
    assert!(told.chat.asks.is_empty());
    let refusal = late(&mut told, Command::Close { force: None }).expect_err("the first phase");
    assert!(matches!(refusal, Refusal::NotLastPhase { .. }));
    assert!(told.chat.asks.is_empty());
}

/// In the last phase, with a run of this lever.
fn almost_over(verb: &'static str, words: &str) -> Told {
    let mut told = opened();
    for _ in 0..4 {
        let force = Some("to get there".to_owned());
        told.ask(&owner(), Command::Next { force, from: None }, None)
            .expect("forced");
    }
    let words = words.to_owned();
    told.ask(&owner(), Command::Pull(Pull { verb, words }), None)
        .expect("pulled");
    told
}

fn close(told: &mut Told, force: Option<&str>) -> Result<Decision, Refusal> {
    let force = force.map(str::to_owned);
    told.ask(&owner(), Command::Close { force }, None)
}

fn in_the_way(refusal: Result<Decision, Refusal>) -> Unfinished {
    match refusal {
        Err(Refusal::NotOver { open, .. }) => open,
        other => panic!("{other:?}"),
    }
}

#[test]
fn nothing_ends_while_a_request_waits() {
    let mut told = almost_over("lockdown", "just in case");
    let waits = |it| matches!(it, Unfinished::Request { request: 1, .. });
    assert!(waits(in_the_way(close(&mut told, Some("enough")))));
    assert!(waits(in_the_way(told.ask(&owner(), cancel(), None))));
    // It lapsed, even if the timer has not come yet.
    told.now += Duration::minutes(3);
    close(&mut told, Some("enough")).expect("closed");
}

#[test]
fn nothing_ends_while_a_lever_counts_down() {
    let mut told = almost_over("emergency_shutdown", "now emergency_shutdown it burns");
    let open = in_the_way(close(&mut told, Some("enough")));
    assert_eq!(open, Unfinished::Countdown { request: 1 });
}

#[test]
fn nothing_ends_while_a_run_is_under_way() {
    let mut told = almost_over("verify", "");
    let open = in_the_way(close(&mut told, Some("enough")));
    assert_eq!(open, Unfinished::Run { run: 1 });
    assert_eq!(
        in_the_way(told.ask(&owner(), cancel(), None)),
        Unfinished::Run { run: 1 }
    );
}

#[test]
fn a_run_that_stands_can_be_left_standing_with_a_reason() {
    let mut told = almost_over("verify", "");
    let id = IncidentId::security(2026, 1);
    // Every step needs a person.
    while let saga::Next::Start(steps) = {
        let incident = &told.chat.incidents[&id];
        saga::next(&incident.runs[0], &incident.plan, told.now)
    } {
        let (run, begun) = (1, steps.clone());
        told.ask(&Author::Bot, Command::StepsBegun { run, steps }, Some(id))
            .expect("begun");
        for step in begun {
            let over = Command::StepOver {
                run,
                step,
                attempt: 1,
                report: StepReport {
                    status: StepStatus::ByHand,
                    ..StepReport::succeeded()
                },
            };
            told.ask(&Author::Bot, over, Some(id)).expect("over");
        }
    }
    assert_eq!(
        in_the_way(close(&mut told, None)),
        Unfinished::Stuck { run: 1 }
    );
    assert_eq!(
        in_the_way(told.ask(&owner(), cancel(), None)),
        Unfinished::Stuck { run: 1 }
    );
    let refusal = close(&mut told, Some("")).expect_err("why?");
    assert!(matches!(refusal, Refusal::ReasonMissing { .. }));
    let decision = close(&mut told, Some("nobody will look at it")).expect("closed");
    let executes = |it: &Effect| matches!(it, Effect::Execute { run: 1, .. });
    assert!(decision.effects.iter().any(executes), "the runner lets go");
    let incident = &told.chat.incidents[&id];
    assert!(incident.lifecycle.open().is_none());
    let end = incident.runs[0].ended.as_ref().expect("it is over");
    assert_eq!(end.outcome, RunOutcome::Aborted);
}
