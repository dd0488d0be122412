//! Secrets with a structure of their own: keys in blocks, tokens in parts, addresses with passwords, seed words.

use std::ops::Range;

use super::letters::{Class, begins, is_mixed, is_placeholder, is_varied, near, places};

type Ranges = Vec<Range<usize>>;

/// `-----BEGIN … PRIVATE KEY-----` up to its end, or to the end of the text where that is cut off.
fn key_blocks(text: &str, found: &mut Ranges, wanted: impl Fn(&str) -> bool) {
    for at in places(text, "-----BEGIN ") {
        let head = &text[at..];
        let Some(line) = head.get(11..).and_then(|it| it.split("-----").next()) else {
            continue;
        };
        if !line.contains("PRIVATE KEY") || line.len() > 40 || !wanted(&text[..at]) {
            continue;
        }
        let end = match head.split_once("-----END ") {
            Some((body, tail)) => {
                let closing = tail.find("-----").map_or(tail.len(), |it| it + 5);
                body.len() + "-----END ".len() + closing
            }
            None => head.len(),
        };
        // The words alone, in a sentence, are no key.
        if end > line.len() + 11 + 5 + 40 {
            found.push(at..at + end);
        }
    }
}

fn is_service_account(before: &str) -> bool {
    before.contains("service_account") || before.contains("private_key_id")
}

pub(super) fn service_account(text: &str, found: &mut Ranges) {
    key_blocks(text, found, is_service_account);
}

pub(super) fn private_key(text: &str, found: &mut Ranges) {
    key_blocks(text, found, |before| !is_service_account(before));
}

/// A private key in the form of OpenSSH, which is used for nothing else.
pub(super) fn ssh_key(text: &str, found: &mut Ranges) {
    let before = found.len();
    private_key(text, found);
    let is_ssh = |it: &std::ops::Range<usize>| {
        text.get(it.clone())
            .is_some_and(|it| it.contains("OPENSSH PRIVATE KEY"))
    };
    let mut all = found.split_off(before);
    all.retain(is_ssh);
    found.append(&mut all);
}

/// Three parts of Base64 with dots between them, the first two JSON objects.
fn web_tokens(text: &str, found: &mut Ranges, wanted: impl Fn(&str) -> bool) {
    for at in places(text, "eyJ") {
        if !begins(text, at) {
            continue;
        }
        let head = Class::Url.run(text, at);
        let second = at + head + 1;
        if head < 15
            || text.as_bytes().get(at + head) != Some(&b'.')
            || !text[second..].starts_with("eyJ")
        {
            continue;
        }
        let body = Class::Url.run(text, second);
        let third = second + body + 1;
        let signature = Class::Url.run(text, third);
        if text.as_bytes().get(second + body) == Some(&b'.')
            && signature >= 20
            && wanted(&text[second..second + body])
        {
            found.push(at..third + signature);
        }
    }
}

/// n8n's API keys are web tokens that name n8n as their issuer.
fn is_of_n8n(body: &str) -> bool {
    let decoded = decode(body);
    let has = |part: &[u8]| decoded.windows(part.len()).any(|it| it == part);
    has(b"\"n8n\"") || has(b"\"public-api\"")
}

pub(super) fn n8n(text: &str, found: &mut Ranges) {
    web_tokens(text, found, is_of_n8n);
}

pub(super) fn web_token(text: &str, found: &mut Ranges) {
    web_tokens(text, found, |body| !is_of_n8n(body));
}

/// Base64 in the alphabet for addresses, without padding.
fn decode(text: &str) -> Vec<u8> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0, Vec::new());
    for byte in text.bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' => 62,
            _ => 63,
        };
        bits = (bits << 6 | u32::from(value)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap_or_default());
        }
    }
    bytes
}

/// Digits, a colon, 35 letters. In an address `bot` stands before it.
pub(super) fn telegram(text: &str, found: &mut Ranges) {
    for colon in places(text, ":") {
        let digits = text[..colon]
            .bytes()
            .rev()
            .take_while(u8::is_ascii_digit)
            .count();
        let key = Class::Url.run(text, colon + 1);
        if (8..=12).contains(&digits) && key == 35 && is_varied(&text[colon + 1..colon + 1 + key]) {
            found.push(colon - digits..colon + 1 + key);
        }
    }
}

/// Three parts with dots: 23–28, 6, 27–40 letters; the first is an id in Base64.
pub(super) fn discord(text: &str, found: &mut Ranges) {
    for dot in places(text, ".") {
        let first = text[..dot]
            .bytes()
            .rev()
            .take_while(|it| Class::Url.has(*it))
            .count();
        let start = dot - first;
        let middle = Class::Url.run(text, dot + 1);
        let second = dot + 1 + middle;
        if !(23..=28).contains(&first)
            || middle != 6
            || text.as_bytes().get(second) != Some(&b'.')
            || !text[start..].starts_with(['M', 'N', 'O'])
        {
            continue;
        }
        let last = Class::Url.run(text, second + 1);
        let id = decode(&text[start..dot]);
        if (27..=40).contains(&last)
            && id.iter().all(u8::is_ascii_digit)
            && is_mixed(&text[second + 1..second + 1 + last])
        {
            found.push(start..second + 1 + last);
        }
    }
}

/// `SG.` with parts of 22 and 43 letters.
pub(super) fn sendgrid(text: &str, found: &mut Ranges) {
    for at in places(text, "SG.") {
        let first = Class::Url.run(text, at + 3);
        let dot = at + 3 + first;
        let second = Class::Url.run(text, dot + 1);
        if begins(text, at)
            && first == 22
            && text.as_bytes().get(dot) == Some(&b'.')
            && second == 43
        {
            found.push(at..dot + 1 + second);
        }
    }
}

/// The address by which anybody may write into a Slack channel.
pub(super) fn slack_hook(text: &str, found: &mut Ranges) {
    for at in places(text, "hooks.slack.com/services/") {
        let from = at + "hooks.slack.com/services/".len();
        let rest = text[from..].bytes();
        let run = rest
            .take_while(|it| Class::Alnum.has(*it) || *it == b'/')
            .count();
        let parts: Vec<&str> = text[from..from + run].split('/').collect();
        if parts.len() == 3 && parts.iter().all(|it| it.len() >= 8) && is_varied(parts[2]) {
            found.push(from..from + run);
        }
    }
}

/// Schemes of databases, queues and caches.
const DATABASES: [&str; 16] = [
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "mongodb+srv",
    "redis",
    "rediss",
    "amqp",
    "amqps",
    "mssql",
    "sqlserver",
    "clickhouse",
    "cockroachdb",
    "oracle",
    "jdbc",
];

/// What stands in addresses in place of a password.
const NO_PASSWORDS: [&str; 10] = [
    "password",
    "pass",
    "passwd",
    "pwd",
    "pw",
    "secret",
    "token",
    "x",
    "xxx",
    "x-oauth-basic",
];

fn passwords_in_addresses(text: &str, found: &mut Ranges, wanted: impl Fn(&str) -> bool) {
    for at in places(text, "://") {
        let scheme = text[..at]
            .rsplit(|c: char| !c.is_ascii_alphanumeric() && c != '+')
            .next()
            .unwrap_or_default()
            .to_lowercase();
        if scheme.is_empty() || !wanted(&scheme) {
            continue;
        }
        let rest = &text[at + 3..];
        let ends = |c: char| c.is_whitespace() || "\"'`<>()|,".contains(c);
        let word = rest.split(ends).next().unwrap_or_default();
        // A password may hold a slash or an @ where somebody forgot to encode it; a path that holds an @ may not count.
        let authority = match word.find(['/', '?', '#']) {
            Some(end) if word[..end].contains('@') => &word[..end],
            Some(end) if !word[..end].contains(':') => continue,
            _ => word,
        };
        let Some((user, host)) = authority.rsplit_once('@') else {
            continue;
        };
        let Some((name, password)) = user.split_once(':') else {
            continue;
        };
        let port = password.split('/').next().unwrap_or_default();
        let is_port = password.contains('/')
            && !port.is_empty()
            && port.bytes().all(|it| it.is_ascii_digit());
        let lower = password.to_lowercase();
        let open = password.starts_with(['$', '{', '<', '%', '[', '*', '‹'])
            || NO_PASSWORDS.contains(&lower.as_str())
            || is_placeholder(password);
        if password.len() < 3 || is_port || open || (password == name && is_local(host)) {
            continue;
        }
        let from = at + 3 + name.len() + 1;
        found.push(from..from + password.len());
    }
}

fn is_local(host: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]", "db"]
        .iter()
        .any(|it| host.starts_with(it))
}

pub(super) fn database(text: &str, found: &mut Ranges) {
    passwords_in_addresses(text, found, |scheme| DATABASES.contains(&scheme));
}

pub(super) fn address(text: &str, found: &mut Ranges) {
    passwords_in_addresses(text, found, |scheme| !DATABASES.contains(&scheme));
}

/// Words that English is full of and that no list of seed words has.
const NO_SEED: [&str; 40] = [
    "the", "and", "are", "was", "were", "for", "from", "our", "his", "her", "its", "has", "had",
    "been", "but", "not", "may", "into", "who", "how", "does", "did", "their", "them", "these",
    "those", "which", "would", "should", "could", "please", "each", "must", "were", "being",
    "than", "your", "done", "going", "words",
];

/// Twelve or twenty-four plain words after "seed phrase" and the like.
pub(super) fn seed_words(text: &str, found: &mut Ranges) {
    let lower = text.to_lowercase();
    // Lower case may differ in length for a few letters: then places would not fit.
    if lower.len() != text.len() {
        return;
    }
    for name in [
        "seed",
        "mnemonic",
        "recovery phrase",
        "recovery words",
        "wallet",
        "сид",
        "мнемон",
    ] {
        for at in places(&lower, name) {
            let after = at + name.len();
            let from = lower[after..].find([':', '=', '\n']).filter(|it| *it <= 30);
            if let Some(from) = from
                && let Some(range) = words_from(text, after + from + 1)
            {
                found.push(range);
            }
        }
    }
}

fn words_from(text: &str, from: usize) -> Option<Range<usize>> {
    let (mut words, mut first, mut end, mut at) = (Vec::new(), None, from, from);
    let bytes = text.as_bytes();
    while at < bytes.len() && words.len() <= 24 {
        let run = bytes[at..]
            .iter()
            .take_while(|it| it.is_ascii_lowercase())
            .count();
        if run > 0 {
            if !(3..=8).contains(&run) {
                break;
            }
            words.push(&text[at..at + run]);
            first.get_or_insert(at);
            end = at + run;
            at = end;
        } else if bytes[at].is_ascii_whitespace()
            || bytes[at].is_ascii_digit()
            || b"\"'`,.)".contains(&bytes[at])
        {
            at += 1;
        } else {
            break;
        }
    }
    let fits = matches!(words.len(), 12 | 15 | 18 | 21 | 24)
        && !words.iter().any(|it| NO_SEED.contains(it));
    first.filter(|_| fits).map(|first| first..end)
}

/// Solana's key file: 64 numbers of one byte in brackets.
pub(super) fn key_numbers(text: &str, found: &mut Ranges) {
    for at in places(text, "[") {
        let Some(end) = text[at..].find(']').filter(|end| *end < 400) else {
            continue;
        };
        let inside = &text[at + 1..at + end];
        let numbers: Option<Vec<u8>> = inside.split(',').map(|it| it.trim().parse().ok()).collect();
        if numbers.is_some_and(|it| it.len() == 64 && it.iter().any(|byte| *byte > 99)) {
            found.push(at..at + end + 1);
        }
    }
}

/// What an HTTP header of this kind carries.
pub(super) fn bearer(text: &str, found: &mut Ranges) {
    for head in ["Bearer ", "bearer ", "Basic ", "Token "] {
        for at in places(text, head) {
            let from = at + head.len();
            let run = Class::Base64.run(text, from);
            let body = &text[from..from + run];
            let least = if head == "Basic " { 12 } else { 20 };
            let named = near(text, at, 24, &["authorization", "auth:", "-h "])
                || head.eq_ignore_ascii_case("bearer ");
            if begins(text, at) && named && run >= least && is_mixed(body) {
                found.push(from..from + run);
            }
        }
    }
}
