//! Getting one batch committed, whatever is in it.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::{BatchOutcome, Handler, RawUpdate, SetAside, TRIES, redact, stopped};
use crate::telegram::incoming;

/// The longest pause while the ledger takes nothing.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Has a batch handled until every update in it is committed or set aside. False if we were asked to stop before that.
pub(super) async fn commit<H: Handler>(
    handler: &Arc<H>,
    batch: Vec<RawUpdate>,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    let mut tries: HashMap<i64, u32> = HashMap::new();
    let mut pause = Duration::from_millis(250);
    let mut rest = batch;
    while !rest.is_empty() {
        match attempt(handler, &rest).await {
            Ok(BatchOutcome {
                unavailable: Some(why),
                ..
            }) => {
                tracing::debug!("nothing can be committed at present: {why}");
                if wait(stop, pause).await {
                    return false;
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Ok(outcome) => {
                let broken: HashMap<i64, String> = outcome.broken.into_iter().collect();
                rest.retain(|update| broken.contains_key(&update.update_id));
                if !count(handler, &mut rest, &broken, &mut tries, stop).await {
                    return false;
                }
            }
            Err(Panicked) if rest.len() > 1 => {
                // One of them did it: each by itself from here on, in their order.
                for update in rest {
                    if !Box::pin(commit(handler, vec![update], stop)).await {
                        return false;
                    }
                }
                return true;
            }
            Err(Panicked) => {
                let broken = rest
                    .iter()
                    .map(|update| (update.update_id, "the handler panicked".to_owned()))
                    .collect();
                if !count(handler, &mut rest, &broken, &mut tries, stop).await {
                    return false;
                }
            }
        }
    }
    true
}

/// The handler panicked: nothing is known about the batch but that repeats do no harm.
struct Panicked;

async fn attempt<H: Handler>(
    handler: &Arc<H>,
    batch: &[RawUpdate],
) -> Result<BatchOutcome, Panicked> {
    let (handler, batch) = (Arc::clone(handler), batch.to_vec());
    // A task of its own keeps a panic away from the intake.
    tokio::spawn(async move { handler.handle(batch).await })
        .await
        .map_err(|_| Panicked)
}

/// Counts a failure of each update and sets aside those that have had their tries. False if we were asked to stop.
async fn count<H: Handler>(
    handler: &Arc<H>,
    rest: &mut Vec<RawUpdate>,
    broken: &HashMap<i64, String>,
    tries: &mut HashMap<i64, u32>,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    let mut again = Vec::new();
    let mut most = 0;
    for update in rest.drain(..) {
        let count = tries.entry(update.update_id).or_default();
        *count += 1;
        if *count < TRIES {
            most = most.max(*count);
            again.push(update);
            continue;
        }
        let reason = broken.get(&update.update_id).cloned().unwrap_or_default();
        let update = SetAside {
            update_id: Some(update.update_id),
            kind: incoming::kind(&update.raw),
            reason,
            redacted: redact(&update.raw),
        };
        if !set_aside(handler, update, stop).await {
            return false;
        }
    }
    *rest = again;
    rest.is_empty() || !wait(stop, Duration::from_millis(100) * most).await
}

/// Sets an update aside, however long the ledger takes. False if we were asked to stop before that.
pub(super) async fn set_aside<H: Handler>(
    handler: &Arc<H>,
    update: SetAside,
    stop: &mut watch::Receiver<bool>,
) -> bool {
    tracing::error!(
        update_id = update.update_id,
        kind = update.kind,
        "an update is set aside: {}",
        update.reason
    );
    let mut pause = Duration::from_millis(250);
    while let Err(why) = handler.set_aside(update.clone()).await {
        tracing::error!("an update cannot be set aside at present: {why}");
        if wait(stop, pause).await {
            return false;
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    true
}

/// Waits. True if we are asked to stop meanwhile.
async fn wait(stop: &mut watch::Receiver<bool>, time: Duration) -> bool {
    tokio::select! {
        () = stopped(stop.clone()) => true,
        () = tokio::time::sleep(time) => false,
    }
}
