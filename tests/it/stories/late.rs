//! Commands that Telegram kept for a while: from T2 upwards they wait for a press.

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn a_late_command_runs_once_it_is_meant_again() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let owner = room.as_user("Olivia");
    insta::assert_snapshot!(owner.said(90, "/severity P3 only a test system").await, @"");
    let message = room.message("/severity").message_id;
    insta::assert_snapshot!(room.as_user("Bob").presses_on(message, "Yes, /severity now").await, @"");
    insta::assert_snapshot!(owner.presses_on(message, "No, leave it").await, @"");
    insta::assert_snapshot!(owner.presses_on(message, "Yes, /severity now").await, @"");
    insta::assert_snapshot!(owner.said(90, "/close").await, @"");
    insta::assert_snapshot!(owner.said(90, "/cancel false_alarm ours <b>").await, @"");
    let message = room.message("/cancel").message_id;
    insta::assert_snapshot!(owner.presses_on(message, "Yes, /cancel now").await, @"");
    insta::assert_snapshot!(owner.presses_on(message, "Yes, /cancel now").await, @"");
    insta::assert_snapshot!(owner.said(90, "/report").await, @"");
    harness.later(11).await;
    let message = room.message("/report").message_id;
    insta::assert_snapshot!(owner.presses_on(message, "Yes, /report now").await, @"");
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
    insta::assert_snapshot!(toast.text, @"");
    let room = harness.chat("War room");
    assert!(room.card_text().contains("Identification"));
    let said = room
        .as_user("Olivia")
        .presses_on(message, "Yes, /cancel now")
        .await;
    assert!(said.contains("was a false alarm"), "{said}");
    harness.end().await;
}
