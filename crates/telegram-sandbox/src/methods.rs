//! The Bot API's methods, one function each: parameters in, JSON text or an error out.

#![expect(clippy::unnecessary_wraps, reason = "all methods have one signature")]

mod callbacks;
mod chats;
mod commands;
mod edits;
mod files;
mod intake;
mod keyboards;
mod messages;
mod topics;

pub(crate) use files::{UPLOAD, file_path};
pub(crate) use intake::allowed_updates;

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::api_error::ApiError;
use crate::params::Params;
use crate::world::World;

/// A result as JSON text.
pub(crate) type Answer = Result<String, ApiError>;
type Method = fn(&mut World, &mut Params) -> Answer;

/// Every method except `getUpdates`, which waits and therefore lives in the server.
const METHODS: &[(&str, Method)] = &[
    ("answerCallbackQuery", callbacks::answer_callback_query),
    ("close", intake::yes),
    ("closeForumTopic", topics::close_forum_topic),
    ("createForumTopic", topics::create_forum_topic),
    ("deleteForumTopic", topics::delete_forum_topic),
    ("deleteMessage", edits::delete_message),
    ("deleteMessages", edits::delete_messages),
    ("deleteMyCommands", commands::delete_my_commands),
    ("deleteWebhook", intake::delete_webhook),
    ("editForumTopic", topics::edit_forum_topic),
    ("editMessageCaption", edits::edit_message_caption),
    ("editMessageReplyMarkup", edits::edit_message_reply_markup),
    ("editMessageText", edits::edit_message_text),
    ("getChat", chats::get_chat),
    ("getChatAdministrators", chats::get_chat_administrators),
    ("getChatMember", chats::get_chat_member),
    ("getChatMemberCount", chats::get_chat_member_count),
    ("getFile", files::get_file),
    ("getForumTopicIconStickers", intake::nothing),
    ("getMe", chats::get_me),
    ("getMyCommands", commands::get_my_commands),
    ("getMyDescription", commands::get_my_description),
    ("getMyName", commands::get_my_name),
    ("getMyShortDescription", commands::get_my_short_description),
    ("getWebhookInfo", intake::get_webhook_info),
    ("leaveChat", chats::leave_chat),
    ("logOut", intake::yes),
    ("pinChatMessage", edits::pin_chat_message),
    ("reopenForumTopic", topics::reopen_forum_topic),
    ("sendChatAction", messages::send_chat_action),
    ("sendDocument", files::send_document),
    ("sendMessage", messages::send_message),
    ("sendPhoto", files::send_photo),
    ("setMessageReaction", callbacks::set_message_reaction),
    ("setMyCommands", commands::set_my_commands),
    ("setMyDefaultAdministratorRights", intake::yes),
    ("setMyDescription", intake::yes),
    ("setMyName", intake::yes),
    ("setMyShortDescription", intake::yes),
    ("setWebhook", intake::set_webhook),
    ("unpinAllChatMessages", edits::unpin_all_chat_messages),
    ("unpinChatMessage", edits::unpin_chat_message),
];

static BY_NAME: LazyLock<HashMap<String, (&'static str, Method)>> = LazyLock::new(|| {
    METHODS
        .iter()
        .map(|(name, method)| (name.to_ascii_lowercase(), (*name, *method)))
        .collect()
});

/// The documented spelling of a method that came in any letter case.
pub(crate) fn canonical(name: &str) -> Option<&'static str> {
    if name.eq_ignore_ascii_case("getUpdates") {
        return Some("getUpdates");
    }
    BY_NAME
        .get(&name.to_ascii_lowercase())
        .map(|(name, _)| *name)
}

/// Runs a method.
pub(crate) fn call(world: &mut World, method: &str, params: &mut Params) -> Answer {
    match BY_NAME.get(&method.to_ascii_lowercase()) {
        Some((_, run)) => run(world, params),
        None => Err(ApiError::not_found("method not found")),
    }
}

/// The answer of methods that only say yes.
const TRUE: &str = "true";

fn truth() -> String {
    TRUE.to_owned()
}
