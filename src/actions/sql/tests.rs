use sqlx::{ConnectOptions as _, Executor as _};
use std::str::FromStr as _;
use tokio::sync::watch;

use super::first_word;
use crate::actions::testing::{Bench, CANARY, fact, sql, text};
use crate::actions::{Execute as _, Names, Status};
use crate::incident::StepFact;
use crate::incident::saga::{Bound, Closed, Wanted};
use crate::plan::{Action, Check, Collector, Probe, SqlCall};

/// A bench with a SQLite database of a few sessions.
async fn bench() -> Bench {
    let mut bench = Bench::new();
    let path = bench.folder.path().join("app.db");
    let url = format!("sqlite://{}", path.display());
    let mut connection = sqlx::sqlite::SqliteConnectOptions::from_str(&url)
        .unwrap()
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    connection
        .execute("CREATE TABLE sessions (id INTEGER, user_id TEXT, weight REAL, token BLOB)")
        .await
        .unwrap();
    connection
        .execute("INSERT INTO sessions VALUES (1, 'ann', 0.5, x'00ff'), (2, 'bob', NULL, NULL), (3, 'bob', 2.0, NULL)")
        .await
        .unwrap();
    bench.set("T_DB", url);
    bench
}

fn collector(call: SqlCall) -> Collector {
    Collector {
        id: "c".to_owned(),
        name: "C".to_owned(),
        action: Action::Sql(call),
        timeout_seconds: 30,
        limit_kib: 64,
        judge: false,
        by_hand: None,
    }
}

async fn count(bench: &Bench) -> String {
    let done = bench
        .run(Action::Sql(sql("SELECT COUNT(*) FROM sessions", &[])))
        .await;
    match done.fact {
        Some(StepFact::Figure { number }) => number,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rows_are_lines_of_json() {
    let bench = bench().await;
    let (_hold, stop) = watch::channel(false);
    let it = collector(sql("SELECT * FROM sessions ORDER BY id LIMIT 2;", &[]));
    let (approval, plan) = bench.gathering(&it);
    let done = bench
        .live()
        .gather(&approval, &plan, &it, &bench.values, stop)
        .await;
    assert_eq!(
        (done.status, fact(&done).0),
        (Status::Succeeded, &StepFact::Rows { count: 2 })
    );
    assert_eq!(
        text(&done),
        "{\"id\":1,\"token\":\"AP8=\",\"user_id\":\"ann\",\"weight\":0.5}\n{\"id\":2,\"token\":null,\"user_id\":\"bob\",\"weight\":null}\n"
    );
}

#[tokio::test]
async fn a_value_stays_a_value() {
    let mut bench = bench().await;
    bench.param("user", "x' OR '1'='1'; DROP TABLE sessions; --");
    let delete = Action::Sql(sql(
        "DELETE FROM sessions WHERE user_id = $1",
        &["${param.user}"],
    ));
    assert_eq!(
        fact(&bench.run(delete.clone()).await).0,
        &StepFact::StatementDone
    );
    assert_eq!(count(&bench).await, "3");
    bench.param("user", "bob");
    assert_eq!(
        fact(&bench.run(delete).await).0,
        &StepFact::RowsChanged { count: 2 }
    );
    assert_eq!(count(&bench).await, "1");
}

#[tokio::test]
async fn limits_are_held_before_anything_is_committed() {
    let bench = bench().await;
    let mut call = sql("DELETE FROM sessions", &[]);
    call.at_most = Some(2);
    let done = bench.run(Action::Sql(call)).await;
    assert_eq!(
        (done.status, fact(&done).0),
        (
            Status::Failed,
            &StepFact::OutOfBounds {
                number: "3".to_owned(),
                rows: true,
                bound: Bound::AtMost { most: 2 }
            }
        )
    );
    assert_eq!(count(&bench).await, "3");
    let mut call = sql("SELECT COUNT(*) FROM sessions", &[]);
    call.at_least = Some(4);
    let done = bench.run(Action::Sql(call.clone())).await;
    assert_eq!(
        (done.status, fact(&done).0),
        (
            Status::Failed,
            &StepFact::OutOfBounds {
                number: "3".to_owned(),
                rows: false,
                bound: Bound::AtLeast { least: 4 }
            }
        )
    );
    call.at_least = Some(3);
    assert_eq!(bench.run(Action::Sql(call)).await.status, Status::Succeeded);
}

#[tokio::test]
async fn the_second_statement_is_in_the_same_transaction() {
    let bench = bench().await;
    let mut call = sql("DELETE FROM sessions WHERE user_id = $1", &["bob"]);
    call.then = Some("DELETE FROM nowhere".to_owned());
    let done = bench.run(Action::Sql(call.clone())).await;
    assert_eq!(done.status, Status::Failed);
    assert!(done.summary.contains("nowhere"), "{}", done.summary);
    assert_eq!(count(&bench).await, "3");
    call.then = Some("UPDATE sessions SET weight = 9".to_owned());
    assert_eq!(bench.run(Action::Sql(call)).await.status, Status::Succeeded);
    assert_eq!(count(&bench).await, "1");
}

#[tokio::test]
async fn collectors_and_checks_change_nothing() {
    let mut bench = bench().await;
    let (_hold, stop) = watch::channel(false);
    let it = collector(sql("DELETE FROM sessions", &[]));
    let (approval, plan) = bench.gathering(&it);
    let done = bench
        .live()
        .gather(&approval, &plan, &it, &bench.values, stop.clone())
        .await;
    assert_eq!(done.status, Status::Failed, "{}", done.summary);
    bench.plan.probes = vec![Probe {
        id: "p".to_owned(),
        name: "P".to_owned(),
        check: Check::Action(Action::Sql(sql("DELETE FROM sessions", &[]))),
        timeout_seconds: 30,
        by_hand: None,
    }];
    let job = bench.job(Action::Probe {
        probe: "p".to_owned(),
    });
    assert_eq!(bench.live().execute(job, stop).await.status, Status::Failed);
    assert_eq!(count(&bench).await, "3");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let mut bench = Bench::new();
    let path = bench.folder.path().join("none.db");
    bench.set("T_DB", format!("sqlite://{}", path.display()));
    let done = bench.run(Action::Sql(sql("SELECT 1", &[]))).await;
    assert_eq!(done.status, Status::Failed);
    assert!(!path.exists());
    bench.set("T_DB", format!("postgres://app:{CANARY}@127.0.0.1:1/x"));
    let done = bench.run(Action::Sql(sql("SELECT 1", &[]))).await;
    assert_eq!(done.status, Status::Failed, "{}", done.summary);
    bench.set("T_DB", "mysql://x");
    let done = bench.run(Action::Sql(sql("SELECT 1", &[]))).await;
    assert_eq!(
        fact(&done).0,
        &StepFact::BadAddress {
            variable: "The db".to_owned(),
            wanted: Wanted::Database
        }
    );
}

#[tokio::test]
async fn a_database_is_where_it_may_be() {
    let mut bench = Bench::new();
    bench.timeout = 5;
    for (url, networks, why) in [
        ("postgres://app@169.254.169.254/x", "", "never"),
        ("postgres://app@meta.example/x", "", "never"),
        ("postgres://app@[::ffff:169.254.169.254]/x", "", "never"),
        ("postgres://app@127.0.0.1:1/x", "10.0.0.0/8", "outside"),
        ("postgres://app@127.0.0.1:1/x", "127.0.0.0/8", "refused"),
    ] {
        let list = [("meta.example".to_owned(), vec![[169, 254, 169, 254].into()])];
        bench.names = crate::actions::Names::Fixed(list.into());
        bench.set("T_DB", url);
        bench.set("T_DB_NETWORKS", networks);
        let done = bench.run(Action::Sql(sql("SELECT 1", &[]))).await;
        assert_eq!(done.status, Status::Failed);
        let said = serde_json::to_string(&(&done.fact, &done.summary)).unwrap();
        assert!(said.contains(why), "{url}: {said}");
    }
}

#[tokio::test]
async fn a_statement_that_takes_too_long_is_given_up() {
    let mut bench = bench().await;
    bench.timeout = 1;
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) DELETE FROM sessions WHERE id < (SELECT SUM(i) FROM n)";
    let done = bench.run(Action::Sql(sql(endless, &[]))).await;
    assert_ne!(done.status, Status::Succeeded, "{}", done.summary);
    // Its lock is given back, so that the next one can write.
    bench.timeout = 60;
    let done = bench
        .run(Action::Sql(sql("DELETE FROM sessions", &[])))
        .await;
    assert_eq!(fact(&done).0, &StepFact::RowsChanged { count: 3 });
}

#[test]
fn statements_are_told_apart() {
    assert_eq!(first_word("-- a\n /* b */ ( SELECT 1)"), "select");
    assert_eq!(first_word("  WITH x AS (SELECT 1) SELECT 2"), "with");
    assert_eq!(first_word(""), "");
}

/// Only where `.ci/postgres` runs a server: `BREAKGLASS_TEST_POSTGRES` holds its address.
#[tokio::test]
async fn postgres_says_rows_in_json_and_rotates_a_password() {
    let Ok(url) = std::env::var("BREAKGLASS_TEST_POSTGRES") else {
        return;
    };
    let mut bench = Bench::new();
    bench.set("T_DB", url.clone());
    let name = format!("actions_{}", std::process::id());
    let run = |statement: String, parameters: Vec<String>| {
        let parameters: Vec<&str> = parameters.iter().map(String::as_str).collect();
        Action::Sql(sql(&statement, &parameters))
    };
    for statement in [
        format!("CREATE TABLE {name} (id uuid, at timestamptz, ip inet, data jsonb, n numeric)"),
        format!(
            "INSERT INTO {name} VALUES ('5f2a0000-0000-0000-0000-000000000001', '2026-02-17T12:00:00Z', '10.0.0.1', '{{\"a\":[1]}}', 1.50)"
        ),
        format!("CREATE ROLE {name} LOGIN PASSWORD 'old'"),
    ] {
        let done = bench.run(run(statement, Vec::new())).await;
        assert_eq!(done.status, Status::Succeeded, "{}", done.summary);
    }
    let select = format!("SELECT * FROM {name} WHERE at > CAST($1 AS timestamptz) -- all of them");
    let done = bench.run(run(select, vec!["${since}".to_owned()])).await;
    assert_eq!(done.status, Status::Succeeded, "{}", done.summary);
    let row: serde_json::Value = serde_json::from_str(&text(&done)).unwrap();
    assert_eq!(row["data"]["a"][0], 1);
    assert_eq!(row["ip"], "10.0.0.1");
    // The server repeats a value that it cannot read, and that value may be secret.
    let db = bench.plan.connections.iter_mut().find(|it| it.id == "db");
    db.unwrap().secrets = vec!["T_TOKEN".to_owned()];
    let wrong = "SELECT CAST($1 AS integer)".to_owned();
    let done = bench.run(run(wrong, vec!["${secret.T_TOKEN}".to_owned()]));
    let done = done.await;
    assert_eq!(
        (done.status, done.summary.as_str()),
        (
            Status::Failed,
            "invalid input syntax for type integer: \"[secret]\""
        )
    );
    bench.values.generated = Some("run-1/db".to_owned());
    let mut rotate = sql(
        "SELECT set_config('breakglass.pw', $1, true)",
        &["${generated}"],
    );
    rotate.then = Some(format!(
        "DO $body$ BEGIN EXECUTE format('ALTER ROLE {name} PASSWORD %L', current_setting('breakglass.pw')); END $body$"
    ));
    let done = bench.run(Action::Sql(rotate)).await;
    assert_eq!(done.status, Status::Succeeded, "{}", done.summary);
    let secret = bench.live().generated().peek("run-1/db").unwrap().unwrap();
    assert!(
        !text(&done).contains(secret.expose()),
        "the new password is shown"
    );
    for (password, works) in [("old", false), (secret.expose(), true)] {
        let mut other = reqwest::Url::parse(&url).unwrap();
        other.set_username(&name).unwrap();
        other.set_password(Some(password)).unwrap();
        bench.set("T_DB", other.to_string());
        let done = bench.run(run("SELECT 1".to_owned(), Vec::new())).await;
        assert_eq!(done.status == Status::Succeeded, works, "{}", done.summary);
    }
    bench.set("T_DB", url);
    for statement in [format!("DROP TABLE {name}"), format!("DROP ROLE {name}")] {
        assert_eq!(
            bench.run(run(statement, Vec::new())).await.status,
            Status::Succeeded
        );
    }
}

/// No resolver of this machine knows the name: whoever arrives was led by the address that was checked.
#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let arrived = tokio::spawn(async move { listener.accept().await.map(drop) });
    let mut bench = Bench::new();
    let at = ["127.0.0.1".parse().unwrap()];
    bench.names = Names::Fixed([("db.example".to_owned(), at.to_vec())].into());
    bench.set("T_DB", format!("postgres://app@db.example:{port}/x"));
    let done = bench.run(Action::Sql(sql("SELECT 1", &[]))).await;
    assert_eq!(done.status, Status::Failed);
    let arrived = tokio::time::timeout(std::time::Duration::from_secs(30), arrived);
    assert!(arrived.await.unwrap().unwrap().is_ok(), "{}", done.summary);
}

#[tokio::test]
async fn a_host_among_the_options_of_an_address_is_checked_too() {
    let mut bench = Bench::new();
    for options in ["host=169.254.169.254", "hostaddr=169.254.169.254"] {
        let url = format!("postgres://app@127.0.0.1:1/x?{options}");
        bench.set("T_DB", url);
        let done = bench.run(Action::Sql(sql("SELECT 1", &[]))).await;
        assert!(
            matches!(
                done.fact,
                Some(StepFact::Address {
                    why: Closed::Never { .. },
                    ..
                })
            ),
            "{done:?}"
        );
    }
}
