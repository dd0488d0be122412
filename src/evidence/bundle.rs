//! What one run of the plan's collectors brought, with a manifest of it. What failed is in the manifest too, with the reason.

#[cfg(test)]
mod tests;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use super::vault::{Stored, Vault, VaultError};
use crate::incident::{By, IncidentId, Preserved};
use crate::plan::{Action, Collector};

/// Bytes of one output: a plan's cap is in KiB and far below.
const OUTPUT_MAX: u64 = 1 << 30;
/// Bytes of a manifest.
const MANIFEST_MAX: u64 = 64 << 20;

/// How a collector ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It brought what the plan asks for.
    Succeeded,
    /// It did not; there may be some output all the same.
    Failed,
    /// Nobody knows how it ended.
    Unknown,
    /// A person must do it: its connection is not set up.
    ByHand,
    /// It never had its turn: the collection was ended before.
    NotTried,
}

/// What a collector brought. Nothing in it holds a secret: the executor took them out.
#[derive(Clone, Debug)]
pub struct Brought<'a> {
    /// How it ended.
    pub ended: Ended,
    /// Exit code or HTTP status, where there is one.
    pub code: Option<i64>,
    /// One line for people: why it failed, what to do by hand.
    pub summary: &'a str,
    /// Its output, as far as it was kept.
    pub kept: &'a [u8],
    /// Bytes that there were in all.
    pub total: u64,
    /// SHA-256 (hex) of all of them, before anything was cut or taken out. None: there was no output.
    pub sha256_of_all: Option<&'a str>,
}

/// One line of the manifest.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Id of the collector.
    pub collector: String,
    /// Its name.
    pub name: String,
    /// The command, query or request, word for word as in the plan: secrets stand there by name only.
    pub request: Action,
    /// How it ended.
    pub ended: Ended,
    /// Exit code or HTTP status.
    pub code: Option<i64>,
    /// When it began.
    pub started: String,
    /// When it was over.
    pub finished: String,
    /// Name of the output in the incident's folder.
    pub file: Option<String>,
    /// SHA-256 of the stored output.
    pub sha256: Option<String>,
    /// Its bytes.
    pub size: u64,
    /// Whether the output was longer than what is stored.
    pub truncated: bool,
    /// Bytes of the whole output.
    pub size_of_all: u64,
    /// SHA-256 of the whole output, before anything was cut or taken out.
    pub sha256_of_all: Option<String>,
    /// Why it failed, or was not stored.
    pub error: Option<String>,
    /// A person must judge what it lists; nothing listed is good news.
    pub to_judge: bool,
}

/// What is written down about a collection. Its fields come in this order, its entries by collector.
#[derive(Clone, Debug, Serialize)]
pub struct Manifest {
    /// Version of this form.
    pub manifest: u32,
    /// The incident.
    pub incident: String,
    /// The run's number in the incident.
    pub run: u32,
    /// The revision (SHA-256) of the plan that the requests stand in.
    pub plan: String,
    /// Who asked.
    pub asked_by: By,
    /// When it began.
    pub started: String,
    /// When it was over.
    pub finished: String,
    /// How many collectors brought what they should.
    pub succeeded: usize,
    /// How many did not.
    pub failed: usize,
    /// One for each collector.
    pub entries: Vec<Entry>,
}

/// A collection that is stored.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The manifest as it lies in the vault.
    pub stored: Stored,
    /// Its name in the incident's folder.
    pub file: String,
    /// What it says.
    pub manifest: Manifest,
}

impl Bundle {
    /// What the house is told: it becomes an event.
    pub fn news(&self) -> Preserved {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        Preserved::Collected {
            run: self.manifest.run,
            sha256: self.stored.sha256.clone(),
            file: self.file.clone(),
            gathered: count(self.manifest.succeeded),
            failed: count(self.manifest.failed),
        }
    }
}

/// A collection under way.
#[derive(Debug)]
pub struct Gathering {
    vault: Vault,
    incident: IncidentId,
    manifest: Manifest,
}

impl Gathering {
    /// Begins one. `plan` is the revision that the collectors stand in.
    pub fn begin(
        vault: Vault,
        incident: IncidentId,
        run: u32,
        plan: &str,
        asked_by: By,
        now: DateTime<Utc>,
    ) -> Self {
        let manifest = Manifest {
            manifest: 1,
            incident: incident.to_string(),
            run,
            plan: plan.to_owned(),
            asked_by,
            started: time(now),
            finished: String::new(),
            succeeded: 0,
            failed: 0,
            entries: Vec::new(),
        };
        Self {
            vault,
            incident,
            manifest,
        }
    }

    /// Takes what a collector brought. A failure is an entry as well; so is an output that could not be stored.
    pub fn add(
        &mut self,
        collector: &Collector,
        started: DateTime<Utc>,
        finished: DateTime<Utc>,
        brought: &Brought<'_>,
    ) -> &Entry {
        let mut entry = Entry {
            collector: collector.id.clone(),
            name: collector.name.clone(),
            request: collector.action.clone(),
            ended: brought.ended,
            code: brought.code,
            started: time(started),
            finished: time(finished),
            file: None,
            sha256: None,
            size: 0,
            truncated: brought.total > brought.kept.len() as u64,
            size_of_all: brought.total,
            sha256_of_all: brought.sha256_of_all.map(str::to_owned),
            error: (brought.ended != Ended::Succeeded).then(|| brought.summary.to_owned()),
            to_judge: collector.judge,
        };
        // A collector that failed may have said why; an empty answer of one that did not is a finding.
        if brought.ended == Ended::Succeeded || !brought.kept.is_empty() {
            match self.store(&collector.id, brought.kept) {
                Ok((stored, file)) => {
                    entry.size = stored.size;
                    entry.sha256 = Some(stored.sha256);
                    entry.file = Some(file);
                }
                Err(error) => {
                    let lost = format!("its output could not be stored: {error}");
                    tracing::error!(collector = collector.id, "{lost}");
                    entry.error = Some(match entry.error.take() {
                        Some(before) => format!("{before}; {lost}"),
                        None => lost,
                    });
                }
            }
        }
        self.manifest.entries.push(entry);
        &self.manifest.entries[self.manifest.entries.len() - 1]
    }

    /// Names a collector that does not get its turn any more, and why: who reads the manifest must see what is missing.
    pub fn leave_out(&mut self, collector: &Collector, now: DateTime<Utc>, why: &str) -> &Entry {
        let nothing = Brought {
            ended: Ended::NotTried,
            code: None,
            summary: why,
            kept: &[],
            total: 0,
            sha256_of_all: None,
        };
        self.add(collector, now, now, &nothing)
    }

    /// The collection is over: the manifest is stored.
    pub fn finish(mut self, now: DateTime<Utc>) -> Result<Bundle, VaultError> {
        let manifest = &mut self.manifest;
        manifest.finished = time(now);
        manifest
            .entries
            .sort_by(|a, b| (&a.collector, &a.started).cmp(&(&b.collector, &b.started)));
        manifest.failed = manifest
            .entries
            .iter()
            .filter(|entry| entry.error.is_some())
            .count();
        manifest.succeeded = manifest.entries.len() - manifest.failed;
        let mut text =
            serde_json::to_string_pretty(manifest).expect("strings, numbers and lists become JSON");
        text.push('\n');
        let stored = self.vault.put(text.as_bytes(), MANIFEST_MAX)?;
        let file = self.named("manifest.json", &stored)?;
        Ok(Bundle {
            stored,
            file,
            manifest: self.manifest,
        })
    }

    fn store(&self, collector: &str, kept: &[u8]) -> Result<(Stored, String), VaultError> {
        let stored = self.vault.put(kept, OUTPUT_MAX)?;
        let file = self.named(collector, &stored)?;
        Ok((stored, file))
    }

    fn named(&self, name: &str, stored: &Stored) -> Result<String, VaultError> {
        let name = format!("run-{}-{name}", self.manifest.run);
        let path = self.vault.name(self.incident, &name, stored)?;
        let name = path.file_name().unwrap_or_default();
        Ok(name.to_string_lossy().into_owned())
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}
