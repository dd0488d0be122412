//! A log that somebody changed behind the ledger's back is found out.

use breakglass::store::{Fault, Head, Ledger, Scope};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};

use super::{engines::Database, story::event};

const STREAM: &str = "incident/SEC-2026-001";

async fn written(database: &Database) -> (Ledger, Vec<Head>) {
    let ledger = database.open().await;
    for seq in 1..=6 {
        ledger.commit(event(STREAM, seq)).await.expect("an event");
    }
    ledger
        .commit(event("incident/SEC-2026-002", 1))
        .await
        .expect("an event");
    let report = ledger.verify(&Scope::All, &[]).await.expect("an audit");
    assert_eq!(
        (report.is_whole(), report.events, report.streams),
        (true, 7, 2)
    );
    (ledger, report.heads)
}

async fn run(conn: &mut AnyConnection, text: &str) {
    conn.execute(AssertSqlSafe(text.to_owned()))
        .await
        .expect("the change goes in");
}

type Case = (&'static str, Vec<String>, Vec<Fault>);

fn altered(seq: i64) -> Fault {
    Fault::Altered {
        stream: STREAM.to_owned(),
        seq,
    }
}

fn unchained(seq: i64) -> Fault {
    Fault::Unchained {
        stream: STREAM.to_owned(),
        seq,
    }
}

fn gap(seq: i64) -> Fault {
    Fault::Gap {
        stream: STREAM.to_owned(),
        seq,
    }
}

fn cut(expected: i64, found: i64) -> Fault {
    Fault::Cut {
        stream: STREAM.to_owned(),
        expected,
        found,
    }
}

/// What somebody does behind the ledger's back, and what an audit must say.
fn cases() -> Vec<Case> {
    let one = format!("WHERE stream = '{STREAM}' AND seq =");
    let swap = ["SET seq = -3", "SET seq = 3", "SET seq = 4"];
    vec![
        (
            "a body",
            vec![format!("UPDATE events SET body = 'x' {one} 3")],
            vec![altered(3)],
        ),
        (
            "a kind",
            vec![format!("UPDATE events SET kind = 'closed' {one} 6")],
            vec![altered(6)],
        ),
        (
            "a time",
            vec![format!("UPDATE events SET at = at + 1 {one} 1")],
            vec![altered(1)],
        ),
        (
            "the chat",
            vec![format!("UPDATE events SET chat = 9 {one} 2")],
            vec![Fault::Misplaced {
                stream: STREAM.to_owned(),
                seq: 2,
            }],
        ),
        (
            "a hash",
            vec![format!("UPDATE events SET hash = 'x' {one} 4")],
            vec![altered(4), unchained(5)],
        ),
        (
            "a deleted event",
            vec![format!("DELETE FROM events {one} 3")],
            vec![gap(4)],
        ),
        (
            "two events swapped",
            vec![
                format!("UPDATE events {} {one} 3", swap[0]),
                format!("UPDATE events {} {one} 4", swap[1]),
                format!("UPDATE events {} {one} -3", swap[2]),
            ],
            vec![
                unchained(3),
                altered(3),
                unchained(4),
                altered(4),
                unchained(5),
            ],
        ),
        (
            "the first event deleted",
            vec![format!("DELETE FROM events {one} 1")],
            vec![gap(2)],
        ),
        (
            "the end cut off",
            vec![format!(
                "DELETE FROM events WHERE stream = '{STREAM}' AND seq > 4"
            )],
            vec![cut(6, 4)],
        ),
        (
            "a whole stream deleted",
            vec![
                format!("DELETE FROM events WHERE stream = '{STREAM}'"),
                format!("DELETE FROM streams WHERE stream = '{STREAM}'"),
            ],
            vec![cut(6, 0)],
        ),
        (
            "all events of a stream deleted",
            vec![format!("DELETE FROM events WHERE stream = '{STREAM}'")],
            vec![cut(6, 0)],
        ),
    ]
}

#[tokio::test]
async fn every_change_to_the_log_is_found() {
    let cases = cases();
    for database in Database::all().await {
        let (ledger, checkpoint) = written(&database).await;
        let mut conn = database.raw().await;
        for (what, changes, expected) in &cases {
            run(&mut conn, "DROP TABLE IF EXISTS kept_events").await;
            run(
                &mut conn,
                "CREATE TABLE kept_events AS SELECT * FROM events",
            )
            .await;
            run(&mut conn, "DROP TABLE IF EXISTS kept_streams").await;
            run(
                &mut conn,
                "CREATE TABLE kept_streams AS SELECT * FROM streams",
            )
            .await;
            for change in changes {
                run(&mut conn, change).await;
            }
            let found = ledger
                .verify(&Scope::All, &checkpoint)
                .await
                .expect("an audit")
                .faults;
            assert_eq!(found, *expected, "{what}, on {}", database.name);
            for restore in [
                "DELETE FROM events",
                "INSERT INTO events SELECT * FROM kept_events",
            ] {
                run(&mut conn, restore).await;
            }
            for restore in [
                "DELETE FROM streams",
                "INSERT INTO streams SELECT * FROM kept_streams",
            ] {
                run(&mut conn, restore).await;
            }
        }
        let whole = ledger
            .verify(&Scope::Stream(STREAM.to_owned()), &checkpoint)
            .await
            .expect("an audit");
        assert_eq!(
            (whole.faults, whole.events),
            (vec![], 6),
            "put back, it is whole again"
        );
        conn.close().await.expect("closed");
        ledger.close().await;
        drop(ledger);
        database.remove().await;
    }
}

/// Somebody who recomputes every hash after a change is found by the checkpoint only.
#[tokio::test]
async fn a_rewritten_log_differs_from_the_checkpoint() {
    let (before, after) = (Database::sqlite(), Database::sqlite());
    let (old, checkpoint) = written(&before).await;
    let new = after.open().await;
    for seq in 1..=7 {
        let mut unit = event(STREAM, seq);
        unit.events[0].kind = "rewritten".to_owned();
        new.commit(unit).await.expect("an event");
    }
    new.commit(event("incident/SEC-2026-002", 1))
        .await
        .expect("an event");
    assert!(
        new.verify(&Scope::All, &[])
            .await
            .expect("an audit")
            .is_whole(),
        "whole by itself"
    );
    let found = new
        .verify(&Scope::All, &checkpoint)
        .await
        .expect("an audit")
        .faults;
    assert_eq!(
        found,
        [Fault::Rewritten {
            stream: STREAM.to_owned(),
            seq: 6
        }]
    );
    old.close().await;
    new.close().await;
}
