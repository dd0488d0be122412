//! Secrets that somebody pasted: the formats of providers, keys, addresses with passwords, assignments of random values.
//!
//! Matchers are written by hand and look for a fixed beginning first, so that an ordinary line costs a few
//! microseconds. Every rule carries its own examples; a test walks them.

mod assignments;
mod letters;
mod rules;
mod shapes;
#[cfg(test)]
mod tests;
mod tokens;

use std::ops::Range;

pub use rules::{Rule, rules};

/// What a secret opens, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A bot of a messenger.
    Bot,
    /// A service that is called.
    ApiKey,
    /// A cloud account.
    Cloud,
    /// Source code, packages, builds.
    Source,
    /// A database.
    Database,
    /// Money.
    Wallet,
    /// A private key.
    Key,
    /// A session of somebody.
    Session,
    /// A password, or something else that was called a secret.
    Password,
}

/// A secret in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// Where it is, in bytes.
    pub range: Range<usize>,
}

impl Found {
    /// What it is, for people: "GitHub token".
    pub fn name(&self) -> &'static str {
        self.rule.name
    }

    /// What it opens.
    pub fn kind(&self) -> Kind {
        self.rule.kind
    }
}

/// Shorter text holds no secret that a rule knows.
const LEAST: usize = 8;

/// Finds the secrets of a text: in order, never overlapping.
pub fn scan(text: &str) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    if text.len() < LEAST {
        return all;
    }
    let mut ranges = Vec::new();
    for rule in rules() {
        ranges.clear();
        rule.find(text, &mut ranges);
        for range in ranges.drain(..) {
            add(&mut all, Found { rule, range });
        }
    }
    all.sort_by_key(|found| found.range.start);
    all
}

/// Rules stand from the particular to the general: the first to find a place names it, later ones may only widen it.
fn add(all: &mut Vec<Found>, new: Found) {
    let mut range = new.range;
    let mut rule = new.rule;
    let overlaps =
        |one: &Range<usize>, other: &Range<usize>| one.start < other.end && other.start < one.end;
    while let Some(at) = all.iter().position(|old| overlaps(&old.range, &range)) {
        let old = all.remove(at);
        range = old.range.start.min(range.start)..old.range.end.max(range.end);
        rule = old.rule;
    }
    all.push(Found { rule, range });
}

/// The text with every finding replaced by a mark that says what was there.
pub fn redact(text: &str, found: &[Found]) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut at = 0;
    for it in found {
        let before = text.get(at..it.range.start).unwrap_or_default();
        clean.push_str(before);
        clean.push_str(&mark(it.name()));
        at = it.range.end;
    }
    clean.push_str(text.get(at..).unwrap_or_default());
    clean
}

/// What stands where a secret was.
pub fn mark(name: &str) -> String {
    format!("‹secret removed: {name}›")
}
