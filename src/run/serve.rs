//! What is served over HTTP, from one listener: the admin endpoint, health, and Telegram's webhook.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::StartError;
use super::doorway::Doorway;
use crate::actions::Execute;
use crate::app::HostPull;
use crate::clock::Clock;
use crate::config::Settings;
use crate::host::{self, Progress, Pull};
use crate::incident::{HostRecord, attempt_id};
use crate::journal::{self, Journal, JournalError};
use crate::telegram::webhook;
use crate::web::{self, Admin, Direct, DirectError, Journaled};

/// The webhook's path below `/telegram/`.
pub(super) const WEBHOOK_PATH: &str = "updates";

/// The address, if anything is to be served.
pub(super) async fn listen(settings: &Settings) -> Result<Option<TcpListener>, StartError> {
    if settings.telegram.webhook.is_none() && settings.admin_token.is_none() {
        return Ok(None);
    }
    let listener = TcpListener::bind(settings.listen).await;
    listener.map(Some).map_err(|error| StartError::Listen {
        address: settings.listen.to_string(),
        why: error.to_string(),
    })
}

/// All routes.
pub(super) fn routes(
    settings: &Settings,
    doorway: &Arc<Doorway>,
    clock: Clock,
    direct: Direct,
) -> Result<Router, StartError> {
    let admin = settings.admin_token.clone().map(|token| Admin {
        token,
        direct: Some(direct),
        journaled: Some(journaled(settings.journal.clone())),
    });
    let routes = web::routes(Arc::clone(doorway), clock, admin);
    let Some(hook) = &settings.telegram.webhook else {
        return Ok(routes);
    };
    let hook = webhook::routes(Arc::clone(doorway), WEBHOOK_PATH, hook.secret.clone())
        .map_err(|error| StartError::Part(error.to_string()))?;
    Ok(routes.merge(hook))
}

/// Serves until `stopping` becomes true.
pub(super) fn serve(
    listener: TcpListener,
    routes: Router,
    mut stopping: watch::Receiver<bool>,
    tasks: &mut JoinSet<Result<(), StartError>>,
) {
    tasks.spawn(async move {
        let stopped = async move {
            let _ = stopping.wait_for(|stop| *stop).await;
        };
        let service = routes.into_make_service_with_connect_info::<SocketAddr>();
        axum::serve(listener, service)
            .with_graceful_shutdown(stopped)
            .await
            .map_err(|error| StartError::Part(error.to_string()))
    });
}

/// What the admin endpoint falls back on where the ledger takes nothing.
pub(super) fn direct<E: Execute>(
    settings: &Settings,
    executor: Arc<E>,
    clock: Clock,
    stopping: watch::Receiver<bool>,
) -> Direct {
    let (plans, journal) = (settings.plans.clone(), settings.journal.clone());
    Arc::new(move |pull| {
        let (plans, journal) = (plans.clone(), journal.clone());
        let (executor, clock) = (Arc::clone(&executor), clock.clone());
        let stopping = stopping.clone();
        Box::pin(async move {
            let begun = match begin(pull, plans.as_deref(), &journal, &clock)? {
                Beginning::Fresh(begun) => begun,
                Beginning::Known(id) => return Ok(id),
            };
            let id = begun.id().to_owned();
            tokio::spawn(async move {
                let tally = begun
                    .execute(executor.as_ref(), &clock, stopping, told)
                    .await;
                tracing::warn!(?tally, "a run without the ledger is over");
            });
            Ok(id)
        })
    })
}

/// Looks for a request's run in the journal. One that was cut off is none: "done" must never be said of what was not.
fn journaled(path: PathBuf) -> Journaled {
    Arc::new(move |pull| {
        let Some(ticket) = &pull.source.ticket else {
            return Ok(None);
        };
        for attempt in 1.. {
            let id = attempt_id(ticket, attempt);
            let found = journal::look_up(&path, &id).map_err(|error| error.to_string())?;
            if found.is_empty() {
                break;
            }
            let mut intents = found
                .iter()
                .filter(|it| matches!(it, HostRecord::Intent { .. }));
            let same = intents.next().map_or(Ok(()), |it| pull.is_of_journal(it));
            same.map_err(DirectError::OtherRequest)?;
            let under_way = || matches!(journal::read_file(&path), Err(JournalError::InUse { .. }));
            if is_over(&found) || under_way() {
                return Ok(Some(id));
            }
        }
        Ok(None)
    })
}

fn is_over(records: &[HostRecord]) -> bool {
    let over = |it: &HostRecord| matches!(it, HostRecord::Over { .. });
    records.iter().any(over)
}

enum Beginning {
    Fresh(Box<host::Begun>),
    /// This very request was carried out before, under this name.
    Known(String),
}

fn begin(
    pull: HostPull,
    plans: Option<&Path>,
    journal: &Path,
    clock: &Clock,
) -> Result<Beginning, DirectError> {
    let asked = pull.plan.clone();
    let asked = asked.ok_or("the ledger cannot be read: name the plan in the request")?;
    let wrong = |error: String| DirectError::Wrong(error);
    let plan = host::find_plan(plans, &asked).map_err(|error| wrong(error.to_string()))?;
    host::check(&plan, &pull.procedure).map_err(|error| wrong(error.to_string()))?;
    let ticket = pull.source.ticket.clone();
    let ticket = ticket.unwrap_or_else(host::fresh_id);
    let mut attempt = 1;
    let journal = loop {
        let id = attempt_id(&ticket, attempt);
        let opened = Journal::open(journal, id.clone()).map_err(|error| error.to_string())?;
        if !opened.is_known() {
            break opened;
        }
        let same = opened.intent().map_or(Ok(()), |it| pull.is_of_journal(it));
        same.map_err(DirectError::OtherRequest)?;
        if opened.is_over() {
            return Ok(Beginning::Known(id));
        }
        attempt += 1;
    };
    let pull = Pull {
        plan,
        procedure: pull.procedure,
        chat: pull.chat,
        why: pull.why,
        door: pull.source.door,
        account: None,
    };
    let begun = host::begin(pull, Some(journal), clock).map_err(|error| error.to_string())?;
    Ok(Beginning::Fresh(Box::new(begun)))
}

fn told(progress: Progress) {
    match progress {
        Progress::Begins { number, of, name } => tracing::warn!("step {number} of {of}: {name}"),
        Progress::Ended {
            outcome,
            fact,
            summary,
        } => {
            let said = super::texts::plainly(fact.as_ref(), &summary);
            tracing::warn!("{outcome:?}: {said}");
        }
        Progress::Unrecorded { why } => tracing::error!("{why}"),
    }
}
