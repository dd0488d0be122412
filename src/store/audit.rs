//! Proves the log whole: recomputes every hash, finds gaps, and compares with a checkpoint kept elsewhere.

pub mod checkpoint;
mod walk;

use std::collections::HashMap;

use sqlx::AnyPool;

pub use checkpoint::{Checkpoint, Order};
pub use walk::verify_rows;

use super::{
    Ledger,
    error::{OpenError, ReadError},
    open::Place,
    read::rows_of,
    types::{Head, StoredEvent},
};
use walk::{OrderWalk, StreamWalk};

/// Events read at a time.
const PAGE: i64 = 1_000;

/// Which streams to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of them.
    All,
    /// One.
    Stream(String),
}

/// What an audit has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Streams looked at.
    pub streams: usize,
    /// Events looked at.
    pub events: usize,
    /// What is wrong; empty if the log is whole.
    pub faults: Vec<Fault>,
    /// The ends of the streams: keep them elsewhere as the checkpoint of the next audit.
    pub heads: Vec<Head>,
    /// The order of all events; only where all streams were looked at.
    pub order: Option<Order>,
}

impl VerifyReport {
    /// True if nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty()
    }
}

/// Something wrong with the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The content is not what was hashed.
    #[error("{stream} {seq}: the content does not match its hash")]
    Altered {
        /// Stream.
        stream: String,
        /// Event.
        seq: i64,
    },
    /// The event does not follow the one before it.
    #[error("{stream} {seq}: does not follow the event before it")]
    Unchained {
        /// Stream.
        stream: String,
        /// Event.
        seq: i64,
    },
    /// Events are missing before this one.
    #[error("{stream}: events are missing before {seq}")]
    Gap {
        /// Stream.
        stream: String,
        /// The event after the gap.
        seq: i64,
    },
    /// Everything after some point, or the whole stream, is missing.
    #[error("{stream}: cut off, {expected} events are expected and {found} are there")]
    Cut {
        /// Stream.
        stream: String,
        /// Events that there must be at least.
        expected: i64,
        /// Events that there are.
        found: i64,
    },
    /// An event is not the one of the checkpoint.
    #[error("{stream} {seq}: differs from the checkpoint")]
    Rewritten {
        /// Stream.
        stream: String,
        /// Event.
        seq: i64,
    },
    /// Order or chat of the events up to a position are not those of the checkpoint.
    #[error(
        "all streams: the order of the events up to position {position} differs from the checkpoint"
    )]
    Reordered {
        /// The checkpoint's last position.
        position: i64,
    },
    /// Events of a stream that was never begun, or in another chat than the one it belongs to.
    #[error("{stream} {seq}: is not in the chat that the stream belongs to")]
    Misplaced {
        /// Stream.
        stream: String,
        /// Event.
        seq: i64,
    },
}

/// Looks into the log without touching it, and without the lock: also while the bot runs.
#[derive(Clone)]
pub struct Auditor {
    pool: AnyPool,
}

impl Auditor {
    /// Connects to the database at `url` for reading only. Nothing is created or brought up to date.
    ///
    /// # Errors
    /// One line that says what to change.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        let place = Place::parse(url)?;
        place.must_exist()?;
        let pool = place.readers();
        // What is wrong with the address is found out now.
        let probe = sqlx::query("SELECT COUNT(*) AS top FROM streams");
        probe
            .fetch_one(&pool)
            .await
            .map_err(|error| place.explain(&error))?;
        Ok(Self { pool })
    }

    /// Recomputes the hashes of the streams in `scope` and compares them with a checkpoint (may be empty). A log that was
    /// rewritten from some point on, or cut at its end, is found by the checkpoint only.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify(
        &self,
        scope: &Scope,
        checkpoint: &Checkpoint,
    ) -> Result<VerifyReport, ReadError> {
        let wanted: HashMap<&str, &Head> = checkpoint
            .heads
            .iter()
            .map(|head| (head.stream.as_str(), head))
            .collect();
        let chats = self.chats_of_streams().await?;
        let mut names: Vec<String> = match scope {
            Scope::All => chats.keys().cloned().collect(),
            Scope::Stream(stream) => vec![stream.clone()],
        };
        if *scope == Scope::All {
            names.extend(self.event_streams().await?);
            names.extend(checkpoint.heads.iter().map(|head| head.stream.clone()));
            names.sort_unstable();
            names.dedup();
        }
        let mut report = VerifyReport::default();
        for name in names {
            let chat = chats.get(&name).copied();
            let walk = StreamWalk::new(&name, chat, wanted.get(name.as_str()).copied());
            self.verify_stream(walk, &name, &mut report).await?;
        }
        if *scope == Scope::All {
            self.verify_order(checkpoint.order.as_ref(), &mut report)
                .await?;
        }
        Ok(report)
    }

    async fn verify_stream(
        &self,
        mut walk: StreamWalk<'_>,
        stream: &str,
        report: &mut VerifyReport,
    ) -> Result<(), ReadError> {
        let text = "SELECT stream, seq, chat, position, at, kind, body, prev, hash FROM events \
                    WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3";
        // Numbers below 1 are not ours either: the first page starts at the lowest.
        let mut after = i64::MIN;
        loop {
            let values = vec![stream.into(), after.into(), PAGE.into()];
            let page: Vec<StoredEvent> = rows_of(&self.pool, text, values).await?;
            let Some(last) = page.last() else {
                break;
            };
            after = last.seq;
            for event in page {
                walk.see(event, report);
            }
        }
        walk.end(report);
        Ok(())
    }

    async fn verify_order(
        &self,
        wanted: Option<&Order>,
        report: &mut VerifyReport,
    ) -> Result<(), ReadError> {
        let text = "SELECT stream, seq, chat, position, at, kind, '' AS body, prev, hash FROM events \
                    WHERE position > $1 ORDER BY position, stream, seq LIMIT $2";
        // Up to the last event of the heads: what is written meanwhile belongs to the next checkpoint.
        let until = report.heads.iter().map(|head| head.position).max();
        let mut walk = OrderWalk::new(wanted);
        let mut after = i64::MIN;
        'pages: loop {
            let values = vec![after.into(), PAGE.into()];
            let mut page: Vec<StoredEvent> = rows_of(&self.pool, text, values).await?;
            // Two events never share a position; where somebody made them, none may be lost at the end of a page.
            if let Some(end) = page.last().map(|it| it.position)
                && i64::try_from(page.len()).unwrap_or(PAGE) == PAGE
                && page.iter().any(|it| it.position != end)
            {
                page.retain(|it| it.position != end);
            }
            let Some(last) = page.last() else {
                break;
            };
            after = last.position;
            for event in &page {
                if until.is_none_or(|until| event.position > until) {
                    break 'pages;
                }
                walk.see(event, report);
            }
        }
        walk.end(report);
        Ok(())
    }

    async fn event_streams(&self) -> Result<Vec<String>, ReadError> {
        let rows = sqlx::query("SELECT DISTINCT stream FROM events")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| super::sql::get(row, "stream").map_err(ReadError::from))
            .collect()
    }

    async fn chats_of_streams(&self) -> Result<HashMap<String, i64>, ReadError> {
        let rows = sqlx::query("SELECT stream, chat FROM streams")
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                let stream = super::sql::get(row, "stream")?;
                let chat = super::sql::get(row, "chat")?;
                Ok((stream, chat))
            })
            .collect()
    }

    /// Ends the connections.
    pub async fn close(self) {
        self.pool.close().await;
    }
}

impl Ledger {
    /// Audits this ledger; it goes on meanwhile.
    pub fn auditor(&self) -> Auditor {
        Auditor {
            pool: self.pool.clone(),
        }
    }

    /// [`Auditor::verify`] against the heads of an earlier report (may be empty).
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn verify(&self, scope: &Scope, heads: &[Head]) -> Result<VerifyReport, ReadError> {
        let checkpoint = Checkpoint {
            heads: heads.to_vec(),
            order: None,
        };
        self.auditor().verify(scope, &checkpoint).await
    }
}
