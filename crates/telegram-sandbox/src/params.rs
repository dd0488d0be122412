//! Parameters of a Bot API call, however they came: JSON, form or multipart.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::api_error::ApiError;

/// A file that came in a multipart body.
#[derive(Debug, Clone)]
pub(crate) struct Upload {
    pub name: String,
    pub bytes: Vec<u8>,
}

/// A chat as a caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ChatRef {
    Id(i64),
    Username(String),
}

/// Reads parameters as tolerantly as the real server: a number may be a string, a nested value may be JSON in a string.
#[derive(Debug, Default)]
pub(crate) struct Params {
    pub map: Map<String, Value>,
    pub files: HashMap<String, Upload>,
}

impl Params {
    /// A text; numbers and booleans are taken as their text. Absent and null are `None`.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.map.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.map.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Telegram takes `true`, `"true"`, `"yes"` and `1` for true.
    pub fn flag(&self, name: &str) -> bool {
        match self.map.get(name) {
            Some(Value::Bool(value)) => *value,
            Some(Value::Number(number)) => number.as_i64() != Some(0),
            Some(Value::String(text)) => {
                matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "1")
            }
            _ => false,
        }
    }

    /// An object or array, given as such or as JSON in a string. Absent, null and empty text are `None`.
    pub fn nested(&self, name: &str) -> Result<Option<Value>, ApiError> {
        match self.map.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Some)
                .map_err(|_| ApiError::bad(format!("can't parse {name} JSON object"))),
            Some(value) => Ok(Some(value.clone())),
        }
    }

    /// The `chat_id` parameter.
    pub fn chat(&self) -> Result<ChatRef, ApiError> {
        self.chat_named("chat_id")
    }

    pub fn chat_named(&self, name: &str) -> Result<ChatRef, ApiError> {
        let text = self.text(name).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() {
            return Err(ApiError::bad(format!("{name} is empty")));
        }
        if let Some(name) = text.strip_prefix('@') {
            return Ok(ChatRef::Username(name.to_owned()));
        }
        text.parse()
            .map(ChatRef::Id)
            .map_err(|_| ApiError::bad("chat not found"))
    }

    /// The uploaded file for a parameter: a part of that name, or the part that `attach://` points to.
    pub fn upload(&mut self, name: &str) -> Option<Upload> {
        if let Some(upload) = self.files.remove(name) {
            return Some(upload);
        }
        let part = self.text(name)?;
        self.files.remove(part.strip_prefix("attach://")?)
    }
}

/// Reads `a=1&b=two%20words`.
pub(crate) fn parse_form(text: &str, into: &mut Map<String, Value>) {
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        into.insert(percent_decode(name), Value::String(percent_decode(value)));
    }
}

/// Decodes `%20` and `+`; broken escapes stay as they are.
pub(crate) fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = (bytes[at] == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten();
        let decoded = escaped
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (decoded, bytes[at]) {
            (Some(byte), _) => {
                out.push(byte);
                at += 2;
            }
            (None, b'+') => out.push(b' '),
            (None, byte) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}
