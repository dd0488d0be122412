//! A stand-in for Telegram's Bot API: strict like the real server, in memory, on loopback.
//!
//! A bot talks to it over HTTP as it talks to Telegram. A test drives it through [`Control`]: people write, press buttons
//! and react, chats change, faults strike; the transcript shows what people see. With [`Options::page`] a chat page for the
//! browser is served as well.

mod api_error;
mod clock;
mod control;
mod entities;
mod entry;
mod faults;
mod guard;
mod history;
mod limits;
mod methods;
mod model;
mod news;
mod news_view;
mod page;
mod params;
mod request;
mod server;
mod shared;
mod updates;
mod view;
mod webhook;
mod world;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use serde::Serialize;
use tokio::task::JoinHandle;

pub use control::{Attachment, Control, NewChat, NewUser, Say};
pub use entities::Entity;
pub use entry::{Entry, FileEntry, Reaction};
pub use faults::{Fault, FaultKind};
pub use history::Call;
pub use model::{Button, CallbackId, ChatKind, Keyboard, MessageId, Rights, UserId};

use crate::shared::Shared;
use crate::world::World;

/// How to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 picks a free one.
    pub listen: SocketAddr,
    /// The one token that is accepted; the number before the colon is the bot's user id.
    pub token: String,
    /// Without `@`.
    pub bot_username: String,
    /// The first `update_id`.
    pub first_update_id: i64,
    /// For the faults' chances.
    pub seed: u64,
    /// Whether flood limits are on.
    pub limits: bool,
    /// Whether to serve the chat page and its HTTP control API.
    pub page: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            token: "42:SANDBOX".to_owned(),
            bot_username: "breakglass_bot".to_owned(),
            first_update_id: 100_000_001,
            seed: 1,
            limits: true,
            page: false,
        }
    }
}

/// The answer to a press: a line at the top of the chat, or an alert to be closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Toast {
    /// Empty for a silent answer.
    pub text: String,
    /// A dialogue instead of a passing line.
    pub show_alert: bool,
    /// A link to open.
    pub url: Option<String>,
}

/// A running stand-in. Dropping it stops it.
#[derive(Debug)]
pub struct Sandbox {
    addr: SocketAddr,
    token: String,
    control: Control,
    tasks: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts listening.
    ///
    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(options: Options) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(options.listen).await?;
        let addr = listener.local_addr()?;
        let world = World::new(
            &options.token,
            &options.bot_username,
            options.first_update_id,
            options.seed,
            options.limits,
        );
        let shared = Shared::new(world);
        let control = Control::new(shared.clone());
        let page = options.page.then(|| page::router(control.clone()));
        let server = server::Server {
            shared: shared.clone(),
            token: options.token.clone(),
            page,
        };
        let tasks = vec![
            tokio::spawn(server::run(listener, Arc::new(server))),
            tokio::spawn(webhook::deliver(shared)),
        ];
        Ok(Self {
            addr,
            token: options.token,
            control,
            tasks,
        })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The base for a bot's API URL, without a slash at the end.
    pub fn api_url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The token that it accepts.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// The hand that moves the world.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops listening and cuts all connections.
    pub async fn stop(mut self) {
        for task in std::mem::take(&mut self.tasks) {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
