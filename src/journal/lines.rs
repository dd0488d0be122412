//! Lines and records: pure.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::incident::{HostEntry, HostRecord, HostRun};

/// The longest line that is taken for one.
const LONGEST: usize = 1024 * 1024;

/// A record as a line has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// The run that it belongs to.
    pub run: String,
    /// 1, 2, 3 … within the run.
    pub seq: u32,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// Hash of the line before it; empty for the first of the file.
    pub prev: String,
    /// What.
    #[serde(flatten)]
    pub record: HostRecord,
}

/// A line that says nothing any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// Its number, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub why: &'static str,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// What a journal's file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// The whole records in order.
    pub entries: Vec<Entry>,
    /// Lines that are damaged, or before which some are missing.
    pub damage: Vec<Damage>,
    /// The last line is torn: the machine went down while it was written.
    pub torn: bool,
    /// Hash of the last whole line: the next one names it.
    pub last: String,
}

/// The line of a record, and its hash.
///
/// # Errors
/// Only where a record cannot be written as JSON, which none is.
pub fn write(entry: &Entry) -> Result<(String, String), serde_json::Error> {
    let json = serde_json::to_string(entry)?;
    let hash = hash(json.as_bytes());
    Ok((format!("{} {hash} {json}\n", json.len()), hash))
}

fn hash(json: &[u8]) -> String {
    format!("{:x}", Sha256::digest(json))
}

/// Reads a whole file. Never fails: what cannot be read is named.
pub fn read(bytes: &[u8]) -> Reading {
    let mut reading = Reading::default();
    let mut lines = bytes.split(|byte| *byte == b'\n').enumerate().peekable();
    while let Some((index, line)) = lines.next() {
        let is_last = lines.peek().is_none();
        if line.is_empty() {
            continue;
        }
        match read_line(line) {
            // Without its line feed the record is whole all the same: its length and hash say so.
            Ok((entry, hash)) => {
                if entry.prev != reading.last {
                    let why = "records before it are missing";
                    reading.damage.push(Damage {
                        line: index + 1,
                        why,
                    });
                }
                reading.last = hash;
                reading.entries.push(entry);
            }
            Err(_) if is_last => reading.torn = true,
            Err(why) => reading.damage.push(Damage {
                line: index + 1,
                why,
            }),
        }
    }
    reading
}

fn read_line(line: &[u8]) -> Result<(Entry, String), &'static str> {
    const SHAPE: &str = "not a record";
    if line.len() > LONGEST {
        return Err("too long for a record");
    }
    let mut parts = line.splitn(3, |byte| *byte == b' ');
    let length = parts.next().and_then(|it| std::str::from_utf8(it).ok());
    let length: usize = length.and_then(|it| it.parse().ok()).ok_or(SHAPE)?;
    let given = parts.next().ok_or(SHAPE)?;
    let json = parts.next().ok_or(SHAPE)?;
    if json.len() != length {
        return Err("cut short or lengthened");
    }
    let hash = hash(json);
    if hash.as_bytes() != given {
        return Err("altered");
    }
    let entry =
        serde_json::from_slice(json).map_err(|_| "of a kind that this version does not know")?;
    Ok((entry, hash))
}

impl Reading {
    /// The runs in order. A run whose beginning is lost is left out: nobody can tell what it was.
    pub fn runs(&self) -> Vec<HostRun> {
        let mut order: Vec<&str> = Vec::new();
        let mut runs: BTreeMap<&str, Vec<HostEntry>> = BTreeMap::new();
        for entry in &self.entries {
            let entries = runs.entry(&entry.run).or_default();
            if entries.is_empty() {
                order.push(&entry.run);
            }
            // The same record twice (a copied file) is one.
            if entries.iter().all(|known| known.seq != entry.seq) {
                entries.push(HostEntry {
                    seq: entry.seq,
                    at: entry.at,
                    record: entry.record.clone(),
                });
            }
        }
        order
            .into_iter()
            .filter_map(|id| {
                let entries = runs.remove(id)?;
                let begins = matches!(entries.first()?.record, HostRecord::Intent { .. });
                begins.then(|| HostRun {
                    id: id.to_owned(),
                    entries,
                })
            })
            .collect()
    }

    /// Runs whose beginning is lost.
    pub fn headless(&self) -> usize {
        let all: std::collections::BTreeSet<&str> =
            self.entries.iter().map(|it| it.run.as_str()).collect();
        all.len() - self.runs().len()
    }
}
