//! What is sent in another form, or elsewhere.

use std::time::Duration;

use breakglass::messages::outgoing::{
    Button, Document, Keyboard, Lane, Message, Outgoing, Place, Scope, Style,
};
use breakglass::telegram::courier::{Limits, Returned};
use telegram_sandbox::NewChat;

use super::super::desk::{Stage, message, unlimited};

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
    // Nothing is tried again by itself meanwhile.
    let limits = Limits {
        heard_pause: Duration::from_mins(10),
        parked_pause: Duration::from_mins(10),
        ..unlimited()
    };
    let stage = Stage::new(limits).await;
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
                    Outgoing::Unpin {
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
    stage.nothing_left().await;
}
