//! The parts, put together in their order; tried again where the ledger could not be opened.

use std::sync::Arc;

use axum::Router;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::doorway::Doorway;
use super::gather::{self, Gatherer};
use super::{Options, StartError, journal, reach, read_plans, serve, texts};
use crate::actions::{Live, Rehearsal};
use crate::app::{self, Executors, House};
use crate::config::Settings;
use crate::panics;
use crate::store::Ledger;
use crate::telegram::api::{Api, Me};
use crate::telegram::courier::Courier;
use crate::telegram::desk::{self, Counter};
use crate::telegram::front::Front;
use crate::telegram::porter::Porter;
use crate::telegram::pump::Pump;
use crate::totp::Totp;

/// What runs until the bot ends.
pub(super) type Tasks = JoinSet<Result<(), StartError>>;

/// What the parts are made from.
pub(super) struct Works {
    pub(super) settings: Settings,
    pub(super) options: Options,
    pub(super) api: Api,
    pub(super) live: Arc<Live>,
    pub(super) doorway: Arc<Doorway>,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Works {
    /// What is served: from the first moment, whether the house is open or not.
    pub(super) fn routes(&self) -> Result<Router, StartError> {
        let clock = self.options.clock.clone();
        let (live, stopping) = (Arc::clone(&self.live), self.stopping.clone());
        let direct = serve::direct(&self.settings, live, clock.clone(), stopping);
        serve::routes(&self.settings, &self.doorway, clock, direct)
    }

    /// Opens the ledger and the house, and starts all that needs no word from Telegram: timers, runs of levers, the journal.
    pub(super) async fn raise(
        &self,
        me: Option<&Me>,
        tasks: &mut Tasks,
    ) -> Result<(Arc<House>, Arc<Front>), StartError> {
        let settings = &self.settings;
        let plans = app::install(read_plans(settings.plans.as_deref())?)?;
        let languages = texts::languages(settings.messages.as_deref())?;
        let clock = self.options.clock.clone();
        let ledger_clock = clock.clone();
        let ledger =
            Ledger::open(&settings.database, Arc::new(move || ledger_clock.micros())).await?;
        let bot = me.map(|me| me.username.clone()).unwrap_or_default();
        let setup = app::Setup {
            owners: settings.owners.clone(),
            home_chat: settings.home_chat,
            bot: bot.clone(),
            language: "en".to_owned(),
            seed: self.options.seed,
            vault: gather::vault(&settings.evidence, &self.options.clock)?,
            recipients: settings.recipients.clone(),
        };
        if setup.owners.is_empty() {
            tracing::warn!("BREAKGLASS_OWNERS is not set: the bot answers /whoami only");
        }
        let opened = House::open(ledger.clone(), clock, setup, languages, plans).await;
        let (house, deliveries) = opened?;
        if let Some(id) = settings.home_chat
            && !house.has_home().await
        {
            tracing::warn!(
                "BREAKGLASS_HOME_CHAT: I am in no group {id} yet, so no alarm can be told there"
            );
        }
        let label = if bot.is_empty() {
            "breakglass".to_owned()
        } else {
            format!("breakglass @{bot}")
        };
        let key = settings.secret_key.clone();
        house.use_codes(Totp::new(ledger.register(), key, &label));
        house.warm_up().await;
        house.note_factors().await;
        let (courier, porter) = self.carriers(&house, &ledger);
        let stopping = self.stopping.clone();
        tasks.spawn(desk::carry(courier, porter, ledger, deliveries, stopping));
        house.stale_cards().await?;
        house.look_at_log().await;
        self.start_timers(&house, tasks);
        if self.options.levers {
            self.start_levers(&house, tasks);
        }
        let front = Arc::new(Front::new(Arc::clone(&house)));
        self.doorway.open(Arc::clone(&house), Arc::clone(&front));
        Ok((house, front))
    }

    fn carriers(&self, house: &Arc<House>, ledger: &Ledger) -> (Courier, Porter) {
        let limits = self.options.limits.clone();
        let first_pause = limits.first_pause;
        let counter = Arc::new(Counter::new(Arc::clone(house)));
        let clock = self.options.clock.clone();
        let courier = Courier::new(self.api.clone(), ledger.clone(), counter, clock, limits);
        let (api, house) = (self.api.clone(), Arc::clone(house));
        let porter = Porter::start(api, house, ledger.clone(), first_pause);
        (courier, porter)
    }

    fn start_timers(&self, house: &Arc<House>, tasks: &mut Tasks) {
        let (timed, stopping) = (Arc::clone(house), self.stopping.clone());
        tasks.spawn(async move {
            timed.run_timers(stopping).await;
            Ok(())
        });
        let (house, path) = (Arc::clone(house), self.settings.journal.clone());
        let (clock, stopping) = (self.options.clock.clone(), self.stopping.clone());
        tasks.spawn(async move {
            journal::watch(house, path, clock, stopping).await;
            Ok(())
        });
    }

    fn start_levers(&self, house: &Arc<House>, tasks: &mut Tasks) {
        let executors = Executors {
            live: Arc::clone(&self.live),
            rehearsal: Rehearsal::new(self.options.clock.clone()),
            gather: Gatherer {
                live: Arc::clone(&self.live),
                house: Arc::clone(house),
            },
        };
        let (house, stopping) = (Arc::clone(house), self.stopping.clone());
        tasks.spawn(async move {
            house.run_levers(executors, stopping).await;
            Ok(())
        });
    }

    /// Begins to listen to Telegram: at once if it has answered, else as soon as it does.
    pub(super) async fn listen(
        self: &Arc<Self>,
        house: &Arc<House>,
        front: Arc<Front>,
        me: Option<Me>,
        tasks: &mut Tasks,
    ) -> Result<(), StartError> {
        let mut greeted = false;
        if let Some(me) = me {
            house.meet(me.username);
            greeted = match reach::greet(&self.api, house, &self.settings).await {
                Ok(()) => true,
                Err(error) if self.settings.admin_token.is_some() && error.may_pass() => {
                    tracing::error!("{error}; it is tried again");
                    false
                }
                Err(error) => return Err(error),
            };
        }
        let (works, house) = (Arc::clone(self), Arc::clone(house));
        tasks.spawn(async move {
            let mut stopping = works.stopping.clone();
            if !greeted {
                reach::reach(&works.api, &house, &works.settings, stopping.clone()).await?;
            }
            if works.settings.telegram.webhook.is_some() {
                let _ = stopping.wait_for(|stop| *stop).await;
                return Ok(());
            }
            let (api, clock) = (works.api.clone(), works.options.clock.clone());
            let pump = Pump::new(api, front, clock, works.options.polling.clone(), stopping);
            pump.run().await.map_err(StartError::from)
        });
        Ok(())
    }

    /// Tries until the house stands; then its parts run as they would have from the start.
    pub(super) async fn raise_later(self: Arc<Self>, me: Option<Me>) -> Result<(), StartError> {
        let (mut pause, longest) = reach::PAUSES;
        let mut stopping = self.stopping.clone();
        let mut told = String::new();
        loop {
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                _ = stopping.wait_for(|stop| *stop) => return Ok(()),
            }
            pause = (pause * 2).min(longest);
            let mut parts = JoinSet::new();
            match self.raise(me.as_ref(), &mut parts).await {
                Ok((house, front)) => {
                    tracing::warn!("the ledger is open: everything runs from here on");
                    self.listen(&house, front, me, &mut parts).await?;
                    return self.until_one_ends(parts).await;
                }
                // The same trouble is told once.
                Err(error) if error.to_string() == told => {}
                Err(error) => {
                    told = error.to_string();
                    tracing::error!("{told}. It is tried again");
                }
            }
            parts.shutdown().await;
        }
    }

    /// A part that ends by itself ends the bot; when the bot ends, all parts do.
    async fn until_one_ends(&self, mut parts: Tasks) -> Result<(), StartError> {
        while let Some(done) = parts.join_next().await {
            let done = done
                .unwrap_or_else(|error| Err(StartError::Part(panics::broken(&error).to_owned())));
            if !*self.stopping.borrow() {
                return done;
            }
        }
        Ok(())
    }
}
