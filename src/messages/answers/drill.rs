//! Rehearsals: the plan's drills, and what a lever would do.

use std::collections::BTreeMap;

use crate::incident::{Incident, IncidentId, Lever, Played, StepStatus, saga};
use crate::messages::card::buttons::{button, rows};
use crate::messages::card::id;
use crate::messages::html::{Html, LINE_MAX, NAME_MAX, line, ours};
use crate::messages::outgoing::Keyboard;
use crate::messages::phrases::say;
use crate::messages::press::Press;
use crate::messages::view::{Rendered, View, joined, lines};
use crate::plan::{Drill, Plan, Procedure};

use super::timeline::lever_said;

/// Stands in front of what a rehearsal says of each step.
const REHEARSED: &str = "rehearsed: ";

/// `/drill` without a name.
pub(in crate::messages) fn list(view: &View<'_>) -> Rendered {
    let p = view.phrases;
    let Some(plan) = view.plan() else {
        return view.word("no-plan").into();
    };
    if plan.drills.is_empty() {
        return say!(p, "drills-none", plan = &plan.info.title).into();
    }
    let mut said = vec![say!(p, "drills-head", plan = &plan.info.title).bold()];
    said.extend(plan.drills.iter().map(|it| one(view, plan, it)));
    said.push(view.word("drills-hint"));
    let buttons = plan.drills.iter().filter_map(|it| {
        let press = Press::Drill {
            name: it.id.clone(),
        };
        let name = ours(&it.name, NAME_MAX);
        button(&say!(p, "button-drill", name = name), &press)
    });
    Rendered {
        html: lines(&said).into_string(),
        keyboard: Some(Keyboard(rows(buttons, 1))),
    }
}

fn one(view: &View<'_>, plan: &Plan, drill: &Drill) -> Html {
    let p = view.phrases;
    let code = drill.severity.as_deref();
    let severity = code.map_or_else(
        || view.word("severity-none"),
        |code| view.code_named(plan, code),
    );
    let named = say!(
        p,
        "drills-line",
        id = Html::own(drill.id.clone()),
        name = ours(&drill.name, 80),
        severity = severity
    );
    match drill.quarter {
        Some(quarter) => say!(
            p,
            "drills-line-quarter",
            line = named,
            quarter = u32::from(quarter)
        ),
        None => named,
    }
}

/// To the team: a drill begins.
pub(in crate::messages) fn begun(view: &View<'_>, incident: &Incident) -> Rendered {
    let p = view.phrases;
    let plan = &incident.plan;
    let named = incident.drill.as_deref().and_then(|it| plan.drill(it));
    let Some(drill) = named else {
        return view.word("drill").into();
    };
    let mut said = vec![
        view.word("drill"),
        say!(
            p,
            "drill-begun",
            id = id(incident),
            name = ours(&drill.name, 80),
            summary = ours(&drill.summary, LINE_MAX)
        ),
    ];
    if !drill.practises.is_empty() {
        said.push(view.word("drill-practises"));
        let goals = drill.practises.iter();
        said.extend(goals.map(|text| say!(p, "guide-step", text = ours(text, 200))));
    }
    let playbook = drill
        .scenario
        .as_deref()
        .and_then(|it| plan.playbook(it))
        .map(|it| it.id.clone());
    said.push(match &playbook {
        Some(name) => say!(p, "drill-playbook", name = Html::own(name.clone())),
        None => view.word("drill-playbooks"),
    });
    said.push(view.word("drill-real"));
    let press = Press::Playbook {
        incident: Some(incident.id),
        name: playbook,
    };
    let row = button(&view.word("button-playbook"), &press);
    Rendered {
        html: lines(&said).into_string(),
        keyboard: row.map(|it| Keyboard(vec![vec![it]])),
    }
}

/// What a lever would do, step by step.
pub(in crate::messages) fn rehearsed(
    view: &View<'_>,
    incident: Option<IncidentId>,
    lever: &Lever,
    steps: &[Played],
) -> Html {
    let p = view.phrases;
    let known = incident.and_then(|id| view.incident(id));
    let plan = known.map(|it| it.plan.as_ref()).or_else(|| view.plan());
    let Some(plan) = plan else {
        return view.word("no-plan");
    };
    let mut said = vec![view.word("run-dry")];
    said.extend(
        known
            .filter(|it| it.is_drill())
            .map(|_| view.word("drill-short")),
    );
    let what = lever_said(view, plan, lever);
    said.push(match known {
        Some(incident) => say!(p, "dry-head-for", what = what, id = id(incident)),
        None => say!(p, "dry-head", what = what),
    });
    let parts = saga::parts(lever, plan);
    let mut before = "";
    for it in steps {
        if parts.len() > 1 && it.step.part != before {
            before = &it.step.part;
            let part = parts.iter().find(|part| part.id == before);
            said.extend(part.map(|part| ours(part.name, 80).bold()));
        }
        let key = if it.status == StepStatus::Succeeded {
            "dry-step"
        } else {
            "dry-step-not"
        };
        said.push(say!(
            p,
            key,
            number = saga::number(lever, plan, &it.step).unwrap_or(0),
            name = ours(&it.name, 100),
            said = filled(&it.said, lever)
        ));
    }
    let typed = match lever {
        Lever::Procedure { id, parameters } => {
            plan.procedure(id).map(|it| as_typed(view, it, parameters))
        }
        Lever::Rotate { credentials } if credentials.len() == plan.credentials.len() => {
            Some(Html::own("/rotate all"))
        }
        Lever::Rotate { credentials } => credentials
            .first()
            .map(|id| Html::own(format!("/rotate {id}"))),
    };
    said.extend(typed.map(|usage| say!(p, "dry-real", usage = usage)));
    lines(&said)
}

/// How it is pulled, with what was given where that is enough.
fn as_typed(view: &View<'_>, procedure: &Procedure, given: &BTreeMap<String, String>) -> Html {
    let mut wanted = procedure.parameters.iter().filter(|it| it.required);
    if !wanted.all(|it| given.contains_key(&it.name)) {
        return super::requests::usage(view, procedure, true);
    }
    let mut words = vec![super::requests::usage(view, procedure, false)];
    let named = given.iter().map(|(name, value)| format!("{name}={value}"));
    words.extend(named.map(|it| Html::escaped(&it)));
    joined(&words, " ")
}

/// With the parameters that were given, so that it reads as it would run.
fn filled(said: &str, lever: &Lever) -> Html {
    let mut text = said.strip_prefix(REHEARSED).unwrap_or(said).to_owned();
    if let Lever::Procedure { parameters, .. } = lever {
        for (name, value) in parameters {
            text = text.replace(&format!("${{param.{name}}}"), value);
        }
    }
    line(&text, LINE_MAX)
}
