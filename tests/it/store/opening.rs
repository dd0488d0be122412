//! Opening: addresses, files, migrations. A wrong setting is one line that says what to change.

use std::{fs, path::Path, time::Instant};

use breakglass::store::{CommitError, Ledger, OpenError, Scope};
use sqlx::{Connection, Executor};

use super::{
    engines::{Database, ticking},
    story::event,
};

async fn refusal(url: &str) -> String {
    let Err(error) = Ledger::open(url, ticking()).await else {
        panic!("{url} opens");
    };
    let line = error.to_string();
    assert!(!line.contains('\n'), "one line: {line}");
    line
}

fn address(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

#[tokio::test]
async fn wrong_addresses_are_one_clear_line() {
    assert!(
        refusal("mysql://root:secret@localhost/x")
            .await
            .contains("must begin with sqlite: or postgres:")
    );
    assert!(
        !refusal("mysql://root:secret@localhost/x")
            .await
            .contains("secret")
    );
    assert!(
        refusal("breakglass.db")
            .await
            .contains("must begin with sqlite: or postgres:")
    );
    assert!(
        refusal("sqlite::memory:")
            .await
            .contains("keeps nothing over a restart")
    );
    assert!(refusal("sqlite://").await.contains("no file is named"));
    let silent = refusal("postgres://somebody:hunter2@127.0.0.1:1/x").await;
    assert!(silent.contains("PostgreSQL cannot be reached"), "{silent}");
    assert!(!silent.contains("hunter2"), "{silent}");
}

#[tokio::test]
async fn files_that_cannot_be_used_are_one_clear_line() {
    let dir = tempfile::tempdir().expect("a folder");
    let missing = refusal(&address(&dir.path().join("no such folder/x.db"))).await;
    assert!(
        missing.contains("check that its folder exists"),
        "{missing}"
    );
    assert!(
        !dir.path().join("no such folder").exists(),
        "nothing half done"
    );

    let text = dir.path().join("letter.txt");
    fs::write(&text, "Dear database, you are not one.\n".repeat(100)).expect("written");
    let letter = refusal(&address(&text)).await;
    assert!(
        letter.contains("is not a database of breakglass"),
        "{letter}"
    );
    assert!(
        fs::read_to_string(&text)
            .expect("still there")
            .starts_with("Dear"),
        "left alone"
    );
}

#[tokio::test]
async fn a_second_process_is_kept_off_the_file() {
    let database = Database::sqlite();
    let ledger = database.open().await;
    let line = refusal(&database.url).await;
    assert!(
        line.contains("another breakglass process uses the database"),
        "{line}"
    );
    ledger.close().await;
    drop(ledger);
    database.open().await.close().await;
}

#[tokio::test]
async fn a_locked_database_is_waited_for_and_then_refused() {
    let database = Database::sqlite();
    let ledger = database.open().await;
    ledger.commit(event("a", 1)).await.expect("free at first");
    let mut other = database.raw().await;
    other
        .execute("BEGIN IMMEDIATE")
        .await
        .expect("somebody else's lock");

    let begin = Instant::now();
    let refused = ledger.commit(event("a", 2)).await;
    let waited = begin.elapsed().as_secs();
    assert!(
        matches!(&refused, Err(CommitError::Unavailable(why)) if why.contains("locked")),
        "{refused:?}"
    );
    assert!((5..=10).contains(&waited), "waited {waited} s");
    let (first, second) = (ledger.submit(event("a", 2)), ledger.submit(event("a", 3)));
    tokio::time::sleep(std::time::Duration::from_millis(2_500)).await;
    other.execute("ROLLBACK").await.expect("released");
    first.wait().await.expect("released in time");
    second.wait().await.expect("released in time");
    let report = ledger.verify(&Scope::All, &[]).await.expect("an audit");
    assert_eq!(
        (report.is_whole(), report.events),
        (true, 3),
        "nothing lost, nothing twice"
    );
    ledger.close().await;
    drop(ledger);

    other
        .execute("BEGIN EXCLUSIVE")
        .await
        .expect("somebody else's lock");
    let line = refusal(&database.url).await;
    assert!(line.contains("locked by another program"), "{line}");
}

#[tokio::test]
async fn a_read_only_database_is_one_clear_line() {
    let database = Database::sqlite();
    let ledger = database.open().await;
    ledger.commit(event("a", 1)).await.expect("an event");
    ledger.close().await;
    drop(ledger);
    // A write version above 2 makes any file read-only to SQLite, also for root, whom no permission stops.
    let path = database.path();
    let mut bytes = fs::read(&path).expect("the file");
    bytes[18] = 3;
    fs::write(&path, bytes).expect("patched");
    let line = refusal(&database.url).await;
    assert!(line.contains("read-only"), "{line}");
}

#[tokio::test]
async fn a_schema_from_the_future_is_refused() {
    for database in Database::all().await {
        database.open().await.close().await;
        let mut conn = database.raw().await;
        let text = if database.name == "SQLite" {
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, X'00', 0)"
        } else {
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, '\\x00', 0)"
        };
        conn.execute(text).await.expect("a later version was here");
        conn.close().await.expect("closed");
        let line = refusal(&database.url).await;
        assert!(
            line.contains("newer breakglass") && line.contains("9999"),
            "{line}"
        );
        database.remove().await;
    }
}

#[tokio::test]
async fn migrations_start_from_nothing_and_leave_data_alone() {
    for database in Database::all().await {
        let ledger = database.open().await;
        ledger.commit(event("a", 1)).await.expect("an event");
        ledger.close().await;
        drop(ledger);
        let ledger = database.open().await;
        assert_eq!(
            ledger.stream("a").await.expect("a read").len(),
            1,
            "the second start changes nothing"
        );
        ledger
            .commit(event("a", 2))
            .await
            .expect("and goes on where the first ended");
        ledger.close().await;
        drop(ledger);
        let mut conn = database.raw().await;
        let rows = sqlx::query("SELECT version FROM _sqlx_migrations")
            .fetch_all(&mut conn)
            .await
            .expect("a read");
        assert_eq!(rows.len(), 1, "each migration once");
        conn.close().await.expect("closed");
        database.remove().await;
    }
}

#[tokio::test]
async fn postgres_refusals_are_one_clear_line() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let (scheme, rest) = database.url.split_once("://").expect("an address");
    let (login, place) = rest.split_once('@').expect("a login");
    let (user, _) = login.split_once(':').unwrap_or((login, ""));
    let wrong = refusal(&format!("{scheme}://{user}:wrong-hunter2@{place}")).await;
    assert!(
        wrong.contains("refuses the user or the password") && !wrong.contains("hunter2"),
        "{wrong}"
    );
    let none = refusal(&format!("{}_none", database.url)).await;
    assert!(none.contains("no such database"), "{none}");
    assert!(matches!(
        Ledger::open(&format!("{}_none", database.url), ticking()).await,
        Err(OpenError::NoDatabase(_))
    ));
    database.remove().await;
}
