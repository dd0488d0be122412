//! A bare bot: calls methods and returns what came back.

use serde_json::{Value, json};
use telegram_sandbox::{ChatKind, Control, NewChat, NewUser, Options, Rights, Sandbox, UserId};

/// A stand-in with one bot that talks to it.
pub struct Scene {
    pub sandbox: Sandbox,
    pub control: Control,
    pub bot: Bot,
}

pub async fn scene() -> Scene {
    scene_with(Options {
        limits: false,
        ..Options::default()
    })
    .await
}

pub async fn scene_with(options: Options) -> Scene {
    let sandbox = Sandbox::start(options).await.unwrap();
    let bot = Bot::new(&sandbox);
    Scene {
        control: sandbox.control(),
        bot,
        sandbox,
    }
}

impl Scene {
    pub fn person(&self, name: &str) -> UserId {
        self.control
            .add_user(NewUser::named(name, &name.to_lowercase()))
    }

    /// A chat with its owner, in which the bot is an administrator with these rights, or a member without any.
    pub fn room(&self, kind: ChatKind, rights: Option<Rights>) -> (i64, UserId) {
        let owner = self.person("Alice");
        let chat = self.control.add_chat(NewChat {
            kind,
            title: "War room".to_owned(),
        });
        self.control.make_owner(chat, owner);
        match rights {
            Some(rights) => self.control.make_bot_admin(chat, owner, rights),
            None => self.control.add_bot(chat, owner),
        }
        (chat, owner)
    }
}

/// An error answer.
#[derive(Debug, PartialEq)]
pub struct Refusal {
    pub code: i64,
    pub text: String,
    pub parameters: Value,
}

#[derive(Clone)]
pub struct Bot {
    pub client: reqwest::Client,
    pub base: String,
}

impl Bot {
    pub fn new(sandbox: &Sandbox) -> Self {
        Self {
            client: reqwest::Client::new(),
            base: format!("{}/bot{}", sandbox.api_url(), sandbox.token()),
        }
    }

    pub async fn try_call(
        &self,
        method: &str,
        params: Value,
    ) -> reqwest::Result<Result<Value, Refusal>> {
        let answer = self
            .client
            .post(format!("{}/{method}", self.base))
            .json(&params)
            .send()
            .await?;
        let status = answer.status().as_u16();
        let body: Value = answer.json().await?;
        if body["ok"] == json!(true) {
            assert_eq!(status, 200);
            return Ok(Ok(body["result"].clone()));
        }
        assert_eq!(body["error_code"], json!(status));
        let text = body["description"].as_str().unwrap_or_default().to_owned();
        Ok(Err(Refusal {
            code: i64::from(status),
            text,
            parameters: body["parameters"].clone(),
        }))
    }

    pub async fn call(&self, method: &str, params: Value) -> Result<Value, Refusal> {
        self.try_call(method, params).await.unwrap()
    }

    /// A call that must work.
    pub async fn ok(&self, method: &str, params: Value) -> Value {
        self.call(method, params)
            .await
            .unwrap_or_else(|refusal| panic!("{method}: {refusal:?}"))
    }

    /// A call that must be refused; returns Telegram's sentence.
    pub async fn refused(&self, method: &str, params: Value) -> String {
        match self.call(method, params).await {
            Ok(result) => panic!("{method} was not refused: {result}"),
            Err(refusal) => refusal.text,
        }
    }

    pub async fn send(&self, chat: i64, text: &str) -> i64 {
        self.ok("sendMessage", json!({"chat_id": chat, "text": text}))
            .await["message_id"]
            .as_i64()
            .unwrap()
    }

    /// Everything that waits, confirmed.
    pub async fn drain(&self) -> Vec<Value> {
        let updates = self
            .ok("getUpdates", json!({}))
            .await
            .as_array()
            .unwrap()
            .clone();
        if let Some(last) = updates.last() {
            let offset = last["update_id"].as_i64().unwrap() + 1;
            self.ok("getUpdates", json!({"offset": offset})).await;
        }
        updates
    }
}
