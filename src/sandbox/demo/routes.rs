//! What the demo answers: TARS's app, JARVIS's API, and the services outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::{Asked, Machine, clouds, home, page, secrets};

/// The largest body that is read.
const MAX_BODY: usize = 256 * 1024;

pub(super) type Here = State<Arc<Machine>>;

pub(super) fn routes(machine: Arc<Machine>) -> Router {
    let here = Router::new()
        .route("/", get(front))
        .route("/status.json", get(status))
        .route("/api/products", get(products))
        .route("/api/auth/signin", post(sign_in))
        .route("/api/webhooks/n8n", post(webhook))
        .route("/health", get(health))
        .route("/admin/emergency-shutdown", post(emergency_shutdown));
    here.merge(clouds::routes())
        .layer(from_fn_with_state(Arc::clone(&machine), record))
        .with_state(machine)
}

/// Counts and remembers what comes in. A browser that looks at the page is no request to a target.
async fn record(State(machine): Here, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let path = parts.uri.path();
    let browsing = path == "/" && names_html(&parts.headers);
    if !browsing && path != "/status.json" && path != "/favicon.ico" {
        let headers: BTreeMap<String, String> = parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        machine.keep(Asked {
            method: parts.method.to_string(),
            path: parts.uri.to_string(),
            headers,
            body: String::from_utf8_lossy(&body).into_owned(),
        });
    }
    next.run(Request::from_parts(parts, Body::from(body))).await
}

fn names_html(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).map(HeaderValue::as_bytes);
    accepted.is_some_and(|it| it.windows(9).any(|part| part == b"text/html"))
}

/// Whether the request carries this bearer token.
pub(super) fn bears(headers: &HeaderMap, token: &str) -> bool {
    let given = headers
        .get(header::AUTHORIZATION)
        .map(HeaderValue::as_bytes);
    given.is_some_and(|it| it == format!("Bearer {token}").as_bytes())
}

/// What is not granted, with a reason.
#[derive(Debug)]
pub(super) struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.0, Json(json!({ "error": self.1 }))).into_response()
    }
}

pub(super) fn refused(status: StatusCode, why: &str) -> Refused {
    Refused(status, why.to_owned())
}

async fn front(State(machine): Here) -> Response {
    let status = if machine.tars_away().is_some() {
        StatusCode::SERVICE_UNAVAILABLE
    } else {
        StatusCode::OK
    };
    (status, Html(page::page(&machine).await)).into_response()
}

/// The same as the page, for programs.
async fn status(State(machine): Here) -> Json<Value> {
    let mut services = serde_json::Map::new();
    for service in [machine.tars().await, machine.jarvis().await] {
        let parts: serde_json::Map<String, Value> = service
            .parts
            .iter()
            .map(|part| (part.name.to_owned(), part.good.into()))
            .collect();
        let facts: BTreeMap<_, _> = service.facts.into_iter().collect();
        let state = json!({ "state": service.word.shown(), "parts": parts, "facts": facts });
        services.insert(service.name.to_lowercase(), state);
    }
    services.insert("firewall".to_owned(), machine.firewall().into());
    services.insert("requests".to_owned(), machine.log().count.into());
    Json(services.into())
}

/// The app serves at all, and its API is not closed.
fn open(machine: &Machine) -> Result<(), Refused> {
    if let Some((_, why)) = machine.tars_away() {
        return Err(refused(StatusCode::SERVICE_UNAVAILABLE, why));
    }
    if machine.outside().api_closed {
        return Err(refused(StatusCode::FORBIDDEN, "closed by a firewall rule"));
    }
    Ok(())
}

async fn products(State(machine): Here, headers: HeaderMap) -> Result<Response, Refused> {
    open(&machine)?;
    if !bears(&headers, secrets::API) {
        return Err(refused(
            StatusCode::UNAUTHORIZED,
            "a bearer token is needed",
        ));
    }
    let text = "SELECT id, name, price_cents FROM products ORDER BY id";
    let found: Vec<(String, String, i64)> = async {
        let mut conn = home::open(&machine.root.join(home::TARS_DB), false).await?;
        sqlx::query_as(text).fetch_all(&mut conn).await
    }
    .await
    .map_err(broken)?;
    let products: Vec<Value> = found
        .into_iter()
        .map(|(id, name, cents)| json!({ "id": id, "name": name, "price_cents": cents }))
        .collect();
    Ok(Json(json!({ "products": products })).into_response())
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn broken(error: sqlx::Error) -> Refused {
    refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string())
}

async fn sign_in(State(machine): Here, body: Bytes) -> Result<Response, Refused> {
    open(&machine)?;
    let given: Value = serde_json::from_slice(&body)
        .map_err(|_| refused(StatusCode::BAD_REQUEST, "a JSON object is needed"))?;
    let right = given["email"] == secrets::EMAIL && given["password"] == secrets::PASSWORD;
    if !right {
        return Err(refused(
            StatusCode::UNAUTHORIZED,
            "wrong address or password",
        ));
    }
    if machine.outside().read_only {
        let why = "the database is read-only";
        return Err(refused(StatusCode::SERVICE_UNAVAILABLE, why));
    }
    let reset: bool = async {
        let mut conn = home::open(&machine.root.join(home::TARS_DB), false).await?;
        let asked = "SELECT password_must_change FROM users WHERE email = $1";
        let reset = sqlx::query_scalar(asked).bind(secrets::EMAIL);
        let reset = reset.fetch_optional(&mut conn).await?.unwrap_or(true);
        if !reset {
            let session = "INSERT INTO sessions VALUES ('t' || hex(randomblob(6)), 'u1', hex(randomblob(16)), \
                           datetime('now'), datetime('now', '+30 days'), '127.0.0.1', 'probe')";
            sqlx::query(session).execute(&mut conn).await?;
        }
        Ok(reset)
    }
    .await
    .map_err(broken)?;
    if reset {
        return Err(refused(StatusCode::FORBIDDEN, "a new password is needed"));
    }
    Ok(Json(json!({ "user": "u1" })).into_response())
}

async fn webhook(State(machine): Here, headers: HeaderMap) -> Result<Response, Refused> {
    open(&machine)?;
    let given = headers.get("x-webhook-secret").map(HeaderValue::as_bytes);
    if given == Some(machine.webhook_secret().as_bytes()) {
        Ok(Json(json!({ "received": true })).into_response())
    } else {
        Err(refused(StatusCode::UNAUTHORIZED, "wrong webhook secret"))
    }
}

/// JARVIS.
async fn health(State(machine): Here) -> Response {
    match machine.jarvis_away() {
        None => Json(json!({ "status": "healthy" })).into_response(),
        Some(why) => refused(StatusCode::SERVICE_UNAVAILABLE, why).into_response(),
    }
}

/// JARVIS: all trading stops, the API goes down.
async fn emergency_shutdown(State(machine): Here, headers: HeaderMap) -> Result<Response, Refused> {
    if !bears(&headers, secrets::ADMIN) {
        return Err(refused(
            StatusCode::UNAUTHORIZED,
            "the admin token is needed",
        ));
    }
    if !machine.runs("jarvis-api") {
        return Err(refused(
            StatusCode::SERVICE_UNAVAILABLE,
            "the API is stopped",
        ));
    }
    let written = std::fs::write(
        machine.root.join("jarvis/run/KILL_SWITCH"),
        "admin endpoint\n",
    )
    .and_then(|()| std::fs::write(machine.root.join("units/jarvis-api"), "inactive\n"));
    written.map_err(|error| refused(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()))?;
    Ok(Json(json!({ "status": "shutting down" })).into_response())
}
