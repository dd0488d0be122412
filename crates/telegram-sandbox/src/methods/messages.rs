//! Sending: what the bot says, and every check that stands before it.

use serde_json::Value;

use super::{Answer, keyboards, truth};
use crate::api_error::ApiError;
use crate::entities::{self, Formatted, utf16_len};
use crate::model::{Content, Media, MessageId, Msg};
use crate::params::Params;
use crate::world::World;

/// UTF-16 units of a text.
pub(super) const TEXT: usize = 4096;
/// UTF-16 units of a caption.
pub(super) const CAPTION: usize = 1024;

pub(super) fn send_message(world: &mut World, params: &mut Params) -> Answer {
    send(world, params, None)
}

/// Sends a text, or a file with a caption.
pub(super) fn send(world: &mut World, params: &Params, media: Option<Media>) -> Answer {
    let chat = world.find_chat(&params.chat()?)?;
    if !world.bot_may_write(chat) {
        let what = if media.is_some() {
            "media"
        } else {
            "text messages"
        };
        return Err(ApiError::bad(format!(
            "not enough rights to send {what} to the chat"
        )));
    }
    let text = if media.is_some() {
        caption(world, params)?
    } else {
        message_text(world, params)?
    };
    let (reply_to, replied_thread) = reply(world, chat, params)?;
    let thread = thread(world, chat, params)?.or(replied_thread);
    let keyboard = keyboards::inline_keyboard(params)?;
    let now = world.clock.now();
    world.limits.take(chat, now).map_err(ApiError::too_many)?;
    let msg = Msg {
        from: Some(world.bot.id),
        thread,
        reply_to,
        content: Content {
            text: text.text,
            entities: text.entities,
            media,
            keyboard,
        },
        silent: params.flag("disable_notification"),
        extra: passed_on(params),
        ..Msg::default()
    };
    let id = world.store(chat, msg);
    world.message_json(chat, id).ok_or_else(ApiError::internal)
}

/// Parameters that come back in the message as they went in.
fn passed_on(params: &Params) -> serde_json::Map<String, Value> {
    let mut extra = serde_json::Map::new();
    if let Ok(Some(options)) = params.nested("link_preview_options") {
        extra.insert("link_preview_options".into(), options);
    }
    if params.flag("protect_content") {
        extra.insert("has_protected_content".into(), true.into());
    }
    extra
}

/// Checks and formats `text`.
pub(super) fn message_text(world: &World, params: &Params) -> Result<Formatted, ApiError> {
    let text = params.text("text").unwrap_or_default();
    if text.is_empty() {
        return Err(ApiError::bad("message text is empty"));
    }
    let text = formatted(world, params, &text, "entities")?;
    if text.text.is_empty() {
        return Err(ApiError::bad("text must be non-empty"));
    }
    if utf16_len(&text.text) > TEXT {
        return Err(ApiError::bad("message is too long"));
    }
    Ok(text)
}

/// Checks and formats `caption`, which may be absent.
pub(super) fn caption(world: &World, params: &Params) -> Result<Formatted, ApiError> {
    let text = formatted(
        world,
        params,
        &params.text("caption").unwrap_or_default(),
        "caption_entities",
    )?;
    if utf16_len(&text.text) > CAPTION {
        return Err(ApiError::bad("message caption is too long"));
    }
    Ok(text)
}

fn formatted(
    world: &World,
    params: &Params,
    text: &str,
    entities: &str,
) -> Result<Formatted, ApiError> {
    let entities = params.nested(entities)?;
    let mut formatted = entities::format(
        text,
        params.text("parse_mode").as_deref(),
        entities.as_ref(),
    )?;
    // A link to a person is a mention if the person is known, and plain text if not.
    formatted.entities.retain_mut(|entity| {
        let Some(query) = entity
            .url
            .as_deref()
            .and_then(|url| url.strip_prefix("tg://user?id="))
        else {
            return true;
        };
        let Some(user) = query.parse().ok().and_then(|id| world.user(id)) else {
            return false;
        };
        entity.user = Some(Value::Object(user.render()));
        entity.url = None;
        "text_mention".clone_into(&mut entity.kind);
        true
    });
    Ok(formatted)
}

/// The topic that a message goes to.
pub(super) fn thread(
    world: &World,
    chat: i64,
    params: &Params,
) -> Result<Option<MessageId>, ApiError> {
    let Some(thread) = params
        .integer("message_thread_id")
        .filter(|thread| *thread != 0)
    else {
        return Ok(None);
    };
    let place = world
        .chats
        .get(&chat)
        .ok_or_else(|| ApiError::bad("chat not found"))?;
    let topic = place
        .topics
        .get(&thread)
        .ok_or_else(|| ApiError::bad("message thread not found"))?;
    if topic.closed && !world.bot_rights(chat).can_manage_topics {
        return Err(ApiError::bad("TOPIC_CLOSED"));
    }
    Ok(Some(thread))
}

/// The message replied to, and the topic it stands in.
fn reply(
    world: &World,
    chat: i64,
    params: &Params,
) -> Result<(Option<MessageId>, Option<MessageId>), ApiError> {
    let given = params.nested("reply_parameters")?;
    let (id, lenient) = match &given {
        Some(reply) => (
            reply.get("message_id").and_then(Value::as_i64),
            reply
                .get("allow_sending_without_reply")
                .and_then(Value::as_bool)
                .unwrap_or(false),
        ),
        None => (
            params.integer("reply_to_message_id").filter(|id| *id != 0),
            params.flag("allow_sending_without_reply"),
        ),
    };
    let Some(id) = id else {
        return Ok((None, None));
    };
    match world
        .chats
        .get(&chat)
        .and_then(|chat| chat.messages.get(&id))
    {
        Some(replied) => Ok((Some(id), replied.thread)),
        None if lenient => Ok((None, None)),
        None => Err(ApiError::bad("message to be replied not found")),
    }
}

pub(super) fn send_chat_action(world: &mut World, params: &mut Params) -> Answer {
    let chat = world.find_chat(&params.chat()?)?;
    let action = params.text("action").unwrap_or_default();
    let known = [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ];
    if !known.contains(&action.as_str()) {
        return Err(ApiError::bad("wrong parameter action in request"));
    }
    let thread = thread(world, chat, params)?;
    world.news.typing(chat, thread);
    Ok(truth())
}
