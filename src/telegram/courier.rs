//! Delivers what was committed to the outbox: in order inside a chat, urgent things first, within Telegram's limits, and
//! never silently lost.
//!
//! One task (the engine) holds the queues and decides what may go next; each exchange is a task of its own. Before a send
//! that cannot be repeated unnoticed the row is settled as *sending*, after it as *sent*; whatever is found as *sending*
//! after a crash goes out again with a mark that it may be a repeat. A card is not a row's text: it is rendered when it is
//! sent, so that many changes cost one edit.

mod attempt;
mod cards;
mod engine;
mod job;
mod limits;
mod quick;
mod settle;
mod shared;
#[cfg(test)]
mod tests;
mod text;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::sync::{mpsc, oneshot};

use self::engine::{Engine, Order};
pub use self::limits::Limits;
use self::shared::Shared;
pub use self::text::{plain, split};
use super::api::Api;
use crate::clock::Clock;
use crate::messages::outgoing::{FileOut, Keyboard, Lane, Place};
use crate::store::{Ledger, OutboxRow};

/// What the courier asks of the house, and whom it tells what happened.
pub trait Desk: Send + Sync + 'static {
    /// Telegram's id of a chat, by our key.
    fn telegram_id(&self, chat: i64) -> Option<i64>;

    /// The incident's topic.
    fn topic(&self, incident: &str) -> TopicState;

    /// The text (HTML) that marks a message as a possible repeat, in the chat's language.
    fn possible_repeat_mark(&self, chat: i64) -> String;

    /// The incident's card as it should look now; none if there is nothing to show.
    fn card(&self, incident: &str) -> impl Future<Output = Option<CardNow>> + Send;

    /// What is in a file of an incident's folder, if it is still what it was.
    fn file(&self, _file: &FileOut) -> impl Future<Output = Option<Vec<u8>>> + Send {
        std::future::ready(None)
    }

    /// The picture of somebody's enrolment for one-time codes, and its caption (HTML); none if it waits for no code any more.
    fn totp_picture(
        &self,
        _chat: i64,
        _user: i64,
        _account: &str,
    ) -> impl Future<Output = Option<(Vec<u8>, String)>> + Send {
        async { None }
    }

    /// The recovery codes that somebody has not seen yet, as a message (HTML).
    fn recovery_codes(
        &self,
        _chat: i64,
        _user: i64,
    ) -> impl Future<Output = Option<String>> + Send {
        async { None }
    }

    /// Takes a result that the domain must learn. The courier waits for it before it goes on with the same card or topic.
    fn came_back(&self, returned: Returned) -> impl Future<Output = ()> + Send;
}

/// An incident's topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopicState {
    /// None: the chat itself.
    None,
    /// It has been asked for: wait.
    Waiting,
    /// Its id.
    Thread(i64),
}

/// A card as it should look now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CardNow {
    /// The chat's key.
    pub chat: i64,
    /// Where it belongs.
    pub place: Place,
    /// The message to edit; none: post a new one.
    pub message_id: Option<i64>,
    /// Its text.
    pub html: String,
    /// Its buttons.
    pub keyboard: Option<Keyboard>,
    /// The version of the incident that it shows.
    pub version: i64,
    /// A new card is pinned.
    pub pin: bool,
}

/// A result that the domain must learn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Returned {
    /// A message or document was delivered.
    Delivered {
        /// The outbox row.
        row_id: i64,
        /// The chat's key.
        chat: i64,
        /// What the sender wanted back.
        tag: Option<String>,
        /// The message it became; of several parts the last, which has the buttons.
        message_id: i64,
    },
    /// The card's message shows this now.
    CardShown {
        /// The incident.
        incident: String,
        /// The chat's key.
        chat: i64,
        /// The message.
        message_id: i64,
        /// The topic it was posted in.
        thread_id: Option<i64>,
        /// The version it shows.
        version: i64,
        /// SHA-256 of text and buttons.
        hash: String,
        /// It was posted just now.
        new: bool,
    },
    /// The card's message is gone.
    CardLost {
        /// The incident.
        incident: String,
        /// The message that is gone.
        message_id: i64,
    },
    /// Somebody's recovery codes were shown.
    RecoveryShown {
        /// Whose they are.
        user: i64,
    },
    /// An incident's topic was made.
    TopicMade {
        /// The incident.
        incident: String,
        /// The topic.
        thread_id: i64,
    },
    /// An incident gets no topic.
    TopicRefused {
        /// The incident.
        incident: String,
        /// Telegram's words.
        why: String,
    },
    /// A topic is gone or closed; what was for it went to the chat itself.
    TopicGone {
        /// The chat's key.
        chat: i64,
        /// The incident whose topic it was, if it was one's.
        incident: Option<String>,
        /// The topic.
        thread_id: i64,
    },
    /// A message could not be pinned.
    PinRefused {
        /// The chat's key.
        chat: i64,
        /// The message.
        message_id: i64,
        /// Telegram's words.
        why: String,
    },
    /// A group became a supergroup.
    Migrated {
        /// The chat's key.
        chat: i64,
        /// Telegram's id until now.
        from: i64,
        /// Telegram's id from now on.
        to: i64,
    },
    /// The bot may not write in the chat; what is for it is parked until it is resumed.
    ChatForbidden {
        /// The chat's key.
        chat: i64,
        /// Telegram's words.
        why: String,
    },
    /// Who administers the chat.
    Administrators {
        /// The chat's key.
        chat: i64,
        /// User ids, bots left out.
        ids: Vec<i64>,
    },
    /// Given up: Telegram refuses it in its simplest form, or failed too often on it alone.
    Undeliverable {
        /// The row.
        row: OutboxRow,
        /// Why.
        why: String,
    },
}

/// How much lies with the courier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load {
    /// Things that wait or are under way.
    pub waiting: usize,
    /// Chats in which the bot may not write.
    pub parked_chats: usize,
}

/// The courier. Clones speak to the same one; it ends when it is stopped or the last of them is gone.
#[derive(Clone)]
pub struct Courier {
    orders: mpsc::UnboundedSender<Order>,
    load: Arc<shared::LoadNow>,
}

impl Courier {
    /// Starts a courier. It delivers nothing by itself: give it the ledger's [`Ledger::outbox`] first.
    pub fn new<D: Desk>(
        api: Api,
        ledger: Ledger,
        desk: Arc<D>,
        clock: Clock,
        limits: Limits,
    ) -> Self {
        let (orders, inbox) = mpsc::unbounded_channel();
        let load = Arc::new(shared::LoadNow::default());
        let settler = settle::Settler::start(ledger.clone());
        let shared = Arc::new(Shared::new(api, ledger, desk, clock, limits, settler));
        let engine = Engine::new(shared, inbox, orders.downgrade(), Arc::clone(&load));
        tokio::spawn(engine.run());
        Self { orders, load }
    }

    /// Delivers rows that are committed. Rows found as *sending* are taken for possibly sent.
    pub fn push(&self, rows: Vec<OutboxRow>) {
        self.order(Order::Rows(rows));
    }

    /// The incident changed: its card is rendered and shown as soon as the limits allow; further changes until then are one.
    pub fn card_changed(&self, chat: i64, incident: String) {
        let lane = Lane::Incident;
        self.order(Order::Card {
            chat,
            incident,
            lane,
        });
    }

    /// The same, where people must not wait for it behind anything else: a lever begins, or has come to its end.
    pub fn card_is_urgent(&self, chat: i64, incident: String) {
        let lane = Lane::Emergency;
        self.order(Order::Card {
            chat,
            incident,
            lane,
        });
    }

    /// The bot may write in this chat again: what was parked goes out.
    pub fn resume(&self, chat: i64) {
        self.order(Order::Resume(chat));
    }

    /// An update came from this chat: if the bot may not write there as far as we know, that may have changed.
    pub fn heard(&self, chat: i64) {
        if self.load.parked_chats.load(Ordering::Relaxed) > 0 {
            self.order(Order::Heard(chat));
        }
    }

    /// Waits until nothing is left to deliver (what is parked does not count) and everything is settled.
    pub async fn idle(&self) {
        let (tell, told) = oneshot::channel();
        self.order(Order::Idle(tell));
        let _ = told.await;
    }

    /// Stops: what is under way is finished and settled, the rest stays in the ledger.
    pub async fn stop(&self) {
        let (tell, told) = oneshot::channel();
        self.order(Order::Stop(tell));
        let _ = told.await;
    }

    /// How much lies here.
    pub fn load(&self) -> Load {
        Load {
            waiting: self.load.waiting.load(Ordering::Relaxed),
            parked_chats: self.load.parked_chats.load(Ordering::Relaxed),
        }
    }

    fn order(&self, order: Order) {
        // After a stop nobody listens; rows stay in the ledger.
        let _ = self.orders.send(order);
    }
}
