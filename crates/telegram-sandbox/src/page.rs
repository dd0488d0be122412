//! The chat page and the HTTP control API that it uses. The contract is in the crate's README.

mod acts;
mod chats;
mod files;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures::stream::{self, Stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use self::files::FILES;
use crate::control::Control;
use crate::entry::{Entry, entry};
use crate::guard;
use crate::model::{MessageId, UserId};
use crate::news_view::{chat_summary, user_summary};
use crate::server::plain;

/// Bytes of an uploaded file.
const UPLOAD: usize = 50 * 1024 * 1024;
/// Messages that one request may ask for.
const MESSAGES: usize = 1_000;
/// A page may load only what comes from here, and talk only to here.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

type Answer = Result<Json<Value>, Refused>;

/// An error for the page: a status and a sentence.
struct Refused(StatusCode, String);

impl IntoResponse for Refused {
    fn into_response(self) -> axum::response::Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

/// All routes.
pub(crate) fn router(control: Control) -> Router {
    FILES
        .iter()
        .fold(Router::new(), |router, &(path, kind, bytes)| {
            router.route(path, get(async move || file(kind, bytes)))
        })
        .route("/control/state", get(state))
        .route("/control/events", get(events))
        .route("/control/users", post(chats::add_user))
        .route("/control/chats", post(chats::add_chat))
        .route("/control/chats/{chat}/messages", get(messages))
        .route("/control/chats/{chat}/say", post(acts::say))
        .route(
            "/control/chats/{chat}/upload",
            post(acts::upload).layer(DefaultBodyLimit::max(UPLOAD)),
        )
        .route("/control/chats/{chat}/edit", post(acts::edit))
        .route("/control/chats/{chat}/delete", post(acts::delete))
        .route("/control/chats/{chat}/press", post(acts::press))
        .route("/control/chats/{chat}/react", post(acts::react))
        .route("/control/chats/{chat}/pin", post(acts::pin))
        .route("/control/chats/{chat}/topics", post(chats::add_topic))
        .route(
            "/control/chats/{chat}/topics/{thread}",
            post(chats::change_topic),
        )
        .route("/control/chats/{chat}/members", post(chats::change_member))
        .route("/control/chats/{chat}/bot", post(chats::change_bot))
        .route("/control/chats/{chat}/migrate", post(chats::migrate))
        .route("/control/toasts/{callback}", get(toast))
        .route("/control/files/{file}", get(download))
        .layer(from_fn(local_only))
        .with_state(control)
}

async fn local_only(request: Request, next: Next) -> Response<Body> {
    if !guard::request_is_local(request.headers()) {
        return plain(
            StatusCode::FORBIDDEN,
            "only pages of this stand-in on this machine may do that",
        );
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A file of the page, built in.
fn file(kind: &'static str, bytes: &'static [u8]) -> Response<Body> {
    let mut response = Response::new(Body::from(bytes));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// Refuses chats that do not exist, before anything panics over them.
fn known(control: &Control, chat: i64) -> Result<(), Refused> {
    let world = control.shared().lock();
    if world.chats.contains_key(&chat) || (chat > 0 && world.user(chat).is_some()) {
        return Ok(());
    }
    Err(Refused(
        StatusCode::NOT_FOUND,
        format!("there is no chat {chat}"),
    ))
}

fn known_user(control: &Control, user: UserId) -> Result<(), Refused> {
    let found = control.shared().lock().user(user).is_some();
    if found {
        Ok(())
    } else {
        Err(Refused(
            StatusCode::NOT_FOUND,
            format!("there is no user {user}"),
        ))
    }
}

async fn state(State(control): State<Control>) -> Json<Value> {
    let world = control.shared().lock();
    let mut users: Vec<_> = world
        .users()
        .filter(|user| !user.is_bot && user.id != 777_000)
        .collect();
    users.sort_by_key(|user| user.id);
    let chats: Vec<Value> = world
        .chats
        .values()
        .map(|chat| chat_summary(&world, chat))
        .collect();
    Json(json!({
        "bot": {"id": world.bot.id, "name": world.bot.full_name(), "username": world.bot.username},
        "users": users.into_iter().map(user_summary).collect::<Vec<_>>(),
        "chats": chats,
        "commands": world.commands.iter().map(|((scope, language), list)| json!({"scope": scope, "language": language, "commands": list})).collect::<Vec<_>>(),
    }))
}

async fn events(
    State(control): State<Control>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let receiver = control.shared().page.subscribe();
    let first = stream::once(async { Ok(Event::default().data(r#"{"type":"hello"}"#)) });
    Sse::new(futures::StreamExt::chain(first, following(receiver)))
        .keep_alive(KeepAlive::new().interval(Duration::from_secs(15)))
}

fn following(
    receiver: broadcast::Receiver<Arc<str>>,
) -> impl Stream<Item = Result<Event, Infallible>> {
    stream::unfold(receiver, |mut receiver| async {
        let event = match receiver.recv().await {
            Ok(json) => Event::default().data(json),
            // The page missed some: it loads everything anew.
            Err(RecvError::Lagged(_)) => Event::default().data(r#"{"type":"reload"}"#),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok(event), receiver))
    })
}

#[derive(Deserialize)]
struct Range {
    after: Option<MessageId>,
    limit: Option<usize>,
}

async fn messages(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Query(range): Query<Range>,
) -> Answer {
    known(&control, chat)?;
    let world = control.shared().lock();
    let limit = range.limit.unwrap_or(200).min(MESSAGES);
    let mut list: Vec<Entry> = Vec::new();
    if let Some(place) = world.chats.get(&chat) {
        let after = range.after.unwrap_or(0);
        list = place
            .messages
            .range(after + 1..)
            .rev()
            .take(limit)
            .map(|(_, msg)| entry(&world, place, msg))
            .collect();
        list.reverse();
    }
    Ok(Json(json!({"messages": list})))
}

/// Only members write in a group, and in a private chat only its person.
fn speaker(control: &Control, chat: i64, user: UserId) -> Result<(), Refused> {
    known(control, chat)?;
    known_user(control, user)?;
    let world = control.shared().lock();
    let inside = chat == user
        || (chat < 0
            && world
                .chats
                .get(&chat)
                .is_some_and(|chat| chat.standing(user).inside()));
    if inside {
        Ok(())
    } else {
        Err(Refused(
            StatusCode::FORBIDDEN,
            "only members of the chat can do that".to_owned(),
        ))
    }
}

fn done() -> Json<Value> {
    Json(json!({"ok": true}))
}

async fn toast(State(control): State<Control>, Path(callback): Path<String>) -> Json<Value> {
    Json(json!({"toast": control.toast(&callback)}))
}

async fn download(State(control): State<Control>, Path(file): Path<String>) -> Response<Body> {
    let Some(bytes) = control.file_bytes(&file) else {
        return plain(StatusCode::NOT_FOUND, "there is no such file");
    };
    let name = control
        .shared()
        .lock()
        .files
        .get(&file)
        .map(|file| file.name.clone())
        .unwrap_or_default();
    let kind = crate::view::mime_type(&name);
    // Only pictures are shown in place; everything else is saved, so that no uploaded page runs here.
    let shown = kind.starts_with("image/");
    let mut response = Response::new(Body::from(bytes));
    let kind = if shown {
        kind
    } else {
        "application/octet-stream"
    };
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if !shown {
        response.headers_mut().insert(
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment"),
        );
    }
    response
}
