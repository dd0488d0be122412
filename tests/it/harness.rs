//! The stage for stories: the real bot over HTTP against the stand-in for Telegram.
//!
//! `harness.chat("War room").as_user("Bob").says("/declare P1 key leaked").await` acts as a person would and returns
//! what people see because of it, as text for an inline snapshot: new messages, changed ones, reactions, toasts, pins.

mod brief;
mod people;
mod sight;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use breakglass::clock::Clock;
use breakglass::config::{Settings, Telegram};
use breakglass::evidence::export::seal::Recipients;
use breakglass::incident::UserId;
use breakglass::run::{self, Running};
use breakglass::sandbox::{self, World};
use breakglass::secret::Secret;
use breakglass::telegram::courier::Limits;
use breakglass::telegram::pump::Polling;
use chrono::{TimeZone, Utc};
use telegram_sandbox::{Control, NewUser, Options, Sandbox};

pub use self::people::{Stand, Voice};
use self::sight::{show, visible};

/// Prints a figure where it is seen: the test runner hides what passing tests print in the usual way.
pub fn figure(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr().lock(), "figure: {line}");
}

/// How long the bot may take until it is quiet; far above what it needs.
const PATIENCE: Duration = Duration::from_secs(30);
/// Nothing may change for so long before the bot counts as quiet.
const QUIET: Duration = Duration::from_millis(120);

pub struct Harness {
    stand_in: Option<Sandbox>,
    pub control: Control,
    pub world: World,
    pub clock: Clock,
    bot: Option<Running>,
    folder: tempfile::TempDir,
    ticker: tokio::task::JoinHandle<()>,
    people: BTreeMap<String, i64>,
    chats: BTreeMap<String, i64>,
    stage: Stage,
}

/// A bot that is set up differently.
#[derive(Default, Clone)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent switches of a test's stage"
)]
pub struct Stage {
    /// Telegram's limits stay on.
    pub limits: bool,
    /// Nobody owns the installation.
    pub without_owner: bool,
    /// Alice owns it, too.
    pub second_owner: bool,
    /// The bot is not in the groups yet.
    pub outside: bool,
    /// Plans from this folder.
    pub plans: Option<PathBuf>,
    /// Texts from this folder.
    pub messages: Option<PathBuf>,
    /// Who alone can read exports.
    pub recipients: Recipients,
    /// What connections of plans stand for; nothing is set up without it.
    pub targets: Option<run::Lookup>,
    /// Nobody executes runs of levers: the story does it.
    pub without_levers: bool,
    /// One-time codes can be used.
    pub secret_key: Option<breakglass::totp::Key>,
    /// The admin endpoint is served, with this token.
    pub admin_token: Option<&'static str>,
    /// The settings name the war room as the home chat.
    pub home_chat: bool,
    /// How soon a chat in which the bot may not write is tried again, whether something is heard from there or not.
    pub parked_pause: Option<Duration>,
    /// The chat page is served, and the bot's clock shows the time that the page shows.
    pub page: bool,
}

impl Harness {
    /// The world of `breakglass sandbox`: Olivia owns, Alice and Bob respond, Mallory does not belong.
    pub async fn start() -> Self {
        Self::with(Stage::default()).await
    }

    pub async fn with(stage: Stage) -> Self {
        crate::canary::listen();
        let options = Options {
            token: format!("42:{}", crate::canary::secret("bot token")),
            limits: stage.limits,
            page: stage.page,
            ..Options::default()
        };
        let stand_in = Sandbox::start(options).await.expect("the stand-in starts");
        let control = stand_in.control();
        let world = sandbox::seed(&control);
        let folder = tempfile::tempdir().expect("a folder");
        let start = Utc
            .with_ymd_and_hms(2026, 2, 17, 14, 0, 0)
            .single()
            .expect("a moment");
        let clock = Clock::test(if stage.page {
            Clock::system().now()
        } else {
            start
        });
        let ticker = tokio::spawn(tick(clock.clone()));
        let people = [
            ("Olivia", world.owner),
            ("Alice", world.alice),
            ("Bob", world.bob),
            ("Mallory", world.outsider),
        ];
        let chats = [("War room", world.group), ("Incident forum", world.forum)];
        let mut harness = Self {
            stand_in: Some(stand_in),
            control,
            world,
            clock,
            bot: None,
            folder,
            ticker,
            people: people.map(|(name, id)| (name.to_owned(), id)).into(),
            chats: chats.map(|(name, id)| (name.to_owned(), id)).into(),
            stage: stage.clone(),
        };
        harness.boot(&stage).await;
        if !stage.outside {
            sandbox::enter(&harness.control, world);
            harness.quiet().await;
        }
        harness
    }

    /// Starts the bot that was ended, whether it becomes quiet or not.
    pub async fn boot(&mut self, stage: &Stage) {
        let settings = self.settings(stage);
        let limits = if stage.limits {
            Limits::default()
        } else {
            Limits::lifted()
        };
        let parked_pause = stage.parked_pause.unwrap_or(limits.parked_pause);
        let limits = Limits {
            parked_pause,
            heard_pause: stage.parked_pause.unwrap_or(limits.heard_pause),
            ..limits
        };
        let options = run::Options {
            clock: self.clock.clone(),
            limits,
            polling: Polling {
                wait: Duration::from_secs(5),
                ..Polling::default()
            },
            seed: Some(7),
            levers: !stage.without_levers,
            // Nothing of the real environment is ever a target.
            targets: stage
                .targets
                .clone()
                .unwrap_or_else(crate::canary::secrets_only),
        };
        self.bot = Some(
            run::start(&settings, options)
                .await
                .expect("the bot starts"),
        );
    }

    pub fn settings(&self, stage: &Stage) -> Settings {
        let stand_in = self.stand_in.as_ref().expect("it runs until the end");
        Settings {
            telegram: Telegram {
                token: Secret::new(stand_in.token().to_owned()),
                api_url: stand_in.api_url(),
                webhook: None,
            },
            database: format!("sqlite://{}", self.database().display()),
            owners: if stage.without_owner {
                [].into()
            } else if stage.second_owner {
                [UserId(self.world.owner), UserId(self.world.alice)].into()
            } else {
                [UserId(self.world.owner)].into()
            },
            recipients: stage.recipients.clone(),
            evidence: self.folder.path().join("evidence"),
            home_chat: stage.home_chat.then_some(self.world.group),
            plans: stage.plans.clone(),
            messages: stage.messages.clone(),
            listen: "127.0.0.1:0".parse().expect("an address"),
            secret_key: stage.secret_key.clone(),
            admin_token: stage.admin_token.map(Secret::new),
            journal: self.journal(),
        }
    }

    /// Where the chat page is; it needs [`Stage::page`].
    pub fn page(&self) -> String {
        let stand_in = self.stand_in.as_ref().expect("it runs until the end");
        format!("http://{}/", stand_in.addr())
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("test.db")
    }

    pub fn journal(&self) -> PathBuf {
        self.folder.path().join("test.journal")
    }

    /// Where the admin endpoint is; it needs [`Stage::admin_token`].
    pub fn listening(&self) -> std::net::SocketAddr {
        let bot = self.bot.as_ref().expect("it runs");
        bot.listening().expect("it listens")
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Every file that the bot keeps, also in folders below.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let entry = entry.expect("an entry");
                let kind = entry.file_type().expect("its kind");
                if kind.is_dir() {
                    folders.push(entry.path());
                } else if kind.is_file() {
                    found.push(entry.path());
                }
            }
        }
        found
    }

    pub fn house(&self) -> &breakglass::app::House {
        let house = self.bot.as_ref().expect("it runs").house();
        house.expect("it is open")
    }

    pub fn running(&self) -> &Running {
        self.bot.as_ref().expect("it runs")
    }

    /// Ends the bot and starts it anew on the same ledger.
    pub async fn restart(&mut self) {
        if let Some(bot) = self.bot.take() {
            bot.stop().await;
        }
        let stage = self.stage.clone();
        self.boot(&stage).await;
        self.quiet().await;
    }

    /// Starts the bot that was ended, with an admin endpoint or without.
    pub async fn start_again(&mut self, admin_token: Option<&'static str>) {
        self.boot(&Stage {
            admin_token,
            ..Stage::default()
        })
        .await;
        self.quiet().await;
    }

    /// Waits until something holds.
    pub async fn until(&self, holds: impl Fn() -> bool) {
        let waiting = async {
            while !holds() {
                tokio::time::sleep(QUIET).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(
            in_time,
            "it does not come to hold: {}",
            self.chat("War room").transcript_tail(6)
        );
    }

    /// Ends the bot only.
    pub async fn stop_bot(&mut self) {
        if let Some(bot) = self.bot.take() {
            bot.stop().await;
        }
    }

    /// Ends everything in order.
    pub async fn end(mut self) {
        self.stop_bot().await;
        crate::botapi::hold_against(&self.control.history());
        let scan = self.scan().await;
        crate::canary::settle(&scan, false);
        if let Some(stand_in) = self.stand_in.take() {
            stand_in.stop().await;
        }
    }

    /// Looks for secrets in everything that the bot, which was ended, leaves behind.
    pub async fn scan(&self) -> crate::canary::Scan {
        let mut scan = crate::canary::Scan::usual();
        scan.stand_in(&self.control);
        if self.database().exists() {
            scan.ledger(&self.database()).await;
        }
        scan.files(&self.files());
        scan
    }

    /// What people see because of something that happens outside the chats.
    pub async fn sees<T>(&self, act: impl Future<Output = T>) -> (T, String) {
        let before = self.everything();
        let done = act.await;
        self.quiet().await;
        (done, visible(self.news(&before, false).trim_end()))
    }

    /// Lets time pass for the bot.
    pub async fn later(&self, minutes: u64) {
        self.clock.advance(Duration::from_secs(minutes * 60));
        self.house().fire_due().await.expect("timers can be read");
        self.quiet().await;
    }

    pub fn add_person(&mut self, name: &str, username: &str) -> i64 {
        let id = self.control.add_user(NewUser::named(name, username));
        self.people.insert(name.to_owned(), id);
        id
    }

    /// A chat by its title, or a person's private chat by their name.
    pub fn chat(&self, title: &str) -> Stand<'_> {
        let chat = self.chats.get(title).or_else(|| self.people.get(title));
        Stand {
            harness: self,
            chat: *chat.expect("a chat of that title"),
            thread: None,
        }
    }

    pub fn add_chat(&mut self, title: &str, id: i64) {
        self.chats.insert(title.to_owned(), id);
    }

    pub fn person(&self, name: &str) -> i64 {
        self.people[name]
    }

    /// Waits until everything that was said is handled and everything is told.
    pub async fn quiet(&self) {
        let waiting = async {
            let mut changes = self.control.subscribe();
            loop {
                changes.mark_unchanged();
                let calm = tokio::time::timeout(QUIET, changes.changed())
                    .await
                    .is_err();
                if calm && self.control.pending_updates() == 0 && self.nothing_to_send().await {
                    return;
                }
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        assert!(
            in_time,
            "the bot did not become quiet; last calls: {:#?}",
            self.last_calls()
        );
    }

    async fn nothing_to_send(&self) -> bool {
        match &self.bot {
            Some(bot) => bot
                .house()
                .expect("it is open")
                .ledger()
                .outbox()
                .await
                .is_ok_and(|rows| rows.is_empty()),
            None => true,
        }
    }

    fn last_calls(&self) -> Vec<String> {
        let calls = self.control.history();
        calls
            .iter()
            .rev()
            .take(12)
            .map(|call| format!("{call:?}"))
            .collect()
    }

    /// What everybody sees of a chat.
    pub fn transcript(&self, chat: i64) -> String {
        let mut all = String::new();
        for entry in self.control.transcript(chat) {
            show(&mut all, &entry, None);
        }
        all
    }
}

impl Drop for Harness {
    fn drop(&mut self) {
        self.ticker.abort();
    }
}

/// The bot's clock runs from a fixed start, ten times slower than a real one: the minutes that messages show are the
/// same however busy the machine is.
async fn tick(clock: Clock) {
    let mut last = tokio::time::Instant::now();
    loop {
        tokio::time::sleep(Duration::from_millis(5)).await;
        let now = tokio::time::Instant::now();
        clock.advance((now - last) / 10);
        last = now;
    }
}
