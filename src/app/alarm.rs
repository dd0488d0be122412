//! What the operator must learn: in the log always, in the home chat where there is one.

use super::House;
use crate::messages;
use crate::messages::outgoing::{Lane, Message, Outgoing};
use crate::store::{NewOutbox, NewSetAside, Unit};

impl House {
    /// Keeps an update that failed again and again, with an alarm to the home chat.
    ///
    /// # Errors
    /// When the ledger takes nothing at present.
    pub async fn set_aside(&self, update: NewSetAside) -> Result<(), String> {
        tracing::error!(
            update = update.update_id,
            kind = update.kind,
            "set aside: {}",
            update.reason
        );
        let mut unit = Unit::default();
        unit.updates.extend(update.update_id);
        let home = self.home_chat().await;
        unit.chat = home.unwrap_or(0);
        if let Some(home) = home {
            let html = messages::set_aside(&self.phrases_in(home), &update.kind, &update.reason);
            let alarm = Outgoing::Message(Message {
                html,
                ..Message::default()
            });
            unit.outbox.push(NewOutbox {
                chat: None,
                incident: None,
                lane: Lane::Emergency.number(),
                body: alarm.to_body(),
            });
        }
        unit.set_aside.push(update);
        match self.ledger.commit(unit).await {
            Ok(committed) => {
                for row in committed.outbox {
                    self.deliver(super::Delivery::Row(row));
                }
                Ok(())
            }
            Err(crate::store::CommitError::Repeat { .. }) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Something that the intake noticed about itself. Telegram may be out of reach: the log is what is left.
    pub fn noticed(&self, what: &str) {
        tracing::warn!("{what}");
    }

    /// The key of the chat that alarms go to.
    pub(super) async fn home_chat(&self) -> Option<i64> {
        self.ledger
            .setting("home_chat")
            .await
            .ok()
            .flatten()?
            .parse()
            .ok()
    }
}
