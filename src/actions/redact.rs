//! Takes secrets out of what programs and servers say: known ones in the forms they travel in, and whatever has the shape of
//! a provider's token. Works on a stream, so that a secret that is torn across two chunks is found as well.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::output::hex;
use crate::secret::Secret;
use shapes::{Found, Inside, KEY_END, SHAPE, beginnings, in_token, position, shaped};

mod shapes;

/// What stands in the place of a secret.
pub const MARK: &str = "[secret]";

/// Shorter texts than this are not looked for: every word would hold them.
const LEAST: usize = 4;
/// Longer ones are files of keys, which nobody puts into a header or an address.
const LONG: usize = 4096;
/// Knows what must not be seen.
#[derive(Debug, Clone)]
pub struct Redactor {
    patterns: AhoCorasick,
    /// So many of the patterns, from the first, are secrets; the others begin a shape.
    secrets: usize,
    /// How much of the end of a chunk waits for the next one.
    hold: usize,
}

impl Redactor {
    /// One that takes these secrets out, in all the forms that they travel in.
    pub fn new<'s>(secrets: impl IntoIterator<Item = &'s Secret>) -> Self {
        let mut known: BTreeSet<Vec<u8>> = BTreeSet::new();
        for secret in secrets {
            add_forms(secret.expose(), &mut known);
        }
        let longest = known.iter().map(Vec::len).max().unwrap_or(0);
        let count = known.len();
        let shapes = beginnings().map(|text| text.as_bytes().to_vec());
        let all: Vec<Vec<u8>> = known.into_iter().chain(shapes).collect();
        Self {
            patterns: AhoCorasick::new(all).expect("a few short patterns make an automaton"),
            secrets: count,
            hold: 2 * longest.max(SHAPE),
        }
    }

    /// The text without secrets.
    pub fn text(&self, text: &str) -> String {
        String::from_utf8_lossy(&self.bytes(text.as_bytes())).into_owned()
    }

    /// The bytes without secrets.
    pub fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.stream();
        let mut clean = Vec::with_capacity(bytes.len());
        stream.push(bytes, &mut clean);
        stream.finish(&mut clean);
        clean
    }

    /// For what comes in chunks.
    pub fn stream(&self) -> Stream {
        Stream {
            redactor: self.clone(),
            carry: Vec::new(),
            before: None,
            inside: Inside::Nothing,
        }
    }

    /// Where secrets are, in order, without overlaps.
    fn find(&self, text: &[u8], before: Option<u8>) -> Vec<Found> {
        let mut found: Vec<Found> = self
            .patterns
            .find_overlapping_iter(text)
            .filter_map(|hit| {
                let (index, start, end) = (hit.pattern().as_usize(), hit.start(), hit.end());
                match index.checked_sub(self.secrets) {
                    None => Some(Found::closed(start, end)),
                    Some(shape) => shaped(shape, text, start, before),
                }
            })
            .collect();
        found.sort_by_key(|it| (it.start, it.end));
        let mut merged: Vec<Found> = Vec::with_capacity(found.len());
        for next in found {
            match merged.last_mut() {
                Some(last) if next.start < last.end => {
                    if next.end >= last.end {
                        last.end = next.end;
                        last.open = next.open;
                    }
                }
                _ => merged.push(next),
            }
        }
        merged
    }
}

/// Redacts what comes in chunks. What may be the beginning of a secret waits for the next chunk.
#[derive(Debug, Clone)]
pub struct Stream {
    redactor: Redactor,
    carry: Vec<u8>,
    /// The byte before the carry.
    before: Option<u8>,
    inside: Inside,
}

impl Stream {
    /// Takes a chunk and appends to `clean` what can be shown by now.
    pub fn push(&mut self, chunk: &[u8], clean: &mut Vec<u8>) {
        self.carry.extend_from_slice(chunk);
        self.leave();
        let ready = self.carry.len().saturating_sub(self.redactor.hold);
        if self.inside == Inside::Nothing && ready > 0 {
            self.emit(ready, clean);
        }
    }

    /// The end: appends the rest.
    pub fn finish(mut self, clean: &mut Vec<u8>) {
        if self.inside == Inside::Nothing {
            let all = self.carry.len();
            self.emit(all, clean);
        }
    }

    /// Drops the rest of the secret that the last chunk ended in.
    fn leave(&mut self) {
        let end = match self.inside {
            Inside::Nothing => return,
            Inside::Token => self.carry.iter().position(|byte| !in_token(*byte)),
            Inside::Key => position(&self.carry, KEY_END).map(|at| at + KEY_END.len()),
        };
        let drop = end.unwrap_or_else(|| match self.inside {
            Inside::Key => self.carry.len().saturating_sub(KEY_END.len()),
            _ => self.carry.len(),
        });
        if end.is_some() {
            self.inside = Inside::Nothing;
            self.before = drop.checked_sub(1).map(|at| self.carry[at]).or(self.before);
        }
        self.carry.drain(..drop);
    }

    fn emit(&mut self, ready: usize, clean: &mut Vec<u8>) {
        let mut at = 0;
        for found in self.redactor.find(&self.carry, self.before) {
            if found.start >= ready {
                break;
            }
            clean.extend_from_slice(&self.carry[at..found.start]);
            clean.extend_from_slice(MARK.as_bytes());
            at = found.end;
            if at == self.carry.len() {
                self.inside = found.open;
                if found.open == Inside::Key {
                    // The line that ends the key may be torn here.
                    at = at.saturating_sub(KEY_END.len());
                    break;
                }
            }
        }
        if at < ready && self.inside == Inside::Nothing {
            clean.extend_from_slice(&self.carry[at..ready]);
            at = ready;
        }
        self.before = at
            .checked_sub(1)
            .map(|last| self.carry[last])
            .or(self.before);
        self.carry.drain(..at);
    }
}

/// All the forms in which a secret travels.
fn add_forms(secret: &str, known: &mut BTreeSet<Vec<u8>>) {
    if secret.trim().len() < LEAST {
        return;
    }
    let mut add = |form: String| {
        if form.len() >= LEAST {
            known.insert(form.into_bytes());
        }
    };
    add(secret.to_owned());
    add(secret.trim().to_owned());
    if let Ok(json) = serde_json::to_string(secret) {
        add(json[1..json.len() - 1].to_owned());
    }
    if secret.len() <= LONG {
        add_codings(secret, &mut add);
    }
    // A key of many lines may come out indented.
    for line in secret.lines().map(str::trim).filter(|it| it.len() >= 12) {
        if !line.starts_with("-----") {
            add(line.to_owned());
        }
    }
}

/// The codings that a token or password travels in.
fn add_codings(secret: &str, add: &mut impl FnMut(String)) {
    let bytes = secret.as_bytes();
    let encoded = utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string();
    add(encoded.to_lowercase());
    add(encoded.replace("%20", "+"));
    add(encoded);
    add(url::form(secret));
    add(hex(bytes));
    add(hex(bytes).to_uppercase());
    // Inside of something longer, such as `user:password`, a secret begins at one of three places of the coding.
    for shift in 0..3_usize {
        let mut shifted = vec![0; shift];
        shifted.extend_from_slice(bytes);
        let whole = shifted.len() / 3 * 4;
        let begin = (shift * 8).div_ceil(6);
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let text = engine.encode(&shifted);
            let inner = text.get(begin..whole).unwrap_or_default();
            if inner.len() >= 6 {
                add(inner.to_owned());
            }
        }
    }
}

mod url {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

    /// What browsers and most libraries encode, and nothing more.
    const FEW: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'&')
        .add(b'+')
        .add(b',')
        .add(b'/')
        .add(b':')
        .add(b';')
        .add(b'<')
        .add(b'=')
        .add(b'>')
        .add(b'?')
        .add(b'@')
        .add(b'[')
        .add(b']')
        .add(b'\\')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}')
        .add(b'$')
        .add(b'!')
        .add(b'\'')
        .add(b'(')
        .add(b')')
        .add(b'*');

    pub(super) fn form(text: &str) -> String {
        utf8_percent_encode(text, FEW).to_string()
    }
}

#[cfg(test)]
mod tests;
