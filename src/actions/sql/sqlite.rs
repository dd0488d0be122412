//! SQLite.

use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures::TryStreamExt as _;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Either, Error, Executor as _, Row as _,
    TypeInfo as _, ValueRef as _,
};

use super::{Query, Rows, first_word};

/// So many steps of SQLite's machine are done between two looks whether somebody still waits.
const STRIDE: i32 = 1000;

/// A connection whose work ends when it is dropped: SQLite works on a thread of its own, which nobody would stop.
pub(super) struct Sqlite {
    connection: SqliteConnection,
    dropped: Arc<AtomicBool>,
}

impl Drop for Sqlite {
    fn drop(&mut self) {
        self.dropped.store(true, Ordering::Relaxed);
    }
}

pub(super) async fn open(url: &str, query: &Query<'_>) -> Result<Sqlite, Error> {
    let wait = u64::try_from(query.milliseconds).unwrap_or(u64::MAX);
    let mut connection = SqliteConnectOptions::from_str(url)?
        .create_if_missing(false)
        .read_only(query.reading)
        .busy_timeout(Duration::from_millis(wait))
        .disable_statement_logging()
        .connect()
        .await?;
    let dropped = Arc::new(AtomicBool::new(false));
    let asked = dropped.clone();
    connection
        .lock_handle()
        .await?
        .set_progress_handler(STRIDE, move || !asked.load(Ordering::Relaxed));
    Ok(Sqlite {
        connection,
        dropped,
    })
}

/// Everything up to the commit.
pub(super) async fn execute(
    sqlite: &mut Sqlite,
    query: &Query<'_>,
    rows: &mut Rows,
) -> Result<(), Error> {
    let connection = &mut sqlite.connection;
    let writes = !matches!(first_word(query.statement).as_str(), "select" | "values");
    let begin = if writes && !query.reading {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN"
    };
    connection.execute(begin).await?;
    let mut bound = sqlx::query(AssertSqlSafe(query.statement.to_owned()));
    for value in &query.parameters {
        bound = bound.bind(value.as_str());
    }
    let mut stream = connection.fetch_many(bound.persistent(false));
    while let Some(next) = stream.try_next().await? {
        match next {
            Either::Left(result) if writes => rows.changed += result.rows_affected(),
            Either::Left(_) => {}
            Either::Right(row) => rows.take(&value(&row)),
        }
    }
    drop(stream);
    if let Some(then) = query.then {
        sqlx::query(AssertSqlSafe(then.to_owned()))
            .persistent(false)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

pub(super) async fn commit(sqlite: &mut Sqlite) -> Result<(), Error> {
    sqlite.connection.execute("COMMIT").await.map(drop)
}

/// A row with every value by its own type, whatever the column says.
fn value(row: &SqliteRow) -> Value {
    let fields = row.columns().iter().map(|column| {
        let at = column.ordinal();
        let kind = row
            .try_get_raw(at)
            .map(|it| {
                if it.is_null() {
                    "NULL".to_owned()
                } else {
                    it.type_info().name().to_owned()
                }
            })
            .unwrap_or_default();
        let value = match kind.as_str() {
            "NULL" => Value::Null,
            "INTEGER" => row
                .try_get_unchecked::<i64, _>(at)
                .map_or(Value::Null, Value::from),
            "REAL" => row
                .try_get_unchecked::<f64, _>(at)
                .map_or(Value::Null, Value::from),
            "BLOB" => row
                .try_get_unchecked::<Vec<u8>, _>(at)
                .map_or(Value::Null, |it| Value::String(STANDARD.encode(it))),
            _ => row
                .try_get_unchecked::<String, _>(at)
                .map_or(Value::Null, Value::String),
        };
        (column.name().to_owned(), value)
    });
    Value::Object(fields.collect())
}
