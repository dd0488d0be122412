//! What the page changes about people and chats.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Answer, Refused, done, known, known_user, speaker};
use crate::control::{Control, NewChat, NewUser};
use crate::model::{ChatKind, MessageId, Rights, UserId};

pub(super) async fn add_user(
    State(control): State<Control>,
    Json(new): Json<NewUser>,
) -> Json<Value> {
    Json(json!({"id": control.add_user(new)}))
}

#[derive(Deserialize)]
pub(super) struct NewChatBody {
    title: String,
    #[serde(default)]
    kind: String,
    public_username: Option<String>,
    owner: Option<UserId>,
    #[serde(default)]
    members: Vec<UserId>,
    /// `member` or `administrator`.
    bot: Option<String>,
}

pub(super) async fn add_chat(
    State(control): State<Control>,
    Json(body): Json<NewChatBody>,
) -> Answer {
    let kind = match body.kind.as_str() {
        "" | "group" => ChatKind::Group,
        "supergroup" => ChatKind::Supergroup {
            public_username: body.public_username,
        },
        "forum" => ChatKind::Forum,
        other => {
            return Err(Refused(
                StatusCode::BAD_REQUEST,
                format!("no chat is a “{other}”: group, supergroup or forum"),
            ));
        }
    };
    for user in body.owner.iter().chain(&body.members) {
        known_user(&control, *user)?;
    }
    let chat = control.add_chat(NewChat {
        kind,
        title: body.title,
    });
    if let Some(owner) = body.owner {
        control.make_owner(chat, owner);
    }
    for member in body.members {
        control.join(chat, member);
    }
    let by = body.owner.unwrap_or_default();
    match body.bot.as_deref() {
        Some("member") => control.add_bot(chat, by),
        Some("administrator") => control.make_bot_admin(chat, by, Rights::ALL),
        _ => {}
    }
    Ok(Json(json!({"id": chat})))
}

#[derive(Deserialize)]
pub(super) struct TopicBody {
    user: UserId,
    #[serde(default)]
    name: String,
    /// `close`, `reopen` or `delete`.
    #[serde(default)]
    action: String,
}

pub(super) async fn add_topic(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<TopicBody>,
) -> Answer {
    speaker(&control, chat, body.user)?;
    let forum = control
        .shared()
        .lock()
        .chats
        .get(&chat)
        .is_some_and(crate::model::Chat::is_forum);
    if !forum || body.name.trim().is_empty() {
        return Err(Refused(
            StatusCode::BAD_REQUEST,
            "a topic needs a forum and a name".to_owned(),
        ));
    }
    Ok(Json(
        json!({"thread": control.create_topic(chat, body.name.trim(), body.user)}),
    ))
}

pub(super) async fn change_topic(
    State(control): State<Control>,
    Path((chat, thread)): Path<(i64, MessageId)>,
    Json(body): Json<TopicBody>,
) -> Answer {
    speaker(&control, chat, body.user)?;
    let found = control
        .shared()
        .lock()
        .chats
        .get(&chat)
        .is_some_and(|chat| chat.topics.contains_key(&thread));
    if !found {
        return Err(Refused(
            StatusCode::NOT_FOUND,
            format!("there is no topic {thread}"),
        ));
    }
    match body.action.as_str() {
        "close" => control.close_topic(chat, thread, body.user),
        "reopen" => control.reopen_topic(chat, thread, body.user),
        "delete" => control.delete_topic(chat, thread),
        other => {
            return Err(Refused(
                StatusCode::BAD_REQUEST,
                format!("unknown action “{other}”"),
            ));
        }
    }
    Ok(done())
}

#[derive(Deserialize)]
pub(super) struct ActionBody {
    user: UserId,
    action: String,
}

pub(super) async fn change_member(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<ActionBody>,
) -> Answer {
    known(&control, chat)?;
    known_user(&control, body.user)?;
    match body.action.as_str() {
        "join" | "demote" => control.join(chat, body.user),
        "leave" => control.leave(chat, body.user),
        "promote" => control.promote(chat, body.user, Rights::ALL),
        other => {
            return Err(Refused(
                StatusCode::BAD_REQUEST,
                format!("unknown action “{other}”"),
            ));
        }
    }
    Ok(done())
}

pub(super) async fn change_bot(
    State(control): State<Control>,
    Path(chat): Path<i64>,
    Json(body): Json<ActionBody>,
) -> Answer {
    known(&control, chat)?;
    known_user(&control, body.user)?;
    match (body.action.as_str(), chat > 0) {
        ("add" | "demote", false) => control.add_bot(chat, body.user),
        ("kick", false) => control.kick_bot(chat, body.user),
        ("promote", false) => control.make_bot_admin(chat, body.user, Rights::ALL),
        ("block", true) => control.block_bot(body.user),
        ("unblock", true) => control.unblock_bot(body.user),
        (other, _) => {
            return Err(Refused(
                StatusCode::BAD_REQUEST,
                format!("unknown action “{other}” in this chat"),
            ));
        }
    }
    Ok(done())
}

pub(super) async fn migrate(State(control): State<Control>, Path(chat): Path<i64>) -> Answer {
    known(&control, chat)?;
    let basic = control
        .shared()
        .lock()
        .chats
        .get(&chat)
        .is_some_and(|chat| chat.kind == ChatKind::Group && chat.migrated_to.is_none());
    if !basic {
        return Err(Refused(
            StatusCode::BAD_REQUEST,
            "only a basic group can become a supergroup".to_owned(),
        ));
    }
    Ok(Json(json!({"chat": control.migrate_to_supergroup(chat)})))
}
