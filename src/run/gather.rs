//! Evidence for `/collect` and the procedures: executed, hashed, stored in the vault with a manifest, and put on record.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::watch;

use crate::actions::{Done, Gather, Gathered, Gathering, Live, Status};
use crate::app::House;
use crate::clock::Clock;
use crate::evidence::bundle::{self, Brought, Ended};
use crate::evidence::vault::{Vault, VaultError};
use crate::panics;

use super::texts::plainly;

/// What came no further is left for so long: another process may still be at it.
const SWEPT_AFTER_HOURS: i64 = 24;

/// The vault, without what earlier kills left in it.
pub(super) fn vault(folder: &Path, clock: &Clock) -> Result<Vault, VaultError> {
    let vault = Vault::open(folder)?;
    let before = clock.now() - chrono::Duration::hours(SWEPT_AFTER_HOURS);
    match vault.sweep(before) {
        Ok(0) => {}
        Ok(count) => tracing::info!("{count} unfinished files of an earlier kill are gone"),
        // Nothing depends on it.
        Err(error) => tracing::warn!("unfinished files of an earlier kill stay: {error}"),
    }
    Ok(vault)
}

/// Why a collector did not get its turn.
const ENDED: &str = "not tried: the bot was ended before its turn";

/// Gathers for real.
pub(super) struct Gatherer {
    pub(super) live: Arc<Live>,
    pub(super) house: Arc<House>,
}

impl Gather for Gatherer {
    async fn gather(&self, gathering: Gathering, stop: watch::Receiver<bool>) -> Gathered {
        let clock = self.house.clock();
        let incident = gathering.approval.incident();
        let mut collection = bundle::Gathering::begin(
            self.house.vault().clone(),
            incident,
            gathering.approval.run(),
            gathering.plan.revision.as_str(),
            gathering.asked_by.clone(),
            clock.now(),
        );
        let mut gathered = Gathered::default();
        for collector in &gathering.collectors {
            if *stop.borrow() {
                let entry = collection.leave_out(collector, clock.now(), ENDED);
                gathered
                    .failures
                    .push(format!("{}: {ENDED}", entry.collector));
                continue;
            }
            let started = clock.now();
            let (approval, values) = (&gathering.approval, &gathering.values);
            let done = self
                .live
                .gather(approval, &gathering.plan, collector, values, stop.clone())
                .await;
            let said = plainly(done.fact.as_ref(), &done.summary);
            let entry = collection.add(collector, started, clock.now(), &brought(&done, &said));
            match &entry.error {
                None => gathered.stored += 1,
                Some(why) => gathered.failures.push(format!("{}: {why}", collector.id)),
            }
        }
        // The manifest is a file that is written and flushed: not on a thread that serves others.
        let now = clock.now();
        let finished = tokio::task::spawn_blocking(move || collection.finish(now)).await;
        let news = match finished {
            Ok(Ok(bundle)) => bundle.news(),
            Ok(Err(error)) => return not_kept(gathered, &error.to_string()),
            Err(error) => return not_kept(gathered, panics::broken(&error)),
        };
        let told = self.house.preserved(&incident.to_string(), news).await;
        if let Some(why) = told.unavailable {
            return not_kept(gathered, &why);
        }
        gathered
    }
}

/// Without its manifest on record it is no evidence.
fn not_kept(mut gathered: Gathered, why: &str) -> Gathered {
    tracing::error!("a collection could not be kept: {why}");
    gathered.stored = 0;
    gathered
        .failures
        .push("the evidence folder or the log takes nothing at present".to_owned());
    gathered
}

fn brought<'a>(done: &'a Done, said: &'a str) -> Brought<'a> {
    let output = done.output.as_ref();
    Brought {
        ended: match done.status {
            Status::Succeeded => Ended::Succeeded,
            Status::Failed => Ended::Failed,
            Status::Unknown => Ended::Unknown,
            Status::ByHand => Ended::ByHand,
        },
        code: done.code,
        summary: said,
        kept: output.map_or(&[], |it| &it.kept),
        total: output.map_or(0, |it| it.total),
        sha256_of_all: output.map(|it| it.sha256.as_str()),
    }
}
