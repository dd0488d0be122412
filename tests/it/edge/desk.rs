//! A stage for the courier's stories: the stand-in, a ledger, and a desk that remembers what it is told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use breakglass::clock::Clock;
use breakglass::messages::outgoing::{Lane, Message, Outgoing, Place};
use breakglass::secret::Secret;
use breakglass::store::{Chat, Ledger, NewOutbox, OutboxRow, Unit};
use breakglass::telegram::api::Api;
use breakglass::telegram::courier::{CardNow, Courier, Desk, Limits, Returned, TopicState};
use telegram_sandbox::{Control, NewChat, NewUser, Options, Rights, Sandbox, UserId};

/// A desk that knows chats, topics and cards, and keeps whatever comes back.
#[derive(Default)]
pub struct TestDesk {
    pub chats: Mutex<HashMap<i64, i64>>,
    pub topics: Mutex<HashMap<String, TopicState>>,
    pub cards: Mutex<HashMap<String, CardNow>>,
    pub returned: Mutex<Vec<Returned>>,
}

impl Desk for TestDesk {
    fn telegram_id(&self, chat: i64) -> Option<i64> {
        self.chats.lock().unwrap().get(&chat).copied()
    }

    fn topic(&self, incident: &str) -> TopicState {
        let topics = self.topics.lock().unwrap();
        topics.get(incident).copied().unwrap_or(TopicState::None)
    }

    fn possible_repeat_mark(&self, _: i64) -> String {
        "<i>possible repeat</i>".to_owned()
    }

    async fn card(&self, incident: &str) -> Option<CardNow> {
        self.cards.lock().unwrap().get(incident).cloned()
    }

    async fn came_back(&self, returned: Returned) {
        match &returned {
            Returned::Migrated { chat, to, .. } => {
                self.chats.lock().unwrap().insert(*chat, *to);
            }
            Returned::TopicMade {
                incident,
                thread_id,
            } => {
                let made = TopicState::Thread(*thread_id);
                self.topics.lock().unwrap().insert(incident.clone(), made);
            }
            Returned::TopicRefused { incident, .. } => {
                self.topics.lock().unwrap().remove(incident);
            }
            Returned::CardShown {
                incident,
                message_id,
                ..
            } => {
                if let Some(card) = self.cards.lock().unwrap().get_mut(incident) {
                    card.message_id = Some(*message_id);
                }
            }
            Returned::CardLost { incident, .. } => {
                if let Some(card) = self.cards.lock().unwrap().get_mut(incident) {
                    card.message_id = None;
                }
            }
            _ => {}
        }
        self.returned.lock().unwrap().push(returned);
    }
}

impl TestDesk {
    pub fn set_card(&self, chat: i64, incident: &str, html: &str) {
        let mut cards = self.cards.lock().unwrap();
        let version = cards.get(incident).map_or(1, |card| card.version + 1);
        let message_id = cards.get(incident).and_then(|card| card.message_id);
        let card = CardNow {
            chat,
            place: Place::Incident(incident.to_owned()),
            message_id,
            html: html.to_owned(),
            keyboard: None,
            version,
            pin: true,
        };
        cards.insert(incident.to_owned(), card);
    }

    pub fn count(&self, of: impl Fn(&Returned) -> bool) -> usize {
        self.returned
            .lock()
            .unwrap()
            .iter()
            .filter(|one| of(one))
            .count()
    }
}

/// The stage.
pub struct Stage {
    pub sandbox: Sandbox,
    pub control: Control,
    pub alice: UserId,
    pub ledger: Ledger,
    pub desk: Arc<TestDesk>,
    pub courier: Courier,
    pub limits: Limits,
    _folder: tempfile::TempDir,
}

/// Quick pauses, no limits.
pub fn unlimited() -> Limits {
    Limits {
        first_pause: Duration::from_millis(40),
        longest_pause: Duration::from_millis(200),
        ..Limits::lifted()
    }
}

impl Stage {
    pub async fn new(limits: Limits) -> Self {
        let options = Options {
            limits: limits.on,
            ..Options::default()
        };
        let sandbox = Sandbox::start(options).await.unwrap();
        let control = sandbox.control();
        let alice = control.add_user(NewUser::named("Alice", "alice"));
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}/edge.db", folder.path().display());
        let ledger = Ledger::open(&url, Arc::new(|| Clock::system().micros()))
            .await
            .unwrap();
        let desk = Arc::new(TestDesk::default());
        let courier = start(&sandbox, &ledger, &desk, &limits);
        Self {
            sandbox,
            control,
            alice,
            ledger,
            desk,
            courier,
            limits,
            _folder: folder,
        }
    }

    /// Another courier on the same ledger, as after a restart; it is given what the ledger still has to deliver.
    pub async fn restart(&mut self) {
        self.courier = start(&self.sandbox, &self.ledger, &self.desk, &self.limits);
        self.courier.push(self.ledger.outbox().await.unwrap());
    }

    /// A group with the bot in it: our key and Telegram's id.
    pub async fn group(&self, new: NewChat) -> (i64, i64) {
        let id = self.control.add_chat(new);
        self.control.join(id, self.alice);
        self.control.add_bot(id, self.alice);
        self.control.make_bot_admin(id, self.alice, Rights::ALL);
        let key = self.ledger.fresh_chat_key();
        let chat = Chat {
            key,
            telegram_id: id,
            title: "war room".to_owned(),
            kind: "group".to_owned(),
        };
        let unit = Unit {
            chat: key,
            new_chats: vec![chat],
            ..Unit::default()
        };
        self.ledger.commit(unit).await.unwrap();
        self.desk.chats.lock().unwrap().insert(key, id);
        (key, id)
    }

    /// Commits without delivering.
    pub async fn commit(&self, chat: i64, rows: Vec<(Lane, Outgoing)>) -> Vec<OutboxRow> {
        let row = |(lane, outgoing): (Lane, Outgoing)| NewOutbox {
            chat: None,
            incident: None,
            lane: lane.number(),
            body: outgoing.to_body(),
        };
        let unit = Unit {
            chat,
            outbox: rows.into_iter().map(row).collect(),
            ..Unit::default()
        };
        self.ledger.commit(unit).await.unwrap().outbox
    }

    /// Commits and hands over to the courier.
    pub async fn send(&self, chat: i64, rows: Vec<(Lane, Outgoing)>) -> Vec<OutboxRow> {
        let rows = self.commit(chat, rows).await;
        self.courier.push(rows.clone());
        rows
    }

    pub async fn say(&self, chat: i64, lane: Lane, texts: &[&str]) -> Vec<OutboxRow> {
        let rows = texts.iter().map(|text| (lane, message(text))).collect();
        self.send(chat, rows).await
    }

    /// Waits until all is delivered.
    pub async fn idle(&self) {
        let idle = self.courier.idle();
        tokio::time::timeout(Duration::from_secs(30), idle)
            .await
            .expect("the courier comes to rest");
    }

    /// What the bot has written in a chat, by Telegram's id.
    pub fn written(&self, id: i64) -> Vec<String> {
        let all = self.control.transcript(id).into_iter();
        all.filter(|entry| entry.is_bot && entry.service.is_none())
            .map(|entry| entry.text)
            .collect()
    }

    /// Everything of the outbox is done with.
    pub async fn nothing_left(&self) {
        assert_eq!(self.ledger.outbox().await.unwrap(), []);
    }
}

fn start(sandbox: &Sandbox, ledger: &Ledger, desk: &Arc<TestDesk>, limits: &Limits) -> Courier {
    let api = Api::new(&sandbox.api_url(), Secret::new(sandbox.token())).unwrap();
    Courier::new(
        api,
        ledger.clone(),
        Arc::clone(desk),
        Clock::system(),
        limits.clone(),
    )
}

pub fn message(html: &str) -> Outgoing {
    Outgoing::Message(Message {
        html: html.to_owned(),
        ..Message::default()
    })
}
