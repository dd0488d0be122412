//! Databases to test on.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};

use breakglass::store::{Clock, Ledger};
use sqlx::{AnyConnection, AssertSqlSafe, Connection, Executor};
use tempfile::TempDir;

/// A database of its own, empty at first.
pub struct Database {
    pub url: String,
    pub name: &'static str,
    /// The server's address and the database's name there, to delete it.
    server: Option<(String, String)>,
    _dir: Option<TempDir>,
}

impl Database {
    pub fn sqlite() -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let url = format!(
            "sqlite://{}",
            dir.path().join("breakglass test.db").display()
        );
        Self {
            url,
            name: "SQLite",
            server: None,
            _dir: Some(dir),
        }
    }

    /// None, with a loud line, if no server is given.
    pub async fn postgres() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("BREAKGLASS_TEST_POSTGRES") else {
            skipped();
            return None;
        };
        let name = format!(
            "breakglass_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        sqlx::any::install_default_drivers();
        let mut conn = AnyConnection::connect(&server)
            .await
            .expect("BREAKGLASS_TEST_POSTGRES is the address of a running server");
        conn.execute(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .await
            .expect("the user may create databases");
        let (host, _) = server.rsplit_once('/').expect("an address with a database");
        Some(Self {
            url: format!("{host}/{name}"),
            name: "PostgreSQL",
            server: Some((server.clone(), name)),
            _dir: None,
        })
    }

    /// SQLite, and PostgreSQL where there is one.
    pub async fn all() -> Vec<Self> {
        let mut all = vec![Self::sqlite()];
        all.extend(Self::postgres().await);
        all
    }

    pub async fn open(&self) -> Ledger {
        Ledger::open(&self.url, ticking())
            .await
            .expect("the ledger opens")
    }

    /// The file of a SQLite database.
    pub fn path(&self) -> PathBuf {
        self.url
            .strip_prefix("sqlite://")
            .expect("a SQLite database")
            .into()
    }

    /// A connection past the ledger.
    pub async fn raw(&self) -> AnyConnection {
        sqlx::any::install_default_drivers();
        AnyConnection::connect(&self.url.replace(' ', "%20"))
            .await
            .expect("a connection")
    }

    /// Deletes the database on the server; a folder goes by itself.
    pub async fn remove(self) {
        if let Some((server, name)) = &self.server {
            let mut conn = AnyConnection::connect(server).await.expect("the server");
            conn.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)")))
                .await
                .expect("the database goes");
        }
    }
}

/// Said past the test harness, which would swallow it.
fn skipped() {
    use std::io::Write as _;
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let line = "SKIPPED: PostgreSQL: the store was tried on SQLite only; set BREAKGLASS_TEST_POSTGRES=postgres://USER:PASSWORD@HOST/postgres (or run .ci/postgres start)\n";
        std::io::stderr().write_all(line.as_bytes()).expect("standard error takes it");
    });
}

/// 2026-11-22, a microsecond later at every look.
pub fn ticking() -> Clock {
    let now = AtomicI64::new(1_795_300_000_000_000);
    Arc::new(move || now.fetch_add(1, Ordering::Relaxed))
}
