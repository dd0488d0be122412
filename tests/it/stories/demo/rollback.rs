//! A rollback to something that is not worth it changes nothing; one that was done already can be done again.

use super::Play;
use super::containment::commit_of;

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_empty_or_broken_stops_a_rollback_before_anything_changes() {
    let play = Play::of("tars").await;
    let commit = commit_of(&play, "HEAD");
    let home = play.demo.root().join("tars");
    let backups = home.join("Projects/agent-dashboard/apps/web/backups");
    let good = std::fs::read(backups.join("dev-2026-02-16.db")).expect("a backup");
    std::fs::write(backups.join("empty.db"), "").expect("written");
    // A copy that was cut off.
    std::fs::write(backups.join("cut.db"), &good[..good.len() - 1000]).expect("written");
    let current = std::fs::read_link(home.join("current")).expect("a link");
    let cases = [
        (
            "empty.db",
            "❌ 2 Check that the backup holds users: sqlite3 ended with 1: sqlite3: no such table: users",
        ),
        (
            "cut.db",
            "❌ 1 Check that the backup is whole: sqlite3 ended with 0, but it printed \"*** in database main ***\" and must print \"ok\"",
        ),
    ];
    for (run, (backup, line)) in (1_u32..).zip(cases) {
        play.approved(&format!("/rollback {commit} {backup}")).await;
        let shown = play.run(run, line).await;
        assert!(!home.join("releases").join(&commit).exists(), "{shown}");
        assert_eq!(
            std::fs::read_link(home.join("current")).expect("a link"),
            current
        );
        assert_eq!(play.word("tars").await, "UP");
    }
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_rollback_can_be_done_twice() {
    let play = Play::of("tars").await;
    let commit = commit_of(&play, "HEAD");
    for run in 1..=2 {
        let text = format!("/rollback {commit} dev-2026-02-16.db");
        play.approved(&text).await;
        let shown = play.run(run, "\n\n").await;
        assert!(shown.ends_with("done"), "{shown}");
    }
    // Somebody left something in the copy: it is not used.
    let copy = play.demo.root().join("tars/releases").join(&commit);
    std::fs::write(copy.join("evil.js"), "steal()").expect("written");
    play.approved(&format!("/rollback {commit} dev-2026-02-16.db"))
        .await;
    let shown = play.run(3, "\n\n").await;
    assert!(
        shown.contains("Nothing else lies in it: git ended with 0, but it printed \"?? evil.js\" and must print nothing"),
        "{shown}"
    );
    assert!(
        copy.join("evil.js").exists(),
        "an earlier rollback keeps it"
    );
    assert_eq!(play.word("tars").await, "UP");
    play.end().await;
}

/// What lies where JARVIS's program is.
fn head_of_jarvis(play: &Play) -> String {
    let said = std::process::Command::new("git")
        .args(["rev-parse", "HEAD"])
        .current_dir(play.demo.root().join("jarvis"))
        .output()
        .expect("git runs");
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

/// How often something was called on the demo machine.
fn deployed(play: &Play) -> usize {
    let log = play.demo.root().join("jarvis/run/deployed");
    std::fs::read_to_string(log).map_or(0, |it| it.lines().count())
}

#[tokio::test(flavor = "multi_thread")]
async fn jarvis_goes_back_to_a_commit_or_deploys_again_what_was_there() {
    let play = Play::of("jarvis").await;
    let now = head_of_jarvis(&play);
    let said = play
        .bob()
        .says_until("/rollback", "Last good commit:")
        .await;
    let offered = said.lines().find(|it| it.contains("Add the program"));
    let older = offered.and_then(|it| it.split_whitespace().nth(2));
    let older = older.unwrap_or_else(|| panic!("{said}")).to_owned();
    let asked = play
        .approved(&format!("/rollback {older} it was signed by them"))
        .await;
    insta::assert_snapshot!(asked.replace(&older, "OLDER"), @"
    🔐 R2 · Rollback
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: it was signed by them
    Last good commit: OLDER
    Touches: Program, Dependencies, Every service
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    ");
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Rollback · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: it was signed by them
    ✅ 1 Keep what is there now
    ✅ 2 Nothing differs from the present commit
    ✅ 3 The commit is there
    ✅ 4 Its list of dependencies is there
    ✅ 5 Switch to the commit
    ✅ 6 Install its dependencies
    ✅ 7 Deploy
    ✅ 8 The API is healthy

    done
    ");
    let went_to = head_of_jarvis(&play);
    assert!(went_to.starts_with(&older), "{went_to}");
    assert_eq!(deployed(&play), 1);
    let kept = play.kept();
    let kept: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
    insta::assert_snapshot!(kept.join("\n"), @"
    run-1-changed_files
    run-1-git_head
    ");

    // The API does not come up with it: the program that was there is deployed again, last of all.
    std::fs::write(play.demo.root().join("jarvis/run/KILL_SWITCH"), "").expect("a switch");
    let back = now[..8].to_owned();
    play.approved(&format!("/rollback {back} and forth")).await;
    for _ in 0..60 {
        if play.progress(2).contains("failed, everything") {
            break;
        }
        play.harness.later(1).await;
    }
    insta::assert_snapshot!(play.over(2, "failed, everything").await, @"
    ↩️ Run 2 · Rollback · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: and forth
    ✅ 1 Keep what is there now
    ↩️ 2 Nothing differs from the present commit: taken back
    ↩️ 3 The commit is there: taken back
    ↩️ 4 Its list of dependencies is there: taken back
    ↩️ 5 Switch to the commit: taken back
    ↩️ 6 Install its dependencies: taken back
    ↩️ 7 Deploy: taken back
    ❌ 8 The API is healthy: answered 503, expected 200

    failed, everything was taken back
    ");
    assert_eq!(head_of_jarvis(&play), went_to);
    assert_eq!(deployed(&play), 3);

    // Local changes stop it before anything is changed.
    std::fs::write(play.demo.root().join("jarvis/README.md"), "changed").expect("written");
    play.approved(&format!("/rollback {back} once more")).await;
    let stopped = play.run(3, "❌ 2 Nothing differs").await;
    insta::assert_snapshot!(Play::from_step(&stopped, 1), @r#"
    ❓ Run 3 · Rollback · SEC-2026-001
    ✅ 1 Keep what is there now
    ❌ 2 Nothing differs from the present commit: git ended with 0, but it printed "M README.md" and must print nothing
    ⬜ 3 The commit is there
    ⬜ 4 Its list of dependencies is there
    ⬜ 5 Switch to the commit
    ⬜ 6 Install its dependencies
    ⬜ 7 Deploy
    ⬜ 8 The API is healthy
    Waits for a decision about step 2: the buttons, or /step 3 2 done, retry, skip, undo.
    "#);
    assert_eq!((head_of_jarvis(&play), deployed(&play)), (went_to, 3));
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_fails_a_check_deploys_nothing() {
    let play = Play::of("jarvis").await;
    let now = head_of_jarvis(&play);
    // A commit that holds nothing at all.
    let empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    let said = std::process::Command::new("git")
        .args(["-c", "user.name=Eve", "-c", "user.email=eve@example.org"])
        .args(["commit-tree", empty, "-p", "HEAD", "-m", "Nothing is left"])
        .current_dir(play.demo.root().join("jarvis"))
        .output()
        .expect("git runs");
    let commit = String::from_utf8_lossy(&said.stdout).trim().to_owned();
    assert_eq!(commit.len(), 40, "{said:?}");
    play.approved(&format!("/rollback {commit} it was signed by them"))
        .await;
    let shown = play.over(1, "failed").await;
    assert_eq!((deployed(&play), head_of_jarvis(&play)), (0, now));
    insta::assert_snapshot!(shown.replace(&commit, "COMMIT"), @"
    ↩️ Run 1 · Rollback · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: it was signed by them
    ✅ 1 Keep what is there now
    ✅ 2 Nothing differs from the present commit
    ✅ 3 The commit is there
    ❌ 4 Its list of dependencies is there: git ended with 128: fatal: path 'requirements.txt' exists on disk, but not in 'COMMIT'
    ⬜ 5 Switch to the commit
    ⬜ 6 Install its dependencies
    ⬜ 7 Deploy
    ⬜ 8 The API is healthy

    failed, everything was taken back
    ");
    play.end().await;
}
