//! Proves the log whole: recomputes every hash, finds gaps, and compares with a checkpoint kept elsewhere.

use std::collections::HashMap;

use super::{
    Ledger, chain,
    error::ReadError,
    types::{Head, StoredEvent},
};

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
    /// Events of a stream that was never begun, or in another chat than the one it belongs to.
    #[error("{stream} {seq}: is not in the chat that the stream belongs to")]
    Misplaced {
        /// Stream.
        stream: String,
        /// Event.
        seq: i64,
    },
}

impl Ledger {
    /// Recomputes the hashes of the streams in `scope` and compares them with a checkpoint (heads of an earlier report, may be empty). A
    /// log that was rewritten from some point on, or cut at its end, is found by the checkpoint only.
    pub async fn verify(
        &self,
        scope: &Scope,
        checkpoint: &[Head],
    ) -> Result<VerifyReport, ReadError> {
        let mut names = match scope {
            Scope::All => self.streams("").await?,
            Scope::Stream(stream) => vec![stream.clone()],
        };
        let wanted: HashMap<&str, &Head> = checkpoint
            .iter()
            .map(|head| (head.stream.as_str(), head))
            .collect();
        if *scope == Scope::All {
            names.extend(self.event_streams().await?);
            names.extend(checkpoint.iter().map(|head| head.stream.clone()));
            names.sort_unstable();
            names.dedup();
        }
        let mut report = VerifyReport::default();
        for name in names {
            self.verify_stream(&name, wanted.get(name.as_str()).copied(), &mut report)
                .await?;
        }
        Ok(report)
    }

    async fn verify_stream(
        &self,
        stream: &str,
        wanted: Option<&Head>,
        report: &mut VerifyReport,
    ) -> Result<(), ReadError> {
        let chat = self.chat_of_stream(stream).await?;
        let mut last: Option<StoredEvent> = None;
        loop {
            let text = "SELECT stream, seq, chat, position, at, kind, body, prev, hash FROM events \
                        WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3";
            // Numbers below 1 are not ours either: the first page starts at the lowest.
            let after = last.as_ref().map_or(i64::MIN, |event| event.seq);
            let page: Vec<StoredEvent> = self
                .rows(text, vec![stream.into(), after.into(), PAGE.into()])
                .await?;
            let Some(end) = page.last().cloned() else {
                break;
            };
            for event in &page {
                check(event, last.as_ref(), chat, wanted, report);
                report.events += 1;
                last = Some(event.clone());
            }
            last = Some(end);
        }
        report.streams += 1;
        let found = last.as_ref().map_or(0, |event| event.seq);
        let expected = wanted.map_or(1, |head| head.seq);
        if found < expected {
            report.faults.push(Fault::Cut {
                stream: stream.to_owned(),
                expected,
                found,
            });
        }
        report.heads.extend(last.map(|event| Head {
            stream: event.stream,
            seq: event.seq,
            position: event.position,
            hash: event.hash,
        }));
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
}

fn check(
    event: &StoredEvent,
    last: Option<&StoredEvent>,
    chat: Option<i64>,
    wanted: Option<&Head>,
    report: &mut VerifyReport,
) {
    let stream = || event.stream.clone();
    let seq = event.seq;
    let (before, hash) = last.map_or((0, ""), |last| (last.seq, last.hash.as_str()));
    if seq != before + 1 {
        report.faults.push(Fault::Gap {
            stream: stream(),
            seq,
        });
    } else if event.prev != hash {
        report.faults.push(Fault::Unchained {
            stream: stream(),
            seq,
        });
    }
    if event.hash
        != chain::hash(
            &event.prev,
            &event.stream,
            seq,
            event.at,
            &event.kind,
            &event.body,
        )
    {
        report.faults.push(Fault::Altered {
            stream: stream(),
            seq,
        });
    }
    if chat != Some(event.chat) {
        report.faults.push(Fault::Misplaced {
            stream: stream(),
            seq,
        });
    }
    if wanted.is_some_and(|head| head.seq == seq && head.hash != event.hash) {
        report.faults.push(Fault::Rewritten {
            stream: stream(),
            seq,
        });
    }
}
