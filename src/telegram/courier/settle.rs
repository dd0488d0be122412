//! Settlements are gathered for a few milliseconds, so that the ledger sees few of them.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::store::{CommitError, Ledger, Settlement};

/// How long settlements are gathered.
const GATHER: Duration = Duration::from_millis(15);
/// How long to wait when the ledger takes nothing.
const PAUSE: Duration = Duration::from_secs(1);

enum Note {
    Settle(Settlement),
    Flush(oneshot::Sender<()>),
}

/// Takes settlements and writes them in batches.
#[derive(Clone)]
pub(super) struct Settler {
    notes: mpsc::UnboundedSender<Note>,
    ledger: Ledger,
}

impl Settler {
    pub(super) fn start(ledger: Ledger) -> Self {
        let (notes, inbox) = mpsc::unbounded_channel();
        tokio::spawn(write(ledger.clone(), inbox));
        Self { notes, ledger }
    }

    /// Settles soon.
    pub(super) fn later(&self, settlement: Settlement) {
        let _ = self.notes.send(Note::Settle(settlement));
    }

    /// Settles and returns once it is committed.
    pub(super) async fn now(&self, settlement: Settlement) -> Result<(), CommitError> {
        self.ledger.settle(vec![settlement]).await
    }

    /// Returns once everything that was given before is committed.
    pub(super) async fn flush(&self) {
        let (tell, told) = oneshot::channel();
        if self.notes.send(Note::Flush(tell)).is_ok() {
            let _ = told.await;
        }
    }
}

async fn write(ledger: Ledger, mut inbox: mpsc::UnboundedReceiver<Note>) {
    let mut gathered = Vec::new();
    let mut waiting = Vec::new();
    while let Some(note) = inbox.recv().await {
        let mut hurry = take(note, &mut gathered, &mut waiting);
        let until = tokio::time::Instant::now() + GATHER;
        while !hurry {
            match tokio::time::timeout_at(until, inbox.recv()).await {
                Ok(Some(note)) => hurry = take(note, &mut gathered, &mut waiting),
                Ok(None) | Err(_) => break,
            }
        }
        while let Ok(note) = inbox.try_recv() {
            take(note, &mut gathered, &mut waiting);
        }
        commit(&ledger, std::mem::take(&mut gathered)).await;
        for tell in waiting.drain(..) {
            let _ = tell.send(());
        }
    }
}

/// True if somebody waits for it.
fn take(
    note: Note,
    gathered: &mut Vec<Settlement>,
    waiting: &mut Vec<oneshot::Sender<()>>,
) -> bool {
    match note {
        Note::Settle(settlement) => gathered.push(settlement),
        Note::Flush(tell) => {
            waiting.push(tell);
            return true;
        }
    }
    false
}

/// Until the ledger has them, a restart may repeat what was sent: so it is tried for a minute, then left to the restart.
async fn commit(ledger: &Ledger, settlements: Vec<Settlement>) {
    if settlements.is_empty() {
        return;
    }
    for _ in 0..60 {
        match ledger.settle(settlements.clone()).await {
            Ok(()) => return,
            Err(error) => tracing::error!("deliveries cannot be settled at present: {error}"),
        }
        tokio::time::sleep(PAUSE).await;
    }
}
