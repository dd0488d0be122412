//! What an export says about itself: its timeline to read, and how to verify it.

use std::fmt::Write as _;

use serde::Serialize;

use super::text::{Writer, escape, line, moment, own, plain};
use crate::incident::{Event, Incident};
use crate::messages::{View, say};

/// What the page about verifying says.
#[derive(Debug)]
pub struct Verify {
    /// How many events the export holds.
    pub events: usize,
    /// The hash of the last one.
    pub last: String,
    /// What belongs into the export and is not there.
    pub missing: Vec<Missing>,
}

/// A file that belongs into an export and is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// It was never stored.
    NotStored(String),
    /// It was stored and is gone or changed.
    Lost(String),
}

#[derive(Serialize)]
struct Page<'a> {
    id: String,
    made: &'a str,
    events: usize,
    last: &'a str,
    missing: Vec<String>,
}

/// The whole timeline as Markdown.
pub fn timeline(view: &View<'_>, incident: &Incident) -> String {
    let writer = Writer { view, incident };
    let mut text = format!(
        "# {}: {}\n\n| {} | {} | {} |\n|---|---|---|\n",
        incident.id,
        line(&incident.title),
        writer.word("report-column-time"),
        writer.word("report-column-event"),
        writer.word("report-column-who"),
    );
    for recorded in &incident.timeline {
        if let Event::Incident(_, event) = &recorded.event {
            let at = recorded.at.format("%Y-%m-%d %H:%M:%S");
            let (said, who) = (writer.event(event), writer.by(&recorded.by));
            let _ = writeln!(text, "| {at} | {said} | {who} |");
        }
    }
    text
}

/// How to verify an export, as Markdown and as a page.
pub fn verify(view: &View<'_>, incident: &Incident, verify: &Verify) -> (String, String) {
    let made = moment(view.now);
    let missing = |shown: fn(&str) -> String| -> Vec<String> {
        let words = verify.missing.iter().map(|it| {
            let (key, name) = match it {
                Missing::NotStored(name) => ("export-missing-not-stored", name),
                Missing::Lost(name) => ("export-missing-lost", name),
            };
            shown(&plain(&say!(view.phrases, key, name = own(name))))
        });
        words.collect()
    };
    let page = |name: &str, missing: Vec<String>| {
        let page = Page {
            id: incident.id.to_string(),
            made: &made,
            events: verify.events,
            last: &verify.last,
            missing,
        };
        let written = view
            .phrases
            .document(name)
            .and_then(|template| template.render(minijinja::value::Serde(&page)));
        // The template is checked when it is loaded; an override may still fail on a value.
        written.unwrap_or_else(|error| {
            format!("{error}\n\nsha256sum -c --strict SHA256SUMS\npython3 verify.py\n")
        })
    };
    let markdown = page("verify.md.j2", missing(escape));
    let html = page("verify.html.j2", missing(str::to_owned));
    (super::tidy(&markdown), html)
}
