//! Every state of a request, with names and reasons from hostile people.

use chrono::Duration;

use super::*;
use crate::incident::{
    Changed, Command, Incident, IncidentId, Lever, Outcome, Permission, Pull, RequestState, Said,
    Whom,
};
use crate::messages::html::visible_len;
use crate::messages::press::MAX_BYTES;
use crate::messages::testing::{Room, person, shown, well_formed};

const HOSTILE: &str = "<b>&amp; @all /restore \u{202e}evil ] [x](tg://user?id=1)";

/// A room with an incident and a request of Bob's, whose name is no name.
fn room() -> (Room, IncidentId) {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P0 key leaked");
    let words = format!("1a2b3c4 2026-02-17.db {HOSTILE}");
    let verb = "rollback";
    room.ok("Alice", Command::Pull(Pull { verb, words }));
    let request = room.chat.requests.get_mut(&1).expect("asked");
    request.asked_by = person(2, HOSTILE);
    request.called = vec![person(3, HOSTILE), person(4, HOSTILE)];
    (room, id)
}

fn states(room: &Room, id: IncidentId) -> Vec<RequestState> {
    let now = room.now;
    let until = now + Duration::minutes(2);
    let then = [Then::Run, Then::Ask, Then::BreakGlass];
    let mut stages: Vec<Stage> = then
        .into_iter()
        .map(|then| Stage::Confirm { until, then })
        .collect();
    stages.extend([Stage::Approve { until }, Stage::Name { until }]);
    for warrant in [Warrant::SinglePerson, Warrant::BreakGlass] {
        stages.push(Stage::Countdown { until, warrant });
    }
    let person = person(5, HOSTILE);
    let changes = [
        Changed::Asker,
        Changed::Approver {
            person: person.clone(),
        },
        Changed::IncidentEnded,
        Changed::Plan,
        Changed::Policy,
        Changed::NotAlone,
        Changed::Log,
    ];
    let mut outcomes = vec![
        Outcome::Approved {
            incident: Some(id),
            run: Some(1),
        },
        Outcome::Approved {
            incident: None,
            run: None,
        },
        Outcome::Denied,
        Outcome::Expired,
        Outcome::WrongPick,
        Outcome::Aborted,
    ];
    outcomes.extend(changes.map(|changed| Outcome::Refused { changed }));
    let waiting = stages.into_iter().map(RequestState::Waiting);
    let spent = outcomes.into_iter().map(|outcome| RequestState::Spent {
        outcome,
        at: now,
        by: Some(person.clone()),
    });
    waiting.chain(spent).collect()
}

fn subjects() -> Vec<About> {
    let person = || person(6, HOSTILE);
    let plan = "tars".to_owned();
    let revision = String::new();
    let changes = [
        TrustChange::GrantApprover { person: person() },
        TrustChange::Lower {
            person: person(),
            to: Permission::Commander,
        },
        TrustChange::RevokeApprover { person: person() },
        TrustChange::Plan { plan, revision },
        TrustChange::TotpReset { person: person() },
    ];
    let rotate = |credentials: &[&str]| {
        let credentials = credentials.iter().map(|it| (*it).to_owned()).collect();
        About::Lever(Lever::Rotate { credentials })
    };
    let mut subjects = vec![rotate(&["n8n_api_key"]), rotate(&["gone", HOSTILE])];
    subjects.extend(changes.map(About::Trust));
    subjects
}

#[test]
fn a_rotation_of_very_many_still_fits() {
    let (room, _) = room();
    let mut wanted = room.chat.requests[&1].clone();
    let credentials = vec!["n8n_api_key".to_owned(); 100];
    wanted.form.about = About::Lever(Lever::Rotate { credentials });
    let shown = request(&room.view(), &wanted);
    assert!(visible_len(&shown.html) < 4_096, "{}", shown.html);
    let rest = "more: <code>/rotate</code> lists them";
    assert!(shown.html.contains(rest), "{}", shown.html);
}

#[test]
fn every_state_is_well_formed_whoever_wrote_in_it() {
    let (mut room, id) = room();
    let first = room.chat.requests[&1].form.about.clone();
    let mut seen = 0;
    for about in std::iter::once(first).chain(subjects()) {
        for state in states(&room, id) {
            let mut wanted = room.chat.requests[&1].clone();
            wanted.form.about = about.clone();
            wanted.state = state;
            wanted.needs = 3;
            wanted.approved_by = vec![person(7, HOSTILE)];
            let shown = request(&room.view(), &wanted);
            well_formed(&shown.html).unwrap_or_else(|why| panic!("{why}: {}", shown.html));
            assert!(visible_len(&shown.html) < 4_096, "{}", shown.html);
            assert!(!shown.html.contains("<b>&amp;"), "{}", shown.html);
            let buttons = shown.keyboard.iter().flat_map(|it| it.0.iter().flatten());
            for button in buttons {
                let data = button.data.as_deref().expect("a press");
                assert!(
                    data.len() <= MAX_BYTES && Press::decode(data).is_some(),
                    "{data}"
                );
            }
            room.chat.requests.insert(2, wanted);
            let over = crate::messages::toast(&room.view(), &Said::RequestOver { request: 2 });
            assert!(over.chars().count() <= 200, "{over}");
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen}");
}

#[test]
fn the_number_is_in_no_message_but_among_three() {
    let (mut room, _) = room();
    let wanted = room.chat.requests.get_mut(&1).expect("asked");
    (wanted.form.digits, wanted.form.choices) = (97, [35, 97, 58]);
    let rendered = request(&room.view(), &room.chat.requests[&1]);
    assert!(!rendered.html.contains("97"), "{}", rendered.html);
    assert!(shown(&rendered).contains("[ 35 ] [ 97 ] [ 58 ]"));
}

#[test]
fn who_could_approve_is_called_by_a_mention() {
    let mut room = Room::with("tars");
    room.chat
        .grants
        .entry(crate::incident::UserId(3))
        .or_insert(crate::incident::Grant {
            person: person(3, "Bob"),
            permission: Permission::Approver,
            by: None,
            at: room.now,
        });
    let verb = "emergency_shutdown";
    let words = String::new();
    room.ok("Alice", Command::Pull(Pull { verb, words }));
    let rendered = request(&room.view(), &room.chat.requests[&1]);
    for id in [1, 3] {
        assert!(
            rendered.html.contains(&format!("tg://user?id={id}")),
            "{}",
            rendered.html
        );
    }
    // It declared an incident, which stands on the message.
    let declared: Vec<&Incident> = room.chat.open_incidents().collect();
    assert!(rendered.html.contains(&declared[0].id.to_string()));
    let whom = Whom::Known(person(9, "Zoe"));
    let permission = Permission::Approver;
    room.ok("Olivia", Command::Grant { permission, whom });
    let rendered = request(&room.view(), &room.chat.requests[&2]);
    assert!(
        rendered.html.contains("make Zoe (9) an approver"),
        "{}",
        rendered.html
    );
}
