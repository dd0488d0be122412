use serde_json::{Value, json};
use telegram_sandbox::{ChatKind, NewChat, Rights};

use crate::bot::scene;

#[tokio::test]
async fn a_bot_cannot_write_first_and_hears_when_it_is_blocked() {
    let scene = scene().await;
    let bob = scene.person("Bob");
    let hello = json!({"chat_id": bob, "text": "hello"});
    assert_eq!(
        scene.bot.refused("sendMessage", hello.clone()).await,
        "Forbidden: bot can't initiate conversation with a user"
    );
    scene.control.says(bob, bob, "/start");
    scene.bot.ok("sendMessage", hello.clone()).await;
    scene.bot.drain().await;
    scene.control.block_bot(bob);
    assert_eq!(
        scene.bot.refused("sendMessage", hello.clone()).await,
        "Forbidden: bot was blocked by the user"
    );
    let updates = scene.bot.drain().await;
    assert_eq!(
        updates[0]["my_chat_member"]["new_chat_member"]["status"],
        json!("kicked")
    );
    scene.control.unblock_bot(bob);
    scene.bot.ok("sendMessage", hello).await;
}

#[tokio::test]
async fn the_bot_is_added_promoted_removed() {
    let scene = scene().await;
    let alice = scene.person("Alice");
    let room = scene.control.add_chat(NewChat::group("War room"));
    scene.control.make_owner(room, alice);
    assert_eq!(
        scene
            .bot
            .refused("sendMessage", json!({"chat_id": room, "text": "x"}))
            .await,
        "Bad Request: chat not found"
    );
    assert!(
        scene.bot.drain().await.is_empty(),
        "what was before is not told"
    );
    scene.control.add_bot(room, alice);
    scene.control.make_bot_admin(room, alice, Rights::ALL);
    let updates = scene.bot.drain().await;
    let change = |update: &Value| {
        let status = |side: &str| {
            update["my_chat_member"][side]["status"]
                .as_str()
                .unwrap_or("-")
                .to_owned()
        };
        format!(
            "{} → {}",
            status("old_chat_member"),
            status("new_chat_member")
        )
    };
    assert_eq!(change(&updates[0]), "left → member");
    assert_eq!(updates[0]["my_chat_member"]["from"]["id"], json!(alice));
    assert_eq!(
        updates[1]["message"]["new_chat_members"][0]["id"],
        json!(42)
    );
    assert_eq!(change(&updates[2]), "member → administrator");
    scene.control.kick_bot(room, alice);
    let updates = scene.bot.drain().await;
    assert_eq!(
        (updates.len(), change(&updates[0]).as_str()),
        (1, "administrator → kicked")
    );
    assert_eq!(
        scene
            .bot
            .refused("sendMessage", json!({"chat_id": room, "text": "x"}))
            .await,
        "Forbidden: bot was kicked from the group chat"
    );
    scene.control.add_bot(room, alice);
    scene.bot.ok("leaveChat", json!({"chat_id": room})).await;
    assert_eq!(
        scene
            .bot
            .refused("sendMessage", json!({"chat_id": room, "text": "x"}))
            .await,
        "Forbidden: bot is not a member of the group chat"
    );
    assert_eq!(scene.control.bot_status(room), "left");
}

#[tokio::test]
async fn members_and_administrators_are_shown() {
    let scene = scene().await;
    let (room, alice) = scene.room(
        ChatKind::Supergroup {
            public_username: Some("warroom".to_owned()),
        },
        None,
    );
    let bob = scene.person("Bob");
    let member = async |user: i64| {
        scene
            .bot
            .call(
                "getChatMember",
                json!({"chat_id": "@warroom", "user_id": user}),
            )
            .await
    };
    assert_eq!(member(bob).await.unwrap()["status"], json!("left"));
    scene.control.join(room, bob);
    scene.control.promote(
        room,
        bob,
        Rights {
            can_pin_messages: false,
            ..Rights::ALL
        },
    );
    assert_eq!(member(bob).await.unwrap()["can_pin_messages"], json!(false));
    assert_eq!(member(alice).await.unwrap()["status"], json!("creator"));
    assert_eq!(
        member(999).await.unwrap_err().text,
        "Bad Request: user not found"
    );
    let admins = scene
        .bot
        .ok("getChatAdministrators", json!({"chat_id": room}))
        .await;
    let ids: Vec<i64> = admins
        .as_array()
        .unwrap()
        .iter()
        .map(|admin| admin["user"]["id"].as_i64().unwrap())
        .collect();
    assert_eq!(ids, [alice, bob]);
    assert_eq!(
        scene
            .bot
            .ok("getChatMemberCount", json!({"chat_id": room}))
            .await,
        json!(3)
    );
    let chat = scene.bot.ok("getChat", json!({"chat_id": room})).await;
    assert_eq!(
        (&chat["type"], &chat["username"], &chat["title"]),
        (&json!("supergroup"), &json!("warroom"), &json!("War room"))
    );
    assert!(room < -1_000_000_000_000);
}

#[tokio::test]
async fn a_group_becomes_a_supergroup() {
    let scene = scene().await;
    let (old, alice) = scene.room(ChatKind::Group, Some(Rights::ALL));
    scene.bot.send(old, "before").await;
    scene.bot.drain().await;
    let new = scene.control.migrate_to_supergroup(old);
    let updates = scene.bot.drain().await;
    assert_eq!(
        (
            &updates[0]["message"]["chat"]["id"],
            &updates[0]["message"]["migrate_to_chat_id"]
        ),
        (&json!(old), &json!(new))
    );
    assert_eq!(
        (
            &updates[1]["message"]["chat"]["id"],
            &updates[1]["message"]["migrate_from_chat_id"]
        ),
        (&json!(new), &json!(old))
    );
    let refusal = scene
        .bot
        .call("sendMessage", json!({"chat_id": old, "text": "x"}))
        .await
        .unwrap_err();
    assert_eq!(
        (refusal.code, refusal.text.as_str()),
        (
            400,
            "Bad Request: group chat was upgraded to a supergroup chat"
        )
    );
    assert_eq!(refusal.parameters, json!({"migrate_to_chat_id": new}));
    assert!(
        scene.bot.send(new, "after").await < 5,
        "message ids begin anew"
    );
    scene.control.says(old, alice, "/status");
    assert_eq!(
        scene.bot.drain().await[0]["message"]["chat"]["id"],
        json!(new),
        "people write in the new one"
    );
    assert_eq!(scene.control.bot_status(new), "administrator");
}

#[tokio::test]
async fn pins_need_a_right_and_leave_a_grey_line() {
    let scene = scene().await;
    let (room, alice) = scene.room(ChatKind::Forum, None);
    let id = scene.bot.send(room, "card").await;
    let pin = json!({"chat_id": room, "message_id": id, "disable_notification": true});
    assert_eq!(
        scene.bot.refused("pinChatMessage", pin.clone()).await,
        "Bad Request: not enough rights to manage pinned messages in the chat"
    );
    scene.control.make_bot_admin(room, alice, Rights::ALL);
    scene.bot.drain().await;
    scene.bot.ok("pinChatMessage", pin).await;
    assert_eq!(scene.control.pinned(room), [id]);
    let last = scene.control.transcript(room).pop().unwrap();
    assert_eq!(
        (last.service.as_deref(), last.silent),
        (Some("pinned_message"), true)
    );
    assert_eq!(
        last.service_text.as_deref(),
        Some("breakglass pinned a message")
    );
    let told = scene.bot.drain().await;
    assert_eq!(
        told[0]["message"]["pinned_message"]["message_id"],
        json!(id),
        "the bot hears of its own pin"
    );
    assert_eq!(
        scene.bot.ok("getChat", json!({"chat_id": room})).await["pinned_message"]["text"],
        json!("card")
    );
    scene
        .bot
        .ok(
            "unpinChatMessage",
            json!({"chat_id": room, "message_id": id}),
        )
        .await;
    assert!(scene.control.pinned(room).is_empty());
    assert_eq!(
        scene
            .bot
            .refused(
                "pinChatMessage",
                json!({"chat_id": room, "message_id": 999})
            )
            .await,
        "Bad Request: message to pin not found"
    );
    assert_eq!(
        scene
            .bot
            .refused("unpinChatMessage", json!({"chat_id": room}))
            .await,
        "Bad Request: message to unpin not found"
    );
}

#[tokio::test]
async fn commands_are_kept_by_scope_and_language() {
    let scene = scene().await;
    let (room, _) = scene.room(ChatKind::Group, None);
    let list = json!([{"command": "declare", "description": "Declare an incident"}]);
    scene
        .bot
        .ok("setMyCommands", json!({"commands": list}))
        .await;
    scene.bot.ok("setMyCommands", json!({"commands": list, "scope": {"type": "chat", "chat_id": room}, "language_code": "de"})).await;
    assert_eq!(scene.bot.ok("getMyCommands", json!({})).await, list);
    assert_eq!(
        scene
            .bot
            .ok("getMyCommands", json!({"language_code": "de"}))
            .await,
        json!([])
    );
    assert_eq!(
        scene.control.commands(&format!("chat {room}"), "de"),
        Some(list.clone())
    );
    scene.bot.ok("deleteMyCommands", json!({})).await;
    assert_eq!(scene.bot.ok("getMyCommands", json!({})).await, json!([]));
    let bad = |command: &str, description: &str| json!({"commands": [{"command": command, "description": description}]});
    assert_eq!(
        scene
            .bot
            .refused("setMyCommands", bad("Declare", "x"))
            .await,
        "Bad Request: BOT_COMMAND_INVALID"
    );
    assert_eq!(
        scene.bot.refused("setMyCommands", bad("x", "")).await,
        "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID"
    );
    let many: Vec<Value> = (0..101)
        .map(|n| json!({"command": format!("c{n}"), "description": "x"}))
        .collect();
    assert_eq!(
        scene
            .bot
            .refused("setMyCommands", json!({"commands": many}))
            .await,
        "Bad Request: BOT_COMMANDS_TOO_MUCH"
    );
}

#[tokio::test]
async fn a_long_chat_forgets_its_oldest_messages_but_never_a_pinned_one() {
    let scene = scene().await;
    let (room, alice) = scene.room(ChatKind::Group, Some(Rights::ALL));
    let card = scene.bot.send(room, "card").await;
    let plain = scene.bot.send(room, "plain").await;
    scene.control.pin(room, card, alice);
    for _ in 0..20_010 {
        scene.control.says(room, alice, "x");
    }
    assert!(scene.control.message(room, plain).is_none());
    let edit = json!({"chat_id": room, "message_id": card, "text": "card, edited"});
    scene.bot.ok("editMessageText", edit).await;
}
