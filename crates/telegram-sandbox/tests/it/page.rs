use std::time::Duration;

use serde_json::{Value, json};
use telegram_sandbox::{ChatKind, Options, Rights};

use crate::bot::{Scene, scene, scene_with};

async fn with_page() -> Scene {
    scene_with(Options {
        page: true,
        limits: false,
        ..Options::default()
    })
    .await
}

async fn post(scene: &Scene, path: &str, body: Value) -> (u16, Value) {
    let answer = scene
        .bot
        .client
        .post(format!("{}/control/{path}", scene.sandbox.api_url()))
        .json(&body)
        .send()
        .await
        .unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn get(scene: &Scene, path: &str) -> Value {
    scene
        .bot
        .client
        .get(format!("{}/control/{path}", scene.sandbox.api_url()))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

/// Reads events until one of this type comes.
async fn event(stream: &mut reqwest::Response, kind: &str) -> Value {
    let wanted = async {
        let mut text = String::new();
        loop {
            text.push_str(&String::from_utf8_lossy(
                &stream.chunk().await.unwrap().unwrap(),
            ));
            while let Some((event, rest)) = text.clone().split_once("\n\n") {
                rest.clone_into(&mut text);
                let event: Value = event
                    .strip_prefix("data: ")
                    .and_then(|json| serde_json::from_str(json).ok())
                    .unwrap_or_default();
                if event["type"] == json!(kind) {
                    return event;
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), wanted)
        .await
        .expect(kind)
}

#[tokio::test]
async fn a_person_at_the_page_talks_with_the_bot() {
    let scene = with_page().await;
    let mut stream = scene
        .bot
        .client
        .get(format!("{}/control/events", scene.sandbox.api_url()))
        .send()
        .await
        .unwrap();
    event(&mut stream, "hello").await;
    let (_, alice) = post(
        &scene,
        "users",
        json!({"first_name": "Alice", "username": "alice"}),
    )
    .await;
    assert_eq!(
        event(&mut stream, "user").await["user"]["name"],
        json!("Alice")
    );
    let alice = alice["id"].as_i64().unwrap();
    let (_, room) = post(
        &scene,
        "chats",
        json!({"title": "War room", "kind": "forum", "owner": alice, "bot": "administrator"}),
    )
    .await;
    let room = room["id"].as_i64().unwrap();
    assert_eq!(
        event(&mut stream, "chat").await["chat"]["is_forum"],
        json!(true)
    );
    let (_, said) = post(
        &scene,
        &format!("chats/{room}/say"),
        json!({"user": alice, "text": "/declare"}),
    )
    .await;
    let keyboard = json!({"inline_keyboard": [[{"text": "Ack", "callback_data": "a"}]]});
    let card = scene.bot.ok("sendMessage", json!({"chat_id": room, "text": "<b>card</b>", "parse_mode": "HTML", "reply_markup": keyboard})).await;
    let mut seen = event(&mut stream, "message").await;
    while seen["message"]["text"] != json!("card") {
        seen = event(&mut stream, "message").await;
    }
    assert_eq!(
        seen["message"]["entities"],
        json!([{"type": "bold", "offset": 0, "length": 4}])
    );
    assert_eq!(
        seen["message"]["keyboard"],
        json!([[{"text": "Ack", "callback_data": "a"}]])
    );
    let (_, pressed) = post(
        &scene,
        &format!("chats/{room}/press"),
        json!({"user": alice, "message_id": card["message_id"], "data": "a"}),
    )
    .await;
    scene
        .bot
        .ok(
            "answerCallbackQuery",
            json!({"callback_query_id": pressed["callback_id"], "text": "Thanks"}),
        )
        .await;
    let toast = event(&mut stream, "toast").await;
    assert_eq!(
        (&toast["text"], &toast["user"], &toast["callback_id"]),
        (&json!("Thanks"), &json!(alice), &pressed["callback_id"])
    );
    post(
        &scene,
        &format!("chats/{room}/react"),
        json!({"user": alice, "message_id": said["message_id"], "emoji": "👍"}),
    )
    .await;
    assert_eq!(
        event(&mut stream, "message").await["message"]["reactions"][0]["emoji"],
        json!("👍")
    );
    scene
        .bot
        .ok(
            "deleteMessage",
            json!({"chat_id": room, "message_id": card["message_id"]}),
        )
        .await;
    assert_eq!(
        event(&mut stream, "deleted").await["message_id"],
        card["message_id"]
    );
    let state = get(&scene, "state").await;
    assert_eq!(
        state["users"].as_array().unwrap().len(),
        1,
        "Telegram's own users and the bot are not among the people"
    );
    let list = get(&scene, &format!("chats/{room}/messages?limit=1")).await;
    assert_eq!(list["messages"][0]["text"], json!("/declare"), "the newest");
}

#[tokio::test]
async fn every_route_does_what_the_contract_says() {
    let scene = with_page().await;
    let (room, alice) = scene.room(ChatKind::Group, None);
    let (forum, _) = scene.room(ChatKind::Forum, Some(Rights::ALL));
    scene.control.join(forum, alice);
    let bob = scene.person("Bob");
    let chat = |path: &str| format!("chats/{room}/{path}");
    assert_eq!(
        post(&scene, &chat("say"), json!({"user": bob, "text": "x"}))
            .await
            .0,
        403,
        "no member"
    );
    assert_eq!(
        post(&scene, "chats/-5/say", json!({"user": bob, "text": "x"}))
            .await
            .0,
        404
    );
    assert_eq!(
        post(
            &scene,
            &chat("members"),
            json!({"user": bob, "action": "join"})
        )
        .await
        .0,
        200
    );
    let (_, said) = post(&scene, &chat("say"), json!({"user": bob, "text": "first"})).await;
    let id = said["message_id"].clone();
    post(
        &scene,
        &chat("edit"),
        json!({"user": bob, "message_id": id, "text": "second"}),
    )
    .await;
    post(&scene, &chat("pin"), json!({"user": bob, "message_id": id})).await;
    let entry = scene.control.message(room, id.as_i64().unwrap()).unwrap();
    assert_eq!(
        (entry.text.as_str(), entry.pinned, entry.edits),
        ("second", true, 1)
    );
    let url = format!(
        "{}/control/{}?user={bob}&name=l%C3%B6g.txt&caption=/evidence",
        scene.sandbox.api_url(),
        chat("upload")
    );
    let uploaded: Value = scene
        .bot
        .client
        .post(url)
        .body("bytes")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let file = scene
        .control
        .message(room, uploaded["message_id"].as_i64().unwrap())
        .unwrap()
        .file
        .unwrap();
    assert_eq!((file.name.as_str(), file.size), ("lög.txt", 5));
    let down = scene
        .bot
        .client
        .get(format!(
            "{}/control/files/{}",
            scene.sandbox.api_url(),
            file.file_id
        ))
        .send()
        .await
        .unwrap();
    assert_eq!(down.headers()["content-disposition"], "attachment");
    assert_eq!(down.bytes().await.unwrap().as_ref(), b"bytes");
    let (_, topic) = post(
        &scene,
        &format!("chats/{forum}/topics"),
        json!({"user": alice, "name": "Leak"}),
    )
    .await;
    assert_eq!(
        post(
            &scene,
            &format!("chats/{forum}/topics/{}", topic["thread"]),
            json!({"user": alice, "action": "close"})
        )
        .await
        .0,
        200
    );
    assert_eq!(
        scene.control.topics(forum),
        [(topic["thread"].as_i64().unwrap(), "Leak".to_owned(), true)]
    );
    post(
        &scene,
        &chat("bot"),
        json!({"user": alice, "action": "kick"}),
    )
    .await;
    assert_eq!(scene.control.bot_status(room), "kicked");
    post(
        &scene,
        &chat("bot"),
        json!({"user": alice, "action": "promote"}),
    )
    .await;
    post(
        &scene,
        &chat("delete"),
        json!({"user": bob, "message_id": id}),
    )
    .await;
    assert!(scene.control.message(room, id.as_i64().unwrap()).is_none());
    let (_, moved) = post(&scene, &chat("migrate"), json!({})).await;
    assert!(moved["chat"].as_i64().unwrap() < -1_000_000_000_000);
    assert_eq!(
        post(
            &scene,
            &format!("chats/{bob}/say"),
            json!({"user": bob, "text": "/start"})
        )
        .await
        .0,
        200,
        "a private chat opens by itself"
    );
    assert_eq!(
        post(
            &scene,
            &format!("chats/{bob}/say"),
            json!({"user": alice, "text": "/start"})
        )
        .await
        .0,
        403
    );
    assert_eq!(get(&scene, "toasts/7").await, json!({"toast": null}));
}

#[tokio::test]
async fn other_sites_are_kept_out() {
    let scene = with_page().await;
    let base = scene.sandbox.api_url();
    let status = async |path: &str, headers: &[(&str, &str)]| {
        let mut request = scene.bot.client.get(format!("{base}{path}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status("/", &[]).await, 200);
    assert_eq!(
        status(
            "/control/state",
            &[("origin", base.as_str()), ("sec-fetch-site", "same-origin")]
        )
        .await,
        200
    );
    assert_eq!(
        status("/control/state", &[("host", "evil.example")]).await,
        403,
        "DNS rebinding"
    );
    assert_eq!(
        status("/control/state", &[("origin", "https://evil.example")]).await,
        403
    );
    assert_eq!(
        status("/control/state", &[("origin", "http://127.0.0.1:1")]).await,
        403,
        "another page on this machine"
    );
    assert_eq!(status("/control/state", &[("origin", "null")]).await, 403);
    assert_eq!(
        status("/control/state", &[("sec-fetch-site", "cross-site")]).await,
        403
    );
    assert_eq!(
        status(
            "/bot42:SANDBOX/getMe",
            &[("origin", "https://evil.example")]
        )
        .await,
        403
    );
    let page = scene.bot.client.get(&base).send().await.unwrap();
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .contains("default-src 'none'")
    );
}

#[tokio::test]
async fn without_the_page_there_is_no_control_over_http() {
    let scene = scene().await;
    for path in ["/", "/control/state"] {
        let answer = scene
            .bot
            .client
            .get(format!("{}{path}", scene.sandbox.api_url()))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status().as_u16(), 404);
    }
}
