use std::time::{Duration, Instant};

use serde_json::{Value, json};
use telegram_sandbox::{ChatKind, Options, Rights};

use crate::bot::{scene, scene_with};

fn ids(updates: &Value) -> Vec<i64> {
    updates
        .as_array()
        .unwrap()
        .iter()
        .map(|update| update["update_id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn an_offset_confirms_and_nothing_else_does() {
    let scene = scene_with(Options {
        first_update_id: 500,
        ..Options::default()
    })
    .await;
    let bob = scene.person("Bob");
    for n in 0..5 {
        scene.control.says(bob, bob, &format!("message {n}"));
    }
    assert_eq!(
        ids(&scene.bot.ok("getUpdates", json!({"limit": 2})).await),
        [500, 501]
    );
    assert_eq!(
        ids(&scene.bot.ok("getUpdates", json!({"limit": "2"})).await),
        [500, 501],
        "a batch that was not confirmed comes again"
    );
    assert_eq!(
        ids(&scene.bot.ok("getUpdates", json!({"offset": 502})).await),
        [502, 503, 504]
    );
    assert_eq!(scene.control.confirmed_offset(), 502);
    assert_eq!(
        ids(&scene.bot.ok("getUpdates", json!({"offset": -1})).await),
        [504],
        "a negative offset forgets all but the newest"
    );
    assert_eq!(
        ids(&scene.bot.ok("getUpdates", json!({"offset": 505})).await),
        [] as [i64; 0]
    );
    assert_eq!(scene.control.pending_updates(), 0);
    assert!(scene.control.repeat_update(503));
    assert_eq!(ids(&scene.bot.ok("getUpdates", json!({})).await), [503]);
    assert!(!scene.control.repeat_update(7));
}

#[tokio::test]
async fn a_long_poll_ends_with_the_first_update() {
    let scene = scene().await;
    let bob = scene.person("Bob");
    let (bot, control) = (scene.bot.clone(), scene.control.clone());
    let poll = tokio::spawn(async move { bot.ok("getUpdates", json!({"timeout": 20})).await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    let begun = Instant::now();
    control.says(bob, bob, "hello");
    assert_eq!(poll.await.unwrap()[0]["message"]["text"], json!("hello"));
    assert!(begun.elapsed() < Duration::from_secs(2));
    let begun = Instant::now();
    scene
        .bot
        .ok("getUpdates", json!({"timeout": 1, "offset": 100_000_002}))
        .await;
    assert!(
        begun.elapsed() >= Duration::from_secs(1),
        "an empty poll waits its time"
    );
}

#[tokio::test]
async fn a_second_poller_ends_the_older_one() {
    let scene = scene().await;
    let bot = scene.bot.clone();
    let older =
        tokio::spawn(async move { bot.refused("getUpdates", json!({"timeout": 20})).await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    scene.bot.ok("getUpdates", json!({"timeout": 0})).await;
    assert_eq!(
        older.await.unwrap(),
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    );
}

#[tokio::test]
async fn with_a_webhook_every_poll_is_refused() {
    let scene = scene().await;
    let bot = scene.bot.clone();
    let older =
        tokio::spawn(async move { bot.refused("getUpdates", json!({"timeout": 20})).await });
    tokio::time::sleep(Duration::from_millis(150)).await;
    scene
        .bot
        .ok("setWebhook", json!({"url": "http://127.0.0.1:9/hook"}))
        .await;
    assert_eq!(
        older.await.unwrap(),
        "Conflict: terminated by setWebhook request"
    );
    assert_eq!(
        scene.bot.refused("getUpdates", json!({})).await,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
    );
    scene.bot.ok("deleteWebhook", json!({})).await;
    scene.bot.ok("getUpdates", json!({})).await;
}

#[tokio::test]
async fn some_kinds_come_only_when_asked_for_and_the_setting_stays() {
    let scene = scene().await;
    let (room, alice) = scene.room(ChatKind::Group, Some(Rights::ALL));
    let bob = scene.person("Bob");
    let message = scene.control.says(room, alice, "look");
    scene.bot.drain().await;
    scene.control.react(room, alice, message, "👀");
    scene.control.join(room, bob);
    let kinds = |updates: Vec<Value>| -> Vec<String> {
        updates
            .iter()
            .map(|update| {
                update
                    .as_object()
                    .unwrap()
                    .keys()
                    .find(|key| *key != "update_id")
                    .unwrap()
                    .clone()
            })
            .collect()
    };
    assert_eq!(
        kinds(scene.bot.drain().await),
        ["message"],
        "joining is a grey line, nothing more"
    );
    scene
        .bot
        .ok(
            "getUpdates",
            json!({"allowed_updates": ["message_reaction", "chat_member"]}),
        )
        .await;
    scene.control.react(room, bob, message, "👍");
    scene.control.leave(room, bob);
    assert_eq!(
        kinds(scene.bot.drain().await),
        ["message_reaction", "chat_member"]
    );
    scene
        .bot
        .ok("getUpdates", json!({"allowed_updates": []}))
        .await;
    scene.control.react(room, alice, message, "👍");
    assert!(
        scene.bot.drain().await.is_empty(),
        "an empty list is the default again"
    );
}

#[tokio::test]
async fn old_updates_and_old_presses_are_forgotten() {
    let scene = scene().await;
    let bob = scene.person("Bob");
    scene.control.open_private(bob);
    let message = scene.bot.send(bob, "press me").await;
    scene.control.says(bob, bob, "kept for a day");
    scene.control.press(bob, bob, message, "x");
    scene.control.advance(Duration::from_secs(151));
    let updates = scene.bot.ok("getUpdates", json!({})).await;
    assert_eq!(
        updates.as_array().unwrap().len(),
        1,
        "the press is gone: {updates}"
    );
    scene.control.advance(Duration::from_hours(24));
    assert_eq!(scene.bot.ok("getUpdates", json!({})).await, json!([]));
}

#[tokio::test]
async fn methods_ignore_case_and_take_every_kind_of_body() {
    let scene = scene().await;
    let bob = scene.person("Bob");
    scene.control.open_private(bob);
    assert_eq!(
        scene.bot.ok("GETME", json!({})).await["username"],
        json!("breakglass_bot")
    );
    let base = &scene.bot.base;
    let get = scene
        .bot
        .client
        .get(format!("{base}/sendmessage?chat_id={bob}&text=a%20b+c"))
        .send()
        .await
        .unwrap();
    assert_eq!(
        get.json::<Value>().await.unwrap()["result"]["text"],
        json!("a b c")
    );
    let form = scene
        .bot
        .client
        .post(format!("{base}/SendMessage"))
        .form(&[("chat_id", bob.to_string()), ("text", "ü&x".to_owned())])
        .send()
        .await
        .unwrap();
    assert_eq!(
        form.json::<Value>().await.unwrap()["result"]["text"],
        json!("ü&x")
    );
    let parts = reqwest::multipart::Form::new()
        .text("chat_id", bob.to_string())
        .text("text", "parts");
    let multipart = scene
        .bot
        .client
        .post(format!("{base}/sendMessage"))
        .multipart(parts)
        .send()
        .await
        .unwrap();
    assert_eq!(
        multipart.json::<Value>().await.unwrap()["result"]["text"],
        json!("parts")
    );
    let broken = scene
        .bot
        .client
        .post(format!("{base}/sendMessage"))
        .header("content-type", "application/json")
        .body("{")
        .send()
        .await
        .unwrap();
    assert_eq!(broken.status(), 400);
}

#[tokio::test]
async fn wrong_tokens_and_methods() {
    let scene = scene().await;
    let status = async |path: &str| {
        let answer = scene
            .bot
            .client
            .get(format!("{}{path}", scene.sandbox.api_url()))
            .send()
            .await
            .unwrap();
        (
            answer.status().as_u16(),
            answer.json::<Value>().await.unwrap()["description"]
                .as_str()
                .unwrap()
                .to_owned(),
        )
    };
    assert_eq!(
        status("/bot42:WRONG/getMe").await,
        (401, "Unauthorized".to_owned())
    );
    assert_eq!(
        status("/botnonsense/getMe").await,
        (404, "Not Found".to_owned())
    );
    assert_eq!(
        status("/bot42:SANDBOX/getNothing").await,
        (404, "Not Found: method not found".to_owned())
    );
    assert_eq!(
        status("/file/bot42:WRONG/x").await,
        (401, "Unauthorized".to_owned())
    );
}

#[tokio::test]
async fn any_update_can_be_injected() {
    let scene = scene().await;
    let id = scene
        .control
        .raw_update(&json!({"message_from_tomorrow": {"x": 1}}));
    assert_eq!(
        scene.bot.ok("getUpdates", json!({})).await,
        json!([{"update_id": id, "message_from_tomorrow": {"x": 1}}])
    );
    scene.control.renumber_updates(9);
    assert_eq!(scene.control.raw_update(&json!({})), 9);
    assert_eq!(
        scene.bot.ok("getUpdates", json!({"offset": id + 1})).await,
        json!([]),
        "a lower number is confirmed by a higher offset"
    );
}
