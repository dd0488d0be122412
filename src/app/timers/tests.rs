//! What is due and cannot fire hurries nobody; cards that show what they should are left alone.

use std::io::Write;

use chrono::DateTime;
use tokio::sync::mpsc::UnboundedReceiver;

use super::super::letter::ChatSeen;
use super::super::{Installed, PlanFile, Setup, install};
use super::*;
use crate::clock::Clock;
use crate::evidence::export::seal::Recipients;
use crate::evidence::vault::Vault;
use crate::incident::{Actor, CancelAs, ChatKind, Identity, Person, TotpState, UserId, Via};
use crate::messages::Languages;
use crate::plan;
use crate::store::{Ledger, NewEvent, Timer, TimerChange, Unit};

const GROUP: i64 = -1007;
const OWNER: i64 = 7;

/// Everything that is logged here, line by line.
#[derive(Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<u8>>>);

impl Log {
    fn lines_with(&self, part: &str) -> usize {
        let bytes = self.0.lock().expect("the log").clone();
        let text = String::from_utf8(bytes).expect("text");
        text.lines().filter(|line| line.contains(part)).count()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn logged(log: &Log) -> (tracing::Dispatch, tracing::subscriber::DefaultGuard) {
    let into = log.clone();
    let here = tracing_subscriber::fmt()
        .with_writer(move || into.clone())
        .finish();
    // With a single subscriber in the process, places that another test's thread logs at first are taken for silent everywhere.
    let second = tracing_subscriber::fmt()
        .with_writer(std::io::sink)
        .finish();
    let second = tracing::Dispatch::new(second);
    (second, tracing::subscriber::set_default(here))
}

fn installed() -> Installed {
    let files = plan::shipped().into_iter().map(|(name, source)| PlanFile {
        name: name.to_owned(),
        source: source.to_owned(),
    });
    install(files.collect()).expect("the plans are good")
}

async fn house(folder: &std::path::Path) -> (Arc<House>, UnboundedReceiver<Delivery>) {
    let start = DateTime::from_timestamp(1_771_336_800, 0).expect("a moment");
    let clock = Clock::test(start);
    let now = clock.clone();
    let url = format!("sqlite://{}", folder.join("x.db").display());
    let ledger = Ledger::open(&url, Arc::new(move || now.micros()))
        .await
        .expect("a ledger");
    let setup = Setup {
        owners: [UserId(OWNER)].into(),
        home_chat: None,
        bot: "breakglass_bot".to_owned(),
        language: "en".to_owned(),
        seed: Some(7),
        vault: Vault::open(&folder.join("evidence")).expect("a vault"),
        recipients: Recipients::default(),
    };
    let languages = Languages::embedded(Vec::new()).expect("the texts are good");
    House::open(ledger, clock, setup, languages, installed())
        .await
        .expect("the house opens")
}

async fn says(house: &House, command: Command) {
    let author = Author::Person(Actor {
        person: Person {
            id: UserId(OWNER),
            name: "Olivia".to_owned(),
            username: None,
        },
        identity: Identity::Person,
        via: Via::Text,
        owner: true,
        private: false,
        totp: TotpState::None,
    });
    let request = Request {
        command,
        incident: None,
        origin: Origin::default(),
    };
    let letter = Letter {
        update_id: None,
        timer: None,
        chat: Some(ChatSeen {
            title: "War room".to_owned(),
            kind: ChatKind::Supergroup,
            forum: false,
            public: false,
        }),
        person: None,
        wanted: Wanted::Command(Box::new((author, request))),
    };
    let outcome = house.handle(GROUP, vec![letter]).await;
    assert!(outcome.broken.is_empty() && outcome.unavailable.is_none());
}

fn due(id: &str, chat: i64, kind: &str) -> TimerChange {
    TimerChange::Set(Timer {
        id: id.to_owned(),
        chat,
        due: 1,
        kind: kind.to_owned(),
        body: String::new(),
    })
}

#[tokio::test]
async fn a_timer_that_cannot_fire_hurries_nobody_and_is_told_once() {
    let log = Log::default();
    let _guards = logged(&log);
    let folder = tempfile::tempdir().expect("a folder");
    let (house, _deliveries) = house(folder.path()).await;
    says(&house, Command::Start).await;
    let known = house.ledger.chats().await.expect("chats")[0].key;
    let broken = Unit {
        chat: known,
        events: vec![NewEvent {
            stream: format!("chat/{known}"),
            seq: 900,
            at: 1,
            kind: "of_tomorrow".to_owned(),
            body: "{}".to_owned(),
        }],
        timers: vec![
            due("strange", known, "of_tomorrow"),
            due("homeless", 999, "lapse"),
            due("unloadable", known, "leave_unclaimed"),
        ],
        ..Unit::default()
    };
    let seq = house.ledger.load(known).await.expect("events").len();
    let mut broken = broken;
    broken.events[0].seq = i64::try_from(seq).expect("few") + 1;
    house.ledger.commit(broken).await.expect("committed");
    // As after a restart: the chat has to be loaded again, and cannot be.
    let room = house.room_by_key(ChatKey(known)).expect("a room");
    *room.chat.lock().await = None;

    for _ in 0..3 {
        house.fire_due().await.expect("fired");
        assert_eq!(house.nap().await, NAP);
    }
    for (timer, why) in [
        ("strange", "its kind is not known"),
        ("homeless", "its chat is not known"),
        ("unloadable", "its chat cannot be loaded"),
    ] {
        assert_eq!(log.lines_with(why), 1, "{timer}");
    }
    assert_eq!(log.lines_with("a chat cannot be loaded"), 1);
    let left = house.ledger.timers_all().await.expect("timers");
    assert_eq!(left.len(), 3, "they stay: a later version may know them");
}

#[tokio::test]
async fn a_timer_in_time_is_what_the_nap_ends_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let (house, _deliveries) = house(folder.path()).await;
    let soon = house.clock.micros() + 5_000_000;
    let mut unit = Unit::default();
    for (id, due) in [("strange", 1), ("soon", soon)] {
        unit.timers.push(TimerChange::Set(Timer {
            id: id.to_owned(),
            chat: 999,
            due,
            kind: "of_tomorrow".to_owned(),
            body: String::new(),
        }));
    }
    house.ledger.commit(unit).await.expect("committed");
    house.fire_due().await.expect("fired");
    assert_eq!(house.nap().await, Duration::from_secs(5));
}

fn cards(deliveries: &mut UnboundedReceiver<Delivery>) -> Vec<String> {
    let mut cards = Vec::new();
    while let Ok(delivery) = deliveries.try_recv() {
        if let Delivery::CardChanged { incident, .. } = delivery {
            cards.push(incident);
        }
    }
    cards
}

#[tokio::test]
async fn only_open_incidents_and_cards_that_are_behind_are_drawn_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let (house, mut deliveries) = house(folder.path()).await;
    says(&house, Command::Start).await;
    for (text, ends) in [("P1 first", true), ("P1 second", true), ("P1 third", false)] {
        let text = text.to_owned();
        says(&house, Command::Declare { text }).await;
        if ends {
            let why = "nothing happened".to_owned();
            let kind = CancelAs::FalseAlarm;
            says(&house, Command::Cancel { kind, why }).await;
        }
        house.clock.advance(Duration::from_mins(11));
    }
    // Two have ended; the card of the second still shows an older version of it.
    let chat = house.ledger.chats().await.expect("chats")[0].key;
    let shown = |incident: &str, version| store::Card {
        incident: incident.to_owned(),
        chat,
        message_id: Some(5),
        thread_id: None,
        shown_version: version,
        shown_hash: "x".to_owned(),
    };
    house.card_shows(shown("SEC-2026-001", 1_000)).await;
    house.card_shows(shown("SEC-2026-002", 1)).await;
    cards(&mut deliveries);
    house.refresh_cards().await;
    let mut drawn = cards(&mut deliveries);
    drawn.sort();
    assert_eq!(drawn, ["SEC-2026-002", "SEC-2026-003"]);
}
