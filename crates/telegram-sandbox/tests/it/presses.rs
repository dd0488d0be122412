use std::time::Duration;

use serde_json::{Value, json};
use telegram_sandbox::{ChatKind, Rights};

use crate::bot::scene;

const TOO_OLD: &str =
    "Bad Request: query is too old and response timeout expired or query ID is invalid";

#[tokio::test]
async fn a_press_is_answered_once() {
    let scene = scene().await;
    let (room, alice) = scene.room(ChatKind::Group, None);
    let keyboard = json!({"inline_keyboard": [[{"text": "Ack", "callback_data": "v1:ack"}, {"text": "Off", "callback_data": "v1:off", "disabled": {}}]]});
    let id = scene
        .bot
        .ok(
            "sendMessage",
            json!({"chat_id": room, "text": "card", "reply_markup": keyboard}),
        )
        .await["message_id"]
        .as_i64()
        .unwrap();
    scene.bot.drain().await;
    let callback = scene.control.press_button(room, alice, id, "Ack").unwrap();
    let query = scene.bot.drain().await[0]["callback_query"].clone();
    assert_eq!(
        (&query["id"], &query["data"], &query["from"]["id"]),
        (&json!(callback), &json!("v1:ack"), &json!(alice))
    );
    assert_eq!(query["message"]["message_id"], json!(id));
    assert_eq!(scene.control.toast(&callback), None);
    let answer = json!({"callback_query_id": callback, "text": "Acknowledged", "show_alert": true});
    scene.bot.ok("answerCallbackQuery", answer.clone()).await;
    let toast = scene.control.toast(&callback).unwrap();
    assert_eq!(
        (toast.text.as_str(), toast.show_alert),
        ("Acknowledged", true)
    );
    assert_eq!(
        scene.bot.refused("answerCallbackQuery", answer).await,
        TOO_OLD
    );
    assert_eq!(
        scene
            .bot
            .refused("answerCallbackQuery", json!({"callback_query_id": "7"}))
            .await,
        TOO_OLD
    );
    assert!(
        scene
            .control
            .press_button(room, alice, id, "Nothing")
            .unwrap_err()
            .contains("no button")
    );
    assert!(
        scene
            .control
            .press_button(room, alice, id, "Off")
            .unwrap_err()
            .contains("disabled")
    );
}

#[tokio::test]
async fn a_press_grows_old_and_an_answer_can_be_too_long() {
    let scene = scene().await;
    let (room, alice) = scene.room(ChatKind::Group, None);
    let id = scene.bot.send(room, "card").await;
    let hostile = scene.control.press(room, alice, id, "data of no button");
    let long = json!({"callback_query_id": hostile, "text": "x".repeat(201)});
    assert_eq!(
        scene.bot.refused("answerCallbackQuery", long).await,
        "Bad Request: MESSAGE_TOO_LONG"
    );
    scene.control.advance(Duration::from_secs(151));
    assert_eq!(
        scene
            .bot
            .refused("answerCallbackQuery", json!({"callback_query_id": hostile}))
            .await,
        TOO_OLD
    );
    scene.bot.drain().await;
    scene.control.delete_message(room, id);
    scene.control.press(room, alice, id, "late");
    let message = scene.bot.drain().await[0]["callback_query"]["message"].clone();
    assert_eq!(
        (&message["date"], &message["message_id"]),
        (&json!(0), &json!(id)),
        "an inaccessible message"
    );
}

#[tokio::test]
async fn reactions_are_limited_to_telegrams_own() {
    let scene = scene().await;
    let (room, alice) = scene.room(ChatKind::Group, Some(Rights::ALL));
    let id = scene.control.says(room, alice, "/ack");
    let react = async |emojis: &[&str]| {
        let list: Vec<Value> = emojis
            .iter()
            .map(|emoji| json!({"type": "emoji", "emoji": emoji}))
            .collect();
        scene
            .bot
            .call(
                "setMessageReaction",
                json!({"chat_id": room, "message_id": id, "reaction": list}),
            )
            .await
            .map_err(|refusal| refusal.text)
    };
    for emoji in ["👀", "👌", "✍", "🫡", "✍\u{fe0f}"] {
        react(&[emoji]).await.unwrap();
    }
    let entry = scene.control.message(room, id).unwrap();
    assert_eq!(
        (
            entry.reactions.len(),
            entry.reactions[0].emoji.as_str(),
            entry.reactions[0].by
        ),
        (1, "✍", 42)
    );
    assert_eq!(
        react(&["🧯"]).await.unwrap_err(),
        "Bad Request: REACTION_INVALID"
    );
    assert_eq!(
        react(&["👀", "👌"]).await.unwrap_err(),
        "Bad Request: REACTIONS_TOO_MANY"
    );
    react(&[]).await.unwrap();
    assert!(
        scene
            .control
            .message(room, id)
            .unwrap()
            .reactions
            .is_empty()
    );
    scene.control.reactions_allowed(room, false);
    assert_eq!(
        react(&["👀"]).await.unwrap_err(),
        "Bad Request: REACTION_INVALID"
    );
    let missing = json!({"chat_id": room, "message_id": 999, "reaction": []});
    assert_eq!(
        scene.bot.refused("setMessageReaction", missing).await,
        "Bad Request: message to react not found"
    );
}
