//! What the whole team is told.

use crate::incident::{Cancellation, Incident, Lifecycle, Said, Warrant};
use crate::messages::answers::host;
use crate::messages::card::{emoji, forced, id, to_notify};
use crate::messages::html::{Html, LINE_MAX, line, ours};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines, name};
use crate::plan::FactField;

pub(in crate::messages) fn announce(view: &View<'_>, incident: &Incident, said: &Said) -> Html {
    let p = view.phrases;
    let mut parts = Vec::new();
    if incident.is_drill() {
        parts.push(view.word("drill"));
    }
    match said {
        Said::PhaseBegan {
            phase, forced, by, ..
        } => {
            parts.push(phase_began(view, incident, phase, &name(by)));
            parts.extend(forced.iter().map(|why| say!(p, "phase-forced", why = why)));
        }
        Said::PhaseReturned { phase, why, by, .. } => {
            let phase = incident
                .plan
                .phase(phase)
                .map_or(phase, |phase| &phase.name);
            parts.push(say!(
                p,
                "phase-returned",
                id = id(incident),
                phase = phase,
                name = name(by),
                why = why
            ));
        }
        Said::SeverityChanged {
            from, to, why, by, ..
        } => {
            parts.push(severity(view, incident, from.as_deref(), to, &name(by)));
            parts.extend(why.iter().map(|why| say!(p, "severity-why", why = why)));
            parts.extend(escalation(view, incident, from.as_deref(), to));
        }
        Said::ClosedSummary { .. } => parts.extend(closed(view, incident)),
        Said::CancelledSummary { .. } => parts.extend(cancelled(view, incident)),
        Said::ReopenedSummary { why, by, .. } => {
            let phase = &incident.phase().name;
            parts.push(say!(
                p,
                "reopened-summary",
                id = id(incident),
                phase = phase,
                name = name(by),
                why = why
            ));
        }
        Said::PulledAlone {
            run, warrant, by, ..
        } => parts.extend(pulled_alone(view, incident, *run, *warrant, &name(by))),
        Said::HostRunStarted { .. } | Said::HostRunImported { .. } => {
            parts.extend(host::announced(view, incident, said));
        }
        // Everything else is an answer to one person.
        _ => {}
    }
    lines(&parts)
}

fn phase_began(view: &View<'_>, incident: &Incident, phase: &str, by: &Html) -> Html {
    let plan = &incident.plan;
    let index = plan
        .phases
        .iter()
        .position(|it| it.id == phase)
        .unwrap_or_default();
    let Some(begun) = plan.phases.get(index) else {
        return Html::default();
    };
    let goal = ours(begun.goal.trim_end_matches('.'), LINE_MAX);
    say!(
        view.phrases,
        "phase-began",
        id = id(incident),
        phase = &begun.name,
        number = index + 1,
        count = plan.phases.len(),
        name = by,
        goal = goal,
    )
}

/// Whether the new severity is worse than the old one, or the first.
fn rises(incident: &Incident, from: Option<&str>, to: &str) -> bool {
    let rank = |code: &str| incident.plan.severity_rank(code);
    from.is_none_or(|from| rank(to) < rank(from))
}

fn severity(view: &View<'_>, incident: &Incident, from: Option<&str>, to: &str, by: &Html) -> Html {
    let p = view.phrases;
    let named = view.code_named(&incident.plan, to);
    let emoji = incident
        .plan
        .severity(to)
        .map_or_else(|| emoji(incident), |it| line(&it.emoji, 8));
    let Some(from_code) = from else {
        return say!(
            p,
            "severity-set",
            emoji = emoji,
            id = id(incident),
            to = named,
            name = by
        );
    };
    let key = if rises(incident, from, to) {
        "severity-up"
    } else {
        "severity-down"
    };
    let from = view.code_named(&incident.plan, from_code);
    say!(
        p,
        key,
        emoji = emoji,
        id = id(incident),
        from = from,
        to = named,
        name = by
    )
}

/// Upwards, the plan's escalation and the people to be told; downwards nobody is called.
fn escalation(view: &View<'_>, incident: &Incident, from: Option<&str>, to: &str) -> Vec<Html> {
    let Some(severity) = incident
        .plan
        .severity(to)
        .filter(|_| rises(incident, from, to))
    else {
        return Vec::new();
    };
    let text = ours(severity.escalation.trim_end_matches('.'), LINE_MAX);
    let mut said = vec![say!(view.phrases, "severity-escalation", text = text)];
    said.extend(to_notify(view, incident, severity));
    said
}

fn closed(view: &View<'_>, incident: &Incident) -> Vec<Html> {
    let p = view.phrases;
    let ended = incident.lifecycle.ended_at().unwrap_or(view.now);
    let span = view.times().span(ended - incident.declared_at);
    let title = line(&incident.title, 120);
    let mut said = vec![say!(
        p,
        "closed-summary",
        id = id(incident),
        span = span,
        title = title
    )];
    if let Some(why) = forced(incident) {
        said.push(say!(p, "phase-forced", why = line(why, 200)));
    }
    if let Some(cause) = incident.facts.get(&FactField::RootCause) {
        said.push(say!(p, "closed-cause", cause = line(&cause.value, 200)));
    }
    if !incident.follow_ups.is_empty() {
        let open = incident.follow_ups.iter().filter(|it| !it.done).count();
        said.push(say!(p, "status-todos", open = open));
    }
    said.push(say!(p, "closed-thanks", id = id(incident)));
    said
}

fn cancelled(view: &View<'_>, incident: &Incident) -> Vec<Html> {
    let Lifecycle::Cancelled(cancelled) = &incident.lifecycle else {
        return Vec::new();
    };
    let p = view.phrases;
    vec![match cancelled.kind {
        Cancellation::FalseAlarm => {
            say!(
                p,
                "cancelled-false-alarm",
                id = id(incident),
                why = &cancelled.why
            )
        }
        Cancellation::DuplicateOf(other) => {
            let other = Html::own(other.to_string());
            say!(
                p,
                "cancelled-duplicate",
                id = id(incident),
                other = other,
                why = &cancelled.why
            )
        }
    }]
}

/// One person pulled a lever alone.
fn pulled_alone(
    view: &View<'_>,
    incident: &Incident,
    run: u32,
    warrant: Warrant,
    name: &Html,
) -> Vec<Html> {
    let key = match warrant {
        Warrant::BreakGlass => "pulled-break-glass",
        _ => "pulled-single",
    };
    let pulled = incident.runs.iter().find(|it| it.number == run);
    let what = pulled.map_or_else(Html::default, |it| {
        super::timeline::lever_said(view, &incident.plan, &it.lever)
    });
    let mut said = vec![say!(
        view.phrases,
        key,
        id = id(incident),
        run = run,
        what = what,
        name = name
    )];
    let why = pulled.and_then(|it| it.why.as_deref());
    said.extend(why.map(|why| say!(view.phrases, "pulled-why", why = line(why, LINE_MAX))));
    said
}
