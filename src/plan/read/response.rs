//! Severities, phases, roles, contacts and playbooks.

use super::{Kind, Section, values};
use crate::plan::{
    ChecklistItem, Contact, Gate, Guidance, Minutes, Phase, Playbook, PlaybookStep, Role, Severity,
    Stage, Window,
};

/// What "immediate" counts down from, in minutes.
const IMMEDIATE: Minutes = Minutes(5);

pub(super) fn severities(root: &Section<'_>) -> Vec<Severity> {
    root.need_sections("severity", 8)
        .iter()
        .map(severity)
        .collect()
}

fn severity(entry: &Section<'_>) -> Severity {
    let (code, offset) = entry.need_text_at("code");
    if !code.is_empty() {
        if !values::is_code(&code) {
            entry.book.wrong_hint(
                offset,
                "this cannot be a severity code",
                "a code is a letter and up to 7 letters or digits, such as \"P1\"",
            );
        }
        entry.book.define(Kind::Severity, &code, offset);
    }
    let immediate = entry.flag("immediate");
    let respond_within = if immediate && !entry.has("respond_within") {
        IMMEDIATE
    } else {
        positive(entry, "respond_within")
    };
    let contain_within = entry.minutes("contain_within");
    if contain_within.is_some_and(|contain| contain < respond_within) {
        entry.book.wrong(
            entry.place("contain_within"),
            "`contain_within` is before `respond_within`",
        );
    }
    Severity {
        code,
        name: entry.need_short("name", 20),
        emoji: entry.need_short("emoji", 4),
        description: entry.need_short("description", 200),
        examples: entry.texts("examples"),
        respond_within,
        immediate,
        contain_within,
        escalation: entry.need_short("escalation", 200),
        notify: audience(entry, "notify"),
        update_every: entry.minutes("update_every"),
    }
}

fn positive(entry: &Section<'_>, key: &'static str) -> Minutes {
    let minutes = entry.need_minutes(key);
    if entry.has(key) && minutes == Minutes(0) && entry.minutes(key).is_some() {
        entry.book.wrong(
            entry.place(key),
            format!("`{key}` must be longer than nothing"),
        );
    }
    minutes
}

/// Ids of contacts or roles, or `everyone`.
pub(super) fn audience(entry: &Section<'_>, key: &'static str) -> Vec<String> {
    let ids = entry.texts_at(key);
    for (id, offset) in &ids {
        if id != "everyone" {
            entry
                .book
                .mention(&[Kind::Contact, Kind::Role], id, *offset);
        }
    }
    ids.into_iter().map(|(id, _)| id).collect()
}

pub(super) fn phases(root: &Section<'_>) -> Vec<Phase> {
    let sections = root.need_sections("phase", 12);
    let phases: Vec<Phase> = sections.iter().map(phase).collect();
    let items: usize = phases.iter().map(|phase| phase.checklist.len()).sum();
    if items > 60 {
        root.book.wrong_hint(
            sections.last().map_or(0, |last| last.offset),
            format!("the phases have {items} checklist items together, more than 60"),
            "nobody ticks that many in an emergency: keep those that decide something",
        );
    }
    phases
}

fn phase(entry: &Section<'_>) -> Phase {
    Phase {
        id: entry.id(Kind::Phase),
        name: entry.need_short("name", 30),
        stage: entry.need_word("stage").unwrap_or(Stage::Identification),
        goal: entry.need_short("goal", 120),
        window: window(entry),
        guidance: entry.sections("guidance").iter().map(guidance).collect(),
        checklist: entry.need_sections("item", 20).iter().map(item).collect(),
        // After the checklist: a gate may ask for items of this phase.
        gate: entry
            .section("gate")
            .map(|gate| self::gate(&gate))
            .unwrap_or_default(),
    }
}

fn window(entry: &Section<'_>) -> Option<Window> {
    let section = entry.section("window")?;
    let window = Window {
        from: section.need_minutes("from"),
        to: section.need_minutes("to"),
    };
    if section.has("from") && section.has("to") && window.from >= window.to {
        section.book.wrong_hint(
            section.place("from"),
            format!(
                "the window ends ({}) before it begins ({})",
                window.to, window.from
            ),
            "`from` and `to` both count from the declaration",
        );
    }
    Some(window)
}

fn guidance(entry: &Section<'_>) -> Guidance {
    let guidance = Guidance {
        title: entry.need_short("title", 60),
        text: entry.text("text"),
        steps: entry.texts("steps"),
        questions: entry.texts("questions"),
        record: entry.facts("record"),
        run: lever(entry),
        only: entry.refers("only", &[Kind::Severity]),
    };
    let says_something = guidance.text.is_some()
        || guidance.run.is_some()
        || !(guidance.steps.is_empty() && guidance.questions.is_empty());
    if !says_something {
        entry.book.wrong_hint(
            entry.offset,
            "this guidance says nothing but its title",
            "add text, steps, questions or run",
        );
    }
    guidance
}

/// A lever that a piece of advice or a playbook pulls: a procedure's id, `rotate:CREDENTIAL`,
/// `rotate:all` or `collect:COLLECTOR`.
fn lever(entry: &Section<'_>) -> Option<String> {
    let (run, offset) = entry.text_at("run")?;
    match run.split_once(':') {
        None => entry.book.mention(&[Kind::Procedure], &run, offset),
        Some(("rotate", "all")) => {}
        Some(("rotate", credential)) => entry.book.mention(&[Kind::Credential], credential, offset),
        Some(("collect", collector)) => entry.book.mention(&[Kind::Collector], collector, offset),
        Some(_) => entry.book.wrong_hint(
            offset,
            "`run` names nothing that can run",
            "a procedure's id, \"rotate:CREDENTIAL\", \"rotate:all\" or \"collect:COLLECTOR\"",
        ),
    }
    Some(run)
}

fn item(entry: &Section<'_>) -> ChecklistItem {
    ChecklistItem {
        id: entry.id(Kind::Item),
        text: entry.need_short("text", 100),
        auto: entry.word("auto"),
    }
}

fn gate(entry: &Section<'_>) -> Gate {
    let items = entry.texts_at("items");
    for (id, offset) in &items {
        entry.book.mention_earlier(Kind::Item, id, *offset);
    }
    Gate {
        items: items.into_iter().map(|(id, _)| id).collect(),
        facts: entry.facts("facts"),
    }
}

pub(super) fn roles(root: &Section<'_>) -> Vec<Role> {
    root.need_sections("role", 12)
        .iter()
        .map(|entry| Role {
            id: entry.id(Kind::Role),
            name: entry.need_short("name", 40),
            responsibility: entry.need_short("responsibility", 200),
            aliases: entry.texts("aliases"),
        })
        .collect()
}

pub(super) fn contacts(root: &Section<'_>) -> Vec<Contact> {
    root.need_sections("contact", 40)
        .iter()
        .map(contact)
        .collect()
}

fn contact(entry: &Section<'_>) -> Contact {
    let id = entry.id(Kind::Contact);
    let backup = entry.refer("backup", &[Kind::Contact]);
    if backup.is_some() && backup.as_deref() == Some(id.as_str()) {
        entry.book.wrong(
            entry.place("backup"),
            "a contact cannot stand in for itself",
        );
    }
    Contact {
        id,
        internal: entry.flag("internal"),
        role: entry.need_short("role", 60),
        name: entry.text("name"),
        channel: entry.text("channel"),
        responsibility: entry.need_short("responsibility", 200),
        backup,
    }
}

pub(super) fn playbooks(root: &Section<'_>) -> Vec<Playbook> {
    root.need_sections("playbook", 40)
        .iter()
        .map(|entry| Playbook {
            id: entry.id(Kind::Playbook),
            name: entry.need_short("name", 60),
            aliases: entry.texts("aliases"),
            severity: entry.refer("severity", &[Kind::Severity]),
            phase: entry.refer("phase", &[Kind::Phase]),
            indicators: entry.need_texts("indicators"),
            steps: entry
                .need_sections("step", 20)
                .iter()
                .map(playbook_step)
                .collect(),
        })
        .collect()
}

fn playbook_step(entry: &Section<'_>) -> PlaybookStep {
    PlaybookStep {
        text: entry.need_short("text", 200),
        run: lever(entry),
        link: entry.link("link"),
    }
}
