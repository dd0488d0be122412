//! Our own intake of updates: fetch, commit, then confirm.
//!
//! Telegram's queue is the inbox. A batch is confirmed (by the next request's `offset`) only after everything in it is
//! committed, so a kill at any moment loses nothing, and a repeat is recognised by its number. After a start the queue is
//! asked without an offset: Telegram knows what was confirmed, and after a week of silence it counts from another number.

mod batch;
mod redact;
#[cfg(test)]
mod tests;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use thiserror::Error;
use tokio::sync::watch;

pub use self::redact::redact;
use super::api::{Api, ApiError};
use super::incoming;
use crate::clock::Clock;

/// The kinds of updates that we ask for; some are left out by default, and what is not named keeps its former setting.
pub const ALLOWED: [&str; 6] = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "chat_member",
    "message_reaction",
];

/// How often an update is tried before it is set aside.
const TRIES: u32 = 3;
/// A gap in polling from which on buttons pressed meanwhile are not to be trusted.
const GAP: Duration = Duration::from_mins(1);

/// One update as it came.
#[derive(Clone, Debug)]
pub struct RawUpdate {
    /// Telegram's number of it.
    pub update_id: i64,
    /// Its JSON.
    pub raw: Arc<str>,
    /// True if it may have waited: it was fetched before the first empty poll after a start or a gap of more than 60 s.
    pub backlog: bool,
}

/// What became of a batch. Updates that are not named here are committed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BatchOutcome {
    /// Updates that failed by themselves, with the reason. They are tried again, then set aside.
    pub broken: Vec<(i64, String)>,
    /// The ledger takes nothing at present, for this reason: the whole batch is given again later. Repeats must be no-ops.
    pub unavailable: Option<String>,
}

/// An update that failed too often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// Its number, if it could be found.
    pub update_id: Option<i64>,
    /// Its kind (`message`, `callback_query`…).
    pub kind: String,
    /// Why it failed.
    pub reason: String,
    /// Its shape: names and numbers, every text replaced by its length.
    pub redacted: String,
}

/// What the intake notices about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Somebody else takes this bot's updates (409): the token is used elsewhere.
    AnotherReceiver(String),
    /// We receive again after [`Notice::AnotherReceiver`].
    ReceiverGone,
    /// Telegram cannot be reached for a minute.
    Unreachable(String),
    /// Telegram can be reached again.
    Reachable,
}

/// Who handles the updates.
pub trait Handler: Send + Sync + 'static {
    /// Handles a batch, chats in parallel, in order inside a chat, and returns when all effects are committed.
    fn handle(&self, batch: Vec<RawUpdate>) -> impl Future<Output = BatchOutcome> + Send;

    /// Keeps an update that failed three times, with an alarm. An error (the ledger takes nothing) has it asked again.
    fn set_aside(&self, update: SetAside) -> impl Future<Output = Result<(), String>> + Send;

    /// Told what the intake notices about itself.
    fn notice(&self, notice: Notice) -> impl Future<Output = ()> + Send;
}

/// Why the intake ended although nobody asked it to.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PumpError {
    /// The token is wrong or was revoked.
    #[error(
        "Telegram refuses the bot token (401): check TELOXIDE_TOKEN, or ask BotFather for a new one"
    )]
    Unauthorized,
    /// The server does not know the token or the method.
    #[error(
        "the Bot API server does not know this token (404): check TELOXIDE_TOKEN and TELOXIDE_API_URL"
    )]
    NotFound,
}

/// How the intake polls.
#[derive(Clone, Debug)]
pub struct Polling {
    /// How long a poll waits for the first update, at most 50 s.
    pub wait: Duration,
    /// Updates per batch, 1–100.
    pub limit: u8,
    /// The longest pause between attempts while Telegram fails.
    pub longest_pause: Duration,
}

impl Default for Polling {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(50),
            limit: 100,
            longest_pause: Duration::from_secs(30),
        }
    }
}

/// The intake by polling.
pub struct Pump<H> {
    api: Api,
    handler: Arc<H>,
    clock: Clock,
    polling: Polling,
    stop: watch::Receiver<bool>,
    /// What the next request confirms: the last committed number and one. None once an empty answer showed that all is confirmed.
    offset: Option<i64>,
    gaps: Gaps,
    trouble: Trouble,
}

impl<H: Handler> Pump<H> {
    /// An intake that ends soon after `stop` becomes true.
    pub fn new(
        api: Api,
        handler: Arc<H>,
        clock: Clock,
        polling: Polling,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let gaps = Gaps::new(&clock);
        Self {
            api,
            handler,
            clock,
            polling,
            stop,
            offset: None,
            gaps,
            trouble: Trouble::default(),
        }
    }

    /// Runs until it is stopped (then what is committed is confirmed) or Telegram refuses the token.
    pub async fn run(mut self) -> Result<(), PumpError> {
        while !self.stopped() {
            let fetched = tokio::select! {
                biased;
                () = stopped(self.stop.clone()) => break,
                fetched = self.fetch() => fetched,
            };
            match fetched {
                Ok(batch) => {
                    self.all_is_well().await;
                    self.take(batch).await;
                }
                Err(error) => self.failed(error).await?,
            }
        }
        self.confirm().await;
        Ok(())
    }

    async fn fetch(&mut self) -> Result<Vec<Box<RawValue>>, ApiError> {
        self.gaps.asking(&self.clock);
        // While something may have waited, an empty answer is wanted soon: it is what tells old presses from new ones.
        let wait = if self.gaps.backlog {
            Duration::ZERO
        } else {
            self.polling.wait
        };
        // An answer that is not JSON as a whole is taken apart update by update.
        let limit = if self.trouble.garbage >= TRIES {
            1
        } else {
            self.polling.limit
        };
        let batch = self
            .api
            .get_updates(self.offset, limit, wait, &ALLOWED)
            .await?;
        self.gaps.answered(&self.clock, wait, batch.is_empty());
        Ok(batch)
    }

    async fn take(&mut self, batch: Vec<Box<RawValue>>) {
        if batch.is_empty() {
            // Everything is confirmed: from here on Telegram may count as it likes.
            self.offset = None;
            return;
        }
        let mut updates = Vec::with_capacity(batch.len());
        for raw in batch {
            match incoming::update_id(raw.get()) {
                Some(update_id) => updates.push(RawUpdate {
                    update_id,
                    raw: raw.get().into(),
                    backlog: self.gaps.backlog,
                }),
                None => self.nameless(raw.get()).await,
            }
        }
        let Some(last) = updates.iter().map(|update| update.update_id).max() else {
            // Nothing to confirm by: asking again at once would be a hot loop.
            self.pause(Duration::from_secs(1)).await;
            return;
        };
        if batch::commit(&self.handler, updates, &mut self.stop).await {
            self.offset = Some(last + 1);
        }
    }

    /// An update without a number: it goes with its neighbours' confirmation.
    async fn nameless(&mut self, raw: &str) {
        let update = SetAside {
            update_id: None,
            kind: incoming::kind(raw),
            reason: "no update_id".into(),
            redacted: redact(raw),
        };
        batch::set_aside(&self.handler, update, &mut self.stop).await;
    }

    async fn all_is_well(&mut self) {
        let before = std::mem::take(&mut self.trouble);
        if before.conflict {
            self.handler.notice(Notice::ReceiverGone).await;
        }
        if before.told_unreachable {
            self.handler.notice(Notice::Reachable).await;
        }
    }

    async fn failed(&mut self, error: ApiError) -> Result<(), PumpError> {
        self.trouble.count += 1;
        let pause = match error {
            ApiError::Unauthorized => return Err(PumpError::Unauthorized),
            ApiError::NotFound(_) => return Err(PumpError::NotFound),
            ApiError::RetryAfter(wait) => wait,
            ApiError::Conflict { webhook, text } => {
                if !std::mem::replace(&mut self.trouble.conflict, true) {
                    tracing::error!(webhook, "somebody else receives this bot's updates: {text}");
                    self.handler.notice(Notice::AnotherReceiver(text)).await;
                }
                Duration::from_secs(5).min(self.polling.longest_pause)
            }
            error => {
                self.trouble.garbage += u32::from(matches!(error, ApiError::Garbage { .. }));
                tracing::warn!(
                    "getting updates failed (attempt {}): {error}",
                    self.trouble.count
                );
                self.unreachable(&error).await;
                self.backoff()
            }
        };
        self.pause(pause).await;
        Ok(())
    }

    async fn unreachable(&mut self, error: &ApiError) {
        let since = *self
            .trouble
            .since
            .get_or_insert_with(|| self.clock.elapsed());
        if !self.trouble.told_unreachable && self.clock.elapsed().saturating_sub(since) >= GAP {
            self.trouble.told_unreachable = true;
            self.handler
                .notice(Notice::Unreachable(error.to_string()))
                .await;
        }
    }

    fn backoff(&self) -> Duration {
        let doubled = Duration::from_millis(250)
            * 2_u32.saturating_pow(self.trouble.count.min(12).saturating_sub(1));
        doubled.min(self.polling.longest_pause)
    }

    async fn pause(&mut self, time: Duration) {
        tokio::select! {
            () = stopped(self.stop.clone()) => {}
            () = tokio::time::sleep(time) => {}
        }
    }

    fn stopped(&self) -> bool {
        *self.stop.borrow()
    }

    /// A last request that confirms what is committed. Without it the next start meets known updates, no harm.
    async fn confirm(&self) {
        if self.offset.is_some() {
            let confirm = self.api.get_updates(self.offset, 1, Duration::ZERO, &[]);
            let _ = tokio::time::timeout(Duration::from_secs(2), confirm).await;
        }
    }
}

/// Resolves when the intake is asked to end, also when whoever could ask is gone.
async fn stopped(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}

/// What has gone wrong since the last good answer.
#[derive(Debug, Default)]
struct Trouble {
    count: u32,
    garbage: u32,
    conflict: bool,
    since: Option<Duration>,
    told_unreachable: bool,
}

/// Tells updates that may have waited from those that came while we listened. Measured by both clocks: a machine that slept
/// shows it on one of them only.
#[derive(Debug)]
struct Gaps {
    backlog: bool,
    last: (Duration, i64),
}

impl Gaps {
    fn new(clock: &Clock) -> Self {
        Self {
            backlog: true,
            last: (clock.elapsed(), clock.micros()),
        }
    }

    fn asking(&mut self, clock: &Clock) {
        self.backlog |= self.since(clock) > GAP;
    }

    fn answered(&mut self, clock: &Clock, wait: Duration, empty: bool) {
        if empty {
            self.backlog = false;
        } else {
            self.backlog |= self.since(clock) > wait + GAP;
        }
        self.last = (clock.elapsed(), clock.micros());
    }

    fn since(&self, clock: &Clock) -> Duration {
        let monotonic = clock.elapsed().saturating_sub(self.last.0);
        let wall = u64::try_from(clock.micros().saturating_sub(self.last.1)).unwrap_or(0);
        monotonic.max(Duration::from_micros(wall))
    }
}
