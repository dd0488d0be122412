//! Levers that hold something back, the checks of both plans, and the way back to an old state.

use super::{Play, steps};
use crate::harness::figure;

#[tokio::test(flavor = "multi_thread")]
async fn tars_holds_an_intruder_back_and_lets_go_again() {
    let play = Play::of("tars").await;
    let mut done = 0;
    for (run, lever) in (1..).zip([
        "block_address 203.0.113.66 it copies our users",
        "tighten_limits",
        "read_only",
        "force_password_reset yuki@tars.example",
        "end_user_sessions u4",
        "close_connections intruder",
        "attack_mode",
        "close_route products",
    ]) {
        play.confirmed(&format!("/run {lever}")).await;
        done += steps(&play.over(run, "done").await);
    }
    insta::assert_snapshot!(play.shown("tars").await, @"
    DEGRADED
    ✗ API
    Database: read-only
    Rate limits: emergency
    Sessions: 2
    Users: 4
    Visitors: challenged, n8n too
    Firewall: usual rules, blocked: 203.0.113.66
    ");
    insta::assert_snapshot!(play.column("SELECT email FROM users WHERE password_must_change").await.join(" "), @"yuki@tars.example");
    let kept = play.kept();
    let names: Vec<_> = kept.iter().map(|(name, _)| name.as_str()).collect();
    insta::assert_snapshot!(names.join("\n"), @"
    run-5-sessions
    run-6-db_connections
    ");
    insta::assert_snapshot!(play.run(5, "done").await, @"
    ✅ Run 5 · End one user's sessions · SEC-2026-001
    Bob Baker · 14:01 UTC
    ✅ 1 Capture the sessions before they end
    ✅ 2 End the user's sessions

    done
    ");
    insta::assert_snapshot!(play.run(6, "done").await, @"
    ✅ Run 6 · Close database connections · SEC-2026-001
    Bob Baker · 14:01 UTC
    ✅ 1 Capture the list of connections
    ✅ 2 Close the role's connections

    done
    ");

    for (run, lever) in (9..).zip([
        "unblock_address 203.0.113.66",
        "usual_limits",
        "read_write",
        "attack_mode_off",
        "open_route products",
    ]) {
        play.confirmed(&format!("/run {lever}")).await;
        done += steps(&play.over(run, "done").await);
    }
    insta::assert_snapshot!(play.shown("tars").await, @"
    UP
    Database: writable
    Rate limits: usual
    Sessions: 2
    Users: 4
    Visitors: come in freely
    Firewall: usual rules
    ");
    let count = play.demo.count();
    figure(&format!(
        "containment of TARS: 13 levers, {done} steps run, {count} requests counted by the demo"
    ));
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jarvis_revokes_a_key_and_holds_an_intruder_back() {
    let play = Play::of("jarvis").await;
    play.bob()
        .says("/run revoke_key b07e22 it reads the treasury")
        .await;
    insta::assert_snapshot!(play.room().message("🔐 R2").text, @"
    🔐 R2 · Revoke an API key
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: it reads the treasury
    Hash of the key: b07e22
    Touches: One API key
    Bob Baker, press to go on, or send /approve R2. It lapses at 14:03 UTC.
    ");
    play.bob().says("/approve R2").await;
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Revoke an API key · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: it reads the treasury
    ✅ 1 Mark the key as revoked

    done
    ");
    for (run, lever) in (2..).zip(["block_address 203.0.113.66", "tighten_limits", "stop_bots"]) {
        play.confirmed(&format!("/run {lever}")).await;
        play.over(run, "done").await;
    }
    insta::assert_snapshot!(play.shown("jarvis").await, @"
    DEGRADED
    ✗ Telegram bot
    ✗ Twitter bot
    Rate limits: emergency
    Revoked keys: 1
    Sessions: 2
    Firewall: usual rules, blocked: 203.0.113.66
    ");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_says_what_does_not_work_yet() {
    let play = Play::of("tars").await;
    play.begun("/verify").await;
    insta::assert_snapshot!(play.run(1, "7 The certificate").await, @"
    ❓ Run 1 · Verify recovery · SEC-2026-001
    Bob Baker · 14:01 UTC
    ✅ 1 The app answers
    ✅ 2 Sign-in works
    ✅ 3 The API works
    ✅ 4 The webhook works
    ✅ 5 Users are there
    ✅ 6 Products are there
    ✋ 7 The certificate is good: By hand (not set: TARS_SITE_URL): Look at the certificate's end date in a browser.
    Waits for a decision about step 7: the buttons, or /step 1 7 done, retry, skip, undo.
    ");
    insta::assert_snapshot!(play.room().transcript_tail(2), @"
    🤖 ❓ Run 1 · Verify recovery · SEC-2026-001
    Bob Baker · 14:01 UTC
    ✅ 1 The app answers
    ✅ 2 Sign-in works
    ✅ 3 The API works
    ✅ 4 The webhook works
    ✅ 5 Users are there
    ✅ 6 Products are there
    ✋ 7 The certificate is good: By hand (not set: TARS_SITE_URL): Look at the certificate's end date in a browser.
    Waits for a decision about step 7: the buttons, or /step 1 7 done, retry, skip, undo.
    [ 7 · Done ] [ 7 · Skip ] [ 7 · Again ]
    [ 🛑 7 · Stop here ]
    🤖 ✋ Run 1 · Verify recovery: step 7 needs a person.
    7 · The certificate is good
    By hand (not set: TARS_SITE_URL): Look at the certificate's end date in a browser.
    /step 1 7 done|skip|retry|undo
    [ 7 · Done ] [ 7 · Skip ] [ 7 · Again ]
    [ 🛑 7 · Stop here ]
    ");
    play.end().await;
    let play = Play::of("jarvis").await;
    std::fs::write(play.demo.root().join("jarvis/run/TAMPERED"), "").expect("tampered with");
    play.begun("/verify").await;
    insta::assert_snapshot!(play.run(1, "6 The backups").await, @"
    ❓ Run 1 · Verify recovery · SEC-2026-001
    Bob Baker · 14:01 UTC
    ❌ 1 The system is whole: python ended with 1: python: integrity: core/security/emergency_shutdown.py differs from the manifest
    ✅ 2 The API is healthy
    ✅ 3 The API runs
    ✅ 4 The Telegram bot runs
    ✅ 5 The Twitter bot runs
    ✋ 6 The backups are good: Restore the newest backup into a scratch database and look at it.
    Waits for a decision about step 6: the buttons, or /step 1 6 done, retry, skip, undo.
    ");
    insta::assert_snapshot!(play.room().transcript_tail(2), @"
    🤖 ❓ Run 1 · Verify recovery · SEC-2026-001
    Bob Baker · 14:01 UTC
    ❌ 1 The system is whole: python ended with 1: python: integrity: core/security/emergency_shutdown.py differs from the manifest
    ✅ 2 The API is healthy
    ✅ 3 The API runs
    ✅ 4 The Telegram bot runs
    ✅ 5 The Twitter bot runs
    ✋ 6 The backups are good: Restore the newest backup into a scratch database and look at it.
    Waits for a decision about step 6: the buttons, or /step 1 6 done, retry, skip, undo.
    [ 6 · Done ] [ 6 · Skip ] [ 6 · Again ]
    [ 🛑 6 · Stop here ]
    🤖 ✋ Run 1 · Verify recovery: step 6 needs a person.
    6 · The backups are good
    Restore the newest backup into a scratch database and look at it.
    /step 1 6 done|skip|retry|undo
    [ 6 · Done ] [ 6 · Skip ] [ 6 · Again ]
    [ 🛑 6 · Stop here ]
    ");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_swaps_commit_and_database_or_changes_nothing() {
    let play = Play::of("tars").await;
    let said = play
        .bob()
        .says_until("/rollback", "Last good commit:")
        .await;
    assert!(
        said.contains("1. /rollback ") && said.contains(" · Release"),
        "{said}"
    );
    let commit = commit_of(&play, "HEAD");
    // The intruder left something behind.
    play.sql("DELETE FROM products").await;
    let text = format!("/rollback {commit} dev-2026-02-16.db the products are gone");
    let asked = play.approved(&text).await;
    insta::assert_snapshot!(asked.replace(&commit, "COMMIT"), @"
    🔐 R2 · Rollback
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the products are gone
    Verified backup: dev-2026-02-16.db
    Last good commit: COMMIT
    Touches: Web app, Database file, Repository (a second working copy)
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    ");
    let went = play.over(1, "done").await;
    insta::assert_snapshot!(went.replace(&commit, "COMMIT"), @"
    ✅ Run 1 · Rollback · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the products are gone
    ✅ 1 Check that the backup is whole
    ✅ 2 Check that the backup holds users
    ✅ 3 Snapshot what is there now
    ✅ 4 Check the commit out beside the present one
    ✅ 5 The second working copy is that commit
    ✅ 6 Nothing else lies in it
    ✅ 7 Install the dependencies
    ✅ 8 Build
    ✅ 9 Stop the app
    ✅ 10 Swap the database in one move
    ✅ 11 Make the second working copy the current one
    ✅ 12 Start the app
    ✅ 13 The app answers
    ✅ 14 The database is whole
    ✅ 15 Keep the second working copy

    done
    ");
    assert_eq!(play.word("tars").await, "UP");
    let products = "SELECT id FROM products ORDER BY id";
    assert_eq!(play.column(products).await, ["p1", "p2", "p3"]);
    let current = std::fs::read_link(play.demo.root().join("tars/current"));
    let current = current.expect("a link");
    assert!(current.to_string_lossy().ends_with(&commit), "{current:?}");

    // The app does not answer with it: all of it goes back to how it was.
    play.sql("DELETE FROM products WHERE id = 'p1'").await;
    let flag = play.demo.root().join("tars/MAINTENANCE_MODE");
    std::fs::write(&flag, "left behind").expect("a flag");
    let older = commit_of(&play, "HEAD~1");
    let text = format!("/rollback {older} dev-2026-02-16.db once more");
    play.approved(&text).await;
    // The check is tried again, some seconds apart.
    for _ in 0..60 {
        if play.progress(2).contains("failed, everything") {
            break;
        }
        play.harness.later(1).await;
    }
    let run = play.over(2, "failed, everything").await;
    insta::assert_snapshot!(run.replace(&older, "OLDER"), @"
    ↩️ Run 2 · Rollback · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: once more
    ↩️ 1 Check that the backup is whole: taken back
    ↩️ 2 Check that the backup holds users: taken back
    ✅ 3 Snapshot what is there now
    ↩️ 4 Check the commit out beside the present one: taken back
    ↩️ 5 The second working copy is that commit: taken back
    ↩️ 6 Nothing else lies in it: taken back
    ↩️ 7 Install the dependencies: taken back
    ↩️ 8 Build: taken back
    ↩️ 9 Stop the app: taken back
    ↩️ 10 Swap the database in one move: taken back
    ↩️ 11 Make the second working copy the current one: taken back
    ↩️ 12 Start the app: taken back
    ❌ 13 The app answers: answered 503, expected 200
    ⬜ 14 The database is whole
    ⬜ 15 Keep the second working copy

    failed, everything was taken back
    ");
    assert_eq!(play.column(products).await, ["p2", "p3"]);
    let now = std::fs::read_link(play.demo.root().join("tars/current"));
    assert_eq!(now.expect("a link"), current);
    assert!(
        !play
            .demo
            .root()
            .join(format!("tars/releases/{older}"))
            .exists()
    );
    insta::assert_snapshot!(play.room().transcript_tail(1), @"🤖 ↩️ Run 2 · Rollback failed, and everything that it had changed was taken back. SEC-2026-001");
    figure(&format!(
        "rollback of TARS: {} steps run, then {} and all of them taken back",
        steps(&went),
        run.matches("↩️").count()
    ));
    play.end().await;
}

pub(super) fn commit_of(play: &Play, name: &str) -> String {
    let folder = play.demo.root().join("tars");
    let said = std::process::Command::new("git")
        .args(["rev-parse", name])
        .current_dir(folder)
        .output()
        .expect("git runs");
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}
