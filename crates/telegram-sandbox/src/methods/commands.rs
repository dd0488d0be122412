//! The bot's list of commands and its names.

use serde_json::{Value, json};

use super::{Answer, truth};
use crate::api_error::ApiError;
use crate::params::Params;
use crate::world::World;

const COMMANDS: usize = 100;

/// Scope and language as one key; the scope is checked as the server does.
fn key(world: &World, params: &Params) -> Result<(String, String), ApiError> {
    let language = params.text("language_code").unwrap_or_default();
    let two_letters = language.len() == 2 && language.chars().all(|c| c.is_ascii_lowercase());
    if !language.is_empty() && !two_letters {
        return Err(ApiError::bad("invalid language code specified"));
    }
    let Some(scope) = params.nested("scope")? else {
        return Ok(("default".to_owned(), language));
    };
    let kind = scope
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let chat = || -> Result<i64, ApiError> {
        let holder = Params {
            map: scope.as_object().cloned().unwrap_or_default(),
            ..Params::default()
        };
        world.find_chat(&holder.chat()?)
    };
    let scope = match kind {
        "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => {
            kind.to_owned()
        }
        "chat" | "chat_administrators" => format!("{kind} {}", chat()?),
        "chat_member" => {
            let user = scope
                .get("user_id")
                .and_then(Value::as_i64)
                .ok_or_else(|| ApiError::bad("invalid user_id specified"))?;
            format!("{kind} {} {user}", chat()?)
        }
        _ => return Err(ApiError::bad("unsupported type specified")),
    };
    Ok((scope, language))
}

fn check(commands: &Value) -> Result<(), ApiError> {
    let Value::Array(list) = commands else {
        return Err(ApiError::bad("expected an Array of BotCommand"));
    };
    if list.len() > COMMANDS {
        return Err(ApiError::bad("BOT_COMMANDS_TOO_MUCH"));
    }
    for command in list {
        let text = |name: &str| {
            command
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let name = text("command").trim_start_matches('/');
        let well_formed = name
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        if !(1..=32).contains(&name.len()) || !well_formed {
            return Err(ApiError::bad("BOT_COMMAND_INVALID"));
        }
        if !(1..=256).contains(&text("description").chars().count()) {
            return Err(ApiError::bad("BOT_COMMAND_DESCRIPTION_INVALID"));
        }
    }
    Ok(())
}

pub(super) fn set_my_commands(world: &mut World, params: &mut Params) -> Answer {
    let key = key(world, params)?;
    let commands = params
        .nested("commands")?
        .ok_or_else(|| ApiError::bad("parameter \"commands\" is required"))?;
    check(&commands)?;
    world.commands.insert(key, commands);
    Ok(truth())
}

pub(super) fn delete_my_commands(world: &mut World, params: &mut Params) -> Answer {
    let key = key(world, params)?;
    world.commands.remove(&key);
    Ok(truth())
}

pub(super) fn get_my_commands(world: &mut World, params: &mut Params) -> Answer {
    let key = key(world, params)?;
    Ok(world
        .commands
        .get(&key)
        .map_or_else(|| "[]".to_owned(), Value::to_string))
}

pub(super) fn get_my_name(world: &mut World, _: &mut Params) -> Answer {
    Ok(json!({"name": world.bot.first_name}).to_string())
}

pub(super) fn get_my_description(_: &mut World, _: &mut Params) -> Answer {
    Ok(json!({"description": ""}).to_string())
}

pub(super) fn get_my_short_description(_: &mut World, _: &mut Params) -> Answer {
    Ok(json!({"short_description": ""}).to_string())
}
