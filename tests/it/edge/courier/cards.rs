//! Cards and topics.

use std::time::Duration;

use breakglass::messages::outgoing::{Lane, Message, Outgoing, Place};
use breakglass::telegram::courier::{Limits, Returned, TopicState};
use telegram_sandbox::{Control, Fault, FaultKind, NewChat};

use super::super::desk::{Stage, unlimited};

#[tokio::test]
async fn a_card_is_posted_pinned_and_edited_in_place() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.desk.set_card(key, "SEC-2026-001", "version 1");
    stage.courier.card_changed(key, "SEC-2026-001".into());
    stage.idle().await;
    for n in 2..=200 {
        stage
            .desk
            .set_card(key, "SEC-2026-001", &format!("version {n}"));
        stage.courier.card_changed(key, "SEC-2026-001".into());
    }
    stage.idle().await;
    assert_eq!(stage.written(id), ["version 200"]);
    assert_eq!(stage.control.pinned(id).len(), 1);
    let edits = stage.control.counts()["editMessageText"];
    assert!(edits <= 5, "{edits} edits for 199 changes");

    stage.courier.card_changed(key, "SEC-2026-001".into());
    stage.idle().await;
    assert_eq!(
        stage.control.counts()["editMessageText"],
        edits,
        "the same content is not sent again"
    );
}

#[tokio::test]
async fn a_card_that_was_being_posted_when_the_process_died_is_marked() {
    let mut stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.control.set_fault(Fault::times(
        "sendMessage",
        FaultKind::HangAfter { ms: 60_000 },
        1,
    ));
    stage.desk.set_card(key, "SEC-2026-001", "the card");
    stage.courier.card_changed(key, "SEC-2026-001".into());
    let there = |count: usize| {
        move |control: &Control| {
            control
                .transcript(id)
                .iter()
                .filter(|entry| entry.text.starts_with("the card"))
                .count()
                == count
        }
    };
    assert!(
        stage
            .control
            .wait_until(Duration::from_secs(5), there(1))
            .await
    );
    // It is in the chat, but nobody knows its id: the process dies here.
    stage.restart().await;
    stage.courier.card_changed(key, "SEC-2026-001".into());
    assert!(
        stage
            .control
            .wait_until(Duration::from_secs(5), there(2))
            .await
    );
    assert_eq!(
        stage.written(id),
        ["the card", "the card\n\npossible repeat"]
    );
}

#[tokio::test]
async fn edits_of_a_card_leave_room_to_speak() {
    let stage = Stage::new(Limits::default()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.desk.set_card(key, "SEC-2026-001", "version 0");
    for n in 1..=40 {
        stage
            .desk
            .set_card(key, "SEC-2026-001", &format!("version {n}"));
        stage.courier.card_changed(key, "SEC-2026-001".into());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stage.say(key, Lane::Emergency, &["alarm"]).await;
    let heard = stage.control.wait_until(Duration::from_secs(2), |control| {
        control
            .transcript(id)
            .iter()
            .any(|entry| entry.text == "alarm")
    });
    assert!(heard.await);
    let refused = stage
        .control
        .history()
        .iter()
        .filter(|call| matches!(call.outcome, Err((429, _))))
        .count();
    assert_eq!(refused, 0, "we stay within the limits by ourselves");
}

#[tokio::test]
async fn a_deleted_card_is_posted_anew() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.desk.set_card(key, "SEC-2026-001", "one");
    stage.courier.card_changed(key, "SEC-2026-001".into());
    stage.idle().await;
    let card = stage.control.pinned(id)[0];
    stage.control.delete_message(id, card);
    stage.desk.set_card(key, "SEC-2026-001", "two");
    stage.courier.card_changed(key, "SEC-2026-001".into());
    stage.idle().await;
    assert_eq!(stage.written(id), ["two"]);
    assert_eq!(
        stage.desk.count(
            |one| matches!(one, Returned::CardLost { message_id, .. } if *message_id == card)
        ),
        1
    );
    assert_eq!(
        stage
            .desk
            .count(|one| matches!(one, Returned::CardShown { new: true, .. })),
        2
    );
}

#[tokio::test]
async fn an_incident_gets_its_topic_and_loses_it() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::forum("war room")).await;
    let incident = "SEC-2026-001".to_owned();
    stage
        .desk
        .topics
        .lock()
        .unwrap()
        .insert(incident.clone(), TopicState::Waiting);
    stage.desk.set_card(key, &incident, "the card");
    let here = |html: &str| {
        Outgoing::Message(Message {
            html: html.into(),
            place: Place::Incident(incident.clone()),
            ..Message::default()
        })
    };
    let topic = Outgoing::Topic {
        incident: incident.clone(),
        name: "SEC-2026-001 key leaked".into(),
        icon: None,
    };
    stage.courier.card_changed(key, incident.clone());
    stage
        .send(
            key,
            vec![
                (Lane::Emergency, here("alarm")),
                (Lane::Incident, here("declared")),
                (Lane::Incident, topic),
            ],
        )
        .await;
    stage.idle().await;
    let (thread, name, _) = stage.control.topics(id).into_iter().next_back().unwrap();
    assert_eq!(name, "SEC-2026-001 key leaked");
    let threads = |stage: &Stage| -> Vec<(String, Option<i64>)> {
        let all = stage
            .control
            .transcript(id)
            .into_iter()
            .filter(|entry| entry.is_bot && entry.service.is_none());
        let mut all: Vec<_> = all.map(|entry| (entry.text, entry.thread)).collect();
        all.sort();
        all
    };
    let expected = ["alarm", "declared", "the card"].map(|text| (text.to_owned(), Some(thread)));
    assert_eq!(threads(&stage), expected);

    stage.control.delete_topic(id, thread);
    stage
        .send(
            key,
            vec![
                (Lane::Incident, here("still heard")),
                (Lane::Incident, here("and again")),
            ],
        )
        .await;
    stage.idle().await;
    let general = threads(&stage);
    assert!(
        general.contains(&("still heard".to_owned(), None)),
        "{general:?}"
    );
    assert!(
        general.contains(&("and again".to_owned(), None)),
        "{general:?}"
    );
    assert_eq!(
        stage
            .desk
            .count(|one| matches!(one, Returned::TopicGone { .. })),
        1,
        "told once"
    );
}

#[tokio::test]
async fn where_topics_are_not_allowed_the_chat_itself_is_used() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let incident = "SEC-2026-001".to_owned();
    stage
        .desk
        .topics
        .lock()
        .unwrap()
        .insert(incident.clone(), TopicState::Waiting);
    let topic = Outgoing::Topic {
        incident: incident.clone(),
        name: "x".into(),
        icon: None,
    };
    let here = Outgoing::Message(Message {
        html: "declared".into(),
        place: Place::Incident(incident),
        ..Message::default()
    });
    stage
        .send(key, vec![(Lane::Incident, topic), (Lane::Incident, here)])
        .await;
    stage.idle().await;
    assert_eq!(stage.written(id), ["declared"]);
    assert_eq!(
        stage
            .desk
            .count(|one| matches!(one, Returned::TopicRefused { .. })),
        1
    );
    stage.nothing_left().await;
}
