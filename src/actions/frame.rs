//! What every executor is given, and how waiting ends.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::addresses::Names;
use super::redact::Redactor;
use super::targets::{Target, Targets};
use super::template::Filler;

/// The surroundings of one action.
pub(super) struct Frame<'a> {
    /// What placeholders stand for.
    pub(super) filler: Filler<'a>,
    /// For variables that a program is handed.
    pub(super) targets: &'a Targets,
    /// Takes secrets out of what comes back.
    pub(super) redactor: Redactor,
    /// How names are resolved.
    pub(super) names: &'a Names,
    /// Time limit.
    pub(super) limit: Duration,
    /// How long a program may take to end when it is told to.
    pub(super) grace: Duration,
    /// A collector or probe: nothing may change.
    pub(super) reading: bool,
    /// Under which mark the state before a change is kept.
    pub(super) mark: String,
}

impl Frame<'_> {
    pub(super) fn target(&self) -> &Target {
        self.filler.target
    }

    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.limit
    }
}

/// How waiting for something ended.
pub(super) enum Waited<T> {
    /// It came.
    Came(T),
    /// The time limit was first.
    Late,
    /// Somebody wants an end.
    Stopped,
}

/// Waits for `work` until the deadline or until somebody wants an end. Given up, `work` is dropped.
pub(super) async fn until<T>(
    deadline: Instant,
    stop: &mut watch::Receiver<bool>,
    work: impl Future<Output = T>,
) -> Waited<T> {
    tokio::select! {
        biased;
        came = work => Waited::Came(came),
        () = stopped(stop) => Waited::Stopped,
        () = tokio::time::sleep_until(deadline) => Waited::Late,
    }
}

/// Ends when somebody wants an end. Nobody left who could want it: never.
pub(super) async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|it| *it).await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// A time limit in whole milliseconds.
pub(super) fn millis(limit: Duration) -> u64 {
    u64::try_from(limit.as_millis()).unwrap_or(u64::MAX)
}
