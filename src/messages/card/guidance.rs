//! The plan's advice for the current phase, folded away until somebody taps it.

use crate::incident::Incident;
use crate::messages::answers::plan::lever;
use crate::messages::answers::requests::usage;
use crate::messages::html::{Html, NAME_MAX, line, ours, visible_len};
use crate::messages::phrases::say;
use crate::messages::view::{View, folded, joined};
use crate::plan::{Guidance, Plan, Procedure};

/// How many pieces of advice are named as next steps.
const TITLES: usize = 3;
/// UTF-16 units of advice on a card at most.
const GUIDANCE_MAX: usize = 1_600;

/// The titles of what comes next.
pub(super) fn titles(incident: &Incident) -> Vec<Html> {
    fitting(incident)
        .take(TITLES)
        .map(|it| ours(&it.title, 80))
        .collect()
}

/// The advice that concerns the incident's severity; all of it until one is chosen.
fn fitting(incident: &Incident) -> impl Iterator<Item = &Guidance> {
    let code = incident.severity.as_deref();
    let concerned = move |it: &&Guidance| {
        it.only.is_empty() || code.is_none_or(|code| it.only.iter().any(|only| only == code))
    };
    incident.phase().guidance.iter().filter(concerned)
}

/// As much of the advice as fits into `room`, whole pieces only.
pub(super) fn folded_guidance(view: &View<'_>, incident: &Incident, room: usize) -> Option<Html> {
    let room = room.min(GUIDANCE_MAX);
    let mut used = 0;
    let mut said = Vec::new();
    for piece in fitting(incident) {
        let lines = piece_lines(view, &incident.plan, piece);
        used += lines
            .iter()
            .map(|it| visible_len(it.as_str()) + 1)
            .sum::<usize>();
        if used > room {
            break;
        }
        said.extend(lines);
    }
    (!said.is_empty()).then(|| folded(&said))
}

fn piece_lines(view: &View<'_>, plan: &Plan, piece: &Guidance) -> Vec<Html> {
    let p = view.phrases;
    let mut said = vec![ours(&piece.title, 80).bold()];
    said.extend(piece.text.iter().map(|text| ours(text, 300)));
    said.extend(
        piece
            .steps
            .iter()
            .map(|text| say!(p, "guide-step", text = ours(text, 300))),
    );
    said.extend(
        piece
            .questions
            .iter()
            .map(|text| say!(p, "guide-question", text = ours(text, 300))),
    );
    if !piece.record.is_empty() {
        let fields: Vec<Html> = piece
            .record
            .iter()
            .map(|field| say!(p, "guide-field", field = line(field, NAME_MAX)))
            .collect();
        said.push(say!(p, "guide-record", fields = joined(&fields, " ")));
    }
    if let Some(run) = &piece.run {
        let usage = match run.split_once(':') {
            Some((verb, id)) => Html::escaped(&format!("/{verb} {id}")),
            None => match plan.procedure(run) {
                // Without the target it lists what there is to choose: an example would be copied.
                Some(procedure) => usage(view, procedure, !offers_choices(procedure)),
                None => Html::escaped(&format!("/run {run}")),
            },
        };
        let name = match run.as_str() {
            "rotate:all" => view.word("guide-rotate-all"),
            _ => lever(view, plan, run),
        };
        said.push(say!(p, "guide-run", name = name, usage = usage));
    }
    said
}

fn offers_choices(procedure: &Procedure) -> bool {
    let mut wanted = procedure.parameters.iter().filter(|it| it.required);
    wanted.any(|it| it.choices.is_some())
}
