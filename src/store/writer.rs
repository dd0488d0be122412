//! The one task that writes. It takes everything that waits and commits it together: one disk flush for all.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{AnyConnection, Connection};
use tokio::sync::{mpsc, oneshot};

use super::{
    error::{CommitError, Trouble, trouble, words},
    ids::{Clock, Ids},
    learn::{landed, learn, read_heads},
    lock::Lock,
    open::{Place, no_answer},
    plan::{Known, Witness, Work, behind, plan},
    types::{Committed, Head},
    write::{Failed, write},
};

/// Most pieces of work in one transaction.
const MOST: usize = 2_048;

/// How long work may wait before it is refused, and how long the attempt that is under way then may still take: ten seconds together.
const PATIENCE: Duration = Duration::from_millis(7_500);
const LAST_ATTEMPT: Duration = Duration::from_millis(2_500);

/// Stream ends kept in memory.
const HEADS_KEPT: usize = 50_000;

/// Clashes in a row after which a batch is written piece by piece, and after which the first piece is given up.
const CLASHES_TOGETHER: u32 = 4;
const CLASHES_ALONE: u32 = 8;

/// Work and whom to tell.
pub(super) struct Job {
    pub work: Work,
    /// None when nobody waits.
    pub reply: Option<oneshot::Sender<Result<Committed, CommitError>>>,
    /// When it was handed in.
    pub since: Instant,
}

/// What the ledger sends to the task.
pub(super) enum Message {
    Job(Job),
    /// Write what came before, then stop.
    Close(oneshot::Sender<()>),
}

/// The task's state.
pub(super) struct Writer {
    pub place: Place,
    pub conn: Option<AnyConnection>,
    pub clock: Clock,
    pub ids: Ids,
    pub inbox: mpsc::UnboundedReceiver<Message>,
    pub heads: HashMap<String, Head>,
    pub backlog: VecDeque<Job>,
    pub closing: Option<oneshot::Sender<()>>,
    /// The lock on a SQLite file, kept until all is written.
    pub lock: Arc<Option<Lock>>,
}

/// The batch in work.
struct Batch {
    queue: VecDeque<Job>,
    known: Known,
    tainted: HashSet<i64>,
    /// Refusals, told at the end: whoever hears of one must find no unit of that chat behind it.
    refusals: Vec<(Job, CommitError)>,
    deadline: Instant,
    alone: bool,
    clashes: u32,
    waits: u32,
    /// Set after a COMMIT whose answer was lost.
    unsure: Option<Unsure>,
}

/// A transaction of which nobody knows whether it was committed.
struct Unsure {
    witness: Witness,
    outcomes: Vec<Result<Committed, CommitError>>,
    heads: HashMap<String, Head>,
}

impl Writer {
    /// Works until the ledger is closed or dropped.
    pub(super) async fn run(mut self) {
        while self.gather().await {
            let queue: VecDeque<Job> = self.backlog.drain(..self.backlog.len().min(MOST)).collect();
            self.commit(queue).await;
            if self.heads.len() > HEADS_KEPT {
                self.heads.clear();
            }
        }
        if let Some(conn) = self.conn.take() {
            // Everything is committed; a failing goodbye loses nothing.
            let _ = conn.close().await;
        }
        drop(self.lock);
        if let Some(closing) = self.closing.take() {
            let _ = closing.send(());
        }
    }

    /// Waits for work, then takes all that is there. False when there is none left and none will come.
    async fn gather(&mut self) -> bool {
        self.drain();
        if !self.backlog.is_empty() {
            return true;
        }
        if self.closing.is_some() {
            return false;
        }
        match self.inbox.recv().await {
            Some(message) => self.accept(message),
            None => return false,
        }
        self.drain();
        !self.backlog.is_empty() || self.closing.is_none()
    }

    fn drain(&mut self) {
        while let Ok(message) = self.inbox.try_recv() {
            self.accept(message);
        }
    }

    fn accept(&mut self, message: Message) {
        match message {
            Message::Job(job) => self.backlog.push_back(job),
            Message::Close(done) => {
                self.inbox.close();
                self.closing = Some(done);
            }
        }
    }

    async fn commit(&mut self, queue: VecDeque<Job>) {
        let mut batch = Batch {
            deadline: queue.front().map_or_else(Instant::now, |job| job.since) + PATIENCE,
            queue,
            known: Known::default(),
            tainted: HashSet::new(),
            refusals: Vec::new(),
            alone: false,
            clashes: 0,
            waits: 0,
            unsure: None,
        };
        while !batch.queue.is_empty() {
            self.step(&mut batch).await;
        }
        // Units that were sent on top of a refused one before anybody could hear of it fall with it.
        if !batch.tainted.is_empty() {
            self.drain();
            for job in std::mem::take(&mut self.backlog) {
                if batch.tainted.contains(&job.work.chat()) {
                    let error = behind(job.work.chat());
                    batch.refusals.push((job, error));
                } else {
                    self.backlog.push_back(job);
                }
            }
        }
        for (job, error) in batch.refusals {
            if let Some(reply) = job.reply {
                // Whoever does not wait any more is not told.
                let _ = reply.send(Err(error));
            } else {
                tracing::warn!(
                    "a mark on a delivery is lost, it may be repeated after a restart: {error}"
                );
            }
        }
    }

    /// One attempt at writing the front of the queue.
    async fn step(&mut self, batch: &mut Batch) {
        if let Err(error) = self.ready(batch).await {
            self.conn = None;
            return batch.trouble(&error).await;
        }
        let limit = if batch.alone { 1 } else { MOST };
        let works = batch.queue.iter().map(|job| &job.work);
        let now = (self.clock)();
        let mut plan = plan(
            works,
            limit,
            &self.heads,
            &batch.known,
            &batch.tainted,
            &mut self.ids,
            now,
        );
        let Some(conn) = self.conn.as_mut() else {
            return;
        };
        let done = if plan.is_idle() {
            Ok(())
        } else {
            let left = batch.deadline.saturating_duration_since(Instant::now()) + LAST_ATTEMPT;
            // A server that does not answer leaves the outcome open.
            let late = Failed::Database {
                error: no_answer(),
                committing: true,
            };
            tokio::time::timeout(left, write(conn, self.place.engine, &mut plan))
                .await
                .unwrap_or(Err(late))
        };
        match done {
            Ok(()) => {
                batch.clashes = 0;
                self.heads.extend(std::mem::take(&mut plan.heads));
                batch.finish(plan.outcomes);
            }
            Err(Failed::Clash) => {
                if let Err(error) = learn(conn, &plan, &mut batch.known, &mut self.heads).await {
                    self.conn = None;
                    return batch.trouble(&error).await;
                }
                batch.clashed();
            }
            Err(Failed::Database { error, committing }) => {
                // A fresh connection has no half-open transaction, whatever happened.
                self.conn = None;
                if committing {
                    batch.unsure = plan.witness.take().map(|witness| Unsure {
                        witness,
                        outcomes: std::mem::take(&mut plan.outcomes),
                        heads: std::mem::take(&mut plan.heads),
                    });
                }
                batch.trouble(&error).await;
            }
        }
    }

    /// Sees to a connection, to an open question about the last commit, and to the ends of the streams that the queue builds on.
    async fn ready(&mut self, batch: &mut Batch) -> sqlx::Result<()> {
        if self.conn.is_none() {
            self.conn = Some(self.place.connect(LAST_ATTEMPT).await?);
        }
        let Some(conn) = self.conn.as_mut() else {
            return Ok(());
        };
        if let Some(unsure) = &batch.unsure {
            let landed = landed(conn, &unsure.witness).await?;
            if let Some(unsure) = batch.unsure.take().filter(|_| landed) {
                self.heads.extend(unsure.heads);
                batch.finish(unsure.outcomes);
            }
        }
        let mut first: HashMap<&str, i64> = HashMap::new();
        for job in &batch.queue {
            if let Work::Unit(unit) = &job.work {
                for event in &unit.events {
                    first.entry(&event.stream).or_insert(event.seq);
                }
            }
        }
        let heads = &self.heads;
        let stale = first.into_iter().filter(|(stream, seq)| {
            *seq > 1 && heads.get(*stream).is_none_or(|head| head.seq + 1 != *seq)
        });
        let stale: Vec<String> = stale.map(|(stream, _)| stream.to_owned()).collect();
        if stale.is_empty() {
            Ok(())
        } else {
            read_heads(conn, stale, &mut self.heads).await
        }
    }
}

impl Batch {
    /// Tells the winners at the front of the queue, and keeps the losers for the end.
    fn finish(&mut self, outcomes: Vec<Result<Committed, CommitError>>) {
        for outcome in outcomes {
            let Some(job) = self.queue.pop_front() else {
                return;
            };
            match outcome {
                Ok(committed) => {
                    if let Some(reply) = job.reply {
                        // Nobody waiting any more changes nothing: it is committed.
                        let _ = reply.send(Ok(committed));
                    }
                }
                Err(error) => self.refuse(job, error),
            }
        }
    }

    fn refuse(&mut self, job: Job, error: CommitError) {
        if job.work.chat() != 0 {
            self.tainted.insert(job.work.chat());
        }
        self.refusals.push((job, error));
    }

    fn refuse_first(&mut self, error: CommitError) {
        if let Some(job) = self.queue.pop_front() {
            self.refuse(job, error);
        }
    }

    /// After rows that were there already: the next plan leaves out whatever clashed. If nothing comes of it, go piece by piece.
    fn clashed(&mut self) {
        self.clashes += 1;
        if self.clashes >= CLASHES_ALONE {
            self.clashes = 0;
            self.refuse_first(CommitError::Bug(
                "its rows clash with rows that cannot be found".to_owned(),
            ));
        } else if self.clashes >= CLASHES_TOGETHER {
            self.alone = true;
        }
    }

    /// After a database error: wait and try again, or go piece by piece, or give up.
    async fn trouble(&mut self, error: &sqlx::Error) {
        let kind = trouble(error);
        match kind {
            Trouble::Locked | Trouble::Again | Trouble::Connection
                if Instant::now() < self.deadline =>
            {
                self.waits += 1;
                tokio::time::sleep(Duration::from_millis(20 << self.waits.min(5))).await;
            }
            // Another process may have drawn the same number; the next attempt draws new ones.
            Trouble::Taken if self.clashes < CLASHES_TOGETHER => self.clashes += 1,
            Trouble::Data | Trouble::Taken if self.alone || self.queue.len() == 1 => {
                self.clashes = 0;
                tracing::error!("the database refuses a unit: {}", words(error));
                self.refuse_first(CommitError::Bug(words(error)));
            }
            Trouble::Data | Trouble::Taken | Trouble::Full
                if !self.alone && self.queue.len() > 1 =>
            {
                self.alone = true;
            }
            _ => {
                let error = CommitError::Unavailable(words(error));
                while !self.queue.is_empty() {
                    self.refuse_first(error.clone());
                }
            }
        }
    }
}
