use serde_json::{Value, json};
use telegram_sandbox::{ChatKind, Rights, Say};

use crate::bot::scene;

fn texts(updates: &[Value]) -> Vec<&str> {
    updates
        .iter()
        .filter_map(|update| update["message"]["text"].as_str())
        .collect()
}

#[tokio::test]
async fn privacy_mode_shows_what_concerns_the_bot() {
    let scene = scene().await;
    let (room, alice) = scene.room(
        ChatKind::Supergroup {
            public_username: None,
        },
        None,
    );
    let mine = scene.bot.send(room, "card").await;
    scene.bot.drain().await;
    let hers = scene.control.says(room, alice, "small talk");
    scene.control.says(room, alice, "/ack");
    scene.control.says(room, alice, "/ack@breakglass_bot");
    scene.control.says(room, alice, "/ack@other_bot");
    scene.control.says(room, alice, "hey @BreakGlass_Bot");
    scene
        .control
        .send(room, alice, Say::text("a reply to the bot").reply_to(mine));
    scene
        .control
        .send(room, alice, Say::text("a reply to Alice").reply_to(hers));
    assert_eq!(
        texts(&scene.bot.drain().await),
        [
            "/ack",
            "/ack@breakglass_bot",
            "hey @BreakGlass_Bot",
            "a reply to the bot"
        ]
    );
    scene.control.make_bot_admin(room, alice, Rights::ALL);
    scene.bot.drain().await;
    scene.control.says(room, alice, "small talk");
    assert_eq!(
        texts(&scene.bot.drain().await),
        ["small talk"],
        "an administrator sees everything"
    );
}

#[tokio::test]
async fn messages_of_doubtful_senders_look_as_they_do_at_telegram() {
    let scene = scene().await;
    let (room, alice) = scene.room(
        ChatKind::Supergroup {
            public_username: None,
        },
        Some(Rights::ALL),
    );
    scene.bot.drain().await;
    let extra = json!({"entities_of_tomorrow": [1]})
        .as_object()
        .unwrap()
        .clone();
    let say = |edit: fn(&mut Say)| {
        let mut say = Say::text("/close");
        edit(&mut say);
        say
    };
    for kind in [
        say(|say| say.anonymous = true),
        say(|say| say.as_channel = Some("News".to_owned())),
        say(|say| say.linked_channel = Some("News".to_owned())),
        say(|say| say.forwarded = true),
        say(|say| say.via_bot = Some("gif".to_owned())),
        Say {
            extra,
            date: Some(1_000),
            ..Say::text("/close")
        },
        Say::text("evidence")
            .document("log.txt", *b"line")
            .reply_to(1),
    ] {
        scene.control.send(room, alice, kind);
    }
    let updates = scene.bot.drain().await;
    let message = |n: usize| &updates[n]["message"];
    assert_eq!(
        (&message(0)["from"]["id"], &message(0)["sender_chat"]["id"]),
        (&json!(1_087_968_824), &json!(room))
    );
    assert_eq!(
        (
            &message(1)["from"]["id"],
            &message(1)["sender_chat"]["type"]
        ),
        (&json!(136_817_688), &json!("channel"))
    );
    assert_eq!(
        (
            &message(2)["from"]["id"],
            &message(2)["is_automatic_forward"]
        ),
        (&json!(777_000), &json!(true))
    );
    assert_eq!(message(3)["forward_origin"]["type"], json!("hidden_user"));
    assert_eq!(message(4)["via_bot"]["username"], json!("gif"));
    assert_eq!(
        (&message(5)["entities_of_tomorrow"], &message(5)["date"]),
        (&json!([1]), &json!(1_000))
    );
    assert_eq!(
        (&message(6)["caption"], &message(6)["document"]["file_name"]),
        (&json!("evidence"), &json!("log.txt"))
    );
    assert!(message(6)["reply_to_message"].is_object());
}

#[tokio::test]
async fn edits_come_as_edits() {
    let scene = scene().await;
    let bob = scene.person("Bob");
    let id = scene.control.says(bob, bob, "/declre");
    scene.control.edit(bob, bob, id, "/declare P1 x");
    let updates = scene.bot.drain().await;
    assert_eq!(updates[1]["edited_message"]["text"], json!("/declare P1 x"));
    assert!(updates[1]["edited_message"]["edit_date"].is_i64());
    assert_eq!(scene.control.message(bob, id).unwrap().edits, 1);
}

#[tokio::test]
async fn a_mebibyte_of_text_passes_through() {
    let scene = scene().await;
    let bob = scene.person("Bob");
    let text = format!("/note {}", "<b>\u{202e}é".repeat(150_000));
    scene.control.says(bob, bob, &text);
    assert_eq!(texts(&scene.bot.drain().await), [text.as_str()]);
}
