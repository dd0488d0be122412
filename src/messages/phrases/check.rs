//! Whether a language's files are whole: every phrase there, about the same things, with markup that Telegram takes.

use std::collections::{BTreeMap, BTreeSet};

use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};

use super::Problem;

/// What is known about each phrase. Documents have no variables here.
pub(super) type Shapes = BTreeMap<String, Shape>;

/// Where a phrase is, and what it speaks of.
pub(super) struct Shape {
    file: String,
    line: usize,
    variables: BTreeSet<String>,
}

/// The markup that phrases may use.
const TAGS: &[&str] = &["b", "i", "u", "s", "code"];

/// A template of a document, not a file of phrases.
pub(super) fn is_document(file: &str) -> bool {
    file.rsplit('.').next() == Some("j2")
}

/// The shapes of all phrases in some files.
pub(super) fn shapes<'a>(
    language: &str,
    files: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Shapes, Problem> {
    let mut found = Shapes::new();
    for (file, text) in files {
        let problem = |message: String| Problem {
            language: language.to_owned(),
            file: file.to_owned(),
            message,
        };
        if is_document(file) {
            let document = Shape {
                file: file.to_owned(),
                line: 1,
                variables: BTreeSet::new(),
            };
            found.insert(file.to_owned(), document);
            continue;
        }
        let resource = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
            let first = errors.first();
            let at = first.map_or(0, |error| error.pos.start.min(text.len()));
            let line = text
                .get(..at)
                .map_or(1, |before| before.matches('\n').count() + 1);
            problem(format!(
                "line {line}: {}",
                first.map_or_else(String::new, ToString::to_string)
            ))
        })?;
        for entry in resource.entries() {
            let Entry::Message(message) = entry else {
                continue;
            };
            let value = message
                .value
                .iter()
                .map(|pattern| (message.id.name.to_owned(), pattern));
            let attributes = message
                .attributes
                .iter()
                .map(|it| (format!("{}.{}", message.id.name, it.id.name), &it.value));
            for (key, pattern) in value.chain(attributes) {
                let mut variables = BTreeSet::new();
                let line = line_of(text, message.id.name);
                look_at(pattern, &mut variables)
                    .map_err(|why| problem(format!("line {line}: {key}: {why}")))?;
                let shape = Shape {
                    file: file.to_owned(),
                    line,
                    variables,
                };
                found.insert(key, shape);
            }
        }
    }
    Ok(found)
}

/// The line on which a phrase begins: the reader of Fluent does not keep it. The last one counts.
fn line_of(text: &str, id: &str) -> usize {
    let begins = |line: &str| {
        line.strip_prefix(id)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let last = text.lines().enumerate().filter(|(_, line)| begins(line));
    last.last().map_or(1, |(index, _)| index + 1)
}

/// Compares a language with English.
pub(super) fn compare(language: &str, needed: &Shapes, found: &Shapes) -> Result<(), Problem> {
    let problem = |file: &str, message: String| Problem {
        language: language.to_owned(),
        file: file.to_owned(),
        message,
    };
    for (key, shape) in found {
        let Shape {
            file,
            line,
            variables,
        } = shape;
        let Some(Shape {
            variables: expected,
            ..
        }) = needed.get(key)
        else {
            return Err(problem(
                file,
                format!("line {line}: {key} is not a phrase of the program: remove it"),
            ));
        };
        if variables != expected {
            let list = |names: &BTreeSet<String>| {
                let names: Vec<_> = names.iter().map(|name| format!("${name}")).collect();
                if names.is_empty() {
                    "none".to_owned()
                } else {
                    names.join(" ")
                }
            };
            let message = format!(
                "line {line}: {key} must use the variables {}, it uses {}",
                list(expected),
                list(variables)
            );
            return Err(problem(file, message));
        }
    }
    match needed.iter().find(|(key, _)| !found.contains_key(*key)) {
        Some((key, shape)) => Err(problem(&shape.file, format!("{key} is missing"))),
        None => Ok(()),
    }
}

fn look_at(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) -> Result<(), String> {
    let mut open: Vec<&str> = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => markup(value, &mut open)?,
            PatternElement::Placeable { expression } => expression_of(expression, variables)?,
        }
    }
    match open.last() {
        Some(tag) => Err(format!("<{tag}> is not closed")),
        None => Ok(()),
    }
}

fn expression_of(
    expression: &Expression<&str>,
    variables: &mut BTreeSet<String>,
) -> Result<(), String> {
    match expression {
        Expression::Inline(inline) => inline_of(inline, variables),
        Expression::Select { selector, variants } => {
            inline_of(selector, variables)?;
            variants
                .iter()
                .try_for_each(|variant| look_at(&variant.value, variables))
        }
    }
}

fn inline_of(
    inline: &InlineExpression<&str>,
    variables: &mut BTreeSet<String>,
) -> Result<(), String> {
    match inline {
        InlineExpression::VariableReference { id } => {
            variables.insert(id.name.to_owned());
            Ok(())
        }
        InlineExpression::Placeable { expression } => expression_of(expression, variables),
        InlineExpression::StringLiteral { value } => markup(value, &mut Vec::new()),
        InlineExpression::NumberLiteral { .. } => Ok(()),
        InlineExpression::FunctionReference { .. }
        | InlineExpression::MessageReference { .. }
        | InlineExpression::TermReference { .. } => {
            Err("functions and references to other phrases are not used here".to_owned())
        }
    }
}

/// Only plain tags, closed in order, and no loose `<` or `&`.
fn markup<'a>(text: &'a str, open: &mut Vec<&'a str>) -> Result<(), String> {
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        rest = &rest[at..];
        if rest.starts_with('&') {
            let known = ["&lt;", "&gt;", "&amp;", "&quot;"]
                .iter()
                .find(|it| rest.starts_with(**it));
            rest = known
                .map(|it| &rest[it.len()..])
                .ok_or("a loose & must be written &amp;")?;
            continue;
        }
        let end = rest.find('>').ok_or("a loose < must be written &lt;")?;
        let tag = &rest[1..end];
        if let Some(closed) = tag.strip_prefix('/') {
            if open.pop() != Some(closed) {
                return Err(format!("</{closed}> closes nothing"));
            }
        } else if TAGS.contains(&tag) {
            open.push(tag);
        } else {
            return Err(format!("<{tag}> is not among {}", TAGS.join(", ")));
        }
        rest = &rest[end + 1..];
    }
    Ok(())
}
