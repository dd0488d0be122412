//! The client of the Bot API: one pool of connections, one request path, errors told apart.
//!
//! Requests are our own small structures and go out as JSON; answers are read only as far as we need them. A busy bot makes
//! tens of thousands of exchanges a second, so an exchange allocates little and parses nothing twice.

mod error;
mod methods;
#[cfg(test)]
mod tests;
mod types;

use std::borrow::Cow;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Url};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

pub use self::error::ApiError;
pub use self::methods::Download;
pub use self::types::{
    Administrator, AnswerCallback, BotCommand, CommandScope, EditMessage, LinkPreview, Markup, Me,
    Reaction, ReplyTo, SendDocument, SendMessage, Sent, WebhookInfo, markup,
};
use crate::secret::Secret;

/// Telegram's own server.
pub const TELEGRAM: &str = "https://api.telegram.org";

/// How long an ordinary request may take.
const USUAL: Duration = Duration::from_secs(20);
/// How long an upload may take.
const UPLOAD: Duration = Duration::from_mins(3);
/// What a long poll is given beyond its own time-out.
const POLL_MARGIN: Duration = Duration::from_secs(15);

/// The client. Clones share its connections.
#[derive(Clone)]
pub struct Api(Arc<Inner>);

struct Inner {
    client: Client,
    token: Secret,
    /// `…/bot<token>/`
    base: Url,
    /// `…/file/bot<token>/`
    files: Url,
    /// The addresses of the methods that are called all the time, parsed once.
    hot: HashMap<&'static str, Url>,
}

/// Why no client could be made.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// The address of the Bot API server is not one.
    #[error("TELOXIDE_API_URL is not an http:// or https:// address")]
    Address,
    /// The token cannot be a token.
    #[error(
        "TELOXIDE_TOKEN does not look like a bot token (digits, a colon, then letters, digits, - and _)"
    )]
    Token,
    /// The HTTP client could not be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Client(String),
}

impl Api {
    /// A client for the Bot API server at `url` ([`TELEGRAM`] or another one), with this token.
    pub fn new(url: &str, token: Secret) -> Result<Self, SetupError> {
        if !looks_like_a_token(token.expose()) {
            return Err(SetupError::Token);
        }
        let root = url.trim_end_matches('/');
        if !(root.starts_with("http://") || root.starts_with("https://")) {
            return Err(SetupError::Address);
        }
        let address = |path: &str| {
            Url::parse(&format!("{root}/{path}{}/", token.expose()))
                .map_err(|_| SetupError::Address)
        };
        let base = address("bot")?;
        let files = address("file/bot")?;
        let mut hot = HashMap::new();
        for method in [
            "getUpdates",
            "sendMessage",
            "editMessageText",
            "answerCallbackQuery",
            "setMessageReaction",
        ] {
            hot.insert(method, base.join(method).map_err(|_| SetupError::Address)?);
        }
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .tcp_nodelay(true)
            .tcp_keepalive(Duration::from_secs(30))
            .connect_timeout(Duration::from_secs(5))
            .pool_max_idle_per_host(128)
            .pool_idle_timeout(Duration::from_secs(50))
            .build()
            .map_err(|error| SetupError::Client(token.scrub(error.without_url().to_string())))?;
        Ok(Self(Arc::new(Inner {
            client,
            token,
            base,
            files,
            hot,
        })))
    }

    /// The bot's own id: the part of the token before the colon.
    pub fn bot_id(&self) -> i64 {
        self.0
            .token
            .expose()
            .split(':')
            .next()
            .and_then(|id| id.parse().ok())
            .unwrap_or(0)
    }

    /// Calls a method with a JSON body and reads its result.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: &'static str,
        body: &impl Serialize,
    ) -> Result<T, ApiError> {
        self.call_within(method, body, USUAL).await
    }

    /// Calls a method whose result does not matter.
    pub async fn tell(&self, method: &'static str, body: &impl Serialize) -> Result<(), ApiError> {
        self.call::<IgnoredAny>(method, body).await.map(|_| ())
    }

    async fn call_within<T: DeserializeOwned>(
        &self,
        method: &'static str,
        body: &impl Serialize,
        time: Duration,
    ) -> Result<T, ApiError> {
        let json = serde_json::to_vec(body).expect("a request of ours always becomes JSON");
        let request = self
            .0
            .client
            .post(self.url(method))
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .body(json)
            .timeout(time);
        self.exchange(request, |result| serde_json::from_str(result))
            .await
    }

    /// Sends a request and reads the answer's envelope; `read` is given the text of `result`.
    async fn exchange<T>(
        &self,
        request: reqwest::RequestBuilder,
        read: impl FnOnce(&str) -> Result<T, serde_json::Error>,
    ) -> Result<T, ApiError> {
        let response = request.send().await.map_err(|error| self.failure(&error))?;
        let status = response.status().as_u16();
        let body = response
            .bytes()
            .await
            .map_err(|error| self.failure(&error))?;
        let Ok(answer) = serde_json::from_slice::<Answer>(&body) else {
            return Err(not_the_bot_api(status));
        };
        if answer.ok {
            let result = answer.result.map_or("null", RawValue::get);
            return read(result).map_err(|_| ApiError::Garbage { status });
        }
        let code = answer.error_code.unwrap_or(status);
        let description = self
            .0
            .token
            .scrub(answer.description.unwrap_or_default().into_owned());
        Err(error::refusal(
            code,
            description.into(),
            &answer.parameters.unwrap_or_default(),
        ))
    }

    /// The error of an exchange that brought no answer. Addresses (they hold the token) are left out.
    fn failure(&self, error: &reqwest::Error) -> ApiError {
        let maybe_done = !(error.is_connect() || error.is_builder());
        if error.is_timeout() {
            return ApiError::Timeout { maybe_done };
        }
        // reqwest's own words repeat the address; the causes below it do not.
        let mut why = String::new();
        let mut cause = error.source();
        while let Some(inner) = cause {
            if !why.is_empty() {
                why.push_str(": ");
            }
            why.push_str(&inner.to_string());
            cause = inner.source();
        }
        if why.is_empty() {
            why.push_str("the exchange broke off");
        }
        ApiError::Unreachable {
            maybe_done,
            why: self.0.token.scrub(why),
        }
    }

    fn url(&self, method: &str) -> Url {
        if let Some(url) = self.0.hot.get(method) {
            return url.clone();
        }
        self.0
            .base
            .join(method)
            .expect("a method's name is a valid path")
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}

/// The envelope around every answer.
#[derive(Deserialize)]
struct Answer<'a> {
    ok: bool,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error_code: Option<u16>,
    #[serde(borrow)]
    description: Option<Cow<'a, str>>,
    parameters: Option<error::Parameters>,
}

/// The error of an answer without the Bot API's envelope: a proxy's page, half a body, nothing.
fn not_the_bot_api(status: u16) -> ApiError {
    match status {
        429 => ApiError::RetryAfter(Duration::from_secs(5)),
        500.. => ApiError::Server {
            code: status,
            maybe_done: matches!(status, 502 | 504),
        },
        _ => ApiError::Garbage { status },
    }
}

fn looks_like_a_token(token: &str) -> bool {
    let fits =
        |text: &str, allowed: fn(char) -> bool| !text.is_empty() && text.chars().all(allowed);
    token.split_once(':').is_some_and(|(id, key)| {
        fits(id, |c| c.is_ascii_digit())
            && fits(key, |c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    })
}
