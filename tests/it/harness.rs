//! The stage for stories: the real bot over HTTP against the stand-in for Telegram.
//!
//! `harness.chat("War room").as_user("Bob").says("/declare P1 key leaked").await` acts as a person would and returns
//! what people see because of it, as text for an inline snapshot: new messages, changed ones, reactions, toasts, pins.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
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
use telegram_sandbox::{Control, Entry, MessageId, NewUser, Options, Sandbox, Say};

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
    /// The bot is not in the groups yet.
    pub outside: bool,
    /// Plans from this folder.
    pub plans: Option<PathBuf>,
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
    /// The chat page is served, and the bot's clock shows the time that the page shows.
    pub page: bool,
}

impl Harness {
    /// The world of `breakglass sandbox`: Olivia owns, Alice and Bob respond, Mallory does not belong.
    pub async fn start() -> Self {
        Self::with(Stage::default()).await
    }

    pub async fn with(stage: Stage) -> Self {
        let options = Options {
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
            targets: stage.targets.clone().unwrap_or_else(|| Arc::new(|_| None)),
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
            } else {
                [UserId(self.world.owner)].into()
            },
            recipients: stage.recipients.clone(),
            evidence: self.folder.path().join("evidence"),
            plans: stage.plans.clone(),
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
        assert!(in_time, "it does not come to hold");
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
        if let Some(stand_in) = self.stand_in.take() {
            stand_in.stop().await;
        }
    }

    /// What people see because of something that happens outside the chats.
    pub async fn sees<T>(&self, act: impl Future<Output = T>) -> (T, String) {
        let before = self.everything();
        let done = act.await;
        self.quiet().await;
        (done, visible(self.news(&before).trim_end()))
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

/// A chat on the stage.
#[derive(Clone, Copy)]
pub struct Stand<'a> {
    harness: &'a Harness,
    chat: i64,
    thread: Option<MessageId>,
}

impl<'a> Stand<'a> {
    pub fn id(&self) -> i64 {
        self.chat
    }

    pub fn topic(self, thread: MessageId) -> Self {
        Self {
            thread: Some(thread),
            ..self
        }
    }

    pub fn as_user(self, name: &str) -> Voice<'a> {
        Voice {
            stand: self,
            user: self.harness.person(name),
        }
    }

    /// The newest message of the bot whose text contains `part`.
    pub fn message(&self, part: &str) -> Entry {
        let all = self.harness.control.transcript(self.chat);
        let found = all
            .into_iter()
            .rev()
            .find(|entry| entry.is_bot && entry.text.contains(part));
        found.unwrap_or_else(|| panic!("no message of the bot says {part:?}"))
    }

    /// The last messages as people see them.
    pub fn transcript_tail(&self, count: usize) -> String {
        let all = self.harness.control.transcript(self.chat);
        let mut text = String::new();
        for entry in all.iter().skip(all.len().saturating_sub(count)) {
            show(&mut text, entry, None);
        }
        visible(text.trim_end())
    }

    /// The newest card.
    pub fn card(&self) -> Entry {
        let all = self.harness.control.transcript(self.chat);
        let found = all
            .into_iter()
            .rev()
            .find(|entry| entry.is_bot && is_card(entry));
        found.expect("a card stands in the chat")
    }

    /// The newest card as people see it.
    pub fn card_text(&self) -> String {
        let mut text = String::new();
        show(&mut text, &self.card(), None);
        text
    }

    pub fn messages_of_the_bot(&self) -> usize {
        let all = self.harness.control.transcript(self.chat);
        all.iter()
            .filter(|entry| entry.is_bot && entry.service.is_none())
            .count()
    }
}

fn is_card(entry: &Entry) -> bool {
    entry
        .text
        .lines()
        .take(3)
        .any(|line| line.contains("SEC-") && line.contains(" · "))
        && !entry.keyboard.is_empty()
}

/// A person in a chat.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    stand: Stand<'a>,
    user: i64,
}

impl Voice<'_> {
    /// Says something and returns what people see because of it.
    pub async fn says(self, text: &str) -> String {
        self.sends(Say::text(text)).await
    }

    pub async fn sends(self, say: Say) -> String {
        let Stand {
            harness,
            chat,
            thread,
        } = self.stand;
        // Telegram's clock and the bot's show the same, unless a story says when something was written.
        let mut say = say;
        say.date = say.date.or(Some(harness.clock.now().timestamp()));
        let say = match thread {
            Some(thread) => say.in_thread(thread),
            None => say,
        };
        self.watching(|| {
            harness.control.send(chat, self.user, say);
            None
        })
        .await
    }

    /// Says something that Telegram had kept for a while.
    pub async fn said(self, seconds_ago: i64, text: &str) -> String {
        let date = self.stand.harness.clock.now().timestamp() - seconds_ago;
        let mut say = Say::text(text);
        say.date = Some(date);
        self.sends(say).await
    }

    /// Replies to a message.
    pub async fn replies(self, to: MessageId, text: &str) -> String {
        self.sends(Say::text(text).reply_to(to)).await
    }

    /// Presses a button of the newest card by its label.
    pub async fn presses(self, label: &str) -> String {
        let card = self.stand.card();
        self.presses_on(card.message_id, label).await
    }

    pub async fn presses_on(self, message: MessageId, label: &str) -> String {
        let Stand { harness, chat, .. } = self.stand;
        self.watching(|| {
            let pressed = harness
                .control
                .press_button(chat, self.user, message, label);
            Some(pressed.unwrap_or_else(|error| panic!("{label:?} cannot be pressed: {error}")))
        })
        .await
    }

    /// Sends callback data that no button need carry: hostile clients do.
    pub async fn presses_data(self, message: MessageId, data: &str) -> String {
        let Stand { harness, chat, .. } = self.stand;
        self.watching(|| Some(harness.control.press(chat, self.user, message, data)))
            .await
    }

    pub async fn reacts(self, message: MessageId, emoji: &str) -> String {
        let Stand { harness, chat, .. } = self.stand;
        self.watching(|| {
            harness.control.react(chat, self.user, message, emoji);
            None
        })
        .await
    }

    async fn watching(self, act: impl FnOnce() -> Option<String>) -> String {
        let Stand { harness, .. } = self.stand;
        let before = harness.everything();
        let press = act();
        harness.quiet().await;
        let toast = press.and_then(|press| harness.control.toast(&press));
        let mut seen = harness.news(&before);
        if let Some(toast) = toast.filter(|toast| !toast.text.is_empty()) {
            let kind = if toast.show_alert { "alert" } else { "toast" };
            let _ = writeln!(seen, "({kind}) {}", toast.text);
        }
        visible(seen.trim_end())
    }
}

/// Marks that nobody sees, made visible: right-to-left text stands between ⟨ and ⟩, and a ~ keeps a name or word inactive.
fn visible(text: &str) -> String {
    text.replace('\u{2068}', "⟨")
        .replace('\u{2069}', "⟩")
        .replace('\u{2060}', "~")
}

type Seen = BTreeMap<(i64, MessageId), Entry>;

impl Harness {
    fn everything(&self) -> Seen {
        let all = self
            .control
            .chats()
            .into_iter()
            .flat_map(|chat| self.control.transcript(chat));
        all.map(|entry| ((entry.chat, entry.message_id), entry))
            .collect()
    }

    /// What people see now that they did not see before.
    fn news(&self, before: &Seen) -> String {
        let mut news = String::new();
        let now = self.everything();
        for (key, entry) in &now {
            if before.get(key) != Some(entry) {
                show(&mut news, entry, before.get(key));
            }
        }
        for (key, entry) in before {
            if !now.contains_key(key) {
                let _ = writeln!(
                    news,
                    "(deleted) {}",
                    entry.text.lines().next().unwrap_or_default()
                );
            }
        }
        news
    }
}

/// One message as a person sees it: what is new about it.
fn show(news: &mut String, entry: &Entry, before: Option<&Entry>) {
    if let Some(text) = &entry.service_text {
        let _ = writeln!(news, "— {text}");
        return;
    }
    let marks = |entry: &Entry| -> Vec<String> {
        entry
            .reactions
            .iter()
            .map(|it| format!("{} {}", it.emoji, it.by_name))
            .collect()
    };
    let same_text =
        before.is_some_and(|old| old.text == entry.text && old.keyboard == entry.keyboard);
    if entry.is_bot && !same_text {
        let head = match (before.is_some(), entry.silent) {
            (true, _) => "✏️",
            (false, true) => "🤖 (silent)",
            (false, false) => "🤖",
        };
        let _ = writeln!(news, "{head} {}", entry.text);
        for row in &entry.keyboard {
            let labels: Vec<_> = row
                .iter()
                .map(|button| format!("[ {} ]", button.text))
                .collect();
            let _ = writeln!(news, "{}", labels.join(" "));
        }
        if let Some(file) = &entry.file {
            let _ = writeln!(news, "📎 {}", file.name);
        }
    }
    let (old, new) = (before.map(marks).unwrap_or_default(), marks(entry));
    if old != new {
        for mark in new.iter().filter(|mark| !old.contains(mark)) {
            let _ = writeln!(news, "({mark})");
        }
    }
}
