use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use reqwest::Client;
use serde_json::Value;

use super::{Admin, Direct, DirectError, Lever, routes};
use crate::app::{HostPull, HostRefusal, HostStarted};
use crate::clock::Clock;
use crate::incident::{Door, IncidentId};
use crate::secret::Secret;

const TOKEN: &str = "CANARY-admin-token-0123456789";

/// Answers as told.
struct Fake {
    answer: Mutex<Result<HostStarted, HostRefusal>>,
    asked: Mutex<Vec<HostPull>>,
    ready: bool,
}

impl Lever for Fake {
    async fn pull(&self, pull: HostPull) -> Result<HostStarted, HostRefusal> {
        self.asked.lock().unwrap().push(pull);
        self.answer.lock().unwrap().clone()
    }

    async fn plan_for(&self, _chat: Option<i64>) -> Option<String> {
        Some("jarvis".to_owned())
    }

    async fn is_ready(&self) -> bool {
        self.ready
    }
}

struct Stage {
    fake: Arc<Fake>,
    address: SocketAddr,
    client: Client,
    clock: Clock,
}

async fn stage(token: Option<&str>, direct: Option<Direct>) -> Stage {
    let fake = Arc::new(Fake {
        answer: Mutex::new(Ok(HostStarted {
            incident: IncidentId::security(2026, 7),
            run: 1,
            plan: "tars".to_owned(),
            procedure: "emergency_shutdown".to_owned(),
            repeat: false,
        })),
        asked: Mutex::default(),
        ready: token.is_some(),
    });
    let clock = Clock::test(chrono::DateTime::UNIX_EPOCH);
    let admin = token.map(|token| Admin {
        token: Secret::new(token),
        direct,
        journaled: Some(Arc::new(|pull: &HostPull| match &pull.source.ticket {
            Some(ticket) if *ticket == hash("in the journal") => Ok(Some(ticket.clone())),
            Some(ticket) if *ticket == hash("of another") => Err(DirectError::OtherRequest(
                "lockdown of the plan tars".to_owned(),
            )),
            Some(ticket) if *ticket == hash("unreadable") => Err("it cannot be read".into()),
            _ => Ok(None),
        })),
    });
    let served = routes(Arc::clone(&fake), clock.clone(), admin);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = served.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    Stage {
        fake,
        address,
        client: Client::new(),
        clock,
    }
}

fn hash(key: &str) -> String {
    use sha2::Digest as _;
    format!("{:x}", sha2::Sha256::digest(key))
}

#[tokio::test]
async fn what_the_journal_has_is_not_begun_again() {
    let stage = stage(Some(TOKEN), None).await;
    let bearer = format!("Bearer {TOKEN}");
    let path = "/v1/admin/emergency-shutdown";
    for (key, status, begun) in [
        ("in the journal", 202, 0),
        ("of another", 422, 0),
        // Better twice than never.
        ("unreadable", 202, 1),
        ("another", 202, 2),
    ] {
        let headers = [("authorization", &*bearer), ("idempotency-key", key)];
        let (got, said) = stage.post(path, &headers, r#"{"reason":"x"}"#).await;
        assert_eq!(got, status, "{key}: {said}");
        assert_eq!(stage.fake.asked.lock().unwrap().len(), begun, "{key}");
        let journaled = said["journal"] == hash("in the journal") && said["repeat"] == true;
        assert_eq!(journaled, key == "in the journal", "{said}");
    }
}

impl Stage {
    async fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
        let url = format!("http://{}{path}", self.address);
        let mut request = self.client.post(url).body(body.to_owned());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        assert!(!text.contains("CANARY"), "{text}");
        (status, serde_json::from_str(&text).unwrap_or_default())
    }

    async fn get(&self, path: &str) -> u16 {
        let url = format!("http://{}{path}", self.address);
        let answer = self.client.get(url).send().await;
        answer.unwrap().status().as_u16()
    }

    fn asked(&self) -> Vec<HostPull> {
        std::mem::take(&mut *self.fake.asked.lock().unwrap())
    }

    fn will_answer(&self, refusal: HostRefusal) {
        *self.fake.answer.lock().unwrap() = Err(refusal);
    }
}

const PATHS: [&str; 2] = ["/v1/admin/emergency-shutdown", "/admin/emergency-shutdown"];
const BODY: &str = r#"{"reason":"keys are public"}"#;

fn right() -> (&'static str, &'static str) {
    ("authorization", "Bearer CANARY-admin-token-0123456789")
}

#[tokio::test]
async fn both_paths_pull_the_lever_for_whoever_has_the_token() {
    let stage = stage(Some(TOKEN), None).await;
    for path in PATHS {
        let (status, said) = stage.post(path, &[right()], BODY).await;
        assert_eq!(status, 202);
        assert_eq!(said["incident"], "SEC-2026-007");
        assert_eq!((&said["run"], &said["repeat"]), (&1.into(), &false.into()));
        let asked = stage.asked().remove(0);
        assert_eq!(asked.procedure, "emergency_shutdown");
        assert_eq!(
            (asked.chat, asked.plan, asked.source.ticket),
            (None, None, None)
        );
        assert_eq!(asked.source.door, Door::Endpoint);
        assert_eq!(asked.why, "keys are public");
    }
    assert_eq!(stage.post(PATHS[1], &[right()], "").await.0, 202);
    assert_eq!(stage.asked().remove(0).why, "no reason was given");
    let all = r#"{"reason":"x","plan":"jarvis","chat":-100123,"procedure":"lockdown"}"#;
    let key = ("idempotency-key", "abc");
    stage.post(PATHS[0], &[right(), key], all).await;
    stage.post(PATHS[0], &[right(), key], all).await;
    let asked = stage.asked();
    assert_eq!(asked[0], asked[1], "the same key is the same ticket");
    assert_eq!(
        (asked[0].chat, asked[0].procedure.as_str()),
        (Some(-100_123), "lockdown")
    );
    let ticket = asked[0].source.ticket.as_deref().unwrap();
    assert!(ticket.len() == 64 && ticket != "abc");
}

#[tokio::test]
async fn nobody_else_pulls_it() {
    let stage = stage(Some(TOKEN), None).await;
    let wrong = [
        "Bearer CANARY-admin-token-0123456788",
        "Bearer CANARY-admin-token-01234567890",
        "Bearer ",
        "Basic CANARY-admin-token-0123456789",
        "CANARY-admin-token-0123456789",
    ];
    for given in wrong {
        let (status, _) = stage
            .post(PATHS[0], &[("authorization", given)], BODY)
            .await;
        assert_eq!(status, 401, "{given}");
    }
    for path in PATHS {
        assert_eq!(stage.post(path, &[], BODY).await.0, 401);
        assert_eq!(stage.get(path).await, 405);
    }
    assert!(stage.asked().is_empty());
}

#[tokio::test]
async fn without_the_setting_there_is_no_endpoint() {
    let stage = stage(None, None).await;
    for path in PATHS {
        assert_eq!(
            stage
                .post(path, &[("authorization", "Bearer ")], BODY)
                .await
                .0,
            404
        );
    }
    assert_eq!(stage.get("/healthz").await, 200);
    assert_eq!(stage.get("/readyz").await, 503);
}

#[tokio::test]
async fn who_guesses_must_wait() {
    let stage = stage(Some(TOKEN), None).await;
    for _ in 0..10 {
        assert_eq!(stage.post(PATHS[0], &[], BODY).await.0, 401);
    }
    assert_eq!(stage.post(PATHS[0], &[], BODY).await.0, 429);
    assert!(stage.asked().is_empty());
    // Whoever guesses, behind the same proxy perhaps, does not lock the right token out; nor does it help them.
    assert_eq!(stage.post(PATHS[0], &[right()], BODY).await.0, 202);
    assert_eq!(stage.post(PATHS[0], &[], BODY).await.0, 429);
    stage.clock.advance(std::time::Duration::from_mins(1));
    assert_eq!(stage.post(PATHS[0], &[], BODY).await.0, 401);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_with_a_reason() {
    let stage = stage(Some(TOKEN), None).await;
    for body in [
        "{}",
        "[]",
        r#"{"reason":7}"#,
        r#"{"reason":"x","chats":1}"#,
        "{",
    ] {
        let (status, said) = stage.post(PATHS[0], &[right()], body).await;
        assert_eq!(status, 400, "{body}");
        assert!(said["error"].as_str().unwrap().contains("reason"), "{said}");
    }
    let huge = format!(r#"{{"reason":"{}"}}"#, "x".repeat(20_000));
    assert_eq!(stage.post(PATHS[0], &[right()], &huge).await.0, 413);
    let key = "k".repeat(256);
    let long = [right(), ("idempotency-key", key.as_str())];
    assert_eq!(stage.post(PATHS[0], &long, BODY).await.0, 400);
    assert!(stage.asked().is_empty());
    stage.will_answer(HostRefusal::NoChat);
    assert_eq!(stage.post(PATHS[0], &[right()], BODY).await.0, 409);
    stage.will_answer(HostRefusal::NoReason);
    assert_eq!(stage.post(PATHS[0], &[right()], BODY).await.0, 422);
}

#[tokio::test]
async fn where_the_ledger_takes_nothing_it_is_done_directly() {
    let direct: Direct = Arc::new(|pull| {
        Box::pin(async move {
            assert_eq!(pull.plan.as_deref(), Some("jarvis"), "that of the chat");
            if pull.why == "keys are public" {
                Ok("4f1c".to_owned())
            } else {
                Err(match &*pull.why {
                    "x" => DirectError::Failed("the journal cannot be written".to_owned()),
                    _ => DirectError::OtherRequest("lockdown of the plan jarvis".to_owned()),
                })
            }
        })
    });
    let stage = stage(Some(TOKEN), Some(direct)).await;
    stage.will_answer(HostRefusal::Unavailable("disk full".to_owned()));
    let (status, said) = stage.post(PATHS[1], &[right()], BODY).await;
    assert_eq!((status, &said["journal"]), (202, &"4f1c".into()));
    let (status, said) = stage.post(PATHS[1], &[right()], r#"{"reason":"x"}"#).await;
    assert_eq!(status, 503);
    let said = said["error"].as_str().unwrap().to_owned();
    assert!(said.contains("breakglass shutdown"), "{said}");
    let other = stage.post(PATHS[1], &[right()], r#"{"reason":"y"}"#).await;
    assert_eq!(other.0, 422);
    assert!(
        other.1["error"]
            .as_str()
            .unwrap()
            .contains("lockdown of the plan jarvis"),
        "{}",
        other.1
    );
}

#[tokio::test]
async fn the_answer_names_what_was_started() {
    let stage = stage(Some(TOKEN), None).await;
    let lockdown = r#"{"reason":"x","procedure":"lockdown"}"#;
    let (status, said) = stage.post(PATHS[0], &[right()], lockdown).await;
    assert_eq!(
        (status, &said["procedure"]),
        (202, &"emergency_shutdown".into())
    );
    stage.will_answer(HostRefusal::OtherRequest(
        "run 1 of SEC-2026-007".to_owned(),
    ));
    let (status, said) = stage.post(PATHS[0], &[right()], BODY).await;
    assert_eq!(status, 422);
    assert!(
        said["error"].as_str().unwrap().contains("SEC-2026-007"),
        "{said}"
    );
}
