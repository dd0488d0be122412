use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};

use crate::bot::scene;

/// What came, and what to answer next; 200 when the list is empty.
#[derive(Default)]
struct Hook {
    got: Vec<(Option<String>, Value)>,
    answers: Vec<Response>,
}

type Shared = Arc<Mutex<Hook>>;

async fn take(State(hook): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let secret = headers
        .get("x-telegram-bot-api-secret-token")
        .map(|value| value.to_str().unwrap().to_owned());
    let mut hook = hook.lock().unwrap();
    hook.got
        .push((secret, serde_json::from_str(&body).unwrap()));
    if hook.answers.is_empty() {
        StatusCode::OK.into_response()
    } else {
        hook.answers.remove(0)
    }
}

async fn listen() -> (Shared, String) {
    let hook = Shared::default();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let app = Router::new()
        .route("/hook", post(take))
        .with_state(hook.clone());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    (hook, url)
}

async fn until(hook: &Shared, count: usize) {
    for _ in 0..100 {
        if hook.lock().unwrap().got.len() >= count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("only {} deliveries came", hook.lock().unwrap().got.len());
}

#[tokio::test]
async fn updates_are_delivered_with_the_secret_and_tried_again() {
    let scene = scene().await;
    let bob = scene.person("Bob");
    let (hook, url) = listen().await;
    scene.control.says(bob, bob, "waiting");
    hook.lock().unwrap().answers = vec![
        StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")]).into_response(),
    ];
    scene
        .bot
        .ok(
            "setWebhook",
            json!({"url": url, "secret_token": "s3cret-_", "max_connections": 1}),
        )
        .await;
    until(&hook, 3).await;
    let settled = scene
        .control
        .wait_until(Duration::from_secs(5), |control| {
            control.pending_updates() == 0
        })
        .await;
    assert!(settled);
    let got: Vec<(Option<String>, i64)> = hook
        .lock()
        .unwrap()
        .got
        .iter()
        .map(|(secret, update)| (secret.clone(), update["update_id"].as_i64().unwrap()))
        .collect();
    let same = (Some("s3cret-_".to_owned()), 100_000_001);
    assert_eq!(
        got,
        [same.clone(), same.clone(), same],
        "refused twice, the second time with a wait of its own"
    );
    let info = scene.bot.ok("getWebhookInfo", json!({})).await;
    assert_eq!(
        (
            &info["url"],
            &info["pending_update_count"],
            &info["max_connections"]
        ),
        (&json!(url), &json!(0), &json!(1))
    );
    assert!(info["last_error_message"].as_str().unwrap().contains("503"));
    scene.control.says(bob, bob, "later");
    until(&hook, 4).await;
    scene
        .bot
        .ok("deleteWebhook", json!({"drop_pending_updates": true}))
        .await;
    scene.control.says(bob, bob, "polled");
    let updates = scene.bot.drain().await;
    assert_eq!(updates.last().unwrap()["message"]["text"], json!("polled"));
    assert_eq!(hook.lock().unwrap().got.len(), 4);
}

#[tokio::test]
async fn settings_are_checked() {
    let scene = scene().await;
    let refused = async |params: Value| scene.bot.refused("setWebhook", params).await;
    assert_eq!(
        refused(json!({"url": "http://example.org/"})).await,
        "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    );
    assert_eq!(
        refused(json!({"url": "https://e.org", "secret_token": "a b"})).await,
        "Bad Request: secret token contains unallowed characters"
    );
    assert_eq!(
        refused(json!({"url": "https://e.org", "secret_token": "a".repeat(257)})).await,
        "Bad Request: secret token is too long"
    );
    assert_eq!(
        scene.bot.ok("getWebhookInfo", json!({})).await["url"],
        json!("")
    );
}
