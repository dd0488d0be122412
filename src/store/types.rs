//! What goes into the ledger and what comes out of it. Plain data; streams, kinds and bodies are text to the store.

/// Everything one decision wants to keep, committed together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Unit {
    /// Key of the chat the unit belongs to; 0 when it belongs to none. Units of one chat depend on each other in the order of submission.
    pub chat: i64,
    /// Telegram update ids that this unit settles. One that was committed before makes the unit a repeat.
    pub updates: Vec<i64>,
    /// Events to append, in order.
    pub events: Vec<NewEvent>,
    /// Messages and jobs to deliver.
    pub outbox: Vec<NewOutbox>,
    /// Timers set or cancelled, in order.
    pub timers: Vec<TimerChange>,
    /// Timers that this unit settles: one that is gone makes the unit a repeat.
    pub timers_done: Vec<String>,
    /// Plan revisions to keep (known ones are left alone).
    pub plans: Vec<PinnedPlan>,
    /// Chats seen for the first time. A known key or Telegram id is a conflict.
    pub new_chats: Vec<Chat>,
    /// New titles and kinds of known chats (`telegram_id` is not changed by this).
    pub chat_updates: Vec<Chat>,
    /// Chats that Telegram gave a new id.
    pub chat_moves: Vec<ChatMove>,
    /// People to insert or bring up to date.
    pub people: Vec<Person>,
    /// People seen in a chat: chat key and user id.
    pub members: Vec<(i64, i64)>,
    /// People who left a chat: chat key and user id.
    pub left: Vec<(i64, i64)>,
    /// Cards to insert or bring up to date.
    pub cards: Vec<Card>,
    /// Settings to write: name and value.
    pub settings: Vec<(String, String)>,
    /// Input given up on.
    pub set_aside: Vec<NewSetAside>,
}

/// An event to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// Stream it belongs to, such as `incident/SEC-2026-001`.
    pub stream: String,
    /// Its number in the stream, from 1: the one expected to be free.
    pub seq: i64,
    /// When it happened, UTC microseconds.
    pub at: i64,
    /// Its kind, as the domain names it.
    pub kind: String,
    /// Its content, JSON.
    pub body: String,
}

/// An event as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Stream it belongs to.
    pub stream: String,
    /// Its number in the stream, from 1.
    pub seq: i64,
    /// Key of the chat, 0 for none.
    pub chat: i64,
    /// Its place among the events of all streams; rising, with gaps.
    pub position: i64,
    /// When it happened, UTC microseconds.
    pub at: i64,
    /// Its kind.
    pub kind: String,
    /// Its content, JSON.
    pub body: String,
    /// Hash of the event before it in the stream, empty for the first.
    pub prev: String,
    /// Its own hash, see [`super::chain`].
    pub hash: String,
}

/// A message or job to deliver.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewOutbox {
    /// Key of the chat it goes to, if that is not the unit's own.
    pub chat: Option<i64>,
    /// Incident it speaks of, if any.
    pub incident: Option<String>,
    /// Priority lane, as the courier numbers them.
    pub lane: i64,
    /// What to do, JSON.
    pub body: String,
}

/// How far a delivery has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OutboxState {
    /// Not tried yet, or to be tried again.
    Waiting,
    /// An attempt was begun. After a restart: its outcome is unknown.
    Sending,
    /// Delivered.
    Sent,
    /// Not deliverable for now, kept for later.
    Parked,
    /// Given up.
    Dropped,
}

impl OutboxState {
    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Parked => "parked",
            Self::Dropped => "dropped",
        }
    }

    /// The state for a word, if it is one.
    pub fn parse(word: &str) -> Option<Self> {
        [
            Self::Waiting,
            Self::Sending,
            Self::Sent,
            Self::Parked,
            Self::Dropped,
        ]
        .into_iter()
        .find(|state| state.as_str() == word)
    }
}

/// A delivery and its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxRow {
    /// Its number; the order of numbers is the order of commits.
    pub id: i64,
    /// Key of the chat, 0 for none.
    pub chat: i64,
    /// Incident it speaks of, if any.
    pub incident: Option<String>,
    /// Priority lane.
    pub lane: i64,
    /// What to do, JSON.
    pub body: String,
    /// How far it has come.
    pub state: OutboxState,
    /// Attempts begun so far.
    pub attempts: i64,
    /// When it was written, UTC microseconds.
    pub at: i64,
    /// Telegram's message id once it is sent, if there is one.
    pub message_id: Option<i64>,
    /// Why it is parked or dropped.
    pub error: Option<String>,
}

/// What became of a delivery. Unknown ids are ignored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// An attempt begins now (counts one attempt).
    Sending {
        /// Outbox number.
        id: i64,
    },
    /// Delivered.
    Sent {
        /// Outbox number.
        id: i64,
        /// Telegram's message id, if there is one.
        message_id: Option<i64>,
    },
    /// Delivered and of no further interest (a toast, a reaction): the row is deleted.
    Done {
        /// Outbox number.
        id: i64,
    },
    /// To be tried again.
    Waiting {
        /// Outbox number.
        id: i64,
        /// Attempts so far.
        attempts: i64,
    },
    /// Not deliverable for now.
    Parked {
        /// Outbox number.
        id: i64,
        /// Why, for people.
        why: String,
    },
    /// Given up.
    Dropped {
        /// Outbox number.
        id: i64,
        /// Why, for people.
        why: String,
    },
}

/// A timer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// Its name, unique; setting it again replaces it.
    pub id: String,
    /// Key of the chat, 0 for none.
    pub chat: i64,
    /// When it is due, UTC microseconds.
    pub due: i64,
    /// Its kind, as the domain names it.
    pub kind: String,
    /// Its content, JSON.
    pub body: String,
}

/// A change of the timers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TimerChange {
    /// Set or replace a timer.
    Set(Timer),
    /// Remove a timer, if it is there.
    Cancel(String),
}

/// A plan revision that incidents are declared under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinnedPlan {
    /// SHA-256 of the source.
    pub revision: String,
    /// The whole plan file.
    pub source: String,
}

/// A chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Our own key, which never changes; see [`super::Ledger::fresh_chat_key`].
    pub key: i64,
    /// Telegram's id, which changes when a group becomes a supergroup.
    pub telegram_id: i64,
    /// Its title.
    pub title: String,
    /// Its kind: private, group, supergroup…
    pub kind: String,
}

/// A chat's new Telegram id. If a chat with that id is known already, that one's rows are not touched and the unit is a conflict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChatMove {
    /// Our key of the chat.
    pub key: i64,
    /// Its Telegram id from now on.
    pub telegram_id: i64,
}

/// A person as Telegram last described them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Telegram's id.
    pub user_id: i64,
    /// Name after the @, if they have one.
    pub username: Option<String>,
    /// Full name.
    pub name: String,
    /// Language code of their client.
    pub language: Option<String>,
    /// When they were last seen, UTC microseconds.
    pub seen: i64,
}

/// An incident's pinned card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Incident id.
    pub incident: String,
    /// Key of the chat.
    pub chat: i64,
    /// The message, once it is sent.
    pub message_id: Option<i64>,
    /// The forum topic, if any.
    pub thread_id: Option<i64>,
    /// Version of the stream that the message shows, 0 for none.
    pub shown_version: i64,
    /// Hash of the text that the message shows, empty for none.
    pub shown_hash: String,
}

/// Input that is given up on, to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSetAside {
    /// Telegram's update id, if it was an update.
    pub update_id: Option<i64>,
    /// What kind of input it was.
    pub kind: String,
    /// Why it failed.
    pub reason: String,
    /// The input, redacted by the caller.
    pub body: String,
}

/// Input that was given up on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetAside {
    /// Its number, rising.
    pub id: i64,
    /// Telegram's update id, if it was an update.
    pub update_id: Option<i64>,
    /// When it was set aside, UTC microseconds.
    pub at: i64,
    /// What kind of input it was.
    pub kind: String,
    /// Why it failed.
    pub reason: String,
    /// The input, redacted.
    pub body: String,
}

/// What a commit has written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// The deliveries with their numbers, in the order of the unit.
    pub outbox: Vec<OutboxRow>,
    /// The end of each stream that the unit appended to, in the order of the unit's events (one entry per event).
    pub events: Vec<Head>,
}

/// One event of a stream by its number and hash: the end of the stream, or a checkpoint of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Stream.
    pub stream: String,
    /// Number of the event.
    pub seq: i64,
    /// Its place among the events of all streams.
    pub position: i64,
    /// Its hash.
    pub hash: String,
}
