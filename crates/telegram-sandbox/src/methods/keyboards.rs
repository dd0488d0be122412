//! Inline keyboards, with the server's own refusals.

use serde_json::{Map, Value};

use crate::api_error::ApiError;
use crate::model::{Button, Keyboard};
use crate::params::Params;

const BUTTONS: usize = 100;
const ROW: usize = 8;
/// Bytes of `callback_data`.
const DATA: usize = 64;
const COPY_TEXT: usize = 256;

/// The `reply_markup`, if it is an inline keyboard. Reply keyboards and force-reply are accepted and not shown.
pub(crate) fn inline_keyboard(params: &Params) -> Result<Option<Keyboard>, ApiError> {
    let Some(markup) = params.nested("reply_markup")? else {
        return Ok(None);
    };
    let Value::Object(mut markup) = markup else {
        return Err(ApiError::bad("object expected as reply markup"));
    };
    let Some(rows) = markup.remove("inline_keyboard") else {
        return Ok(None);
    };
    let Value::Array(rows) = rows else {
        return Err(ApiError::bad(
            "field \"inline_keyboard\" of the InlineKeyboardMarkup should be an Array of Arrays",
        ));
    };
    let mut keyboard = Vec::with_capacity(rows.len());
    for row in rows {
        let Value::Array(row) = row else {
            return Err(ApiError::bad(
                "field \"inline_keyboard\" of the InlineKeyboardMarkup should be an Array of Arrays",
            ));
        };
        let row = row
            .into_iter()
            .map(button)
            .collect::<Result<Vec<Button>, ApiError>>()?;
        if row.len() > ROW {
            return Err(ApiError::bad("reply markup is too long"));
        }
        if !row.is_empty() {
            keyboard.push(row);
        }
    }
    if keyboard.iter().map(Vec::len).sum::<usize>() > BUTTONS {
        return Err(ApiError::bad("reply markup is too long"));
    }
    Ok((!keyboard.is_empty()).then_some(keyboard))
}

fn button(value: Value) -> Result<Button, ApiError> {
    let Value::Object(mut map) = value else {
        return Err(ApiError::bad(
            "can't parse inline keyboard button: Object expected",
        ));
    };
    let text = take_text(&mut map, "text")?.ok_or_else(|| {
        ApiError::bad("can't parse inline keyboard button: Can't find field \"text\"")
    })?;
    if text.trim().is_empty() {
        return Err(ApiError::bad(
            "inline keyboard button text must be non-empty",
        ));
    }
    let mut button = Button {
        text,
        callback_data: take_text(&mut map, "callback_data")?,
        url: take_text(&mut map, "url")?,
        style: take_text(&mut map, "style")?,
        disabled: map
            .remove("disabled")
            .is_some_and(|value| !value.is_null() && value != Value::Bool(false)),
        ..Button::default()
    };
    if let Some(copy) = map.remove("copy_text") {
        let text = copy.get("text").and_then(Value::as_str).unwrap_or_default();
        if text.is_empty() || text.chars().count() > COPY_TEXT {
            return Err(ApiError::bad("BUTTON_COPY_TEXT_INVALID"));
        }
        button.copy_text = Some(text.to_owned());
    }
    button.other = map;
    check(&button)?;
    Ok(button)
}

fn take_text(map: &mut Map<String, Value>, name: &str) -> Result<Option<String>, ApiError> {
    match map.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ApiError::bad(format!(
            "can't parse inline keyboard button: Field \"{name}\" must be of type String"
        ))),
    }
}

fn check(button: &Button) -> Result<(), ApiError> {
    if button
        .callback_data
        .as_ref()
        .is_some_and(|data| data.is_empty() || data.len() > DATA)
    {
        return Err(ApiError::bad("BUTTON_DATA_INVALID"));
    }
    if let Some(url) = &button.url {
        let known = ["http://", "https://", "tg://", "ton://"]
            .iter()
            .any(|scheme| url.starts_with(scheme));
        if !known && (url.contains(':') || !url.contains('.')) {
            return Err(ApiError::bad(format!(
                "inline keyboard button URL '{url}' is invalid: Wrong HTTP URL"
            )));
        }
    }
    if button
        .style
        .as_deref()
        .is_some_and(|style| !matches!(style, "danger" | "success" | "primary"))
    {
        return Err(ApiError::bad("invalid button style specified"));
    }
    let kinds = [
        "web_app",
        "login_url",
        "switch_inline_query",
        "switch_inline_query_current_chat",
        "switch_inline_query_chosen_chat",
        "callback_game",
        "pay",
    ];
    let acts = button.callback_data.is_some()
        || button.url.is_some()
        || button.copy_text.is_some()
        || button.disabled;
    if !acts && !kinds.iter().any(|kind| button.other.contains_key(*kind)) {
        return Err(ApiError::bad(
            "text buttons are unallowed in the inline keyboard",
        ));
    }
    Ok(())
}
