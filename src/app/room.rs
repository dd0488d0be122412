//! A chat in memory: loaded once by replaying its events, then kept up to date by each commit.

use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use tokio::sync::Mutex;

use super::House;
use super::codec::{self, Unreadable};
use super::desk::TopicNow;
use crate::incident::{Chat, ChatKey, FoldError, Incident, Lifecycle, UserId, apply};
use crate::store::ReadError;

/// A chat in memory. Whoever holds the lock decides and commits; nobody sees what is not committed.
pub(super) struct Room {
    pub(super) key: ChatKey,
    telegram_id: AtomicI64,
    /// The chat's row is in the ledger.
    registered: AtomicBool,
    /// What the chat chose, for those who cannot wait for it.
    language: std::sync::Mutex<Option<String>>,
    pub(super) chat: Mutex<Option<Chat>>,
}

impl Room {
    pub(super) fn new(key: ChatKey, telegram_id: i64) -> Self {
        let registered = AtomicBool::new(false);
        Self {
            key,
            telegram_id: AtomicI64::new(telegram_id),
            registered,
            language: std::sync::Mutex::default(),
            chat: Mutex::new(None),
        }
    }

    pub(super) fn known(key: ChatKey, telegram_id: i64) -> Self {
        let room = Self::new(key, telegram_id);
        room.set_registered();
        room
    }

    pub(super) fn telegram_id(&self) -> i64 {
        self.telegram_id.load(Ordering::Acquire)
    }

    pub(super) fn move_to(&self, telegram_id: i64) {
        self.telegram_id.store(telegram_id, Ordering::Release);
    }

    /// The language that the chat chose, as last committed.
    pub(super) fn language(&self) -> Option<String> {
        let held = self.language.lock();
        held.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn note_language(&self, chat: &Chat) {
        let mut held = self.language.lock().unwrap_or_else(PoisonError::into_inner);
        if *held != chat.settings.language {
            held.clone_from(&chat.settings.language);
        }
    }

    pub(super) fn is_registered(&self) -> bool {
        self.registered.load(Ordering::Acquire)
    }

    pub(super) fn set_registered(&self) {
        self.registered.store(true, Ordering::Release);
    }
}

/// Where an incident lives: what is asked for without waiting for its chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Whereabouts {
    pub(super) chat: ChatKey,
    pub(super) topic: TopicNow,
    pub(super) open: bool,
}

impl Whereabouts {
    pub(super) fn of(chat: &Chat, incident: &Incident) -> Self {
        Self {
            chat: chat.key,
            topic: TopicNow::of(incident),
            open: matches!(incident.lifecycle, Lifecycle::Open(_)),
        }
    }
}

/// A chat cannot be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The ledger does not answer, or a row makes no sense to it.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A row makes no sense to us.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// The rows do not fit together.
    #[error(transparent)]
    Fold(#[from] FoldError),
}

impl House {
    /// Replays a chat from its events.
    pub(super) async fn load(&self, room: &Room) -> Result<Chat, LoadError> {
        let mut chat = Chat::new(room.key);
        if !room.is_registered() {
            return Ok(chat);
        }
        let stored = self.ledger.load(room.key.0).await?;
        self.bring_plans(&stored).await?;
        let plans = self.plans();
        for row in &stored {
            apply(&mut chat, codec::read(row)?, &plans)?;
        }
        self.note_whereabouts(&chat);
        room.note_language(&chat);
        // Who is an owner here, the list of commands must know even right after a start.
        let members = self.ledger.members(room.key.0).await?;
        let members = members.iter().map(|it| UserId(it.user_id));
        let owners = members.filter(|id| self.is_owner(*id));
        self.people.belong(room.key, owners);
        Ok(chat)
    }

    /// Remembers where the chat's incidents live, for those who cannot wait for the chat.
    pub(super) fn note_whereabouts(&self, chat: &Chat) {
        let mut whereabouts = self
            .whereabouts
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        for incident in chat.incidents.values() {
            whereabouts.insert(incident.id, Whereabouts::of(chat, incident));
        }
    }
}
