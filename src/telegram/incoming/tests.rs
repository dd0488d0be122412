//! Updates as Telegram sends them today, as it may send them tomorrow, and as nobody should.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;

fn read(update: &Value) -> Incoming {
    Incoming::read(&update.to_string()).unwrap()
}

fn message_of(update: &Value) -> MessageIn {
    match read(update).what {
        What::Message(message) => *message,
        other => panic!("not a message: {other:?}"),
    }
}

fn hello(text: &str) -> Value {
    json!({
        "update_id": 10,
        "message": {
            "message_id": 5,
            "date": 1_790_000_000,
            "chat": { "id": -100_123, "type": "supergroup", "title": "war room", "is_forum": true },
            "from": { "id": 7, "is_bot": false, "first_name": "Bob", "last_name": "B.", "username": "bob", "language_code": "en" },
            "text": text,
        }
    })
}

#[test]
fn a_command_is_read() {
    let message = message_of(&hello("/declare@breakglass_bot\n P1\tkey leaked "));
    let command = message.command().unwrap();
    assert_eq!(
        (command.name, command.bot, command.rest),
        ("declare", Some("breakglass_bot"), "P1\tkey leaked")
    );
    assert_eq!(message.identity(), Identity::Person);
    assert_eq!(message.from.unwrap().name, "Bob B.");
    assert_eq!(
        (message.chat.id, message.chat.kind, message.chat.is_forum),
        (-100_123, ChatKind::Supergroup, true)
    );
    assert!(!message.is_caption);
}

#[test]
fn what_is_no_command_is_none() {
    for text in [
        "",
        "/",
        "hello /declare",
        "//declare",
        "/a/b",
        "/декларация x",
        "/done! 2",
        "/done@ 2",
        "/@bot",
    ] {
        assert_eq!(message_of(&hello(text)).command(), None, "{text}");
    }
    // A no-break space is white space too.
    assert_eq!(
        message_of(&hello("/done\u{a0}2")).command().unwrap().rest,
        "2"
    );
}

#[test]
fn entities_are_counted_in_utf16() {
    let mut update = hello("😀 ask @bob and Eve");
    update["message"]["entities"] = json!([
        { "type": "text_mention", "offset": 16, "length": 3, "user": { "id": 9, "first_name": "Eve" } },
        { "type": "mention", "offset": 7, "length": 4 },
        { "type": "bold", "offset": 0, "length": 2 },
        { "type": "mention", "offset": 1, "length": 4 },
        { "type": "mention", "offset": 7, "length": 400 },
        { "type": "mention", "offset": -7, "length": 4 },
        { "type": "mention", "offset": 7, "length": 0 },
        { "type": "date_time", "offset": 0, "length": 2, "unix_time": 5 },
        "not even an object",
    ]);
    let message = message_of(&update);
    let text = message.text.as_deref().unwrap();
    let seen: Vec<&str> = message
        .entities
        .iter()
        .map(|entity| &text[entity.range.clone()])
        .collect();
    assert_eq!(seen, ["@bob", "Eve"]);
    assert!(matches!(&message.entities[1].kind, EntityKind::TextMention(person) if person.id == 9));
}

#[test]
fn who_does_not_speak_for_themselves_is_told_apart() {
    let with = |change: fn(&mut Value)| {
        let mut update = hello("/ack");
        change(&mut update["message"]);
        message_of(&update).identity()
    };
    assert_eq!(
        with(|m| m["from"]["id"] = json!(1_087_968_824)),
        Identity::AnonymousAdmin
    );
    assert_eq!(
        with(|m| m["sender_chat"] = json!({ "id": -100_123 })),
        Identity::AnonymousAdmin
    );
    assert_eq!(
        with(|m| m["sender_chat"] = json!({ "id": -100_999 })),
        Identity::Channel
    );
    assert_eq!(
        with(|m| m["from"]["id"] = json!(136_817_688)),
        Identity::Channel
    );
    assert_eq!(with(|m| m["from"] = Value::Null), Identity::Channel);
    assert_eq!(
        with(|m| m["from"]["id"] = json!(777_000)),
        Identity::LinkedChannel
    );
    assert_eq!(
        with(|m| m["is_automatic_forward"] = json!(true)),
        Identity::LinkedChannel
    );
    assert_eq!(with(|m| m["from"]["is_bot"] = json!(true)), Identity::Bot);
    assert_eq!(
        with(|m| m["via_bot"] = json!({ "id": 3 })),
        Identity::ViaBot
    );
    assert_eq!(
        with(|m| m["forward_origin"] = json!({ "type": "hidden_user" })),
        Identity::Forwarded
    );
    assert_eq!(
        with(|m| m["forward_origin"] = json!("a new shape")),
        Identity::Forwarded
    );
}

#[test]
fn captions_files_and_answers_are_read() {
    let mut update = hello("");
    update["message"] = json!({
        "message_id": 6, "date": 1, "chat": { "id": -5, "type": "group", "title": "g" }, "from": { "id": 7, "first_name": "Bob" },
        "caption": "/evidence the log",
        "photo": [{ "file_id": "small", "width": 90 }, { "file_id": "big", "file_unique_id": "u", "width": 1280, "file_size": 99 }],
        "reply_to_message": { "message_id": 3, "date": 9, "from": { "id": 8, "first_name": "Al" }, "text": "look", "document": { "file_id": "d", "file_name": "a.log" } },
    });
    let message = message_of(&update);
    assert!(message.is_caption);
    assert_eq!(message.command().unwrap().name, "evidence");
    let photo = message.file.unwrap();
    assert_eq!(
        (photo.kind, photo.file_id.as_str(), photo.size),
        (FileKind::Photo, "big", Some(99))
    );
    let reply = message.reply.unwrap();
    assert_eq!(
        (
            reply.message_id,
            reply.text.as_deref(),
            reply.file.unwrap().name.as_deref()
        ),
        (3, Some("look"), Some("a.log"))
    );
}

#[test]
fn a_topic_and_its_invisible_answer() {
    let mut update = hello("/done 2");
    update["message"]["message_thread_id"] = json!(44);
    update["message"]["reply_to_message"] =
        json!({ "message_id": 44, "forum_topic_created": { "name": "SEC-2026-001" } });
    let message = message_of(&update);
    assert_eq!(
        (message.thread_id, message.reply),
        (None, None),
        "a thread of answers is not a topic"
    );
    update["message"]["is_topic_message"] = json!(true);
    assert_eq!(message_of(&update).thread_id, Some(44));
}

#[test]
fn presses_reactions_and_memberships_are_read() {
    let press = json!({ "update_id": 1, "callback_query": { "id": "77", "from": { "id": 7, "first_name": "Bob" }, "data": "1:d:2", "chat_instance": "x",
        "message": { "message_id": 4, "date": 0, "chat": { "id": -5, "type": "group", "title": "g" } } } });
    match read(&press).what {
        What::Press(press) => {
            assert_eq!(
                (press.id.as_str(), press.data.as_deref(), press.message_date),
                ("77", Some("1:d:2"), 0)
            );
            assert_eq!((press.message_id, press.chat.unwrap().id), (Some(4), -5));
        }
        other => panic!("{other:?}"),
    }
    let reaction = json!({ "update_id": 1, "message_reaction": { "chat": { "id": -5, "type": "group" }, "message_id": 4, "user": { "id": 7, "first_name": "B" },
        "old_reaction": [], "new_reaction": [{ "type": "emoji", "emoji": "👀" }, { "type": "paid" }] } });
    assert!(matches!(read(&reaction).what, What::Reaction { emoji, .. } if emoji == ["👀"]));
    let membership = |status: Value| {
        json!({ "update_id": 1, "my_chat_member": { "chat": { "id": -5, "type": "group", "title": "g" }, "from": { "id": 7, "first_name": "B" }, "date": 1,
            "old_chat_member": { "status": "left" }, "new_chat_member": status } })
    };
    let seen = |status: Value| match read(&membership(status)).what {
        What::BotMembership { status, by, .. } => {
            assert_eq!(by.id, 7);
            status
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(seen(json!({ "status": "member" })), Membership::Member);
    assert_eq!(seen(json!({ "status": "kicked" })), Membership::Kicked);
    assert_eq!(
        seen(json!({ "status": "restricted", "is_member": true, "can_send_messages": false })),
        Membership::Restricted { can_send: false }
    );
    assert_eq!(
        seen(json!({ "status": "restricted", "is_member": false })),
        Membership::Left
    );
    let admin =
        json!({ "status": "administrator", "can_pin_messages": true, "can_delete_messages": true });
    assert_eq!(
        seen(admin),
        Membership::Administrator {
            can_pin: true,
            can_manage_topics: false,
            can_delete: true,
        }
    );
}

#[test]
fn a_migration_is_told_from_both_sides() {
    let mut old = hello("");
    old["message"]["migrate_to_chat_id"] = json!(-100_777);
    assert_eq!(
        read(&old).what,
        What::Migrated {
            from: -100_123,
            to: -100_777
        }
    );
    let mut new = hello("");
    new["message"]["migrate_from_chat_id"] = json!(-5);
    assert_eq!(
        read(&new).what,
        What::Migrated {
            from: -5,
            to: -100_123
        }
    );
}

#[test]
fn service_messages_are_known() {
    let mut update = hello("");
    update["message"].as_object_mut().unwrap().remove("text");
    update["message"]["new_chat_members"] =
        json!([{ "id": 42, "is_bot": true, "first_name": "breakglass" }]);
    let message = message_of(&update);
    assert_eq!(message.new_members[0].id, 42);
}

#[test]
fn what_cannot_be_a_text_becomes_one() {
    let raw = r#"{"update_id":1,"message":{"message_id":1,"chat":{"id":1,"type":"private"},"text":"/note a\u0000b \ud800 c"}}"#;
    match Incoming::read(raw).unwrap().what {
        What::Message(message) => {
            assert_eq!(message.text.as_deref(), Some("/note a\u{fffd}b \u{fffd} c"));
        }
        other => panic!("{other:?}"),
    }
    let huge = message_of(&hello(&format!("/note {}", "я".repeat(600_000))));
    assert!(huge.text.as_ref().unwrap().len() <= 64 * 1024);
    assert_eq!(huge.command().unwrap().name, "note");
}

#[test]
fn deep_nesting_in_what_is_unknown_does_no_harm() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    let raw = format!(
        r#"{{"update_id":1,"message":{{"message_id":1,"chat":{{"id":1}},"text":"/ack","new_thing":{deep}}},"other":{deep}}}"#
    );
    match Incoming::read(&raw).unwrap().what {
        What::Message(message) => assert_eq!(message.command().unwrap().name, "ack"),
        other => panic!("{other:?}"),
    }
    let unbalanced = "[".repeat(200_000);
    assert!(Incoming::read(&unbalanced).is_err());
}

#[test]
fn wrong_types_are_as_if_they_were_not_there() {
    let mut update = hello("/ack");
    update["message"]["entities"] = json!("none");
    update["message"]["from"]["username"] = json!({ "new": "shape" });
    update["message"]["reply_to_message"] = json!([1, 2]);
    update["message"]["photo"] = json!({ "file_id": 3 });
    update["message"]["date"] = json!("yesterday");
    update["message"]["message_thread_id"] = json!(1.5);
    let message = message_of(&update);
    assert_eq!(message.command().unwrap().name, "ack");
    assert_eq!(message.date, 0);
    assert_eq!(
        Incoming::read("[1]"),
        Err(ReadError::NotAnObject(
            "invalid type: sequence, expected an object at line 1 column 0".into()
        ))
    );
    assert_eq!(Incoming::read(r#"{"update_id":"5"}"#), Err(ReadError::NoId));
    assert!(matches!(
        read(&json!({ "update_id": 5, "brand_new": {} })).what,
        What::Ignored(_)
    ));
    assert_eq!(kind(r#"{"update_id":5,"brand_new":{}}"#), "brand_new");
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    // Names that mean something, so that the interesting paths are taken.
    let name = prop_oneof![
        prop::sample::select(vec![
            "update_id",
            "message",
            "edited_message",
            "callback_query",
            "my_chat_member",
            "chat_member",
            "message_reaction",
            "chat",
            "from",
            "id",
            "text",
            "entities",
            "type",
            "offset",
            "length",
            "user",
            "message_id",
            "photo",
            "new_chat_member",
            "status",
            "reply_to_message",
            "date",
        ])
        .prop_map(str::to_owned),
        "[a-z_]{1,10}",
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn arbitrary_json_never_panics(value in any_json(), wrap in any::<bool>()) {
        let value = if wrap { json!({ "update_id": 1, "message": value }) } else { value };
        let _ = Incoming::read(&value.to_string());
    }

    #[test]
    fn arbitrary_text_never_panics(text in ".{0,200}") {
        let _ = Incoming::read(&text);
    }

    #[test]
    fn what_is_new_never_changes_a_command(
        extra in prop::collection::btree_map("x_[a-z]{1,8}", any_json(), 0..6),
        extra_entities in prop::collection::vec(any_json(), 0..4),
        text in "/[a-z]{1,10}( .{0,20})?",
    ) {
        let mut update = hello(&text);
        let plain = message_of(&update);
        let extra: Map<String, Value> = extra.into_iter().collect();
        update.as_object_mut().unwrap().extend(extra.clone());
        update["message"].as_object_mut().unwrap().extend(extra.clone());
        update["message"]["from"].as_object_mut().unwrap().extend(extra.clone());
        update["message"]["chat"].as_object_mut().unwrap().extend(extra);
        update["message"]["entities"] = Value::from(extra_entities);
        let changed = message_of(&update);
        prop_assert_eq!(changed.command(), plain.command());
        prop_assert_eq!(changed.identity(), plain.identity());
    }

    #[test]
    fn ranges_lie_on_characters(text in ".{0,40}", offset in -5i64..60, length in -5i64..60) {
        let mut update = hello(&text);
        update["message"]["entities"] = json!([{ "type": "mention", "offset": offset, "length": length }]);
        let message = message_of(&update);
        for entity in &message.entities {
            prop_assert!(message.text.as_ref().unwrap().get(entity.range.clone()).is_some());
        }
    }
}
