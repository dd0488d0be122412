//! Working through an incident.

use crate::harness::Harness;

async fn declared() -> Harness {
    let harness = Harness::start().await;
    harness.chat("War room").as_user("Bob").says("/declare P1 key leaked").await;
    harness
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checklist_is_ticked_by_button_and_command() {
    let harness = declared().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/next").await;
    insta::assert_snapshot!(room.as_user("Bob").presses("5 ✓").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 5").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 7, 99").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/done everything").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/untick 5").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/untick 5").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/skip 7").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/skip 7 nobody else had access").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/skip 6 no time").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eradication_waits_for_the_evidence() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").presses("Next phase →").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/next").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/next force it burns").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/next force").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/next force logs are on a dead disk").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/back").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/back the attacker is still there").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_press_moves_nothing_twice() {
    let harness = declared().await;
    let room = harness.chat("War room");
    let card = room.card();
    let next = card.keyboard.iter().flatten().find(|it| it.text == "Next phase →").expect("a button");
    let data = next.callback_data.clone().expect("it sends something");
    room.as_user("Bob").presses("Next phase →").await;
    insta::assert_snapshot!(room.as_user("Alice").presses_data(card.message_id, &data).await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn notes_facts_and_evidence_are_kept() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/note the key was public for 3 days").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/note").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/set").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/set started yesterday 23:30").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/set started soon").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/set affected n8n, payments").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/set affected toaster").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/set colour red").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/evidence").await, @"");
    let photo = telegram_sandbox::Say::text("/evidence the console").photo(b"not really a picture".to_vec());
    insta::assert_snapshot!(room.as_user("Alice").sends(photo).await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn severity_goes_up_by_anybody_and_down_by_a_commander() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/severity P0 customers are affected").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/severity P3").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/severity P9").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/severity P2 only a test key").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_ups_have_owners_and_dates() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/todo scan all repositories @alice 2026-03-01").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/todo").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/todo done 1").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/todo done 7").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/todos").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_called_off_and_taken_up_again() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/cancel false_alarm it was a test key").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel false_alarm").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel false_alarm it was a test key").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 5").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/note SEC-2026-001 still true").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/reopen it was not a test key").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/reopen twice").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/close").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_points_at_the_other_incident() {
    let harness = declared().await;
    let room = harness.chat("War room");
    harness.later(30).await;
    room.as_user("Alice").says("/declare P2 odd requests with our key").await;
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel SEC-2026-002 duplicate SEC-2026-009 same key").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel SEC-2026-002 duplicate SEC-2026-001 same key").await, @"");
    harness.end().await;
}
