//! From a file's text to a plan.

use super::read::{self, Book, Section};
use super::rules::secrets;
use super::{Plan, Problem};
use toml::de::{DeTable, DeValue};

/// The largest plan that is read, in bytes.
const LARGEST: usize = 1024 * 1024;

/// Reads a plan. On failure, every mistake of the file, sorted by place.
pub fn parse(source: &str) -> Result<Plan, Vec<Problem>> {
    if source.len() > LARGEST {
        let hint = "a plan is a document of some pages".to_owned();
        return Err(vec![Problem::at(
            source,
            0,
            "the file is larger than 1 MiB",
            Some(hint),
        )]);
    }
    let (document, errors) = DeTable::parse_recoverable(source);
    let book = Book::new(source, !errors.is_empty());
    for error in &errors {
        let offset = error.span().map_or(0, |span| span.start);
        let message = error
            .message()
            .lines()
            .next()
            .unwrap_or("this is not TOML")
            .to_owned();
        book.wrong_hint(
            offset,
            format!("not TOML: {message}"),
            syntax_hint(source, offset),
        );
    }
    check_texts(&book, document.get_ref());
    let root = Section::root(&book, document.get_ref());
    let plan = read::plan(&root, source);
    drop(root);
    book.resolve();
    let problems = book.close();
    if problems.is_empty() {
        Ok(plan)
    } else {
        Err(problems)
    }
}

/// What usually is behind a syntax error.
fn syntax_hint(source: &str, offset: usize) -> &'static str {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset -= 1;
    }
    let begin = source[..offset]
        .rfind('\n')
        .map_or(0, |newline| newline + 1);
    let line = source[begin..].lines().next().unwrap_or_default();
    if line.trim_start().starts_with('[') {
        "a heading is [name] or [[name]] on a line of its own"
    } else if line.matches('"').count() % 2 == 1 {
        "a text stands between two quotes on one line, or between three and three"
    } else {
        "a line is key = value; a text stands in quotes"
    }
}

/// Rules that hold for every text of the file: no secrets, no invisible characters.
fn check_texts(book: &Book<'_>, table: &DeTable<'_>) {
    for (_, value) in table {
        check_value(book, value.get_ref(), value.span().start);
    }
}

fn check_value(book: &Book<'_>, value: &DeValue<'_>, offset: usize) {
    match value {
        DeValue::String(text) => check_text(book, text, offset),
        DeValue::Array(list) => {
            for entry in list {
                check_value(book, entry.get_ref(), entry.span().start);
            }
        }
        DeValue::Table(table) => check_texts(book, table),
        _ => {}
    }
}

fn check_text(book: &Book<'_>, text: &str, offset: usize) {
    if secrets::found_in(text) {
        book.wrong_hint(
            offset,
            "this looks like a secret, and a plan can be shared",
            "name it among a connection's secrets and write ${secret.NAME}; if it is real, rotate it",
        );
    }
    if text.chars().any(is_invisible) {
        book.wrong_hint(
            offset,
            "the text holds an invisible or control character",
            "it could make a text look like another: type it anew",
        );
    }
}

/// Control characters apart from the line break, and those that reorder or hide text.
fn is_invisible(letter: char) -> bool {
    (letter.is_control() && letter != '\n')
        || matches!(letter, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod fuzz;
#[cfg(test)]
pub(super) mod tests;
