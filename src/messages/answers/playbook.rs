//! `/playbook`

use crate::messages::card::buttons::{button, rows};
use crate::messages::html::{Html, NAME_MAX, line, ours};
use crate::messages::outgoing::Keyboard;
use crate::messages::phrases::say;
use crate::messages::press::Press;
use crate::messages::view::{Rendered, View, lines};
use crate::plan::{Plan, PlaybookStep};

/// The list, each with a button.
pub(in crate::messages) fn list(view: &View<'_>) -> Rendered {
    let p = view.phrases;
    let Some(plan) = view.current_plan() else {
        return view.word("no-plan").into();
    };
    if plan.playbooks.is_empty() {
        return view.word("playbooks-none").into();
    }
    let mut said = banner(view);
    said.push(view.word("playbooks-head").bold());
    said.extend(plan.playbooks.iter().map(|it| {
        say!(
            p,
            "playbooks-line",
            name = &it.name,
            id = line(&it.id, NAME_MAX)
        )
    }));
    let mut open = view.chat.open_incidents().map(|it| it.id);
    let incident = match (open.next(), open.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    };
    let buttons = plan.playbooks.iter().filter_map(|it| {
        let press = Press::Playbook {
            incident,
            name: Some(it.id.clone()),
        };
        button(&line(&it.name, NAME_MAX), &press)
    });
    Rendered {
        html: lines(&said).into_string(),
        keyboard: Some(Keyboard(rows(buttons, 2))),
    }
}

/// One scenario: its signs and what to do.
pub(in crate::messages) fn one(view: &View<'_>, wanted: &str) -> Html {
    let p = view.phrases;
    // The core names a playbook of the incident's pinned plan, or of the chat's.
    let open = view.chat.open_incidents().map(|it| it.plan.as_ref());
    let mut plans = view.current_plan().into_iter().chain(open);
    let found = plans.find_map(|plan| Some((plan, plan.playbook(wanted)?)));
    let Some((plan, playbook)) = found else {
        return say!(p, "playbook-gone", name = line(wanted, NAME_MAX));
    };
    let mut said = banner(view);
    said.push(match &playbook.severity {
        Some(code) => {
            let severity = view.code_named(plan, code);
            say!(
                p,
                "playbook-head-severity",
                name = &playbook.name,
                severity = severity
            )
        }
        None => say!(p, "playbook-head", name = &playbook.name),
    });
    if !playbook.indicators.is_empty() {
        said.push(view.word("playbook-signs").bold());
        said.extend(
            playbook
                .indicators
                .iter()
                .map(|text| say!(p, "playbook-sign", text = ours(text, 300))),
        );
    }
    said.push(view.word("playbook-steps").bold());
    said.extend(
        playbook
            .steps
            .iter()
            .enumerate()
            .map(|(index, it)| step(view, plan, index + 1, it)),
    );
    lines(&said)
}

/// Read during a drill, it belongs to the drill.
fn banner(view: &View<'_>) -> Vec<Html> {
    let mut open = view.chat.open_incidents().peekable();
    let drill = open.peek().is_some() && open.all(crate::incident::Incident::is_drill);
    drill
        .then(|| view.word("drill-short"))
        .into_iter()
        .collect()
}

fn step(view: &View<'_>, plan: &Plan, number: usize, step: &PlaybookStep) -> Html {
    let p = view.phrases;
    let mut text = ours(&step.text, 300);
    if let Some(link) = &step.link {
        text = Html::own(format!("{text} {}", super::plan::link(link)));
    }
    let Some(run) = &step.run else {
        return say!(p, "playbook-step", number = number, text = text);
    };
    let named = super::plan::lever(view, plan, run);
    say!(
        p,
        "playbook-step-run",
        number = number,
        text = text,
        run = named
    )
}
