//! Requests: asked for by one, answered by another, once.

use super::{another, number, team};

#[tokio::test(flavor = "multi_thread")]
async fn a_destructive_lever_takes_two() {
    let harness = team().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Alice").says("/help approve").await, @"
    🤖 (silent) /approve <request> [number]
    The asker has the number and tells it to you. Your own request: confirm it, or where you are alone type the name and why, as its message says.
    For example: /approve R7 42
    Who may: commander and above.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/emergency_shutdown the attacker is in the database").await, @"
    (👀 breakglass)
    🤖 🔐 R2 · Emergency shutdown
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the attacker is in the database
    Touches: Web app, n8n workflows, Vercel project
    Olivia Owner and Alice Archer may approve it, until 14:11 UTC.
    Approve: ask Bob Baker for the number and pick it below, or send /approve R2 NUMBER. A wrong one cancels it.
    [ 83 ] [ 80 ] [ 14 ]
    [ I asked: show number ] [ Deny ]
    [ Dry run ]
    ");
    let message = room.message("R2").message_id;
    insta::assert_snapshot!(room.as_user("Alice").presses_on(message, "I asked: show number").await, @"(alert) Only Bob Baker can answer that: R2 is theirs. You can still /deny R2 if you could approve.");
    insta::assert_snapshot!(room.as_user("Bob").presses_on(message, "I asked: show number").await, @"(alert) The number of R2 is 80. Tell it to the approver, best by voice. Nobody else sees it.");
    insta::assert_snapshot!(room.as_user("Mallory").says("/approve R2 11").await, @"🤖 (silent) /approve needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    let digits = number(room, "Bob", "R2").await;
    insta::assert_snapshot!(room.as_user("Bob").presses_on(message, &digits).await, @"(alert) R2 is your own, and you are one of the two already. Somebody else has to approve it.");
    insta::assert_snapshot!(room.as_user("Bob").says("/emergency_shutdown").await, @"🤖 R2 asks for the same already. Answer that one, or deny it first: /deny R2");
    insta::assert_snapshot!(room.as_user("Alice").says("/approve R2").await, @"🤖 (silent) Which number? Ask whoever asked for R2 to tell you theirs: /approve R2 42");
    insta::assert_snapshot!(room.as_user("Alice").presses_on(message, &digits).await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 17 Feb 14:00 UTC
    ⏳ Response overdue: it was due by 17 Feb 15:00 UTC · 1 d 23 h over at 14:01
    ⏳ Containment overdue: it was due by 17 Feb 16:00 UTC · 1 d 22 h over at 14:01
    ⚙️ Run 1 · Emergency shutdown: 0 of 5 steps
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 17 Feb 14:00
    ✅ 2 Severity assigned — 17 Feb 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 17 Feb 14:00

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
    ✏️ 🔐 R2 · Emergency shutdown
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the attacker is in the database
    Touches: Web app, n8n workflows, Vercel project
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    🤖 ⚙️ Run 1 · Emergency shutdown · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the attacker is in the database
    ⬜ 1 Switch maintenance mode on
    ⬜ 2 Pause the project at Vercel
    ⬜ 3 Stop the workflows
    ⬜ 4 Stop the trading agent
    ⬜ 5 Tell the team
    (toast) You agreed to R2.
    ");
    insta::assert_snapshot!(room.as_user("Olivia").says(&format!("/approve R2 {digits}")).await, @"🤖 (silent) R2: it was approved.");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"
    🤖 (silent) Timeline of SEC-2026-001 · times in UTC
    17 Feb 14:00 Declared as P1 High: key leaked — Bob Baker
    17 Feb 14:00 ✅ 1 Incident logged
    17 Feb 14:00 ✅ 2 Severity assigned
    17 Feb 14:00 ✅ 4 Timeline started
    17 Feb 14:00 The team was told: the card stands in the chat
    14:01 R2: Emergency shutdown asked for: the attacker is in the database — Bob Baker
    14:01 R2 approved — Alice Archer
    14:01 Run 1 began: Emergency shutdown, asked for by Bob Baker, approved by Alice Archer
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_cancels_and_a_no_is_a_no() {
    let harness = team().await;
    let room = harness.chat("War room");
    room.as_user("Bob")
        .says("/restore everything is clean")
        .await;
    let digits = number(room, "Bob", "R2").await;
    let wrong = another(room, "R2", &digits);
    let message = room.message("R2").message_id;
    insta::assert_snapshot!(room.as_user("Alice").presses_on(message, &wrong).await, @"
    ✏️ 🔐 R2 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: everything is clean
    Touches: Web app, n8n workflows, Vercel project, Database
    ❌ Alice Archer picked a wrong number 14:01 UTC, so it is cancelled.
    (alert) R2: a wrong number cancelled it.
    ");
    insta::assert_snapshot!(room.as_user("Alice").says(&format!("/approve R2 {digits}")).await, @"🤖 (silent) R2 is over: a wrong number cancelled it. Send the command again if it is still needed.");
    room.as_user("Bob").says("/restore again").await;
    insta::assert_snapshot!(room.as_user("Alice").says("/deny R3").await, @"
    ✏️ 🔐 R3 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: again
    Touches: Web app, n8n workflows, Vercel project, Database
    ✋ Denied by Alice Archer 14:01 UTC.
    (👌 breakglass)
    ");
    room.as_user("Bob").says("/restore once more").await;
    let message = room.message("R4").message_id;
    insta::assert_snapshot!(room.as_user("Bob").presses_on(message, "Deny").await, @"
    ✏️ 🔐 R4 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: once more
    Touches: Web app, n8n workflows, Vercel project, Database
    ✋ Denied by Bob Baker 14:01 UTC.
    (toast) R4: it was denied.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/deny R9").await, @"🤖 (silent) There is no request R9 here. The number stands on its message.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lapsed_is_asked_for_again() {
    let harness = team().await;
    let room = harness.chat("War room");
    room.as_user("Bob")
        .says("/restore everything is clean")
        .await;
    let digits = number(room, "Bob", "R2").await;
    harness.later(10).await;
    let message = room.message("R2").message_id;
    insta::assert_snapshot!(room.as_user("Alice").says(&format!("/approve R2 {digits}")).await, @"🤖 (silent) R2 is over: it lapsed. Send the command again if it is still needed.");
    insta::assert_snapshot!(room.as_user("Bob").presses_on(message, "Ask again").await, @"
    🤖 🔐 R3 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:11 UTC: everything is clean
    Touches: Web app, n8n workflows, Vercel project, Database
    Olivia Owner and Alice Archer may approve it, until 14:21 UTC.
    Approve: ask Bob Baker for the number and pick it below, or send /approve R3 NUMBER. A wrong one cancels it.
    [ 52 ] [ 72 ] [ 70 ]
    [ I asked: show number ] [ Deny ]
    [ Dry run ]
    (toast) R3 waits for an answer.
    ");
    let digits = number(room, "Bob", "R3").await;
    insta::assert_snapshot!(room.as_user("Olivia").briefly().says(&format!("/approve R3 {digits}")).await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High …
    + ⚙️ Run 1 · Restore service: 0 of 11 steps
    ✏️ 🔐 R3 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:11 UTC: everything is clean
    Touches: Web app, n8n workflows, Vercel project, Database
    ✅ Approved by Olivia Owner 14:11 UTC. Run 1 of SEC-2026-001 has begun.
    (👌 breakglass)
    🤖 ⚙️ Run 1 · Restore service · SEC-2026-001
    Bob Baker, approved by Olivia Owner · 14:11 UTC
    Why: everything is clean
    ⬜ 1 Resume the project at Vercel
    ⬜ 2 Begin with reading only
    ⬜ 3 Have the app connect anew
    ⬜ 4 Switch maintenance mode off
    ⬜ 5 The app answers
    ⬜ 6 Allow writing: core functions
    ⬜ 7 Have the app connect again
    ⬜ 8 Sign-in works
    ⬜ 9 Start the agent
    ⬜ 10 Start the workflows
    ⬜ 11 The webhook works
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn late_commands_get_a_fresh_button() {
    let mut harness = team().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").said(61, "/restore everything is clean").await, @"
    (👀 breakglass)
    🤖 🔐 R2 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: everything is clean
    Touches: Web app, n8n workflows, Vercel project, Database
    The command came late, so nothing was done yet.
    Bob Baker, press to go on, or send /approve R2. It lapses at 14:03 UTC.
    [ Yes, go on ] [ Deny ]
    [ Dry run ]
    ");
    let message = room.message("R2").message_id;
    insta::assert_snapshot!(room.as_user("Bob").presses_on(message, "Yes, go on").await, @"
    ✏️ 🔐 R2 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: everything is clean
    Touches: Web app, n8n workflows, Vercel project, Database
    Olivia Owner and Alice Archer may approve it, until 14:11 UTC.
    Approve: ask Bob Baker for the number and pick it below, or send /approve R2 NUMBER. A wrong one cancels it.
    [ 62 ] [ 48 ] [ 33 ]
    [ I asked: show number ] [ Deny ]
    [ Dry run ]
    (toast) R2 waits for an answer.
    ");
    let digits = number(room, "Bob", "R2").await;
    insta::assert_snapshot!(room.as_user("Alice").briefly().said(90, &format!("/approve R2 {digits}")).await, @"🤖 (silent) /approve took more than a minute to reach me, so I did nothing. If you still mean it, send it again.");
    insta::assert_snapshot!(room.as_user("Bob").said(90, "/cancel false_alarm ours").await, @"🤖 (silent) R2 still waits for an answer, so SEC-2026-001 stays open. Answer it, say no with /deny R2, or wait: it lapses at 14:11 UTC.");
    insta::assert_snapshot!(room.as_user("Bob").said(90, "/note seen from the train").await, @"(✍ breakglass)");
    // Pressed while the bot was away.
    let (chat, alice) = (room.id(), harness.person("Alice"));
    harness.stop_bot().await;
    let press = harness.control.press_button(chat, alice, message, &digits);
    let press = press.expect("the button is there");
    harness.restart().await;
    let toast = harness.control.toast(&press).expect("an answer");
    insta::assert_snapshot!(toast.text, @"I was away, and that press may be old. Look at R2 as it stands now, and press again if you still mean it.");
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Alice").presses_on(message, &digits).await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 17 Feb 14:00 UTC
    ⏳ Response overdue: it was due by 17 Feb 15:00 UTC · 1 d 23 h over at 14:01
    ⏳ Containment overdue: it was due by 17 Feb 16:00 UTC · 1 d 22 h over at 14:01
    ⚙️ Run 1 · Restore service: 0 of 11 steps
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 17 Feb 14:00
    ✅ 2 Severity assigned — 17 Feb 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 17 Feb 14:00

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
    ✏️ 🔐 R2 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: everything is clean
    Touches: Web app, n8n workflows, Vercel project, Database
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    🤖 ⚙️ Run 1 · Restore service · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: everything is clean
    ⬜ 1 Resume the project at Vercel
    ⬜ 2 Begin with reading only
    ⬜ 3 Have the app connect anew
    ⬜ 4 Switch maintenance mode off
    ⬜ 5 The app answers
    ⬜ 6 Allow writing: core functions
    ⬜ 7 Have the app connect again
    ⬜ 8 Sign-in works
    ⬜ 9 Start the agent
    ⬜ 10 Start the workflows
    ⬜ 11 The webhook works
    (toast) You agreed to R2.
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_of_an_hour_does_not_count_for_whoever_granted_them() {
    let mut harness = team().await;
    harness.add_person("Carol", "carol");
    let carol = harness.person("Carol");
    harness.control.join(harness.world.group, carol);
    let room = harness.chat("War room");
    room.as_user("Carol").says("/whoami").await;
    insta::assert_snapshot!(room.as_user("Olivia").says(&format!("/grant approver {carol}")).await, @"
    (👀 breakglass)
    🤖 🔐 R2 · make Carol (1000005) an approver
    Olivia Owner asks for it 14:01 UTC.
    Alice Archer may approve it, until 14:11 UTC.
    Nobody changes alone who may approve.
    Approve: ask Olivia Owner for the number and pick it below, or send /approve R2 NUMBER. A wrong one cancels it.
    [ 52 ] [ 72 ] [ 70 ]
    [ I asked: show number ] [ Deny ]
    ");
    let digits = number(room, "Olivia", "R2").await;
    insta::assert_snapshot!(room.as_user("Alice").says(&format!("/approve R2 {digits}")).await, @"
    ✏️ 🔐 R2 · make Carol (1000005) an approver
    Olivia Owner asks for it 14:01 UTC.
    ✅ Approved by Alice Archer 14:01 UTC: done.
    (👌 breakglass)
    ");
    harness.later(60).await;
    insta::assert_snapshot!(room.as_user("Olivia").says("/rollback 1a2b3c4 2026-02-17.db").await, @"
    (👀 breakglass)
    🤖 🔐 R3 · Rollback
    For SEC-2026-001
    Olivia Owner asks for it 15:01 UTC.
    Verified backup: 2026-02-17.db
    Last good commit: 1a2b3c4
    Touches: Web app, Database file, Repository (a second working copy)
    Alice Archer may approve it, until 15:11 UTC.
    Approve: ask Olivia Owner for the number and pick it below, or send /approve R3 NUMBER. A wrong one cancels it.
    [ 18 ] [ 53 ] [ 93 ]
    [ I asked: show number ] [ Deny ]
    [ Dry run ]
    ");
    let digits = number(room, "Olivia", "R3").await;
    insta::assert_snapshot!(room.as_user("Carol").says(&format!("/approve R3 {digits}")).await, @"🤖 (silent) Olivia Owner made you an approver less than a day ago, so you cannot approve what Olivia Owner asks for until 20 Feb 14:01 UTC. Somebody else has to approve R3.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_whom_the_asker_removed_counts_for_a_day_more() {
    let harness = team().await;
    let room = harness.chat("War room");
    let alice = harness.person("Alice");
    room.as_user("Olivia").says("/restore").await;
    let digits = number(room, "Olivia", "R2").await;
    room.as_user("Olivia").says("/deny R2").await;
    let olivia = harness.person("Olivia");
    harness.control.remove(room.id(), alice, olivia);
    harness.quiet().await;
    insta::assert_snapshot!(room.as_user("Alice").says(&format!("/approve R2 {digits}")).await, @"🤖 (silent) You left this group, so you have no say here any more. Join again; if I did not notice, an owner grants you your permission anew.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/restore").await, @"🤖 (silent) Somebody else who could approve was removed lately, by you or I cannot tell by whom, so you do not do this alone before 20 Feb 14:01. Ask them back into this group: then they can approve it at once. Breaking the glass still works.");
    harness.later(24 * 60).await;
    insta::assert_snapshot!(room.as_user("Olivia").says("/restore").await, @"
    (👀 breakglass)
    🤖 🔐 R3 · Restore service
    For SEC-2026-001
    Olivia Owner asks for it 14:01 UTC.
    Touches: Web app, n8n workflows, Vercel project, Database
    Nobody else here could approve it, Olivia Owner. To do it alone, send /approve R3 restore why by 14:11 UTC. Then there are 30 s to stop it.
    [ Deny ]
    ");
    harness.control.join(room.id(), alice);
    harness.quiet().await;
    room.as_user("Olivia")
        .says("/approve R3 restore all is clean")
        .await;
    harness.later(1).await;
    insta::assert_snapshot!(room.message("R3").text, @"
    🔐 R3 · Restore service
    For SEC-2026-001
    Olivia Owner asks for it 14:01 UTC: all is clean
    Touches: Web app, n8n workflows, Vercel project, Database
    ❌ Not done 14:02 UTC: somebody else could approve it by now. Ask again, so that they can.
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_who_left_by_themselves_holds_nobody_up() {
    let harness = team().await;
    let room = harness.chat("War room");
    let alice = harness.person("Alice");
    harness.control.leave(room.id(), alice);
    harness.quiet().await;
    insta::assert_snapshot!(room.as_user("Olivia").says("/restore").await, @"
    (👀 breakglass)
    🤖 🔐 R2 · Restore service
    For SEC-2026-001
    Olivia Owner asks for it 14:01 UTC.
    Touches: Web app, n8n workflows, Vercel project, Database
    Nobody else here could approve it, Olivia Owner. To do it alone, send /approve R2 restore why by 14:11 UTC. Then there are 30 s to stop it.
    [ Deny ]
    ");
    harness.end().await;
}
