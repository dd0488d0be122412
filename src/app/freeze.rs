//! A log that somebody changed from outside: what needs trust in it is not done from chat any more.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{House, Noticed};
use crate::incident::policy::{Tier, stops, tier};
use crate::incident::{Author, Command, Refusal, Request, Run, Warrant};
use crate::store::{Checkpoint, Scope, VerifyReport};

/// A longer look goes on while the bot begins to work.
const PATIENCE: Duration = Duration::from_secs(5);

impl House {
    /// Looks at the whole log once, at the start. What only a checkpoint can show is found by `breakglass audit verify`.
    pub async fn look_at_log(self: &Arc<Self>) {
        let house = Arc::clone(self);
        let look = tokio::spawn(async move {
            let auditor = house.ledger.auditor();
            match auditor.verify(&Scope::All, &Checkpoint::default()).await {
                Ok(report) if report.is_whole() => {
                    tracing::info!(
                        streams = report.streams,
                        events = report.events,
                        "the log is whole"
                    );
                }
                Ok(report) => house.freeze(&report),
                Err(error) => tracing::error!("the log could not be looked at: {error}"),
            }
        });
        if tokio::time::timeout(PATIENCE, look).await.is_err() {
            tracing::warn!("the log is long: it is looked at in the background");
        }
    }

    fn freeze(&self, report: &VerifyReport) {
        self.frozen.store(true, Ordering::Relaxed);
        for fault in report.faults.iter().skip(1) {
            tracing::error!("the log was changed from outside: {fault}");
        }
        let first = report.faults.first().map(ToString::to_string);
        self.noticed(Noticed::LogChanged {
            fault: first.unwrap_or_default(),
            more: report.faults.len().saturating_sub(1),
        });
    }

    /// Whether the log was changed from outside.
    pub(super) fn log_changed(&self) -> bool {
        self.frozen.load(Ordering::Relaxed)
    }

    /// Whether a run takes no further step: who asked for it is what the log says. What came past Telegram goes on.
    pub(super) fn holds_run(&self, run: &Run) -> bool {
        self.log_changed() && run.warrant != Warrant::Host
    }

    /// Why a command that the rules allow is not carried out all the same.
    pub(super) fn held_back(&self, author: &Author, request: &Request) -> Option<Refusal> {
        let Author::Person(_) = author else {
            return None;
        };
        let reads = matches!(
            request.command,
            Command::Audit { .. } | Command::Report { .. }
        );
        let trusts = tier(&request.command).is_some_and(|it| it > Tier::TakePart);
        // Stopping goes through, whoever it may have been who could.
        let held = trusts && !reads && !stops(&request.command);
        (self.log_changed() && held).then(|| Refusal::LogBroken {
            verb: request.command.verb(),
        })
    }
}
