//! Words for a Markdown file: plain text, escaped, times in UTC.

use chrono::{DateTime, Duration, NaiveDate, Utc};

use crate::incident::{By, Incident, IncidentEvent, Person, clean, one_line};
use crate::messages::html::Html;
use crate::messages::{View, author, event_words};
use crate::plan::{FactField, FactKind};

/// Characters of one person's text in the report: all that can be recorded.
const TEXT_MAX: usize = 4_096;

/// What the sections are written with.
pub(super) struct Writer<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) incident: &'a Incident,
}

impl Writer<'_> {
    pub(super) fn word(&self, key: &str) -> String {
        plain(&self.view.phrases.word(key))
    }

    /// The value, or that it was not recorded.
    pub(super) fn or_unknown(&self, value: Option<String>) -> String {
        value.unwrap_or_else(|| self.word("report-not-recorded"))
    }

    pub(super) fn by(&self, by: &By) -> String {
        match by {
            By::Person(person) => name(person),
            By::Bot => self.word("by-bot"),
            By::Host(_) => plain(&author(self.view, by).unwrap_or_default()),
        }
    }

    pub(super) fn span(&self, span: Duration) -> String {
        plain(&self.view.times().span(span))
    }

    /// A recorded fact in the report's form.
    pub(super) fn fact(&self, field: FactField) -> Option<String> {
        let fact = self.incident.facts.get(&field)?;
        let at = (field.kind() == FactKind::Time)
            .then(|| fact.value.parse().ok())
            .flatten();
        Some(at.map_or_else(|| line(&fact.value), moment))
    }

    /// The lines of a fact that is a list, or the only line of another.
    pub(super) fn fact_lines(&self, field: FactField) -> Vec<String> {
        let value = self
            .incident
            .facts
            .get(&field)
            .map(|fact| fact.value.as_str())
            .unwrap_or_default();
        value
            .lines()
            .map(line)
            .filter(|it| !it.is_empty())
            .collect()
    }

    /// What happened, in one line.
    pub(super) fn event(&self, event: &IncidentEvent) -> String {
        if let IncidentEvent::FactRecorded { field, value } = event {
            let label = self.word(&field.label_key());
            let at = (field.kind() == FactKind::Time)
                .then(|| value.parse().ok())
                .flatten();
            return format!("{label}: {}", at.map_or_else(|| line(value), moment));
        }
        escape(&plain(&event_words(
            self.view,
            self.incident,
            event,
            TEXT_MAX,
        )))
    }

    /// When, from what and under which plan the report was written.
    pub(super) fn made(&self) -> String {
        let info = &self.incident.plan.info;
        plain(&crate::messages::say!(
            self.view.phrases,
            "report-made",
            at = own(&moment(self.view.now)),
            events = self.incident.timeline.len(),
            plan = own(&line(&info.title)),
            version = own(&line(&info.version)),
            revision = own(self.incident.plan.revision.short()),
        ))
    }
}

/// Text that is Markdown already, on its way through a phrase.
pub(super) fn own(markdown: &str) -> Html {
    Html::escaped(markdown)
}

/// Without HTML and without the marks that only matter in a chat.
pub(super) fn plain(html: &Html) -> String {
    html.plain()
        .replace(['\u{2060}', '\u{2068}', '\u{2069}'], "")
}

pub(super) fn name(person: &Person) -> String {
    escape(&plain(&crate::messages::name(person)))
}

/// `2026-02-17 14:05 UTC`
pub(super) fn moment(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

pub(super) fn day(date: NaiveDate) -> String {
    date.format("%Y-%m-%d").to_string()
}

/// Somebody's text as one line of Markdown without any effect.
pub(super) fn line(text: &str) -> String {
    escape(&one_line(text, TEXT_MAX))
}

/// Somebody's text with its line breaks, as paragraphs.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    clean(text)
        .lines()
        .map(line)
        .filter(|it| !it.is_empty())
        .collect()
}

/// Escapes what Markdown would take for markup: nothing from outside makes a link, an image, a heading or a cell.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for (index, letter) in text.char_indices() {
        let start = index == 0 && matches!(letter, '#' | '-' | '+' | '=' | '~');
        let number = letter == '.'
            && index > 0
            && text[..index].bytes().all(|byte| byte.is_ascii_digit())
            && text[index + 1..].starts_with(char::is_whitespace);
        let word = letter == '_' && !inside_word(text, index);
        let special = "\\`*[]<>|!&~".contains(letter);
        if start || number || word || special {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    // An address must not become a link by itself.
    escaped.replace("://", ":\\//").replace("www.", "www\\.")
}

/// `_` between letters is only a letter in Markdown.
fn inside_word(text: &str, at: usize) -> bool {
    let before = text[..at]
        .chars()
        .next_back()
        .is_some_and(char::is_alphanumeric);
    let after = text[at + 1..]
        .chars()
        .next()
        .is_some_and(char::is_alphanumeric);
    before && after
}
