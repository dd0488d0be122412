//! An update's shape without anybody's words.

use serde_json::Value;

/// The longest shape that is kept.
const MAX: usize = 8 * 1024;

/// The JSON with every text replaced by its length; names of types stay. Enough to see what an update was, nothing of what
/// people wrote.
pub fn redact(raw: &str) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(raw) else {
        return format!("unreadable, {} bytes", raw.len());
    };
    strip(&mut value, "");
    let mut text = value.to_string();
    if text.len() > MAX {
        text.truncate(text.floor_char_boundary(MAX));
        text.push('…');
    }
    text
}

fn strip(value: &mut Value, name: &str) {
    match value {
        Value::String(text) => {
            let is_type = matches!(name, "type" | "status")
                && text.len() <= 24
                && text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            if !is_type {
                *text = format!("({} characters)", text.chars().count());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| strip(item, name)),
        Value::Object(fields) => fields
            .iter_mut()
            .for_each(|(name, field)| strip(field, name)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
