//! The demo service: one small web service and one machine made of a few files, on which the procedures of both plans
//! really do something. Loopback only; nothing in it is worth stealing.

mod clouds;
mod home;
mod look;
mod page;
mod postgres;
mod routes;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// So many requests are remembered word for word; all are counted.
const REMEMBERED: usize = 10_000;

/// Looks a setting up by its name.
pub type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// The demo service, running. Its folder stays.
pub struct Demo {
    machine: Arc<Machine>,
    stop: watch::Sender<bool>,
    serving: [JoinHandle<()>; 2],
}

/// The demo cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Its folder.
    #[error("{path}: {why}")]
    Folder {
        /// Which file or folder.
        path: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// Its databases.
    #[error("the demo's database cannot be made: {0}")]
    Database(#[from] sqlx::Error),
    /// Its address.
    #[error("{address} cannot be used: {why}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        why: std::io::Error,
    },
}

/// A request as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Its headers, names in lower case.
    pub headers: BTreeMap<String, String>,
    /// Its body.
    pub body: String,
}

/// The machine and the outside services, as far as the demo plays them.
pub(super) struct Machine {
    root: PathBuf,
    address: SocketAddr,
    /// Where the administrator's side of the databases is.
    database: SocketAddr,
    outside: Mutex<Outside>,
    asked: Mutex<Log>,
    /// Connections and statements that came to the administrator's side of the databases.
    queries: AtomicU64,
}

/// What the services outside the house would remember.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
struct Outside {
    /// Vercel: the project is paused.
    paused: bool,
    /// Vercel: visitors are challenged.
    challenged: bool,
    /// Vercel: the rule that closes the API is on.
    api_closed: bool,
    /// Vercel: environment of the app.
    env: BTreeMap<String, String>,
    /// Cloudflare: the zone's security level.
    level: Option<String>,
    /// n8n: workflows that were switched off.
    idle_workflows: Vec<String>,
    /// PostgreSQL: the app's role may only read.
    read_only: bool,
    /// PostgreSQL: passwords that were set, by role.
    passwords: BTreeMap<String, String>,
    /// PostgreSQL: who is connected, by process and role.
    connections: Vec<(i32, String)>,
}

#[derive(Debug, Default)]
struct Log {
    count: u64,
    asked: Vec<Asked>,
}

impl Demo {
    /// Lays the machine out in `root` (anew, if it was there) and serves it on `listen`.
    ///
    /// # Errors
    /// One line that says what is in the way.
    pub async fn start(root: PathBuf, listen: SocketAddr) -> Result<Self, DemoError> {
        let taken = |why| DemoError::Listen {
            address: listen,
            why,
        };
        let listener = TcpListener::bind(listen).await.map_err(taken)?;
        let address = listener.local_addr().map_err(taken)?;
        let inside = SocketAddr::from(([127, 0, 0, 1], 0));
        let database = TcpListener::bind(inside).await.map_err(taken)?;
        home::lay_out(&root)?;
        home::fill(&root).await?;
        let machine = Arc::new(Machine {
            root,
            address,
            database: database.local_addr().map_err(taken)?,
            outside: Mutex::new(Outside {
                connections: ["tars_app", "tars_app", "intruder"]
                    .into_iter()
                    .zip(4711..)
                    .map(|(role, pid)| (pid, role.to_owned()))
                    .collect(),
                ..Outside::default()
            }),
            asked: Mutex::default(),
            queries: AtomicU64::new(0),
        });
        let (stop, mut stopping) = watch::channel(false);
        let routes = routes::routes(Arc::clone(&machine));
        let administered = tokio::spawn(postgres::serve(database, Arc::clone(&machine)));
        let serving = tokio::spawn(async move {
            let stopped = async move {
                let _ = stopping.wait_for(|stop| *stop).await;
            };
            let served = axum::serve(listener, routes).with_graceful_shutdown(stopped);
            if let Err(error) = served.await {
                tracing::warn!("the demo service ended: {error}");
            }
        });
        Ok(Self {
            machine,
            stop,
            serving: [serving, administered],
        })
    }

    /// Where it is served.
    pub fn address(&self) -> SocketAddr {
        self.machine.address
    }

    /// The folder of the machine.
    pub fn root(&self) -> &Path {
        &self.machine.root
    }

    /// Looks settings up as the environment would: with it, the connections of both plans are set up against the demo.
    /// Nothing of the real environment shines through.
    pub fn lookup(&self) -> Lookup {
        let machine = Arc::clone(&self.machine);
        Arc::new(move |name| machine.setting(name))
    }

    /// How many requests came in. Looking at the page in a browser is none.
    pub fn count(&self) -> u64 {
        self.machine.log().count
    }

    /// How many connections and statements came to the administrator's side of its databases.
    pub fn queries(&self) -> u64 {
        self.machine.queries.load(Ordering::Relaxed)
    }

    /// The requests that came in, oldest first.
    pub fn asked(&self) -> Vec<Asked> {
        self.machine.log().asked.clone()
    }

    /// The password that a database role was given last.
    pub fn password_of(&self, role: &str) -> Option<String> {
        self.machine.outside().passwords.get(role).cloned()
    }

    /// The programs that were called on the machine, a line each.
    pub fn calls(&self) -> Vec<String> {
        let calls = std::fs::read_to_string(self.machine.root.join("calls.log"));
        let calls = calls.unwrap_or_default();
        calls.lines().map(str::to_owned).collect()
    }

    /// Ends it.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        // A browser may hold its connection open for long.
        for part in self.serving {
            part.abort();
            let _ = part.await;
        }
    }
}

impl Machine {
    fn outside(&self) -> MutexGuard<'_, Outside> {
        self.outside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn queried(&self) {
        self.queries.fetch_add(1, Ordering::Relaxed);
    }

    fn keep(&self, asked: Asked) {
        let mut log = self.log();
        log.count += 1;
        if log.asked.len() < REMEMBERED {
            log.asked.push(asked);
        }
    }

    /// Every setting that the connections of the two plans name, and what programs on the machine are handed.
    fn setting(&self, name: &str) -> Option<String> {
        let inside = |path: &str| self.root.join(path).display().to_string();
        let fixed = |text: &str| text.to_owned();
        Some(match name {
            "TARS_APP_URL"
            | "TARS_VERCEL_URL"
            | "TARS_CLOUDFLARE_URL"
            | "TARS_N8N_URL"
            | "TARS_ANTHROPIC_URL"
            | "JARVIS_CLOUDFLARE_URL"
            | "JARVIS_GITHUB_URL"
            | "JARVIS_API_URL" => format!("http://{}", self.address),
            "TARS_API_TOKEN" => fixed(secrets::API),
            "TARS_WEBHOOK_SECRET" => self.webhook_secret(),
            "TARS_TEST_EMAIL" => fixed(secrets::EMAIL),
            "TARS_TEST_PASSWORD" => fixed(secrets::PASSWORD),
            "TARS_VERCEL_TOKEN" => fixed(secrets::VERCEL),
            "TARS_VERCEL_PROJECT" => fixed("prj_demo"),
            "TARS_VERCEL_TEAM" => fixed("team_demo"),
            "TARS_VERCEL_API_RULE" => fixed("rule_breakglass_api"),
            "TARS_VERCEL_ROUTE_RULE" => fixed("rule_breakglass_route"),
            "TARS_ANTHROPIC_ADMIN_KEY" => fixed("demo-anthropic-admin-key"),
            "TARS_ANTHROPIC_KEY_ID" => fixed("apikey_demo"),
            "JARVIS_LEAKED_GITHUB_TOKEN" => fixed("demo-leaked-github-token"),
            "TARS_CLOUDFLARE_TOKEN" | "JARVIS_CLOUDFLARE_TOKEN" => fixed(secrets::CLOUDFLARE),
            "TARS_CLOUDFLARE_ZONE" | "JARVIS_CLOUDFLARE_ZONE" => fixed("zone_demo"),
            "TARS_N8N_TOKEN" => fixed(secrets::N8N),
            "TARS_DUMP_PASSWORD" => fixed("demo-dump-password"),
            "TARS_DATABASE_URL" => format!("sqlite://{}", inside(home::TARS_DB)),
            "TARS_DATABASE_ADMIN_URL" => format!("postgres://admin@{}/tars", self.database),
            "JARVIS_DATABASE_ADMIN_URL" => format!("postgres://admin@{}/jarvis", self.database),
            "TARS_HOST" | "JARVIS_HOST" => fixed("localhost"),
            "TARS_HOME" => inside("tars"),
            "TARS_WEB_DIR" => inside(home::TARS_WEB),
            "TARS_LOG_DIR" => inside("log"),
            "JARVIS_ADMIN_TOKEN" => fixed(secrets::ADMIN),
            "JARVIS_DATABASE_URL" => format!("sqlite://{}", inside(home::JARVIS_DB)),
            "JARVIS_HOME" => inside("jarvis"),
            // The stand-ins come first.
            "PATH" => format!("{}:/usr/local/bin:/usr/bin:/bin", inside("bin")),
            "HOME" => inside("."),
            "HOSTNAME" => fixed("demo"),
            "LANG" => fixed("C.UTF-8"),
            "TZ" => fixed("UTC"),
            "NODE_ENV" => fixed("production"),
            _ => return None,
        })
    }

    /// What the app takes for n8n's voice: as rotated last. Whoever rotates it is expected to tell the bot too.
    fn webhook_secret(&self) -> String {
        let env = &self.outside().env;
        let rotated = env.get("WEBHOOK_SECRET").cloned();
        rotated.unwrap_or_else(|| secrets::WEBHOOK.to_owned())
    }
}

/// The demo's secrets: in the open, since they open nothing else.
mod secrets {
    pub(super) const API: &str = "demo-api-token";
    pub(super) const WEBHOOK: &str = "demo-webhook-secret";
    pub(super) const EMAIL: &str = "test@tars.example";
    pub(super) const PASSWORD: &str = "demo-password";
    pub(super) const VERCEL: &str = "demo-vercel-token";
    pub(super) const CLOUDFLARE: &str = "demo-cloudflare-token";
    pub(super) const N8N: &str = "demo-n8n-token";
    pub(super) const ADMIN: &str = "demo-admin-token";
}
