//! Errors in the words and the shape of the real Bot API server.

use serde_json::{Value, json};

/// What a method answers instead of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ApiError {
    pub code: u16,
    pub description: String,
    pub retry_after: Option<u64>,
    pub migrate_to: Option<i64>,
}

impl ApiError {
    fn new(code: u16, description: String) -> Self {
        Self {
            code,
            description,
            retry_after: None,
            migrate_to: None,
        }
    }

    /// 400 with the usual prefix.
    pub fn bad(text: impl AsRef<str>) -> Self {
        Self::new(400, format!("Bad Request: {}", text.as_ref()))
    }

    /// 403 with the usual prefix.
    pub fn forbidden(text: impl AsRef<str>) -> Self {
        Self::new(403, format!("Forbidden: {}", text.as_ref()))
    }

    /// 409 with the usual prefix.
    pub fn conflict(text: impl AsRef<str>) -> Self {
        Self::new(409, format!("Conflict: {}", text.as_ref()))
    }

    pub fn unauthorized() -> Self {
        Self::new(401, "Unauthorized".to_owned())
    }

    pub fn not_found(text: impl AsRef<str>) -> Self {
        let text = text.as_ref();
        let description = if text.is_empty() {
            "Not Found".to_owned()
        } else {
            format!("Not Found: {text}")
        };
        Self::new(404, description)
    }

    pub fn too_large() -> Self {
        Self::new(413, "Request Entity Too Large".to_owned())
    }

    pub fn internal() -> Self {
        Self::new(500, "Internal Server Error".to_owned())
    }

    /// 429: wait this many seconds.
    pub fn too_many(retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::new(429, format!("Too Many Requests: retry after {retry_after}"))
        }
    }

    /// The group lives on under another id.
    pub fn migrated(to: i64) -> Self {
        Self {
            migrate_to: Some(to),
            ..Self::bad("group chat was upgraded to a supergroup chat")
        }
    }

    /// The answer's body.
    pub fn body(&self) -> String {
        let mut body =
            json!({"ok": false, "error_code": self.code, "description": self.description});
        if let Some(seconds) = self.retry_after {
            body["parameters"] = json!({"retry_after": seconds});
        } else if let Some(to) = self.migrate_to {
            body["parameters"] = json!({"migrate_to_chat_id": to});
        }
        Value::to_string(&body)
    }
}
