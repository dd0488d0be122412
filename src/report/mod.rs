//! The incident report: a fold over the incident's events, in the layout of the plan that it was declared under.

mod actions;
mod afterwards;
mod marks;
mod sections;
mod text;
mod verify;

use serde::Serialize;

use crate::incident::Incident;
use crate::messages::View;
use text::Writer;
pub use verify::{Missing, Verify, timeline, verify};

/// A section as the template writes it. What is empty is left out.
#[derive(Debug, Default, Serialize)]
struct Section {
    heading: String,
    text: Vec<String>,
    fields: Vec<Field>,
    bullets: Vec<String>,
    numbered: Vec<String>,
    checks: Vec<CheckBox>,
    tables: Vec<Table>,
}

#[derive(Debug, Serialize)]
struct Field {
    label: String,
    value: String,
}

#[derive(Debug, Serialize)]
struct CheckBox {
    done: bool,
    text: String,
}

#[derive(Debug, Serialize)]
struct Table {
    title: String,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Debug, Serialize)]
struct Document {
    title: String,
    drill: Option<String>,
    sections: Vec<Section>,
    made: String,
}

/// The report as Markdown: the file's name and its text. Times are UTC; what nobody recorded says so.
pub fn markdown(view: &View<'_>, incident: &Incident) -> (String, String) {
    let writer = Writer { view, incident };
    let name = format!("{}-report.md", incident.id);
    let layout = &incident.plan.report;
    let mut sections: Vec<Section> = layout
        .sections
        .iter()
        .map(|it| sections::section(&writer, it))
        .collect();
    sections.extend(sections::deviations(&writer));
    let document = Document {
        title: format!(
            "{}: {}",
            text::escape(&layout.title),
            text::line(&incident.title)
        ),
        drill: incident.is_drill().then(|| writer.word("report-drill")),
        sections,
        made: writer.made(),
    };
    let written = view
        .phrases
        .document("report.md.j2")
        .and_then(|template| template.render(minijinja::value::Serde(&document)));
    // The template is checked when it is loaded; an override may still fail on a value. The facts must not be lost.
    let written = written.unwrap_or_else(|error| {
        format!(
            "# {}\n\n{}\n\n```\n{error}\n{document:#?}\n```\n",
            document.title, document.made
        )
    });
    (name, tidy(&written))
}

/// The template leaves empty lines where a section has nothing of a kind: at most one stays, none inside a table.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() && lines.last().is_none_or(|last| last.is_empty()) {
            continue;
        }
        lines.push(line);
    }
    let mut tidied = String::with_capacity(text.len());
    for (index, line) in lines.iter().enumerate() {
        let table = |at: Option<&&str>| at.is_some_and(|it| it.starts_with('|'));
        let list = |at: Option<&&str>| at.is_some_and(|it| is_list(it));
        let (before, after) = (
            index.checked_sub(1).and_then(|at| lines.get(at)),
            lines.get(index + 1),
        );
        let inside = (table(before) && table(after)) || (list(before) && list(after));
        if line.is_empty() && inside {
            continue;
        }
        tidied.push_str(line);
        tidied.push('\n');
    }
    tidied
}

fn is_list(line: &str) -> bool {
    let numbered = line.split_once(". ").is_some_and(|(number, _)| {
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    line.starts_with("- ") || numbered
}

#[cfg(test)]
mod tests;
