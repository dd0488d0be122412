//! PostgreSQL. Rows are turned into JSON by the server, which knows all its types.

use std::io;
use std::str::FromStr as _;

use futures::TryStreamExt as _;
use serde_json::Value;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow, PgSslMode};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Either, Error, Executor as _, Row as _};

use super::{Query, Rows, first_word};
use crate::actions::addresses;
use crate::actions::frame::Frame;
use crate::actions::output::Why;
use crate::incident::StepFact;

/// Connects to an address that was checked, whatever the name leads to a moment later. Where the certificate must bear the
/// name, sqlx needs the name itself: nobody else can show that certificate then, so nothing is gained by leading it elsewhere.
pub(super) async fn open(url: &str, frame: &Frame<'_>) -> Result<PgConnection, Error> {
    connect(options(url)?, frame).await
}

fn options(url: &str) -> Result<PgConnectOptions, Error> {
    Ok(PgConnectOptions::from_str(url)?
        .application_name("breakglass")
        .disable_statement_logging())
}

/// No password of anybody.
const WRONG: &str = "breakglass: this must be refused";

/// Comes in as this role with this password. A role has one password: where it opens and another does not, whatever the
/// role had before is refused. A server that lets everybody in proves nothing.
pub(super) async fn enter(
    url: &str,
    role: &str,
    password: &str,
    frame: &Frame<'_>,
) -> Result<PgConnection, Error> {
    let role_options = options(url)?.username(role);
    let connection = connect(role_options.clone().password(password), frame).await?;
    match connect(role_options.password(WRONG), frame).await {
        // 28P01: a wrong password; 28000: not let in at all.
        Err(Error::Database(error))
            if matches!(error.code().as_deref(), Some("28P01" | "28000")) =>
        {
            Ok(connection)
        }
        Err(error) => Err(error),
        Ok(_) => Err(Error::Io(io::Error::other(Why::from(
            StepFact::AnyPassword {
                role: role.to_owned(),
            },
        )))),
    }
}

async fn connect(options: PgConnectOptions, frame: &Frame<'_>) -> Result<PgConnection, Error> {
    let host = options.get_host().to_owned();
    // The path of a socket leads nowhere but to this machine.
    if options.get_socket().is_some() || host.starts_with('/') {
        return options.connect().await;
    }
    let target = frame.target();
    let (networks, variable) = (&target.networks, &target.variable);
    let found =
        addresses::check_database(&host, options.get_port(), frame.names, networks, variable)
            .await
            .map_err(|why| Error::Io(io::Error::other(why)))?;
    if matches!(options.get_ssl_mode(), PgSslMode::VerifyFull) {
        return options.connect().await;
    }
    let mut last = Error::Io(io::Error::other(format!("{host} has no address")));
    for ip in found {
        match options.clone().host(&ip.to_string()).connect().await {
            Err(Error::Io(error)) => last = Error::Io(error),
            other => return other,
        }
    }
    Err(last)
}

/// Everything up to the commit.
pub(super) async fn execute(
    connection: &mut PgConnection,
    query: &Query<'_>,
    rows: &mut Rows,
) -> Result<(), Error> {
    let begin = if query.reading {
        "BEGIN READ ONLY"
    } else {
        "BEGIN"
    };
    connection.execute(begin).await?;
    // The server gives up by itself, should we be gone by then.
    sqlx::query("SELECT set_config('statement_timeout', $1, true)")
        .bind(query.milliseconds.to_string())
        .execute(&mut *connection)
        .await?;
    let text = as_json(query.statement);
    // Statements come from a plan that was checked: fixed texts, no value is ever put into one.
    let mut bound = sqlx::query(AssertSqlSafe(
        text.clone().unwrap_or_else(|| query.statement.to_owned()),
    ));
    for value in &query.parameters {
        bound = bound.bind(value.as_str());
    }
    let mut stream = connection.fetch_many(bound.persistent(false));
    while let Some(next) = stream.try_next().await? {
        match next {
            Either::Left(result) => {
                if text.is_none() {
                    rows.changed += result.rows_affected();
                }
            }
            Either::Right(row) => rows.take(&value(&row, text.is_some())?),
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

pub(super) async fn commit(connection: &mut PgConnection) -> Result<(), Error> {
    connection.execute("COMMIT").await.map(drop)
}

/// A statement that yields rows, so that each of them comes as one JSON text. None: it cannot stand inside another.
fn as_json(statement: &str) -> Option<String> {
    let wraps = match first_word(statement).as_str() {
        "select" | "values" | "table" => true,
        "with" => {
            let text = statement.to_ascii_lowercase();
            !["insert", "update", "delete", "merge"]
                .iter()
                .any(|word| text.contains(word))
        }
        _ => false,
    };
    let inner = statement.trim_end().trim_end_matches(';');
    wraps.then(|| {
        format!("SELECT row_to_json(breakglass_row)::text FROM (\n{inner}\n) AS breakglass_row")
    })
}

fn value(row: &PgRow, json: bool) -> Result<Value, Error> {
    if json {
        let text: String = row.try_get(0)?;
        return serde_json::from_str(&text).map_err(|error| Error::Decode(error.into()));
    }
    // What RETURNING, SHOW or EXPLAIN yields: texts as they are, of anything else only that it is there.
    let fields = row.columns().iter().map(|column| {
        use sqlx::Column as _;
        let text: Option<String> = row.try_get(column.ordinal()).unwrap_or_default();
        (
            column.name().to_owned(),
            text.map_or(Value::Null, Value::String),
        )
    });
    Ok(Value::Object(fields.collect()))
}
