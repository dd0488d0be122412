//! What cannot be brought about from outside: a disk that fills up under the writer.

use std::sync::Arc;

use sqlx::Executor;

use super::{
    CommitError, Ledger, NewEvent, Place, Unit, error::OpenError, highest, open::CONNECT_WAIT,
};

fn event(chat: i64, seq: i64, size: usize) -> Unit {
    let event = NewEvent {
        stream: format!("s/{chat}"),
        seq,
        at: seq,
        kind: "k".to_owned(),
        body: "x".repeat(size),
    };
    Unit {
        chat,
        events: vec![event],
        ..Unit::default()
    }
}

#[tokio::test]
async fn a_full_disk_refuses_clearly_and_keeps_nothing_by_halves() {
    let dir = tempfile::tempdir().expect("a folder");
    let place =
        Place::parse(&format!("sqlite://{}/x.db", dir.path().display())).expect("an address");
    let mut conn = place.connect(CONNECT_WAIT).await.expect("a connection");
    place.migrate(&mut conn).await.expect("migrated");
    // SQLite's answer at this limit is the one it gives for a full disk.
    conn.execute("PRAGMA max_page_count = 120")
        .await
        .expect("a small disk");
    let highest = highest(&mut conn).await.expect("a read");
    let ledger = Ledger::start(place, conn, highest, Arc::new(|| 0), None);

    ledger.commit(event(1, 1, 10)).await.expect("there is room");
    let full = ledger.commit(event(1, 2, 900_000)).await;
    assert!(
        matches!(&full, Err(CommitError::Unavailable(why)) if why.contains("disk is full; free some space")),
        "{full:?}"
    );
    assert_eq!(
        ledger.stream("s/1").await.expect("a read").len(),
        1,
        "nothing by halves"
    );
    ledger
        .commit(event(1, 2, 900_000))
        .await
        .expect("the writer starts afresh, without the limit");
    ledger.close().await;
}

#[test]
fn addresses_never_show_a_password() {
    for url in [
        "mysql://root:hunter2@host/db",
        "postgres://root:hunter2@ho st:99999/db",
        "hunter2",
    ] {
        let error = Place::parse(url)
            .map(|_| ())
            .map_err(|error: OpenError| error.to_string());
        assert!(
            error.as_ref().is_err_and(|line| !line.contains("hunter2")),
            "{error:?}"
        );
    }
}
