//! A lever without its target: what there is to choose from.

use std::process::Command;

use breakglass::sandbox::demo::Demo;

use crate::harness::{Harness, Stage};

async fn demo(folder: &tempfile::TempDir) -> Demo {
    let listen = "127.0.0.1:0".parse().expect("an address");
    Demo::start(folder.path().join("demo"), listen)
        .await
        .expect("the demo starts")
}

/// Whether there is git on this machine, and with it a history to choose from.
fn git(folder: &std::path::Path, arguments: &[&str]) -> Option<String> {
    let done = Command::new("git")
        .current_dir(folder)
        .args(["-c", "user.name=Demo", "-c", "user.email=demo@demo.example"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .ok()?;
    let said = String::from_utf8(done.stdout).ok()?;
    done.status.success().then(|| said.trim().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_without_a_target_lists_what_there_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = demo(&folder).await;
    let home = demo.root().join("tars");
    let fix = [
        "commit",
        "--quiet",
        "--allow-empty",
        "-m",
        "Fix <b>it</b> /lockdown now",
    ];
    let has_git = git(&home, &fix).is_some();
    let backups = home.join("Projects/agent-dashboard/apps/web/backups");
    for name in ["--exec=sh", "a b.db", "<b>.db"] {
        std::fs::write(backups.join(name), "x").expect("written");
    }
    let harness = Harness::with(Stage {
        targets: Some(demo.lookup()),
        ..Stage::default()
    })
    .await;
    let room = harness.chat("War room");
    let owner = room.as_user("Olivia");
    owner.says("/declare P1 key leaked").await;
    let listed = if has_git {
        "Rollback · Last good commit"
    } else {
        "I could not look up"
    };
    let said = owner.says_until("/rollback", listed).await;
    let commit = if has_git {
        let head = git(&home, &["log", "--oneline", "-1"]).expect("a commit");
        let head = head.split_whitespace().next().expect("its hash").to_owned();
        let first = format!("1. /rollback {head} · Fix <b>it</b>");
        assert!(said.contains(&first), "{said}");
        assert!(said.contains("2. /rollback ") && said.contains("then I ask for the rest"));
        // A command in somebody's words stays text.
        let listed = room.message("1. /rollback");
        let acts = listed.entities.iter().any(|it| it.kind == "bot_command");
        assert!(!acts, "{said}");
        head
    } else {
        assert!(said.contains("I could not look up"), "{said}");
        "1a2b3c4".to_owned()
    };
    let said = owner
        .says_until(&format!("/rollback {commit}"), "Rollback · Verified backup")
        .await;
    let whole = format!("/rollback {commit} dev-2026-02-16.db");
    let lines: Vec<&str> = said
        .lines()
        .filter(|it| it.contains(". /rollback"))
        .collect();
    assert_eq!(lines.len(), 2, "{said}");
    assert!(lines.iter().any(|it| it.contains(&whole)), "{said}");
    assert!(!said.contains("exec") && !said.contains("<b>.db"), "{said}");
    // What is chosen is checked again, whatever was offered.
    let hostile = owner.says(&format!("/rollback {commit} ../dev.db")).await;
    assert!(hostile.contains("backup must be"), "{hostile}");
    let asked = owner.says(&whole).await;
    assert!(asked.contains("🔐 R1 · Rollback"), "{asked}");
    assert!(
        asked.contains("Verified backup: dev-2026-02-16.db"),
        "{asked}"
    );
    harness.end().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_a_database_are_offered_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let demo = demo(&folder).await;
    let harness = Harness::with(Stage {
        targets: Some(demo.lookup()),
        ..Stage::default()
    })
    .await;
    let room = harness.chat("War room");
    let owner = room.as_user("Olivia");
    let said = owner
        .says_until("/run close_connections", "Database role:")
        .await;
    insta::assert_snapshot!(said, @"
    Close database connections · Database role:
    1. /run close_connections tars_app · application_name psql, backend_start 2026-02-17 01:02:00+00…
    2. /run close_connections intruder · application_name psql, backend_start 2026-02-17 01:02:00+00…
    ");
    harness.end().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_looked_up_says_so() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let owner = room.as_user("Olivia");
    insta::assert_snapshot!(owner.says_until("/rollback", "could not look up").await, @"
    I could not look up what there is for “Last good commit”: By hand (not set: TARS_HOME): git log --oneline -20
    Name one yourself: /rollback 1a2b3c4 2026-02-17.db
    ");
    owner.says("/drill key_leak").await;
    insta::assert_snapshot!(owner.says_until("/rollback", "could not look up").await, @"
    🧪 DRILL
    I could not look up what there is for “Last good commit”: rehearsed: would run git log --oneline -20 on The TARS folder (Desktop/Tars) with the repository
    Name one yourself: /rollback 1a2b3c4 2026-02-17.db
    ");
    harness.end().await;
}
