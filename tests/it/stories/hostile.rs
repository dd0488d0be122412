//! Hostile and broken input: an answer or a log line, never a crash, never markup.

use serde_json::{Map, json};
use telegram_sandbox::Say;

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn invisible_marks_in_front_do_not_swallow_a_command() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let said = room
        .as_user("Bob")
        .says("\u{200f}\u{200b} /declare P1 key leaked")
        .await;
    assert!(said.contains("SEC-2026-001 · P1 High"), "{said}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn markup_in_titles_and_names_stays_text() {
    let mut harness = Harness::start().await;
    let id = harness.add_person("<b>Eve</b> & Co", "eve");
    let room = harness.chat("War room");
    harness.control.join(room.id(), id);
    insta::assert_snapshot!(room.as_user("<b>Eve</b> & Co").says("/declare P1 <script>alert(1)</script> & <b>bold</b> [x](http://evil.example)").await, @"
    (👀 breakglass)
    🤖 🟠 SEC-2026-001 · P1 High
    <script>alert(1)</script> & <b>bold</b> [x](http://evil.example)
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Containment needs 3 first.

    Take the alert in
    • Put the incident on record
    • Note date and time, who reported it and what they saw first
    ✍ /set reporter /set summary /set started /set alert_triggered /set how_detected
    First look
    ? What happened: which symptoms are there?
    ? Since when?
    ? Where: which systems?
    ? Who is hit: users, data, systems?
    ✍ /set symptoms /set started /set affected /set users_affected
    How bad
    • Choose a severity from P0 to P3
    • Decide whether to escalate
    Call the team
    P0 and P1 need the Incident Commander.
    • Notify the Incident Commander
    Give out roles
    • Investigator, communicator, remediator
    [ 3 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    ");
    let card = room.card();
    assert!(card.text.contains("<script>alert(1)<"), "{}", card.text);
    assert!(
        !card
            .entities
            .iter()
            .any(|it| format!("{it:?}").contains("Bold") && it.length < 6)
    );
    assert!(
        !card
            .entities
            .iter()
            .any(|it| format!("{it:?}").contains("evil.example"))
    );
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_characters_do_not_steer_the_card() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let title =
        "/declare P1 \u{202e}drowssap\u{202c} z\u{200b}e\u{200b}r\u{200b}o שלום \u{0}nul 👩‍👩‍👧";
    insta::assert_snapshot!(room.as_user("Bob").says(title).await, @"
    (👀 breakglass)
    🤖 🟠 SEC-2026-001 · P1 High
    ⟨drowssap zero שלום �nul 👩‍👩‍👧⟩
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Containment needs 3 first.

    Take the alert in
    • Put the incident on record
    • Note date and time, who reported it and what they saw first
    ✍ /set reporter /set summary /set started /set alert_triggered /set how_detected
    First look
    ? What happened: which symptoms are there?
    ? Since when?
    ? Where: which systems?
    ? Who is hit: users, data, systems?
    ✍ /set symptoms /set started /set affected /set users_affected
    How bad
    • Choose a severity from P0 to P3
    • Decide whether to escalate
    Call the team
    P0 and P1 need the Incident Commander.
    • Notify the Incident Commander
    Give out roles
    • Investigator, communicator, remediator
    [ 3 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_title_is_cut_and_kept_whole() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let long = format!("/declare P1 {}", "very long ".repeat(400));
    room.as_user("Bob").says(&long).await;
    assert!(
        room.card()
            .text
            .lines()
            .nth(1)
            .is_some_and(|title| title.chars().count() <= 130)
    );
    let timeline = room.as_user("Bob").says("/timeline").await;
    assert!(timeline.contains("very long"), "{timeline}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_exist_when_we_built_still_executes() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let mut extra = Map::new();
    extra.insert(
        "entities".into(),
        json!([
            {"type": "hologram", "offset": 0, "length": 3, "depth": {"cm": 3}},
            {"type": "bot_command", "offset": 0, "length": 8},
            {"type": "date_time", "offset": "soon", "length": []}
        ]),
    );
    extra.insert(
        "reply_markup".into(),
        json!({"inline_keyboard": [[{"text": "x", "teleport": true}]]}),
    );
    extra.insert("mood".into(), json!({"happy": 3}));
    let say = Say {
        extra,
        ..Say::text("/declare P1 from the future")
    };
    let seen = room.as_user("Bob").sends(say).await;
    assert!(seen.contains("SEC-2026-001"), "{seen}");
    harness
        .control
        .raw_update(&json!({"telepathy": {"from": {"id": 1}}}));
    harness
        .control
        .raw_update(&json!({"message": {"message_id": "x", "chat": 7}}));
    harness
        .control
        .raw_update(&json!({"callback_query": {"id": 5, "from": [], "data": {}}}));
    harness.control.raw_update(&json!({"message": null}));
    harness.quiet().await;
    let seen = room.as_user("Bob").says("/note still here").await;
    insta::assert_snapshot!(seen, @"(✍ breakglass)");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mebibyte_of_text_is_no_trouble() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let from = json!({"id": harness.person("Bob"), "is_bot": false, "first_name": "Bob"});
    let chat = json!({"id": room.id(), "type": "group", "title": "War room"});
    let text = format!("/declare P1 {}", "x".repeat(1 << 20));
    harness.control.raw_update(&json!({"message": {
        "message_id": 900_001, "date": 1_771_336_800, "chat": chat, "from": from, "text": text
    }}));
    harness.quiet().await;
    assert!(room.card().text.contains("SEC-2026-001"));
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let deep: serde_json::Value = serde_json::from_str(&deep).unwrap_or(json!("too deep"));
    harness
        .control
        .raw_update(&json!({"message": {"message_id": 900_002, "deep": deep}}));
    let seen = room.as_user("Bob").says("/note still here").await;
    assert!(seen.contains('✍'), "{seen}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn presses_that_no_button_made_are_refused() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let card = room.card().message_id;
    insta::assert_snapshot!(room.as_user("Bob").presses_data(card, "rubbish").await, @"(alert) This button is out of date. Use the newest card, or the command it stands for: /help.");
    insta::assert_snapshot!(room.as_user("Bob").presses_data(card, "1;DROP TABLE events").await, @"(alert) This button is out of date. Use the newest card, or the command it stands for: /help.");
    room.as_user("Bob").says("/done 3").await;
    insta::assert_snapshot!(room.as_user("Mallory").presses("Next phase →").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Containment (2 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Stop the spread
    ⬜ 5 Affected systems isolated
    ⬜ 6 Evidence preserved
    ⬜ 7 Further access prevented
    ⬜ 8 Stakeholders told

    Next: Isolate what is hit · Keep the evidence · Keep them out
    Eradication needs 5 and 6 first.

    Isolate what is hit
    P0 and P1: at once, when production is compromised.
    • Close the affected API routes at Vercel (a firewall rule; pausing the project is the bigger hammer)
    • Revoke keys that leaked
    • End suspicious sessions
    • Block hostile addresses
    ✍ /set affected /set containment_started
    ⚙ Close API routes: /run disable_routes
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /collect
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /run tighten_limits
    Use a scenario
    Key exposed, database breach, unauthorized access and DDoS have a playbook each: /playbook.
    [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    🤖 ➡️ SEC-2026-001: Containment (2 of 5) begins, says Mallory Moss. Stop the spread.
    (toast) SEC-2026-001 is in Containment now.
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_and_borrowed_voices_do_not_act() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let say = |text: &str| Say::text(text);
    let anonymous = Say {
        anonymous: true,
        ..say("/declare P0 anonymous")
    };
    insta::assert_snapshot!(room.as_user("Olivia").sends(anonymous).await, @"
    🤖 /declare P0 anonymous
    🤖 (silent) You are writing as the group, so I cannot tell who you are. Turn off “Remain anonymous” in your administrator rights, then send /declare again.
    ");
    let forwarded = Say {
        forwarded: true,
        ..say("/declare P0 forwarded")
    };
    insta::assert_snapshot!(room.as_user("Olivia").sends(forwarded).await, @"🤖 (silent) Forwarded messages never act. Type /declare yourself.");
    let via = Say {
        via_bot: Some("gif".to_owned()),
        ..say("/declare P0 via a bot")
    };
    insta::assert_snapshot!(room.as_user("Olivia").sends(via).await, @"🤖 (silent) Messages made by another bot cannot act. Type /declare yourself.");
    room.as_user("Bob").says("/declare P2 the real one").await;
    let before = room.card_text();
    room.as_user("Bob").says("hello").await;
    let hello = harness
        .control
        .transcript(room.id())
        .pop()
        .expect("hello")
        .message_id;
    harness
        .control
        .edit(room.id(), harness.person("Bob"), hello, "/severity P0");
    harness.quiet().await;
    assert_eq!(room.card_text(), before, "edited messages never execute");
    let caption = say("/close").photo(b"x".to_vec());
    insta::assert_snapshot!(room.as_user("Olivia").sends(caption).await, @"🤖 (silent) /close does not act from a caption. Send it as a message of its own.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_update_twice_has_one_effect() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    room.as_user("Bob").says("/note once").await;
    let last = harness.control.confirmed_offset() - 1;
    assert!(harness.control.repeat_update(last), "the update is known");
    harness.quiet().await;
    let timeline = room.as_user("Bob").says("/timeline").await;
    assert_eq!(timeline.matches("once").count(), 1, "{timeline}");
    harness.end().await;
}
