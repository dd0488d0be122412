//! Fixed statements on named databases. One connection per step, one transaction, values bound as text.

mod postgres;
mod sqlite;

use serde_json::Value;
use sqlx::Error;
use tokio::sync::watch;
use tokio::time::Instant;

use super::frame::{Frame, Waited, millis, until};
use super::output::{Keep, Keeper, Why};
use super::template::Place;
use super::{Done, Status};
use crate::incident::StepFact;
use crate::incident::saga::{Bound, Wanted};
use crate::plan::SqlCall;

/// A statement with everything it needs.
struct Query<'a> {
    statement: &'a str,
    then: Option<&'a str>,
    parameters: Vec<String>,
    /// It must not change anything.
    reading: bool,
    /// Milliseconds that the server itself may take.
    milliseconds: u128,
}

/// A transaction that was opened.
enum Open {
    Postgres(sqlx::PgConnection),
    Sqlite(sqlite::Sqlite),
}

/// What came back.
struct Rows {
    keeper: Keeper,
    /// Rows that came back.
    came: u64,
    /// Rows that were changed.
    changed: u64,
    /// The number, where one row of one number came back.
    number: Option<f64>,
}

/// Runs the statement of a step.
pub(super) async fn call(
    call: &SqlCall,
    frame: &Frame<'_>,
    keep: Keep,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    let deadline = frame.deadline();
    let mut parameters = Vec::new();
    for text in &call.parameters {
        match frame.filler.fill(text, Place::Text) {
            Ok(value) => parameters.push(value),
            Err(why) => return Done::failed(why),
        }
    }
    let query = Query {
        statement: &call.statement,
        then: call.then.as_deref(),
        parameters,
        reading: frame.reading && call.then.is_none(),
        milliseconds: frame.limit.as_millis(),
    };
    if frame.reading && call.then.is_some() {
        return Done::failed(StepFact::MustNotChange);
    }
    let url = frame.target().address.expose();
    let entering = match &call.sign_in {
        Some(it) => match frame.filler.fill(&it.password, Place::Text) {
            Ok(password) => Some((it.role.as_str(), password)),
            Err(why) => return Done::failed(why),
        },
        None => None,
    };
    let opened = async {
        match (url.split_once(':').map(|(scheme, _)| scheme), entering) {
            (Some("postgres" | "postgresql"), Some((role, password))) => {
                postgres::enter(url, role, &password, frame)
                    .await
                    .map(Open::Postgres)
            }
            (Some("postgres" | "postgresql"), None) => {
                postgres::open(url, frame).await.map(Open::Postgres)
            }
            (Some("sqlite"), Some(_)) => Err(Error::Io(std::io::Error::other(
                "a database in a file asks nobody for a password",
            ))),
            (Some("sqlite"), None) => sqlite::open(url, &query).await.map(Open::Sqlite),
            _ => Err(Error::Configuration(
                "it is no postgres or sqlite address".into(),
            )),
        }
    };
    let open = match until(deadline, stop, opened).await {
        Waited::Came(Ok(open)) => open,
        Waited::Came(Err(error)) => {
            return Done::failed(not_opened(&error, frame));
        }
        Waited::Late => {
            let millis = millis(frame.limit);
            return Done::failed(StepFact::NoAnswer { millis });
        }
        Waited::Stopped => return Done::failed(StepFact::NotBegun),
    };
    let rows = Rows {
        keeper: Keeper::new(&frame.redactor, keep),
        came: 0,
        changed: 0,
        number: None,
    };
    open.work(call, &query, rows, frame, deadline, stop).await
}

impl Open {
    async fn work(
        mut self,
        call: &SqlCall,
        query: &Query<'_>,
        mut rows: Rows,
        frame: &Frame<'_>,
        deadline: Instant,
        stop: &mut watch::Receiver<bool>,
    ) -> Done {
        // A statement that was not committed did nothing, but a function that it called may have.
        let unsure = if query.reading || !calls(query.statement) {
            Status::Failed
        } else {
            Status::Unknown
        };
        let done = match &mut self {
            Self::Postgres(it) => {
                until(deadline, stop, postgres::execute(it, query, &mut rows)).await
            }
            Self::Sqlite(it) => until(deadline, stop, sqlite::execute(it, query, &mut rows)).await,
        };
        match done {
            Waited::Came(Ok(())) => {}
            Waited::Came(Err(error)) => return Done::failed(reason(&error)),
            Waited::Late => {
                let millis = millis(frame.limit);
                return Done::new(unsure, StepFact::NotDone { millis });
            }
            Waited::Stopped => return Done::new(unsure, StepFact::NothingCommitted),
        }
        if let Err(why) = rows.judge(call) {
            // Dropped without a commit: whatever it changed is rolled back.
            return Done::failed(why).with_output(rows.keeper.finish());
        }
        let committed = match &mut self {
            Self::Postgres(it) => until(deadline, stop, postgres::commit(it)).await,
            Self::Sqlite(it) => until(deadline, stop, sqlite::commit(it)).await,
        };
        let fact = rows.fact();
        let done = match committed {
            Waited::Came(Ok(())) => Done::new(Status::Succeeded, fact),
            _ if query.reading => Done::new(Status::Succeeded, fact),
            Waited::Came(Err(error)) => {
                let refused = matches!(error, Error::Database(_));
                let status = if refused {
                    Status::Failed
                } else {
                    Status::Unknown
                };
                Done::new(status, Why::with(StepFact::CommitFailed, reason(&error)))
            }
            Waited::Late | Waited::Stopped => Done::new(Status::Unknown, StepFact::CommitUnknown),
        };
        done.with_output(rows.keeper.finish())
    }
}

impl Rows {
    /// A row as a line of JSON.
    fn take(&mut self, row: &Value) {
        self.came += 1;
        self.number = match (self.came, row) {
            (1, Value::Object(fields)) if fields.len() == 1 => {
                fields.values().next().and_then(Value::as_f64)
            }
            _ => None,
        };
        let mut line = row.to_string();
        line.push('\n');
        self.keeper.take(line.as_bytes());
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "no table has more rows than a double counts"
    )]
    fn judge(&self, call: &SqlCall) -> Result<(), StepFact> {
        let figure = self
            .number
            .unwrap_or_else(|| self.came.max(self.changed) as f64);
        let out_of = |bound| StepFact::OutOfBounds {
            number: figure.to_string(),
            rows: self.number.is_none(),
            bound,
        };
        if let Some(least) = call.at_least.filter(|least| figure < f64::from(*least)) {
            return Err(out_of(Bound::AtLeast { least }));
        }
        if let Some(most) = call.at_most.filter(|most| figure > f64::from(*most)) {
            return Err(out_of(Bound::AtMost { most }));
        }
        Ok(())
    }

    fn fact(&self) -> StepFact {
        match (self.number, self.came, self.changed) {
            (Some(number), ..) => StepFact::Figure {
                number: number.to_string(),
            },
            (None, 0, 0) => StepFact::StatementDone,
            (None, 0, count) => StepFact::RowsChanged { count },
            (None, count, _) => StepFact::Rows { count },
        }
    }
}

/// The first word of a statement, in lower case, behind comments and brackets.
fn first_word(statement: &str) -> String {
    let mut rest = statement.trim_start_matches(|it: char| it.is_whitespace() || it == '(');
    loop {
        let after = if rest.starts_with("--") {
            rest.split_once('\n').map(|(_, rest)| rest)
        } else if rest.starts_with("/*") {
            rest.split_once("*/").map(|(_, rest)| rest)
        } else {
            None
        };
        match after {
            Some(after) => {
                rest = after.trim_start_matches(|it: char| it.is_whitespace() || it == '(');
            }
            None => break,
        }
    }
    rest.chars()
        .take_while(char::is_ascii_alphabetic)
        .collect::<String>()
        .to_ascii_lowercase()
}

/// Whether it may call a function that does something outside of the transaction.
fn calls(statement: &str) -> bool {
    matches!(
        first_word(statement).as_str(),
        "select" | "with" | "do" | "call"
    ) && statement.contains('(')
}

/// Why a database cannot be opened: our own reason where there is one.
fn not_opened(error: &Error, frame: &Frame<'_>) -> Why {
    if let Error::Io(error) = error
        && let Some(why) = error.get_ref().and_then(|it| it.downcast_ref::<Why>())
    {
        return why.clone();
    }
    let database = frame.target().name.clone();
    if matches!(error, Error::Configuration(_)) {
        return Why::from(StepFact::BadAddress {
            variable: database,
            wanted: Wanted::Database,
        });
    }
    Why::with(StepFact::NotOpened { database }, reason(error))
}

/// What the database said, without the statement.
fn reason(error: &Error) -> String {
    match error {
        Error::Database(error) => error.message().to_owned(),
        Error::Io(error) => error.to_string(),
        Error::Configuration(_) => "its address cannot be read".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests;
