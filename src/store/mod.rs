//! The ledger: events with a hash chain, deliveries, timers and everything else that must survive a restart.
//!
//! One writer task takes whatever waits and commits it in one transaction ([`Ledger::commit`]); readers use other connections. A
//! [`Unit`] is all or nothing: a unit that comes too late gets a [`CommitError::Conflict`] or [`CommitError::Repeat`] and leaves no row, its
//! neighbours in the same transaction are not disturbed. Units of one chat are taken in the order they were handed in, and when one of
//! them fails, those waiting behind it fail as well, since they were decided on top of it.
//!
//! The store knows nothing of incidents: streams, kinds and bodies are text to it. SQLite and PostgreSQL run the same SQL.

mod audit;
pub mod chain;
mod error;
mod ids;
mod learn;
mod lock;
mod open;
mod plan;
mod read;
mod register;
mod sql;
#[cfg(test)]
mod tests;
mod types;
mod write;
mod writer;

use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Instant,
};

use sqlx::{AnyConnection, AnyPool};
use tokio::sync::{mpsc, oneshot};

pub use audit::{Auditor, Checkpoint, Fault, Order, Scope, VerifyReport, checkpoint, verify_rows};
pub use error::{CommitError, OpenError, ReadError};
pub use ids::Clock;
pub use register::{Register, Swap};
pub use types::{
    Card, Chat, ChatMove, Committed, Head, NewEvent, NewOutbox, NewSetAside, OutboxRow,
    OutboxState, Person, PinnedPlan, SetAside, Settlement, StoredEvent, Timer, TimerChange, Unit,
};

use ids::Ids;
use lock::Lock;
use open::{CONNECT_WAIT, Place};
use plan::Work;
use writer::{Job, Message, Writer};

/// The ledger. Cheap to clone; all clones share one writer.
#[derive(Clone)]
pub struct Ledger {
    to_writer: mpsc::UnboundedSender<Message>,
    pool: AnyPool,
    place: Place,
    next_chat_key: Arc<AtomicI64>,
    /// Held as long as any clone or the writer lives: keeps a second process off the file.
    _lock: Arc<Option<Lock>>,
}

/// The answer to a unit that was handed in.
#[must_use = "a unit may be refused"]
pub struct Receipt(oneshot::Receiver<Result<Committed, CommitError>>);

impl Receipt {
    /// Waits until the unit is committed (then it is on the disk) or refused.
    pub async fn wait(self) -> Result<Committed, CommitError> {
        self.0.await.unwrap_or_else(|_| Err(stopped()))
    }
}

fn stopped() -> CommitError {
    CommitError::Unavailable("the ledger is closed".to_owned())
}

impl Ledger {
    /// Opens the database at `url` (`sqlite://FILE`, created if missing, or `postgres://…`), brings its schema up to date and starts the writer.
    /// `clock` tells the time in UTC microseconds.
    ///
    /// # Errors
    /// One line that says what to change. Nothing is left half done.
    pub async fn open(url: &str, clock: Clock) -> Result<Self, OpenError> {
        let place = Place::parse(url)?;
        let lock = place.lock()?;
        match prepare(&place, &clock).await {
            Ok((conn, highest)) => Ok(Self::start(place, conn, highest, clock, lock)),
            Err(error) => {
                if let Some(lock) = lock {
                    lock.undo();
                }
                Err(error)
            }
        }
    }

    /// Starts the writer on an open connection.
    fn start(
        place: Place,
        conn: AnyConnection,
        highest: (i64, i64),
        clock: Clock,
        lock: Option<Lock>,
    ) -> Self {
        let (last, next_chat_key) = highest;
        let lock = Arc::new(lock);
        let pool = place.readers();
        let again = place.clone();
        let (to_writer, inbox) = mpsc::unbounded_channel();
        let writer = Writer {
            ids: Ids::new(Arc::clone(&clock), rand::random(), last),
            place,
            conn: Some(conn),
            clock,
            inbox,
            heads: HashMap::new(),
            backlog: VecDeque::new(),
            closing: None,
            lock: Arc::clone(&lock),
        };
        tokio::spawn(writer.run());
        Self {
            to_writer,
            pool,
            place: again,
            next_chat_key: Arc::new(AtomicI64::new(next_chat_key)),
            _lock: lock,
        }
    }

    /// Hands a unit in and waits for its fate.
    ///
    /// # Errors
    /// See [`CommitError`]: in every case nothing of the unit is in the ledger.
    pub async fn commit(&self, unit: Unit) -> Result<Committed, CommitError> {
        self.submit(unit).wait().await
    }

    /// Hands a unit in at once; its fate comes with the receipt. Units of one chat may be handed in one after the other without waiting.
    pub fn submit(&self, unit: Unit) -> Receipt {
        Receipt(self.send(Work::Unit(Box::new(unit))))
    }

    /// Marks deliveries and waits until the marks are on the disk.
    ///
    /// # Errors
    /// [`CommitError::Unavailable`] when the database does not take them.
    pub async fn settle(&self, settlements: Vec<Settlement>) -> Result<(), CommitError> {
        Receipt(self.send(Work::Settle(settlements)))
            .wait()
            .await
            .map(drop)
    }

    /// Marks deliveries with the next commit, without waiting. Lost marks (a crash, a full disk) mean a possible repeat after a restart.
    pub fn settle_later(&self, settlements: Vec<Settlement>) {
        // After closing there is nobody to mark for.
        let _ = self.to_writer.send(Message::Job(Job {
            work: Work::Settle(settlements),
            reply: None,
            since: Instant::now(),
        }));
    }

    /// Forgets update ids seen before `updates` and finished deliveries written before `outbox` (both UTC microseconds).
    ///
    /// # Errors
    /// [`CommitError::Unavailable`] when the database does not take it.
    pub async fn prune(&self, updates: i64, outbox: i64) -> Result<(), CommitError> {
        Receipt(self.send(Work::Prune { updates, outbox }))
            .wait()
            .await
            .map(drop)
    }

    /// A key for a chat that is seen for the first time. Not used until a unit with it is committed.
    pub fn fresh_chat_key(&self) -> i64 {
        self.next_chat_key.fetch_add(1, Ordering::Relaxed)
    }

    /// Commits what was handed in so far, then closes. Later units are refused.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.to_writer.send(Message::Close(done)).is_ok() {
            // The writer may have ended before; then it is closed already.
            let _ = closed.await;
        }
        self.pool.close().await;
    }

    fn send(&self, work: Work) -> oneshot::Receiver<Result<Committed, CommitError>> {
        let (reply, answer) = oneshot::channel();
        // A closed channel drops the reply, which the receipt tells.
        let _ = self.to_writer.send(Message::Job(Job {
            work,
            reply: Some(reply),
            since: Instant::now(),
        }));
        answer
    }
}

/// A connection to a database that is up to date, and the highest numbers in it.
async fn prepare(place: &Place, clock: &Clock) -> Result<(AnyConnection, (i64, i64)), OpenError> {
    let explain = |error: sqlx::Error| place.explain(&error);
    let mut conn = place.connect(CONNECT_WAIT).await.map_err(explain)?;
    place.migrate(&mut conn).await?;
    // A database that cannot be written to is found out now, not at the first incident.
    let opened = sqlx::query(
        "INSERT INTO settings (name, value) VALUES ('ledger.opened', $1) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    );
    let opened = opened.bind(clock().to_string()).execute(&mut conn).await;
    opened.map_err(explain)?;
    let highest = highest(&mut conn).await.map_err(explain)?;
    Ok((conn, highest))
}

/// The highest number given to an event or delivery, and the first free chat key.
async fn highest(conn: &mut AnyConnection) -> sqlx::Result<(i64, i64)> {
    let mut highest = [0, 0, 0, 0];
    let texts = [
        "SELECT COALESCE(MAX(position), 0) AS top FROM events",
        "SELECT COALESCE(MAX(id), 0) AS top FROM outbox",
        "SELECT COALESCE(MAX(id), 0) AS top FROM set_aside",
        "SELECT COALESCE(MAX(key), 0) AS top FROM chats",
    ];
    for (text, top) in texts.into_iter().zip(&mut highest) {
        *top = sql::get(&sqlx::query(text).fetch_one(&mut *conn).await?, "top")?;
    }
    let [position, delivery, aside, key] = highest;
    Ok((position.max(delivery).max(aside), key + 1))
}
