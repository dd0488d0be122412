//! What every exchange of the courier needs.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::settle::Settler;
use super::{Desk, Limits, Returned};
use crate::clock::Clock;
use crate::store::{Ledger, Settlement};
use crate::telegram::api::Api;

/// How long a refusal that may be lifted by people (a closed topic, reactions off) is remembered.
const REMEMBER: Duration = Duration::from_mins(10);

/// How much lies with the courier, for others to read.
#[derive(Debug, Default)]
pub(super) struct LoadNow {
    pub(super) waiting: AtomicUsize,
    pub(super) parked_chats: AtomicUsize,
}

pub(super) struct Shared<D> {
    pub(super) api: Api,
    pub(super) ledger: Ledger,
    pub(super) desk: Arc<D>,
    pub(super) clock: Clock,
    pub(super) limits: Limits,
    pub(super) settler: Settler,
    /// Ids of groups that became supergroups, until the desk knows.
    moved: Mutex<HashMap<i64, i64>>,
    threads_gone: Recent<(i64, i64)>,
    reactions_off: Recent<i64>,
    /// When something was last delivered, microseconds of the monotonic clock; tells a bad row from a bad Telegram.
    last_success: AtomicI64,
}

impl<D: Desk> Shared<D> {
    pub(super) fn new(
        api: Api,
        ledger: Ledger,
        desk: Arc<D>,
        clock: Clock,
        limits: Limits,
        settler: Settler,
    ) -> Self {
        Self {
            api,
            ledger,
            desk,
            clock,
            limits,
            settler,
            moved: Mutex::default(),
            threads_gone: Recent::default(),
            reactions_off: Recent::default(),
            last_success: AtomicI64::new(-1),
        }
    }

    /// Telegram's id of a chat.
    pub(super) fn chat_id(&self, chat: i64) -> Option<i64> {
        let id = self.desk.telegram_id(chat)?;
        let moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        Some(moved.get(&id).copied().unwrap_or(id))
    }

    /// A group became a supergroup: everybody is told before anything else goes there.
    pub(super) async fn moved(&self, chat: i64, from: i64, to: i64) {
        self.moved
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(from, to);
        self.desk
            .came_back(Returned::Migrated { chat, from, to })
            .await;
    }

    pub(super) fn thread_is_gone(&self, chat_id: i64, thread: i64) -> bool {
        self.threads_gone.has(&(chat_id, thread))
    }

    /// Tells about a topic that is gone, once.
    pub(super) async fn thread_gone(
        &self,
        chat: i64,
        chat_id: i64,
        thread_id: i64,
        incident: Option<String>,
    ) {
        if self.threads_gone.add((chat_id, thread_id)) {
            self.desk
                .came_back(Returned::TopicGone {
                    chat,
                    incident,
                    thread_id,
                })
                .await;
        }
    }

    pub(super) fn reactions_are_off(&self, chat: i64) -> bool {
        self.reactions_off.has(&chat)
    }

    pub(super) fn reactions_off(&self, chat: i64) {
        self.reactions_off.add(chat);
    }

    pub(super) fn later(&self, settlement: Settlement) {
        self.settler.later(settlement);
    }

    pub(super) fn delivered(&self) {
        self.last_success.store(self.monotonic(), Ordering::Relaxed);
    }

    /// True if something was delivered after this time.
    pub(super) fn delivered_since(&self, time: i64) -> bool {
        self.last_success.load(Ordering::Relaxed) > time
    }

    /// Microseconds of the monotonic clock.
    pub(super) fn monotonic(&self) -> i64 {
        i64::try_from(self.clock.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// Facts that hold for a while.
struct Recent<K>(Mutex<HashMap<K, Instant>>);

impl<K> Default for Recent<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> Recent<K> {
    fn has(&self, key: &K) -> bool {
        let facts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        facts
            .get(key)
            .is_some_and(|since| since.elapsed() < REMEMBER)
    }

    /// True if it was not known.
    fn add(&self, key: K) -> bool {
        let mut facts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        facts.retain(|_, since| since.elapsed() < REMEMBER);
        facts.insert(key, Instant::now()).is_none()
    }
}
