//! The shapes of tokens, passwords and keys that nobody told us about.

/// Every shape below shows within so many bytes what it is.
pub(super) const SHAPE: usize = 512;

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
pub(super) const KEY_END: &[u8] = b"PRIVATE KEY-----";

/// What a shape begins with: all the patterns, in the order that [`shaped`] knows them by.
pub(super) fn beginnings() -> impl Iterator<Item = &'static str> {
    BEGINNINGS
        .iter()
        .map(|(beginning, _)| *beginning)
        .chain([BOT_TOKEN, ADDRESS, KEY_BEGIN])
}

/// What a stream is in the middle of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    Nothing,
    /// A token that does not end.
    Token,
    /// A private key.
    Key,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    /// It may go on behind the text.
    pub(super) open: Inside,
}

impl Found {
    pub(super) fn closed(start: usize, end: usize) -> Self {
        let open = Inside::Nothing;
        Self { start, end, open }
    }
}

/// Looks closer where a shape may begin.
pub(super) fn shaped(shape: usize, text: &[u8], start: usize, before: Option<u8>) -> Option<Found> {
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

pub(super) fn in_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-.+/=".contains(&byte)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

pub(super) fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}
