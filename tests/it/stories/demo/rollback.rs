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
