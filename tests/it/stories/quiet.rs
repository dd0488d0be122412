//! Strangers get an answer, not a conversation; the team always gets one.

use telegram_sandbox::NewChat;

use crate::harness::{Harness, Stage};

/// Chats that only let people in who were granted something.
async fn closed() -> Harness {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    harness.control.join(room.id(), harness.person("Mallory"));
    room.as_user("Olivia")
        .says("/setup responders granted")
        .await;
    harness
}

async fn events(harness: &Harness) -> usize {
    let ledger = harness.house().ledger();
    let report = ledger
        .verify(&breakglass::store::Scope::All, &[])
        .await
        .expect("an audit");
    report.events
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_answered_once_in_ten_minutes() {
    let harness = closed().await;
    let says = async |who: &'static str, text: &'static str| {
        harness.chat("War room").as_user(who).says(text).await
    };
    insta::assert_snapshot!(says("Mallory", "/declare P0 let me in").await, @"🤖 (silent) /declare is for the team. If you belong to it, ask an owner to reply to you with /grant responder.");
    let before = events(&harness).await;
    for text in [
        "/declare P0 let me in",
        "/close",
        "/grant owner @mallory",
        "/status",
    ] {
        assert_eq!(says("Mallory", text).await, "");
    }
    assert_eq!(events(&harness).await, before, "nothing is written");
    // What everybody may ask for, each once.
    assert!(says("Mallory", "/whoami").await.contains("Id "));
    assert_eq!(says("Mallory", "/whoami").await, "");
    assert!(!says("Mallory", "/help").await.is_empty());
    // Somebody else is somebody else; the team is always answered.
    insta::assert_snapshot!(says("Bob", "/status").await, @"🤖 (silent) /status is for the team. If you belong to it, ask an owner to reply to you with /grant responder.");
    for _ in 0..3 {
        assert!(!says("Olivia", "/status").await.is_empty());
        assert!(!says("Olivia", "/whoami").await.is_empty());
    }
    harness.later(10).await;
    assert!(!says("Mallory", "/close").await.is_empty());
    assert_eq!(
        events(&harness).await,
        before + 2,
        "Bob's try, and hers again"
    );
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_who_presses_gets_toasts_and_one_event() {
    let harness = closed().await;
    let room = || harness.chat("War room");
    room()
        .as_user("Olivia")
        .says("/declare P1 key leaked")
        .await;
    let card = room().card().message_id;
    let press = async |label: &'static str| room().as_user("Mallory").presses_on(card, label).await;
    let before = events(&harness).await;
    insta::assert_snapshot!(press("👀 I see it").await, @"(alert) /ack is for the team. If you belong to it, ask an owner to reply to you with /grant responder.");
    for _ in 0..4 {
        assert!(!press("👀 I see it").await.is_empty(), "a toast");
    }
    assert_eq!(events(&harness).await, before + 1);
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclaimed_group_gets_its_sentence_once() {
    let mut harness = Harness::with(Stage {
        outside: true,
        ..Stage::default()
    })
    .await;
    let id = harness.control.add_chat(NewChat::group("Somebody else's"));
    harness.add_chat("Somebody else's", id);
    for name in ["Mallory", "Bob", "Olivia"] {
        harness.control.join(id, harness.person(name));
    }
    harness.control.add_bot(id, harness.world.outsider);
    harness.quiet().await;
    let says = async |who: &'static str, text: &'static str| {
        harness
            .chat("Somebody else's")
            .as_user(who)
            .says(text)
            .await
    };
    assert!(!says("Mallory", "/status").await.is_empty());
    assert_eq!(says("Mallory", "/start").await, "");
    assert_eq!(says("Bob", "/declare P0 x").await, "");
    insta::assert_snapshot!(says("Olivia", "/status").await, @"🤖 (silent) This group is not in use yet: one of my owners has to send /start here first.");
    assert!(
        !says("Olivia", "/status").await.is_empty(),
        "an owner is always answered"
    );
    assert!(says("Olivia", "/start").await.contains("Ready."));
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_makes_a_command_is_told_once() {
    let harness = Harness::start().await;
    let room = || harness.chat("War room");
    room().as_user("Bob").says("/declare P2 the real one").await;
    let card = room().card_text();
    let message = harness
        .control
        .says(room().id(), harness.person("Bob"), "severity P0");
    harness.quiet().await;
    let edit = async |text: &'static str| {
        let (id, bob) = (room().id(), harness.person("Bob"));
        let edited = async { harness.control.edit(id, bob, message, text) };
        harness.sees(edited).await.1
    };
    assert_eq!(edit("severity P0, I think").await, "", "ordinary text");
    assert_eq!(edit("/severity@other_bot P0").await, "", "another bot's");
    insta::assert_snapshot!(edit("/severity P0").await, @"🤖 (silent) Edited messages never act. Send it again.");
    assert_eq!(edit("/severity P0 now").await, "");
    assert_eq!(room().card_text(), card, "nothing was done");
    harness.end().await;
}
