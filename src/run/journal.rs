//! Brings into the ledger what the journal kept while it could not be written.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::app::{HostImport, House, Noticed};
use crate::clock::Clock;
use crate::journal::{JournalError, Reading, read_file, set_aside};

/// How often the journal is looked for: a run from the host may come at any time.
const LOOK: Duration = Duration::from_secs(30);

/// Looks for the journal until `stop` becomes true.
pub(super) async fn watch(
    house: Arc<House>,
    path: std::path::PathBuf,
    clock: Clock,
    mut stop: watch::Receiver<bool>,
) {
    let mut told = String::new();
    while !*stop.borrow() {
        match import(&house, &path, &clock).await {
            Ok(()) => told.clear(),
            // The same trouble is told once.
            Err(why) if why != told => {
                let name = path.display();
                house.noticed(Noticed::Journal {
                    why: format!("{name}: {why}"),
                });
                told = why;
            }
            Err(_) => {}
        }
        tokio::select! {
            () = clock.sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn import(house: &House, path: &Path, clock: &Clock) -> Result<(), String> {
    let reading = match read_file(path) {
        Ok(Some(reading)) => reading,
        // None, or one that is being written: next time.
        Ok(None) | Err(JournalError::InUse { .. }) => return Ok(()),
        Err(error) => return Err(error.to_string()),
    };
    if reading == Reading::default() {
        return Ok(());
    }
    for damage in &reading.damage {
        tracing::warn!("the journal {}: {damage}", path.display());
    }
    if reading.headless() > 0 {
        tracing::warn!(
            "the journal {}: the beginning of {} run(s) is lost; the file is kept",
            path.display(),
            reading.headless()
        );
    }
    for run in reading.runs() {
        let id = run.id.clone();
        match house.import_from_host(run).await {
            Ok(HostImport::Imported) => tracing::warn!(run = id, "imported from the journal"),
            Ok(HostImport::Known) => {}
            Err(refusal) => return Err(format!("run {id}: {refusal}")),
        }
    }
    match set_aside(path, &reading.last, clock.now()) {
        Ok(Some(kept)) => {
            tracing::info!("the journal was imported and is kept as {}", kept.display());
            Ok(())
        }
        Ok(None) | Err(JournalError::InUse { .. }) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}
