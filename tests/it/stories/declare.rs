//! Declaring, and everything about the card.

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_posts_a_pinned_card() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/declare P1 key leaked").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").presses("👀 I see it").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/status").await, @"");
    assert_eq!(harness.control.pinned(room.id()), [room.card().message_id]);
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_without_a_severity_asks_for_one_on_the_card() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/declare something is off with payments").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").presses("🟠 P1 High").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_declaration_asks_whether_it_is_the_same() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Alice").says("/declare P0 someone uses our key").await, @"");
    let question = room.message("someone uses our key");
    // Only who asked may answer.
    insta::assert_snapshot!(room.as_user("Bob").presses_on(question.message_id, "Same incident").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").presses_on(question.message_id, "Same incident").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").presses_on(question.message_id, "A separate one").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/declare P0 the site is down").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/declare separate").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/done 5").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/done SEC-2026-002 5").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unanswered_question_loses_nothing() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    room.as_user("Alice").says("/declare P0 someone uses our key").await;
    harness.later(11).await;
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_forum_an_incident_gets_its_own_topic() {
    let harness = Harness::start().await;
    let forum = harness.chat("Incident forum");
    insta::assert_snapshot!(forum.as_user("Bob").says("/declare P2 odd logins").await, @"");
    let topic = harness.control.topics(forum.id())[0].0;
    assert_eq!(forum.card().thread, Some(topic));
    let inside = forum.topic(topic);
    insta::assert_snapshot!(inside.as_user("Bob").says("/note seen from two countries").await, @"");
    insta::assert_snapshot!(inside.as_user("Bob").says("/next").await, @"");
    harness.end().await;
}
