//! Takes secrets out of what programs and servers say: known ones in the forms they travel in, and whatever has the shape of
//! a provider's token. Works on a stream, so that a secret that is torn across two chunks is found as well.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::output::hex;
use crate::secret::Secret;

/// What stands in the place of a secret.
pub const MARK: &str = "[secret]";

/// Shorter texts than this are not looked for: every word would hold them.
const LEAST: usize = 4;
/// Every shape below shows within so many bytes what it is.
const SHAPE: usize = 512;

/// Beginnings of tokens that providers hand out, with the least length of such a token.
const BEGINNINGS: [(&str, usize); 27] = [
    ("sk-", 20),
    ("sk_live_", 16),
    ("sk_test_", 16),
    ("rk_live_", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("xoxa-", 16),
    ("xoxs-", 16),
    ("xapp-", 16),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 30),
    ("npm_", 30),
    ("pypi-", 30),
    ("hf_", 30),
    ("dop_v1_", 30),
    ("SG.", 40),
    ("eyJ", 40),
    ("whsec_", 16),
    ("n8n_api_", 20),
];
/// A Telegram bot token: digits before, 35 characters after the colon.
const BOT_TOKEN: &str = ":AA";
/// A password in an address: `scheme://user:password@host`.
const ADDRESS: &str = "://";
const KEY_BEGIN: &str = "-----BEGIN ";
const KEY_END: &[u8] = b"PRIVATE KEY-----";

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
        let shapes = BEGINNINGS
            .iter()
            .map(|(beginning, _)| *beginning)
            .chain([BOT_TOKEN, ADDRESS, KEY_BEGIN])
            .map(|text| text.as_bytes().to_vec());
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

/// What a stream is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    /// A token that does not end.
    Token,
    /// A private key.
    Key,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    start: usize,
    end: usize,
    /// It may go on behind the text.
    open: Inside,
}

impl Found {
    fn closed(start: usize, end: usize) -> Self {
        let open = Inside::Nothing;
        Self { start, end, open }
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
    let bytes = secret.as_bytes();
    add(secret.to_owned());
    add(secret.trim().to_owned());
    if let Ok(json) = serde_json::to_string(secret) {
        add(json[1..json.len() - 1].to_owned());
    }
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
    // A key of many lines may come out indented.
    for line in secret.lines().map(str::trim).filter(|it| it.len() >= 12) {
        if !line.starts_with("-----") {
            add(line.to_owned());
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

fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.+/=".contains(&byte)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

/// Looks closer where a shape may begin.
fn shaped(shape: usize, text: &[u8], start: usize, before: Option<u8>) -> Option<Found> {
    if let Some((_, least)) = BEGINNINGS.get(shape) {
        let previous = start.checked_sub(1).map(|at| text[at]).or(before);
        if previous.is_some_and(is_word) {
            return None;
        }
        let length = run(&text[start..], in_token);
        return (length >= *least && mixed(&text[start..start + length])).then(|| Found {
            start,
            end: start + length,
            open: Inside::Token,
        });
    }
    match shape - BEGINNINGS.len() {
        0 => bot_token(text, start),
        1 => password(text, start),
        _ => private_key(text, start),
    }
}

fn run(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().take_while(|byte| belongs(**byte)).count()
}

fn mixed(token: &[u8]) -> bool {
    token.iter().any(u8::is_ascii_digit) && token.iter().any(u8::is_ascii_alphabetic)
}

fn bot_token(text: &[u8], colon: usize) -> Option<Found> {
    let digits = text[..colon]
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let key = run(&text[colon + 1..], is_word);
    ((6..=12).contains(&digits) && key >= 30).then(|| Found {
        start: colon - digits,
        end: colon + 1 + key,
        open: Inside::Token,
    })
}

fn password(text: &[u8], colon: usize) -> Option<Found> {
    let begin = colon + ADDRESS.len();
    let rest = &text[begin..text.len().min(begin + SHAPE / 2)];
    let end = run(rest, |byte| {
        byte.is_ascii_graphic() && !b"/\"'<>`".contains(&byte)
    });
    let at = rest[..end].iter().rposition(|byte| *byte == b'@')?;
    let user = rest[..at].iter().position(|byte| *byte == b':')?;
    (user + 1 < at).then(|| Found::closed(begin + user + 1, begin + at))
}

fn private_key(text: &[u8], start: usize) -> Option<Found> {
    let head = &text[start..text.len().min(start + 80)];
    let begin = start + position(head, KEY_END)? + KEY_END.len();
    Some(match position(&text[begin..], KEY_END) {
        Some(at) => Found::closed(start, begin + at + KEY_END.len()),
        None => Found {
            start,
            end: text.len(),
            open: Inside::Key,
        },
    })
}

#[cfg(test)]
mod tests;
