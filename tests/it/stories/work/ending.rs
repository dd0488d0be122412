//! An incident is called off, taken up again, or goes on as another.

use super::declared;

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_called_off_and_taken_up_again() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/cancel false_alarm it was a test key").await, @"🤖 (silent) /cancel needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel").await, @"
    🤖 (silent) /cancel false_alarm <why>, or duplicate <ID> <why>
    For what turned out to be nothing, or is handled under another id.
    For example: /cancel false_alarm the scanner was ours
    Who may: commander and above.
    ");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel false_alarm").await, @"🤖 (silent) Please say why, it goes on record: /cancel false_alarm the scanner was ours");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel false_alarm it was a test key").await, @"
    ✏️ ⚪ SEC-2026-001 · false alarm
    key leaked
    Called off 14:00 UTC: it was a test key
    (👌 breakglass)
    🤖 ⚪ SEC-2026-001 was a false alarm: it was a test key
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 5").await, @"🤖 (silent) No incident is open here. /declare opens one.");
    insta::assert_snapshot!(room.as_user("Bob").says("/note SEC-2026-001 still true").await, @"🤖 (silent) SEC-2026-001 is called off, so nothing in it changes. A commander can take it up again with /reopen SEC-2026-001 why.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/reopen it was not a test key").await, @"
    (👌 breakglass)
    🤖 🔓 SEC-2026-001 is open again in Identification, says Olivia Owner: it was not a test key
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
    insta::assert_snapshot!(room.as_user("Olivia").says("/reopen twice").await, @"🤖 (silent) SEC-2026-001 is still open: there is nothing to reopen.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/close").await, @"🤖 (silent) SEC-2026-001 is in Identification, and only the last phase can be closed. Go on with /next; if it was nothing, /cancel false_alarm why.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_points_at_the_other_incident() {
    let harness = declared().await;
    let room = harness.chat("War room");
    harness.later(30).await;
    room.as_user("Alice")
        .says("/declare P2 odd requests with our key")
        .await;
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel SEC-2026-002 duplicate SEC-2026-009 same key").await, @"🤖 (silent) SEC-2026-009 is not known in this chat. /status all lists what is open here.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel SEC-2026-002 duplicate SEC-2026-001 same key").await, @"
    ✏️ ⚪ SEC-2026-002 · duplicate of SEC-2026-001
    odd requests with our key
    Called off 14:30 UTC: same key
    (👌 breakglass)
    🤖 ⚪ SEC-2026-002 goes on as SEC-2026-001: same key
    ");
    harness.end().await;
}
