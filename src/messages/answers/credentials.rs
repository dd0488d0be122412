//! `/rotate` without a name: what can be rotated, how old it is, where it stands.

use crate::incident::saga;
use crate::incident::{Incident, IncidentId, Lever, Run};
use crate::messages::html::{Html, ours};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines};
use crate::plan::{Credential, Plan};

pub(in crate::messages) fn credentials(view: &View<'_>, incident: Option<IncidentId>) -> Html {
    let p = view.phrases;
    let pinned = incident
        .and_then(|id| view.incident(id))
        .map(|it| &*it.plan);
    let Some(plan): Option<&Plan> = pinned.or_else(|| view.plan()) else {
        return Html::default();
    };
    if plan.credentials.is_empty() {
        return say!(p, "credentials-none", plan = &plan.info.title);
    }
    let mut said = vec![say!(p, "credentials-head", plan = &plan.info.title).bold()];
    said.extend(plan.credentials.iter().map(|it| one(view, it)));
    said.push(view.word("credentials-hint"));
    lines(&said)
}

fn one(view: &View<'_>, credential: &Credential) -> Html {
    let (mark, state) = state(view, credential);
    say!(
        view.phrases,
        "credential-line",
        mark = Html::own(mark),
        name = ours(&credential.name, 60),
        id = Html::own(credential.id.clone()),
        state = state
    )
}

fn state(view: &View<'_>, credential: &Credential) -> (&'static str, Html) {
    let p = view.phrases;
    let at = saga::rotated_at(view.chat, &credential.id);
    if let Some((incident, run)) = last_run(view, &credential.id) {
        let (number, id) = (run.number, Html::own(incident.id.to_string()));
        if !run.is_over() {
            return (
                "⏳",
                say!(p, "credential-under-way", run = number, incident = id),
            );
        }
        // A later success counts more than an earlier failure.
        if at.is_none_or(|at| run.at > at) {
            return (
                "❌",
                say!(p, "credential-failed", run = number, incident = id),
            );
        }
    }
    let Some(at) = at else {
        return ("⬜", view.word("credential-never"));
    };
    let (age, day) = (view.now - at, view.times().clock(at));
    let span = view.times().span(age);
    if age > credential.max_age.duration() {
        let max = view.times().minutes(credential.max_age);
        return (
            "⚠️",
            say!(p, "credential-old", at = day, age = span, max = max),
        );
    }
    ("✅", say!(p, "credential-rotated", at = day, age = span))
}

/// The newest run for real that has to do with this credential.
fn last_run<'a>(view: &View<'a>, credential: &str) -> Option<(&'a Incident, &'a Run)> {
    let runs = view
        .chat
        .incidents
        .values()
        .flat_map(|incident| incident.runs.iter().map(move |run| (incident, run)));
    runs.filter(|(_, run)| run.mode == crate::incident::Mode::Live)
        .filter(|(_, run)| match &run.lever {
            Lever::Rotate { credentials } => credentials.iter().any(|it| it == credential),
            Lever::Procedure { .. } => false,
        })
        .max_by_key(|(_, run)| run.at)
}
