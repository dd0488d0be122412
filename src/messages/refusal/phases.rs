//! About phases and their items: what must be done before the next one.

use super::own;
use crate::incident::Incident;
use crate::messages::facts::label;
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas};

pub(super) fn gate(
    view: &View<'_>,
    verb: &str,
    phase: &str,
    items: &[(u32, String)],
    facts: &[String],
) -> Html {
    let p = view.phrases;
    let named: Vec<Html> = items
        .iter()
        .map(|(number, text)| Html::own(format!("{} ({number})", line(text, 100))))
        .collect();
    let numbers: Vec<String> = items.iter().map(|(number, _)| number.to_string()).collect();
    let numbers = Html::own(numbers.join(" "));
    let field = facts
        .first()
        .map(|name| line(name, NAME_MAX))
        .unwrap_or_default();
    let labels: Vec<Html> = facts.iter().map(|name| label(view, name)).collect();
    let verb = own(verb);
    match (items.is_empty(), facts.is_empty()) {
        (_, true) => say!(
            p,
            "gate-items",
            count = items.len(),
            items = commas(&named),
            phase = phase,
            numbers = numbers,
            verb = verb,
        ),
        (true, false) => {
            say!(
                p,
                "gate-facts",
                phase = phase,
                facts = view.list(labels),
                field = field,
                verb = verb
            )
        }
        (false, false) => say!(
            p,
            "gate-both",
            phase = phase,
            items = commas(&named),
            facts = view.list(labels),
            numbers = numbers,
            field = field,
            verb = verb,
        ),
    }
}

/// Whether the item with this number stands for a severity, which is missing.
pub(super) fn wants_severity(incident: &Incident, number: u32) -> bool {
    let found = usize::try_from(number).ok();
    let found = found.and_then(|number| incident.plan.item_by_number(number));
    found.is_some_and(|(_, _, item)| incident.is_untrue(item))
}

/// The severity is missing: nobody can tick that, so it is chosen first.
pub(super) fn gate_severity(
    view: &View<'_>,
    verb: &str,
    phase: &str,
    items: &[(u32, String)],
    facts: &[String],
) -> Html {
    let mut open: Vec<Html> = items
        .iter()
        .map(|(number, text)| Html::own(format!("{} ({number})", line(text, 100))))
        .collect();
    open.extend(facts.iter().map(|name| label(view, name)));
    let key = if open.len() == 1 {
        "gate-severity"
    } else {
        "gate-severity-more"
    };
    let items = commas(&open);
    say!(
        view.phrases,
        key,
        phase = phase,
        items = items,
        verb = own(verb)
    )
}

pub(super) fn item_state(view: &View<'_>, verb: &str, number: u32, state: &str) -> Html {
    let p = view.phrases;
    match (verb, state) {
        (_, "open") => say!(p, "item-state-open", number = number),
        ("skip", "ticked") => say!(p, "item-state-skip-ticked", number = number),
        ("skip", "skipped") => say!(p, "item-state-skip-skipped", number = number),
        (_, state) => {
            let key = format!("item-{state}");
            let state = if p.has(&key) {
                view.word(&key)
            } else {
                own(state)
            };
            say!(p, "item-state", number = number, state = state)
        }
    }
}
