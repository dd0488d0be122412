//! What is served while Telegram is down or the ledger cannot be opened, and what is a refused start all the same.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use breakglass::journal::read_file;
use reqwest::Client;
use serde_json::Value;
use telegram_sandbox::{Options, Sandbox};

use crate::harness::{Harness, Stage};

const TOKEN: &str = "CANARY-admin-0123456789";
/// Far above what anything here needs.
const PATIENCE: Duration = Duration::from_mins(1);
const NOBODY: &str = "http://127.0.0.1:9";

fn command(folder: &Path, given: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_breakglass"));
    command
        .arg("run")
        .env_clear()
        .env("TELOXIDE_TOKEN", "42:AAAA")
        .env("TELOXIDE_API_URL", NOBODY)
        .envs(given.iter().copied())
        .env("RUST_LOG", "error")
        .current_dir(folder);
    command
}

fn ends(folder: &Path, given: &[(&str, &str)]) -> String {
    let Output { status, stderr, .. } = command(folder, given).output().expect("it runs");
    assert!(!status.success());
    let text = String::from_utf8_lossy(&stderr).into_owned();
    assert!(!text.contains("CANARY"), "{text}");
    assert_eq!(text.trim().lines().count(), 1, "one line: {text}");
    text.trim().replace(&folder.display().to_string(), "FOLDER")
}

/// A bot that runs by itself; ended when the test ends.
struct Bot {
    child: Child,
    address: String,
}

impl Bot {
    async fn start(folder: &Path, given: &[(&str, &str)]) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = free.local_addr().expect("an address").to_string();
        drop(free);
        let own = [
            ("BREAKGLASS_LISTEN", address.as_str()),
            ("BREAKGLASS_ADMIN_TOKEN", TOKEN),
        ];
        let given: Vec<_> = own.iter().chain(given).copied().collect();
        let child = command(folder, &given)
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let bot = Self { child, address };
        bot.until("/healthz", 200).await;
        bot
    }

    async fn until(&self, path: &str, status: u16) {
        let url = format!("http://{}{path}", self.address);
        let begun = Instant::now();
        loop {
            let answer = Client::new().get(&url).send().await;
            if answer.is_ok_and(|it| it.status().as_u16() == status) {
                return;
            }
            assert!(
                begun.elapsed() < PATIENCE,
                "{path} does not become {status}"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    async fn pull(&self, key: &str, body: &str) -> (u16, Value) {
        let url = format!("http://{}/v1/admin/emergency-shutdown", self.address);
        let request = Client::new().post(url).bearer_auth(TOKEN);
        let request = request.header("idempotency-key", key).body(body.to_owned());
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }

    /// Asks it to end, as a service manager does: what it said, if it ended well.
    fn end(mut self) -> String {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status();
        assert!(asked.expect("kill runs").success());
        let status = self.child.wait().expect("it ends");
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().expect("it is caught");
        std::io::Read::read_to_string(&mut stderr, &mut said).expect("text");
        assert!(status.success(), "{status}: {said}");
        assert!(!said.contains("CANARY"), "{said}");
        said
    }
}

impl Drop for Bot {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_admin_endpoint_there_is_nothing_to_go_on_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = ends(folder.path(), &[]);
    assert!(
        said.starts_with("breakglass: http://127.0.0.1:9 cannot be reached: "),
        "{said}"
    );
    assert!(!folder.path().join("breakglass.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waiting_does_not_mend_is_a_refused_start_with_an_admin_endpoint_too() {
    let stand_in = Sandbox::start(Options::default()).await.expect("it starts");
    let api = stand_in.api_url();
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let admin = [
        ("BREAKGLASS_ADMIN_TOKEN", TOKEN),
        ("BREAKGLASS_LISTEN", "127.0.0.1:0"),
    ];
    let with = |more: &[(&str, &str)]| {
        let given: Vec<_> = admin.iter().chain(more).copied().collect();
        ends(folder, &given)
    };
    // A server that answers, and does not know the token.
    let said = with(&[("TELOXIDE_API_URL", api.as_str())]);
    assert!(said.contains("Telegram refuses the bot token"), "{said}");
    assert!(!folder.join("breakglass.db").exists());
    let right = [
        ("TELOXIDE_API_URL", api.as_str()),
        ("TELOXIDE_TOKEN", stand_in.token()),
    ];
    let with = |more: (&str, &str)| with(&[&right[..], &[more]].concat());
    let said = with(("DATABASE_URL", "mysql://localhost/x"));
    assert!(said.contains("must begin with sqlite:"), "{said}");
    // Another process works on the ledger.
    let lock = std::fs::File::create(folder.join("held.db.lock")).expect("a file");
    lock.lock().expect("locked");
    let said = with(("DATABASE_URL", "sqlite://held.db"));
    assert!(
        said.contains("another breakglass process uses the database"),
        "{said}"
    );
    stand_in.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_ledger_is_shut_the_lever_works_and_the_journal_keeps_it() {
    let stand_in = Sandbox::start(Options::default()).await.expect("it starts");
    let api = stand_in.api_url();
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    // The disk of the database is not there yet.
    let given = [
        ("TELOXIDE_API_URL", api.as_str()),
        ("TELOXIDE_TOKEN", stand_in.token()),
        ("DATABASE_URL", "sqlite://disk/bot.db"),
        ("BREAKGLASS_JOURNAL", "bot.journal"),
        ("BREAKGLASS_EVIDENCE_DIR", "evidence"),
    ];
    let bot = Bot::start(folder, &given).await;
    bot.until("/readyz", 503).await;
    let (status, said) = bot.pull("k0", r#"{"reason":"keys are public"}"#).await;
    assert_eq!(status, 503, "{said}");
    let why = said["error"].as_str().expect("a reason");
    assert!(why.contains("name the plan"), "{why}");
    let body = r#"{"reason":"keys are public","plan":"tars"}"#;
    let (status, first) = bot.pull("k1", body).await;
    assert_eq!(status, 202, "{first}");
    assert!(first["journal"].is_string());
    let journal = folder.join("bot.journal");
    let over = || {
        let read = read_file(&journal).ok().flatten();
        read.is_some_and(|it| it.runs().iter().any(breakglass::incident::HostRun::is_over))
    };
    let begun = Instant::now();
    while !over() {
        assert!(begun.elapsed() < PATIENCE, "the run does not end");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let (status, again) = bot.pull("k1", body).await;
    assert_eq!(status, 202, "{again}");
    assert_eq!(again["journal"], first["journal"], "the same run");
    assert_eq!(again["repeat"], true);
    let other = r#"{"reason":"x","plan":"tars","procedure":"lockdown"}"#;
    let (status, said) = bot.pull("k1", other).await;
    assert_eq!(status, 422, "{said}");
    // The disk comes: everything runs, without a restart.
    std::fs::create_dir(folder.join("disk")).expect("a folder");
    bot.until("/readyz", 200).await;
    let begun = Instant::now();
    while !stand_in.control().counts().contains_key("getUpdates") {
        assert!(begun.elapsed() < PATIENCE, "it does not listen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let said = bot.end();
    let line = said.lines().next().unwrap_or_default();
    assert!(
        line.contains("disk/bot.db cannot be opened")
            && line.contains("only the admin endpoint is served")
            && line.contains("bot.journal"),
        "{said}"
    );
    stand_in.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_telegram_is_down_the_bot_starts_and_its_levers_work() {
    let folder = tempfile::tempdir().expect("a folder");
    let bot = Bot::start(folder.path(), &[]).await;
    bot.until("/readyz", 200).await;
    // It has no chat yet: that is an answer of the rules, not of a closed door.
    let (status, said) = bot.pull("k1", r#"{"reason":"keys are public"}"#).await;
    assert_eq!(status, 409, "{said}");
    let said = bot.end();
    assert!(said.contains("127.0.0.1:9 cannot be reached"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_done_while_telegram_is_down_is_told_when_it_is_back() {
    let mut harness = Harness::start().await;
    let room = harness.world.group;
    harness.stop_bot().await;
    harness.control.down(true);
    harness
        .boot(&Stage {
            admin_token: Some(TOKEN),
            ..Stage::default()
        })
        .await;
    assert_eq!(harness.running().bot(), None);
    let url = format!("http://{}/admin/emergency-shutdown", harness.listening());
    let body = format!(r#"{{"reason":"keys are public","chat":{room}}}"#);
    let answer = Client::new().post(url).bearer_auth(TOKEN).body(body);
    let answer = answer.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 202);
    // It runs without Telegram, as far as it goes without people.
    let begun = Instant::now();
    let runs = async || {
        let events = harness
            .house()
            .ledger()
            .stream("incident/SEC-2026-001")
            .await;
        let events = events.expect("readable");
        events.iter().any(|event| event.kind.starts_with("step_"))
    };
    while !runs().await {
        assert!(begun.elapsed() < PATIENCE, "the run does not begin");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    harness.control.down(false);
    harness
        .until(|| {
            harness
                .transcript(room)
                .contains("was started from the admin endpoint")
        })
        .await;
    harness.quiet().await;
    assert!(harness.running().bot().is_some());
    let seen = harness
        .chat("War room")
        .as_user("Bob")
        .says("/whoami@breakglass_bot")
        .await;
    assert!(seen.contains("Bob"), "{seen}");
    harness.end().await;
}
