//! The end of the report: follow-ups, evidence, who was told.

use super::Table;
use super::text::{Writer, day, escape, line, moment, name, own, plain};
use crate::incident::{Event, Evidence, FollowUp, IncidentEvent, Kept};
use crate::messages::{name as shown_name, quoted_words, say};

struct Todo {
    text: String,
    who: String,
    due: String,
    status: String,
}

fn todo(writer: &Writer<'_>, it: &FollowUp) -> Todo {
    Todo {
        text: line(&it.text),
        who: it
            .owner
            .as_ref()
            .map_or_else(|| writer.word("nobody"), name),
        due: writer.or_unknown(it.due.map(day)),
        status: writer.word(if it.done {
            "report-todo-done"
        } else {
            "report-todo-open"
        }),
    }
}

pub(super) fn follow_ups(writer: &Writer<'_>) -> Vec<String> {
    let said = writer.incident.follow_ups.iter().map(|it| {
        let it = todo(writer, it);
        let (text, who, due, status) = (own(&it.text), own(&it.who), own(&it.due), own(&it.status));
        plain(&say!(
            writer.view.phrases,
            "report-todo",
            text = text,
            who = who,
            due = due,
            status = status
        ))
    });
    let said: Vec<String> = said.collect();
    if said.is_empty() {
        vec![writer.word("report-none")]
    } else {
        said
    }
}

pub(super) fn action_items(writer: &Writer<'_>) -> Table {
    let keys = [
        "report-column-action",
        "report-column-owner",
        "report-column-due",
        "report-column-status",
    ];
    let rows = writer.incident.follow_ups.iter().map(|it| {
        let it = todo(writer, it);
        vec![it.text, it.who, it.due, it.status]
    });
    Table {
        title: String::new(),
        head: keys.iter().map(|key| writer.word(key)).collect(),
        rows: rows.collect(),
    }
}

pub(super) fn evidence(writer: &Writer<'_>) -> Vec<String> {
    let incident = writer.incident;
    let collected = incident.collections.iter().map(|it| {
        plain(&say!(
            writer.view.phrases,
            "report-evidence-collected",
            run = it.run,
            gathered = it.gathered,
            all = it.gathered.saturating_add(it.failed),
            at = own(&moment(it.at)),
            hash = own(&it.sha256)
        ))
    });
    let pieces = incident.evidence.iter().map(|it| piece(writer, it));
    let all: Vec<String> = pieces.chain(collected).collect();
    if all.is_empty() {
        return vec![writer.word("report-none")];
    }
    all
}

fn piece(writer: &Writer<'_>, it: &Evidence) -> String {
    let p = writer.view.phrases;
    let about = if it.about.is_empty() {
        escape(&plain(&quoted_words(writer.view, &it.quoted, 300)))
    } else {
        line(&it.about)
    };
    let who = writer.by(&it.by);
    let kept = say!(
        p,
        "report-evidence",
        number = it.number,
        about = own(&about),
        who = own(&who),
        at = own(&moment(it.at))
    );
    let author = it
        .quoted
        .author
        .as_ref()
        .map(|person| escape(&plain(&shown_name(person))));
    let author = author.unwrap_or_else(|| writer.word("quoted-author-unknown"));
    let message = own(&it.quoted.message_id.to_string());
    let mut parts = vec![
        plain(&kept),
        plain(&say!(
            p,
            "report-evidence-message",
            message = message,
            author = own(&author)
        )),
    ];
    if let Some(file) = &it.quoted.file {
        let (name, id) = (own(&line(&file.name)), own(&line(&file.unique_id)));
        parts.push(plain(&say!(
            p,
            "report-evidence-file",
            name = name,
            id = id
        )));
    }
    match &it.kept {
        Kept::Waiting => parts.push(writer.word("report-evidence-waiting")),
        Kept::Stored { sha256, .. } => parts.push(format!("SHA-256 {sha256}")),
        Kept::Failed(why) => {
            let why = crate::messages::evidence_not_stored(writer.view, why);
            parts.push(plain(&say!(p, "report-evidence-failed", why = why)));
        }
    }
    if !it.quoted.text.is_empty() {
        parts.push(format!("“{}”", line(&it.quoted.text)));
    }
    parts.join("; ")
}

pub(super) fn communications(writer: &Writer<'_>) -> Vec<String> {
    let told = writer.incident.timeline.iter().find(|it| {
        matches!(
            it.event,
            Event::Incident(_, IncidentEvent::CardPosted { .. })
        )
    });
    let mut said: Vec<String> = told
        .map(|it| {
            plain(&say!(
                writer.view.phrases,
                "report-told-team",
                at = own(&moment(it.at))
            ))
        })
        .into_iter()
        .collect();
    said.push(writer.word("report-no-notices"));
    said
}
