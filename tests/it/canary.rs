//! Canaries: secrets that the whole suite carries (the bot's token, the admin token, secrets of targets, what steps come
//! across) and that are looked for in everything that is left behind: requests to Telegram, what people see and are sent,
//! every column of the ledger, every file, the log at its most talkative, and panics.

mod broken;
mod leaky;
mod log;
mod planted;
mod process;
mod scan;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use breakglass::run::Lookup;
use sha2::{Digest as _, Sha256};

pub use log::listen;
pub use scan::Scan;

/// What is secret, by what it is for.
pub const PURPOSES: [&str; 9] = [
    "bot token",
    "target token",
    "target secret",
    "target password",
    "target key",
    "program",
    "service",
    "database",
    "environment",
];

/// The admin token that stories use.
pub const ADMIN: &str = "CANARY-admin-0123456789";

/// 36 letters and digits for a purpose, always the same ones. They have no shape that gives a token away.
pub fn secret(purpose: &str) -> String {
    assert!(PURPOSES.contains(&purpose), "{purpose} is not looked for");
    made(purpose)
}

fn made(purpose: &str) -> String {
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let more = Sha256::digest(format!("more of {purpose}"));
    let bytes = Sha256::digest(purpose).into_iter().chain(more).take(36);
    bytes
        .map(|byte| char::from(letters[usize::from(byte) % letters.len()]))
        .collect()
}

/// The environment of a bot whose targets have secrets and no addresses: what it is not to do, it cannot do.
pub fn secrets_only() -> Lookup {
    Arc::new(|name| {
        let words = [
            ("TOKEN", "target token"),
            ("SECRET", "target secret"),
            ("PASSWORD", "target password"),
            ("_KEY", "target key"),
        ];
        let word = words.iter().find(|(ending, _)| name.ends_with(ending));
        word.map(|(_, purpose)| secret(purpose))
    })
}

/// What was looked at so far, by all stories of this run.
static ARTEFACTS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static STORIES: AtomicU64 = AtomicU64::new(0);
/// So many stories make one line.
const EACH: u64 = 25;

/// Fails if a canary was seen anywhere; counts what was looked at.
pub fn settle(scan: &Scan, talks: bool) {
    assert!(
        scan.found.is_empty(),
        "secrets leak:\n{}",
        scan.found.join("\n")
    );
    let loud = log::found();
    assert!(
        loud.is_empty(),
        "secrets leak into the log:\n{}",
        loud.join("\n")
    );
    let artefacts = ARTEFACTS.fetch_add(scan.artefacts, Ordering::Relaxed) + scan.artefacts;
    let bytes = BYTES.fetch_add(scan.bytes, Ordering::Relaxed) + scan.bytes;
    let stories = STORIES.fetch_add(1, Ordering::Relaxed) + 1;
    if talks || stories.is_multiple_of(EACH) {
        let (lines, logged) = log::heard();
        crate::harness::figure(&format!(
            "canaries: {} secrets looked for in {artefacts} artefacts ({} KiB) of {stories} stories and programs so far, and in {lines} lines of log ({} KiB): none found",
            PURPOSES.len() + 1,
            bytes / 1024,
            logged / 1024,
        ));
    }
}

/// What a program of ours printed.
pub fn printed(output: &std::process::Output) {
    let mut scan = Scan::usual();
    scan.look("standard output", &output.stdout);
    scan.look("standard error", &output.stderr);
    settle(&scan, false);
}
