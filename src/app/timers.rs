//! Timers: what is due comes back as a command through the same door.

#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::{Arc, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::letter::{Letter, Wanted};
use super::{Delivery, House};
use crate::incident::{Author, ChatKey, Command, Origin, Request};
use crate::store;

/// The longest nap: a timer set by another process is seen within it.
const NAP: Duration = Duration::from_secs(30);
/// How often the clocks on the cards of open incidents are brought up to date.
const REFRESH: Duration = Duration::from_mins(5);

impl House {
    /// Runs timers until `stop` becomes true.
    pub async fn run_timers(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        let mut refreshed = self.clock.elapsed();
        while !*stop.borrow() {
            if let Err(error) = self.fire_due().await {
                tracing::warn!("timers cannot be read, trying again soon: {error}");
            }
            self.raise_alarms().await;
            if self.clock.elapsed().saturating_sub(refreshed) >= REFRESH {
                refreshed = self.clock.elapsed();
                self.refresh_cards().await;
                self.forget_old().await;
            }
            let nap = self.nap().await;
            tokio::select! {
                () = self.clock.sleep(nap) => {}
                () = self.timers_changed.notified() => {}
                _ = stop.changed() => {}
            }
        }
    }

    /// Fires every timer that is due now.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn fire_due(&self) -> Result<(), store::ReadError> {
        for timer in self.ledger.timers_due(self.clock.micros()).await? {
            let Some(room) = self.room_by_key(ChatKey(timer.chat)) else {
                self.pass_over(&timer.id, "its chat is not known");
                continue;
            };
            let mut incident = None;
            let command = match timer.kind.as_str() {
                "lapse" => Command::Lapse {
                    ask: timer.body.parse().unwrap_or_default(),
                },
                "request" => Command::RequestDue {
                    request: timer.body.parse().unwrap_or_default(),
                },
                "leave_unclaimed" => Command::LeaveUnclaimed,
                "revert" => {
                    let (id, run) = timer.body.split_once('/').unwrap_or_default();
                    incident = id.parse().ok();
                    Command::RunWake {
                        run: run.parse().unwrap_or_default(),
                    }
                }
                other => {
                    self.pass_over(&timer.id, &format!("its kind is not known: {other}"));
                    continue;
                }
            };
            let request = Request {
                command,
                incident,
                origin: Origin::default(),
            };
            let letter = Letter {
                update_id: None,
                timer: Some(timer.id.clone()),
                chat: None,
                person: None,
                wanted: Wanted::Command(Box::new((Author::Bot, request))),
            };
            let mut outcome = super::Outcome::default();
            self.settle(&room, &room, vec![letter], &mut outcome).await;
            if room.chat.lock().await.is_none() {
                self.pass_over(&timer.id, "its chat cannot be loaded at present");
            } else {
                self.passed_over().remove(&timer.id);
            }
        }
        Ok(())
    }

    /// A timer that cannot fire stays: it is tried again now and then, but never hurries anybody. Said once.
    fn pass_over(&self, timer: &str, why: &str) {
        if self.passed_over().insert(timer.to_owned()) {
            tracing::warn!(timer, "a timer that is due cannot fire: {why}");
        }
    }

    fn passed_over(&self) -> MutexGuard<'_, HashSet<String>> {
        self.passed_over
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn nap(&self) -> Duration {
        let timers = self.ledger.timers_all().await.unwrap_or_default();
        let now = self.clock.micros();
        let passed_over = self.passed_over();
        let next = timers
            .iter()
            .filter(|timer| !passed_over.contains(&timer.id))
            .map(|timer| timer.due)
            .min();
        let until = next.map(|due| u64::try_from(due.saturating_sub(now)).unwrap_or(0));
        until.map_or(NAP, |micros| {
            Duration::from_micros(micros).clamp(Duration::from_millis(50), NAP)
        })
    }

    /// Update ids are needed while Telegram may repeat them (a day), delivered messages for looking into.
    async fn forget_old(&self) {
        let days = |days: i64| self.clock.micros() - days * 86_400_000_000;
        if let Err(error) = self.ledger.prune(days(8), days(30)).await {
            tracing::warn!("old rows could not be forgotten: {error}");
        }
    }

    /// Cards of open incidents show clocks: they are drawn anew now and then. Ended ones only if what they show is behind.
    async fn refresh_cards(&self) {
        let open: Vec<_> = {
            let whereabouts = self
                .whereabouts
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            let open = whereabouts.iter().filter(|(_, it)| it.open);
            open.map(|(id, it)| (*id, it.chat)).collect()
        };
        for (id, key) in open {
            self.deliver(Delivery::CardChanged {
                chat: key.0,
                urgent: false,
                incident: id.to_string(),
            });
        }
        if let Err(error) = self.stale_cards().await {
            tracing::warn!("which cards are behind cannot be read, trying again later: {error}");
        }
    }
}
