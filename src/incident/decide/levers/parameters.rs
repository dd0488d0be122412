//! What is given to a procedure: read by its declaration, checked before anything else exists.

use std::collections::BTreeMap;

use super::super::super::refusal::Refusal;
use super::super::super::text::clean;
use crate::plan::{Parameter, ParameterKind, Procedure};

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
    kind.accept(value)
}
