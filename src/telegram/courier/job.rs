//! One outbox row on its way, and what a try made of it.

use std::time::Duration;

use tokio::time::Instant;

use super::Desk;
use super::shared::Shared;
use crate::messages::outgoing::{Lane, Outgoing, Place};
use crate::store::{OutboxRow, OutboxState, Settlement};
use crate::telegram::api::ApiError;

/// One outbox row on its way.
pub(super) struct Job {
    pub(super) row: OutboxRow,
    pub(super) outgoing: Outgoing,
    pub(super) lane: Lane,
    /// The part whose sending has an unknown outcome: it is marked as a possible repeat.
    pub(super) unknown: Option<usize>,
    /// The part to send next.
    pub(super) part: usize,
    /// What Telegram refused of it and is left out from now on.
    pub(super) without: Without,
    /// The ledger holds it as *sending*.
    pub(super) sending: bool,
    pub(super) tries: u32,
    /// When it failed first, microseconds of the monotonic clock.
    pub(super) failing_since: Option<i64>,
    /// When it began to wait for its topic.
    pub(super) waiting_since: Option<Instant>,
    /// The message that it became, if that shows it whole.
    pub(super) became: Option<i64>,
}

/// What Telegram refused and is left out.
#[allow(clippy::struct_excessive_bools)] // four independent things
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Without {
    pub(super) markup: bool,
    pub(super) reply: bool,
    pub(super) topic: bool,
    pub(super) keyboard: bool,
}

/// What a try made of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Settled, whichever way.
    Done,
    /// Telegram failed: again after a pause that grows.
    Again,
    /// 429: this chat waits.
    ChatWaits(Duration),
    /// The bot may not write here.
    Forbidden(String),
    /// Becomes an ordinary message in the chat's queue (a reaction where reactions are off).
    Requeue,
}

impl Job {
    pub(super) fn new(row: OutboxRow, outgoing: Outgoing) -> Self {
        let unknown = (row.state == OutboxState::Sending).then_some(0);
        Self {
            lane: Lane::of(row.lane),
            sending: unknown.is_some(),
            tries: u32::try_from(row.attempts).unwrap_or(0).min(20),
            row,
            outgoing,
            unknown,
            part: 0,
            without: Without::default(),
            failing_since: None,
            waiting_since: None,
            became: None,
        }
    }

    fn place(&self) -> Option<&Place> {
        match &self.outgoing {
            Outgoing::Message(message) => Some(&message.place),
            Outgoing::Document(document) => Some(&document.place),
            Outgoing::File(file) => Some(&file.place),
            _ => None,
        }
    }

    /// The incident whose topic it is for.
    pub(super) fn wants_topic_of(&self) -> Option<&str> {
        match self.place()? {
            Place::Incident(incident) => Some(incident),
            Place::General | Place::Thread(_) => None,
        }
    }

    /// The incident whose topic it is for, and since when it waits for that.
    pub(super) fn topic_wait(&mut self) -> Option<(&str, &mut Option<Instant>)> {
        let place = match &self.outgoing {
            Outgoing::Message(message) => &message.place,
            Outgoing::Document(document) => &document.place,
            Outgoing::File(file) => &file.place,
            _ => return None,
        };
        match place {
            Place::Incident(incident) => Some((incident, &mut self.waiting_since)),
            Place::General | Place::Thread(_) => None,
        }
    }

    /// Whether it counts against Telegram's limits.
    pub(super) fn counts(&self) -> bool {
        matches!(
            self.outgoing,
            Outgoing::Message(_)
                | Outgoing::Document(_)
                | Outgoing::File(_)
                | Outgoing::Edit { .. }
                | Outgoing::Topic { .. }
                | Outgoing::TotpPicture { .. }
                | Outgoing::RecoveryCodes { .. }
        )
    }

    /// Notes in the ledger that the try begins. False if the ledger does not take it; an emergency goes out all the same.
    pub(super) async fn begin<D: Desk>(&mut self, shared: &Shared<D>) -> bool {
        if self.sending {
            return true;
        }
        match shared
            .settler
            .now(Settlement::Sending { id: self.row.id })
            .await
        {
            Ok(()) => self.sending = true,
            Err(error) => tracing::error!(
                row = self.row.id,
                "a delivery cannot be noted before it is sent: {error}"
            ),
        }
        self.sending || self.lane == Lane::Emergency
    }

    /// The outcome of a failure that concerns the way, not the thing; `Err` gives back any other error.
    pub(super) fn failed<D: Desk>(
        &mut self,
        shared: &Shared<D>,
        error: ApiError,
    ) -> Result<After, ApiError> {
        let known = match &error {
            ApiError::RetryAfter(_) => true,
            error
                if error.is_temporary()
                    || matches!(error, ApiError::Unauthorized | ApiError::NotFound(_)) =>
            {
                !error.maybe_done()
            }
            _ => return Err(error),
        };
        tracing::debug!(row = self.row.id, "a delivery failed: {error}");
        if known && self.unknown.is_none() && self.part == 0 {
            // Surely not sent: a crash before the next try must not call it a possible repeat.
            let attempts = self.row.attempts.saturating_add(i64::from(self.tries) + 1);
            shared.later(Settlement::Waiting {
                id: self.row.id,
                attempts,
            });
            self.sending = false;
        } else if !known {
            self.unknown = Some(self.part);
        }
        Ok(match error {
            ApiError::RetryAfter(wait) => After::ChatWaits(wait),
            _ => After::Again,
        })
    }
}
