//! What becomes of what waits: revised, overtaken, or tried again in a chat that was shut.

use std::time::Duration;

use breakglass::messages::outgoing::{Button, Keyboard, Lane, Message, Outgoing};
use breakglass::store::Settlement;
use breakglass::telegram::courier::Limits;
use telegram_sandbox::{Control, Fault, FaultKind, NewChat};

use super::super::desk::{Stage, message, unlimited};

const SOON: Duration = Duration::from_secs(20);

fn tagged(html: &str) -> (Lane, Outgoing) {
    let message = Message {
        html: html.to_owned(),
        keyboard: Some(Keyboard(vec![vec![Button::press("Yes, go on", "1:x")]])),
        tag: Some("request/7".to_owned()),
        ..Message::default()
    };
    (Lane::Emergency, Outgoing::Message(message))
}

fn revised(html: &str) -> (Lane, Outgoing) {
    let revise = Outgoing::Revise {
        tag: "request/7".to_owned(),
        html: html.to_owned(),
        keyboard: None,
    };
    (Lane::Emergency, revise)
}

#[tokio::test]
async fn what_is_revised_while_it_waits_is_sent_once_and_as_it_is_now() {
    let limits = Limits {
        burst: 1.0,
        per_chat: 4.0,
        ..Limits::default()
    };
    let stage = Stage::new(limits).await;
    stage.control.limits(false);
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let rows = vec![
        (Lane::Emergency, message("before")),
        tagged("press"),
        (Lane::Emergency, message("after")),
        revised("approved"),
        revised("begun"),
    ];
    stage.send(key, rows).await;
    stage.idle().await;
    assert_eq!(stage.written(id), ["before", "begun", "after"]);
    let shown = stage.control.transcript(id);
    let begun = shown.iter().find(|it| it.text == "begun").unwrap();
    assert!(begun.keyboard.is_empty(), "its buttons are gone as well");
    assert_eq!(stage.control.counts()["sendMessage"], 3);
    // What is put right once the delivery has come back shows already.
    let edit = |html: &str| Outgoing::Edit {
        message_id: begun.message_id,
        html: html.to_owned(),
        keyboard: None,
    };
    stage
        .send(key, vec![(Lane::Emergency, edit("begun"))])
        .await;
    stage.idle().await;
    assert!(!stage.control.counts().contains_key("editMessageText"));
    for html in ["ended", "begun"] {
        stage.send(key, vec![(Lane::Emergency, edit(html))]).await;
        stage.idle().await;
        assert!(stage.written(id).contains(&html.to_owned()));
    }
    stage.nothing_left().await;
}

#[tokio::test]
async fn a_revision_outlives_a_failed_try_and_the_process() {
    let mut stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::Http500, 1));
    stage.send(key, vec![tagged("press")]).await;
    let struck = |control: &Control| control.counts().contains_key("sendMessage");
    assert!(stage.control.wait_until(SOON, struck).await);
    stage.send(key, vec![revised("begun")]).await;
    stage.idle().await;
    assert_eq!(stage.written(id), ["begun"]);

    // Killed before the message was tried, and while it was under way.
    stage
        .commit(key, vec![tagged("press"), revised("denied")])
        .await;
    stage.restart().await;
    stage.idle().await;
    assert_eq!(stage.written(id), ["begun", "denied"]);
    stage.nothing_left().await;
    let rows = stage
        .commit(key, vec![tagged("press"), revised("lapsed")])
        .await;
    let sending = Settlement::Sending { id: rows[0].id };
    stage.ledger.settle(vec![sending]).await.unwrap();
    stage.restart().await;
    stage.idle().await;
    assert_eq!(stage.written(id)[2..], ["lapsed\n\npossible repeat"]);

    // One whose message is out already is nothing to send.
    stage.send(key, vec![revised("late")]).await;
    stage.idle().await;
    assert_eq!(stage.written(id).len(), 3);
    stage.nothing_left().await;
}

#[tokio::test]
async fn a_lever_goes_before_cards_and_notices() {
    let limits = Limits {
        burst: 1.0,
        per_chat: 4.0,
        card_burst: 1.0,
        card_rate: 0.001,
        ..Limits::default()
    };
    let stage = Stage::new(limits).await;
    stage.control.limits(false);
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.say(key, Lane::Incident, &["first"]).await;
    let began = |_: &Control| stage.written(id) == ["first"];
    assert!(stage.control.wait_until(SOON, began).await);
    for (name, text) in [("SEC-2026-001", "card"), ("SEC-2026-002", "another")] {
        stage.desk.set_card(key, name, text);
        stage.courier.card_changed(key, name.into());
    }
    stage.desk.set_card(key, "pasted/1", "notice");
    let notice = Outgoing::Card {
        incident: "pasted/1".into(),
    };
    stage.send(key, vec![(Lane::Routine, notice)]).await;
    stage.desk.set_card(key, "SEC-2026-001/1", "the run");
    stage.courier.card_changed(key, "SEC-2026-001/1".into());
    stage.courier.card_is_urgent(key, "SEC-2026-001/1".into());
    let the_run = |_: &Control| stage.written(id).contains(&"the run".to_owned());
    assert!(stage.control.wait_until(SOON, the_run).await);
    let written = stage.written(id);
    assert!(!written.contains(&"another".to_owned()), "{written:?}");
    assert!(!written.contains(&"notice".to_owned()), "{written:?}");
}

#[tokio::test]
async fn a_shut_chat_is_tried_again_by_itself() {
    let limits = Limits {
        parked_pause: Duration::from_millis(100),
        longest_parked_pause: Duration::from_millis(400),
        heard_pause: Duration::from_mins(10),
        ..unlimited()
    };
    let stage = Stage::new(limits).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.control.kick_bot(id, stage.alice);
    stage.say(key, Lane::Emergency, &["the run is over"]).await;
    let tried = |control: &Control| control.counts().get("sendMessage") >= Some(&3);
    assert!(stage.control.wait_until(SOON, tried).await);
    stage.control.add_bot(id, stage.alice);
    let there = |_: &Control| stage.written(id) == ["the run is over"];
    assert!(stage.control.wait_until(SOON, there).await);
    stage.idle().await;
    assert_eq!(stage.courier.load().parked_chats, 0);
    stage.nothing_left().await;
}

#[tokio::test]
async fn a_shut_chat_is_tried_again_when_something_is_heard_from_it() {
    let limits = Limits {
        parked_pause: Duration::from_mins(10),
        heard_pause: Duration::from_millis(50),
        ..unlimited()
    };
    let stage = Stage::new(limits).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.courier.heard(key);
    stage.control.kick_bot(id, stage.alice);
    stage.say(key, Lane::Incident, &["the answer"]).await;
    stage.idle().await;
    stage.control.add_bot(id, stage.alice);
    stage.courier.heard(key);
    let there = |_: &Control| stage.written(id) == ["the answer"];
    assert!(stage.control.wait_until(SOON, there).await);
    stage.idle().await;
    stage.nothing_left().await;
}
