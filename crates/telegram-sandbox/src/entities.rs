//! Message entities: parsed from markup as Telegram does, or found in plain text.

mod detect;
mod html;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use detect::detect;
pub(crate) use html::parse_html;

use crate::api_error::ApiError;

/// A stretch of text with a meaning. Offsets and lengths count UTF-16 units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entity {
    /// Telegram's name: `bold`, `bot_command`, `text_link`…
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it begins.
    pub offset: usize,
    /// How long it is.
    pub length: usize,
    /// For `text_link`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// For `text_mention`: the user object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<Value>,
    /// For `pre`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// For `custom_emoji`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_emoji_id: Option<String>,
    /// For `date_time`: seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unix_time: Option<i64>,
    /// For `date_time`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_time_format: Option<String>,
}

impl Entity {
    pub(crate) fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self {
            kind: kind.to_owned(),
            offset,
            length,
            ..Self::default()
        }
    }

    pub(crate) fn end(&self) -> usize {
        self.offset + self.length
    }
}

/// Text as people see it, with its entities.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Formatted {
    pub text: String,
    pub entities: Vec<Entity>,
}

/// Length as Telegram counts it.
pub(crate) fn utf16_len(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.encode_utf16().count()
    }
}

/// The part of a text that an entity covers; empty if it points outside.
pub(crate) fn slice<'a>(text: &'a str, entity: &Entity) -> &'a str {
    let byte_at = |wanted: usize| {
        let mut units = 0;
        for (at, c) in text.char_indices() {
            if units >= wanted {
                return at;
            }
            units += c.len_utf16();
        }
        text.len()
    };
    text.get(byte_at(entity.offset)..byte_at(entity.end()))
        .unwrap_or_default()
}

/// Turns what a bot sent into what people see: parses the markup or takes the given entities, trims, and finds commands, mentions and links.
pub(crate) fn format(
    text: &str,
    parse_mode: Option<&str>,
    entities: Option<&Value>,
) -> Result<Formatted, ApiError> {
    let mut formatted = match parse_mode.map(str::to_ascii_lowercase).as_deref() {
        None | Some("" | "none") => given(text, entities)?,
        Some("html") => parse_html(text)
            .map_err(|text| ApiError::bad(format!("can't parse entities: {text}")))?,
        Some(_) => return Err(ApiError::bad("unsupported parse_mode")),
    };
    trim(&mut formatted);
    add_detected(&mut formatted);
    Ok(formatted)
}

fn given(text: &str, entities: Option<&Value>) -> Result<Formatted, ApiError> {
    let mut entities: Vec<Entity> = match entities {
        None => Vec::new(),
        Some(value) => serde_json::from_value(value.clone()).map_err(|_| {
            ApiError::bad("can't parse MessageEntity: field \"type\" must be of type String")
        })?,
    };
    let length = utf16_len(text);
    entities.retain(|entity| entity.length > 0 && entity.offset < length);
    for entity in &mut entities {
        entity.length = entity.length.min(length - entity.offset);
    }
    sort(&mut entities);
    Ok(Formatted {
        text: text.to_owned(),
        entities,
    })
}

/// Telegram cuts white space from both ends.
fn trim(formatted: &mut Formatted) {
    let cleaned: String;
    if formatted.text.contains('\r') || formatted.text.contains('\0') {
        // `\r` and U+0000 are replaced one for one or dropped by the real server; a space keeps the offsets right.
        cleaned = formatted.text.replace(['\r', '\0'], " ");
        formatted.text = cleaned;
    }
    let kept = formatted.text.trim_end();
    let dropped = kept.len() - kept.trim_start().len();
    let head = utf16_len(&kept[..dropped]);
    let length = utf16_len(kept) - head;
    formatted.text = kept[dropped..].to_owned();
    for entity in &mut formatted.entities {
        let end = entity.end().saturating_sub(head).min(length);
        entity.offset = entity.offset.saturating_sub(head);
        entity.length = end.saturating_sub(entity.offset);
    }
    formatted.entities.retain(|entity| entity.length > 0);
}

fn add_detected(formatted: &mut Formatted) {
    let closed = |kind: &str| {
        matches!(
            kind,
            "code" | "pre" | "text_link" | "text_mention" | "date_time"
        )
    };
    for found in detect(&formatted.text) {
        let clash = formatted.entities.iter().any(|other| {
            closed(&other.kind) && found.offset < other.end() && other.offset < found.end()
        });
        if !clash {
            formatted.entities.push(found);
        }
    }
    sort(&mut formatted.entities);
}

/// Telegram's order: by place, the longer first.
pub(crate) fn sort(entities: &mut [Entity]) {
    entities.sort_by(|a, b| a.offset.cmp(&b.offset).then(b.length.cmp(&a.length)));
}
