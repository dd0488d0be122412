//! Answers to presses, and reactions.

use std::time::Duration;

use serde_json::Value;

use super::{Answer, truth};
use crate::Toast;
use crate::api_error::ApiError;
use crate::entities::utf16_len;
use crate::params::Params;
use crate::world::World;

const LIFE: Duration = Duration::from_secs(150);
const ANSWER: usize = 200;
const TOO_OLD: &str = "query is too old and response timeout expired or query ID is invalid";

/// The reactions that Telegram knows; a bot may set no others.
const REACTIONS: &str = "❤ 👍 👎 🔥 🥰 👏 😁 🤔 🤯 😱 🤬 😢 🎉 🤩 🤮 💩 🙏 👌 🕊 🤡 🥱 🥴 😍 🐳 ❤‍🔥 🌚 🌭 💯 🤣 ⚡ 🍌 🏆 💔 🤨 😐 🍓 🍾 💋 🖕 😈 😴 😭 🤓 👻 👨‍💻 👀 🎃 🙈 😇 😨 🤝 ✍ 🤗 🫡 🎅 🎄 ☃ 💅 🤪 🗿 🆒 💘 🙉 🦄 😘 💊 🙊 😎 👾 🤷‍♂ 🤷 🤷‍♀ 😡";

pub(super) fn answer_callback_query(world: &mut World, params: &mut Params) -> Answer {
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").unwrap_or_default();
    if utf16_len(&text) > ANSWER {
        return Err(ApiError::bad("MESSAGE_TOO_LONG"));
    }
    let now = world.clock.now();
    let callback = world
        .callbacks
        .get_mut(&id)
        .ok_or_else(|| ApiError::bad(TOO_OLD))?;
    if callback.toast.is_some() || now.saturating_sub(callback.at) > LIFE {
        return Err(ApiError::bad(TOO_OLD));
    }
    callback.toast = Some(Toast {
        text,
        show_alert: params.flag("show_alert"),
        url: params.text("url").filter(|url| !url.is_empty()),
    });
    world.news.toast(&id);
    Ok(truth())
}

pub(super) fn set_message_reaction(world: &mut World, params: &mut Params) -> Answer {
    let chat = world.find_chat(&params.chat()?)?;
    let id = params.integer("message_id").unwrap_or(0);
    let place = world.chats.get(&chat).ok_or_else(ApiError::internal)?;
    let msg = place
        .messages
        .get(&id)
        .ok_or_else(|| ApiError::bad("message to react not found"))?;
    if msg.is_service() {
        return Err(ApiError::bad("MESSAGE_ID_INVALID"));
    }
    let allowed = place.reactions_allowed;
    let list = match params.nested("reaction")? {
        None => Vec::new(),
        Some(Value::Array(list)) => list,
        Some(_) => return Err(ApiError::bad("expected an Array of ReactionType")),
    };
    if list.len() > 1 {
        return Err(ApiError::bad("REACTIONS_TOO_MANY"));
    }
    let mut emojis = Vec::new();
    for reaction in list {
        let emoji = reaction
            .get("emoji")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .replace('\u{fe0f}', "");
        let known = reaction.get("type").and_then(Value::as_str) == Some("emoji")
            && REACTIONS.split(' ').any(|other| other == emoji);
        if !known || !allowed {
            return Err(ApiError::bad("REACTION_INVALID"));
        }
        emojis.push(emoji);
    }
    let bot = world.bot.id;
    if let Some(msg) = world.chat_mut(chat).messages.get_mut(&id) {
        msg.reactions.retain(|(user, _)| *user != bot);
        msg.reactions
            .extend(emojis.into_iter().map(|emoji| (bot, emoji)));
    }
    world.news.message(chat, id);
    Ok(truth())
}
