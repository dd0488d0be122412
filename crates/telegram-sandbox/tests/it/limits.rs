use std::time::Duration;

use serde_json::json;
use telegram_sandbox::{ChatKind, Options, Rights};

use crate::bot::scene_with;

#[tokio::test]
async fn a_chat_takes_a_burst_then_one_a_second_and_a_group_twenty_a_minute() {
    let scene = scene_with(Options::default()).await;
    let (room, alice) = scene.room(ChatKind::Group, Some(Rights::ALL));
    let send = async || {
        scene
            .bot
            .call("sendMessage", json!({"chat_id": room, "text": "x"}))
            .await
    };
    for _ in 0..5 {
        send().await.unwrap();
    }
    let refusal = send().await.unwrap_err();
    assert_eq!(
        (refusal.code, refusal.text.as_str()),
        (429, "Too Many Requests: retry after 1")
    );
    assert_eq!(refusal.parameters, json!({"retry_after": 1}));
    for _ in 0..15 {
        scene.control.advance(Duration::from_secs(1));
        send().await.unwrap();
    }
    scene.control.advance(Duration::from_secs(10));
    let wait = send().await.unwrap_err().parameters["retry_after"]
        .as_u64()
        .unwrap();
    assert!(
        (30..=36).contains(&wait),
        "the minute is counted from the first: {wait}"
    );

    let id = scene.control.says(room, alice, "/ack");
    let callback = scene.control.press(room, alice, id, "x");
    scene
        .bot
        .ok(
            "answerCallbackQuery",
            json!({"callback_query_id": callback}),
        )
        .await;
    scene.bot.ok("setMessageReaction", json!({"chat_id": room, "message_id": id, "reaction": [{"type": "emoji", "emoji": "👀"}]})).await;
    scene.control.advance(Duration::from_secs(wait));
    send().await.unwrap();
}

#[tokio::test]
async fn edits_and_topics_count_like_messages() {
    let scene = scene_with(Options::default()).await;
    let (room, _) = scene.room(ChatKind::Forum, Some(Rights::ALL));
    let id = scene.bot.send(room, "card").await;
    for n in 0..3 {
        scene
            .bot
            .ok(
                "editMessageText",
                json!({"chat_id": room, "message_id": id, "text": format!("card {n}")}),
            )
            .await;
    }
    scene
        .bot
        .ok(
            "createForumTopic",
            json!({"chat_id": room, "name": "topic"}),
        )
        .await;
    assert!(
        scene
            .bot
            .refused(
                "editMessageText",
                json!({"chat_id": room, "message_id": id, "text": "x"})
            )
            .await
            .starts_with("Too Many Requests")
    );
    assert!(
        scene
            .bot
            .refused("createForumTopic", json!({"chat_id": room, "name": "x"}))
            .await
            .starts_with("Too Many Requests")
    );
    scene.control.limits(false);
    for _ in 0..50 {
        scene.bot.send(room, "lifted").await;
    }
}

#[tokio::test]
async fn thirty_a_second_over_all_chats() {
    let scene = scene_with(Options::default()).await;
    let mut refused = 0;
    for n in 0..60 {
        let person = scene.person(&format!("p{n}"));
        scene.control.open_private(person);
        let answer = scene
            .bot
            .call("sendMessage", json!({"chat_id": person, "text": "x"}))
            .await;
        refused += usize::from(answer.is_err());
    }
    assert!(refused > 0, "sixty at once are too many");
    scene.control.advance(Duration::from_secs(2));
    let person = scene.person("late");
    scene.control.open_private(person);
    scene.bot.send(person, "x").await;
}
