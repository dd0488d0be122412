use serde_json::{Value, json};
use telegram_sandbox::{ChatKind, Rights};

use crate::bot::{Scene, scene};

async fn private() -> (Scene, i64) {
    let scene = scene().await;
    let bob = scene.person("Bob");
    scene.control.open_private(bob);
    (scene, bob)
}

#[tokio::test]
async fn people_see_text_without_markup() {
    let (scene, bob) = private().await;
    let sent = scene
        .bot
        .ok(
            "sendMessage",
            json!({
                "chat_id": bob, "text": "<b>P1</b> for <a href=\"tg://user?id=1000001\">Bob</a>, <a href=\"tg://user?id=5\">nobody</a>", "parse_mode": "HTML",
                "disable_notification": true, "link_preview_options": {"is_disabled": true},
                "reply_markup": {"inline_keyboard": [[{"text": "Ack", "callback_data": "a", "style": "primary"}, {"text": "Off", "callback_data": "b", "disabled": {}}],
                    [{"text": "Copy", "copy_text": {"text": "10.0.0.1"}}, {"text": "Docs", "url": "https://e.org"}]]},
            }),
        )
        .await;
    assert_eq!(sent["text"], json!("P1 for Bob, nobody"));
    assert_eq!(sent["entities"][1]["type"], json!("text_mention"));
    assert_eq!(
        sent["entities"].as_array().unwrap().len(),
        2,
        "an unknown person is no mention"
    );
    assert_eq!(sent["link_preview_options"], json!({"is_disabled": true}));
    let entry = scene
        .control
        .message(bob, sent["message_id"].as_i64().unwrap())
        .unwrap();
    assert_eq!(
        (entry.text.as_str(), entry.is_bot, entry.silent),
        ("P1 for Bob, nobody", true, true)
    );
    assert_eq!(entry.labels(), ["Ack", "Off", "Copy", "Docs"]);
    assert_eq!(entry.keyboard[0][0].style.as_deref(), Some("primary"));
    assert!(entry.keyboard[0][1].disabled);
    assert_eq!(entry.keyboard[1][0].copy_text.as_deref(), Some("10.0.0.1"));
}

#[tokio::test]
async fn texts_are_refused_in_telegrams_words() {
    let (scene, bob) = private().await;
    let long = "é".repeat(4096);
    let full = scene
        .bot
        .ok(
            "sendMessage",
            json!({"chat_id": bob, "text": format!("<b>{long}</b>"), "parse_mode": "HTML"}),
        )
        .await;
    assert_eq!(
        full["entities"][0]["length"],
        json!(4096),
        "only the text counts, in UTF-16 units"
    );
    let cases = [
        (json!({"text": format!("{long}!")}), "message is too long"),
        (json!({"text": "🔥".repeat(2049)}), "message is too long"),
        (json!({"text": ""}), "message text is empty"),
        (json!({}), "message text is empty"),
        (json!({"text": " \n "}), "text must be non-empty"),
        (
            json!({"text": "<b></b>", "parse_mode": "HTML"}),
            "text must be non-empty",
        ),
        (
            json!({"text": "ab <x>c</x>", "parse_mode": "HTML"}),
            "can't parse entities: Unsupported start tag \"x\" at byte offset 3",
        ),
        (
            json!({"text": "x", "parse_mode": "Rich"}),
            "unsupported parse_mode",
        ),
        (
            json!({"text": "x", "reply_parameters": {"message_id": 999}}),
            "message to be replied not found",
        ),
        (
            json!({"text": "x", "message_thread_id": 5}),
            "message thread not found",
        ),
        (json!({"text": "x", "chat_id": 999}), "chat not found"),
        (json!({"text": "x", "chat_id": "@nobody"}), "chat not found"),
        (json!({"text": "x", "chat_id": ""}), "chat_id is empty"),
    ];
    for (mut params, expected) in cases {
        if params.get("chat_id").is_none() {
            params["chat_id"] = json!(bob);
        }
        assert_eq!(
            scene.bot.refused("sendMessage", params.clone()).await,
            format!("Bad Request: {expected}"),
            "{params}"
        );
    }
    let lenient = json!({"chat_id": bob, "text": "x", "reply_parameters": {"message_id": 999, "allow_sending_without_reply": true}});
    assert_eq!(
        scene.bot.ok("sendMessage", lenient).await["reply_to_message"],
        Value::Null
    );
}

#[tokio::test]
async fn keyboards_are_checked() {
    let (scene, bob) = private().await;
    let send = async |rows: Value| {
        scene
            .bot
            .call(
                "sendMessage",
                json!({"chat_id": bob, "text": "x", "reply_markup": {"inline_keyboard": rows}}),
            )
            .await
    };
    let button = |data: &str| json!({"text": "b", "callback_data": data});
    assert!(
        send(json!([[button(&"ü".repeat(32))]])).await.is_ok(),
        "64 bytes fit"
    );
    let full: Vec<Value> = (0..8).map(|_| button("d")).collect();
    assert!(send(json!([full])).await.is_ok());
    let cases = [
        (json!([[button(&"ü".repeat(33))]]), "BUTTON_DATA_INVALID"),
        (json!([[button("")]]), "BUTTON_DATA_INVALID"),
        (
            json!([(0..9).map(|_| button("d")).collect::<Vec<_>>()]),
            "reply markup is too long",
        ),
        (
            json!((0..101).map(|_| [button("d")]).collect::<Vec<_>>()),
            "reply markup is too long",
        ),
        (
            json!([[{"text": "b"}]]),
            "text buttons are unallowed in the inline keyboard",
        ),
        (
            json!([[{"text": "b", "callback_data": "x", "style": "huge"}]]),
            "invalid button style specified",
        ),
        (
            json!([[{"text": "b", "copy_text": {"text": "c".repeat(257)}}]]),
            "BUTTON_COPY_TEXT_INVALID",
        ),
        (
            json!([[{"text": "b", "url": "nonsense"}]]),
            "inline keyboard button URL 'nonsense' is invalid: Wrong HTTP URL",
        ),
    ];
    for (rows, expected) in cases {
        assert_eq!(
            send(rows.clone()).await.unwrap_err().text,
            format!("Bad Request: {expected}"),
            "{rows}"
        );
    }
    let text = json!({"chat_id": bob, "text": "x", "reply_markup": "{\"inline_keyboard\":[[{\"text\":\"b\",\"callback_data\":\"d\"}]]}"});
    assert_eq!(
        scene.bot.ok("sendMessage", text).await["reply_markup"]["inline_keyboard"][0][0]["text"],
        json!("b")
    );
}

#[tokio::test]
async fn edits_change_the_message_in_place() {
    let (scene, bob) = private().await;
    let id = scene.bot.send(bob, "one").await;
    let keyboard = json!({"inline_keyboard": [[{"text": "b", "callback_data": "d"}]]});
    let same = json!({"chat_id": bob, "message_id": id, "text": "one"});
    assert_eq!(
        scene.bot.refused("editMessageText", same).await,
        "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message"
    );
    scene
        .bot
        .ok(
            "editMessageText",
            json!({"chat_id": bob, "message_id": id, "text": "two", "reply_markup": keyboard}),
        )
        .await;
    scene
        .bot
        .ok(
            "editMessageReplyMarkup",
            json!({"chat_id": bob, "message_id": id}),
        )
        .await;
    let entry = scene.control.message(bob, id).unwrap();
    assert_eq!(
        (entry.text.as_str(), entry.keyboard.len(), entry.edits),
        ("two", 0, 2)
    );
    let theirs = scene.control.says(bob, bob, "mine");
    assert_eq!(
        scene
            .bot
            .refused(
                "editMessageText",
                json!({"chat_id": bob, "message_id": theirs, "text": "x"})
            )
            .await,
        "Bad Request: message can't be edited"
    );
    assert_eq!(
        scene
            .bot
            .refused(
                "editMessageText",
                json!({"chat_id": bob, "message_id": 999, "text": "x"})
            )
            .await,
        "Bad Request: message to edit not found"
    );
    assert_eq!(
        scene
            .bot
            .refused(
                "editMessageText",
                json!({"chat_id": bob, "message_id": id, "text": ""})
            )
            .await,
        "Bad Request: message text is empty"
    );
    assert_eq!(
        scene
            .bot
            .refused(
                "editMessageCaption",
                json!({"chat_id": bob, "message_id": id, "caption": "x"})
            )
            .await,
        "Bad Request: there is no caption in the message to edit"
    );
}

#[tokio::test]
async fn files_go_up_and_come_down() {
    let (scene, bob) = private().await;
    let upload = |name: &'static str, bytes: &'static [u8], part: &'static str| {
        reqwest::multipart::Form::new()
            .text("chat_id", bob.to_string())
            .text("caption", "<b>report</b>")
            .text("parse_mode", "HTML")
            .text("document", format!("attach://{part}"))
            .part(part, reqwest::multipart::Part::bytes(bytes).file_name(name))
    };
    let post = async |form: reqwest::multipart::Form| {
        scene
            .bot
            .client
            .post(format!("{}/SendDocument", scene.bot.base))
            .multipart(form)
            .send()
            .await
            .unwrap()
            .json::<Value>()
            .await
            .unwrap()
    };
    let sent = post(upload("report.md", b"# Report", "f1")).await;
    assert_eq!(sent["result"]["document"]["file_name"], json!("report.md"));
    assert_eq!(sent["result"]["caption"], json!("report"));
    let file_id = sent["result"]["document"]["file_id"].as_str().unwrap();
    assert_eq!(scene.control.file_bytes(file_id).unwrap(), b"# Report");
    let file = scene.bot.ok("getFile", json!({"file_id": file_id})).await;
    let url = format!(
        "{}/file/bot{}/{}",
        scene.sandbox.api_url(),
        scene.sandbox.token(),
        file["file_path"].as_str().unwrap()
    );
    assert_eq!(
        scene
            .bot
            .client
            .get(url)
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
            .as_ref(),
        b"# Report"
    );
    // Telegram takes up to 50 MB.
    let large: &'static [u8] = vec![7; 20_000_000].leak();
    let sent = post(upload("large.zip", large, "f2")).await;
    assert_eq!(
        sent["result"]["document"]["file_size"],
        json!(20_000_000),
        "{sent}"
    );
    let huge: &'static [u8] = vec![7; 50 * 1024 * 1024 + 1].leak();
    let refused = post(upload("huge.zip", huge, "f3")).await;
    assert_eq!(refused["error_code"], json!(413), "{refused}");
    let again = scene
        .bot
        .ok("sendDocument", json!({"chat_id": bob, "document": file_id}))
        .await;
    assert_eq!(again["document"]["file_id"], json!(file_id));
    let id = again["message_id"].clone();
    scene
        .bot
        .ok(
            "editMessageCaption",
            json!({"chat_id": bob, "message_id": id, "caption": "new"}),
        )
        .await;
    assert_eq!(
        scene
            .bot
            .refused(
                "editMessageText",
                json!({"chat_id": bob, "message_id": id, "text": "x"})
            )
            .await,
        "Bad Request: there is no text in the message to edit"
    );
    assert_eq!(
        post(upload("empty.md", b"", "f2")).await["description"],
        json!("Bad Request: file must be non-empty")
    );
    let long = json!({"chat_id": bob, "document": file_id, "caption": "c".repeat(1025)});
    assert_eq!(
        scene.bot.refused("sendDocument", long).await,
        "Bad Request: message caption is too long"
    );
    assert_eq!(
        scene
            .bot
            .refused("sendDocument", json!({"chat_id": bob, "document": "zzz"}))
            .await,
        "Bad Request: wrong file identifier/HTTP URL specified"
    );
    assert_eq!(
        scene
            .bot
            .refused("getFile", json!({"file_id": "zzz"}))
            .await,
        "Bad Request: invalid file_id"
    );
}

#[tokio::test]
async fn deleting_needs_a_right_or_ones_own_young_message() {
    let scene = scene().await;
    let (room, alice) = scene.room(ChatKind::Group, None);
    let hers = scene.control.says(room, alice, "mine");
    let mine = scene.bot.send(room, "bot's").await;
    assert_eq!(
        scene
            .bot
            .refused(
                "deleteMessage",
                json!({"chat_id": room, "message_id": hers})
            )
            .await,
        "Bad Request: message can't be deleted"
    );
    scene
        .bot
        .ok(
            "deleteMessage",
            json!({"chat_id": room, "message_id": mine}),
        )
        .await;
    assert_eq!(
        scene
            .bot
            .refused(
                "deleteMessage",
                json!({"chat_id": room, "message_id": mine})
            )
            .await,
        "Bad Request: message to delete not found"
    );
    let old = scene.bot.send(room, "old").await;
    scene
        .control
        .advance(std::time::Duration::from_secs(48 * 3600 + 1));
    assert_eq!(
        scene
            .bot
            .refused(
                "deleteMessages",
                json!({"chat_id": room, "message_ids": [old]})
            )
            .await,
        "Bad Request: message can't be deleted"
    );
    scene.control.make_bot_admin(room, alice, Rights::ALL);
    scene
        .bot
        .ok(
            "deleteMessages",
            json!({"chat_id": room, "message_ids": [old, hers, 999]}),
        )
        .await;
    assert!(scene.control.message(room, hers).is_none());
}
