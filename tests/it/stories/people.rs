//! Roles, acknowledgements, contacts, grants.

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_on_the_card_acknowledges() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let card = room.card().message_id;
    insta::assert_snapshot!(room.as_user("Alice").reacts(card, "👀").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/ack").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_reactions_are_off_a_short_reply_stands_in() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    harness.control.reactions_allowed(room.id(), false);
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Bob").says("/note from the log").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_taken_and_given() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Bob").says("/role").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/role commander").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/role investigator @alice").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/role gardener").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/role investigator @nobody_here").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_bound_by_a_commander() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Alice").says("/whoami").await;
    insta::assert_snapshot!(room.as_user("Bob").says("/contact legal @alice").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/contact legal @alice backup @olivia").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/contacts").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_is_given_by_owners_only() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Alice").says("/whoami").await;
    let bobs = room.as_user("Bob").says("hello").await;
    assert_eq!(bobs, "");
    let hello = harness.control.transcript(room.id()).pop().expect("hello").message_id;
    insta::assert_snapshot!(room.as_user("Bob").says("/grant approver @alice").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/grant approver @alice").await, @"");
    let question = room.message("Alice").message_id;
    insta::assert_snapshot!(room.as_user("Bob").presses_on(question, "Yes, grant it").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").presses_on(question, "Yes, grant it").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").replies(hello, "/grant commander").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/grant owner @alice").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/grant commander @ghost").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/whoami").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/revoke @alice").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/close").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_count_once_it_is_set_up() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    harness.control.promote(room.id(), harness.person("Alice"), telegram_sandbox::Rights::ALL);
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Alice").says("/cancel false_alarm test").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup admins on").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/cancel false_alarm test").await, @"");
    harness.end().await;
}
