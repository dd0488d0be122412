//! What is looked at again before anything is done.

use super::*;

#[test]
fn what_changed_meanwhile_is_not_done() {
    // The asker lost the right.
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    told.happens(
        By::Person(person(OWNER)),
        Event::Chat(ChatEvent::Revoked {
            person: person(ASKER),
            permission: Permission::Commander,
        }),
    );
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("it is spent");
    let refused = Outcome::Refused {
        changed: Changed::Asker,
    };
    assert_eq!(told.last().outcome(), Some(&refused));
    // The incident ended.
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    told.ends();
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("it is spent");
    let refused = Outcome::Refused {
        changed: Changed::IncidentEnded,
    };
    assert_eq!(told.last().outcome(), Some(&refused));
    assert!(told.runs().is_empty());
    // An approver who left does not count, and does not hold the last one up.
    let mut told = Told::claimed();
    told.give(FIRST, Permission::Approver);
    told.now += Duration::days(2);
    let left = Command::AdministratorIs {
        user: UserId(FIRST),
        yes: false,
        left: true,
        by: None,
    };
    told.ask(&Author::Bot, left, None).expect("noticed");
    told.now += Duration::days(1);
    told.pulls(OWNER, "restore", "").expect("asked");
    assert!(matches!(told.last().waits_for(), Some(Stage::Name { .. })));
}

#[test]
fn a_run_is_looked_at_again_before_it_acts() {
    let owners = [person(OWNER)];
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    let id = told.chat.open_incidents().next().expect("open").id;
    assert!(approval(&told.chat, id, 1, &owners, told.now).is_ok());
    assert!(
        approval(&told.chat, id, 2, &owners, told.now).is_err(),
        "no such run"
    );
    let mut revoked = told.chat.clone();
    revoked.grants.remove(&UserId(FIRST));
    assert!(approval(&revoked, id, 1, &owners, told.now).is_err());
    let mut left = told.chat.clone();
    left.gone.insert(UserId(FIRST));
    assert!(approval(&left, id, 1, &owners, told.now).is_err());
    told.ends();
    assert!(approval(&told.chat, id, 1, &owners, told.now).is_err());
}

#[test]
fn what_is_in_the_way_of_a_lever_is_said_when_it_is_asked_for() {
    let mut told = team();
    told.says(
        OWNER,
        Command::Declare {
            text: "P0 it burns".to_owned(),
        },
    )
    .expect("declared");
    let id = IncidentId::security(2026, 1);
    let plan = told.chat.incidents[&id].plan.clone();
    let lever = Lever::Procedure {
        id: "restore".to_owned(),
        parameters: std::collections::BTreeMap::new(),
    };
    let step = crate::incident::saga::steps(&lever, &plan)
        .into_iter()
        .find(|it| it.step.action.acts())
        .expect("a step that acts")
        .key;
    told.happens(
        By::Bot,
        Event::Incident(
            id,
            IncidentEvent::RunStarted {
                run: 1,
                fingerprint: lever.fingerprint(&plan).expect("it is known"),
                lever,
                mode: Mode::Live,
                warrant: Warrant::Approved,
                asked_by: By::Person(person(ASKER)),
                approved_by: vec![person(FIRST)],
                why: None,
            },
        ),
    );
    told.happens(
        By::Bot,
        Event::Incident(
            id,
            IncidentEvent::StepStarted {
                run: 1,
                step,
                attempt: 1,
            },
        ),
    );
    let refused = told.pulls(ASKER, "restore", "again").expect_err("busy");
    let busy = Hindrance::Busy {
        incident: id,
        run: 1,
    };
    assert_eq!(
        refused,
        Refusal::InTheWay {
            verb: "restore",
            hindrance: busy
        }
    );
    told.pulls(ASKER, "emergency_shutdown", "it burns")
        .expect("stopping things waits for nobody");
}

#[test]
fn what_runs_of_other_chats_hold_is_in_the_way_too() {
    use crate::incident::saga::{Elsewhere, in_the_way, targets};
    let told = team();
    let plan = told.plans.installed[&told.plans.default].clone();
    let lever = |id: &str| Lever::Procedure {
        id: id.to_owned(),
        parameters: std::collections::BTreeMap::new(),
    };
    let restore = lever("restore");
    let busy = Elsewhere {
        busy: targets(&restore, &plan),
        ..Elsewhere::default()
    };
    let asks = |elsewhere: &Elsewhere, lever: &Lever| {
        in_the_way(&told.chat, Some(elsewhere), lever, &plan, told.now)
    };
    let Some(Hindrance::BusyElsewhere { target }) = asks(&busy, &restore) else {
        panic!("its targets are held");
    };
    assert!(plan.connections.iter().any(|it| it.name == target));
    let halt = lever("emergency_shutdown");
    assert_eq!(asks(&busy, &halt), None, "stopping things waits for nobody");
    let key = (plan.info.id.clone(), "restore".to_owned());
    let rests = |minutes: i64| Elsewhere {
        rests: [(key.clone(), told.now + Duration::minutes(minutes))].into(),
        ..Elsewhere::default()
    };
    let until = told.now + Duration::minutes(5);
    assert_eq!(
        asks(&rests(5), &restore),
        Some(Hindrance::Resting { until })
    );
    assert_eq!(asks(&rests(0), &restore), None);
    assert_eq!(asks(&rests(5), &lever("rollback")), None);
}
