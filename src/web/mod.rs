//! What is served over HTTP: the admin endpoint and the health of the process. Telegram's webhook has its own routes.

mod admin;
mod health;
mod limit;
#[cfg(test)]
mod tests;

use std::pin::Pin;
use std::sync::Arc;

use axum::Router;

use crate::app::{HostPull, HostRefusal, HostStarted, House};
use crate::clock::Clock;
use crate::secret::Secret;

/// Whatever is awaited behind a pointer.
pub type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// The lever where the ledger takes nothing: runs the procedure directly, with a journal. Answers with the run's name
/// once its intent is on the disk.
pub type Direct = Arc<dyn Fn(HostPull) -> Pending<Result<String, DirectError>> + Send + Sync>;

/// The run of this very request that the journal has, if any: it may not be in the ledger yet.
pub type Journaled = Arc<dyn Fn(&HostPull) -> Result<Option<String>, DirectError> + Send + Sync>;

/// Why nothing was run directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectError {
    /// The request's key belongs to another one: to this.
    OtherRequest(String),
    /// What was asked for does not exist, or is not for this door.
    Wrong(String),
    /// It cannot be done, for this reason.
    Failed(String),
}

impl<T: Into<String>> From<T> for DirectError {
    fn from(why: T) -> Self {
        Self::Failed(why.into())
    }
}

/// What the routes need of the house.
pub trait Lever: Send + Sync + 'static {
    /// Starts a fail-safe procedure and commits that.
    fn pull(&self, pull: HostPull)
    -> impl Future<Output = Result<HostStarted, HostRefusal>> + Send;

    /// The plan that a pull would follow, as far as it is known without the ledger.
    fn plan_for(&self, chat: Option<i64>) -> impl Future<Output = Option<String>> + Send;

    /// Whether the ledger answers.
    fn is_ready(&self) -> impl Future<Output = bool> + Send;
}

impl Lever for House {
    async fn pull(&self, pull: HostPull) -> Result<HostStarted, HostRefusal> {
        self.pull_from_host(pull).await
    }

    async fn plan_for(&self, chat: Option<i64>) -> Option<String> {
        self.plan_for_host(chat).await
    }

    async fn is_ready(&self) -> bool {
        self.ledger().setting("ledger.opened").await.is_ok()
    }
}

/// The admin endpoint's token, and what it falls back on.
#[derive(Clone)]
pub struct Admin {
    /// Whoever has it may pull fail-safe levers.
    pub token: Secret,
    /// For when the ledger takes nothing.
    pub direct: Option<Direct>,
    /// Looks into the journal.
    pub journaled: Option<Journaled>,
}

/// The routes. Without [`Admin`] there is no admin endpoint.
pub fn routes<L: Lever>(lever: Arc<L>, clock: Clock, admin: Option<Admin>) -> Router {
    let routes = health::routes(Arc::clone(&lever));
    match admin {
        Some(admin) => routes.merge(admin::routes(lever, clock, admin)),
        None => routes,
    }
}
