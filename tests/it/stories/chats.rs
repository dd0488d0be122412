//! Claiming groups, setting them up, moving with them.

use telegram_sandbox::{NewChat, Say};

use crate::harness::{Harness, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_claims_by_adding_the_bot() {
    let harness = Harness::with(Stage { outside: true, ..Stage::default() }).await;
    let room = harness.chat("War room");
    harness.control.add_bot(room.id(), harness.world.owner);
    harness.quiet().await;
    insta::assert_snapshot!(harness.transcript(room.id()), @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclaimed_group_is_left_after_an_hour() {
    let mut harness = Harness::with(Stage { outside: true, ..Stage::default() }).await;
    let id = harness.control.add_chat(NewChat::group("Somebody else's"));
    harness.add_chat("Somebody else's", id);
    harness.control.join(id, harness.world.outsider);
    harness.control.add_bot(id, harness.world.outsider);
    harness.quiet().await;
    let theirs = harness.chat("Somebody else's");
    insta::assert_snapshot!(harness.transcript(id), @"");
    insta::assert_snapshot!(theirs.as_user("Mallory").says("/declare P0 let me in").await, @"");
    insta::assert_snapshot!(theirs.as_user("Mallory").says("/start").await, @"");
    harness.later(61).await;
    assert_eq!(harness.control.bot_status(id), "left");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_owner_the_bot_only_tells_people_their_ids() {
    let harness = Harness::with(Stage { without_owner: true, ..Stage::default() }).await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/declare P0 x").await, @"");
    let whoami = room.as_user("Bob").says("/whoami").await;
    assert!(whoami.contains(&harness.person("Bob").to_string()), "{whoami}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_three_commands() {
    let harness = Harness::start().await;
    let alone = harness.chat("Mallory");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/start").await, @"");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/help").await, @"");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/status").await, @"");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/status SEC-2026-001").await, @"");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/hack").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_see_every_incident_from_their_private_chat() {
    let harness = Harness::start().await;
    harness.chat("War room").as_user("Bob").says("/declare P1 key leaked").await;
    let alone = harness.chat("Olivia");
    insta::assert_snapshot!(alone.as_user("Olivia").says("/status SEC-2026-001").await, @"");
    insta::assert_snapshot!(alone.as_user("Olivia").says("/status all").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_set_up_step_by_step() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/setup plan jarvis").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup plan jarvis").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup plan saturn").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup timezone europe/berlin").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup timezone Atlantis").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/language xx").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup responders granted").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/declare P1 x").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/declare P1 wallet drained").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_becomes_a_supergroup_keeps_everything() {
    let mut harness = Harness::start().await;
    let room = harness.chat("War room").id();
    harness.chat("War room").as_user("Bob").says("/declare P1 key leaked").await;
    harness.chat("War room").as_user("Bob").says("/note before the move").await;
    let moved = harness.control.migrate_to_supergroup(room);
    harness.add_chat("War room (super)", moved);
    harness.quiet().await;
    insta::assert_snapshot!(harness.transcript(moved), @"");
    let room = harness.chat("War room (super)");
    insta::assert_snapshot!(room.as_user("Alice").says("/note after the move").await, @"");
    insta::assert_snapshot!(room.as_user("Alice").says("/timeline").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_was_removed_must_be_brought_back_by_an_owner() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    harness.control.kick_bot(room.id(), harness.world.outsider);
    harness.quiet().await;
    harness.control.add_bot(room.id(), harness.person("Bob"));
    harness.quiet().await;
    insta::assert_snapshot!(room.as_user("Bob").says("/status").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/start").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/status").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_changes_nothing() {
    let mut harness = Harness::start().await;
    harness.chat("War room").as_user("Bob").says("/declare P1 key leaked").await;
    let before = harness.chat("War room").card_text();
    harness.restart().await;
    assert_eq!(harness.chat("War room").card_text(), before);
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 5").await, @"");
    let say = Say::text("/note as an answer").reply_to(room.card().message_id);
    insta::assert_snapshot!(room.as_user("Bob").sends(say).await, @"");
    harness.end().await;
}
