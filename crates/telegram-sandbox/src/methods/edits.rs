//! Changing what stands there already: edits, deletions, pins.

use super::messages::{caption, message_text};
use super::{Answer, keyboards, truth};
use crate::api_error::ApiError;
use crate::model::{Content, MessageId, Msg};
use crate::params::Params;
use crate::world::World;

/// A bot may delete messages for this long, in seconds.
const DELETABLE: i64 = 48 * 3600;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

/// Finds the bot's own message that a call wants to edit.
fn editable<'a>(world: &'a World, params: &Params) -> Result<(i64, &'a Msg), ApiError> {
    if params
        .text("inline_message_id")
        .is_some_and(|id| !id.is_empty())
    {
        return Err(ApiError::bad("MESSAGE_ID_INVALID"));
    }
    let chat = world.find_chat(&params.chat()?)?;
    let id = params.integer("message_id").unwrap_or(0);
    if id == 0 {
        return Err(ApiError::bad("message identifier is not specified"));
    }
    let msg = world
        .chats
        .get(&chat)
        .and_then(|chat| chat.messages.get(&id))
        .ok_or_else(|| ApiError::bad("message to edit not found"))?;
    if msg.from != Some(world.bot.id) || msg.is_service() {
        return Err(ApiError::bad("message can't be edited"));
    }
    Ok((chat, msg))
}

/// Puts new content in place, unless it is the old one.
fn replace(world: &mut World, chat: i64, id: MessageId, content: Content) -> Answer {
    let msg = world
        .chats
        .get(&chat)
        .and_then(|chat| chat.messages.get(&id))
        .ok_or_else(ApiError::internal)?;
    if msg.content == content {
        return Err(ApiError::bad(NOT_MODIFIED));
    }
    let (now, date) = (world.clock.now(), world.clock.unix());
    world.limits.take(chat, now).map_err(ApiError::too_many)?;
    if let Some(msg) = world.chat_mut(chat).messages.get_mut(&id) {
        msg.content = content;
        msg.edit_date = Some(date);
        msg.edits += 1;
    }
    world.news.message(chat, id);
    world.message_json(chat, id).ok_or_else(ApiError::internal)
}

pub(super) fn edit_message_text(world: &mut World, params: &mut Params) -> Answer {
    let (chat, msg) = editable(world, params)?;
    let id = msg.id;
    if msg.content.media.is_some() {
        return Err(ApiError::bad("there is no text in the message to edit"));
    }
    let text = message_text(world, params)?;
    let keyboard = keyboards::inline_keyboard(params)?;
    replace(
        world,
        chat,
        id,
        Content {
            text: text.text,
            entities: text.entities,
            media: None,
            keyboard,
        },
    )
}

pub(super) fn edit_message_caption(world: &mut World, params: &mut Params) -> Answer {
    let (chat, msg) = editable(world, params)?;
    let (id, media) = (msg.id, msg.content.media.clone());
    if media.is_none() {
        return Err(ApiError::bad("there is no caption in the message to edit"));
    }
    let text = caption(world, params)?;
    let keyboard = keyboards::inline_keyboard(params)?;
    replace(
        world,
        chat,
        id,
        Content {
            text: text.text,
            entities: text.entities,
            media,
            keyboard,
        },
    )
}

pub(super) fn edit_message_reply_markup(world: &mut World, params: &mut Params) -> Answer {
    let (chat, msg) = editable(world, params)?;
    let id = msg.id;
    let content = Content {
        keyboard: keyboards::inline_keyboard(params)?,
        ..msg.content.clone()
    };
    replace(world, chat, id, content)
}

/// Whether the bot may delete a message.
fn deletable(world: &World, chat: i64, msg: &Msg) -> bool {
    let admin = world.bot_rights(chat).can_delete_messages;
    let place_is_private = chat > 0;
    let own = msg.from == Some(world.bot.id) && !msg.is_service();
    let young = world.clock.unix() - msg.date < DELETABLE;
    if place_is_private {
        young
    } else {
        admin || (own && young)
    }
}

pub(super) fn delete_message(world: &mut World, params: &mut Params) -> Answer {
    let chat = world.find_chat(&params.chat()?)?;
    let id = params
        .integer("message_id")
        .ok_or_else(|| ApiError::bad("message identifier is not specified"))?;
    let msg = world
        .chats
        .get(&chat)
        .and_then(|chat| chat.messages.get(&id))
        .ok_or_else(|| ApiError::bad("message to delete not found"))?;
    if !deletable(world, chat, msg) {
        return Err(ApiError::bad("message can't be deleted"));
    }
    world.delete_message(chat, id);
    Ok(truth())
}

pub(super) fn delete_messages(world: &mut World, params: &mut Params) -> Answer {
    let chat = world.find_chat(&params.chat()?)?;
    let ids = params.nested("message_ids")?.unwrap_or_default();
    let ids: Vec<MessageId> = serde_json::from_value(ids)
        .map_err(|_| ApiError::bad("message identifiers are not specified"))?;
    if ids.is_empty() {
        return Err(ApiError::bad("message identifiers are not specified"));
    }
    if ids.len() > 100 {
        return Err(ApiError::bad("too many message identifiers specified"));
    }
    // Those that do not exist are skipped; one that may not be deleted stops the call.
    let place = world.chats.get(&chat).ok_or_else(ApiError::internal)?;
    let refused = ids
        .iter()
        .filter_map(|id| place.messages.get(id))
        .any(|msg| !deletable(world, chat, msg));
    if refused {
        return Err(ApiError::bad("message can't be deleted"));
    }
    for id in ids {
        world.delete_message(chat, id);
    }
    Ok(truth())
}

fn may_pin(world: &World, chat: i64) -> Result<(), ApiError> {
    if world.bot_rights(chat).can_pin_messages {
        Ok(())
    } else {
        Err(ApiError::bad(
            "not enough rights to manage pinned messages in the chat",
        ))
    }
}

pub(super) fn pin_chat_message(world: &mut World, params: &mut Params) -> Answer {
    let chat = world.find_chat(&params.chat()?)?;
    let id = params.integer("message_id").unwrap_or(0);
    let msg = world
        .chats
        .get(&chat)
        .and_then(|chat| chat.messages.get(&id))
        .ok_or_else(|| ApiError::bad("message to pin not found"))?;
    if msg.is_service() {
        return Err(ApiError::bad("message can't be pinned"));
    }
    may_pin(world, chat)?;
    let by = world.bot.id;
    world.pin(chat, id, by, params.flag("disable_notification"));
    Ok(truth())
}

pub(super) fn unpin_chat_message(world: &mut World, params: &mut Params) -> Answer {
    let chat = world.find_chat(&params.chat()?)?;
    may_pin(world, chat)?;
    let newest = world
        .chats
        .get(&chat)
        .and_then(|chat| chat.pinned.last().copied());
    let id = params
        .integer("message_id")
        .or(newest)
        .ok_or_else(|| ApiError::bad("message to unpin not found"))?;
    let exists = world
        .chats
        .get(&chat)
        .is_some_and(|chat| chat.messages.contains_key(&id));
    if !world.unpin(chat, id) && !exists {
        return Err(ApiError::bad("message to unpin not found"));
    }
    Ok(truth())
}

pub(super) fn unpin_all_chat_messages(world: &mut World, params: &mut Params) -> Answer {
    let chat = world.find_chat(&params.chat()?)?;
    may_pin(world, chat)?;
    for id in world
        .chats
        .get(&chat)
        .map(|chat| chat.pinned.clone())
        .unwrap_or_default()
    {
        world.unpin(chat, id);
    }
    Ok(truth())
}
