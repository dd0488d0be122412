//! `password=…`, `SECRET: "…"`, `--token …`, "the password is …": something random is given to a name that promises a secret.

use std::ops::Range;

use super::letters::{cases, distinct, entropy, is_placeholder, near};

/// Names that people choose passwords for: what follows need not be long.
const PASSWORDS: [&str; 12] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "passwort",
    "kennwort",
    "пароль",
    "пароля",
    "contraseña",
    "motdepasse",
    "dbpass",
];

/// Names of generated values: what follows is long and random.
const SECRETS: [&str; 17] = [
    "secret",
    "token",
    "apikey",
    "accesskey",
    "secretkey",
    "privatekey",
    "authkey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "credential",
    "credentials",
    "keysecret",
    "clientsecret",
    "токен",
    "секрет",
    "ключ",
];

/// Names that end like a secret and are none.
const HARMLESS: [&str; 10] = [
    "nexttoken",
    "pagetoken",
    "continuationtoken",
    "synctoken",
    "cancellationtoken",
    "unexpectedtoken",
    "publickey",
    "tokentype",
    "syntaxtoken",
    "resettoken",
];

/// What follows the name: then the value may follow.
const VERBS: [&str; 6] = [" is now ", " is ", " ist ", " lautet ", " — ", " это "];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Promise {
    Password,
    Secret,
}

/// Passwords that were given to a name.
pub(super) fn password(text: &str, found: &mut Vec<Range<usize>>) {
    assigned(text, Promise::Password, found);
}

/// Generated values that were given to a name.
pub(super) fn secret(text: &str, found: &mut Vec<Range<usize>>) {
    assigned(text, Promise::Secret, found);
}

fn assigned(text: &str, wanted: Promise, found: &mut Vec<Range<usize>>) {
    let is_name = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    let mut at = 0;
    while let Some(start) = text[at..].find(is_name).map(|it| at + it) {
        let end = text[start..]
            .find(|c| !is_name(c))
            .map_or(text.len(), |it| start + it);
        at = end;
        let name = &text[start..end];
        // Parsers complain of tokens that are none of ours.
        if promise(name) != Some(wanted) || near(text, start, "unexpected ".len(), &["unexpected "])
        {
            continue;
        }
        let Some((value, loose)) = value_after(text, end, name) else {
            continue;
        };
        let written = &text[value.clone()];
        let fits = match wanted {
            Promise::Password => is_password(written, loose),
            Promise::Secret => is_generated(written),
        };
        if fits {
            at = value.end;
            found.push(value);
        }
    }
}

fn promise(name: &str) -> Option<Promise> {
    if name.len() > 80 {
        return None;
    }
    let plain: String = name
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    let ends = |words: &[&str]| words.iter().any(|word| plain.ends_with(word));
    if ends(&HARMLESS) {
        None
    } else if ends(&PASSWORDS) || plain == "pass" || name.to_lowercase().ends_with("_pass") {
        Some(Promise::Password)
    } else if ends(&SECRETS) {
        Some(Promise::Secret)
    } else {
        None
    }
}

/// Where the value is, and whether it was only said in a sentence.
fn value_after(text: &str, end: usize, name: &str) -> Option<(Range<usize>, bool)> {
    let mut rest = &text[end..];
    let mut loose = false;
    let said = VERBS.iter().find(|verb| rest.starts_with(**verb));
    if let Some(verb) = said {
        rest = &rest[verb.len()..];
        loose = true;
    } else if name.starts_with("--") && rest.starts_with(' ') {
        rest = &rest[1..];
    } else {
        // `"name": "value"`, `name := value`, `name => value`, `**name:** value`
        rest = rest.trim_start_matches(['"', '\'', '`', ']', '*']);
        rest = rest.trim_start_matches([' ', '\t']);
        let signs = [":=", "=>", "==", "=", ":"];
        let sign = signs.iter().find(|sign| rest.starts_with(**sign))?;
        // A comparison shows no value of its own; an address is not one either.
        if *sign == "==" || rest.starts_with("://") {
            return None;
        }
        rest = &rest[sign.len()..];
        loose = *sign == ":";
        rest = rest.trim_start_matches('*');
    }
    rest = rest.trim_start_matches([' ', '\t']);
    let start = text.len() - rest.len();
    let quote = rest.chars().next().filter(|c| "\"'`«".contains(*c));
    if let Some(quote) = quote {
        let close = if quote == '«' { '»' } else { quote };
        let inside = &rest[quote.len_utf8()..];
        let length = inside.find([close, '\n'])?;
        let from = start + quote.len_utf8();
        return Some((from..from + length, false));
    }
    let asked = text[..end]
        .rsplit(char::is_whitespace)
        .next()
        .unwrap_or_default();
    let in_query = asked.contains(['?', '&']);
    let length = rest
        .find(|c: char| c.is_whitespace() || (in_query && (c == '&' || c == '#')))
        .unwrap_or(rest.len());
    let value =
        rest[..length].trim_end_matches(['"', '\'', '`', ',', ';', '.', ')', ']', '}', '>', ':']);
    Some((start..start + value.len(), loose))
}

/// Code that gets the value from elsewhere, a mask, a path, an address.
fn is_reference(value: &str) -> bool {
    let marks = [
        "(",
        "${",
        "$(",
        "{{",
        "process.env",
        "os.environ",
        "env.",
        "ENV[",
        "://",
        "vault:",
        "sha256:",
    ];
    value.starts_with(['$', '%', '<', '{', '/', '&', '‹', '@', '~', '*', '[', '#'])
        || marks.iter().any(|mark| value.contains(mark))
        || is_placeholder(value)
}

/// Two kinds of letters at least, as a password has; a sentence needs more to be taken for one.
fn is_password(value: &str, loose: bool) -> bool {
    if is_reference(value)
        || !(6..=200).contains(&value.len())
        || distinct(value) < 4
        || looks_written(value)
    {
        return false;
    }
    let (lower, upper, digit) = cases(value);
    let symbol = value
        .chars()
        .any(|c| !c.is_alphanumeric() && !"_-. /".contains(c));
    let letter = lower || upper;
    let mixed = letter && digit;
    if loose {
        mixed && (value.len() >= 7 || symbol) || lower && upper && symbol
    } else {
        mixed || letter && symbol || lower && upper && value.len() >= 10 && entropy(value) > 2.8
    }
}

/// Long, with many different letters and digits among them.
fn is_generated(value: &str) -> bool {
    let (lower, upper, digit) = cases(value);
    let letters = lower || upper;
    !is_reference(value)
        && !looks_written(value)
        && value.is_ascii()
        && (16..=4_096).contains(&value.len())
        && letters
        && digit
        && distinct(value) >= 9
        && entropy(value) >= 3.0
}

/// Times, dates, versions, sizes, and words with hyphens or dots between them, as people and programs write them.
fn looks_written(value: &str) -> bool {
    let parts: Vec<&str> = value
        .split(['-', '_', '.', ':', '/', ' '])
        .filter(|it| !it.is_empty())
        .collect();
    let plain = |part: &&str| {
        part.chars().all(|c| c.is_ascii_digit()) && part.len() <= 4
            || part.chars().all(char::is_alphabetic)
            || is_count(part)
    };
    parts.len() > 1 && parts.iter().all(plain)
}

/// `14h`, `90days`, `v2`, `3rd`.
fn is_count(part: &str) -> bool {
    let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
    let word = part.trim_end_matches(|c: char| c.is_ascii_digit());
    (rest.len() < part.len() && rest.chars().all(char::is_alphabetic) && rest.len() <= 7)
        || (word.len() < part.len() && word.len() <= 2 && word.chars().all(char::is_alphabetic))
}
