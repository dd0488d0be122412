//! Opening the database: address, lock file, connections, migrations.

use std::{fmt::Write as _, path::PathBuf, str::FromStr, time::Duration};

use sqlx::{
    AnyConnection, AnyPool, Connection, Executor,
    any::{AnyConnectOptions, AnyPoolOptions},
    migrate::{MigrateError, Migration, MigrationType, Migrator},
};

use super::error::{OpenError, Trouble, plain, trouble};
use super::lock::Lock;

/// How long one statement waits for a lock that another program holds. The writer tries several times.
const BUSY_MILLIS: u32 = 2_000;

/// How long a reader waits for a connection, and a start for a PostgreSQL server.
pub(super) const CONNECT_WAIT: Duration = Duration::from_secs(8);

/// The migrations: version, description, text. Forward only; applied ones never change.
const MIGRATIONS: &[(i64, &str, &str)] = &[(
    1,
    "ledger",
    include_str!("../../migrations/0001_ledger.sql"),
)];

/// Which database it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// How the writer begins. SQLite would else start as a reader and fail when it comes to write.
    pub(super) fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }
}

/// Where the database is and how to connect to it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub engine: Engine,
    options: AnyConnectOptions,
    /// The file, for SQLite.
    path: Option<PathBuf>,
}

impl Place {
    /// Reads an address.
    pub(super) fn parse(url: &str) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        if let Some(rest) = url.strip_prefix("sqlite:") {
            return Self::sqlite(rest);
        }
        if !(url.starts_with("postgres:") || url.starts_with("postgresql:")) {
            // The scheme only: what follows may hold a password.
            let scheme = url
                .split_once(':')
                .map_or("an address without a scheme", |(scheme, _)| scheme);
            return Err(OpenError::UnknownScheme(scheme.chars().take(40).collect()));
        }
        let options = AnyConnectOptions::from_str(url)
            .map_err(|error| OpenError::BadAddress(plain(&error)))?;
        Ok(Self {
            engine: Engine::Postgres,
            options,
            path: None,
        })
    }

    fn sqlite(rest: &str) -> Result<Self, OpenError> {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.contains(":memory:") || query.contains("mode=memory") {
            return Err(OpenError::InMemory);
        }
        if path.is_empty() {
            return Err(OpenError::BadAddress("no file is named".to_owned()));
        }
        let path =
            std::path::absolute(path).map_err(|error| OpenError::BadAddress(error.to_string()))?;
        let text = path
            .to_str()
            .ok_or_else(|| OpenError::BadAddress("the file's name is not UTF-8".to_owned()))?;
        let url = format!("sqlite://{}?mode=rwc", percent_encode(text));
        let options = AnyConnectOptions::from_str(&url)
            .map_err(|error| OpenError::BadAddress(plain(&error)))?;
        Ok(Self {
            engine: Engine::Sqlite,
            options,
            path: Some(path),
        })
    }

    /// A file that is not there would be made when it is opened: those who only read must not do that.
    pub(super) fn must_exist(&self) -> Result<(), OpenError> {
        match &self.path {
            Some(path) if !path.exists() => Err(OpenError::Unreadable {
                path: path.display().to_string(),
                why: "there is no such file".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Takes the lock file, so that two processes do not share one SQLite file. Held until the lock is dropped.
    pub(super) fn lock(&self) -> Result<Option<Lock>, OpenError> {
        let Some(path) = &self.path else {
            return Ok(None);
        };
        Lock::take(path).map(Some)
    }

    /// A connection for the writer.
    pub(super) async fn connect(&self, patience: Duration) -> sqlx::Result<AnyConnection> {
        let connecting = AnyConnection::connect_with(&self.options);
        let mut conn = tokio::time::timeout(patience, connecting)
            .await
            .map_err(|_| no_answer())??;
        self.prepare(&mut conn, false).await?;
        Ok(conn)
    }

    /// Connections for the readers, opened as they are needed.
    pub(super) fn readers(&self) -> AnyPool {
        let place = self.clone();
        AnyPoolOptions::new()
            .max_connections(4)
            .acquire_timeout(CONNECT_WAIT)
            .after_connect(move |conn, _| {
                let place = place.clone();
                Box::pin(async move { place.prepare(conn, true).await })
            })
            .connect_lazy_with(self.options.clone())
    }

    async fn prepare(&self, conn: &mut AnyConnection, reader: bool) -> sqlx::Result<()> {
        if self.engine == Engine::Postgres {
            return Ok(());
        }
        let pragmas: &[&'static str] = if reader {
            &["PRAGMA foreign_keys = ON", "PRAGMA query_only = ON"]
        } else {
            // FULL makes every commit reach the disk before it is acknowledged.
            &[
                "PRAGMA journal_mode = WAL",
                "PRAGMA synchronous = FULL",
                "PRAGMA foreign_keys = ON",
                "PRAGMA cache_size = -65536",
                "PRAGMA wal_autocheckpoint = 4000",
            ]
        };
        conn.execute(sqlx::AssertSqlSafe(format!(
            "PRAGMA busy_timeout = {BUSY_MILLIS}"
        )))
        .await?;
        for pragma in pragmas {
            conn.execute(*pragma).await?;
        }
        Ok(())
    }

    /// Brings the schema up to date.
    pub(super) async fn migrate(&self, conn: &mut AnyConnection) -> Result<(), OpenError> {
        let migrations = MIGRATIONS.iter().map(|(version, name, text)| {
            let sql = sqlx::SqlSafeStr::into_sql_str(*text);
            Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
        });
        let migrator = Migrator::with_migrations(migrations.collect());
        migrator
            .run_direct(None, conn, false)
            .await
            .map_err(|error| match error {
                MigrateError::VersionMissing(version) => OpenError::NewerSchema(version),
                MigrateError::VersionMismatch(version) => OpenError::ForeignSchema(version),
                MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                    self.explain(&error)
                }
                other => OpenError::Other(other.to_string()),
            })
    }

    /// Turns a driver's error into a line that says what to change.
    pub(super) fn explain(&self, error: &sqlx::Error) -> OpenError {
        let path = self
            .path
            .as_ref()
            .map(|path| path.display().to_string())
            .unwrap_or_default();
        match trouble(error) {
            Trouble::Locked => OpenError::Locked,
            Trouble::ReadOnly => OpenError::ReadOnly,
            Trouble::Full => OpenError::DiskFull,
            Trouble::NotADatabase => OpenError::NotADatabase { path },
            Trouble::CannotOpen => OpenError::Unreadable {
                path,
                why: plain(error),
            },
            Trouble::Login => OpenError::WrongPassword(plain(error)),
            Trouble::NoDatabase => OpenError::NoDatabase(plain(error)),
            Trouble::Connection if self.engine == Engine::Postgres => {
                OpenError::Unreachable(plain(error))
            }
            _ => OpenError::Other(plain(error)),
        }
    }
}

/// What a silent server amounts to.
pub(super) fn no_answer() -> sqlx::Error {
    sqlx::Error::Io(std::io::Error::new(
        std::io::ErrorKind::TimedOut,
        "no answer in time",
    ))
}

/// Everything but letters, digits, `/`, `.`, `-`, `_` and `~` as %XX, so that any file name survives in a URL.
fn percent_encode(path: &str) -> String {
    let mut text = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"/.-_~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            write!(text, "%{byte:02X}").expect("a string takes all");
        }
    }
    text
}
