//! What happens in chats, with the updates and grey lines that Telegram makes of it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Callback, KEPT_CALLBACKS, StoredFile, World};
use crate::model::{CallbackId, MessageId, Msg, Service, Standing, Topic, User, UserId};
use crate::view::{MessageView, chat_view, member_view};

impl World {
    /// Changes somebody's standing, with the updates that Telegram sends about it.
    pub fn set_standing(&mut self, chat_id: i64, user_id: UserId, new: Standing, by: UserId) {
        let old = self.chat(chat_id).standing(user_id);
        self.chat_mut(chat_id).members.insert(user_id, new);
        self.news.chat(chat_id);
        if old == new {
            return;
        }
        let about_bot = user_id == self.bot.id;
        let bot_is_admin = self.chat(chat_id).standing(self.bot.id).admin();
        let chat = self.chat(chat_id);
        let (Some(user), Some(actor)) = (self.user(user_id), self.user(by)) else {
            return;
        };
        let value = json!({
            "chat": chat_view(chat, self.user(chat_id)),
            "from": actor.render(),
            "date": self.clock.unix(),
            "old_chat_member": member_view(chat, user, old),
            "new_chat_member": member_view(chat, user, new),
        });
        if about_bot {
            self.tell_value("my_chat_member", &value);
        } else if bot_is_admin {
            self.tell_value("chat_member", &value);
        }
        if self.chat(chat_id).is_private() {
            return;
        }
        let subject = self.user(user_id).map(User::render).unwrap_or_default();
        if !old.inside() && new.inside() {
            self.service(
                chat_id,
                by,
                "new_chat_members",
                json!([subject]),
                None,
                false,
            );
        } else if old.inside() && !new.inside() {
            self.service(
                chat_id,
                by,
                "left_chat_member",
                Value::Object(subject),
                None,
                false,
            );
        }
    }

    // --- topics, pins ---

    pub fn create_topic(&mut self, chat: i64, name: &str, by: UserId, color: i64) -> MessageId {
        let value = json!({"name": name, "icon_color": color});
        let msg = Msg {
            from: Some(by),
            service: Some(Service {
                kind: "forum_topic_created",
                value,
            }),
            ..Msg::default()
        };
        let id = self.store(chat, msg);
        let place = self.chat_mut(chat);
        if let Some(msg) = place.messages.get_mut(&id) {
            msg.thread = Some(id);
        }
        place.topics.insert(
            id,
            Topic {
                name: name.to_owned(),
                closed: false,
            },
        );
        self.news.chat(chat);
        self.tell(chat, id, "message");
        id
    }

    pub fn close_topic(&mut self, chat: i64, topic: MessageId, closed: bool, by: UserId) {
        if let Some(topic) = self.chat_mut(chat).topics.get_mut(&topic) {
            topic.closed = closed;
        }
        self.news.chat(chat);
        let kind = if closed {
            "forum_topic_closed"
        } else {
            "forum_topic_reopened"
        };
        self.service(chat, by, kind, json!({}), Some(topic), false);
    }

    /// Deletes a topic with everything in it.
    pub fn delete_topic(&mut self, chat: i64, topic: MessageId) {
        let place = self.chat_mut(chat);
        place.topics.remove(&topic);
        let gone: Vec<MessageId> = place
            .messages
            .values()
            .filter(|msg| msg.thread == Some(topic))
            .map(|msg| msg.id)
            .collect();
        for id in gone {
            self.delete_message(chat, id);
        }
        self.news.chat(chat);
    }

    pub fn delete_message(&mut self, chat: i64, id: MessageId) -> bool {
        let place = self.chat_mut(chat);
        let existed = place.messages.remove(&id).is_some();
        place.pinned.retain(|pinned| *pinned != id);
        if existed {
            self.news.deleted(chat, id);
        }
        existed
    }

    /// Pins a message; Telegram writes a grey line about it, even if nobody is notified.
    pub fn pin(&mut self, chat: i64, id: MessageId, by: UserId, silent: bool) {
        let place = self.chat_mut(chat);
        if place.pinned.last() == Some(&id) {
            return;
        }
        place.pinned.retain(|pinned| *pinned != id);
        place.pinned.push(id);
        let place = self.chat(chat);
        let Some(msg) = place.messages.get(&id) else {
            return;
        };
        let thread = msg.thread;
        let view = MessageView {
            world: self,
            chat: place,
            msg,
            with_reply: false,
        };
        let value = serde_json::to_value(view).unwrap_or_default();
        self.news.chat(chat);
        self.news.message(chat, id);
        self.service(chat, by, "pinned_message", value, thread, silent);
    }

    pub fn unpin(&mut self, chat: i64, id: MessageId) -> bool {
        let place = self.chat_mut(chat);
        let before = place.pinned.len();
        place.pinned.retain(|pinned| *pinned != id);
        let gone = place.pinned.len() < before;
        self.news.chat(chat);
        self.news.message(chat, id);
        gone
    }

    // --- presses, files ---

    pub fn press(
        &mut self,
        chat_id: i64,
        user: UserId,
        message: MessageId,
        data: &str,
    ) -> CallbackId {
        let id = (4_000_000_000_000_000_000 + self.next_callback).to_string();
        self.next_callback += 1;
        let now = self.clock.now();
        self.callbacks.insert(
            id.clone(),
            Callback {
                chat: chat_id,
                user,
                message,
                at: now,
                toast: None,
            },
        );
        self.callback_order.push_back(id.clone());
        if self.callback_order.len() > KEPT_CALLBACKS
            && let Some(old) = self.callback_order.pop_front()
        {
            self.callbacks.remove(&old);
        }
        let chat = self.chat(chat_id);
        let message = match chat.messages.get(&message) {
            Some(msg) => MessageView::new(self, chat, msg).json(),
            None => format!(
                "{{\"chat\":{},\"message_id\":{message},\"date\":0}}",
                chat.json
            ),
        };
        let from = self.user(user).map_or("null", |user| user.json.get());
        let data = Value::from(data);
        let json = format!(
            "{{\"id\":\"{id}\",\"from\":{from},\"message\":{message},\"chat_instance\":\"{}\",\"data\":{data}}}",
            chat_id.unsigned_abs()
        );
        if self.queue.wants("callback_query") {
            self.queue.push("callback_query", &json, now);
        }
        id
    }

    pub fn store_file(&mut self, name: &str, bytes: Vec<u8>) -> String {
        let id = format!("BQACAgIAAxkBAAF{:06}", self.next_file);
        self.next_file += 1;
        self.files.insert(
            id.clone(),
            StoredFile {
                name: name.to_owned(),
                bytes: Arc::new(bytes),
            },
        );
        id
    }
}
