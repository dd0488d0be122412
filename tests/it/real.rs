//! Levers on real parts: nginx and PostgreSQL, as Debian has them, under the shipped plan, pulled from the chat.

mod database;
mod web;

use std::sync::Arc;
use std::time::Duration;

use breakglass::sandbox::demo::Demo;
use serde_json::Value;

use crate::canary::Scan;
use crate::harness::{Harness, Stage, Stand, figure};
use database::Database;
use web::Nginx;

/// Far above what a run takes here.
const PATIENCE: Duration = Duration::from_mins(2);
/// The role's password before it is rotated.
const OLD: &str = "old-password-of-the-app";

/// Where nginx and PostgreSQL are; none, with a loud line, unless they are demanded.
fn parts() -> Option<(std::path::PathBuf, String)> {
    let nginx = web::program().ok_or("nginx is not installed (Debian: nginx-light)");
    let server = std::env::var("BREAKGLASS_TEST_POSTGRES")
        .map_err(|_| "BREAKGLASS_TEST_POSTGRES is not set (.ci/postgres start prints it)");
    let missing = match (nginx, server) {
        (Ok(nginx), Ok(server)) => return Some((nginx, server)),
        (Err(missing), _) | (_, Err(missing)) => missing,
    };
    let required = std::env::var("BREAKGLASS_TEST_REAL").is_ok_and(|it| it == "required");
    assert!(!required, "real parts are required: {missing}");
    figure(&format!("SKIPPED: levers on real parts: {missing}"));
    None
}

/// Alice approves since two days, Bob commands, and an incident is open.
async fn team(stage: Stage) -> Harness {
    let harness = Harness::with(stage).await;
    let room = harness.chat("War room");
    room.as_user("Alice").says("/whoami").await;
    room.as_user("Bob")
        .says("/declare P0 database breach")
        .await;
    let (alice, bob) = (harness.person("Alice"), harness.person("Bob"));
    let owner = room.as_user("Olivia");
    owner.says(&format!("/grant commander {bob}")).await;
    owner.says(&format!("/grant approver {alice}")).await;
    owner.says("/approve R1 grant so that we are two").await;
    harness.later(1).await;
    harness.later(2 * 24 * 60).await;
    harness
}

/// Waits until the newest message that says `which` says `what` too.
async fn shows(harness: &Harness, which: &str, what: &str) {
    let room = harness.chat("War room").id();
    let shown = harness.control.wait_until(PATIENCE, |control| {
        let all = control.transcript(room);
        let said = all
            .iter()
            .rev()
            .find(|it| it.is_bot && it.text.contains(which));
        said.is_some_and(|it| it.text.contains(what))
    });
    let in_time = shown.await;
    let tail = harness.chat("War room").transcript_tail(4);
    assert!(in_time, "no message says {which:?} and {what:?}:\n{tail}");
    harness.quiet().await;
}

/// The number that only the asker is shown.
async fn number(room: Stand<'_>, asker: &str, request: &str) -> String {
    let message = room.message(request).message_id;
    let asker = room.as_user(asker);
    let shown = asker.presses_on(message, "I asked: show number").await;
    let after = shown.split(" is ").nth(1).expect("a number");
    after.split('.').next().expect("digits").to_owned()
}

/// Bob asks and confirms.
async fn confirms(room: Stand<'_>, command: &str, request: &str) {
    room.as_user("Bob").says(command).await;
    let message = room.message(request).message_id;
    room.as_user("Bob").presses_on(message, "Yes, go on").await;
}

/// The password that was handed to the app last, as the service that keeps the app's environment saw it.
fn handed_out(demo: &Demo) -> Option<String> {
    let asked = demo.asked();
    let bodies = asked.iter().filter(|it| it.path.contains("/env?"));
    bodies
        .filter_map(|it| serde_json::from_str::<Value>(&it.body).ok())
        .filter(|it| it["key"] == "DATABASE_PASSWORD")
        .filter_map(|it| it["value"].as_str().map(str::to_owned))
        .next_back()
}

#[tokio::test(flavor = "multi_thread")]
async fn levers_move_nginx_and_postgresql() {
    let Some((nginx, server)) = parts() else {
        return;
    };
    let began = std::time::Instant::now();
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let flag = home.join("MAINTENANCE_MODE");
    let database = Database::make(&server, OLD).await;
    // The app behind nginx, systemd, the firewall and Vercel are the demo's; it knows nothing of the flag.
    let listen = "127.0.0.1:0".parse().unwrap();
    let demo = Demo::start(folder.path().join("demo"), listen).await;
    let demo = Arc::new(demo.unwrap());
    let web = Nginx::start(&nginx, &folder.path().join("nginx"), demo.address(), &flag).await;

    let targets = {
        let (demo, url) = (demo.clone(), database.url());
        let (usual, admin) = (demo.lookup(), Database::admin_url(&server));
        let (app, home) = (
            format!("http://{}", web.address),
            home.display().to_string(),
        );
        move |name: &str| match name {
            "TARS_APP_URL" => Some(app.clone()),
            "TARS_HOME" => Some(home.clone()),
            "TARS_DATABASE_ADMIN_URL" => Some(admin.clone()),
            // Whoever runs the app lets the bot know the password that the app was handed.
            "TARS_DATABASE_URL" => {
                let password = handed_out(&demo).unwrap_or_else(|| OLD.to_owned());
                Some(url(&password))
            }
            other => usual(other),
        }
    };
    let mut harness = team(Stage {
        targets: Some(Arc::new(targets)),
        ..Stage::default()
    })
    .await;
    let room = harness.chat("War room");
    let sessions = "SELECT COUNT(*) FROM sessions";

    // Before: open to everybody.
    let (status, by, page) = web.get("/").await;
    assert_eq!(status, 200, "{by}: {page}");
    assert_eq!(database.count(OLD, sessions).await, 40);

    // The lockdown: one command, one press.
    confirms(room, "/lockdown sessions were stolen", "R2").await;
    shows(
        &harness,
        "Run 1 · Lockdown · SEC-2026-001",
        "/step 1 4 done keeps it",
    )
    .await;
    insta::assert_snapshot!(room.message("Run 1 · Lockdown · SEC-2026-001").text, @"
    ⚙️ Run 1 · Lockdown · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: sessions were stolen
    ✅ 1 Switch maintenance mode on
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ✅ 4 Let only administrators' addresses in: takes itself back at 14:11 UTC unless somebody keeps it
    ✅ 5 Tell the team
    Is it right? /step 1 4 done keeps it, /step 1 4 undo takes it back now.
    ");
    let (status, by, _) = web.get("/api/products").await;
    assert_eq!(status, 503);
    assert!(by.starts_with("nginx"), "{by}");
    let flagged = std::fs::read_to_string(&flag).unwrap();
    assert!(flagged.starts_with("SEC-2026-001 "), "{flagged}");
    assert_eq!(database.count(OLD, sessions).await, 0);
    let firewall = std::fs::read_to_string(demo.root().join("firewall")).unwrap();
    assert_eq!(firewall, "lockdown.nft\n");

    // What was ended was kept before, without the tokens.
    let kept: Vec<String> = harness
        .files()
        .iter()
        .filter(|it| it.starts_with(harness.folder().join("evidence")))
        .map(|it| String::from_utf8_lossy(&std::fs::read(it).unwrap()).into_owned())
        .collect();
    let rows = kept.iter().find(|it| it.contains("session-40")).unwrap();
    assert_eq!(rows.lines().count(), 40);
    assert!(!kept.iter().any(|it| it.contains("session-token")));
    room.as_user("Bob").says("/step 1 4 done").await;
    shows(&harness, "Run 1 · Lockdown: done", "5 of 5").await;

    // The rotation: the new password opens, the old one does not.
    assert_eq!(database.refusal(OLD).await, None);
    confirms(room, "/rotate database_password", "R3").await;
    shows(&harness, "Run 2 · ", "done, 5 of 5").await;
    let new = handed_out(&demo).expect("the app was handed a password");
    assert_eq!(new.len(), 43);
    assert_eq!(database.refusal(&new).await, None);
    assert_eq!(database.refusal(OLD).await.as_deref(), Some("28P01"));
    assert_eq!(database.refusal("a guess").await.as_deref(), Some("28P01"));
    let calls = demo.calls();
    let restarted = calls.iter().filter(|it| it.contains("restart -- tars-web"));
    assert_eq!(restarted.count(), 1, "{calls:?}");
    insta::assert_snapshot!(room.as_user("Bob").says("/rotate").await, @"
    🤖 (silent) Credentials of TARS incident response
    ⬜ NextAuth secret (nextauth_secret): never rotated here
    ⬜ n8n API key (n8n_api_key): never rotated here
    ⬜ Anthropic API key (anthropic_api_key): never rotated here
    ✅ Database password (database_password): rotated 14:01 UTC, less than a minute ago
    ⬜ SSH keys (ssh_keys): never rotated here
    ⬜ Webhook secrets (webhook_secrets): never rotated here
    ⬜ Telegram bot token (bot_token): never rotated here
    One at a time needs a press to confirm; /rotate all needs somebody to approve.
    ");

    // Back again takes two.
    room.as_user("Bob")
        .says("/restore the hole is closed")
        .await;
    assert_eq!(web.get("/").await.0, 503);
    let digits = number(room, "Bob", "R4").await;
    let message = room.message("R4").message_id;
    room.as_user("Alice").presses_on(message, &digits).await;
    shows(&harness, "Run 3 · Restore service: ", "done").await;
    insta::assert_snapshot!(room.message("Run 3 · Restore service · SEC-2026-001").text, @"
    ✅ Run 3 · Restore service · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the hole is closed
    ✅ 1 Resume the project at Vercel
    ✅ 2 Begin with reading only
    ✅ 3 Have the app connect anew
    ✅ 4 Switch maintenance mode off
    ✅ 5 The app answers
    ✅ 6 Allow writing: core functions
    ✅ 7 Have the app connect again
    ✅ 8 Sign-in works
    ✅ 9 Start the agent
    ✅ 10 Start the workflows
    ✅ 11 The webhook works

    done
    ");
    let (status, _, again) = web.get("/").await;
    assert_eq!(status, 200, "{again}");
    assert!(!flag.exists());
    assert!(database.writes(&new).await);
    assert_eq!(database.count(&new, "SELECT COUNT(*) FROM users").await, 2);

    // Nobody was shown the new password, and it is kept nowhere any more.
    harness.stop_bot().await;
    let mut scan = Scan::of("the new password", &new);
    scan.stand_in(&harness.control);
    scan.ledger(&harness.database()).await;
    scan.files(&harness.files());
    scan.log();
    assert!(scan.found.is_empty(), "{}", scan.found.join("\n"));
    let left = std::fs::read_dir(harness.folder().join("generated-secrets"));
    assert_eq!(left.unwrap().count(), 0);
    figure(&format!(
        "real parts: lockdown, rotation and restore on nginx and PostgreSQL in {:.1} s; nginx answered 503 {} times, 200 {} times; 40 sessions were kept and ended; the old password is refused (28P01); the new one is in none of {} artefacts ({} KiB)",
        began.elapsed().as_secs_f64(),
        web.answered(503),
        web.answered(200),
        scan.artefacts,
        scan.bytes / 1024,
    ));
    harness.end().await;
    database.remove().await;
}
