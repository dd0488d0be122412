//! The methods that the bot calls.

use std::time::Duration;

use reqwest::multipart::{Form, Part};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_json::value::RawValue;

use super::types::{
    Administrator, AnswerCallback, BotCommand, CommandScope, EditMessage, Me, Reaction,
    SendDocument, SendMessage, Sent, WebhookInfo,
};
use super::{Api, ApiError, POLL_MARGIN, UPLOAD};

impl Api {
    /// Who we are; the cheapest way to find out whether the token is right.
    pub async fn get_me(&self) -> Result<Me, ApiError> {
        self.call("getMe", &json!({})).await
    }

    /// One batch of updates as raw values, waiting up to `wait` for the first one. `offset` confirms everything below it.
    pub async fn get_updates(
        &self,
        offset: Option<i64>,
        limit: u8,
        wait: Duration,
        allowed: &[&str],
    ) -> Result<Vec<Box<RawValue>>, ApiError> {
        #[derive(Serialize)]
        struct GetUpdates<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            offset: Option<i64>,
            limit: u8,
            timeout: u64,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            allowed_updates: &'a [&'a str],
        }
        let body = GetUpdates {
            offset,
            limit,
            timeout: wait.as_secs(),
            allowed_updates: allowed,
        };
        self.call_within("getUpdates", &body, wait + POLL_MARGIN)
            .await
    }

    /// Where updates are delivered at present.
    pub async fn webhook_info(&self) -> Result<WebhookInfo, ApiError> {
        self.call("getWebhookInfo", &json!({})).await
    }

    /// Has updates delivered to `url`, with `secret` in a header.
    pub async fn set_webhook(
        &self,
        url: &str,
        secret: &str,
        max_connections: u8,
        allowed: &[&str],
    ) -> Result<(), ApiError> {
        let body = json!({ "url": url, "secret_token": secret, "max_connections": max_connections, "allowed_updates": allowed });
        self.tell("setWebhook", &body).await
    }

    /// Ends the delivery by webhook; waiting updates stay.
    pub async fn delete_webhook(&self) -> Result<(), ApiError> {
        self.tell("deleteWebhook", &json!({ "drop_pending_updates": false }))
            .await
    }

    /// Sends a message.
    pub async fn send_message(&self, message: &SendMessage<'_>) -> Result<Sent, ApiError> {
        self.call("sendMessage", message).await
    }

    /// Changes a message.
    pub async fn edit_message(&self, edit: &EditMessage<'_>) -> Result<(), ApiError> {
        self.tell("editMessageText", edit).await
    }

    /// Answers a press.
    pub async fn answer_callback(&self, answer: &AnswerCallback<'_>) -> Result<(), ApiError> {
        self.tell("answerCallbackQuery", answer).await
    }

    /// Reacts to a message with one emoji.
    pub async fn react(&self, chat_id: i64, message_id: i64, emoji: &str) -> Result<(), ApiError> {
        #[derive(Serialize)]
        struct SetReaction<'a> {
            chat_id: i64,
            message_id: i64,
            reaction: [Reaction<'a>; 1],
        }
        let body = SetReaction {
            chat_id,
            message_id,
            reaction: [Reaction {
                kind: "emoji",
                emoji,
            }],
        };
        self.tell("setMessageReaction", &body).await
    }

    /// Pins a message silently.
    pub async fn pin(&self, chat_id: i64, message_id: i64) -> Result<(), ApiError> {
        let body =
            json!({ "chat_id": chat_id, "message_id": message_id, "disable_notification": true });
        self.tell("pinChatMessage", &body).await
    }

    /// Unpins a message.
    pub async fn unpin(&self, chat_id: i64, message_id: i64) -> Result<(), ApiError> {
        self.tell(
            "unpinChatMessage",
            &json!({ "chat_id": chat_id, "message_id": message_id }),
        )
        .await
    }

    /// Deletes a message.
    pub async fn delete_message(&self, chat_id: i64, message_id: i64) -> Result<(), ApiError> {
        self.tell(
            "deleteMessage",
            &json!({ "chat_id": chat_id, "message_id": message_id }),
        )
        .await
    }

    /// Makes a topic and returns its id.
    pub async fn create_topic(
        &self,
        chat_id: i64,
        name: &str,
        icon: Option<&str>,
    ) -> Result<i64, ApiError> {
        #[derive(Deserialize)]
        struct Topic {
            message_thread_id: i64,
        }
        let mut body = json!({ "chat_id": chat_id, "name": name });
        if let Some(icon) = icon {
            body["icon_custom_emoji_id"] = icon.into();
        }
        let topic: Topic = self.call("createForumTopic", &body).await?;
        Ok(topic.message_thread_id)
    }

    /// Sends a file.
    pub async fn send_document(&self, document: &SendDocument<'_>) -> Result<Sent, ApiError> {
        let plain = || Part::bytes(document.content.to_vec()).file_name(document.name.to_owned());
        let part = plain().mime_str(document.mime).unwrap_or_else(|_| plain());
        let mut form = Form::new()
            .text("chat_id", document.chat_id.to_string())
            .part("document", part);
        if let Some(caption) = document.caption {
            form = form.text("caption", caption.to_owned());
        }
        if let Some(mode) = document.parse_mode {
            form = form.text("parse_mode", mode);
        }
        if let Some(thread) = document.thread_id {
            form = form.text("message_thread_id", thread.to_string());
        }
        if let Some(reply) = document.reply {
            form = form.text(
                "reply_parameters",
                serde_json::to_string(&reply).expect("two plain fields"),
            );
        }
        let request = self
            .0
            .client
            .post(self.url("sendDocument"))
            .multipart(form)
            .timeout(UPLOAD);
        self.exchange(request, |result| serde_json::from_str(result))
            .await
    }

    /// Sends a picture that cannot be forwarded or saved.
    pub async fn send_private_picture(
        &self,
        chat_id: i64,
        png: Vec<u8>,
        caption: &str,
    ) -> Result<(), ApiError> {
        let plain = || Part::bytes(png.clone()).file_name("picture.png");
        let part = plain().mime_str("image/png").unwrap_or_else(|_| plain());
        let form = Form::new()
            .text("chat_id", chat_id.to_string())
            .text("caption", caption.to_owned())
            .text("parse_mode", "HTML")
            .text("protect_content", "true")
            .part("photo", part);
        let request = self
            .0
            .client
            .post(self.url("sendPhoto"))
            .multipart(form)
            .timeout(UPLOAD);
        self.exchange(request, |_| Ok(())).await
    }

    /// Sends a message that cannot be forwarded or saved.
    pub async fn send_private(&self, chat_id: i64, html: &str) -> Result<(), ApiError> {
        let body = json!({
            "chat_id": chat_id, "text": html, "parse_mode": "HTML", "protect_content": true,
        });
        let _: serde_json::Value = self.call("sendMessage", &body).await?;
        Ok(())
    }

    /// Sets the list of commands for a scope and a language.
    pub async fn set_commands(
        &self,
        commands: &[BotCommand<'_>],
        scope: CommandScope,
        language: Option<&str>,
    ) -> Result<(), ApiError> {
        let mut body = json!({ "commands": commands, "scope": scope });
        if let Some(language) = language {
            body["language_code"] = language.into();
        }
        self.tell("setMyCommands", &body).await
    }

    /// Takes the list of commands for a scope and a language away: the wider one holds.
    pub async fn delete_commands(
        &self,
        scope: CommandScope,
        language: Option<&str>,
    ) -> Result<(), ApiError> {
        let mut body = json!({ "scope": scope });
        if let Some(language) = language {
            body["language_code"] = language.into();
        }
        self.tell("deleteMyCommands", &body).await
    }

    /// Leaves a chat.
    pub async fn leave_chat(&self, chat_id: i64) -> Result<(), ApiError> {
        self.tell("leaveChat", &json!({ "chat_id": chat_id })).await
    }

    /// The people who administer a chat; bots are left out.
    pub async fn administrators(&self, chat_id: i64) -> Result<Vec<Administrator>, ApiError> {
        #[derive(Deserialize)]
        struct Member {
            status: String,
            user: User,
        }
        #[derive(Deserialize)]
        struct User {
            id: i64,
            #[serde(default)]
            is_bot: bool,
        }
        let members: Vec<Member> = self
            .call("getChatAdministrators", &json!({ "chat_id": chat_id }))
            .await?;
        let people = members.into_iter().filter(|member| !member.user.is_bot);
        Ok(people
            .map(|member| Administrator {
                user_id: member.user.id,
                is_creator: member.status == "creator",
            })
            .collect())
    }

    /// Fetches a file that somebody sent, piece by piece; `take` is given each one and may end it. Telegram gives at most
    /// 20 MB.
    pub async fn download<E>(
        &self,
        file_id: &str,
        mut take: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), Download<E>> {
        #[derive(Deserialize)]
        struct File {
            file_path: Option<String>,
        }
        let file: File = self.call("getFile", &json!({ "file_id": file_id })).await?;
        let path = file
            .file_path
            .filter(|path| !path.starts_with('/') && !path.contains("..") && !path.contains("://"));
        let Some(url) = path.and_then(|path| self.0.files.join(&path).ok()) else {
            return Err(ApiError::Garbage { status: 200 }.into());
        };
        let failed = |error: reqwest::Error| Download::Telegram(self.failure(&error));
        let request = self.0.client.get(url).timeout(UPLOAD);
        let mut response = request.send().await.map_err(failed)?;
        match response.status().as_u16() {
            200 => {}
            // The path is good for an hour; a new one is asked for when it is tried again.
            404 => return Err(ApiError::Garbage { status: 404 }.into()),
            status => return Err(super::not_the_bot_api(status).into()),
        }
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            take(&piece).map_err(Download::Taker)?;
        }
        Ok(())
    }
}

/// Why a download ended early.
#[derive(Debug)]
pub enum Download<E> {
    /// Telegram, or the way to it.
    Telegram(ApiError),
    /// Whoever takes the pieces.
    Taker(E),
}

impl<E> From<ApiError> for Download<E> {
    fn from(error: ApiError) -> Self {
        Self::Telegram(error)
    }
}
