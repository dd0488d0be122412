use std::time::{Duration, Instant};

use serde_json::json;
use telegram_sandbox::{Fault, FaultKind};

use crate::bot::{Scene, scene};

async fn private() -> (Scene, i64) {
    let scene = scene().await;
    let bob = scene.person("Bob");
    scene.control.open_private(bob);
    (scene, bob)
}

#[tokio::test]
async fn each_fault_strikes_as_often_as_told() {
    let (scene, bob) = private().await;
    let send = async || {
        scene
            .bot
            .try_call("sendMessage", json!({"chat_id": bob, "text": "x"}))
            .await
    };
    let delivered = || scene.control.transcript(bob).len();

    scene
        .control
        .set_fault(Fault::times("SENDMESSAGE", FaultKind::Http500, 1));
    assert_eq!(send().await.unwrap().unwrap_err().code, 500);
    scene.control.set_fault(Fault::times(
        "sendMessage",
        FaultKind::TooMany { retry_after: 7 },
        1,
    ));
    assert_eq!(
        send().await.unwrap().unwrap_err().parameters,
        json!({"retry_after": 7})
    );
    scene
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::ResetBefore, 1));
    assert!(send().await.is_err());
    assert_eq!(delivered(), 0, "none of these was processed");

    scene
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::ResetAfter, 1));
    assert!(send().await.is_err());
    assert_eq!(delivered(), 1, "processed, though the bot cannot know");
    scene
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::Garbage, 1));
    assert!(send().await.unwrap_err().is_decode());
    assert_eq!(delivered(), 2);
    scene.control.set_fault(Fault::times(
        "sendMessage",
        FaultKind::HangAfter { ms: 300 },
        1,
    ));
    let begun = Instant::now();
    send().await.unwrap().unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(300));
    send().await.unwrap().unwrap();
    assert_eq!(delivered(), 4);
}

#[tokio::test]
async fn a_chance_is_kept_and_repeats_with_its_seed() {
    let pattern = async || {
        let (scene, bob) = private().await;
        scene
            .control
            .set_fault(Fault::anywhere(FaultKind::Http500, 0.3));
        let mut failed = Vec::new();
        for _ in 0..100 {
            failed.push(
                scene
                    .bot
                    .call("sendMessage", json!({"chat_id": bob, "text": "x"}))
                    .await
                    .is_err(),
            );
        }
        failed
    };
    let (first, second) = (pattern().await, pattern().await);
    assert_eq!(first, second);
    let count = first.iter().filter(|failed| **failed).count();
    assert!(
        (15..=45).contains(&count),
        "about thirty of a hundred: {count}"
    );
}

#[tokio::test]
async fn down_drops_everything_until_it_is_up() {
    let (scene, bob) = private().await;
    let bot = scene.bot.clone();
    let poll = tokio::spawn(async move {
        bot.try_call("getUpdates", json!({"timeout": 20}))
            .await
            .is_err()
    });
    tokio::time::sleep(Duration::from_millis(150)).await;
    scene.control.down(true);
    assert!(poll.await.unwrap(), "a waiting poll is cut");
    assert!(scene.bot.try_call("getMe", json!({})).await.is_err());
    scene.control.down(false);
    scene.bot.send(bob, "back").await;
}

#[tokio::test]
async fn the_history_tells_what_was_asked_and_answered() {
    let (scene, bob) = private().await;
    scene.bot.send(bob, "hello").await;
    let _ = scene
        .bot
        .call("sendMessage", json!({"chat_id": bob, "text": ""}))
        .await;
    let history = scene.control.history();
    assert_eq!(
        (history[0].method.as_str(), &history[0].params["text"]),
        ("sendMessage", &json!("hello"))
    );
    assert!(
        history[0]
            .outcome
            .as_ref()
            .unwrap()
            .contains("\"message_id\"")
    );
    assert_eq!(
        history[1].outcome,
        Err((400, "Bad Request: message text is empty".to_owned()))
    );
    assert_eq!(scene.control.counts()["sendMessage"], 2);
}

#[tokio::test]
async fn stopping_frees_the_port() {
    let scene = scene().await;
    let addr = scene.sandbox.addr();
    scene.bot.ok("getMe", json!({})).await;
    scene.sandbox.stop().await;
    assert!(scene.bot.try_call("getMe", json!({})).await.is_err());
    assert!(tokio::net::TcpListener::bind(addr).await.is_ok());
}
