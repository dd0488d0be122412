//! The chat page with a scripted conversation, to look at it without the real bot: `cargo run -p telegram-sandbox --example demo`.
//!
//! The little bot in here talks the Bot API over HTTP like any other; its card answers to presses and commands.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use telegram_sandbox::{Control, NewChat, NewUser, Options, Rights, Sandbox, Say, UserId};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A bot of four calls.
struct Bot {
    client: Client,
    base: String,
    card: (i64, i64),
    done: Vec<u64>,
}

impl Bot {
    async fn call(&self, method: &str, body: Value) -> Outcome<Value> {
        let url = format!("{}/{method}", self.base);
        let text = self
            .client
            .post(url)
            .header("content-type", "application/json")
            .body(body.to_string())
            .send()
            .await?
            .text()
            .await?;
        let answer: Value = serde_json::from_str(&text)?;
        if answer["ok"] == json!(true) {
            return Ok(answer["result"].clone());
        }
        Err(format!("{method}: {}", answer["description"]).into())
    }

    async fn say(&self, chat: i64, thread: Option<i64>, text: &str, more: Value) -> Outcome<i64> {
        let mut body = json!({"chat_id": chat, "text": text, "parse_mode": "HTML"});
        if let Some(thread) = thread {
            body["message_thread_id"] = json!(thread);
        }
        if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
            body.extend(more);
        }
        let sent = self.call("sendMessage", body).await?;
        Ok(sent["message_id"].as_i64().unwrap_or_default())
    }

    fn card_text(&self) -> String {
        let items = [
            "Affected systems isolated",
            "Evidence preserved",
            "Further access prevented",
            "Stakeholders told",
        ];
        let lines: Vec<String> = (1..)
            .zip(items)
            .map(|(number, item)| {
                if number == 1 || self.done.contains(&number) {
                    format!("✅ {number} {item} <i>— Bob 14:21</i>")
                } else {
                    format!("⬜ {number} {item}")
                }
            })
            .collect();
        format!(
            "🔴 <b>SEC-2026-007 · P0 Critical</b>\n<b>Signing key found in a public repository</b>\nContainment (2 of 5) · open 31 min\n\
             ⏳ contain within 29 min, by <tg-time unix=\"1795359840\" format=\"t\">15:04 UTC</tg-time> · next update 14:45\n👤 Alice commands · Bob investigates\n\n\
             <b>Stop the spread</b>\n{}",
            lines.join("\n")
        )
    }

    fn card_keys(&self) -> Value {
        let ticks: Vec<Value> = (2..=4)
            .filter(|number| !self.done.contains(number))
            .map(|number| json!({"text": format!("{number} ✓"), "callback_data": format!("done:{number}")}))
            .collect();
        let next = if ticks.is_empty() {
            json!({"text": "Next phase →", "callback_data": "next", "style": "primary"})
        } else {
            json!({"text": "Next phase →", "callback_data": "next"})
        };
        let row = json!([{"text": "Playbook", "callback_data": "playbook"}, {"text": "Update", "callback_data": "update"}, next]);
        let rows = if ticks.is_empty() {
            vec![row]
        } else {
            vec![Value::Array(ticks), row]
        };
        json!({"inline_keyboard": rows})
    }

    async fn press(&mut self, press: &Value) -> Outcome<()> {
        let data = press["data"].as_str().unwrap_or_default();
        let (text, alert) = match data.split_once(':') {
            Some(("done", number)) => {
                self.done.extend(number.parse::<u64>());
                (format!("Item {number} is done"), false)
            }
            _ if data == "next" && self.done.len() < 3 => ("Containment is not finished: items 2, 3 and 4 are open. Tick them, or write /next force with a reason.".to_owned(), true),
            _ => ("Noted".to_owned(), false),
        };
        tokio::time::sleep(Duration::from_millis(250)).await;
        self.call(
            "answerCallbackQuery",
            json!({"callback_query_id": press["id"], "text": text, "show_alert": alert}),
        )
        .await?;
        if data.starts_with("done:") {
            let (chat, message) = self.card;
            self.call("editMessageText", json!({"chat_id": chat, "message_id": message, "text": self.card_text(), "parse_mode": "HTML", "reply_markup": self.card_keys()})).await?;
        }
        Ok(())
    }

    async fn follow(&mut self) -> Outcome<()> {
        let mut offset = 0;
        loop {
            let updates = self
                .call("getUpdates", json!({"offset": offset, "timeout": 30}))
                .await?;
            for update in updates.as_array().into_iter().flatten() {
                offset = update["update_id"].as_i64().unwrap_or_default() + 1;
                if update["callback_query"].is_object() {
                    self.press(&update["callback_query"]).await?;
                } else if update["message"]["text"]
                    .as_str()
                    .is_some_and(|text| text.starts_with('/'))
                {
                    let message = &update["message"];
                    let reaction = json!([{"type": "emoji", "emoji": "👌"}]);
                    self.call("setMessageReaction", json!({"chat_id": message["chat"]["id"], "message_id": message["message_id"], "reaction": reaction})).await?;
                }
            }
        }
    }
}

/// The people and chats of the conversation.
struct Scene {
    room: i64,
    forum: i64,
    alice: UserId,
    bob: UserId,
    carol: UserId,
}

fn people(control: &Control) -> Scene {
    let alice = control.add_user(NewUser::named("Alice", "alice"));
    let bob = control.add_user(NewUser::named("Bob", "bob"));
    let carol = control.add_user(NewUser::named("Carol", "carol"));
    control.add_user(NewUser::named("Mallory", "mallory"));
    let room = control.add_chat(NewChat::group("War room"));
    let forum = control.add_chat(NewChat::forum("Incidents"));
    for chat in [room, forum] {
        control.make_owner(chat, alice);
        control.join(chat, bob);
        control.join(chat, carol);
        control.make_bot_admin(chat, alice, Rights::ALL);
    }
    Scene {
        room,
        forum,
        alice,
        bob,
        carol,
    }
}

async fn war_room(bot: &mut Bot, control: &Control, scene: &Scene) -> Outcome<()> {
    let room = scene.room;
    let declared = control.says(
        room,
        scene.alice,
        "/declare P0 Signing key found in a public repository",
    );
    let text = bot.card_text();
    let card = bot
        .say(room, None, &text, json!({"reply_markup": bot.card_keys()}))
        .await?;
    bot.card = (room, card);
    bot.call(
        "pinChatMessage",
        json!({"chat_id": room, "message_id": card, "disable_notification": true}),
    )
    .await?;
    control.react(room, scene.bob, declared, "👀");
    control.says(
        room,
        scene.bob,
        "On it. The key was pushed 40 minutes ago, in the fork of a contractor.",
    );
    let asked = control.says(room, scene.carol, "Do we know whether anybody used it?");
    control.send(
        room,
        scene.bob,
        Say::text("Two requests from an unknown address, both refused. Logs attached.")
            .reply_to(asked),
    );
    let log = control.send(
        room,
        scene.bob,
        Say::text("/evidence gateway log").document("gateway-2026-11-22.log", vec![b'x'; 48_200]),
    );
    bot.call(
        "setMessageReaction",
        json!({"chat_id": room, "message_id": log, "reaction": [{"type": "emoji", "emoji": "✍"}]}),
    )
    .await?;
    control.react(room, scene.alice, log, "👍");
    control.react(room, scene.carol, log, "👍");
    bot.say(
        room,
        None,
        "<b>Playbook · Leaked key</b>\n<blockquote expandable>1. Revoke the key at the provider\n2. Rotate everything that it could reach\n3. Read the access log since the first push\n\
         4. Rewrite the history of the repository\n5. Tell the customers whose data it could read</blockquote>\nRecovery code: <tg-spoiler>4417-2098</tg-spoiler>\n\
         <pre><code class=\"language-sh\">git log -p --all -S AKIA -- config/</code></pre>",
        json!({"disable_notification": true, "reply_markup": {"inline_keyboard": [
            [{"text": "Rotate the key", "callback_data": "rotate", "style": "danger"}, {"text": "Verify", "callback_data": "verify", "style": "success"}],
            [{"text": "Dashboard", "url": "https://status.example.org/"}, {"text": "Copy the address", "copy_text": {"text": "203.0.113.7"}}]]}}),
    )
    .await?;
    control.says(room, scene.carol, "تم إبلاغ فريق الدعم");
    control.says(room, scene.alice, "Thanks. /ack");
    Ok(())
}

async fn incidents(bot: &Bot, control: &Control, scene: &Scene) -> Outcome<()> {
    let topic = bot
        .call(
            "createForumTopic",
            json!({"chat_id": scene.forum, "name": "SEC-2026-006 · Payments are slow"}),
        )
        .await?;
    let thread = topic["message_thread_id"].as_i64().unwrap_or_default();
    bot.say(scene.forum, Some(thread), "🟠 <b>SEC-2026-006 · P2 Medium</b>\nPayments are slow\nRecovery (4 of 5) · open 2 h 10 min", json!({})).await?;
    control.send(
        scene.forum,
        scene.bob,
        Say::text("The queue is empty again.").in_thread(thread),
    );
    control.says(
        scene.forum,
        scene.alice,
        "Drill on Thursday at ten, please all be there.",
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 8090));
    let sandbox = Sandbox::start(Options {
        listen,
        page: true,
        limits: false,
        ..Options::default()
    })
    .await?;
    let control = sandbox.control();
    let scene = people(&control);
    let mut bot = Bot {
        client: Client::new(),
        base: format!("{}/bot{}", sandbox.api_url(), sandbox.token()),
        card: (0, 0),
        done: Vec::new(),
    };
    let commands = [
        ("declare", "Declare an incident"),
        ("ack", "Say that you have seen it"),
        ("done", "Tick items of the checklist"),
        ("next", "Go to the next phase"),
        ("note", "Write into the timeline"),
        ("status", "What is open"),
        ("help", "What the bot can do"),
    ]
    .map(|(command, description)| json!({"command": command, "description": description}));
    bot.call("setMyCommands", json!({"commands": commands}))
        .await?;
    war_room(&mut bot, &control, &scene).await?;
    incidents(&bot, &control, &scene).await?;
    println!("{}", sandbox.api_url());
    bot.follow().await
}
