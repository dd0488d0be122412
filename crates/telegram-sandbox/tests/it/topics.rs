use serde_json::{Value, json};
use telegram_sandbox::{ChatKind, Rights, Say};

use crate::bot::scene;

#[tokio::test]
async fn a_topic_lives_and_dies() {
    let scene = scene().await;
    let (room, alice) = scene.room(ChatKind::Forum, Some(Rights::ALL));
    scene.bot.drain().await;
    let topic = scene
        .bot
        .ok(
            "createForumTopic",
            json!({"chat_id": room, "name": "SEC-2026-001"}),
        )
        .await;
    let thread = topic["message_thread_id"].as_i64().unwrap();
    let sent = scene
        .bot
        .ok(
            "sendMessage",
            json!({"chat_id": room, "message_thread_id": thread, "text": "card"}),
        )
        .await;
    assert_eq!(
        (&sent["message_thread_id"], &sent["is_topic_message"]),
        (&json!(thread), &json!(true))
    );
    assert_eq!(
        sent["reply_to_message"]["forum_topic_created"]["name"],
        json!("SEC-2026-001"),
        "as at Telegram"
    );
    scene.bot.drain().await;
    scene
        .control
        .send(room, alice, Say::text("/ack").in_thread(thread));
    assert_eq!(
        scene.bot.drain().await[0]["message"]["message_thread_id"],
        json!(thread)
    );
    let reply = json!({"chat_id": room, "text": "x", "reply_parameters": {"message_id": sent["message_id"]}});
    assert_eq!(
        scene.bot.ok("sendMessage", reply).await["message_thread_id"],
        json!(thread),
        "a reply stays in its topic"
    );

    let in_topic = json!({"chat_id": room, "message_thread_id": thread});
    scene
        .bot
        .ok(
            "editForumTopic",
            json!({"chat_id": room, "message_thread_id": thread, "name": "closed"}),
        )
        .await;
    assert_eq!(
        scene
            .bot
            .refused(
                "editForumTopic",
                json!({"chat_id": room, "message_thread_id": thread, "name": "closed"})
            )
            .await,
        "Bad Request: TOPIC_NOT_MODIFIED"
    );
    scene.bot.ok("closeForumTopic", in_topic.clone()).await;
    assert_eq!(
        scene.bot.refused("closeForumTopic", in_topic.clone()).await,
        "Bad Request: TOPIC_NOT_MODIFIED"
    );
    scene
        .bot
        .ok(
            "sendMessage",
            json!({"chat_id": room, "message_thread_id": thread, "text": "an administrator may"}),
        )
        .await;
    scene.control.make_bot_admin(
        room,
        alice,
        Rights {
            can_manage_topics: false,
            ..Rights::ALL
        },
    );
    assert_eq!(
        scene
            .bot
            .refused(
                "sendMessage",
                json!({"chat_id": room, "message_thread_id": thread, "text": "x"})
            )
            .await,
        "Bad Request: TOPIC_CLOSED"
    );
    assert_eq!(
        scene
            .bot
            .refused("createForumTopic", json!({"chat_id": room, "name": "x"}))
            .await,
        "Bad Request: not enough rights to create a topic"
    );
    scene.control.make_bot_admin(room, alice, Rights::ALL);
    scene.bot.ok("reopenForumTopic", in_topic.clone()).await;
    scene.bot.ok("deleteForumTopic", in_topic).await;
    assert_eq!(
        scene
            .bot
            .refused(
                "sendMessage",
                json!({"chat_id": room, "message_thread_id": thread, "text": "x"})
            )
            .await,
        "Bad Request: message thread not found"
    );
    assert!(
        scene
            .control
            .transcript(room)
            .iter()
            .all(|entry| entry.thread != Some(thread))
    );
}

#[tokio::test]
async fn only_forums_have_topics() {
    let scene = scene().await;
    let (room, _) = scene.room(ChatKind::Group, Some(Rights::ALL));
    assert_eq!(
        scene
            .bot
            .refused("createForumTopic", json!({"chat_id": room, "name": "x"}))
            .await,
        "Bad Request: the chat is not a forum"
    );
    let (forum, _) = scene.room(ChatKind::Forum, Some(Rights::ALL));
    assert_eq!(
        scene
            .bot
            .refused(
                "createForumTopic",
                json!({"chat_id": forum, "name": "x".repeat(129)})
            )
            .await,
        "Bad Request: topic name is too long"
    );
    assert_eq!(
        scene
            .bot
            .refused("createForumTopic", json!({"chat_id": forum, "name": " "}))
            .await,
        "Bad Request: topic name must be non-empty"
    );
    let none: Value = scene
        .bot
        .ok("sendMessage", json!({"chat_id": forum, "text": "general"}))
        .await;
    assert_eq!(none["message_thread_id"], Value::Null);
}
