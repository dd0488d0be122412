//! What is read from the ledger. Readers have connections of their own and never wait for the writer.

use std::collections::HashSet;

use sqlx::{Any, AnyPool, any::AnyRow};

use super::{
    Ledger,
    error::ReadError,
    sql::{Many, Value, bind, get},
    types::{Card, Chat, OutboxRow, OutboxState, Person, SetAside, StoredEvent, Timer},
};

const SEEN: Many = Many::keys("SELECT update_id FROM updates WHERE update_id IN ", "");

/// A table row that becomes a value; the error says what is wrong with it.
pub(super) trait FromRow: Sized {
    const TABLE: &'static str;
    fn from_row(row: &AnyRow) -> Result<Self, Box<dyn std::error::Error>>;
}

macro_rules! from_row {
    ($type:ident, $table:literal, $($field:ident),+) => {
        impl FromRow for $type {
            const TABLE: &'static str = $table;
            fn from_row(row: &AnyRow) -> Result<Self, Box<dyn std::error::Error>> {
                Ok(Self { $($field: get(row, stringify!($field))?),+ })
            }
        }
    };
}

from_row!(
    StoredEvent,
    "events",
    stream,
    seq,
    chat,
    position,
    at,
    kind,
    body,
    prev,
    hash
);
from_row!(Chat, "chats", key, telegram_id, title, kind);
from_row!(Timer, "timers", id, chat, due, kind, body);
from_row!(Person, "people", user_id, username, name, language, seen);
from_row!(
    Card,
    "cards",
    incident,
    chat,
    message_id,
    thread_id,
    shown_version,
    shown_hash
);
from_row!(SetAside, "set_aside", id, update_id, at, kind, reason, body);

impl FromRow for OutboxRow {
    const TABLE: &'static str = "outbox";
    fn from_row(row: &AnyRow) -> Result<Self, Box<dyn std::error::Error>> {
        let state: String = get(row, "state")?;
        let id = get(row, "id")?;
        Ok(Self {
            id,
            chat: get(row, "chat")?,
            incident: get(row, "incident")?,
            lane: get(row, "lane")?,
            body: get(row, "body")?,
            state: OutboxState::parse(&state)
                .ok_or_else(|| format!("column state of row {id} is {state:?}"))?,
            attempts: get(row, "attempts")?,
            at: get(row, "at")?,
            message_id: get(row, "message_id")?,
            error: get(row, "error")?,
        })
    }
}

/// All rows of a query.
pub(super) async fn rows_of<T: FromRow>(
    pool: &AnyPool,
    text: &'static str,
    values: Vec<Value>,
) -> Result<Vec<T>, ReadError> {
    let count = values.len();
    let rows = sqlx::query_with::<Any, _>(text, bind(values, count))
        .fetch_all(pool)
        .await?;
    rows.iter()
        .map(|row| {
            T::from_row(row).map_err(|why| ReadError::Row {
                table: T::TABLE,
                why: why.to_string(),
            })
        })
        .collect()
}

impl Ledger {
    /// All rows of a query.
    pub(super) async fn rows<T: FromRow>(
        &self,
        text: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<T>, ReadError> {
        rows_of(&self.pool, text, values).await
    }

    async fn first<T: FromRow>(
        &self,
        text: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<T>, ReadError> {
        Ok(self.rows(text, values).await?.into_iter().next())
    }

    /// One column of all rows of a query.
    async fn column<T>(
        &self,
        text: &'static str,
        values: Vec<Value>,
        column: &'static str,
    ) -> Result<Vec<T>, ReadError>
    where
        T: for<'r> sqlx::Decode<'r, Any> + sqlx::Type<Any>,
    {
        let count = values.len();
        let rows = sqlx::query_with::<Any, _>(text, bind(values, count))
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| get(row, column).map_err(ReadError::from))
            .collect()
    }

    /// All chats.
    pub async fn chats(&self) -> Result<Vec<Chat>, ReadError> {
        self.rows(
            "SELECT key, telegram_id, title, kind FROM chats ORDER BY key",
            vec![],
        )
        .await
    }

    /// Our key of the chat with this Telegram id.
    pub async fn chat_key(&self, telegram_id: i64) -> Result<Option<i64>, ReadError> {
        let keys = self
            .column(
                "SELECT key FROM chats WHERE telegram_id = $1",
                vec![telegram_id.into()],
                "key",
            )
            .await?;
        Ok(keys.into_iter().next())
    }

    /// The events of all streams of a chat, in the order they were committed.
    pub async fn load(&self, chat: i64) -> Result<Vec<StoredEvent>, ReadError> {
        let text = "SELECT stream, seq, chat, position, at, kind, body, prev, hash FROM events WHERE chat = $1 ORDER BY position";
        self.rows(text, vec![chat.into()]).await
    }

    /// The events of a stream, in order.
    pub async fn stream(&self, stream: &str) -> Result<Vec<StoredEvent>, ReadError> {
        let text = "SELECT stream, seq, chat, position, at, kind, body, prev, hash FROM events WHERE stream = $1 ORDER BY seq";
        self.rows(text, vec![stream.into()]).await
    }

    /// The chat that a stream belongs to.
    pub async fn chat_of_stream(&self, stream: &str) -> Result<Option<i64>, ReadError> {
        let chats = self
            .column(
                "SELECT chat FROM streams WHERE stream = $1",
                vec![stream.into()],
                "chat",
            )
            .await?;
        Ok(chats.into_iter().next())
    }

    /// Of the streams named `prefix` and a number, the one with the highest number.
    pub async fn highest_stream(&self, prefix: &str) -> Result<Option<String>, ReadError> {
        let streams = self.streams(prefix).await?;
        let number = |stream: &String| {
            stream
                .strip_prefix(prefix)
                .and_then(|tail| tail.parse::<u64>().ok())
        };
        Ok(streams
            .into_iter()
            .filter(|stream| number(stream).is_some())
            .max_by_key(number))
    }

    /// The streams whose names begin with `prefix`.
    pub async fn streams(&self, prefix: &str) -> Result<Vec<String>, ReadError> {
        let escaped = prefix
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_");
        let text = "SELECT stream FROM streams WHERE stream LIKE $1 ESCAPE '\\'";
        let mut streams: Vec<String> = self
            .column(text, vec![Value::Text(escaped + "%")], "stream")
            .await?;
        // SQLite's LIKE takes capitals and small letters for the same.
        streams.retain(|stream| stream.starts_with(prefix));
        streams.sort_unstable();
        Ok(streams)
    }

    /// Which of these updates are committed.
    pub async fn seen(&self, updates: &[i64]) -> Result<HashSet<i64>, ReadError> {
        let mut conn = self.pool.acquire().await?;
        let rows = SEEN
            .fetch(&mut conn, updates.iter().copied().map(Value::Int).collect())
            .await?;
        rows.iter()
            .map(|row| get(row, "update_id").map_err(ReadError::from))
            .collect()
    }

    /// The updates committed last, newest first.
    pub async fn recent_updates(&self, limit: i64) -> Result<Vec<i64>, ReadError> {
        let text = "SELECT update_id FROM updates ORDER BY at DESC, update_id DESC LIMIT $1";
        self.column(text, vec![limit.into()], "update_id").await
    }

    /// Deliveries still to be made, in order. `Sending` after a restart: an attempt was under way, so the next one may be a repeat.
    pub async fn outbox(&self) -> Result<Vec<OutboxRow>, ReadError> {
        let text = "SELECT id, chat, incident, lane, body, state, attempts, at, message_id, error FROM outbox \
                    WHERE state <> 'sent' AND state IN ('waiting', 'sending') ORDER BY id";
        self.rows(text, vec![]).await
    }

    /// Deliveries of a chat that are parked, in order.
    pub async fn parked(&self, chat: i64) -> Result<Vec<OutboxRow>, ReadError> {
        let text = "SELECT id, chat, incident, lane, body, state, attempts, at, message_id, error FROM outbox \
                    WHERE state <> 'sent' AND state = 'parked' AND chat = $1 ORDER BY id";
        self.rows(text, vec![chat.into()]).await
    }

    /// The chats for which deliveries are parked.
    pub async fn parked_chats(&self) -> Result<Vec<i64>, ReadError> {
        let text = "SELECT DISTINCT chat FROM outbox WHERE state <> 'sent' AND state = 'parked' ORDER BY chat";
        self.column(text, vec![], "chat").await
    }

    /// One delivery, in whatever state.
    pub async fn delivery(&self, id: i64) -> Result<Option<OutboxRow>, ReadError> {
        let text = "SELECT id, chat, incident, lane, body, state, attempts, at, message_id, error FROM outbox WHERE id = $1";
        self.first(text, vec![id.into()]).await
    }

    /// Timers due at `now` (UTC microseconds), the earliest first.
    pub async fn timers_due(&self, now: i64) -> Result<Vec<Timer>, ReadError> {
        self.rows(
            "SELECT id, chat, due, kind, body FROM timers WHERE due <= $1 ORDER BY due, id",
            vec![now.into()],
        )
        .await
    }

    /// All timers, the earliest first.
    pub async fn timers_all(&self) -> Result<Vec<Timer>, ReadError> {
        self.rows(
            "SELECT id, chat, due, kind, body FROM timers ORDER BY due, id",
            vec![],
        )
        .await
    }

    /// The source of a plan revision.
    pub async fn plan(&self, revision: &str) -> Result<Option<String>, ReadError> {
        let sources = self
            .column(
                "SELECT source FROM plans WHERE revision = $1",
                vec![revision.into()],
                "source",
            )
            .await?;
        Ok(sources.into_iter().next())
    }

    /// A person by Telegram's id.
    pub async fn person(&self, user_id: i64) -> Result<Option<Person>, ReadError> {
        self.first(
            "SELECT user_id, username, name, language, seen FROM people WHERE user_id = $1",
            vec![user_id.into()],
        )
        .await
    }

    /// The person last seen with this name after the @ (capitals do not matter).
    pub async fn person_by_username(&self, username: &str) -> Result<Option<Person>, ReadError> {
        let text = "SELECT user_id, username, name, language, seen FROM people WHERE lower(username) = lower($1) ORDER BY seen DESC LIMIT 1";
        self.first(text, vec![username.into()]).await
    }

    /// The people seen in a chat, by id.
    pub async fn members(&self, chat: i64) -> Result<Vec<Person>, ReadError> {
        let text = "SELECT p.user_id, p.username, p.name, p.language, p.seen FROM people AS p \
                    JOIN members AS m ON m.user_id = p.user_id WHERE m.chat = $1 ORDER BY p.user_id";
        self.rows(text, vec![chat.into()]).await
    }

    /// The card of an incident.
    pub async fn card(&self, incident: &str) -> Result<Option<Card>, ReadError> {
        let text = "SELECT incident, chat, message_id, thread_id, shown_version, shown_hash FROM cards WHERE incident = $1";
        self.first(text, vec![incident.into()]).await
    }

    /// The cards that show less than their stream holds; the stream of an incident is `prefix` and its id.
    pub async fn stale_cards(&self, prefix: &str) -> Result<Vec<Card>, ReadError> {
        let text = "SELECT c.incident, c.chat, c.message_id, c.thread_id, c.shown_version, c.shown_hash FROM cards AS c \
                    WHERE c.shown_version < (SELECT COALESCE(MAX(e.seq), 0) FROM events AS e WHERE e.stream = $1 || c.incident) ORDER BY c.incident";
        self.rows(text, vec![prefix.into()]).await
    }

    /// Input that was given up on, oldest first.
    pub async fn set_aside(&self) -> Result<Vec<SetAside>, ReadError> {
        self.rows(
            "SELECT id, update_id, at, kind, reason, body FROM set_aside ORDER BY id",
            vec![],
        )
        .await
    }

    /// The value of a setting.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, ReadError> {
        let values = self
            .column(
                "SELECT value FROM settings WHERE name = $1",
                vec![name.into()],
                "value",
            )
            .await?;
        Ok(values.into_iter().next())
    }
}
