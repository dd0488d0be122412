//! Between the courier and the house: what goes out, and what comes back.

use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use super::api::{Api, ApiError, BotCommand, CommandScope};
use super::courier::{CardNow, Courier, Desk, Returned, TopicState};
use super::porter::Porter;
use crate::app::{Delivery, House, Noticed, Outcome, TopicNow};
use crate::messages::outgoing::{FileOut, Outgoing};
use crate::store;

/// The house as the courier sees it.
pub struct Counter {
    house: Arc<House>,
}

impl Counter {
    /// A counter of this house.
    pub fn new(house: Arc<House>) -> Self {
        Self { house }
    }

    async fn card_shown(&self, card: store::Card, new: bool) {
        if new && let Some(message_id) = card.message_id {
            let done = self
                .house
                .card_posted(&card.incident, message_id, card.thread_id)
                .await;
            self.log(&done, "a posted card");
        }
        self.house.card_shows(card).await;
    }

    fn log(&self, done: &Outcome, what: &str) {
        if let Some(why) = &done.unavailable {
            self.house.noticed(Noticed::Database {
                why: format!("{what} could not be recorded: {why}"),
            });
        }
    }
}

impl Desk for Counter {
    fn telegram_id(&self, chat: i64) -> Option<i64> {
        self.house.telegram_id(chat)
    }

    fn topic(&self, incident: &str) -> TopicState {
        match self.house.topic(incident) {
            TopicNow::None => TopicState::None,
            TopicNow::Waiting => TopicState::Waiting,
            TopicNow::Thread(id) => TopicState::Thread(id),
        }
    }

    fn possible_repeat_mark(&self, chat: i64) -> String {
        self.house.possible_repeat_mark(chat)
    }

    async fn card(&self, incident: &str) -> Option<CardNow> {
        let card = self.house.card(incident).await?;
        Some(CardNow {
            chat: card.chat,
            place: card.place,
            message_id: card.message_id,
            html: card.rendered.html,
            keyboard: card.rendered.keyboard,
            version: card.version,
            pin: card.pin,
        })
    }

    async fn file(&self, file: &FileOut) -> Option<Vec<u8>> {
        self.house.evidence_file(&file.sha256).await
    }

    async fn totp_picture(&self, chat: i64, user: i64, account: &str) -> Option<(Vec<u8>, String)> {
        self.house.totp_picture(chat, user, account).await
    }

    async fn recovery_codes(&self, chat: i64, user: i64) -> Option<String> {
        self.house.recovery_codes(chat, user).await
    }

    async fn came_back(&self, returned: Returned) {
        let house = &self.house;
        match returned {
            Returned::CardShown {
                incident,
                chat,
                message_id,
                thread_id,
                version,
                hash,
                new,
            } => {
                let card = store::Card {
                    incident,
                    chat,
                    message_id: Some(message_id),
                    thread_id,
                    shown_version: version,
                    shown_hash: hash,
                };
                self.card_shown(card, new).await;
            }
            Returned::CardLost { incident, .. } => {
                self.log(&house.card_lost(&incident).await, "a lost card");
            }
            Returned::RecoveryShown { user } => house.recovery_shown(user).await,
            Returned::TopicMade {
                incident,
                thread_id,
            } => {
                self.log(&house.topic_made(&incident, thread_id).await, "a topic");
            }
            Returned::TopicRefused { incident, why } => {
                self.log(
                    &house.topic_refused(&incident, why).await,
                    "a refused topic",
                );
            }
            Returned::TopicGone {
                incident: Some(incident),
                ..
            } => {
                let why = "the topic was closed or deleted".to_owned();
                self.log(&house.topic_refused(&incident, why).await, "a lost topic");
            }
            Returned::Migrated { from, to, .. } => {
                self.log(&house.migrated(from, to, None).await, "a migration");
            }
            Returned::Administrators { chat, ids } => {
                self.log(
                    &house.administrators(chat, ids).await,
                    "a list of administrators",
                );
            }
            Returned::ChatForbidden { chat, why } => {
                house.noticed(Noticed::Parked { chat, why });
            }
            Returned::PinRefused { chat, why, .. } => {
                tracing::info!("chat {chat}: the card is not pinned: {why}");
            }
            Returned::Undeliverable { row, why } => {
                let chat = row.chat;
                house.noticed(Noticed::Undelivered { chat, why });
                if let Ok(Outgoing::File(file)) = Outgoing::from_body(&row.body) {
                    let told = house.export_refused(row.chat, &file).await;
                    self.log(&told, "an export that was refused");
                }
            }
            Returned::Delivered {
                chat,
                tag: Some(tag),
                message_id,
                ..
            } => {
                self.log(
                    &house.delivered(chat, &tag, message_id).await,
                    "a request's message",
                );
            }
            Returned::Delivered { .. } | Returned::TopicGone { .. } => {}
        }
    }
}

/// Hands what leaves the house to the courier, until `stop` becomes true.
///
/// # Errors
/// When the outbox cannot be read at the start.
pub async fn carry<E: From<store::ReadError>>(
    courier: Courier,
    porter: Porter,
    ledger: store::Ledger,
    mut deliveries: mpsc::UnboundedReceiver<Delivery>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), E> {
    let (errands, rows) = ledger
        .outbox()
        .await?
        .into_iter()
        .partition(|row| Outgoing::is_errand(&row.body));
    porter.push(errands);
    // What was parked before the start is older than the rest.
    for chat in ledger.parked_chats().await? {
        courier.resume(chat);
    }
    courier.push(rows);
    loop {
        let mut rows = Vec::new();
        let next = tokio::select! {
            biased;
            next = deliveries.recv() => next,
            _ = stop.wait_for(|stop| *stop) => None,
        };
        let mut next = match next {
            Some(next) => Some(next),
            None => break,
        };
        // Whatever was committed together goes over together.
        while let Some(delivery) = next {
            match delivery {
                Delivery::Row(row) if Outgoing::is_errand(&row.body) => porter.push(vec![row]),
                Delivery::Row(row) => rows.push(row),
                Delivery::CardChanged {
                    chat,
                    incident,
                    urgent,
                } => {
                    // What was said with the change stands before it.
                    courier.push(std::mem::take(&mut rows));
                    if urgent {
                        courier.card_is_urgent(chat, incident);
                    } else {
                        courier.card_changed(chat, incident);
                    }
                }
                Delivery::Resume { chat } => courier.resume(chat),
                Delivery::Heard { chat } => courier.heard(chat),
                // The house hands it to the runner.
                Delivery::Execute { .. } => {}
            }
            next = deliveries.try_recv().ok();
        }
        if !rows.is_empty() {
            courier.push(rows);
        }
    }
    porter.stop().await;
    courier.stop().await;
    Ok(())
}

/// Tells Telegram which commands to offer in private chats.
///
/// # Errors
/// Telegram's refusal.
pub async fn offer(
    api: &Api,
    menu: &[(String, String)],
    language: Option<&str>,
) -> Result<(), ApiError> {
    let commands: Vec<BotCommand<'_>> = menu
        .iter()
        .map(|(command, description)| BotCommand {
            command,
            description,
        })
        .collect();
    api.set_commands(&commands, CommandScope::Default, language)
        .await
}
