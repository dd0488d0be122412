//! What can go wrong with the ledger, each in one line that says what to change. No line holds the address's password.

use sqlx::Error;

/// The ledger cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address names no engine that we know.
    #[error(
        "the database address must begin with sqlite: or postgres: (for example sqlite://breakglass.db), not {0:?}"
    )]
    UnknownScheme(String),
    /// The address cannot be read.
    #[error(
        "the database address cannot be read: {0}; write sqlite://FILE or postgres://USER:PASSWORD@HOST:PORT/DATABASE"
    )]
    BadAddress(String),
    /// An in-memory database loses everything when the bot stops.
    #[error(
        "an in-memory database keeps nothing over a restart: give a file, for example sqlite://breakglass.db"
    )]
    InMemory,
    /// The folder is missing or closed to us.
    #[error(
        "the database file {path} cannot be opened or created: {why}; check that its folder exists and that this user may write there"
    )]
    Unreadable {
        /// The file.
        path: String,
        /// The system's words.
        why: String,
    },
    /// Another process of the bot runs on the same file.
    #[error(
        "another breakglass process uses the database {path} (it holds {path}.lock): stop it first, or give this one another file"
    )]
    InUse {
        /// The file.
        path: String,
    },
    /// Another program holds a lock on the file.
    #[error(
        "the database is locked by another program: close whatever holds it open (a database browser, a backup) and start again"
    )]
    Locked,
    /// No right to write.
    #[error(
        "the database is read-only: give this user the right to write to the file and its folder, and start again"
    )]
    ReadOnly,
    /// No space.
    #[error("the disk of the database is full: free some space and start again")]
    DiskFull,
    /// Some other file.
    #[error(
        "{path} is not a database of breakglass (not SQLite, or damaged): give another file, or restore a backup"
    )]
    NotADatabase {
        /// The file.
        path: String,
    },
    /// Written by a later breakglass.
    #[error(
        "the database was written by a newer breakglass (its schema has step {0}, unknown here): run that version or a later one"
    )]
    NewerSchema(i64),
    /// A migration differs from the one applied.
    #[error(
        "step {0} of the database's schema differs from this breakglass: it was made by another build; restore a backup made by a released version"
    )]
    ForeignSchema(i64),
    /// No server answers.
    #[error(
        "PostgreSQL cannot be reached: {0}; check host and port in the database address, and that the server runs"
    )]
    Unreachable(String),
    /// The server refuses the user or the password.
    #[error(
        "PostgreSQL refuses the user or the password of the database address: correct them ({0})"
    )]
    WrongPassword(String),
    /// The server has no such database.
    #[error("PostgreSQL has no such database: create it first with createdb ({0})")]
    NoDatabase(String),
    /// Anything else.
    #[error("the database cannot be opened: {0}")]
    Other(String),
}

/// A unit was not committed: nothing of it is in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// Somebody else wrote first, or a unit of the same chat before this one was refused: load again and decide again.
    #[error("{stream} was changed by another commit: load it again and decide again")]
    Conflict {
        /// The stream, or `chat/<key>` when it is the chat that changed.
        stream: String,
    },
    /// It was committed before: nothing is left to do.
    #[error("committed before: updates {updates:?}, timers {timers:?}")]
    Repeat {
        /// Updates that are known already.
        updates: Vec<i64>,
        /// Timers that are gone already.
        timers: Vec<String>,
    },
    /// The database does not take it now; tried for at most ten seconds. If the connection broke on the very last word the unit may be
    /// there after all: handing it in again is safe, it is then a repeat or a conflict.
    #[error("the database does not take anything now: {0}")]
    Unavailable(String),
    /// The unit itself is at fault, or the store.
    #[error("a unit that the database cannot take: {0}")]
    Bug(String),
}

/// Something could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database does not answer.
    #[error("the database cannot be read: {0}")]
    Unavailable(String),
    /// A row that makes no sense.
    #[error("table {table}: a row cannot be understood: {why}")]
    Row {
        /// Table.
        table: &'static str,
        /// Column and row.
        why: String,
    },
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::Unavailable(words(&error))
    }
}

/// What kind of trouble a database error is, as far as the store acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Held by somebody else for now: waiting helps.
    Locked,
    /// Two transactions in each other's way: doing it again helps.
    Again,
    /// The connection is gone.
    Connection,
    /// No space left.
    Full,
    /// No right to write.
    ReadOnly,
    /// The disk fails.
    Disk,
    /// Not a database file.
    NotADatabase,
    /// The file cannot be opened.
    CannotOpen,
    /// PostgreSQL refuses the login.
    Login,
    /// PostgreSQL has no such database.
    NoDatabase,
    /// A number or name that must be new is taken.
    Taken,
    /// The statement or its data.
    Data,
}

/// Sorts an error. SQLite answers (extended) result codes in decimal, PostgreSQL five-character states.
pub(super) fn trouble(error: &Error) -> Trouble {
    let Error::Database(database) = error else {
        return match error {
            Error::Io(_)
            | Error::Tls(_)
            | Error::Protocol(_)
            | Error::PoolTimedOut
            | Error::PoolClosed
            | Error::WorkerCrashed => Trouble::Connection,
            _ => Trouble::Data,
        };
    };
    let code = database.code().unwrap_or_default();
    // SQLite's codes have four digits at most.
    if code.len() == 5 {
        return postgres(&code);
    }
    // The low byte is the primary code, the rest tells more.
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(5 | 6) => Trouble::Locked,
        Ok(8) => Trouble::ReadOnly,
        Ok(10) => Trouble::Disk,
        Ok(11 | 26) => Trouble::NotADatabase,
        Ok(13) => Trouble::Full,
        Ok(14) => Trouble::CannotOpen,
        _ if database.is_unique_violation() => Trouble::Taken,
        _ => Trouble::Data,
    }
}

fn postgres(state: &str) -> Trouble {
    match state {
        "28000" | "28P01" => Trouble::Login,
        "3D000" => Trouble::NoDatabase,
        "23505" => Trouble::Taken,
        "25006" => Trouble::ReadOnly,
        "40001" | "40P01" => Trouble::Again,
        "53100" => Trouble::Full,
        "55P03" => Trouble::Locked,
        "58030" => Trouble::Disk,
        _ if state.starts_with("08") || state.starts_with("57P") || state.starts_with("53") => {
            Trouble::Connection
        }
        _ => Trouble::Data,
    }
}

/// The error for people: what to do where we know it, else the driver's words on one line.
pub(super) fn words(error: &Error) -> String {
    match trouble(error) {
        Trouble::Locked => "another program holds it locked; close whatever has it open".to_owned(),
        Trouble::Full => "its disk is full; free some space".to_owned(),
        Trouble::ReadOnly => "it is read-only; give this user the right to write to it".to_owned(),
        Trouble::Disk => format!("its disk fails ({}); check the disk", plain(error)),
        Trouble::Connection => format!(
            "the connection is lost ({}); check that the server runs",
            plain(error)
        ),
        _ => plain(error),
    }
}

/// The driver's own words on one line.
pub(super) fn plain(error: &Error) -> String {
    let text = match error {
        Error::Database(database) => database.message().to_owned(),
        Error::Io(io) => io.to_string(),
        other => other.to_string(),
    };
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
