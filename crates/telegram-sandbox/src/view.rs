//! How the world looks to the bot: objects of the Bot API, written straight to JSON.

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::model::{Chat, Media, Msg, Rights, Standing, User};
use crate::world::World;

/// A `Message` object.
pub(crate) struct MessageView<'a> {
    pub world: &'a World,
    pub chat: &'a Chat,
    pub msg: &'a Msg,
    /// Whether to carry the message replied to; Telegram nests one level only.
    pub with_reply: bool,
}

impl<'a> MessageView<'a> {
    pub fn new(world: &'a World, chat: &'a Chat, msg: &'a Msg) -> Self {
        Self {
            world,
            chat,
            msg,
            with_reply: true,
        }
    }

    pub fn json(&self) -> String {
        serde_json::to_string(self).expect("plain data serialises")
    }
}

impl Serialize for MessageView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self {
            world, chat, msg, ..
        } = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("message_id", &msg.id)?;
        if let Some(user) = msg.from.and_then(|id| world.user(id)) {
            map.serialize_entry("from", &user.json)?;
        }
        map.serialize_entry("chat", &chat.json)?;
        map.serialize_entry("date", &msg.date)?;
        if let Some(date) = msg.edit_date {
            map.serialize_entry("edit_date", &date)?;
        }
        if let Some(thread) = msg.thread {
            map.serialize_entry("message_thread_id", &thread)?;
            map.serialize_entry("is_topic_message", &true)?;
        }
        // In a topic a message that replies to nothing replies to the message that opened the topic.
        let reply = msg
            .reply_to
            .or(msg.thread.filter(|thread| *thread != msg.id));
        if self.with_reply
            && let Some(replied) = reply.and_then(|id| chat.messages.get(&id))
        {
            map.serialize_entry(
                "reply_to_message",
                &MessageView {
                    world,
                    chat,
                    msg: replied,
                    with_reply: false,
                },
            )?;
        }
        content(&mut map, msg)?;
        if let Some(service) = &msg.service {
            let hidden = service.kind == "pinned_message" && !self.with_reply;
            if !hidden {
                map.serialize_entry(service.kind, &service.value)?;
            }
        }
        for (name, value) in &msg.extra {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn content<M: SerializeMap>(map: &mut M, msg: &Msg) -> Result<(), M::Error> {
    let content = &msg.content;
    let (text, entities) = match &content.media {
        None => ("text", "entities"),
        Some(media) => {
            if media.photo {
                map.serialize_entry("photo", &[photo_view(media)])?;
            } else {
                map.serialize_entry("document", &document_view(media))?;
            }
            ("caption", "caption_entities")
        }
    };
    if !content.text.is_empty() {
        map.serialize_entry(text, &content.text)?;
        if !content.entities.is_empty() {
            map.serialize_entry(entities, &content.entities)?;
        }
    }
    if let Some(keyboard) = &content.keyboard {
        map.serialize_entry(
            "reply_markup",
            &std::collections::BTreeMap::from([("inline_keyboard", keyboard)]),
        )?;
    }
    Ok(())
}

fn unique(media: &Media) -> String {
    format!("U{}", media.file_id)
}

fn photo_view(media: &Media) -> Value {
    json!({"file_id": media.file_id, "file_unique_id": unique(media), "width": 1280, "height": 720, "file_size": media.size})
}

fn document_view(media: &Media) -> Value {
    json!({
        "file_id": media.file_id, "file_unique_id": unique(media), "file_name": media.name,
        "mime_type": mime_type(&media.name), "file_size": media.size,
    })
}

/// A media type by the name's ending.
pub(crate) fn mime_type(name: &str) -> &'static str {
    let ending = name
        .rsplit_once('.')
        .map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("txt" | "log") => "text/plain",
        Some("md") => "text/markdown",
        Some("html" | "htm") => "text/html",
        Some("json") => "application/json",
        Some("pdf") => "application/pdf",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("zip") => "application/zip",
        Some("csv") => "text/csv",
        _ => "application/octet-stream",
    }
}

/// The short `Chat` object.
pub(crate) fn chat_view(chat: &Chat, user: Option<&User>) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("id".into(), chat.id.into());
    map.insert("type".into(), chat.type_name().into());
    if let Some(user) = user.filter(|_| chat.is_private()) {
        map.insert("first_name".into(), user.first_name.clone().into());
        for (name, value) in [("last_name", &user.last_name), ("username", &user.username)] {
            if let Some(value) = value {
                map.insert(name.into(), value.clone().into());
            }
        }
        return map;
    }
    map.insert("title".into(), chat.title.clone().into());
    if let Some(username) = chat.username() {
        map.insert("username".into(), username.into());
    }
    if chat.is_forum() {
        map.insert("is_forum".into(), true.into());
    }
    map
}

/// A `ChatFullInfo` object.
pub(crate) fn chat_full_view(world: &World, chat: &Chat) -> Map<String, Value> {
    let mut map = chat_view(chat, world.user(chat.id));
    map.insert("accent_color_id".into(), 0.into());
    map.insert("max_reaction_count".into(), 11.into());
    let gifts = json!({"unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false, "gifts_from_channels": false});
    map.insert("accepted_gift_types".into(), gifts);
    if let Some(username) = map.get("username").cloned() {
        map.insert("active_usernames".into(), json!([username]));
    }
    if !chat.is_private() {
        map.insert("permissions".into(), json!({"can_send_messages": chat.writing_allowed, "can_pin_messages": false, "can_manage_topics": false}));
        if !chat.reactions_allowed {
            map.insert("available_reactions".into(), json!([]));
        }
    }
    if let Some(pinned) = chat.pinned.last().and_then(|id| chat.messages.get(id)) {
        let view = MessageView {
            world,
            chat,
            msg: pinned,
            with_reply: false,
        };
        map.insert(
            "pinned_message".into(),
            serde_json::to_value(view).unwrap_or_default(),
        );
    }
    map
}

/// A `ChatMember` object.
pub(crate) fn member_view(chat: &Chat, user: &User, standing: Standing) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("status".into(), standing.name().into());
    map.insert("user".into(), Value::Object(user.render()));
    match standing {
        Standing::Creator => {
            map.insert("is_anonymous".into(), false.into());
        }
        Standing::Admin(rights) => rights_view(&mut map, chat, rights),
        Standing::Kicked => {
            map.insert("until_date".into(), 0.into());
        }
        Standing::Member | Standing::Left => {}
    }
    map
}

fn rights_view(map: &mut Map<String, Value>, chat: &Chat, rights: Rights) {
    let mut set = |name: &str, value: bool| {
        map.insert(name.to_owned(), Value::Bool(value));
    };
    set("can_be_edited", false);
    set("is_anonymous", rights.is_anonymous);
    set("can_manage_chat", true);
    set("can_delete_messages", rights.can_delete_messages);
    set("can_manage_video_chats", false);
    set("can_restrict_members", rights.can_restrict_members);
    set("can_promote_members", rights.can_promote_members);
    set("can_change_info", rights.can_change_info);
    set("can_invite_users", rights.can_invite_users);
    set("can_post_stories", false);
    set("can_edit_stories", false);
    set("can_delete_stories", false);
    set("can_send_welcome_messages", false);
    set("can_pin_messages", rights.can_pin_messages);
    if chat.is_forum() {
        set("can_manage_topics", rights.can_manage_topics);
    }
}
