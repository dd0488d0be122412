//! Timers: what is due comes back as a command through the same door.

use std::sync::Arc;
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
            if self.clock.elapsed().saturating_sub(refreshed) >= REFRESH {
                refreshed = self.clock.elapsed();
                self.refresh_cards();
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
                    tracing::warn!(timer = timer.id, "a timer of an unknown kind: {other}");
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
                timer: Some(timer.id),
                chat: None,
                person: None,
                wanted: Wanted::Command(Box::new((Author::Bot, request))),
            };
            let mut outcome = super::Outcome::default();
            self.settle(&room, &room, vec![letter], &mut outcome).await;
        }
        Ok(())
    }

    async fn nap(&self) -> Duration {
        let timers = self.ledger.timers_all().await.unwrap_or_default();
        let now = self.clock.micros();
        let next = timers.iter().map(|timer| timer.due).min();
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

    /// Cards of open incidents show clocks: they are drawn anew now and then.
    fn refresh_cards(&self) {
        let open: Vec<_> = {
            let whereabouts = self
                .whereabouts
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            whereabouts
                .iter()
                .map(|(id, (key, _))| (*id, *key))
                .collect()
        };
        for (id, key) in open {
            self.deliver(Delivery::CardChanged {
                chat: key.0,
                incident: id.to_string(),
            });
        }
    }
}
