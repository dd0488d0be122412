//! A log that somebody changed from outside: what needs trust in it is not done from chat any more.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{Delivery, House};
use crate::incident::policy::{Tier, tier};
use crate::incident::{Author, Command, Refusal, Request};
use crate::messages;
use crate::messages::outgoing::{Lane, Message, Outgoing};
use crate::store::{Checkpoint, NewOutbox, Scope, Unit, VerifyReport};

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
                Ok(report) => house.freeze(&report).await,
                Err(error) => tracing::error!("the log could not be looked at: {error}"),
            }
        });
        if tokio::time::timeout(PATIENCE, look).await.is_err() {
            tracing::warn!("the log is long: it is looked at in the background");
        }
    }

    async fn freeze(&self, report: &VerifyReport) {
        self.frozen.store(true, Ordering::Relaxed);
        for fault in &report.faults {
            tracing::error!("the log was changed from outside: {fault}");
        }
        let Some(home) = self.home_chat().await else {
            return;
        };
        let first = report.faults.first().map(ToString::to_string);
        let html = messages::log_broken(
            &self.phrases_in(home),
            &first.unwrap_or_default(),
            report.faults.len().saturating_sub(1),
        );
        let alarm = Outgoing::Message(Message {
            html,
            ..Message::default()
        });
        let unit = Unit {
            chat: home,
            outbox: vec![NewOutbox {
                chat: None,
                incident: None,
                lane: Lane::Emergency.number(),
                body: alarm.to_body(),
            }],
            ..Unit::default()
        };
        match self.ledger.commit(unit).await {
            Ok(committed) => {
                for row in committed.outbox {
                    self.deliver(Delivery::Row(row));
                }
            }
            Err(error) => tracing::error!("the alarm could not be written: {error}"),
        }
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
        let frozen = self.frozen.load(Ordering::Relaxed);
        (frozen && trusts && !reads).then(|| Refusal::LogBroken {
            verb: request.command.verb(),
        })
    }
}
