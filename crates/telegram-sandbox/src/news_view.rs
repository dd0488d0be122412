//! Changes as the chat page gets them.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::entry::entry;
use crate::model::{Chat, User};
use crate::news::Change;
use crate::world::World;

/// One event as JSON text; `None` if what changed is gone again.
pub(crate) fn event(world: &World, change: &Change) -> Option<Arc<str>> {
    let value = match change {
        Change::Message { chat, id } => {
            let place = world.chats.get(chat)?;
            json!({"type": "message", "chat": chat, "message": entry(world, place, place.messages.get(id)?)})
        }
        Change::Deleted { chat, id } => json!({"type": "deleted", "chat": chat, "message_id": id}),
        Change::Chat { id } => {
            json!({"type": "chat", "chat": chat_summary(world, world.chats.get(id)?)})
        }
        Change::User { id } => json!({"type": "user", "user": user_summary(world.user(*id)?)}),
        Change::Toast { callback } => {
            let press = world.callbacks.get(callback)?;
            let toast = press.toast.as_ref()?;
            json!({
                "type": "toast", "callback_id": callback, "chat": press.chat, "user": press.user, "message_id": press.message,
                "text": toast.text, "show_alert": toast.show_alert, "url": toast.url,
            })
        }
        Change::Typing { chat, thread } => {
            json!({"type": "typing", "chat": chat, "thread": thread})
        }
    };
    Some(value.to_string().into())
}

/// A person for the page.
pub(crate) fn user_summary(user: &User) -> Value {
    json!({"id": user.id, "name": user.full_name(), "first_name": user.first_name, "username": user.username, "language_code": user.language_code, "is_bot": user.is_bot})
}

/// A chat for the page.
pub(crate) fn chat_summary(world: &World, chat: &Chat) -> Value {
    let members: Vec<Value> = chat
        .members
        .iter()
        .map(|(id, standing)| json!({"user": id, "name": world.user_name(*id), "status": standing.name()}))
        .collect();
    let topics: Vec<Value> = chat
        .topics
        .iter()
        .map(|(id, topic)| json!({"thread": id, "name": topic.name, "closed": topic.closed}))
        .collect();
    json!({
        "id": chat.id, "type": chat.type_name(), "title": chat.title, "username": chat.username(), "is_forum": chat.is_forum(),
        "members": members, "bot": chat.standing(world.bot.id).name(), "topics": topics, "pinned": chat.pinned,
        "reactions_allowed": chat.reactions_allowed, "migrated_to": chat.migrated_to, "started": chat.started, "blocked": chat.blocked,
        "last_message_id": chat.last_id,
    })
}
