//! Declaring, and everything about the card.

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_posts_a_pinned_card() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/declare P1 key leaked").await, @"
    (👀 breakglass)
    🤖 🟠 SEC-2026-001 · P1 High
    key leaked
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
    insta::assert_snapshot!(room.as_user("Alice").briefly().presses("👀 I see it").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High …
    - ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    - 🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name
    + 👀 Seen by Alice Archer
    - [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    + [ Playbooks ] [ Next phase → ]
    (toast) Noted that you have seen it.
    ");
    insta::assert_snapshot!(room.as_user("Alice").says("/status").await, @"
    🤖 (silent) 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00
    Containment needs 3 first.
    ");
    assert_eq!(harness.control.pinned(room.id()), [room.card().message_id]);
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_without_a_severity_asks_for_one_on_the_card() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/declare something is off with payments").await, @"
    (👀 breakglass)
    🤖 ⚪ SEC-2026-001 · no severity yet
    something is off with payments
    Identification (1 of 5) · open since 14:00 UTC
    👤 Nobody is Incident Commander yet: /role ic takes it
    How bad is it? Choose below, or /severity CODE.

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ⬜ 2 Severity assigned
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Containment needs 2 and 3 first.

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
    [ 🔴 P0 Critical ] [ 🟠 P1 High ]
    [ 🟡 P2 Medium ] [ 🟢 P3 Low ]
    [ 3 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    ");
    insta::assert_snapshot!(room.as_user("Bob").presses("🟠 P1 High").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    something is off with payments
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
    🤖 🟠 SEC-2026-001 is P1 High, says Bob Baker.
    Call the Incident Commander.
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name
    (toast) SEC-2026-001 is P1 High now.
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_declaration_asks_whether_it_is_the_same() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Alice").says("/declare P0 someone uses our key").await, @"
    🤖 SEC-2026-001 was opened less than a minute ago: key leaked
    Is yours the same incident?
    “someone uses our key”
    Yours is more severe: without an answer within 10 minutes it becomes an incident of its own.
    [ Same incident ] [ A separate one ]
    ");
    let question = room.message("someone uses our key");
    // Only who asked may answer.
    insta::assert_snapshot!(room.as_user("Bob").presses_on(question.message_id, "Same incident").await, @"(alert) Somebody else was asked. Only they can answer this one.");
    insta::assert_snapshot!(room.as_user("Alice").presses_on(question.message_id, "Same incident").await, @"
    ✏️ 🔴 SEC-2026-001 · P0 Critical
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 14:15 UTC · 14 min left at 14:00
    ⏳ Contain by 15:00 UTC · 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 Everyone on the team

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ✅ 3 Team notified — 14:00
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Nothing holds you back: the next phase is Containment.

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
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    🤖 🔴 SEC-2026-001 goes up from P1 High to P0 Critical, says Alice Archer.
    Tell all stakeholders at once.
    🔔 Everyone on the team
    (toast) Added to SEC-2026-001: it counts as the same incident.
    ");
    insta::assert_snapshot!(room.as_user("Alice").presses_on(question.message_id, "A separate one").await, @"(alert) That question was answered already, or it is too old. Send the command again.");
    insta::assert_snapshot!(room.as_user("Alice").says("/declare P0 the site is down").await, @"
    🤖 (silent) SEC-2026-001 was opened less than a minute ago: key leaked
    Is yours the same incident?
    “the site is down”
    Without an answer within 10 minutes it is added to SEC-2026-001.
    [ Same incident ] [ A separate one ]
    ");
    insta::assert_snapshot!(room.as_user("Alice").says("/declare separate").await, @"
    (👀 breakglass)
    🤖 🔴 SEC-2026-002 · P0 Critical
    the site is down
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 14:15 UTC · 14 min left at 14:00
    ⏳ Contain by 15:00 UTC · 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 Everyone on the team

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ✅ 3 Team notified — 14:00
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Nothing holds you back: the next phase is Containment.

    2 incidents are open here: reply to this card, or put SEC-2026-002 after the command.

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
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    ");
    insta::assert_snapshot!(room.as_user("Alice").says("/done 5").await, @"🤖 (silent) Which one? SEC-2026-001 and SEC-2026-002 are open. Reply to its card, or name it: /done SEC-2026-001 <number>…");
    insta::assert_snapshot!(room.as_user("Alice").says("/done SEC-2026-002 5").await, @"(👌 breakglass)");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_question_loses_nothing() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    room.as_user("Alice")
        .says("/declare P2 odd requests with it")
        .await;
    harness.later(9).await;
    // Something worse may not vanish in what was open.
    insta::assert_snapshot!(room.as_user("Alice").says("/declare P0 customers lose money").await, @"
    🤖 SEC-2026-001 was opened 9 min ago: key leaked
    Is yours the same incident?
    “customers lose money”
    Yours is more severe: without an answer within 10 minutes it becomes an incident of its own.
    [ Same incident ] [ A separate one ]
    ");
    harness.later(11).await;
    let timeline = room.as_user("Bob").says("/timeline SEC-2026-001").await;
    assert!(
        timeline.contains("Reported again: odd requests with it (reported 14:00)"),
        "{timeline}"
    );
    // Whoever reported it is not lost, nor when.
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline SEC-2026-002").await, @"
    🤖 (silent) Timeline of SEC-2026-002 · times in UTC
    14:20 Declared as P0 Critical: customers lose money (reported 14:09) — Alice Archer
    14:20 ✅ 1 Incident logged
    14:20 ✅ 2 Severity assigned
    14:20 ✅ 4 Timeline started
    14:20 The team was told: the card stands in the chat
    14:20 ✅ 3 Team notified
    ");
    assert!(
        room.card_text().contains("SEC-2026-002 · P0"),
        "{}",
        room.card_text()
    );
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_forum_an_incident_gets_its_own_topic() {
    let harness = Harness::start().await;
    let forum = harness.chat("Incident forum");
    insta::assert_snapshot!(forum.as_user("Bob").says("/declare P2 odd logins").await, @"
    (👀 breakglass)
    — breakglass created the topic “SEC-2026-001 odd logins”
    🤖 🟡 SEC-2026-001 · P2 Medium
    odd logins
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 18:00 UTC · 3 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ✅ 3 Team notified — 14:00
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Nothing holds you back: the next phase is Containment.

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
    Give out roles
    • Investigator, communicator, remediator
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    ");
    let topic = harness.control.topics(forum.id())[0].0;
    assert_eq!(forum.card().thread, Some(topic));
    let inside = forum.topic(topic);
    insta::assert_snapshot!(inside.as_user("Bob").says("/note seen from two countries").await, @"(✍ breakglass)");
    insta::assert_snapshot!(inside.as_user("Bob").says("/next").await, @"
    ✏️ 🟡 SEC-2026-001 · P2 Medium
    odd logins
    Containment (2 of 5) · open since 14:00 UTC
    ⏳ Respond by 18:00 UTC · 3 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it

    Stop the spread
    ⬜ 5 Affected systems isolated
    ⬜ 6 Evidence preserved
    ⬜ 7 Further access prevented
    ⬜ 8 Stakeholders told

    Next: Keep the evidence · Keep them out · Use a scenario
    Eradication needs 5 and 6 first.

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
    (👌 breakglass)
    🤖 ➡️ SEC-2026-001: Containment (2 of 5) begins, says Bob Baker. Stop the spread.
    ");
    harness.end().await;
}
