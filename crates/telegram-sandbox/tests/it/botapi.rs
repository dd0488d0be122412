//! Compares what the stand-in sends with the published Bot API, where its description is at hand.

use std::path::Path;

use serde_json::{Map, Value, json};
use telegram_sandbox::{ChatKind, Rights, Say};

use crate::bot::scene;

/// The Bot API as data; `None`, said loudly, where the file is not there.
fn api() -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/botapi.json");
    let path = [
        path,
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/botapi.json"),
    ]
    .into_iter()
    .find(|path| path.exists());
    let Some(path) = path else {
        // Past the test runner, which hides what a passing test prints.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"SKIPPED: shared/botapi.json is not beside the workspace, answers are not compared with the Bot API\n",
        );
        return None;
    };
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

struct Checker {
    types: Map<String, Value>,
    mistakes: Vec<String>,
}

impl Checker {
    /// Notes every field that is unknown, missing or of another type; returns whether there was none.
    fn object(&mut self, name: &str, value: &Value, at: &str) -> bool {
        let before = self.mistakes.len();
        let Some(fields) = self
            .types
            .get(name)
            .and_then(|kind| kind["fields"].as_object())
            .cloned()
        else {
            return true;
        };
        let Some(map) = value.as_object() else {
            self.mistakes
                .push(format!("{at}: {name} should be an object, not {value}"));
            return false;
        };
        for (field, rule) in &fields {
            if rule[1] == json!(true) && !map.contains_key(field) {
                self.mistakes.push(format!("{at}: {name} lacks {field}"));
            }
        }
        for (field, value) in map {
            let Some(rule) = fields.get(field) else {
                self.mistakes
                    .push(format!("{at}: {name} has no field {field}"));
                continue;
            };
            let kinds: Vec<String> = rule[0]
                .as_array()
                .unwrap()
                .iter()
                .map(|kind| kind.as_str().unwrap().to_owned())
                .collect();
            self.any(&kinds, value, &format!("{at}.{field}"));
        }
        self.mistakes.len() == before
    }

    /// A value fits if it fits one of the types.
    fn any(&mut self, kinds: &[String], value: &Value, at: &str) {
        let before = self.mistakes.len();
        let mut first = None;
        for kind in kinds {
            self.value(kind, value, at);
            if self.mistakes.len() == before {
                return;
            }
            let found = self.mistakes.split_off(before);
            first = first.or(Some(found));
        }
        self.mistakes.extend(first.unwrap_or_default());
    }

    fn value(&mut self, kind: &str, value: &Value, at: &str) {
        if let Some(inner) = kind.strip_prefix("Array of ") {
            let Some(list) = value.as_array() else {
                self.mistakes
                    .push(format!("{at} should be a list, not {value}"));
                return;
            };
            let kinds: Vec<String> = inner
                .split(", ")
                .flat_map(|part| part.split(" and "))
                .map(str::to_owned)
                .collect();
            for (place, item) in list.iter().enumerate() {
                self.any(&kinds, item, &format!("{at}[{place}]"));
            }
            return;
        }
        let fits = match kind {
            "Integer" => value.is_i64() || value.is_u64(),
            "String" => {
                value.is_string() || (at.rsplit('.').next() == Some("date") && value.is_i64())
            }
            "Boolean" => value.is_boolean(),
            "Float" => value.is_number(),
            _ => {
                self.object(kind, value, at);
                return;
            }
        };
        if !fits {
            self.mistakes
                .push(format!("{at} should be {kind}, not {value}"));
        }
    }
}

#[tokio::test]
async fn updates_and_answers_have_the_published_shape() {
    let Some(api) = api() else { return };
    let mut checker = Checker {
        types: api["types"].as_object().unwrap().clone(),
        mistakes: Vec::new(),
    };
    let scene = scene().await;
    let wanted = json!([
        "message",
        "edited_message",
        "callback_query",
        "my_chat_member",
        "chat_member",
        "message_reaction"
    ]);
    scene
        .bot
        .ok("getUpdates", json!({"allowed_updates": wanted}))
        .await;
    let (forum, alice) = scene.room(ChatKind::Forum, Some(Rights::ALL));
    let (group, _) = scene.room(ChatKind::Group, None);
    let bob = scene.person("Bob");
    let control = &scene.control;
    control.join(forum, bob);
    control.promote(forum, bob, Rights::ALL);
    let topic = scene
        .bot
        .ok("createForumTopic", json!({"chat_id": forum, "name": "SEC"}))
        .await;
    checker.object("ForumTopic", &topic, "createForumTopic");
    let thread = topic["message_thread_id"].as_i64().unwrap();
    scene
        .bot
        .ok(
            "editForumTopic",
            json!({"chat_id": forum, "message_thread_id": thread, "name": "SEC 2"}),
        )
        .await;
    scene
        .bot
        .ok(
            "closeForumTopic",
            json!({"chat_id": forum, "message_thread_id": thread}),
        )
        .await;
    let keyboard = json!({"inline_keyboard": [[{"text": "a", "callback_data": "a", "style": "danger", "disabled": {}}, {"text": "c", "copy_text": {"text": "x"}}]]});
    let text = "<b>x</b> <tg-time unix=\"5\" format=\"t\">y</tg-time> @bob <a href=\"tg://user?id=1000001\">z</a>";
    let params = json!({"chat_id": forum, "message_thread_id": thread, "text": text, "parse_mode": "HTML", "reply_markup": keyboard, "protect_content": true});
    let card = scene.bot.ok("sendMessage", params).await;
    checker.object("Message", &card, "sendMessage");
    let id = card["message_id"].as_i64().unwrap();
    scene
        .bot
        .ok(
            "pinChatMessage",
            json!({"chat_id": forum, "message_id": id}),
        )
        .await;
    let edited = scene
        .bot
        .ok(
            "editMessageText",
            json!({"chat_id": forum, "message_id": id, "text": "new"}),
        )
        .await;
    checker.object("Message", &edited, "editMessageText");

    let said = control.send(
        forum,
        alice,
        Say::text("see /log").document("a.txt", *b"x").reply_to(id),
    );
    control.send(forum, alice, Say::text("pic").photo(*b"x"));
    control.send(
        forum,
        alice,
        Say {
            anonymous: true,
            forwarded: true,
            via_bot: Some("gif".to_owned()),
            ..Say::text("/x")
        },
    );
    control.send(
        forum,
        alice,
        Say {
            linked_channel: Some("News".to_owned()),
            ..Say::text("/x")
        },
    );
    let plain = control.says(forum, alice, "/ack");
    control.edit(forum, alice, plain, "/ack 2");
    control.press(forum, alice, id, "a");
    control.react(forum, alice, said, "👀");
    control.delete_message(forum, id);
    control.press(forum, alice, id, "gone");
    control.leave(forum, bob);
    control.kick_bot(forum, alice);
    control.migrate_to_supergroup(group);
    let updates = scene.bot.drain().await;
    assert!(updates.len() > 20, "{} updates", updates.len());
    for update in &updates {
        checker.object("Update", update, "update");
    }

    let new = *control
        .chats()
        .iter()
        .find(|chat| control.bot_status(**chat) == "member")
        .unwrap();
    checker.object("User", &scene.bot.ok("getMe", json!({})).await, "getMe");
    checker.object(
        "ChatFullInfo",
        &scene.bot.ok("getChat", json!({"chat_id": new})).await,
        "getChat",
    );
    checker.object(
        "WebhookInfo",
        &scene.bot.ok("getWebhookInfo", json!({})).await,
        "getWebhookInfo",
    );
    let owner = scene
        .bot
        .ok("getChatAdministrators", json!({"chat_id": new}))
        .await;
    checker.object("ChatMemberOwner", &owner[0], "getChatAdministrators");
    assert_eq!(checker.mistakes, Vec::<String>::new());
}

#[tokio::test]
async fn every_method_is_a_published_one_and_ignores_what_it_does_not_know() {
    let Some(api) = api() else { return };
    let methods = api["methods"].as_object().unwrap();
    let scene = scene().await;
    let source = include_str!("../../src/methods.rs");
    let names: Vec<&str> = source
        .lines()
        .filter_map(|line| line.trim().strip_prefix("(\"")?.split('"').next())
        .collect();
    assert!(names.len() > 35, "{names:?}");
    for name in names {
        assert!(
            methods.contains_key(name),
            "{name} is no method of the Bot API"
        );
    }
    let bob = scene.person("Bob");
    scene.control.open_private(bob);
    let mut params = json!({"chat_id": bob, "text": "x", "parameter_of_tomorrow": {"a": [1]}});
    for field in methods["sendMessage"]["fields"].as_object().unwrap().keys() {
        if params.get(field).is_none() {
            params[field] = Value::Null;
        }
    }
    scene.bot.ok("sendMessage", params).await;
}
