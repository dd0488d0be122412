//! Delivers updates to the bot's webhook, and tries again when it refuses.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::JoinSet;

use crate::shared::Shared;
use crate::updates::Queued;

/// First wait after a refusal; it doubles up to [`LONGEST`].
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_mins(1);
/// How long the bot may take to answer.
const PATIENCE: Duration = Duration::from_mins(1);

static GENERATION: AtomicU64 = AtomicU64::new(1);

/// Where updates go instead of `getUpdates`.
#[derive(Debug, Clone)]
pub(crate) struct Webhook {
    pub url: String,
    pub secret: Option<String>,
    pub max_connections: usize,
    pub last_error: Option<(i64, String)>,
    /// Tells this setting from an earlier one.
    pub generation: u64,
}

impl Webhook {
    pub fn new(url: String, secret: Option<String>, max_connections: usize) -> Self {
        Self {
            url,
            secret,
            max_connections,
            last_error: None,
            generation: GENERATION.fetch_add(1, Ordering::Relaxed),
        }
    }
}

/// Runs until the stand-in stops.
pub(crate) async fn deliver(shared: Arc<Shared>) {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build();
    let Ok(client) = client else {
        tracing::error!("no HTTP client: webhooks are not delivered");
        return;
    };
    let mut running = JoinSet::new();
    loop {
        // Registered before the look, so that nothing queued in between is missed.
        let woken = shared.queued.notified();
        while running.try_join_next().is_some() {}
        while let Some((hook, queued)) = next(&shared, running.len()) {
            running.spawn(carry(shared.clone(), client.clone(), hook, queued));
        }
        tokio::select! {
            () = woken => {}
            Some(_) = running.join_next() => {}
        }
    }
}

/// The next update to deliver, if there is a webhook with a free connection.
fn next(shared: &Shared, running: usize) -> Option<(Webhook, Queued)> {
    let mut world = shared.lock();
    let hook = world
        .webhook
        .clone()
        .filter(|hook| running < hook.max_connections)?;
    let now = world.clock.now();
    world.queue.prune(now);
    Some((hook, world.queue.take_for_delivery()?))
}

/// Posts one update until it is accepted or the webhook is gone.
async fn carry(shared: Arc<Shared>, client: reqwest::Client, hook: Webhook, queued: Queued) {
    let mut wait = FIRST;
    loop {
        let (accepted, pause) = post(&shared, &client, &hook, &queued).await;
        {
            let mut world = shared.lock();
            let same = world
                .webhook
                .as_ref()
                .is_some_and(|now| now.generation == hook.generation);
            if accepted || !same {
                world.queue.delivered(queued.id, accepted);
                drop(world);
                shared.tick();
                return;
            }
        }
        tokio::time::sleep(pause.unwrap_or(wait)).await;
        wait = (wait * 2).min(LONGEST);
        let world = shared.lock();
        let still = world.webhook.as_ref().map(|now| now.generation) == Some(hook.generation);
        drop(world);
        if !still {
            shared.lock().queue.delivered(queued.id, false);
            return;
        }
    }
}

/// One attempt: whether it was accepted, and how long the bot asked to wait.
async fn post(
    shared: &Shared,
    client: &reqwest::Client,
    hook: &Webhook,
    queued: &Queued,
) -> (bool, Option<Duration>) {
    let mut request = client
        .post(&hook.url)
        .header("content-type", "application/json")
        .body(queued.json.to_string());
    if let Some(secret) = &hook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let (text, pause) = match request.send().await {
        Ok(answer) if answer.status().is_success() => return (true, None),
        Ok(answer) => {
            let pause = answer
                .headers()
                .get("retry-after")
                .and_then(|value| value.to_str().ok()?.parse().ok())
                .map(Duration::from_secs);
            (
                format!("Wrong response from the webhook: {}", answer.status()),
                pause,
            )
        }
        Err(error) => (format!("Connection failed: {}", error.without_url()), None),
    };
    let mut world = shared.lock();
    let date = world.clock.unix();
    if let Some(now) = world
        .webhook
        .as_mut()
        .filter(|now| now.generation == hook.generation)
    {
        now.last_error = Some((date, text));
    }
    (false, pause)
}
