//! Recorded facts as people read them.

use super::html::{Html, LINE_MAX, NAME_MAX, block, line};
use super::phrases::say;
use super::view::{View, folded, lines};
use crate::incident::{Fact, Incident};
use crate::plan::{FactField, FactKind, Plan};

/// The label of a field, by its name in a plan.
pub(super) fn label(view: &View<'_>, name: &str) -> Html {
    Plan::fact(name).map_or_else(
        || line(name, NAME_MAX),
        |field| view.word(&field.label_key()),
    )
}

/// A recorded value: times in the chat's zone, all else as it was written.
pub(super) fn value(view: &View<'_>, field: FactField, fact: &Fact) -> Html {
    if field.kind() == FactKind::Time
        && let Ok(at) = fact.value.parse()
    {
        return view.times().clock(at);
    }
    if field.is_list() {
        block(&fact.value, LINE_MAX)
    } else {
        line(&fact.value, LINE_MAX)
    }
}

/// `/set` without a value: what is known, and what can be.
pub(super) fn all(view: &View<'_>, incident: &Incident) -> Html {
    let p = view.phrases;
    let mut said = vec![say!(p, "facts-head", id = super::card::id(incident))];
    let known = FactField::ALL
        .iter()
        .filter_map(|field| Some((*field, incident.facts.get(field)?)));
    let known: Vec<Html> = known
        .map(|(field, fact)| {
            let label = view.word(&field.label_key());
            say!(
                p,
                "facts-line",
                label = label,
                field = Html::own(field.name()),
                value = value(view, field, fact)
            )
        })
        .collect();
    if known.is_empty() {
        said.push(view.word("facts-none"));
    }
    said.extend(known);
    let mut open = vec![view.word("facts-open-head").bold()];
    for field in FactField::ALL
        .iter()
        .filter(|field| !incident.facts.contains_key(field))
    {
        let label = view.word(&field.label_key());
        open.push(say!(
            p,
            "facts-open-line",
            field = Html::own(field.name()),
            label = label
        ));
    }
    said.push(folded(&open));
    lines(&said)
}
