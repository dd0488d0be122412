//! What can go wrong in one exchange with the Bot API, as far as callers act differently on it.

use std::borrow::Cow;
use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

/// Why a request failed. No text in it ever holds the token.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ApiError {
    /// The token is wrong or was revoked.
    #[error("Telegram refuses the bot token (401): check TELOXIDE_TOKEN")]
    Unauthorized,
    /// No such method, or a token that is not even shaped like one.
    #[error("Telegram does not know this method or token (404): {0}")]
    NotFound(String),
    /// Somebody else receives the updates of this bot.
    #[error("another receiver takes this bot's updates (409): {text}")]
    Conflict {
        /// True if it is a webhook, false if it is another poller.
        webhook: bool,
        /// Telegram's words.
        text: String,
    },
    /// Too many requests for this chat.
    #[error("too many requests (429): retry after {} s", .0.as_secs())]
    RetryAfter(Duration),
    /// The group became a supergroup with this id.
    #[error("the group was upgraded to supergroup {0}")]
    Migrated(i64),
    /// The bot was kicked, blocked or never let in.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such chat (any more).
    #[error("{0}")]
    ChatGone(String),
    /// The bot lacks a right in this chat.
    #[error("{0}")]
    NoRights(String),
    /// The message shows exactly this already.
    #[error("message is not modified")]
    NotModified,
    /// The text's markup is broken.
    #[error("{0}")]
    CantParse(String),
    /// The message to reply to is gone.
    #[error("{0}")]
    ReplyGone(String),
    /// The topic is gone or closed.
    #[error("{0}")]
    ThreadGone(String),
    /// The message to edit, pin, delete or react to is gone or not ours.
    #[error("{0}")]
    MessageGone(String),
    /// The press was answered already or is too old.
    #[error("{0}")]
    CallbackGone(String),
    /// The text is longer than Telegram takes.
    #[error("{0}")]
    TooLong(String),
    /// This reaction, or any, is not allowed here.
    #[error("{0}")]
    ReactionRefused(String),
    /// Anything else wrong with the request (4xx).
    #[error("{0}")]
    BadRequest(String),
    /// Telegram failed (5xx).
    #[error("Telegram failed ({code})")]
    Server {
        /// The HTTP status.
        code: u16,
        /// Whether the request may have been carried out.
        maybe_done: bool,
    },
    /// No answer in time.
    #[error("no answer from Telegram in time")]
    Timeout {
        /// Whether the request may have been carried out.
        maybe_done: bool,
    },
    /// The connection failed.
    #[error("no connection to Telegram: {why}")]
    Unreachable {
        /// Whether the request may have been carried out.
        maybe_done: bool,
        /// What happened, without addresses.
        why: String,
    },
    /// An answer that is not the Bot API's.
    #[error("an answer that is not the Bot API's (HTTP {status})")]
    Garbage {
        /// The HTTP status.
        status: u16,
    },
}

impl ApiError {
    /// Whether the request was possibly carried out although no success was reported.
    pub fn maybe_done(&self) -> bool {
        match self {
            Self::Server { maybe_done, .. }
            | Self::Timeout { maybe_done }
            | Self::Unreachable { maybe_done, .. } => *maybe_done,
            Self::Garbage { status } => *status < 400,
            _ => false,
        }
    }

    /// Whether the same request may well succeed later: Telegram or the way to it failed, not the request.
    pub fn is_temporary(&self) -> bool {
        matches!(
            self,
            Self::Server { .. }
                | Self::Timeout { .. }
                | Self::Unreachable { .. }
                | Self::Garbage { .. }
                | Self::RetryAfter(_)
        )
    }
}

/// The parameters that Telegram adds to some errors.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Parameters {
    pub(super) migrate_to_chat_id: Option<i64>,
    pub(super) retry_after: Option<u64>,
}

/// The error of a refusal in the Bot API's form.
pub(super) fn refusal(code: u16, description: Cow<'_, str>, parameters: &Parameters) -> ApiError {
    if let Some(id) = parameters.migrate_to_chat_id {
        return ApiError::Migrated(id);
    }
    if let Some(seconds) = parameters.retry_after {
        return ApiError::RetryAfter(Duration::from_secs(seconds.max(1)));
    }
    match code {
        401 => ApiError::Unauthorized,
        403 => ApiError::Forbidden(description.into_owned()),
        404 => ApiError::NotFound(description.into_owned()),
        409 => ApiError::Conflict {
            webhook: description.contains("webhook"),
            text: description.into_owned(),
        },
        429 => ApiError::RetryAfter(Duration::from_secs(1)),
        // A gateway answers 502 and 504 when it lost the server behind it, perhaps after that one had done its work.
        500.. => ApiError::Server {
            code,
            maybe_done: matches!(code, 502 | 504),
        },
        _ => bad_request(description.into_owned()),
    }
}

/// Telegram tells its 400s apart by words only.
fn bad_request(text: String) -> ApiError {
    let words = text.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if says(&["message is not modified"]) {
        ApiError::NotModified
    } else if says(&["can't parse"]) {
        ApiError::CantParse(text)
    } else if says(&[
        "to be replied not found",
        "replied message not found",
        "reply message not found",
    ]) {
        ApiError::ReplyGone(text)
    } else if says(&[
        "thread not found",
        "topic_closed",
        "topic_deleted",
        "topic_id_invalid",
    ]) {
        ApiError::ThreadGone(text)
    } else if says(&[
        "to edit not found",
        "to delete not found",
        "to react not found",
        "to pin not found",
        "to unpin not found",
        "message can't be edited",
        "message can't be deleted",
        "message_id_invalid",
        "message identifier is not specified",
    ]) {
        ApiError::MessageGone(text)
    } else if says(&[
        "query is too old",
        "query id is invalid",
        "query_id_invalid",
    ]) {
        ApiError::CallbackGone(text)
    } else if says(&[
        "message is too long",
        "message_too_long",
        "caption is too long",
        "media_caption_too_long",
    ]) {
        ApiError::TooLong(text)
    } else if says(&["reaction"]) {
        ApiError::ReactionRefused(text)
    } else if says(&[
        "not enough rights",
        "no rights",
        "chat_admin_required",
        "chat_write_forbidden",
        "need administrator rights",
        "chat_restricted",
    ]) {
        ApiError::NoRights(text)
    } else if says(&[
        "chat not found",
        "peer_id_invalid",
        "group chat was deactivated",
        "chat was deleted",
    ]) {
        ApiError::ChatGone(text)
    } else {
        ApiError::BadRequest(text)
    }
}
