//! What people do: write, edit, press, react.

use serde_json::{Map, Value, json};

use super::chats::{ANONYMOUS_ADMIN, CHANNEL_BOT, TELEGRAM};
use super::{Control, Say};
use crate::entities::{detect, sort};
use crate::model::{CallbackId, Content, Media, MessageId, Msg, UserId};
use crate::view::chat_view;
use crate::world::World;

impl Control {
    /// A person writes a text.
    pub fn says(&self, chat: i64, user: UserId, text: &str) -> MessageId {
        self.send(chat, user, Say::text(text))
    }

    /// A person sends a message of any kind.
    pub fn send(&self, chat: i64, user: UserId, say: Say) -> MessageId {
        let mut world = self.shared.change();
        if chat == user {
            world.private_chat(user).started = true;
        }
        let chat = world.chat(chat).migrated_to.unwrap_or(chat);
        let extra = marks(&world, chat, user, &say);
        let from = if say.anonymous {
            ANONYMOUS_ADMIN
        } else if say.as_channel.is_some() {
            CHANNEL_BOT
        } else if say.linked_channel.is_some() {
            TELEGRAM
        } else {
            user
        };
        let mut entities = detect(&say.text);
        entities.extend(say.entities);
        sort(&mut entities);
        let media = say.attachment.map(|file| Media {
            photo: file.photo,
            size: file.bytes.len(),
            file_id: world.store_file(&file.name, file.bytes),
            name: file.name,
        });
        let thread = say
            .thread
            .or_else(|| world.chat(chat).messages.get(&say.reply_to?)?.thread);
        let msg = Msg {
            from: Some(from),
            date: say.date.unwrap_or_default(),
            thread,
            reply_to: say.reply_to,
            content: Content {
                text: say.text,
                entities,
                media,
                keyboard: None,
            },
            extra,
            ..Msg::default()
        };
        let id = world.store(chat, msg);
        world.tell(chat, id, "message");
        id
    }

    /// A person edits a message.
    pub fn edit(&self, chat: i64, user: UserId, message: MessageId, text: &str) {
        let mut world = self.shared.change();
        let date = world.clock.unix();
        let Some(msg) = world.chat_mut(chat).messages.get_mut(&message) else {
            return;
        };
        if msg.from != Some(user) {
            return;
        }
        text.clone_into(&mut msg.content.text);
        msg.content.entities = detect(text);
        msg.edit_date = Some(date);
        msg.edits += 1;
        world.news.message(chat, message);
        world.tell(chat, message, "edited_message");
    }

    /// A person's client sends a press. The data is not compared with the message's buttons: hostile clients exist.
    pub fn press(&self, chat: i64, user: UserId, message: MessageId, data: &str) -> CallbackId {
        self.shared.change().press(chat, user, message, data)
    }

    /// A person presses the first button with this label.
    ///
    /// # Errors
    /// There is no such message or no such button, it is disabled, or it sends nothing.
    pub fn press_button(
        &self,
        chat: i64,
        user: UserId,
        message: MessageId,
        label: &str,
    ) -> Result<CallbackId, String> {
        let data = {
            let world = self.shared.lock();
            let msg = world
                .chat(chat)
                .messages
                .get(&message)
                .ok_or_else(|| format!("there is no message {message}"))?;
            let keyboard = msg.content.keyboard.as_deref().unwrap_or_default();
            let button = keyboard
                .iter()
                .flatten()
                .find(|button| button.text == label)
                .ok_or_else(|| {
                    let labels: Vec<&str> = keyboard
                        .iter()
                        .flatten()
                        .map(|button| button.text.as_str())
                        .collect();
                    format!("message {message} has no button “{label}”; it has {labels:?}")
                })?;
            if button.disabled {
                return Err(format!("the button “{label}” is disabled"));
            }
            button
                .callback_data
                .clone()
                .ok_or_else(|| format!("the button “{label}” sends no callback"))?
        };
        Ok(self.press(chat, user, message, &data))
    }

    /// A person sets a reaction instead of an earlier one; an empty emoji takes it away.
    pub fn react(&self, chat: i64, user: UserId, message: MessageId, emoji: &str) {
        let mut world = self.shared.change();
        let date = world.clock.unix();
        let Some(msg) = world.chat_mut(chat).messages.get_mut(&message) else {
            return;
        };
        let list = |reactions: &[(UserId, String)]| -> Vec<Value> {
            reactions
                .iter()
                .filter(|(by, _)| *by == user)
                .map(|(_, emoji)| json!({"type": "emoji", "emoji": emoji}))
                .collect()
        };
        let old = list(&msg.reactions);
        msg.reactions.retain(|(by, _)| *by != user);
        if !emoji.is_empty() {
            msg.reactions.push((user, emoji.to_owned()));
        }
        let new = list(&msg.reactions);
        world.news.message(chat, message);
        let place = world.chat(chat);
        if !place.is_private() && !place.standing(world.bot.id).admin() {
            return;
        }
        let who = world.user(user).map(crate::model::User::render);
        let value = json!({
            "chat": chat_view(place, world.user(chat)), "message_id": message, "date": date, "user": who, "old_reaction": old, "new_reaction": new,
        });
        world.tell_value("message_reaction", &value);
    }

    /// Queues any update, whether the bot asked for its kind or not. The value is the update without its `update_id`.
    pub fn raw_update(&self, update: &Value) -> i64 {
        let members = update.to_string();
        let inside = members
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
            .unwrap_or_default();
        let kind = update
            .as_object()
            .and_then(|map| map.keys().next())
            .cloned()
            .unwrap_or_default();
        let mut world = self.shared.change();
        let now = world.clock.now();
        world.queue.push_raw(&kind, inside, now)
    }

    /// Delivers an update once more under the same id; `false` if it is forgotten.
    pub fn repeat_update(&self, id: i64) -> bool {
        let mut world = self.shared.change();
        let now = world.clock.now();
        world.queue.repeat(id, now)
    }
}

/// The fields that show that a message is not plainly its sender's.
fn marks(world: &World, chat: i64, user: UserId, say: &Say) -> Map<String, Value> {
    let mut extra = Map::new();
    let date = say.date.unwrap_or_else(|| world.clock.unix());
    if say.forwarded {
        extra.insert(
            "forward_origin".into(),
            json!({"type": "hidden_user", "date": date - 60, "sender_user_name": "Somebody Else"}),
        );
    }
    if let Some(name) = &say.via_bot {
        extra.insert(
            "via_bot".into(),
            json!({"id": 93_372_553, "is_bot": true, "first_name": name, "username": name}),
        );
    }
    if say.anonymous {
        extra.insert(
            "sender_chat".into(),
            Value::Object(chat_view(world.chat(chat), world.user(user))),
        );
    }
    let channel =
        |title: &str| json!({"id": -1_001_000_000_777_i64, "type": "channel", "title": title});
    if let Some(title) = &say.as_channel {
        extra.insert("sender_chat".into(), channel(title));
    }
    if let Some(title) = &say.linked_channel {
        extra.insert("sender_chat".into(), channel(title));
        extra.insert("is_automatic_forward".into(), true.into());
        extra.insert(
            "forward_origin".into(),
            json!({"type": "channel", "date": date, "chat": channel(title), "message_id": 1}),
        );
    }
    extra.extend(say.extra.clone());
    extra
}
