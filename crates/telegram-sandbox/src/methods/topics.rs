//! Forum topics.

use serde_json::json;

use super::{Answer, truth};
use crate::api_error::ApiError;
use crate::model::MessageId;
use crate::params::Params;
use crate::world::World;

const NAME: usize = 128;
const COLORS: [i64; 6] = [
    7_322_096, 16_766_590, 13_338_331, 9_367_192, 16_749_490, 16_478_047,
];

/// A forum in which the bot may manage topics; `verb` completes the refusal.
fn forum(world: &World, params: &Params, verb: &str) -> Result<i64, ApiError> {
    let chat = world.find_chat(&params.chat()?)?;
    if !world
        .chats
        .get(&chat)
        .is_some_and(crate::model::Chat::is_forum)
    {
        return Err(ApiError::bad("the chat is not a forum"));
    }
    if !world.bot_rights(chat).can_manage_topics {
        return Err(ApiError::bad(format!("not enough rights to {verb}")));
    }
    Ok(chat)
}

fn topic(world: &World, chat: i64, params: &Params) -> Result<MessageId, ApiError> {
    let id = params.integer("message_thread_id").unwrap_or(0);
    let known = world
        .chats
        .get(&chat)
        .is_some_and(|chat| chat.topics.contains_key(&id));
    if known {
        Ok(id)
    } else {
        Err(ApiError::bad("message thread not found"))
    }
}

fn name(params: &Params) -> Result<String, ApiError> {
    let name = params.text("name").unwrap_or_default().trim().to_owned();
    if name.is_empty() {
        return Err(ApiError::bad("topic name must be non-empty"));
    }
    if name.chars().count() > NAME {
        return Err(ApiError::bad("topic name is too long"));
    }
    Ok(name)
}

pub(super) fn create_forum_topic(world: &mut World, params: &mut Params) -> Answer {
    let chat = forum(world, params, "create a topic")?;
    let name = name(params)?;
    let color = params.integer("icon_color").unwrap_or(COLORS[0]);
    if !COLORS.contains(&color) {
        return Err(ApiError::bad("invalid icon color specified"));
    }
    let now = world.clock.now();
    world.limits.take(chat, now).map_err(ApiError::too_many)?;
    let by = world.bot.id;
    let id = world.create_topic(chat, &name, by, color);
    Ok(json!({"message_thread_id": id, "name": name, "icon_color": color}).to_string())
}

pub(super) fn edit_forum_topic(world: &mut World, params: &mut Params) -> Answer {
    let chat = forum(world, params, "edit the topic")?;
    let id = topic(world, chat, params)?;
    if params.text("name").is_none_or(|name| name.is_empty()) {
        return Ok(truth());
    }
    let name = name(params)?;
    let by = world.bot.id;
    let Some(topic) = world.chat_mut(chat).topics.get_mut(&id) else {
        return Err(ApiError::internal());
    };
    if topic.name == name {
        return Err(ApiError::bad("TOPIC_NOT_MODIFIED"));
    }
    topic.name.clone_from(&name);
    world.news.chat(chat);
    world.service(
        chat,
        by,
        "forum_topic_edited",
        json!({"name": name}),
        Some(id),
        false,
    );
    Ok(truth())
}

pub(super) fn close_forum_topic(world: &mut World, params: &mut Params) -> Answer {
    set_closed(world, params, true)
}

pub(super) fn reopen_forum_topic(world: &mut World, params: &mut Params) -> Answer {
    set_closed(world, params, false)
}

fn set_closed(world: &mut World, params: &Params, closed: bool) -> Answer {
    let chat = forum(world, params, "edit the topic")?;
    let id = topic(world, chat, params)?;
    let already = world
        .chats
        .get(&chat)
        .and_then(|chat| chat.topics.get(&id))
        .is_some_and(|topic| topic.closed == closed);
    if already {
        return Err(ApiError::bad("TOPIC_NOT_MODIFIED"));
    }
    let by = world.bot.id;
    world.close_topic(chat, id, closed, by);
    Ok(truth())
}

pub(super) fn delete_forum_topic(world: &mut World, params: &mut Params) -> Answer {
    let chat = forum(world, params, "delete the topic")?;
    let id = topic(world, chat, params)?;
    world.delete_topic(chat, id);
    Ok(truth())
}
