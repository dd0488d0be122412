//! What the operator must learn: in the log, and in the home chat where there is one.
//!
//! An alarm that was noticed is written to the outbox by the task of the timers: whoever notices it need not wait for a ledger
//! that may be what the alarm is about. What the ledger does not take now is written when it takes something again.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

use super::letter::Letter;
use super::room::{LoadError, Room};
use super::told::Saying;
use super::{Delivery, House};
use crate::incident::{Author, ChatKey};
use crate::messages::outgoing::{Lane, Message, Outgoing};
use crate::messages::{self, Alarm};
use crate::store::{CommitError, NewOutbox, NewSetAside, ReadError, Unit};

/// How long nothing more is said of the same trouble.
const QUIET: Duration = Duration::from_mins(30);

/// Something about the installation that somebody must look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Noticed {
    /// Somebody else takes this bot's updates.
    AnotherReceiver {
        /// Telegram's words.
        why: String,
    },
    /// The bot may not write in a chat: what is for it waits.
    Parked {
        /// The chat's key.
        chat: i64,
        /// Telegram's words.
        why: String,
    },
    /// A message could not be delivered.
    Undelivered {
        /// The chat's key.
        chat: i64,
        /// Why.
        why: String,
    },
    /// The ledger takes nothing.
    Database {
        /// Why.
        why: String,
    },
    /// What the ledger has of a chat cannot be understood.
    Unreadable {
        /// The chat's key.
        chat: i64,
        /// Why.
        why: String,
    },
    /// The journal of levers pulled without the ledger cannot be brought in.
    Journal {
        /// Why.
        why: String,
    },
    /// The log was changed from outside.
    LogChanged {
        /// The first place.
        fault: String,
        /// How many more.
        more: usize,
    },
}

impl Noticed {
    /// What is told once in a while: the kind of trouble, and the chat that has it.
    fn subject(&self) -> (&'static str, i64) {
        match self {
            Self::AnotherReceiver { .. } => ("another receiver", 0),
            Self::Parked { chat, .. } => ("parked", *chat),
            Self::Undelivered { chat, .. } => ("undelivered", *chat),
            Self::Database { .. } => ("database", 0),
            Self::Unreadable { chat, .. } => ("unreadable", *chat),
            Self::Journal { .. } => ("journal", 0),
            Self::LogChanged { .. } => ("log changed", 0),
        }
    }

    /// The chat that cannot be told of it: there the message would only wait with the others.
    fn unable(&self) -> Option<i64> {
        match self {
            Self::Parked { chat, .. } | Self::Undelivered { chat, .. } => Some(*chat),
            _ => None,
        }
    }

    fn log(&self) {
        match self {
            Self::AnotherReceiver { why } => tracing::error!(
                "somebody else takes this bot's updates: the token is used elsewhere ({why})"
            ),
            Self::Parked { chat, why } => {
                tracing::warn!(
                    chat,
                    "the bot may not write there, what is for it waits: {why}"
                );
            }
            Self::Undelivered { chat, why } => {
                tracing::error!(chat, "a message could not be delivered: {why}");
            }
            Self::Database { why } => tracing::error!("the database: {why}"),
            Self::Unreadable { chat, why } => {
                tracing::error!(chat, "a chat cannot be loaded: {why}");
            }
            Self::Journal { why } => tracing::error!("the journal stays as it is: {why}"),
            Self::LogChanged { fault, more } => {
                tracing::error!(more, "the log was changed from outside: {fault}");
            }
        }
    }
}

/// What was said lately, and what has still to be written.
#[derive(Debug, Default)]
pub(super) struct Alarms {
    told: HashMap<(&'static str, i64), Duration>,
    waiting: BTreeMap<(&'static str, i64), Noticed>,
}

impl Alarms {
    /// Whether a subject was told a short while ago.
    fn is_quiet(&self, subject: (&'static str, i64), now: Duration) -> bool {
        let told = self.told.get(&subject);
        told.is_some_and(|told| now.saturating_sub(*told) < QUIET)
    }

    fn tell(&mut self, subject: (&'static str, i64), now: Duration) {
        self.told
            .retain(|_, told| now.saturating_sub(*told) < QUIET);
        self.told.insert(subject, now);
    }
}

const SET_ASIDE: (&str, i64) = ("set aside", 0);

impl House {
    /// Keeps an update that failed again and again, with an alarm to the home chat.
    ///
    /// # Errors
    /// When the ledger takes nothing at present.
    pub async fn set_aside(&self, update: NewSetAside) -> Result<(), String> {
        tracing::error!(
            update = update.update_id,
            kind = update.kind,
            "set aside: {}",
            update.reason
        );
        let mut unit = Unit::default();
        unit.updates.extend(update.update_id);
        let home = self.home_chat().await;
        unit.chat = home.unwrap_or(0);
        let now = self.clock.elapsed();
        let told = home.filter(|_| !self.alarms().is_quiet(SET_ASIDE, now));
        if let Some(home) = told {
            let alarm = Alarm::SetAside {
                kind: &update.kind,
                why: &update.reason,
            };
            unit.outbox.push(self.alarm_row(home, &alarm));
        }
        unit.set_aside.push(update);
        match self.ledger.commit(unit).await {
            Ok(committed) => {
                if told.is_some() {
                    self.alarms().tell(SET_ASIDE, now);
                }
                for row in committed.outbox {
                    self.deliver(Delivery::Row(row));
                }
                Ok(())
            }
            Err(CommitError::Repeat { .. }) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Takes note of something that somebody must look at. The home chat is told soon, but not of the same trouble again and again.
    pub fn noticed(&self, noticed: Noticed) {
        let subject = noticed.subject();
        let now = self.clock.elapsed();
        {
            let mut alarms = self.alarms();
            if alarms.is_quiet(subject, now) {
                tracing::debug!("again: {noticed:?}");
                return;
            }
            noticed.log();
            alarms.tell(subject, now);
            alarms.waiting.insert(subject, noticed);
        }
        self.timers_changed.notify_one();
    }

    /// What the ledger has of a chat cannot be understood, or not be read at all.
    pub(super) fn unreadable(&self, room: &Room, error: &LoadError) {
        let (chat, why) = (room.key.0, error.to_string());
        self.noticed(match error {
            LoadError::Read(ReadError::Unavailable(_)) => Noticed::Database { why },
            _ => Noticed::Unreadable { chat, why },
        });
    }

    /// Whoever wants something in such a chat is not met with silence, but told it once in a while.
    pub(super) async fn say_unreadable(&self, from: &Room, letters: &[Letter]) {
        let wanted = |letter: &Letter| {
            let command = letter.wanted.command();
            command.is_some_and(|(author, _)| matches!(author, Author::Person(_)))
        };
        let saying = Saying::Stranger {
            chat: from.key,
            whom: None,
            what: "unreadable",
        };
        let now = self.clock.now();
        if !from.is_registered() || !letters.iter().any(wanted) || self.told.is_enough(&saying, now)
        {
            return;
        }
        let unit = Unit {
            chat: from.key.0,
            outbox: vec![self.alarm_row(from.key.0, &Alarm::UnreadableHere)],
            ..Unit::default()
        };
        match self.write(unit).await {
            Ok(()) => self.told.remember(vec![saying], now),
            Err(why) => tracing::warn!("nobody can be told that a chat is unreadable: {why}"),
        }
    }

    /// Writes the alarms that wait, as far as the ledger takes them now.
    pub(super) async fn raise_alarms(&self) {
        loop {
            let next = {
                let alarms = self.alarms();
                alarms.waiting.first_key_value().map(|(_, it)| it.clone())
            };
            let Some(noticed) = next else { return };
            match self.raise(&noticed).await {
                Ok(()) => self.alarms().waiting.remove(&noticed.subject()),
                Err(why) => {
                    tracing::warn!("an alarm waits for the database: {why}");
                    return;
                }
            };
        }
    }

    /// One alarm; an error if it is worth trying again.
    async fn raise(&self, noticed: &Noticed) -> Result<(), String> {
        if let Noticed::LogChanged { fault, more } = noticed {
            return self.raise_everywhere(fault, *more).await;
        }
        let home = self.home().await.map_err(|error| error.to_string())?;
        let Some(home) = home.filter(|home| noticed.unable() != Some(*home)) else {
            tracing::warn!("no group hears of it: send /setup home in one that I can write to");
            return Ok(());
        };
        let unit = Unit {
            chat: home,
            outbox: vec![self.alarm_of(home, noticed).await],
            ..Unit::default()
        };
        self.write(unit).await
    }

    /// To every chat in use and to the owners in private: it concerns whoever might pull a lever.
    async fn raise_everywhere(&self, fault: &str, more: usize) -> Result<(), String> {
        let home = self.home().await.map_err(|error| error.to_string())?;
        let mut chats: BTreeSet<i64> = self.owners_rooms().iter().map(|key| key.0).collect();
        chats.extend(home);
        let rooms: Vec<_> = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_key.values().cloned().collect()
        };
        for room in rooms.into_iter().filter(|room| room.is_registered()) {
            let in_use = self.with_chat(&room, |chat, _| chat.claimed).await;
            // What cannot be read any more may well be what was changed.
            if in_use.unwrap_or(true) {
                chats.insert(room.key.0);
            }
        }
        let Some(first) = chats.first().copied() else {
            return Ok(());
        };
        let alarm = Alarm::LogChanged { fault, more };
        let rows = chats.iter().map(|chat| NewOutbox {
            chat: Some(*chat),
            ..self.alarm_row(*chat, &alarm)
        });
        self.write(Unit {
            chat: first,
            outbox: rows.collect(),
            ..Unit::default()
        })
        .await
    }

    async fn write(&self, unit: Unit) -> Result<(), String> {
        match self.ledger.commit(unit).await {
            Ok(committed) => {
                for row in committed.outbox {
                    self.deliver(Delivery::Row(row));
                }
                Ok(())
            }
            Err(error @ (CommitError::Unavailable(_) | CommitError::Conflict { .. })) => {
                Err(error.to_string())
            }
            Err(error) => {
                tracing::error!("an alarm could not be written: {error}");
                Ok(())
            }
        }
    }

    async fn alarm_of(&self, home: i64, noticed: &Noticed) -> NewOutbox {
        match noticed {
            Noticed::AnotherReceiver { why } => {
                self.alarm_row(home, &Alarm::AnotherReceiver { why })
            }
            Noticed::Parked { chat, why } => {
                let chat = &self.name_of(*chat).await;
                self.alarm_row(home, &Alarm::Parked { chat, why })
            }
            Noticed::Undelivered { chat, why } => {
                let chat = &self.name_of(*chat).await;
                self.alarm_row(home, &Alarm::Undelivered { chat, why })
            }
            Noticed::Database { why } => self.alarm_row(home, &Alarm::Database { why }),
            Noticed::Unreadable { chat, why } => {
                let chat = &self.name_of(*chat).await;
                self.alarm_row(home, &Alarm::Unreadable { chat, why })
            }
            Noticed::Journal { why } => self.alarm_row(home, &Alarm::Journal { why }),
            Noticed::LogChanged { fault, more } => {
                self.alarm_row(home, &Alarm::LogChanged { fault, more: *more })
            }
        }
    }

    /// Spoken in the language of the chat that is told.
    fn alarm_row(&self, home: i64, alarm: &Alarm<'_>) -> NewOutbox {
        let message = Outgoing::Message(Message {
            html: messages::alarm(&self.phrases_in(home), alarm),
            ..Message::default()
        });
        NewOutbox {
            chat: None,
            incident: None,
            lane: Lane::Emergency.number(),
            body: message.to_body(),
        }
    }

    /// A chat's title, as far as it is known; else its id.
    async fn name_of(&self, chat: i64) -> String {
        let Some(room) = self.room_by_key(ChatKey(chat)) else {
            return chat.to_string();
        };
        let title = self.with_chat(&room, |chat, _| chat.title.clone()).await;
        let title = title.unwrap_or_default();
        if title.is_empty() {
            room.telegram_id().to_string()
        } else {
            title
        }
    }

    /// Whether alarms have a chat to go to.
    pub async fn has_home(&self) -> bool {
        self.home_chat().await.is_some()
    }

    /// The key of the chat that alarms go to, if it can be known.
    pub(super) async fn home_chat(&self) -> Option<i64> {
        self.home().await.ok().flatten()
    }

    /// The key of the chat that `/setup home` chose, else of the one that the installation's settings name.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub(super) async fn home(&self) -> Result<Option<i64>, ReadError> {
        let chosen = self.ledger.setting("home_chat").await?;
        if let Some(key) = chosen.and_then(|key| key.parse().ok()) {
            return Ok(Some(key));
        }
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let named = self
            .setup
            .home_chat
            .and_then(|id| rooms.by_telegram_id.get(&id));
        Ok(named.map(|room| room.key.0))
    }

    fn alarms(&self) -> MutexGuard<'_, Alarms> {
        self.alarms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
