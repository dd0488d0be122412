//! The webhook over HTTP, as Telegram and as strangers call it.

use std::sync::Mutex;

use super::*;
use crate::telegram::pump::{BatchOutcome, Notice};

#[derive(Default)]
struct Recorder {
    seen: Mutex<Vec<i64>>,
    aside: Mutex<Vec<SetAside>>,
}

impl Handler for Recorder {
    async fn handle(&self, batch: Vec<RawUpdate>) -> BatchOutcome {
        self.seen.lock().unwrap().push(batch[0].update_id);
        match batch[0].update_id {
            500 => BatchOutcome {
                unavailable: Some("locked".into()),
                ..BatchOutcome::default()
            },
            666 => BatchOutcome {
                broken: vec![(666, "poison".into())],
                unavailable: None,
            },
            other => {
                assert_ne!(other, 13, "told to panic");
                BatchOutcome::default()
            }
        }
    }

    async fn set_aside(&self, update: SetAside) -> Result<(), String> {
        self.aside.lock().unwrap().push(update);
        Ok(())
    }

    async fn notice(&self, _: Notice) {}
}

async fn serve() -> (Arc<Recorder>, String) {
    let recorder = Arc::new(Recorder::default());
    let routes = routes(Arc::clone(&recorder), "hook", Secret::new("right-secret")).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/telegram/hook", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (recorder, url)
}

async fn post(
    url: &str,
    secret: Option<&str>,
    body: impl Into<reqwest::Body>,
) -> (u16, Option<String>) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.post(url).body(body);
    if let Some(secret) = secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let response = request.send().await.unwrap();
    let retry = response
        .headers()
        .get("retry-after")
        .map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), retry)
}

#[tokio::test]
async fn only_who_sends_the_secret_is_heard() {
    let (recorder, url) = serve().await;
    for secret in [
        None,
        Some("wrong"),
        Some("right-secre"),
        Some("right-secret2"),
    ] {
        assert_eq!(post(&url, secret, r#"{"update_id":1}"#).await.0, 401);
    }
    assert!(recorder.seen.lock().unwrap().is_empty());
    assert_eq!(
        post(&url, Some("right-secret"), r#"{"update_id":1}"#)
            .await
            .0,
        200
    );
    assert_eq!(*recorder.seen.lock().unwrap(), [1]);
}

#[tokio::test]
async fn what_cannot_be_committed_is_asked_for_again() {
    let (_, url) = serve().await;
    assert_eq!(
        post(&url, Some("right-secret"), r#"{"update_id":500}"#).await,
        (503, Some("5".into()))
    );
}

#[tokio::test]
async fn poison_and_panics_are_set_aside() {
    let (recorder, url) = serve().await;
    assert_eq!(
        post(
            &url,
            Some("right-secret"),
            r#"{"update_id":666,"message":{}}"#
        )
        .await
        .0,
        200
    );
    assert_eq!(
        post(
            &url,
            Some("right-secret"),
            r#"{"update_id":13,"message":{}}"#
        )
        .await
        .0,
        200
    );
    assert_eq!(*recorder.seen.lock().unwrap(), [666, 666, 666, 13, 13, 13]);
    let reasons: Vec<String> = recorder
        .aside
        .lock()
        .unwrap()
        .iter()
        .map(|aside| aside.reason.clone())
        .collect();
    assert_eq!(reasons, ["poison", "the handler panicked"]);
}

#[tokio::test]
async fn nonsense_is_refused() {
    let (recorder, url) = serve().await;
    let secret = Some("right-secret");
    for body in ["", "no json", "[]", "{}", r#"{"update_id":"x"}"#] {
        assert_eq!(post(&url, secret, body).await.0, 400, "{body}");
    }
    assert_eq!(post(&url, secret, vec![0xFF, 0xFE]).await.0, 400);
    assert_eq!(post(&url, secret, "[".repeat(500_000)).await.0, 400);
    assert_eq!(post(&url, secret, " ".repeat(3 * 1024 * 1024)).await.0, 413);
    assert!(recorder.seen.lock().unwrap().is_empty());
}

#[test]
fn no_webhook_without_a_proper_secret() {
    for secret in ["", "with space", &"x".repeat(257)] {
        let refused =
            routes(Arc::new(Recorder::default()), "hook", Secret::new(secret)).map(|_| ());
        assert_eq!(refused, Err(WebhookError::Secret));
    }
}
