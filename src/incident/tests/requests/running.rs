//! What is asked about a run that goes on.

use super::*;

#[test]
fn one_message_asks_about_a_run_however_many_steps_wait() {
    use crate::incident::saga::{self, Next, StepReport, StepStatus};
    let mut told = team();
    let text = "P0 it burns".to_owned();
    told.says(OWNER, Command::Declare { text })
        .expect("declared");
    let id = IncidentId::security(2026, 1);
    let plan = told.chat.incidents[&id].plan.clone();
    let lever = Lever::Rotate {
        credentials: plan.credentials.iter().map(|it| it.id.clone()).collect(),
    };
    let started = IncidentEvent::RunStarted {
        run: 1,
        fingerprint: lever.fingerprint(&plan).expect("it is known"),
        lever,
        mode: Mode::Live,
        warrant: Warrant::Approved,
        asked_by: By::Person(person(ASKER)),
        approved_by: vec![person(FIRST)],
        why: None,
    };
    told.happens(By::Bot, Event::Incident(id, started));
    let (mut asked, mut edited) = (0, 0);
    let mut count = |decision: &Decision| {
        for effect in &decision.effects {
            match effect {
                Effect::Announce {
                    said: Said::StepAsks { .. },
                    ..
                } => asked += 1,
                Effect::ShowQuestion { .. } => edited += 1,
                _ => {}
            }
        }
        (asked, edited)
    };
    let waiting = loop {
        let run = told.runs()[0].clone();
        let steps = match saga::next(&run, &plan, told.now) {
            Next::Start(steps) => steps,
            Next::Ask { steps, .. } => break steps,
            other => panic!("{other:?}"),
        };
        let begun = Command::StepsBegun {
            run: 1,
            steps: steps.clone(),
        };
        told.ask(&Author::Bot, begun, Some(id)).expect("begun");
        for step in steps {
            let report = StepReport {
                status: StepStatus::ByHand,
                ..StepReport::succeeded()
            };
            let over = Command::StepOver {
                run: 1,
                step,
                attempt: 1,
                report,
            };
            count(&told.ask(&Author::Bot, over, Some(id)).expect("over"));
        }
    };
    assert!(waiting.len() > 2, "{waiting:?}");
    let run = told.runs()[0].clone();
    let first = saga::number(&run.lever, &plan, &waiting[0]);
    let skips = Command::Step {
        run: Some(1),
        step: Some(StepRef {
            number: first.expect("its number"),
            undo: false,
        }),
        choice: Choice::Skip,
    };
    let decided = told.says(OWNER, skips).expect("decided");
    assert_eq!(count(&decided), (1, waiting.len()));
}

#[test]
fn a_rotation_goes_on_after_the_restart_that_it_causes() {
    use crate::incident::saga::{self, Next, StepReport};
    let mut told = team();
    let text = "P0 it burns".to_owned();
    told.says(OWNER, Command::Declare { text })
        .expect("declared");
    let id = IncidentId::security(2026, 1);
    let mut plan = (*told.chat.incidents[&id].plan).clone();
    let restart = crate::plan::Action::Service {
        connection: "host".to_owned(),
        unit: "breakglass".to_owned(),
        change: crate::plan::ServiceChange::Restart,
    };
    let credential = &mut plan.credentials[0];
    credential.restarts_bot = true;
    credential.check = Some(plan.probes[0].id.clone());
    credential.steps.truncate(1);
    credential.steps[0].action = restart;
    credential.steps[0].idempotent = true;
    let lever = Lever::Rotate {
        credentials: vec![credential.id.clone()],
    };
    let plan = std::sync::Arc::new(plan);
    told.chat.incidents.get_mut(&id).expect("it is open").plan = plan.clone();
    let started = IncidentEvent::RunStarted {
        run: 1,
        fingerprint: lever.fingerprint(&plan).expect("it is known"),
        lever,
        mode: Mode::Live,
        warrant: Warrant::Confirmed,
        asked_by: By::Person(person(ASKER)),
        approved_by: Vec::new(),
        why: None,
    };
    for cut_off_in_order in [true, false] {
        told.happens(By::Bot, Event::Incident(id, started.clone()));
        told.chat
            .incidents
            .get_mut(&id)
            .expect("it is open")
            .runs
            .drain(..1 - usize::from(cut_off_in_order));
        let run = told.runs()[0].clone();
        let Next::Start(steps) = saga::next(&run, &plan, told.now) else {
            panic!("it begins");
        };
        let step = steps[0].clone();
        let begun = Command::StepsBegun { run: 1, steps };
        told.ask(&Author::Bot, begun, Some(id)).expect("begun");
        let ended = if cut_off_in_order {
            Command::StepOver {
                run: 1,
                step: step.clone(),
                attempt: 1,
                report: StepReport::interrupted(),
            }
        } else {
            Command::RunResumed { run: 1 }
        };
        told.ask(&Author::Bot, ended, Some(id)).expect("over");
        let run = told.runs()[0].clone();
        // Not the restart again: its check.
        let Next::Start(steps) = saga::next(&run, &plan, told.now) else {
            panic!("it goes on");
        };
        assert_eq!(steps[0].index, step.index + 1);
    }
}
