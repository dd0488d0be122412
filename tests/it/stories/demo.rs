//! Levers on something real: from what an admin types, by the executors, to the demo service that goes down or comes back.
//!
//! What the demo says of itself is asserted, not only what the bot says about it.

mod alone;
mod codes;
mod containment;
mod credentials;
mod evidence;
mod held;
mod rollback;
mod shutdown;
mod superseded;
mod trouble;

use std::path::PathBuf;
use std::time::Duration;

use breakglass::sandbox::demo::{Asked, Demo};
use serde_json::Value;
use sqlx::Connection as _;
use telegram_sandbox::Entry;

use crate::harness::{Harness, Stage, Stand, Voice};

/// How long a run may take; far above what it needs, also on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// The bot with its real executors, and the service that they work on.
struct Play {
    harness: Harness,
    demo: Demo,
    _folder: tempfile::TempDir,
}

impl Play {
    /// A team that knows each other since two days: Bob commands, Alice approves, Olivia owns. The chat follows the plan `id`,
    /// and an incident is open.
    async fn of(id: &str) -> Self {
        Self::with(id, Stage::default()).await
    }

    async fn with(id: &str, stage: Stage) -> Self {
        let play = Self::empty(id, stage).await;
        let (alice, bob) = (play.harness.person("Alice"), play.harness.person("Bob"));
        let olivia = play.room().as_user("Olivia");
        play.room().as_user("Alice").says("/whoami").await;
        play.room().as_user("Bob").says("/whoami").await;
        olivia.says(&format!("/grant commander {bob}")).await;
        olivia.says(&format!("/grant approver {alice}")).await;
        olivia.says("/approve R1 grant so that we are two").await;
        play.harness.later(1).await;
        play.harness.later(2 * 24 * 60).await;
        play.declared().await;
        play
    }

    /// Nobody was granted anything, and nothing is declared.
    async fn empty(id: &str, stage: Stage) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let demo = Demo::start(folder.path().join("demo"), listen).await;
        let demo = demo.expect("the demo starts");
        let harness = Harness::with(Stage {
            targets: Some(demo.lookup()),
            ..stage
        })
        .await;
        let play = Self {
            harness,
            demo,
            _folder: folder,
        };
        if id != "tars" {
            let olivia = play.room().as_user("Olivia");
            olivia.says(&format!("/setup plan {id}")).await;
        }
        play
    }

    async fn declared(&self) {
        let bob = self.bob();
        bob.says("/declare P1 Signing key in a public repository")
            .await;
    }

    fn room(&self) -> Stand<'_> {
        self.harness.chat("War room")
    }

    fn bob(&self) -> Voice<'_> {
        self.room().as_user("Bob")
    }

    async fn end(self) {
        self.harness.end().await;
        self.demo.stop().await;
    }

    // --- what people do ---

    /// Bob asks for a lever and confirms it himself.
    async fn confirmed(&self, text: &str) {
        self.bob().says(text).await;
        let asked = self.newest("[ Yes, go on ]", |it| it.contains("🔐 R"));
        self.bob().presses_on(asked.message_id, "Yes, go on").await;
    }

    /// Bob asks for something that only reads: it begins at once.
    async fn begun(&self, text: &str) {
        self.bob().says(text).await;
    }

    /// Bob asks for a lever, tells Alice his number, and Alice picks it: what everybody sees then of the request.
    async fn approved(&self, text: &str) -> String {
        self.bob().says(text).await;
        let asked = self.newest("a request", |it| it.contains("🔐 R"));
        let digits = self.number(&asked).await;
        let alice = self.room().as_user("Alice");
        alice.presses_on(asked.message_id, &digits).await;
        let shown = self.room().message(first_line(&asked.text));
        shown.text
    }

    /// The number that only Bob is shown.
    async fn number(&self, asked: &Entry) -> String {
        let shown = self
            .bob()
            .presses_on(asked.message_id, "I asked: show number")
            .await;
        let digits = shown.split(" is ").nth(1);
        let digits = digits.and_then(|it| it.split('.').next());
        digits.expect("a number").to_owned()
    }

    fn newest(&self, what: &str, is: impl Fn(&str) -> bool) -> Entry {
        let all = self.harness.control.transcript(self.room().id());
        let found = all.into_iter().rev().find(|it| it.is_bot && is(&it.text));
        found.unwrap_or_else(|| panic!("{what} is not there"))
    }

    /// The message of a run, once it shows `words`, and nothing more happens.
    async fn run(&self, run: u32, words: &str) -> String {
        let waiting = async {
            while !self.progress(run).contains(words) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let shown = tokio::time::timeout(PATIENCE, waiting).await.is_ok();
        self.harness.quiet().await;
        let text = self.progress(run);
        assert!(shown, "run {run} never shows {words:?}:\n{text}");
        text
    }

    /// The message of a run as it stands now.
    fn progress(&self, run: u32) -> String {
        let head = format!("Run {run} · ");
        let all = self.harness.control.transcript(self.room().id());
        let found = all.into_iter().rev().find(|it| {
            let first = first_line(&it.text);
            it.is_bot && first.contains(&head) && first.ends_with("· SEC-2026-001")
        });
        found.map_or_else(String::new, |it| self.hidden(&it.text))
    }

    /// How a run stands: its head, its steps from this one on, its end. What was done before is other stories' matter.
    fn from_step(text: &str, step: u32) -> String {
        let number = |line: &str| line.split(' ').nth(1)?.parse::<u32>().ok();
        let lines = text.lines().enumerate();
        let told = lines.filter(|(place, line)| {
            let about = *place > 0 && *place < 3;
            !about && !line.is_empty() && number(line).is_none_or(|it| it >= step)
        });
        told.map(|(_, line)| line).collect::<Vec<_>>().join("\n")
    }

    /// The message of a run that is over.
    async fn over(&self, run: u32, word: &str) -> String {
        self.run(run, &format!("\n\n{word}")).await
    }

    /// What differs from one day to the next.
    fn hidden(&self, text: &str) -> String {
        text.replace(&self.demo.address().to_string(), "DEMO")
            .replace(&self.demo.root().display().to_string(), "ROOT")
    }

    /// Bob says of each step that waits for a person that it is done, until the run is over.
    async fn by_hand(&self, run: u32) {
        let mut last = String::new();
        loop {
            let next = || waits_for(&self.progress(run));
            // Between two questions the message shows none: only the end has a line of its own.
            let over = || self.progress(run).contains("\n\n");
            let asks = || next().is_some_and(|it| it != last);
            self.harness.until(|| asks() || over()).await;
            let Some(step) = next() else { return };
            self.bob().says(&format!("/step {run} {step} done")).await;
            last = step;
        }
    }

    /// None of these stands in a message, in the database or in evidence; so many bytes were looked at.
    fn nowhere(&self, secrets: &[&str]) -> usize {
        let chats = self.harness.control.chats();
        let said = chats
            .into_iter()
            .flat_map(|it| self.harness.control.transcript(it));
        let said: String = said.map(|it| it.text + "\n").collect();
        let files = self.harness.files().into_iter();
        let files = files.map(|it| std::fs::read(it).expect("readable"));
        let mut looked_at = 0;
        for bytes in files.chain([said.into_bytes()]) {
            looked_at += bytes.len();
            for secret in secrets {
                assert!(secret.len() >= 16, "a secret worth the name");
                let holds = bytes
                    .windows(secret.len())
                    .any(|it| it == secret.as_bytes());
                assert!(!holds, "a new secret is shown");
            }
        }
        looked_at
    }

    // --- what the demo says of itself ---

    /// Runs a statement on TARS's database, as an intruder would.
    async fn sql(&self, statement: &'static str) {
        let mut conn = self.database().await;
        sqlx::query(statement)
            .execute(&mut conn)
            .await
            .expect("it runs");
    }

    async fn column(&self, statement: &'static str) -> Vec<String> {
        let mut conn = self.database().await;
        let found = sqlx::query_scalar(statement).fetch_all(&mut conn).await;
        found.expect("rows")
    }

    async fn database(&self) -> sqlx::SqliteConnection {
        let url = (self.demo.lookup())("TARS_DATABASE_URL").expect("an address");
        let conn = sqlx::SqliteConnection::connect(&url).await;
        conn.expect("the database opens")
    }

    async fn status(&self) -> Value {
        let url = format!("http://{}/status.json", self.demo.address());
        let answer = reqwest::get(url).await.expect("the demo answers");
        serde_json::from_str(&answer.text().await.expect("a body")).expect("JSON")
    }

    /// A service in a few lines: its state, what does not work, what else is to be seen.
    async fn shown(&self, service: &str) -> String {
        let status = self.status().await;
        let its = &status[service];
        let mut lines = vec![its["state"].as_str().expect("a state").to_owned()];
        for (name, good) in its["parts"].as_object().expect("parts") {
            if good != true {
                lines.push(format!("✗ {name}"));
            }
        }
        for (name, value) in its["facts"].as_object().expect("facts") {
            lines.push(format!("{name}: {}", value.as_str().unwrap_or_default()));
        }
        lines.push(format!(
            "Firewall: {}",
            status["firewall"].as_str().unwrap_or_default()
        ));
        lines.join("\n")
    }

    /// The page that a browser shows, and its status.
    async fn page(&self) -> (u16, String) {
        let url = format!("http://{}/", self.demo.address());
        let client = reqwest::Client::new();
        let asked = client.get(url).header("accept", "text/html");
        let answer = asked.send().await.expect("the demo answers");
        let status = answer.status().as_u16();
        (status, answer.text().await.expect("a page"))
    }

    /// The big word over a service on that page.
    async fn word(&self, service: &str) -> String {
        let (_, page) = self.page().await;
        let section = page.split(&format!("id=\"{service}\"")).nth(1);
        let word = section.and_then(|it| it.split("class=\"word\">").nth(1));
        let word = word.and_then(|it| it.split('<').next());
        word.expect("a word").to_owned()
    }

    /// What lies in the incident's workspace of evidence: names and texts, without manifests.
    fn kept(&self) -> Vec<(String, String)> {
        let folder = self.harness.folder().join("evidence/SEC-2026-001");
        let files = std::fs::read_dir(folder).into_iter().flatten();
        let files = files.map(|it| it.expect("an entry").path());
        let files = files.filter(|it| it.is_file() && !it.to_string_lossy().contains("manifest"));
        let read = |path: PathBuf| {
            let name = path.file_name().expect("a name").to_string_lossy();
            let bytes = std::fs::read(&path).expect("readable");
            (
                name.into_owned(),
                String::from_utf8_lossy(&bytes).into_owned(),
            )
        };
        let mut kept: Vec<_> = files.map(read).collect();
        kept.sort();
        kept
    }

    /// The requests that the demo counted from `since` on, a line each.
    fn requests(&self, since: u64) -> String {
        let asked = self.demo.asked();
        let new = asked.iter().skip(usize::try_from(since).expect("few"));
        let line = |it: &Asked| format!("{} {}", it.method, it.path);
        new.map(line).collect::<Vec<_>>().join("\n")
    }
}

/// The first step about which a run asks.
fn waits_for(run: &str) -> Option<String> {
    let asked = run.lines().last()?;
    let steps = asked.strip_prefix("Waits for a decision about step ")?;
    let step = steps.split([':', ',', ' ']).next()?;
    Some(step.to_owned())
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

/// How many steps of a run's message are done.
fn steps(run: &str) -> usize {
    let lines = run.lines().skip(1);
    lines.filter(|line| line.starts_with("✅ ")).count()
}

/// Only what was said at last.
fn last(told: &str) -> &str {
    told.rfind("🤖").map_or(told, |at| &told[at..])
}
