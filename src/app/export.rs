//! Makes an export: everything of one incident in a ZIP.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::evidence::{ErrandError, blocking};
use super::{House, codec};
use crate::evidence::export::seal::Recipients;
use crate::evidence::export::{Archive, chain};
use crate::evidence::vault::{Stored, Vault, safe_name};
use crate::incident::{Collection, Evidence, Export, IncidentId, Kept};
use crate::report::{self, Missing, Verify};
use crate::store::StoredEvent;

/// Everything that goes into an export, as it was at one moment.
struct Contents {
    id: IncidentId,
    at: DateTime<Utc>,
    report: String,
    timeline: String,
    evidence: Vec<Evidence>,
    collections: Vec<Collection>,
    chain: Vec<chain::Link>,
}

/// A stored file with its name in the export.
struct Blob {
    name: String,
    sha256: String,
}

/// As much of a collection's manifest as an export needs.
#[derive(Deserialize)]
struct ManifestFiles {
    entries: Vec<ManifestFile>,
}

#[derive(Deserialize)]
struct ManifestFile {
    file: Option<String>,
    sha256: Option<String>,
}

impl House {
    /// Makes an export. That it reads the evidence was recorded when it was asked for. None: there is no such incident.
    pub async fn export(&self, incident: &str, number: u32) -> Result<Option<Export>, ErrandError> {
        let Some(contents) = self.contents(incident).await? else {
            return Ok(None);
        };
        let vault = self.vault().clone();
        let looking = vault.clone();
        let (contents, blobs, missing) = blocking(move || {
            let (blobs, missing) = contents.files(&looking);
            Ok((contents, blobs, missing))
        })
        .await?;
        let verify = Verify {
            events: contents.chain.len(),
            last: contents
                .chain
                .last()
                .map(|it| it.hash.clone())
                .unwrap_or_default(),
            missing,
        };
        let now = contents.at;
        let pages = self
            .look(incident, |id, chat| {
                let plans = self.plans();
                let view = self.view(chat, &plans, now);
                let incident = chat.incidents.get(&id)?;
                Some(report::verify(&view, incident, &verify))
            })
            .await?
            .flatten()
            .unwrap_or_default();
        let recipients = self.setup.recipients.clone();
        let export = blocking(move || {
            let stored = contents.write(&vault, &recipients, &blobs, &pages)?;
            let encrypted = !recipients.is_empty();
            let ending = if encrypted { "zip.age" } else { "zip" };
            let file = format!("{}-export-{number}.{ending}", contents.id);
            let path = vault.name(contents.id, &file, &stored)?;
            Ok(Export {
                encrypted,
                ..export_of(number, &path, stored)
            })
        })
        .await?;
        Ok(Some(export))
    }

    async fn contents(&self, incident: &str) -> Result<Option<Contents>, ErrandError> {
        let Ok(id) = incident.parse::<IncidentId>() else {
            return Ok(None);
        };
        let chain = self.ledger.stream(&codec::incident_stream(id)).await?;
        let chain = chain.into_iter().map(link).collect();
        let now = self.clock.now();
        let contents = self
            .look(incident, |id, chat| {
                let plans = self.plans();
                let view = self.view(chat, &plans, now);
                chat.incidents.get(&id).map(|incident| Contents {
                    id,
                    at: now,
                    report: report::markdown(&view, incident).1,
                    timeline: report::timeline(&view, incident),
                    evidence: incident.evidence.clone(),
                    collections: incident.collections.clone(),
                    chain,
                })
            })
            .await?;
        Ok(contents.flatten())
    }
}

fn export_of(number: u32, path: &Path, stored: Stored) -> Export {
    let whole = std::path::absolute(path);
    let whole = whole.as_deref().unwrap_or(path);
    let name = path.file_name().unwrap_or_default();
    Export {
        number,
        file: name.to_string_lossy().into_owned(),
        path: whole.display().to_string(),
        sha256: stored.sha256,
        size: stored.size,
        encrypted: false,
    }
}

impl Contents {
    /// The stored files, and what belongs there and is not. Nothing that is missing keeps the rest from being exported.
    fn files(&self, vault: &Vault) -> (Vec<Blob>, Vec<Missing>) {
        let mut found = Files {
            vault,
            blobs: Vec::new(),
            missing: Vec::new(),
        };
        for it in &self.evidence {
            let name = format!("evidence/{}", safe_name(&it.file()));
            match &it.kept {
                Kept::Stored { sha256, .. } => found.look(name, sha256),
                Kept::Waiting | Kept::Failed(_) => found.missing.push(Missing::NotStored(name)),
            }
        }
        for it in &self.collections {
            let inside = |file: &str| format!("collections/{}", safe_name(file));
            found.look(inside(&it.file), &it.sha256);
            let read = vault.content(&it.sha256).ok();
            let read = read.and_then(|(file, _)| {
                serde_json::from_reader::<_, ManifestFiles>(std::io::BufReader::new(file)).ok()
            });
            for entry in read.map(|it| it.entries).unwrap_or_default() {
                if let (Some(file), Some(sha256)) = (entry.file, entry.sha256) {
                    found.look(inside(&file), &sha256);
                }
            }
        }
        (found.blobs, found.missing)
    }

    fn write(
        &self,
        vault: &Vault,
        recipients: &Recipients,
        blobs: &[Blob],
        (markdown, html): &(String, String),
    ) -> Result<Stored, ErrandError> {
        let mut archive = Archive::begin(vault, recipients, &self.id.to_string(), self.at)?;
        archive.text("VERIFY.html", html)?;
        archive.text("VERIFY.md", markdown)?;
        archive.text("verify.py", chain::VERIFY_PY)?;
        archive.text("report.md", &self.report)?;
        archive.text("timeline.md", &self.timeline)?;
        archive.text("timeline.jsonl", &self.timeline_lines())?;
        archive.text("events.jsonl", &chain::lines(&self.chain))?;
        archive.text("evidence.json", &self.index())?;
        for blob in blobs {
            let (file, stored) = vault.content(&blob.sha256)?;
            archive.add(&blob.name, stored.size, file)?;
        }
        Ok(archive.finish()?)
    }

    /// The events for programs: their own fields, with number and time.
    fn timeline_lines(&self) -> String {
        let mut text = String::new();
        for link in &self.chain {
            let at = DateTime::from_timestamp_micros(link.at).unwrap_or_default();
            let mut line = Map::new();
            line.insert("seq".into(), json!(link.seq));
            line.insert("at".into(), json!(time(at)));
            match serde_json::from_str(&link.body) {
                Ok(Value::Object(body)) => line.extend(body),
                _ => {
                    line.insert("body".into(), json!(link.body));
                }
            }
            text.push_str(&Value::Object(line).to_string());
            text.push('\n');
        }
        text
    }

    /// What was kept, for programs.
    fn index(&self) -> String {
        let pieces: Vec<Value> = self
            .evidence
            .iter()
            .map(|it| {
                let (sha256, size) = match &it.kept {
                    Kept::Stored { sha256, size } => (Some(sha256), Some(*size)),
                    Kept::Waiting | Kept::Failed(_) => (None, None),
                };
                json!({
                    "number": it.number,
                    "file": format!("evidence/{}", safe_name(&it.file())),
                    "sha256": sha256,
                    "size": size,
                    "about": it.about,
                    "kept_by": it.by,
                    "kept_at": time(it.at),
                    "message": it.quoted,
                })
            })
            .collect();
        let mut text = serde_json::to_string_pretty(&pieces).expect("texts and numbers");
        text.push('\n');
        text
    }
}

struct Files<'v> {
    vault: &'v Vault,
    blobs: Vec<Blob>,
    missing: Vec<Missing>,
}

impl Files<'_> {
    fn look(&mut self, name: String, sha256: &str) {
        match self.vault.verify(sha256) {
            Ok(_) if self.blobs.iter().any(|it| it.name == name) => {}
            Ok(_) => self.blobs.push(Blob {
                name,
                sha256: sha256.to_owned(),
            }),
            Err(error) => {
                tracing::error!("{name} is missing in an export: {error}");
                self.missing.push(Missing::Lost(name));
            }
        }
    }
}

fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

fn link(event: StoredEvent) -> chain::Link {
    chain::Link {
        stream: event.stream,
        seq: event.seq,
        at: event.at,
        kind: event.kind,
        body: event.body,
        prev: event.prev,
        hash: event.hash,
    }
}
