//! The intake by webhook: one update a request, answered only after it is committed.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;

use super::incoming;
use super::pump::{Handler, RawUpdate, SetAside, redact};
use crate::secret::Secret;

/// The largest body that is read. Telegram's own updates stay far below.
const MAX_BODY: usize = 2 * 1024 * 1024;
/// How often an update is tried within one request before it is set aside.
const TRIES: u32 = 3;
/// The header that carries the secret.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// Why there is no webhook.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum WebhookError {
    /// Without a secret anybody could send updates.
    #[error("BREAKGLASS_WEBHOOK_SECRET must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -")]
    Secret,
}

struct Hook<H> {
    handler: Arc<H>,
    secret: Secret,
}

/// The route `POST /telegram/<path>`. It refuses whoever does not send the secret.
pub fn routes<H: Handler>(
    handler: Arc<H>,
    path: &str,
    secret: Secret,
) -> Result<Router, WebhookError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !(1..=256).contains(&secret.expose().len()) || !secret.expose().chars().all(allowed) {
        return Err(WebhookError::Secret);
    }
    let hook = Arc::new(Hook { handler, secret });
    let route = format!("/telegram/{}", path.trim_matches('/'));
    Ok(Router::new()
        .route(&route, post(receive::<H>))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(hook))
}

async fn receive<H: Handler>(
    State(hook): State<Arc<Hook<H>>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let given = headers
        .get(SECRET_HEADER)
        .map(header::HeaderValue::as_bytes)
        .unwrap_or_default();
    if !hook.secret.matches(given) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(raw) = std::str::from_utf8(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let Some(update_id) = incoming::update_id(raw) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    commit(
        &hook.handler,
        RawUpdate {
            update_id,
            raw: raw.into(),
            backlog: false,
        },
    )
    .await
}

async fn commit<H: Handler>(handler: &Arc<H>, update: RawUpdate) -> Response {
    let mut reason = String::new();
    for _ in 0..TRIES {
        let (handler, one) = (Arc::clone(handler), vec![update.clone()]);
        // A task of its own: a panic stays there, and a connection that breaks off does not stop a commit half-way.
        match tokio::spawn(async move { handler.handle(one).await }).await {
            Ok(outcome) if outcome.unavailable.is_some() => return later(),
            Ok(outcome) => match outcome.broken.into_iter().next() {
                None => return StatusCode::OK.into_response(),
                Some((_, why)) => reason = why,
            },
            Err(_) => "the handler panicked".clone_into(&mut reason),
        }
    }
    tracing::error!(update.update_id, "an update is set aside: {reason}");
    let aside = SetAside {
        update_id: Some(update.update_id),
        kind: incoming::kind(&update.raw),
        reason,
        redacted: redact(&update.raw),
    };
    match handler.set_aside(aside).await {
        Ok(()) => StatusCode::OK.into_response(),
        Err(_) => later(),
    }
}

/// Telegram waits as long as it is told and delivers the update again.
fn later() -> Response {
    (
        StatusCode::SERVICE_UNAVAILABLE,
        [(header::RETRY_AFTER, "5")],
    )
        .into_response()
}
