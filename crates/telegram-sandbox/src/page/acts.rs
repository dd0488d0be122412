//! What a person does at the page: writes, uploads, edits, presses, reacts, pins.

use axum::Json;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Path, Query, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{Answer, Refused, UPLOAD, done, speaker};
use crate::control::{Attachment, Control, Say};
use crate::model::{MessageId, UserId};

#[derive(Deserialize)]
pub(super) struct SayBody {
    user: UserId,
    text: String,
    reply_to: Option<MessageId>,
    thread: Option<MessageId>,
}

pub(super) async fn say(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<SayBody>,
) -> Answer {
    speaker(&control, chat, body.user)?;
    let say = Say {
        text: body.text,
        reply_to: body.reply_to,
        thread: body.thread,
        ..Say::default()
    };
    Ok(Json(
        json!({"message_id": control.send(chat, body.user, say)}),
    ))
}

#[derive(Deserialize)]
pub(super) struct UploadQuery {
    user: UserId,
    name: String,
    caption: Option<String>,
    reply_to: Option<MessageId>,
    thread: Option<MessageId>,
    #[serde(default)]
    photo: bool,
}

pub(super) async fn upload(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Query(query): Query<UploadQuery>,
    request: Request,
) -> Answer {
    speaker(&control, chat, query.user)?;
    let bytes: Bytes = to_bytes(request.into_body(), UPLOAD).await.map_err(|_| {
        Refused(
            StatusCode::PAYLOAD_TOO_LARGE,
            "the file is larger than 50 MB".to_owned(),
        )
    })?;
    if bytes.is_empty() {
        return Err(Refused(
            StatusCode::BAD_REQUEST,
            "the file is empty".to_owned(),
        ));
    }
    let say = Say {
        text: query.caption.unwrap_or_default(),
        reply_to: query.reply_to,
        thread: query.thread,
        attachment: Some(Attachment {
            name: query.name,
            bytes: bytes.to_vec(),
            photo: query.photo,
        }),
        ..Say::default()
    };
    Ok(Json(
        json!({"message_id": control.send(chat, query.user, say)}),
    ))
}

#[derive(Deserialize)]
pub(super) struct MessageBody {
    user: UserId,
    message_id: MessageId,
    #[serde(default)]
    text: String,
    #[serde(default)]
    data: String,
    #[serde(default)]
    emoji: String,
    #[serde(default = "yes")]
    pinned: bool,
}

fn yes() -> bool {
    true
}

/// A message that exists, and somebody who may touch it.
fn touch(control: &Control, chat: i64, body: &MessageBody) -> Result<(), Refused> {
    speaker(control, chat, body.user)?;
    let found = control
        .shared()
        .lock()
        .chats
        .get(&chat)
        .is_some_and(|chat| chat.messages.contains_key(&body.message_id));
    if found {
        Ok(())
    } else {
        Err(Refused(
            StatusCode::NOT_FOUND,
            format!("there is no message {}", body.message_id),
        ))
    }
}

pub(super) async fn edit(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<MessageBody>,
) -> Answer {
    touch(&control, chat, &body)?;
    control.edit(chat, body.user, body.message_id, &body.text);
    Ok(done())
}

pub(super) async fn delete(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<MessageBody>,
) -> Answer {
    touch(&control, chat, &body)?;
    control.delete_message(chat, body.message_id);
    Ok(done())
}

pub(super) async fn press(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<MessageBody>,
) -> Answer {
    touch(&control, chat, &body)?;
    Ok(Json(
        json!({"callback_id": control.press(chat, body.user, body.message_id, &body.data)}),
    ))
}

pub(super) async fn react(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<MessageBody>,
) -> Answer {
    touch(&control, chat, &body)?;
    control.react(chat, body.user, body.message_id, &body.emoji);
    Ok(done())
}

pub(super) async fn pin(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<MessageBody>,
) -> Answer {
    touch(&control, chat, &body)?;
    if body.pinned {
        control.pin(chat, body.message_id, body.user);
    } else {
        control.unpin(chat, body.message_id);
    }
    Ok(done())
}
