//! Detection rules and alert routes.

use super::{Kind, Section};
use crate::plan::{Detect, Route, RouteChat, Rule, RuleKind};

pub(super) fn detects(root: &Section<'_>) -> Vec<Detect> {
    root.sections("detect").iter().map(detect).collect()
}

fn detect(entry: &Section<'_>) -> Detect {
    Detect {
        id: entry.id(Kind::Detect),
        name: entry.need_short("name", 100),
        category: entry.need_short("category", 40),
        rule: rule(entry),
        severity: entry.refer("severity", &[Kind::Severity]),
        playbook: entry.refer("playbook", &[Kind::Playbook]),
    }
}

fn rule(entry: &Section<'_>) -> Rule {
    match entry.need_word::<RuleKind>("kind") {
        Some(RuleKind::Each) => Rule::Each {
            event: entry.need_short("event", 60),
        },
        Some(RuleKind::Count) => Rule::Count {
            event: entry.need_short("event", 60),
            by: entry.texts("by"),
            more_than: entry.need_amount("more_than"),
            within: entry.need_minutes("within"),
        },
        Some(RuleKind::Sum) => Rule::Sum {
            event: entry.need_short("event", 60),
            field: entry.need_short("field", 60),
            by: entry.texts("by"),
            more_than: entry.need_amount("more_than"),
            within: entry.need_minutes("within"),
        },
        Some(RuleKind::Above) => Rule::Above {
            event: entry.need_short("event", 60),
            field: entry.need_short("field", 60),
            by: entry.texts("by"),
            more_than: entry.need_amount("more_than"),
            within: entry.need_minutes("within"),
        },
        Some(RuleKind::Person) => Rule::Person {
            text: entry.need_short("text", 200),
        },
        None => {
            // Without a kind nobody can tell which keys are right: accept those of all kinds.
            for key in ["event", "by", "field", "more_than", "within", "text"] {
                entry.has(key);
            }
            Rule::Person {
                text: String::new(),
            }
        }
    }
}

pub(super) fn routes(root: &Section<'_>) -> Vec<Route> {
    root.sections("route").iter().map(route).collect()
}

fn route(entry: &Section<'_>) -> Route {
    let labels = entry.pairs("labels");
    if labels.is_empty() {
        entry.book.wrong_hint(
            entry.place("labels"),
            "a route needs labels, or it would catch every alert",
            "such as labels = { alertname = \"DatabaseDown\" }",
        );
    }
    Route {
        id: entry.id(Kind::Route),
        labels: labels
            .into_iter()
            .map(|(name, (value, _))| (name, value))
            .collect(),
        severity: entry.need_refer("severity", &[Kind::Severity]),
        playbook: entry.refer("playbook", &[Kind::Playbook]),
        chat: entry.word("chat").unwrap_or(RouteChat::Home),
    }
}
