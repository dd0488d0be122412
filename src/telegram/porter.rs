//! Runs the errands of the outbox: fetches and stores evidence, makes exports.
//!
//! An errand is a row like any other: it is settled only once what it brought is recorded, so a kill loses nothing. Telegram's
//! limits on sending do not count for it.

mod look;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;

use super::api::{Api, ApiError, Download};
use crate::app::{ErrandError, House};
use crate::evidence::vault::{Intake, Stored, VaultError};
use crate::incident::{IncidentId, NotStored, Origin, Preserved};
use crate::messages::outgoing::{Outgoing, Place};
use crate::panics;
use crate::store::{Ledger, OutboxRow, Settlement};

/// Telegram gives bots files of 20 MB at most.
const DOWNLOAD_MAX: u64 = 20 * 1024 * 1024;
/// Errands under way at once.
const AT_ONCE: usize = 3;
/// How often an errand is tried before people are told that it failed: about a quarter of an hour.
const MOST_TRIES: u32 = 20;
/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_mins(1);

/// Gives errands to those who run them.
pub struct Porter {
    rows: mpsc::UnboundedSender<OutboxRow>,
    stop: watch::Sender<bool>,
    running: tokio::task::JoinHandle<()>,
}

struct Hands {
    api: Api,
    house: Arc<House>,
    ledger: Ledger,
    first_pause: Duration,
}

/// Why a try failed.
enum Failed {
    /// It may well succeed later.
    Now(String, NotStored),
    /// It never will.
    Forever(NotStored),
}

impl Porter {
    /// Starts one. The first pause after a failure is `first_pause`; it doubles.
    pub fn start(api: Api, house: Arc<House>, ledger: Ledger, first_pause: Duration) -> Self {
        let (rows, inbox) = mpsc::unbounded_channel();
        let (stop, stopping) = watch::channel(false);
        let hands = Arc::new(Hands {
            api,
            house,
            ledger,
            first_pause,
        });
        let running = tokio::spawn(run(hands, inbox, stopping));
        Self {
            rows,
            stop,
            running,
        }
    }

    /// Runs errands that are committed.
    pub fn push(&self, errands: Vec<OutboxRow>) {
        for row in errands {
            // After a stop nobody listens; rows stay in the ledger.
            let _ = self.rows.send(row);
        }
    }

    /// Stops. What is under way is dropped: its row is still there at the next start.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.running.await;
    }
}

async fn run(
    hands: Arc<Hands>,
    mut inbox: mpsc::UnboundedReceiver<OutboxRow>,
    mut stop: watch::Receiver<bool>,
) {
    let slots = Arc::new(Semaphore::new(AT_ONCE));
    let mut errands = JoinSet::new();
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            row = inbox.recv() => match row {
                Some(row) => {
                    let (hands, slots) = (Arc::clone(&hands), Arc::clone(&slots));
                    errands.spawn(async move { hands.errand(row, &slots).await });
                }
                None => break,
            },
            Some(done) = errands.join_next() => {
                // Its row is still there at the next start.
                if let Err(error) = done {
                    tracing::error!("an errand broke: {}", panics::broken(&error));
                }
            }
        }
    }
    errands.shutdown().await;
}

impl Hands {
    async fn errand(&self, row: OutboxRow, slots: &Semaphore) {
        let outgoing = match Outgoing::from_body(&row.body) {
            Ok(outgoing) => outgoing,
            Err(error) => {
                return self
                    .give_up(&row, format!("its body cannot be read: {error}"))
                    .await;
            }
        };
        let mut pause = self.first_pause;
        for tries in 1.. {
            let done = {
                let _slot = slots.acquire().await;
                match &outgoing {
                    Outgoing::Store { incident, number } => {
                        self.store(incident, *number, tries >= MOST_TRIES).await
                    }
                    Outgoing::LookInto(file) => {
                        self.look_into(row.chat, file, tries >= MOST_TRIES).await
                    }
                    Outgoing::Export {
                        incident,
                        number,
                        place,
                        reply_to,
                    } => {
                        let origin = origin(place, *reply_to);
                        let last = tries >= MOST_TRIES;
                        self.export(row.chat, incident, *number, origin, last).await
                    }
                    _ => return self.give_up(&row, "it is no errand".to_owned()).await,
                }
            };
            match done {
                Ok(()) => return self.settle(Settlement::Done { id: row.id }).await,
                Err(why) => {
                    tracing::warn!(row = row.id, "an errand failed, it is tried again: {why}");
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Stores a piece of evidence and reports it. An error: try again.
    async fn store(&self, incident: &str, number: u32, last: bool) -> Result<(), String> {
        let piece = self.house.to_be_stored(incident, number).await;
        let Some((id, piece)) = piece.map_err(|error| error.to_string())? else {
            return Ok(());
        };
        let brought = match &piece.quoted.file {
            Some(file) if file.size.is_some_and(|size| size > as_signed(DOWNLOAD_MAX)) => {
                Err(Failed::Forever(NotStored::TooLarge))
            }
            Some(file) => self.fetch(&file.file_id).await,
            None => self.take(&piece.quoted.text),
        };
        let stored = match brought {
            Ok(intake) => self.finish(intake, id, piece.file()).await,
            Err(failed) => Err(failed),
        };
        if let Ok(stored) = &stored {
            self.look_into_evidence(id, &piece, stored).await?;
        }
        let news = match stored {
            Ok(Stored { sha256, size }) => Preserved::Stored {
                number,
                sha256,
                size,
            },
            Err(Failed::Now(why, _)) if !last => return Err(why),
            Err(Failed::Now(why, reason)) => {
                tracing::error!("evidence E{number} of {incident} is not stored: {why}");
                Preserved::Failed {
                    number,
                    why: reason,
                }
            }
            Err(Failed::Forever(why)) => Preserved::Failed { number, why },
        };
        recorded(self.house.preserved(incident, news).await)
    }

    async fn fetch(&self, file_id: &str) -> Result<Intake, Failed> {
        let mut intake = self.house.vault().intake(DOWNLOAD_MAX).map_err(of_vault)?;
        match self.api.download(file_id, |piece| intake.take(piece)).await {
            Ok(()) => Ok(intake),
            Err(Download::Taker(error)) => Err(of_vault(error)),
            Err(Download::Telegram(error)) => Err(of_telegram(&error)),
        }
    }

    fn take(&self, text: &str) -> Result<Intake, Failed> {
        let mut intake = self.house.vault().intake(DOWNLOAD_MAX).map_err(of_vault)?;
        intake.take(text.as_bytes()).map_err(of_vault)?;
        Ok(intake)
    }

    async fn finish(&self, intake: Intake, id: IncidentId, name: String) -> Result<Stored, Failed> {
        let vault = self.house.vault().clone();
        let done = tokio::task::spawn_blocking(move || {
            let stored = intake.finish()?;
            vault.name(id, &name, &stored)?;
            Ok(stored)
        });
        match done.await {
            Ok(stored) => stored.map_err(of_vault),
            Err(error) => {
                let how = panics::broken(&error).to_owned();
                Err(Failed::Now(how, NotStored::Disk))
            }
        }
    }

    /// Makes an export and reports it. An error: try again.
    async fn export(
        &self,
        chat: i64,
        incident: &str,
        number: u32,
        origin: Origin,
        last: bool,
    ) -> Result<(), String> {
        let news = match self.house.export(incident, number).await {
            Ok(Some(export)) => Preserved::Exported(export),
            Ok(None) => return Ok(()),
            Err(error) if !last && is_temporary(&error) => return Err(error.to_string()),
            Err(error) => {
                tracing::error!("export {number} of {incident} cannot be made: {error}");
                Preserved::NotExported { number }
            }
        };
        recorded(self.house.export_done(incident, chat, origin, news).await)
    }

    async fn give_up(&self, row: &OutboxRow, why: String) {
        tracing::error!(row = row.id, "an errand is given up: {why}");
        self.settle(Settlement::Dropped { id: row.id, why }).await;
    }

    /// Not settled, it is run again after a restart and finds that all is done.
    async fn settle(&self, settlement: Settlement) {
        if let Err(error) = self.ledger.settle(vec![settlement]).await {
            tracing::error!("an errand cannot be settled at present: {error}");
        }
    }
}

fn is_temporary(error: &ErrandError) -> bool {
    match error {
        ErrandError::Vault(error) => error.is_temporary(),
        _ => true,
    }
}

fn recorded(outcome: crate::app::Outcome) -> Result<(), String> {
    outcome.unavailable.map_or(Ok(()), Err)
}

fn of_vault(error: VaultError) -> Failed {
    match error {
        VaultError::TooLarge { .. } => Failed::Forever(NotStored::TooLarge),
        error => Failed::Now(error.to_string(), NotStored::Disk),
    }
}

fn of_telegram(error: &ApiError) -> Failed {
    match error {
        ApiError::BadRequest(why) if why.to_lowercase().contains("too big") => {
            Failed::Forever(NotStored::TooLarge)
        }
        // Its words for a file that it is still taking in, or has mislaid for a while.
        ApiError::BadRequest(why) if why.contains("temporarily") => {
            Failed::Now(why.clone(), NotStored::Gone)
        }
        error if error.is_temporary() || matches!(error, ApiError::Unauthorized) => {
            Failed::Now(error.to_string(), NotStored::Unreachable)
        }
        error => {
            tracing::warn!("Telegram does not give a file: {error}");
            Failed::Forever(NotStored::Gone)
        }
    }
}

fn origin(place: &Place, reply_to: Option<i64>) -> Origin {
    Origin {
        message_id: reply_to,
        thread_id: match place {
            Place::Thread(thread) => Some(*thread),
            Place::General | Place::Incident(_) => None,
        },
        ..Origin::default()
    }
}

fn as_signed(size: u64) -> i64 {
    i64::try_from(size).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(error: &ApiError) -> Option<NotStored> {
        match of_telegram(error) {
            Failed::Forever(why) => Some(why),
            Failed::Now(..) => None,
        }
    }

    #[test]
    fn what_may_succeed_later_is_tried_again_and_nothing_else() {
        let bad = |text: &str| ApiError::BadRequest(text.to_owned());
        assert_eq!(
            reason(&bad("Bad Request: file is too big")),
            Some(NotStored::TooLarge)
        );
        assert_eq!(
            reason(&bad("Bad Request: invalid file_id")),
            Some(NotStored::Gone)
        );
        assert_eq!(
            reason(&bad(
                "Bad Request: wrong file_id or the file is temporarily unavailable"
            )),
            None
        );
        for error in [
            ApiError::Garbage { status: 404 },
            ApiError::RetryAfter(Duration::from_secs(3)),
            ApiError::Timeout { maybe_done: true },
            ApiError::Unauthorized,
        ] {
            assert_eq!(reason(&error), None, "{error}");
        }
        assert!(matches!(
            of_vault(VaultError::TooLarge { limit: 1 }),
            Failed::Forever(NotStored::TooLarge)
        ));
    }
}
