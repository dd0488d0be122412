//! Questions about the bot, chats and their members.

use serde_json::{Value, json};

use super::{Answer, truth};
use crate::api_error::ApiError;
use crate::model::Standing;
use crate::params::Params;
use crate::view::{chat_full_view, member_view};
use crate::world::World;

pub(super) fn get_me(world: &mut World, _: &mut Params) -> Answer {
    let mut me = world.bot.render();
    let abilities = [
        ("can_join_groups", true),
        ("can_read_all_group_messages", !world.privacy),
        ("supports_inline_queries", false),
        ("can_connect_to_business", false),
        ("has_main_web_app", false),
        ("has_topics_enabled", false),
        ("allows_users_to_create_topics", false),
    ];
    for (name, value) in abilities {
        me.insert(name.to_owned(), value.into());
    }
    Ok(Value::Object(me).to_string())
}

pub(super) fn get_chat(world: &mut World, params: &mut Params) -> Answer {
    let id = world.find_chat(&params.chat()?)?;
    let chat = world.chats.get(&id).ok_or_else(ApiError::internal)?;
    Ok(Value::Object(chat_full_view(world, chat)).to_string())
}

pub(super) fn get_chat_member(world: &mut World, params: &mut Params) -> Answer {
    let id = world.find_chat(&params.chat()?)?;
    let user = params
        .integer("user_id")
        .ok_or_else(|| ApiError::bad("invalid user_id specified"))?;
    let user = world
        .user(user)
        .ok_or_else(|| ApiError::bad("user not found"))?;
    let chat = world.chats.get(&id).ok_or_else(ApiError::internal)?;
    Ok(Value::Object(member_view(chat, user, chat.standing(user.id))).to_string())
}

pub(super) fn get_chat_administrators(world: &mut World, params: &mut Params) -> Answer {
    let id = world.find_chat(&params.chat()?)?;
    let chat = world.chats.get(&id).ok_or_else(ApiError::internal)?;
    if chat.is_private() {
        return Err(ApiError::bad(
            "there are no administrators in the private chat",
        ));
    }
    let with_bots = params.flag("return_bots");
    let list: Vec<Value> = chat
        .members
        .iter()
        .filter(|(_, standing)| standing.admin())
        .filter_map(|(id, standing)| Some((world.user(*id)?, *standing)))
        .filter(|(user, _)| !user.is_bot || with_bots || user.id == world.bot.id)
        .map(|(user, standing)| Value::Object(member_view(chat, user, standing)))
        .collect();
    Ok(json!(list).to_string())
}

pub(super) fn get_chat_member_count(world: &mut World, params: &mut Params) -> Answer {
    let id = world.find_chat(&params.chat()?)?;
    let chat = world.chats.get(&id).ok_or_else(ApiError::internal)?;
    Ok(json!(
        chat.members
            .values()
            .filter(|standing| standing.inside())
            .count()
    )
    .to_string())
}

pub(super) fn leave_chat(world: &mut World, params: &mut Params) -> Answer {
    let id = world.find_chat(&params.chat()?)?;
    if id > 0 {
        return Err(ApiError::bad(
            "chat member status can't be changed in private chats",
        ));
    }
    let bot = world.bot.id;
    world.set_standing(id, bot, Standing::Left, bot);
    Ok(truth())
}
