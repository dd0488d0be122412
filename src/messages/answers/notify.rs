//! What a `notify` step posts: the plan's template, filled with what the incident knows.

use super::timeline::run_named;
use crate::incident::{Incident, Mode, Run, RunOutcome};
use crate::messages::card::commander;
use crate::messages::html::{Html, LINE_MAX, line, ours};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas, lines, name};
use crate::plan::{FactField, FactKind, Fill, Stage};

/// So many of the latest ticks are told as actions.
const ACTIONS: usize = 5;
/// And so many of the latest runs before them.
const PULLED: usize = 3;

pub(in crate::messages) fn notify(view: &View<'_>, incident: &Incident, template: &str) -> Html {
    let p = view.phrases;
    let plan = &incident.plan;
    let Some(template) = plan.comms.templates.iter().find(|it| it.id == template) else {
        return line(template, LINE_MAX);
    };
    let mut said = Vec::new();
    if incident.is_drill() {
        said.push(view.word("drill"));
    }
    said.push(ours(&template.subject, 200).bold());
    said.extend(template.opening.iter().map(|it| ours(it, LINE_MAX)));
    for part in &template.parts {
        let label = ours(&part.label, 60);
        said.push(match (fill(view, incident, part.fill), &part.hint) {
            (Some(text), _) => say!(p, "notify-part", label = label, text = text),
            (None, Some(hint)) => say!(p, "notify-open", label = label, hint = ours(hint, 200)),
            (None, None) => say!(
                p,
                "notify-part",
                label = label,
                text = view.word("notify-still-open")
            ),
        });
    }
    said.extend(template.closing.iter().map(|it| ours(it, LINE_MAX)));
    lines(&said)
}

/// What the incident knows about a part; none: a person has to write it.
fn fill(view: &View<'_>, incident: &Incident, fill: Fill) -> Option<Html> {
    let fact = |field: FactField| {
        let fact = incident.facts.get(&field)?;
        if field.kind() == FactKind::Time
            && let Ok(at) = fact.value.parse()
        {
            return Some(view.times().clock(at));
        }
        Some(line(&fact.value.replace('\n', ", "), LINE_MAX))
    };
    match fill {
        Fill::Severity => Some(view.severity(incident)),
        Fill::Status => Some(status(view, incident)),
        Fill::Commander | Fill::Contact => commander(incident).map(name),
        Fill::Detected => {
            fact(FactField::Detected).or_else(|| Some(view.times().clock(incident.declared_at)))
        }
        Fill::Summary => fact(FactField::Summary).or_else(|| Some(line(&incident.title, LINE_MAX))),
        Fill::Actions => actions(view, incident),
        Fill::Systems => fact(FactField::Affected),
        Fill::Impact => fact(FactField::Impact),
        Fill::Exposure => fact(FactField::DataExposed),
        Fill::UsersAffected => fact(FactField::UsersAffected),
        Fill::Eta => fact(FactField::Eta),
        Fill::NextSteps => incident.next_phase().map(|phase| ours(&phase.name, 60)),
        Fill::NextUpdate => {
            let after = incident.severity().and_then(|it| it.update_every)?;
            Some(view.times().clock(view.now + after.duration()))
        }
        Fill::Person => None,
    }
}

/// The word follows from the stage: what is being stopped is still looked into, what is being mended is contained.
fn status(view: &View<'_>, incident: &Incident) -> Html {
    view.word(match incident.phase().stage {
        Stage::Identification | Stage::Containment => "notify-investigating",
        Stage::Eradication | Stage::Recovery => "notify-contained",
        Stage::PostIncident => "notify-resolved",
    })
}

fn actions(view: &View<'_>, incident: &Incident) -> Option<Html> {
    let plan = &incident.plan;
    let refused = |run: &Run| {
        let end = run.ended.as_ref();
        end.is_some_and(|it| it.outcome == RunOutcome::Refused)
    };
    let pulled = incident.runs.iter().rev();
    let pulled = pulled.filter(|run| run.mode == Mode::Live && !refused(run));
    let pulled = pulled.map(|run| run_named(view, plan, &run.lever));
    let done = plan
        .items()
        .filter(|(.., item)| incident.items.contains_key(&item.id));
    let mut done: Vec<Html> = done.map(|(.., item)| ours(&item.text, 120)).collect();
    let latest = done.split_off(done.len().saturating_sub(ACTIONS));
    // What was pulled says more than what was ticked.
    let all: Vec<Html> = pulled.take(PULLED).chain(latest).collect();
    (!all.is_empty()).then(|| commas(&all))
}
