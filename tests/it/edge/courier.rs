//! Stories of delivery.

use std::time::{Duration, Instant};

use breakglass::messages::outgoing::{
    Button, Document, Keyboard, Lane, Message, Outgoing, Place, Scope, Style,
};
use breakglass::store::{OutboxState, Settlement};
use breakglass::telegram::courier::{Limits, Returned, TopicState};
use telegram_sandbox::{Control, Fault, FaultKind, NewChat};

use super::desk::{Stage, message, unlimited};

const MARK: &str = "possible repeat";

#[tokio::test]
async fn messages_of_a_chat_arrive_in_order() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let texts: Vec<String> = (0..40).map(|n| format!("message {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let rows = stage.say(key, Lane::Incident, &texts).await;
    stage.idle().await;
    assert_eq!(stage.written(id), texts);
    stage.nothing_left().await;
    let last = stage.ledger.delivery(rows[39].id).await.unwrap().unwrap();
    assert_eq!(last.state, OutboxState::Sent);
    assert!(last.message_id.is_some());
}

#[tokio::test]
async fn an_emergency_overtakes_and_finds_room() {
    let limits = Limits {
        burst: 1.0,
        per_chat: 20.0,
        per_minute: 6,
        minute_reserve: 2,
        routine_reserve: 1,
        ..Limits::default()
    };
    let stage = Stage::new(limits).await;
    stage.control.limits(false);
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage
        .say(key, Lane::Routine, &["r1", "r2", "r3", "r4", "r5"])
        .await;
    stage.say(key, Lane::Incident, &["i1", "i2", "i3"]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    stage.say(key, Lane::Emergency, &["e1", "e2"]).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let written = stage.written(id);
    assert_eq!(written.len(), 6, "six a minute, not one more: {written:?}");
    let routine = written.iter().filter(|text| text.starts_with('r')).count();
    assert!(routine <= 3, "{written:?}");
    assert_eq!(written[4..], ["e1", "e2"], "{written:?}");
    assert_eq!(stage.courier.load().waiting, 4);
}

#[tokio::test]
async fn a_429_makes_only_its_chat_wait() {
    let stage = Stage::new(unlimited()).await;
    let (slow, slow_id) = stage.group(NewChat::group("slow")).await;
    let (fast, fast_id) = stage.group(NewChat::group("fast")).await;
    stage.control.set_fault(Fault::times(
        "sendMessage",
        FaultKind::TooMany { retry_after: 1 },
        1,
    ));
    let began = Instant::now();
    stage.say(slow, Lane::Emergency, &["waits"]).await;
    let struck = stage
        .control
        .wait_until(Duration::from_secs(5), |control| {
            control.counts().contains_key("sendMessage")
        })
        .await;
    assert!(struck);
    stage.say(fast, Lane::Routine, &["flows"]).await;
    let flows = stage
        .control
        .wait_until(Duration::from_millis(700), |control| {
            control
                .transcript(fast_id)
                .iter()
                .any(|entry| entry.text == "flows")
        });
    assert!(flows.await);
    assert!(stage.written(slow_id).is_empty());
    stage.idle().await;
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(
        stage.written(slow_id),
        ["waits"],
        "not sent before, so no repeat"
    );
}

#[tokio::test]
async fn a_failing_server_is_asked_again_without_a_mark() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::Http500, 3));
    stage.say(key, Lane::Incident, &["once", "after it"]).await;
    stage.idle().await;
    assert_eq!(stage.written(id), ["once", "after it"]);
}

#[tokio::test]
async fn an_unknown_outcome_is_sent_again_with_a_mark() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::ResetAfter, 1));
    stage
        .say(key, Lane::Incident, &["deploy stopped", "next"])
        .await;
    stage.idle().await;
    assert_eq!(
        stage.written(id),
        [
            "deploy stopped",
            "deploy stopped\n\npossible repeat",
            "next"
        ]
    );

    stage
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::Garbage, 1));
    stage.say(key, Lane::Incident, &["garbled"]).await;
    stage.idle().await;
    assert_eq!(
        stage.written(id)[3..],
        ["garbled", "garbled\n\npossible repeat"]
    );
    stage.nothing_left().await;
}

#[tokio::test]
async fn what_was_being_sent_when_the_process_died_is_marked() {
    let mut stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let rows = stage
        .commit(
            key,
            vec![
                (Lane::Incident, message("in flight")),
                (Lane::Incident, message("never begun")),
            ],
        )
        .await;
    stage
        .ledger
        .settle(vec![Settlement::Sending { id: rows[0].id }])
        .await
        .unwrap();
    stage.restart().await;
    stage.idle().await;
    assert_eq!(
        stage.written(id),
        ["in flight\n\npossible repeat", "never begun"]
    );
    stage.nothing_left().await;
}

#[tokio::test]
async fn a_lost_connection_before_the_server_is_no_loss() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.control.down(true);
    stage.say(key, Lane::Emergency, &["alarm"]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(stage.written(id).is_empty());
    stage.control.down(false);
    stage.idle().await;
    assert_eq!(stage.written(id).len(), 1);
    assert!(stage.written(id)[0].starts_with("alarm"));
}

#[tokio::test]
async fn words_arrive_even_if_the_markup_or_the_buttons_are_refused() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let keyboard = |data: &str| {
        Some(Keyboard(vec![vec![
            Button::press("Go", data).styled(Style::Danger),
        ]]))
    };
    let with = |html: &str, data: &str| {
        Outgoing::Message(Message {
            html: html.into(),
            keyboard: keyboard(data),
            ..Message::default()
        })
    };
    stage
        .send(
            key,
            vec![
                (Lane::Incident, with("<b>3 &lt; 5 unclosed", "ok")),
                (Lane::Incident, with("too much data", &"x".repeat(65))),
                (Lane::Incident, with("<b>all</b> fine", "ok")),
            ],
        )
        .await;
    stage.idle().await;
    assert_eq!(
        stage.written(id),
        ["3 < 5 unclosed", "too much data", "all fine"]
    );
    let entries = stage.control.transcript(id);
    let labels = |text: &str| {
        entries
            .iter()
            .find(|entry| entry.text == text)
            .map(|entry| entry.labels().len())
    };
    assert_eq!(
        labels("3 < 5 unclosed"),
        Some(1),
        "buttons outlive broken markup"
    );
    assert_eq!(labels("too much data"), Some(0));
    assert_eq!(labels("all fine"), Some(1));
    stage.nothing_left().await;
}

#[tokio::test]
async fn an_answer_to_a_deleted_message_is_sent_all_the_same() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let asked = stage.control.says(id, stage.alice, "/status");
    stage.control.delete_message(id, asked);
    let answer = Message {
        html: "all quiet".into(),
        reply_to: Some(asked),
        tag: Some("t".into()),
        ..Message::default()
    };
    stage
        .send(key, vec![(Lane::Incident, Outgoing::Message(answer))])
        .await;
    stage.idle().await;
    assert_eq!(stage.written(id), ["all quiet"]);
    let tagged =
        |one: &Returned| matches!(one, Returned::Delivered { tag: Some(tag), .. } if tag == "t");
    assert_eq!(stage.desk.count(tagged), 1);
}

#[tokio::test]
async fn a_kicked_bot_parks_and_resumes() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.control.kick_bot(id, stage.alice);
    stage.say(key, Lane::Incident, &["one", "two"]).await;
    stage.idle().await;
    stage.say(key, Lane::Emergency, &["three"]).await;
    stage.idle().await;
    assert_eq!(
        stage
            .desk
            .count(|one| matches!(one, Returned::ChatForbidden { chat, .. } if *chat == key)),
        1
    );
    assert_eq!(stage.ledger.parked(key).await.unwrap().len(), 3);
    assert_eq!(stage.courier.load().parked_chats, 1);

    stage.control.add_bot(id, stage.alice);
    stage.courier.resume(key);
    stage.idle().await;
    let mut written = stage.written(id);
    written.sort();
    assert_eq!(written, ["one", "three", "two"]);
    assert!(stage.ledger.parked(key).await.unwrap().is_empty());
    stage.nothing_left().await;
}

#[tokio::test]
async fn a_chat_that_took_the_right_to_write_away_is_tried_again() {
    let limits = Limits {
        parked_pause: Duration::from_millis(100),
        ..unlimited()
    };
    let stage = Stage::new(limits).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.control.kick_bot(id, stage.alice);
    stage.say(key, Lane::Incident, &["one"]).await;
    stage.idle().await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    // Still shut: tried, kept, and told no second time.
    stage.say(key, Lane::Incident, &["two"]).await;
    stage.idle().await;
    stage.control.add_bot(id, stage.alice);
    tokio::time::sleep(Duration::from_millis(150)).await;
    stage.say(key, Lane::Incident, &["three"]).await;
    let all_there = |_: &telegram_sandbox::Control| stage.written(id).len() == 3;
    assert!(
        stage
            .control
            .wait_until(Duration::from_secs(20), all_there)
            .await
    );
    stage.idle().await;
    let told = |one: &Returned| matches!(one, Returned::ChatForbidden { .. });
    assert_eq!(stage.desk.count(told), 1);
    stage.nothing_left().await;
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_gets_it_there() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.desk.set_card(key, "SEC-2026-001", "the card");
    stage.courier.card_changed(key, "SEC-2026-001".into());
    stage.idle().await;
    let new = stage.control.migrate_to_supergroup(id);
    stage.say(key, Lane::Incident, &["over here"]).await;
    stage.idle().await;
    assert_eq!(stage.written(new), ["over here"]);
    assert_eq!(
        stage.desk.count(|one| *one
            == Returned::Migrated {
                chat: key,
                from: id,
                to: new
            }),
        1
    );
    // The card stayed behind in the old group.
    stage
        .desk
        .set_card(key, "SEC-2026-001", "the card, changed");
    stage.courier.card_changed(key, "SEC-2026-001".into());
    stage.idle().await;
    assert_eq!(stage.written(new), ["over here", "the card, changed"]);
}

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

#[tokio::test]
async fn receipts_do_not_wait_behind_messages() {
    let stage = Stage::new(Limits {
        burst: 1.0,
        per_chat: 0.01,
        ..Limits::default()
    })
    .await;
    stage.control.limits(false);
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage
        .say(
            key,
            Lane::Incident,
            &["first", "waits for a minute and more"],
        )
        .await;
    let asked = stage.control.says(id, stage.alice, "/ack");
    let press = stage.control.press(id, stage.alice, asked, "1:x");
    let far = i64::MAX;
    let toast = |id: &str, until: i64| Outgoing::Toast {
        callback_id: id.into(),
        text: "Ticked.".into(),
        alert: false,
        until,
    };
    let reaction = Outgoing::Reaction {
        message_id: asked,
        emoji: "👀".into(),
        fallback: None,
        place: Place::General,
    };
    stage
        .send(
            key,
            vec![
                (Lane::Incident, toast(&press, far)),
                (Lane::Incident, reaction),
                (Lane::Incident, toast("too old", 0)),
            ],
        )
        .await;
    let answered = stage.control.wait_until(Duration::from_secs(2), |control| {
        control.toast(&press).is_some()
            && control
                .message(id, asked)
                .is_some_and(|entry| entry.reactions.len() == 1)
    });
    assert!(answered.await);
    assert_eq!(
        stage.control.counts()["answerCallbackQuery"],
        1,
        "a toast that is too late is not sent"
    );
}

#[tokio::test]
async fn where_reactions_are_off_a_short_answer_is_given() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.control.reactions_allowed(id, false);
    let asked = stage.control.says(id, stage.alice, "/note x");
    let reaction = |fallback: Option<&str>| {
        let fallback = fallback.map(str::to_owned);
        (
            Lane::Incident,
            Outgoing::Reaction {
                message_id: asked,
                emoji: "✍".into(),
                fallback,
                place: Place::General,
            },
        )
    };
    stage
        .send(key, vec![reaction(Some("Noted <1>.")), reaction(None)])
        .await;
    stage.idle().await;
    assert_eq!(stage.written(id), ["Noted <1>."]);
    stage.nothing_left().await;
}

#[tokio::test]
async fn long_texts_are_split_and_very_long_ones_become_a_file() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let lines = |count: usize| -> String {
        let line =
            |n: usize| format!("<b>line {n}</b> a &lt;tag&gt; &amp; more words to fill it\n");
        (0..count).map(line).collect::<String>()
    };
    stage
        .send(key, vec![(Lane::Incident, message(&lines(200)))])
        .await;
    stage.idle().await;
    let written = stage.written(id);
    assert!((2..=4).contains(&written.len()), "{}", written.len());
    let all = written.join("\n");
    assert!((0..200).all(|n| all.contains(&format!("line {n} a <tag> & more"))));

    stage
        .send(key, vec![(Lane::Incident, message(&lines(2000)))])
        .await;
    stage.idle().await;
    let last = stage.control.transcript(id).pop().unwrap();
    let bytes = stage
        .control
        .file_bytes(&last.file.unwrap().file_id)
        .unwrap();
    assert!(
        String::from_utf8(bytes)
            .unwrap()
            .ends_with("line 1999 a <tag> & more words to fill it\n")
    );
}

#[tokio::test]
async fn documents_and_the_small_things_arrive() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let report = Document {
        name: "SEC-2026-001.md".into(),
        mime: "text/markdown".into(),
        content: "# Report".into(),
        caption: Some("The <b>report</b>".into()),
        ..Document::default()
    };
    let secret = stage.control.says(id, stage.alice, "sk-12345");
    let commands = Outgoing::Commands {
        scope: Scope::Chat,
        language: None,
        commands: vec![("ack".into(), "Take it".into())],
    };
    stage
        .send(
            key,
            vec![
                (Lane::Incident, Outgoing::Document(report)),
                (
                    Lane::Emergency,
                    Outgoing::DeleteMessage { message_id: secret },
                ),
                (Lane::Routine, commands),
                (Lane::Routine, Outgoing::Administrators),
                (
                    Lane::Routine,
                    Outgoing::Pin {
                        message_id: 424_242,
                    },
                ),
                (
                    Lane::Routine,
                    Outgoing::Edit {
                        message_id: 424_242,
                        html: "gone".into(),
                        keyboard: None,
                    },
                ),
            ],
        )
        .await;
    stage.idle().await;
    assert!(stage.control.message(id, secret).is_none());
    assert_eq!(stage.written(id), ["The report"]);
    assert_eq!(stage.control.all_commands().len(), 1);
    assert_eq!(
        stage
            .desk
            .count(|one| matches!(one, Returned::Administrators { chat, .. } if *chat == key)),
        1
    );
    assert_eq!(
        stage
            .desk
            .count(|one| matches!(one, Returned::PinRefused { .. })),
        1
    );
    assert_eq!(
        stage.desk.count(|one| matches!(
            one,
            Returned::EditLost {
                message_id: 424_242,
                ..
            }
        )),
        1
    );
    stage.nothing_left().await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_harms_nobody() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let mut rows = stage
        .commit(
            key,
            vec![
                (Lane::Incident, message("x")),
                (Lane::Incident, message("fine")),
            ],
        )
        .await;
    rows[0].body = r#"{"t":"from_the_future"}"#.into();
    stage.courier.push(rows);
    stage.idle().await;
    assert_eq!(stage.written(id), ["fine"]);
    assert_eq!(
        stage
            .desk
            .count(|one| matches!(one, Returned::Undeliverable { .. })),
        1
    );
    stage.nothing_left().await;
}

#[tokio::test]
async fn through_a_storm_of_faults_everything_arrives_in_order() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    for kind in [
        FaultKind::Http500,
        FaultKind::ResetAfter,
        FaultKind::ResetBefore,
        FaultKind::Garbage,
    ] {
        stage.control.set_fault(Fault::anywhere(kind, 0.08));
    }
    let texts: Vec<String> = (0..60).map(|n| format!("message {n}.")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    stage.say(key, Lane::Incident, &texts).await;
    stage.idle().await;
    let written = stage.written(id);
    let mut unmarked: Vec<&str> = written
        .iter()
        .map(|text| text.split("\n\n").next().unwrap())
        .collect();
    unmarked.dedup();
    assert_eq!(unmarked, texts, "each at least once, in order");
    for (n, text) in written.iter().enumerate() {
        let repeat = n > 0 && written[n - 1].split("\n\n").next() == text.split("\n\n").next();
        assert!(!repeat || text.contains(MARK), "an unmarked repeat: {text}");
    }
    stage.control.clear_faults();
    stage.nothing_left().await;
}
