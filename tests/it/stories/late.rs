//! Commands that Telegram kept for a while: from T2 upwards they wait for a press.

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn a_late_command_runs_once_it_is_meant_again() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let owner = room.as_user("Olivia");
    insta::assert_snapshot!(owner.said(90, "/severity P3 only a test system").await, @"
    🤖 (silent) /severity for SEC-2026-001 took more than a minute to reach me, so I did nothing yet. Press if you still mean it, or send it again.
    [ Yes, /severity now ] [ No, leave it ]
    ");
    let message = room.message("/severity").message_id;
    insta::assert_snapshot!(room.as_user("Bob").presses_on(message, "Yes, /severity now").await, @"(alert) /approve needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(owner.presses_on(message, "No, leave it").await, @"(toast) All right, left as it was.");
    insta::assert_snapshot!(owner.presses_on(message, "Yes, /severity now").await, @"(alert) That question was answered already, or it is too old. Send the command again.");
    insta::assert_snapshot!(owner.said(90, "/close").await, @"🤖 (silent) SEC-2026-001 is in Identification, and only the last phase can be closed. Go on with /next; if it was nothing, /cancel false_alarm why.");
    insta::assert_snapshot!(owner.said(90, "/cancel false_alarm ours <b>").await, @"
    🤖 (silent) /cancel for SEC-2026-001 took more than a minute to reach me, so I did nothing yet. Press if you still mean it, or send it again.
    [ Yes, /cancel now ] [ No, leave it ]
    ");
    let message = room.message("/cancel").message_id;
    insta::assert_snapshot!(owner.presses_on(message, "Yes, /cancel now").await, @"
    ✏️ ⚪ SEC-2026-001 · false alarm
    key leaked
    Called off 14:00 UTC: ours <b>
    🤖 ⚪ SEC-2026-001 was a false alarm: ours <b>
    (toast) SEC-2026-001 is called off.
    ");
    insta::assert_snapshot!(owner.presses_on(message, "Yes, /cancel now").await, @"(alert) That question was answered already, or it is too old. Send the command again.");
    insta::assert_snapshot!(owner.said(90, "/report").await, @"
    🤖 (silent) /report for SEC-2026-001 took more than a minute to reach me, so I did nothing yet. Press if you still mean it, or send it again.
    [ Yes, /report now ] [ No, leave it ]
    ");
    harness.later(11).await;
    let message = room.message("/report").message_id;
    // The clock jumped: that press might have waited as long.
    owner.presses_on(message, "Yes, /report now").await;
    insta::assert_snapshot!(owner.presses_on(message, "Yes, /report now").await, @"(alert) That question was answered already, or it is too old. Send the command again.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_drill_gets_an_id_of_its_own() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let owner = room.as_user("Olivia");
    owner.said(90, "/drill key_leak").await;
    let message = room.message("/drill").message_id;
    owner.presses_on(message, "Yes, /drill now").await;
    assert!(room.card_text().contains("DRILL-2026-001"));
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_press_from_before_the_start_is_pressed_again() {
    let mut harness = Harness::start().await;
    let room = harness.chat("War room");
    let (chat, olivia) = (room.id(), harness.person("Olivia"));
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let owner = room.as_user("Olivia");
    owner.said(90, "/cancel false_alarm ours").await;
    let message = room.message("/cancel").message_id;
    harness.stop_bot().await;
    let press = harness
        .control
        .press_button(chat, olivia, message, "Yes, /cancel now");
    let press = press.expect("the button is there");
    harness.restart().await;
    let toast = harness.control.toast(&press).expect("an answer");
    insta::assert_snapshot!(toast.text, @"I was away, and that press may be old, so I did nothing. If you still mean it, press again.");
    let room = harness.chat("War room");
    assert!(room.card_text().contains("Identification"));
    let said = room
        .as_user("Olivia")
        .presses_on(message, "Yes, /cancel now")
        .await;
    assert!(said.contains("was a false alarm"), "{said}");
    harness.end().await;
}
