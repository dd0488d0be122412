//! Puts the parts together: ledger, house, front door, courier, timers. `run` and the sandbox share it.

mod doorway;
mod error;
mod gather;
mod journal;
mod reach;
mod serve;
mod texts;
mod works;

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use self::doorway::Doorway;
pub use self::error::StartError;
pub use self::texts::plainly;
use self::works::Works;
use crate::actions::{Generated, Live, Targets};
use crate::app::{self, House, PlanFile};
use crate::clock::Clock;
use crate::config::Settings;
use crate::panics;
use crate::plan;
use crate::telegram::api::Api;
use crate::telegram::courier::Limits;
use crate::telegram::pump::Polling;

/// Looks up what a plan's connections name: addresses, secrets, settings.
pub type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// How the parts are run.
#[derive(Clone)]
pub struct Options {
    /// The clock.
    pub clock: Clock,
    /// Telegram's limits on sending.
    pub limits: Limits,
    /// How updates are polled.
    pub polling: Polling,
    /// Makes chance repeatable: for tests.
    pub seed: Option<u64>,
    /// Runs of levers are executed. False leaves that to somebody else: for tests.
    pub levers: bool,
    /// Where the plans' connections find their addresses and secrets.
    pub targets: Lookup,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("limits", &self.limits)
            .field("polling", &self.polling)
            .finish_non_exhaustive()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            clock: Clock::system(),
            limits: Limits::default(),
            polling: Polling::default(),
            seed: None,
            levers: true,
            targets: environment(),
        }
    }
}

/// The bot, running.
pub struct Running {
    doorway: Arc<Doorway>,
    listening: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<Result<(), StartError>>,
}

/// Starts the bot. Where the admin endpoint is served, neither Telegram nor the ledger keeps it from being served: it is
/// what is left when they fail.
///
/// # Errors
/// One line that says what to change; nothing is left half done.
pub async fn start(settings: &Settings, options: Options) -> Result<Running, StartError> {
    let plans = app::install(read_plans(settings.plans.as_deref())?)?;
    texts::languages(settings.messages.as_deref())?;
    // Everything that can be wrong is looked at before anything is written or announced.
    let listener = serve::listen(settings).await?;
    let listening = listener.as_ref().and_then(|it| it.local_addr().ok());
    let api = Api::new(&settings.telegram.api_url, settings.telegram.token.clone())
        .map_err(|error| telegram_error(settings, error.to_string()))?;
    settings.recipients.check()?;
    let me = reach::first(&api, settings).await?;
    let (stop, stopping) = watch::channel(false);
    let doorway = Arc::new(Doorway::new(plans.only()));
    let works = Arc::new(Works {
        live: Arc::new(executor(
            Arc::clone(&options.targets),
            &settings.evidence,
            options.clock.clone(),
        )),
        settings: settings.clone(),
        options,
        api,
        doorway: Arc::clone(&doorway),
        stopping: stopping.clone(),
    });
    let mut tasks = JoinSet::new();
    let raised = match works.raise(me.as_ref(), &mut tasks).await {
        Ok(raised) => Some(raised),
        Err(error) if settings.admin_token.is_some() && error.may_pass() => {
            tracing::error!(
                "{error}. Until then only the admin endpoint is served, and what it does is kept in {}",
                settings.journal.display()
            );
            // What was begun on a house that does not stand.
            tasks.shutdown().await;
            None
        }
        Err(error) => return Err(error),
    };
    if let Some(listener) = listener {
        serve::serve(listener, works.routes()?, stopping, &mut tasks);
    }
    match raised {
        Some((house, front)) => works.listen(&house, front, me, &mut tasks).await?,
        None => drop(tasks.spawn(Arc::clone(&works).raise_later(me))),
    }
    Ok(Running {
        doorway,
        listening,
        stop,
        tasks,
    })
}

fn telegram_error(settings: &Settings, why: String) -> StartError {
    StartError::Telegram {
        url: settings.telegram.api_url.clone(),
        why,
    }
}

/// The process environment, as a lookup.
pub fn environment() -> Lookup {
    Arc::new(|name| std::env::var(name).ok())
}

/// What executes steps for real. Secrets that it generates lie beside the evidence until a rotation is through.
pub fn executor(targets: Lookup, evidence: &Path, clock: Clock) -> Live {
    let targets = Targets::new(move |name| targets(name));
    let generated = Generated::new(evidence.with_file_name("generated-secrets"));
    Live::new(targets, generated, clock)
}

fn read_plans(folder: Option<&Path>) -> Result<Vec<PlanFile>, StartError> {
    let Some(folder) = folder else {
        return Ok(plan::shipped()
            .into_iter()
            .map(|(name, source)| PlanFile {
                name: format!("{name} (built in)"),
                source: source.to_owned(),
            })
            .collect());
    };
    let wrong = |why: String| StartError::Plans {
        folder: folder.display().to_string(),
        why,
    };
    let entries = fs::read_dir(folder).map_err(|error| wrong(error.to_string()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| wrong(error.to_string()))?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            let name = path.display().to_string();
            let source =
                fs::read_to_string(&path).map_err(|error| wrong(format!("{name}: {error}")))?;
            files.push(PlanFile { name, source });
        }
    }
    files.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(files)
}

impl Running {
    /// The bot's username; none before Telegram has told it.
    pub fn bot(&self) -> Option<&str> {
        let house = self.doorway.house()?;
        Some(house.bot()).filter(|name| !name.is_empty())
    }

    /// Where HTTP is served, if it is.
    pub fn listening(&self) -> Option<SocketAddr> {
        self.listening
    }

    /// The house, for looking into it; none while the ledger cannot be opened.
    pub fn house(&self) -> Option<&Arc<House>> {
        self.doorway.house()
    }

    /// Waits until a part ends by itself: with what made it end.
    ///
    /// # Errors
    /// Why it cannot go on.
    pub async fn ended(&mut self) -> Result<(), StartError> {
        match self.tasks.join_next().await {
            Some(Ok(done)) => done,
            Some(Err(error)) => Err(StartError::Part(panics::broken(&error).to_owned())),
            None => Ok(()),
        }
    }

    /// Ends everything in order: no more updates, what is committed is confirmed, the ledger is closed.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        let all = async { while self.tasks.join_next().await.is_some() {} };
        if tokio::time::timeout(Duration::from_secs(10), all)
            .await
            .is_err()
        {
            tracing::warn!("some parts did not end in time; nothing is lost");
            self.tasks.shutdown().await;
        }
        if let Some(house) = self.doorway.house() {
            house.ledger().close().await;
        }
    }
}

/// Ctrl-C, or the signal that a service manager sends.
pub async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
