//! `/status`

use super::run;
use crate::incident::{Incident, IncidentId, Lifecycle, OpenElsewhere};
use crate::messages::card::{self, clock_lines, emoji, head, id, people_line, phase_line, title};
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{Rendered, View, lines};

/// So many incidents of all chats are listed in one message.
const EVERYWHERE_MAX: usize = 20;

/// One incident. The card stands above with its buttons: this is the short form, without a second set of them.
pub(in crate::messages) fn one(view: &View<'_>, incident: &Incident) -> Rendered {
    if !matches!(incident.lifecycle, Lifecycle::Open(_)) {
        return card::card(view, incident);
    }
    let p = view.phrases;
    let mut said = Vec::new();
    if incident.is_drill() {
        said.push(view.word("drill"));
    }
    said.extend([
        head(view, incident),
        title(incident),
        phase_line(view, incident),
    ]);
    said.extend(clock_lines(view, incident));
    said.extend(run::under_way(view, incident));
    said.push(people_line(view, incident));
    said.push(Html::default());
    said.push(card::checklist(view, incident));
    said.push(card::gate_line(view, incident));
    said.extend(run::last_over(view, incident));
    if !incident.evidence.is_empty() {
        said.push(say!(p, "status-evidence", count = incident.evidence.len()));
    }
    if !incident.follow_ups.is_empty() {
        let open = incident.follow_ups.iter().filter(|it| !it.done).count();
        said.push(say!(p, "status-todos", open = open));
    }
    lines(&said).into()
}

/// Every open incident in two lines, or that nothing is open.
pub(in crate::messages) fn all(view: &View<'_>, incidents: &[IncidentId]) -> Html {
    let p = view.phrases;
    let open: Vec<&Incident> = incidents
        .iter()
        .filter_map(|id| view.incident(*id))
        .collect();
    if open.is_empty() {
        let mut said = vec![view.word("status-none")];
        said.extend(view.chat.last_ended().map(|it| last_ended(view, it)));
        return lines(&said);
    }
    let mut said = vec![say!(p, "status-head", count = open.len())];
    for incident in open {
        if incident.is_drill() {
            said.push(view.word("drill-short"));
        }
        let phase = &incident.phase().name;
        let severity = view.severity(incident);
        said.push(say!(
            p,
            "status-line",
            emoji = emoji(incident),
            id = id(incident),
            severity = severity,
            phase = phase,
        ));
        said.push(line(&incident.title, 120));
        said.extend(clock_lines(view, incident));
        said.extend(run::under_way(view, incident));
    }
    lines(&said)
}

/// Every chat's open incidents, for an owner in private: which, where, and how to name one.
pub(in crate::messages) fn everywhere(
    view: &View<'_>,
    open: &[OpenElsewhere],
    unread: usize,
) -> Html {
    let p = view.phrases;
    let mut said = match open {
        [] => vec![view.word("status-none-anywhere")],
        _ => vec![say!(p, "status-head", count = open.len())],
    };
    for it in open.iter().take(EVERYWHERE_MAX) {
        let severity = match &it.severity {
            Some((code, name)) => say!(p, "severity-named", code = code, name = name),
            None => view.word("severity-none"),
        };
        said.push(say!(
            p,
            "status-line",
            emoji = line(it.emoji.as_deref().unwrap_or("⚪"), NAME_MAX),
            id = Html::own(it.id.to_string()),
            severity = severity,
            phase = line(&it.chat, 40),
        ));
        said.push(line(&it.title, 80));
    }
    if open.len() > EVERYWHERE_MAX {
        said.push(say!(p, "status-more", count = open.len() - EVERYWHERE_MAX));
    }
    if let Some(first) = open.first() {
        said.push(Html::default());
        said.push(say!(
            p,
            "status-name-one",
            id = Html::own(first.id.to_string())
        ));
    }
    if unread > 0 {
        said.push(say!(p, "status-unread", count = unread));
    }
    lines(&said)
}

fn last_ended(view: &View<'_>, incident: &Incident) -> Html {
    let state = view.word(&format!("state-{}", incident.lifecycle.name()));
    let at = view
        .times()
        .clock(incident.lifecycle.ended_at().unwrap_or(view.now));
    let title = line(&incident.title, 80);
    say!(
        view.phrases,
        "status-last",
        id = id(incident),
        title = title,
        state = state,
        at = at
    )
}
