//! The app's database on a real PostgreSQL, with a role of its own whose password counts.

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

/// The role that the plan names. Roles belong to the whole server: one test at a time.
pub const ROLE: &str = "tars_app";
const NAME: &str = "breakglass_real_app";
/// Any number, the same for all who want to be alone.
const ALONE: i64 = 7_270_915;

/// What a test finds in it.
const ROWS: &str = "
    CREATE TABLE users (id TEXT PRIMARY KEY, email TEXT NOT NULL);
    INSERT INTO users VALUES ('u1', 'ines@tars.example'), ('u2', 'yuki@tars.example');
    CREATE TABLE sessions (
        id TEXT PRIMARY KEY, user_id TEXT NOT NULL, token TEXT NOT NULL, created_at TIMESTAMPTZ NOT NULL,
        expires_at TIMESTAMPTZ NOT NULL, ip INET NOT NULL, user_agent TEXT NOT NULL
    );
    INSERT INTO sessions
        SELECT 'session-' || n, 'u1', 'session-token-' || n, '2026-02-17 01:03Z', '2026-03-17 01:03Z', '203.0.113.66', 'curl'
        FROM generate_series(1, 40) AS n;
";

pub struct Database {
    options: PgConnectOptions,
    /// Holds the lock for as long as the test goes on.
    server: PgConnection,
}

impl Database {
    /// Made anew on this server.
    pub async fn make(server: &str, password: &str) -> Self {
        let options: PgConnectOptions = server.parse().expect("the address of a server");
        let mut server = PgConnection::connect_with(&options)
            .await
            .expect("BREAKGLASS_TEST_POSTGRES is the address of a running server");
        sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(ALONE)
            .execute(&mut server)
            .await
            .expect("a turn");
        let mut made = Self { options, server };
        made.clear().await;
        made.say(format!("CREATE ROLE {ROLE} LOGIN PASSWORD '{password}'"))
            .await;
        made.say(format!("CREATE DATABASE {NAME} OWNER {ROLE}"))
            .await;
        let mut app = made.enter(password).await.expect("the role may enter");
        app.execute(ROWS).await.expect("the rows");
        app.close().await.expect("an end");
        made
    }

    async fn clear(&mut self) {
        self.say(format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)"))
            .await;
        self.say(format!("DROP ROLE IF EXISTS {ROLE}")).await;
    }

    async fn say(&mut self, statement: String) {
        let done = self.server.execute(AssertSqlSafe(statement)).await;
        done.expect("the server does it");
    }

    /// Deletes all of it.
    pub async fn remove(mut self) {
        self.clear().await;
        self.server.close().await.expect("an end");
    }

    /// Makes the address under which the app's role comes in with a password.
    pub fn url(&self) -> impl Fn(&str) -> String + Send + Sync + use<> {
        let (host, port) = (self.options.get_host().to_owned(), self.options.get_port());
        move |password| format!("postgres://{ROLE}:{password}@{host}:{port}/{NAME}")
    }

    /// The administrator's address, out of the server's.
    pub fn admin_url(server: &str) -> String {
        let (start, _) = server.rsplit_once('/').expect("an address with a database");
        format!("{start}/{NAME}")
    }

    /// Comes in as the app's role does.
    pub async fn enter(&self, password: &str) -> Result<PgConnection, sqlx::Error> {
        let options = self.options.clone().username(ROLE).password(password);
        PgConnection::connect_with(&options.database(NAME)).await
    }

    /// What the server says to somebody with this password: nothing, or the code of its refusal.
    pub async fn refusal(&self, password: &str) -> Option<String> {
        match self.enter(password).await {
            Ok(connection) => {
                let _ = connection.close().await;
                None
            }
            Err(sqlx::Error::Database(error)) => error.code().map(std::borrow::Cow::into_owned),
            Err(error) => panic!("{error}"),
        }
    }

    /// A number, as the app's role sees it.
    pub async fn count(&self, password: &str, query: &'static str) -> i64 {
        let mut connection = self.enter(password).await.expect("the role may enter");
        let row = connection.fetch_one(query).await.expect("a row");
        row.get(0)
    }

    /// Whether the app's role may write.
    pub async fn writes(&self, password: &str) -> bool {
        let mut connection = self.enter(password).await.expect("the role may enter");
        let query = "SHOW default_transaction_read_only";
        let row = connection.fetch_one(query).await.expect("a row");
        row.get::<String, _>(0) == "off"
    }
}
