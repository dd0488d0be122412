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

    /// Words by which a plan's credential is found that may be it, the best first: the name that it was assigned to in
    /// `text`, then what its form tells.
    pub fn fits(&self, text: &str) -> Vec<String> {
        let mut words = named_before(text, self.range.start);
        words.extend(self.rule.fits.iter().map(|it| (*it).to_owned()));
        words
    }

    /// What it opens.
    pub fn kind(&self) -> Kind {
        self.rule.kind
    }
}

/// Words that every other secret's name has too.
const COMMON: [&str; 19] = [
    "app",
    "secret",
    "secrets",
    "token",
    "tokens",
    "password",
    "passwd",
    "pass",
    "key",
    "keys",
    "api",
    "access",
    "private",
    "auth",
    "client",
    "prod",
    "production",
    "value",
    "the",
];

/// `nextauth_secret` and `nextauth` of `NEXTAUTH_SECRET=`: the name to which the value at `at` is given, whole and without
/// what every other secret's name has too.
fn named_before(text: &str, at: usize) -> Vec<String> {
    let line = text.get(..at).unwrap_or_default();
    let signs = ['=', ':', '"', '\'', '`', '>'];
    let line = line.trim_end_matches([' ', '\t']);
    let before = line.trim_end_matches(signs).trim_end_matches([' ', '\t']);
    let before = before.trim_end_matches(signs);
    if before.len() == line.len() {
        return Vec::new();
    }
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let name = before.rsplit(|c| !is_name(c)).next().unwrap_or_default();
    let name = name.trim_matches('-').replace('-', "_").to_lowercase();
    let parts = name.split('_').filter(|it| !COMMON.contains(it));
    let parts = parts.map(|it| if it == "db" { "database" } else { it });
    let parts: Vec<&str> = parts.filter(|it| it.len() >= 3).collect();
    // Only what all secrets are called tells nothing.
    if parts.is_empty() {
        return Vec::new();
    }
    let telling = parts.join("_");
    // The whole name says more.
    let mut words = vec![name];
    if words[0] != telling {
        words.push(telling);
    }
    words
}

/// Shorter text holds no secret that a rule knows.
const LEAST: usize = 8;

/// Finds the secrets of a text: in order, never overlapping. Letters that nobody sees hide none.
pub fn scan(text: &str) -> Vec<Found> {
    let mut all: Vec<Found> = Vec::new();
    if text.len() < LEAST {
        return all;
    }
    let mut ranges = Vec::new();
    let bare = Bare::of(text);
    for rule in rules() {
        ranges.clear();
        rule.find(text, &mut ranges);
        if let Some(bare) = &bare {
            let seen = ranges.len();
            rule.find(&bare.text, &mut ranges);
            for range in &mut ranges[seen..] {
                *range = bare.of_original(range);
            }
        }
        for range in ranges.drain(..) {
            add(&mut all, Found { rule, range });
        }
    }
    all.sort_by_key(|found| found.range.start);
    all
}

/// A text as people see it: a token with an invisible letter in it is copied and works like any other.
struct Bare {
    text: String,
    /// Where each byte stands in the original.
    places: Vec<usize>,
}

impl Bare {
    /// None where nothing is hidden.
    fn of(original: &str) -> Option<Self> {
        if original.is_ascii() || !original.chars().any(is_hidden) {
            return None;
        }
        let mut bare = Self {
            text: String::with_capacity(original.len()),
            places: Vec::with_capacity(original.len()),
        };
        for (at, letter) in original.char_indices().filter(|(_, it)| !is_hidden(*it)) {
            bare.text.push(letter);
            bare.places.extend(at..at + letter.len_utf8());
        }
        Some(bare)
    }

    /// From the first to the last letter of it, with what is hidden between them.
    fn of_original(&self, range: &Range<usize>) -> Range<usize> {
        let place = |at: usize| self.places.get(at).copied();
        match (place(range.start), range.end.checked_sub(1).and_then(place)) {
            (Some(start), Some(last)) if start <= last => start..last + 1,
            _ => 0..0,
        }
    }
}

/// Format characters (Unicode's Cf), variation selectors and fillers: no token has any.
fn is_hidden(letter: char) -> bool {
    matches!(
        letter,
        '\u{AD}'
            | '\u{34F}'
            | '\u{600}'..='\u{605}'
            | '\u{61C}'
            | '\u{6DD}'
            | '\u{70F}'
            | '\u{890}'..='\u{891}'
            | '\u{8E2}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{110BD}'
            | '\u{110CD}'
            | '\u{13430}'..='\u{1343F}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
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
