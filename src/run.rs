//! Puts the parts together: ledger, house, front door, courier, timers. `run` and the sandbox share it.

mod gather;
mod journal;
mod serve;
mod texts;

use std::fmt;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use self::gather::Gatherer;
use crate::actions::{Generated, Live, Rehearsal, Targets};
use crate::app::{self, Executors, House, PlanFile};
use crate::clock::Clock;
use crate::config::{Settings, Webhook};
use crate::evidence::export::seal::SealError;
use crate::evidence::vault::VaultError;
use crate::incident::Permission;
use crate::messages;
use crate::panics;
use crate::plan;
use crate::store::{Ledger, OpenError};
use crate::telegram::api::{Api, ApiError};
use crate::telegram::courier::{Courier, Limits};
use crate::telegram::desk::Counter;
use crate::telegram::front::Front;
use crate::telegram::porter::Porter;
use crate::telegram::pump::{self, Polling, Pump};
use crate::totp::Totp;

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
    house: Arc<House>,
    bot: String,
    listening: Option<SocketAddr>,
    stop: watch::Sender<bool>,
    tasks: JoinSet<Result<(), StartError>>,
}

/// The bot cannot start, or cannot go on. One line that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] OpenError),
    /// The folder of evidence.
    #[error("BREAKGLASS_EVIDENCE_DIR: {0}")]
    Evidence(#[from] VaultError),
    /// Exports cannot be encrypted.
    #[error("BREAKGLASS_AGE_RECIPIENTS: {0}")]
    Seal(#[from] SealError),
    /// A plan.
    #[error("BREAKGLASS_PLANS: {0}")]
    Plan(#[from] app::PlansError),
    /// The plans folder.
    #[error("BREAKGLASS_PLANS: {folder}: {why}")]
    Plans {
        /// Which folder.
        folder: String,
        /// What is wrong with it.
        why: String,
    },
    /// The built-in texts.
    #[error("the texts cannot be read: {0}")]
    Texts(String),
    /// The texts that replace them: where, and what is wrong.
    #[error("BREAKGLASS_MESSAGES: {0}")]
    Messages(String),
    /// Telegram refuses the token.
    #[error(
        "Telegram refuses the bot token: check TELOXIDE_TOKEN, or ask @BotFather for a new one"
    )]
    Token,
    /// Telegram cannot be reached at all.
    #[error("{url} cannot be reached: {why}")]
    Telegram {
        /// The server.
        url: String,
        /// Why, without the token.
        why: String,
    },
    /// The address is taken.
    #[error("BREAKGLASS_LISTEN: {address} cannot be used: {why}")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        why: String,
    },
    /// The outbox.
    #[error(transparent)]
    Outbox(#[from] crate::store::ReadError),
    /// The intake ended.
    #[error(transparent)]
    Pump(#[from] pump::PumpError),
    /// A part ended that should not.
    #[error("a part of the bot ended: {0}")]
    Part(String),
}

/// Starts the bot.
///
/// # Errors
/// One line that says what to change; nothing is left half done.
#[expect(
    clippy::too_many_lines,
    reason = "the parts are put together in one place, in their order"
)]
pub async fn start(settings: &Settings, options: Options) -> Result<Running, StartError> {
    let plans = app::install(read_plans(settings.plans.as_deref())?)?;
    let languages = texts::languages(settings.messages.as_deref())?;
    // Everything that can be wrong is looked at before anything is written or announced.
    let listener = serve::listen(settings).await?;
    let listening = listener.as_ref().and_then(|it| it.local_addr().ok());
    let api = Api::new(&settings.telegram.api_url, settings.telegram.token.clone())
        .map_err(|error| telegram_error(settings, error.to_string()))?;
    let me = match api.get_me().await {
        Ok(me) => me,
        Err(ApiError::Unauthorized | ApiError::NotFound(_)) => return Err(StartError::Token),
        Err(error) => return Err(telegram_error(settings, error.to_string())),
    };
    settings.recipients.check()?;
    let clock = options.clock.clone();
    let ledger_clock = clock.clone();
    let ledger = Ledger::open(&settings.database, Arc::new(move || ledger_clock.micros())).await?;
    let setup = app::Setup {
        owners: settings.owners.clone(),
        bot: me.username.clone(),
        language: "en".to_owned(),
        seed: options.seed,
        vault: gather::vault(&settings.evidence, &clock)?,
        recipients: settings.recipients.clone(),
    };
    if setup.owners.is_empty() {
        tracing::warn!("BREAKGLASS_OWNERS is not set: the bot answers /whoami only");
    }
    let (house, deliveries) =
        House::open(ledger.clone(), clock.clone(), setup, languages, plans).await?;
    house.use_codes(Totp::new(
        ledger.register(),
        settings.secret_key.clone(),
        &format!("breakglass @{}", me.username),
    ));
    house.warm_up().await;
    house.note_resets().await;
    let (stop, stopping) = watch::channel(false);
    let mut tasks = JoinSet::new();

    let first_pause = options.limits.first_pause;
    let counter = Arc::new(Counter::new(Arc::clone(&house)));
    let courier = Courier::new(
        api.clone(),
        ledger.clone(),
        counter,
        clock.clone(),
        options.limits,
    );
    let porter = Porter::start(api.clone(), Arc::clone(&house), ledger.clone(), first_pause);
    tasks.spawn(crate::telegram::desk::carry(
        courier,
        porter,
        ledger,
        deliveries,
        stopping.clone(),
    ));
    house.stale_cards().await?;
    house.look_at_log().await;
    tasks.spawn({
        let (house, stopping) = (Arc::clone(&house), stopping.clone());
        async move {
            house.run_timers(stopping).await;
            Ok(())
        }
    });
    offer_commands(&api, &house).await;

    tasks.spawn({
        let (house, path) = (Arc::clone(&house), settings.journal.clone());
        let (clock, stopping) = (clock.clone(), stopping.clone());
        async move {
            journal::watch(house, path, clock, stopping).await;
            Ok(())
        }
    });

    let live = Arc::new(executor(
        Arc::clone(&options.targets),
        &settings.evidence,
        clock.clone(),
    ));
    if options.levers {
        let gather = Gatherer {
            live: Arc::clone(&live),
            house: Arc::clone(&house),
        };
        let executors = Executors {
            live: Arc::clone(&live),
            rehearsal: Rehearsal::new(clock.clone()),
            gather,
        };
        let (house, stopping) = (Arc::clone(&house), stopping.clone());
        tasks.spawn(async move {
            house.run_levers(executors, stopping).await;
            Ok(())
        });
    }

    let front = Arc::new(Front::new(Arc::clone(&house)));
    if let Some(listener) = listener {
        let executor = live;
        let direct = serve::direct(settings, executor, clock.clone(), stopping.clone());
        let routes = serve::routes(settings, &house, Arc::clone(&front), clock.clone(), direct)?;
        serve::serve(listener, routes, stopping.clone(), &mut tasks);
    }
    match &settings.telegram.webhook {
        Some(hook) => set_webhook(&api, hook).await?,
        None => {
            // A webhook that is still set would refuse every poll.
            if let Err(error) = api.delete_webhook().await {
                tracing::warn!("an old webhook could not be removed: {error}");
            }
            let pump = Pump::new(api, front, clock, options.polling, stopping);
            tasks.spawn(async move { pump.run().await.map_err(StartError::from) });
        }
    }
    Ok(Running {
        house,
        bot: me.username,
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

async fn set_webhook(api: &Api, hook: &Webhook) -> Result<(), StartError> {
    let base = hook.url.trim_end_matches('/');
    let url = format!("{base}/telegram/{}", serve::WEBHOOK_PATH);
    api.set_webhook(&url, hook.secret.expose(), 40, &pump::ALLOWED)
        .await
        .map_err(|error| StartError::Part(format!("the webhook could not be set: {error}")))
}

/// What strangers and private chats are offered while typing.
async fn offer_commands(api: &Api, house: &House) {
    for language in house.languages() {
        let phrases = house.phrases(Some(language));
        let menu = messages::command_menu(
            &phrases,
            Permission::Stranger,
            crate::incident::ChatKind::Private,
        );
        // Telegram knows two letters only: `pt` for `pt-BR`.
        let code = language.split('-').next().filter(|it| *it != "en");
        if code.is_some_and(|it| it.len() != 2) {
            continue;
        }
        if let Err(error) = crate::telegram::desk::offer(api, &menu, code).await {
            tracing::warn!("the command list could not be set: {error}");
        }
    }
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
    /// The bot's username.
    pub fn bot(&self) -> &str {
        &self.bot
    }

    /// Where HTTP is served, if it is.
    pub fn listening(&self) -> Option<SocketAddr> {
        self.listening
    }

    /// The house, for looking into it.
    pub fn house(&self) -> &Arc<House> {
        &self.house
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
        self.house.ledger().close().await;
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
