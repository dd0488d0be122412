//! What can be chosen for a parameter, each as the command that chooses it.

use std::collections::BTreeMap;

use crate::incident::{IncidentId, Offer, Said};
use crate::messages::html::{Html, LINE_MAX, escape, line, ours};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines};
use crate::plan::{Plan, Procedure};

pub(in crate::messages) fn choices(view: &View<'_>, said: &Said) -> Html {
    let p = view.phrases;
    let Said::Choices {
        incident,
        procedure,
        parameter,
        given,
        offers,
    } = said
    else {
        return Html::default();
    };
    let plan = plan_of(view, *incident);
    let Some(found) = plan.and_then(|plan| plan.procedure(procedure)) else {
        return view.word("no-plan");
    };
    let label = found.parameters.iter().find(|it| it.name == *parameter);
    let label = ours(label.map_or(parameter, |it| &it.label), 80);
    let mut said = Vec::new();
    let drill = incident.is_some_and(IncidentId::is_drill);
    said.extend(drill.then(|| view.word("drill-short")));
    match offers {
        Ok(offers) if !offers.is_empty() => {
            said.push(say!(
                p,
                "choices-head",
                name = ours(&found.name, 80),
                label = label
            ));
            said.extend(offers.iter().enumerate().map(|(index, offer)| {
                let command = command(view, found, *incident, given, (parameter, offer));
                let number = index + 1;
                if offer.about.is_empty() {
                    say!(p, "choices-line-bare", number = number, command = command)
                } else {
                    let about = line(&offer.about, LINE_MAX);
                    say!(
                        p,
                        "choices-line",
                        number = number,
                        command = command,
                        about = about
                    )
                }
            }));
            let more = found
                .parameters
                .iter()
                .any(|it| it.required && it.name != *parameter && !given.contains_key(&it.name));
            said.extend(more.then(|| view.word("choices-more")));
        }
        Ok(_) => said.push(say!(p, "choices-none", label = label)),
        Err(why) => said.push(say!(
            p,
            "choices-failed",
            label = label,
            why = line(why, LINE_MAX)
        )),
    }
    if !matches!(offers, Ok(offers) if !offers.is_empty()) {
        let usage = super::requests::usage(view, found, true);
        said.push(say!(p, "choices-yourself", usage = usage));
    }
    lines(&said)
}

fn plan_of<'a>(view: &View<'a>, incident: Option<IncidentId>) -> Option<&'a Plan> {
    let known = incident.and_then(|id| view.incident(id));
    known
        .map(|it| it.plan.as_ref())
        .or_else(|| view.current_plan())
}

/// `/rollback 1a2b3c4`, with what was given before.
fn command(
    view: &View<'_>,
    procedure: &Procedure,
    incident: Option<IncidentId>,
    given: &BTreeMap<String, String>,
    (parameter, offer): (&str, &Offer),
) -> Html {
    let usage = super::requests::usage(view, procedure, false).into_string();
    let several = view.chat.open_incidents().count() > 1;
    let typed = match incident.filter(|_| several) {
        None => usage,
        Some(id) => match usage.split_once(' ') {
            Some((verb, rest)) => format!("{verb} {id} {rest}"),
            None => format!("{usage} {id}"),
        },
    };
    let mut all = given.clone();
    all.insert(parameter.to_owned(), offer.value.clone());
    // Names can be left out where everything before is given, in the order of the declaration.
    let required: Vec<&str> = procedure
        .parameters
        .iter()
        .filter(|it| it.required)
        .map(|it| it.name.as_str())
        .collect();
    let plain = all.len() <= required.len()
        && required[..all.len()]
            .iter()
            .all(|name| all.contains_key(*name));
    let words: Vec<String> = if plain {
        required
            .iter()
            .filter_map(|name| all.get(*name).cloned())
            .collect()
    } else {
        all.iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect()
    };
    Html::own(format!("<code>{typed} {}</code>", escape(&words.join(" "))))
}
