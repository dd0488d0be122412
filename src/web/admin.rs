//! The lever over HTTP, with the admin token: `POST /v1/admin/emergency-shutdown`, and the same without `/v1`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, DefaultBodyLimit, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::post;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::limit::{Failures, WINDOW};
use super::{Admin, DirectError, Lever};
use crate::app::{HostPull, HostRefusal};
use crate::clock::Clock;
use crate::incident::{Door, HostSource};

/// The largest body that is read.
const MAX_BODY: usize = 16 * 1024;
/// What an empty body stands for.
const NO_REASON: &[u8] = br#"{"reason":"no reason was given"}"#;
/// The header that makes a repeat recognisable.
const KEY: &str = "idempotency-key";
/// The longest such key.
const KEY_MAX: usize = 255;

struct Desk<L> {
    lever: Arc<L>,
    clock: Clock,
    admin: Admin,
    failures: Failures,
}

/// What is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// The plan that the asker has in mind.
    plan: Option<String>,
    /// Telegram's id of the chat.
    chat: Option<i64>,
    /// Another fail-safe procedure than the shutdown.
    procedure: Option<String>,
    /// Why.
    reason: String,
}

pub(super) fn routes<L: Lever>(lever: Arc<L>, clock: Clock, admin: Admin) -> Router {
    let desk = Arc::new(Desk {
        lever,
        clock,
        admin,
        failures: Failures::default(),
    });
    Router::new()
        .route("/v1/admin/emergency-shutdown", post(pull::<L>))
        .route("/admin/emergency-shutdown", post(pull::<L>))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(desk)
}

async fn pull<L: Lever>(
    State(desk): State<Arc<Desk<L>>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    // Looked at first: whoever sends wrong tokens, perhaps from behind the same proxy, must not lock the right one out.
    // What makes guessing hopeless is the token's length; the limit keeps the log calm.
    if !desk.admin.token.matches(bearer(&headers)) {
        let now = desk.clock.elapsed();
        if desk.failures.must_wait(peer.ip(), now) {
            let wait = [(header::RETRY_AFTER, WINDOW.as_secs().to_string())];
            let said = error("too many wrong tokens from this address: wait a minute");
            return (StatusCode::TOO_MANY_REQUESTS, wait, said).into_response();
        }
        desk.failures.failed(peer.ip(), now);
        tracing::warn!(from = %peer.ip(), "the admin endpoint was asked without the right token");
        let how = [(header::WWW_AUTHENTICATE, "Bearer")];
        let said = error("the admin token is needed: Authorization: Bearer …");
        return (StatusCode::UNAUTHORIZED, how, said).into_response();
    }
    let body = match body {
        Ok(body) => body,
        Err(why) if why.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let said = format!("the body is too large: {MAX_BODY} bytes at most");
            return (why.status(), error(&said)).into_response();
        }
        Err(why) => return (why.status(), error(&why.body_text())).into_response(),
    };
    // JARVIS's own plan calls its path without a body.
    let body = if body.is_empty() { NO_REASON } else { &*body };
    let asked: Asked = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        // What serde says names fields and places of the asker's own body.
        Err(why) => {
            let said = format!(
                "the body must be JSON like {{\"reason\":\"…\"}}, with plan, chat and procedure if need be: {why}"
            );
            return (StatusCode::BAD_REQUEST, error(&said)).into_response();
        }
    };
    let ticket = match ticket(&headers) {
        Ok(ticket) => ticket,
        Err(why) => return (StatusCode::BAD_REQUEST, error(why)).into_response(),
    };
    // A task of its own: a connection that breaks off does not stop what was begun.
    let done = tokio::spawn(async move { start(&desk, asked, ticket).await }).await;
    done.unwrap_or_else(|_| {
        let said = error("something broke: use `breakglass shutdown` on the host");
        (StatusCode::INTERNAL_SERVER_ERROR, said).into_response()
    })
}

async fn start<L: Lever>(desk: &Desk<L>, asked: Asked, ticket: Option<String>) -> Response {
    let pull = HostPull {
        chat: asked.chat,
        plan: asked.plan,
        procedure: asked
            .procedure
            .unwrap_or_else(|| "emergency_shutdown".to_owned()),
        why: asked.reason,
        source: HostSource {
            door: Door::Endpoint,
            ticket,
        },
    };
    if let Some(answer) = in_the_journal(desk, &pull) {
        return answer;
    }
    match desk.lever.pull(pull.clone()).await {
        Ok(started) => {
            tracing::warn!(
                incident = %started.incident,
                run = started.run,
                repeat = started.repeat,
                "{} was pulled by the admin endpoint",
                started.procedure
            );
            let said = json!({
                "incident": started.incident,
                "run": started.run,
                "plan": started.plan,
                "procedure": started.procedure,
                "repeat": started.repeat,
            });
            (StatusCode::ACCEPTED, Json(said)).into_response()
        }
        Err(HostRefusal::Unavailable(why)) => {
            tracing::error!("the ledger takes nothing: {why}");
            directly(desk, pull, "the ledger cannot be written", &why).await
        }
        // As on the host: no chat must be found first. The journal comes into the best one there is.
        Err(refusal @ (HostRefusal::NoChat | HostRefusal::UnknownChat(_)))
            if pull.plan.is_some() && desk.admin.direct.is_some() =>
        {
            directly(desk, pull, "no chat can show it now", &refusal.to_string()).await
        }
        Err(refusal) => {
            let status = match &refusal {
                HostRefusal::NoReason
                | HostRefusal::NotFailSafe { .. }
                | HostRefusal::OtherRequest(_) => StatusCode::UNPROCESSABLE_ENTITY,
                _ => StatusCode::CONFLICT,
            };
            (status, error(&refusal.to_string())).into_response()
        }
    }
}

/// The answer to a request that was carried out while the ledger took nothing, and is not imported yet. Looked for before
/// the ledger is asked: what is gone from the journal is in the ledger already.
fn in_the_journal<L: Lever>(desk: &Desk<L>, pull: &HostPull) -> Option<Response> {
    match desk.admin.journaled.as_ref()?(pull) {
        Ok(None) => None,
        Ok(Some(run)) => {
            let said = json!({
                "journal": run,
                "procedure": pull.procedure,
                "repeat": true,
                "note": "the journal has it; it comes onto the timeline soon",
            });
            Some((StatusCode::ACCEPTED, Json(said)).into_response())
        }
        Err(DirectError::OtherRequest(was)) => {
            let refusal = HostRefusal::OtherRequest(was).to_string();
            Some((StatusCode::UNPROCESSABLE_ENTITY, error(&refusal)).into_response())
        }
        // Better twice than never: what it does is fail-safe.
        Err(DirectError::Wrong(why) | DirectError::Failed(why)) => {
            tracing::error!("the journal cannot be looked into: {why}");
            None
        }
    }
}

/// Nothing is written into the ledger now: the lever works all the same, and the journal keeps what was done.
async fn directly<L: Lever>(desk: &Desk<L>, mut pull: HostPull, what: &str, why: &str) -> Response {
    if pull.plan.is_none() {
        pull.plan = desk.lever.plan_for(pull.chat).await;
    }
    let advice = "use `breakglass shutdown` on the host";
    let failed = match &desk.admin.direct {
        None => format!("{what}: {why}; {advice}"),
        Some(direct) => match direct(pull.clone()).await {
            Ok(run) => {
                let said = json!({
                    "journal": run,
                    "procedure": pull.procedure,
                    "note": format!("{what}; the journal keeps what is done"),
                });
                return (StatusCode::ACCEPTED, Json(said)).into_response();
            }
            Err(DirectError::OtherRequest(was)) => {
                let refusal = HostRefusal::OtherRequest(was).to_string();
                return (StatusCode::UNPROCESSABLE_ENTITY, error(&refusal)).into_response();
            }
            Err(DirectError::Wrong(why)) => {
                return (StatusCode::UNPROCESSABLE_ENTITY, error(&why)).into_response();
            }
            Err(DirectError::Failed(failed)) => format!("{failed}; {advice}"),
        },
    };
    let wait = [(header::RETRY_AFTER, "5")];
    (StatusCode::SERVICE_UNAVAILABLE, wait, error(&failed)).into_response()
}

fn bearer(headers: &HeaderMap) -> &[u8] {
    let given = headers.get(header::AUTHORIZATION);
    let given = given.map(HeaderValue::as_bytes).unwrap_or_default();
    match given.split_at_checked(7) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case(b"bearer ") => token,
        _ => &[],
    }
}

/// The key as it is kept: its hash, since nobody needs the key itself.
fn ticket(headers: &HeaderMap) -> Result<Option<String>, &'static str> {
    let Some(key) = headers.get(KEY) else {
        return Ok(None);
    };
    let key = key.as_bytes();
    if key.is_empty() || key.len() > KEY_MAX {
        return Err("Idempotency-Key must have 1 to 255 characters");
    }
    Ok(Some(format!("{:x}", Sha256::digest(key))))
}

fn error(why: &str) -> Json<serde_json::Value> {
    Json(json!({ "error": why }))
}
