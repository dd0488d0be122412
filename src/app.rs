//! The house: one door for everything that is asked, whoever asks.
//!
//! A [`Letter`] (a command with its author and its update id) goes through load, decide, commit.
//! The events, the messages that tell about them, the timers and the update's id are written in
//! one transaction; only then anything leaves the house.

mod alarm;
mod codec;
mod compose;
mod desk;
mod dice;
mod everywhere;
mod evidence;
mod export;
mod freeze;
mod host;
mod letter;
mod menus;
mod numbers;
mod pasted;
mod people;
mod plans;
mod requests;
mod room;
mod rows;
mod runs;
mod timers;
mod told;
mod totp;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use tokio::sync::{Notify, mpsc};

use crate::clock::Clock;
use crate::evidence::export::seal::Recipients;
use crate::evidence::vault::Vault;
use crate::incident::{ChatKey, IncidentId, Plans, UserId};
use crate::messages::{Languages, Phrases};
use crate::store::{Ledger, OutboxRow, ReadError};
use crate::totp::Totp;

pub use alarm::Noticed;
pub use desk::{CardNow, TopicNow};
use dice::Dice;
pub use evidence::ErrandError;
pub use host::{HostImport, HostPull, HostRefusal, HostStarted};
pub use letter::{ChatSeen, Letter, Outcome, PersonSeen, Wanted};
use numbers::Numbers;
pub use people::People;
pub use plans::{Installed, PlanFile, PlansError, install};
use room::{Room, Whereabouts};
pub use runs::Executors;

/// Everything that is fixed for the life of the process.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Installation-wide owners; with none the bot only answers `/whoami`.
    pub owners: BTreeSet<UserId>,
    /// Telegram's id of the chat that alarms go to, unless `/setup home` chose another.
    pub home_chat: Option<i64>,
    /// The bot's own username, without `@`; empty before Telegram has told it.
    pub bot: String,
    /// The language of chats that chose none.
    pub language: String,
    /// Makes chance repeatable: for tests.
    pub seed: Option<u64>,
    /// Where evidence is kept.
    pub vault: Vault,
    /// Who alone can read exports; nobody named: anybody.
    pub recipients: Recipients,
}

/// Something that leaves the house after a commit.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// An outbox row to deliver.
    Row(OutboxRow),
    /// The incident changed: its card is out of date.
    CardChanged {
        /// The chat's key.
        chat: i64,
        /// The incident's id, or the name of a run.
        incident: String,
        /// A lever begins, or has come to its end: people must not wait for it behind anything else.
        urgent: bool,
    },
    /// A run has something to do. It goes to the runner, not to the courier.
    Execute {
        /// The incident.
        incident: IncidentId,
        /// The run's number in it.
        run: u32,
    },
    /// The bot may write in a chat again: what was parked goes out.
    Resume {
        /// The chat's key.
        chat: i64,
    },
    /// An update came from a chat: if the bot could not write there, that may have changed.
    Heard {
        /// The chat's key.
        chat: i64,
    },
}

/// The house. Shared by every edge.
pub struct House {
    ledger: Ledger,
    clock: Clock,
    setup: Setup,
    /// The bot's username, where Telegram was reached late.
    bot: OnceLock<String>,
    languages: Languages,
    plans: RwLock<Arc<Plans>>,
    /// The text of every known plan revision, for pinning.
    sources: RwLock<HashMap<String, String>>,
    rooms: Mutex<Rooms>,
    /// Where each incident lives, and its topic: what the courier asks for without waiting.
    whereabouts: RwLock<HashMap<IncidentId, Whereabouts>>,
    numbers: tokio::sync::Mutex<Numbers>,
    people: People,
    /// What strangers were told lately.
    told: told::Told,
    dice: Dice,
    out: mpsc::UnboundedSender<Delivery>,
    timers_changed: Notify,
    /// Timers that are due and cannot fire: they do not shorten the nap.
    passed_over: Mutex<HashSet<String>>,
    /// What the operator must learn.
    alarms: Mutex<alarm::Alarms>,
    /// Runs that have something to do, and the end that [`House::run_levers`] takes.
    calls: runs::Calls,
    /// Who is at work on what, once the runner has looked around.
    floor: Mutex<runs::Floor>,
    /// The log was found changed.
    frozen: AtomicBool,
    /// One-time codes; without it nobody can enrol.
    totp: OnceLock<Totp>,
    /// Who sent a good code, and when.
    passed: Mutex<HashMap<UserId, totp::Pass>>,
}

#[derive(Default)]
struct Rooms {
    by_telegram_id: HashMap<i64, Arc<Room>>,
    by_key: HashMap<ChatKey, Arc<Room>>,
}

impl House {
    /// Opens the house on a ledger. What leaves it comes out of the receiver.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn open(
        ledger: Ledger,
        clock: Clock,
        setup: Setup,
        languages: Languages,
        installed: Installed,
    ) -> Result<(Arc<Self>, mpsc::UnboundedReceiver<Delivery>), ReadError> {
        let (out, deliveries) = mpsc::unbounded_channel();
        let mut rooms = Rooms::default();
        for known in ledger.chats().await? {
            rooms.add(Arc::new(Room::known(ChatKey(known.key), known.telegram_id)));
        }
        let people = People::default();
        let owners: Vec<UserId> = setup.owners.iter().copied().collect();
        people.look_up(&ledger, &[], &owners).await?;
        let dice = Dice::new(setup.seed);
        let house = Self {
            ledger,
            clock,
            setup,
            bot: OnceLock::new(),
            languages,
            plans: RwLock::new(Arc::new(installed.plans)),
            sources: RwLock::new(installed.sources),
            rooms: Mutex::new(rooms),
            whereabouts: RwLock::default(),
            numbers: tokio::sync::Mutex::default(),
            people,
            told: told::Told::default(),
            dice,
            out,
            timers_changed: Notify::new(),
            passed_over: Mutex::default(),
            alarms: Mutex::default(),
            calls: runs::Calls::new(),
            floor: Mutex::default(),
            frozen: AtomicBool::new(false),
            totp: OnceLock::new(),
            passed: Mutex::default(),
        };
        Ok((Arc::new(house), deliveries))
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// What is fixed.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The bot's own username, without `@`; empty before Telegram has told it.
    pub fn bot(&self) -> &str {
        self.bot.get().unwrap_or(&self.setup.bot)
    }

    /// Telegram has told the bot's username.
    pub fn meet(&self, username: String) {
        // It stays the same for the life of the process.
        let _ = self.bot.set(username);
    }

    /// Who was seen.
    pub fn people(&self) -> &People {
        &self.people
    }

    /// Whether a person is an owner of the installation.
    pub fn is_owner(&self, id: UserId) -> bool {
        self.setup.owners.contains(&id)
    }

    /// The phrases of a language, or of the default one.
    pub fn phrases(&self, language: Option<&str>) -> Arc<Phrases> {
        self.languages.get(language.unwrap_or(&self.setup.language))
    }

    /// The phrases of a chat's language, without waiting for the chat.
    fn phrases_in(&self, chat: i64) -> Arc<Phrases> {
        let room = self.room_by_key(ChatKey(chat));
        let language = room.and_then(|room| room.language());
        self.phrases(language.as_deref())
    }

    /// The languages that the bot speaks.
    pub fn languages(&self) -> Vec<&str> {
        self.languages.codes()
    }

    fn plans(&self) -> Arc<Plans> {
        Arc::clone(&self.plans.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The room of a chat that is known already.
    fn room_by_key(&self, key: ChatKey) -> Option<Arc<Room>> {
        self.rooms
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .by_key
            .get(&key)
            .cloned()
    }

    /// The room of a chat; a new chat gets a key, which is written with its first unit.
    fn room_by_telegram_id(&self, telegram_id: i64) -> Arc<Room> {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(room) = rooms.by_telegram_id.get(&telegram_id) {
            return Arc::clone(room);
        }
        let room = Arc::new(Room::new(
            ChatKey(self.ledger.fresh_chat_key()),
            telegram_id,
        ));
        rooms.add(Arc::clone(&room));
        room
    }
}

impl Rooms {
    fn add(&mut self, room: Arc<Room>) {
        self.by_telegram_id
            .insert(room.telegram_id(), Arc::clone(&room));
        self.by_key.insert(room.key, room);
    }
}
