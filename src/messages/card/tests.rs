mod jarvis;
mod tars;

use insta::assert_snapshot;
use proptest::prelude::*;

use crate::incident::{Author, CancelAs, Command, Effect, ItemRef, Request, Whom};
use crate::messages::html::visible_len;
use crate::messages::outgoing::Keyboard;
use crate::messages::press::Press;
use crate::messages::testing::{Room, person, shown, well_formed};

#[test]
fn an_overdue_clock_says_so_and_several_incidents_are_told_apart() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P0 Database answers to strangers");
    room.pass(75);
    room.declare("Bob", "P2 Password guessing");
    let card = room.card(id);
    let top: Vec<&str> = card.lines().take(8).collect();
    assert_snapshot!(top.join("\n"), @r#"
    🔴 <b>SEC-2026-007 · P0 Critical</b>
    <b>Database answers to strangers</b>
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ <b>Response overdue</b>: it was due by 14:15 UTC · 1 h over at 15:15
    ⏳ <b>Containment overdue</b>: it was due by 15:00 UTC · 15 min over at 15:15
    👤 Nobody is Incident Commander yet: <code>/role ic</code> takes it
    🔔 <a href="tg://user?id=2">Alice</a>
    "#);
    assert_snapshot!(card.lines().find(|it| it.contains("are open here")).unwrap_or_default(), @"2 incidents are open here: reply to this card, or put <code>SEC-2026-007</code> after the command.");
}

#[test]
fn a_code_that_the_plan_has_not_is_said() {
    let mut room = Room::with("tars");
    let line = |room: &Room, id| {
        let card = room.card(id);
        let found = card.lines().find(|it| it.contains("is no severity here"));
        found.unwrap_or_default().to_owned()
    };
    let id = room.declare("Bob", "P9 odd logins");
    assert_snapshot!(line(&room, id), @"P9 is no severity here: P0, P1, P2, P3 are.");
    let (code, why) = ("P2".to_owned(), None);
    room.ok("Bob", Command::Severity { code, why });
    assert_eq!(line(&room, id), "");
    // What only looks a little like one is a title.
    for title in [
        "S3 bucket open",
        "P is down",
        "k8s is slow",
        "p2p 9",
        "9 odd logins",
    ] {
        room.pass(11);
        let id = room.declare("Bob", title);
        assert_eq!(line(&room, id), "", "{title}");
    }
}

#[test]
fn a_skipped_item_shows_why() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P1 Odd logins");
    room.finish_phase(id);
    let item = ItemRef::Number(8);
    room.ok(
        "Bob",
        Command::Skip {
            item,
            why: "nobody outside is concerned".into(),
        },
    );
    let card = room.card(id);
    assert_snapshot!(card.lines().find(|it| it.contains('➖')).unwrap_or_default(), @"➖ 8 Stakeholders told — not needed: nobody outside is concerned");
}

#[test]
fn a_called_off_incident_has_a_short_card_without_buttons() {
    let mut room = Room::with("tars");
    let first = room.declare("Bob", "P1 Odd logins");
    room.pass(11);
    let again = room.declare("Bob", "P1 Odd logins again");
    room.pass(9);
    let mut cancel = |id, kind, why: &str| {
        let why = why.to_owned();
        let command = Command::Cancel { kind, why };
        let done = room.does(&Room::who("Alice"), command, Some(id));
        done.expect("called off");
        room.card(id)
    };
    let same = CancelAs::DuplicateOf(first);
    assert_snapshot!(cancel(again, same, "the same"), @"
    ⚪ <b>SEC-2026-008 · duplicate of SEC-2026-007</b>
    <b>Odd logins again</b>
    Called off 14:20 UTC: the same
    ");
    assert_snapshot!(cancel(first, CancelAs::FalseAlarm, "our own scanner"), @"
    ⚪ <b>SEC-2026-007 · false alarm</b>
    <b>Odd logins</b>
    Called off 14:20 UTC: our own scanner
    ");
}

#[test]
fn a_button_carries_the_items_id_and_the_phase_that_was_seen() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P1 Odd logins");
    room.finish_phase(id);
    let card = crate::messages::card(&room.view(), &room.chat.incidents[&id]);
    let Some(Keyboard(rows)) = card.keyboard else {
        panic!("no buttons")
    };
    let pressed: Vec<Press> = rows
        .iter()
        .flatten()
        .map(|it| Press::decode(it.data.as_deref().unwrap()).unwrap())
        .collect();
    assert_eq!(
        pressed[0],
        Press::Tick {
            incident: id,
            item: "systems_isolated".into()
        }
    );
    assert_eq!(
        pressed.last(),
        Some(&Press::Next {
            incident: id,
            from_phase: "containment".into()
        })
    );
    assert!(rows.iter().all(|row| row.len() <= 4));
}

#[test]
fn times_are_shown_in_the_chats_zone_with_its_name() {
    let mut room = Room::with("tars");
    room.chat.settings.timezone = "Europe/Berlin".into();
    let id = room.declare("Bob", "P0 Key leaked");
    assert_snapshot!(room.card(id).lines().skip(2).take(3).collect::<Vec<_>>().join("\n"), @"
    Identification (1 of 5) · open since 15:00 CET
    ⏳ Respond by 15:15 CET · 15 min left at 15:00
    ⏳ Contain by 16:00 CET · 1 h left at 15:00
    ");
}

/// Whatever people write.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,40}",
        Just("<b>bold</b><script>alert(1)</script>".to_owned()),
        Just("</blockquote></code>&amp;&lt;&".to_owned()),
        Just("@everyone /emergency_shutdown https://evil.example/x?a=<b>".to_owned()),
        Just("\u{202E}evil\u{2066}\u{200B}\u{0000}".to_owned()),
        Just("שלום עולם مرحبا".to_owned()),
        Just("👩‍👩‍👧‍👦".repeat(40)),
        Just("x".repeat(4_096)),
        Just("a.b <c@d.ef> ".repeat(300)),
    ];
    proptest::collection::vec(piece, 1..4).prop_map(|pieces| format!("P0 t {}", pieces.join(" ")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_people_write_the_card_is_whole_and_fits(text in hostile(), name in hostile(), jarvis in any::<bool>()) {
        let mut room = Room::with(if jarvis { "jarvis" } else { "tars" });
        let id = room.declare("Bob", &text);
        let whom = Whom::Known(person(9, &name));
        room.ok("Bob", Command::Role { role: "commander".into(), whom: whom.clone() });
        room.ok("Bob", Command::Note { text: text.clone() });
        room.ok("Bob", Command::Todo { text: text.clone(), owner: Some(whom), due: None });
        let Author::Person(mut odd) = Room::who("Bob") else { panic!("a person") };
        odd.person = person(9, &name);
        let request = |command| Request { command, incident: Some(id), origin: crate::incident::Origin::default() };
        room.does(&Author::Person(odd.clone()), request(Command::Ack).command, Some(id)).unwrap();
        room.finish_phase(id);
        let card = crate::messages::card(&room.view(), &room.chat.incidents[&id]).html;
        prop_assert!(well_formed(&card).is_ok(), "{:?}\n{card}", well_formed(&card));
        prop_assert!(visible_len(&card) <= 4_096, "{}", visible_len(&card));
        for forbidden in ["<script", "@everyone", "\u{202E}", "\u{0}"] {
            prop_assert!(!card.contains(forbidden), "{forbidden}: {card}");
        }
        for command in [Command::Timeline, Command::Todos, Command::Status(crate::incident::StatusOf::Current)] {
            let said = room.answer("Bob", command);
            prop_assert!(well_formed(&said).is_ok(), "{:?}\n{said}", well_formed(&said));
        }
        let (_, report) = crate::report::markdown(&room.view(), &room.chat.incidents[&id]);
        prop_assert!(!report.replace("\\<", "").contains('<'), "{report}");
    }
}

#[test]
fn a_forced_close_says_why_to_the_team_and_on_the_card() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P1 Odd logins");
    for _ in 0..4 {
        room.finish_phase(id);
    }
    let refused = room.answer("Alice", Command::Close { force: None });
    assert!(refused.contains("/close force"), "{refused}");
    let force = Some("the rest is in <tracker>".to_owned());
    let effects = room.ok("Alice", Command::Close { force });
    let announced = effects.iter().find_map(|effect| match effect {
        Effect::Announce { said, .. } => Some(shown(&crate::messages::said(&room.view(), said))),
        _ => None,
    });
    let line = "Forced before everything was there: the rest is in &lt;tracker&gt;";
    let announced = announced.expect("the team is told");
    assert!(announced.lines().any(|it| it == line), "{announced}");
    let card = room.card(id);
    assert!(card.lines().any(|it| it == line), "{card}");
    // Whoever closes it again in order forces nothing.
    let why = "one thing more".to_owned();
    let again = Command::Reopen { why };
    room.does(&Room::who("Alice"), again, Some(id))
        .expect("reopened");
    room.finish_phase(id);
    assert!(!room.card(id).contains("Forced"), "{}", room.card(id));
}

#[test]
fn who_holds_the_role_is_the_contact() {
    let mut room = Room::with("tars");
    room.chat.contacts.clear();
    let id = room.declare("Bob", "P1 Odd logins");
    let line = |card: String| {
        let found = card.lines().find(|it| it.starts_with('🔔'));
        found.unwrap_or_default().to_owned()
    };
    assert_snapshot!(line(room.card(id)), @"🔔 To be told, but I do not know who it is: Incident Commander, <code>/contact incident_commander @name</code>");
    let role = Command::Role {
        role: "ic".to_owned(),
        whom: Whom::Known(person(2, "Alice")),
    };
    room.ok("Bob", role);
    assert_snapshot!(line(room.card(id)), @r#"🔔 <a href="tg://user?id=2">Alice</a>"#);
}
