//! What is given to a procedure: read by its declaration, checked before anything else exists.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};

use super::super::super::refusal::Refusal;
use super::super::super::text::clean;
use crate::plan::{Parameter, ParameterKind, Procedure};

/// The longest value.
const VALUE_MAX: usize = 128;

/// The words of a command, from left to right.
pub(super) struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.trim() }
    }

    pub(super) fn peek(&self) -> Option<&'a str> {
        self.rest.split_whitespace().next()
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        let word = self.peek()?;
        self.rest = self.rest[word.len()..].trim_start();
        Some(word)
    }

    /// Takes this word, if it comes next.
    pub(super) fn take(&mut self, wanted: &str) -> bool {
        let next = self.peek();
        let is_next = next.is_some_and(|word| word.eq_ignore_ascii_case(wanted));
        if is_next {
            self.next();
        }
        is_next
    }

    /// What is left: a reason.
    pub(super) fn rest(&self) -> String {
        clean(self.rest)
    }
}

/// Parameters by name, and the required ones that are missing.
type Given = (BTreeMap<String, String>, Vec<String>);

/// Reads `name=value` words, then what is required in the order in which it is declared.
pub(super) fn read(
    verb: &'static str,
    procedure: &Procedure,
    words: &mut Words<'_>,
) -> Result<Given, Refusal> {
    let mut given = BTreeMap::new();
    while let Some(word) = words.peek() {
        let (parameter, value) = match named(word) {
            Some((name, value)) => (known(verb, procedure, name)?, value),
            None => match next_required(procedure, &given) {
                Some(parameter) => (parameter, word),
                None => break,
            },
        };
        let value = check(parameter.kind, value).ok_or_else(|| Refusal::BadParameter {
            verb,
            name: parameter.name.clone(),
            kind: parameter.kind,
        })?;
        if given.insert(parameter.name.clone(), value).is_some() {
            return Err(unknown(verb, procedure, &parameter.name));
        }
        words.next();
    }
    let missing = procedure
        .parameters
        .iter()
        .filter(|it| it.required && !given.contains_key(&it.name))
        .map(|it| it.name.clone())
        .collect();
    Ok((given, missing))
}

/// `commit=1a2b3c4`: a name as plans have them, so that a reason with an equals sign in it stays a reason.
fn named(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let fits = !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    fits.then_some((name, value))
}

fn known<'p>(
    verb: &'static str,
    procedure: &'p Procedure,
    name: &str,
) -> Result<&'p Parameter, Refusal> {
    let found = procedure.parameters.iter().find(|it| it.name == name);
    found.ok_or_else(|| unknown(verb, procedure, name))
}

fn unknown(verb: &'static str, procedure: &Procedure, name: &str) -> Refusal {
    Refusal::UnknownParameter {
        verb,
        name: name.to_owned(),
        known: procedure
            .parameters
            .iter()
            .map(|it| it.name.clone())
            .collect(),
    }
}

fn next_required<'p>(
    procedure: &'p Procedure,
    given: &BTreeMap<String, String>,
) -> Option<&'p Parameter> {
    procedure
        .parameters
        .iter()
        .find(|it| it.required && !given.contains_key(&it.name))
}

/// The value as it is handed on, if it is what its kind says.
pub(super) fn check(kind: ParameterKind, value: &str) -> Option<String> {
    if value.is_empty() || value.len() > VALUE_MAX {
        return None;
    }
    let fits = match kind {
        ParameterKind::Commit => {
            (7..=64).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_hexdigit())
        }
        ParameterKind::Backup => is_name(value, false) && !value.contains(".."),
        ParameterKind::Name => is_name(value, true),
        ParameterKind::Address => return address(value),
        ParameterKind::Time => return moment(value),
    };
    fits.then(|| value.to_owned())
}

/// Nothing that could be an option, a hidden file or a way into another folder.
fn is_name(value: &str, at: bool) -> bool {
    let fits =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte) || (at && byte == b'@');
    !value.starts_with(['-', '.']) && value.bytes().all(fits)
}

/// An address or a network, written as everybody writes it. Not what would cut the machine off from itself or from all.
fn address(value: &str) -> Option<String> {
    let (address, length) = match value.split_once('/') {
        Some((address, length)) => {
            let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
            (address, Some(length).filter(|_| digits)?.parse::<u8>().ok())
        }
        None => (value, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let (least, most) = if address.is_ipv4() {
        (8, 32)
    } else {
        (16, 128)
    };
    if address.is_loopback() || address.is_unspecified() {
        return None;
    }
    match (value.contains('/'), length) {
        (false, _) => Some(address.to_string()),
        (true, Some(length)) if (least..=most).contains(&length) => {
            Some(format!("{address}/{length}"))
        }
        (true, _) => None,
    }
}

/// `2026-02-17T14:05:00Z`, or without the seconds and the zone: UTC then.
fn moment(value: &str) -> Option<String> {
    let with_zone = DateTime::parse_from_rfc3339(value).map(|at| at.with_timezone(&Utc));
    let without = || {
        ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M"]
            .iter()
            .find_map(|form| NaiveDateTime::parse_from_str(value, form).ok())
            .map(|at| at.and_utc())
    };
    let at = with_zone.ok().or_else(without)?;
    Some(at.to_rfc3339_opts(SecondsFormat::Secs, true))
}
