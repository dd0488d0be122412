//! The head of the plan, systems and resources.

use super::{Kind, Section};
use crate::plan::{
    Cadence, HistoryEntry, PlanInfo, PlanStatus, Reference, Resource, ResourceKind, Review, System,
};

pub(super) fn head(root: &Section<'_>) -> PlanInfo {
    let Some(head) = root.need_section("plan") else {
        return nothing();
    };
    let id = head.need_short("id", 32);
    if !id.is_empty() && !super::values::is_id(&id) {
        head.book.wrong_hint(
            head.place("id"),
            format!("`{id}` cannot be an id"),
            "an id has 1 to 32 small letters a-z, digits and underscores",
        );
    }
    PlanInfo {
        id,
        title: head.need_short("title", 80),
        purpose: head.need_short("purpose", 300),
        version: head.need_short("version", 20),
        status: head.word("status").unwrap_or(PlanStatus::Active),
        updated: head.date("updated"),
        language: language(&head),
        quick: head.need_texts("quick"),
        review: review(&head),
        references: head.sections("reference").iter().map(reference).collect(),
        history: head.sections("history").iter().map(history).collect(),
    }
}

fn nothing() -> PlanInfo {
    PlanInfo {
        id: String::new(),
        title: String::new(),
        purpose: String::new(),
        version: String::new(),
        status: PlanStatus::Draft,
        updated: None,
        language: String::new(),
        quick: Vec::new(),
        review: Review {
            cadence: Cadence::Yearly,
            next: None,
        },
        references: Vec::new(),
        history: Vec::new(),
    }
}

fn language(head: &Section<'_>) -> String {
    let Some((language, offset)) = head.text_at("language") else {
        return "en".to_owned();
    };
    let tag = language
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    if !tag || !(2..=12).contains(&language.len()) {
        head.book.wrong_hint(
            offset,
            "`language` is no language tag",
            "such as \"en\" or \"ru\"",
        );
    }
    language
}

fn review(head: &Section<'_>) -> Review {
    let Some(review) = head.need_section("review") else {
        return Review {
            cadence: Cadence::Yearly,
            next: None,
        };
    };
    Review {
        cadence: review.need_word("cadence").unwrap_or(Cadence::Yearly),
        next: review.date("next"),
    }
}

fn reference(entry: &Section<'_>) -> Reference {
    entry.need_text("link");
    Reference {
        name: entry.need_short("name", 100),
        link: entry.link("link").unwrap_or_default(),
    }
}

fn history(entry: &Section<'_>) -> HistoryEntry {
    HistoryEntry {
        version: entry.need_short("version", 20),
        date: entry.need_date("date"),
        changes: entry.need_text("changes"),
        author: entry.text("author"),
    }
}

pub(super) fn systems(root: &Section<'_>) -> Vec<System> {
    root.need_sections("system", 30)
        .iter()
        .map(|entry| System {
            id: entry.id(Kind::System),
            name: entry.need_short("name", 40),
        })
        .collect()
}

pub(super) fn resources(root: &Section<'_>) -> Vec<Resource> {
    root.sections("resource")
        .iter()
        .map(|entry| {
            entry.need_text("link");
            Resource {
                id: entry.id(Kind::Resource),
                name: entry.need_short("name", 60),
                kind: entry.need_word("kind").unwrap_or(ResourceKind::External),
                link: entry.link("link").unwrap_or_default(),
            }
        })
        .collect()
}
