//! About runs and their steps, and what keeps an incident from ending.

use super::KNOWN_MAX;
use crate::incident::{IncidentId, Refusal, Unfinished};
use crate::messages::html::Html;
use crate::messages::phrases::say;
use crate::messages::view::{View, commas};

/// About runs and their steps.
pub(super) fn of_runs(view: &View<'_>, refusal: &Refusal) -> Html {
    let p = view.phrases;
    match refusal {
        Refusal::RunState { run, state, .. } => {
            let key = format!("run-state-{state}");
            let key = if p.has(&key) {
                key.as_str()
            } else {
                "run-state-other"
            };
            say!(p, key, run = *run)
        }
        Refusal::StepWaitsForNobody { run, step, .. } => {
            say!(p, "step-waits-for-nobody", run = *run, step = *step)
        }
        Refusal::StepTakes { run, step, can, .. } => {
            let can = can.iter().map(|choice| {
                Html::own(format!("<code>/step {run} {step} {}</code>", choice.word()))
            });
            say!(
                p,
                "step-takes",
                run = *run,
                step = *step,
                can = commas(&can.collect::<Vec<_>>())
            )
        }
        Refusal::NoRun { verb: "step" } => view.word("no-run-waits"),
        Refusal::NoRun { .. } => view.word("no-run-under-way"),
        Refusal::WhichStep { steps, .. } => {
            let steps = steps
                .iter()
                .take(KNOWN_MAX)
                .map(|(run, step)| Html::own(format!("<code>/step {run} {step} …</code>")));
            say!(p, "which-step", steps = commas(&steps.collect::<Vec<_>>()))
        }
        _ => Html::default(),
    }
}

/// What is not over, and how it comes to an end.
pub(super) fn not_over(view: &View<'_>, verb: &str, id: IncidentId, open: &Unfinished) -> Html {
    let p = view.phrases;
    let id = Html::own(id.to_string());
    match open {
        Unfinished::Run { run } => say!(p, "not-over-run", run = *run, id = id),
        Unfinished::Stuck { run } if verb == "close" => {
            say!(p, "not-over-stuck-close", run = *run, id = id)
        }
        Unfinished::Stuck { run } => say!(p, "not-over-stuck", run = *run, id = id),
        Unfinished::Request { request, until } => say!(
            p,
            "not-over-request",
            request = *request,
            id = id,
            until = view.times().clock(*until)
        ),
        Unfinished::Countdown { request } => {
            say!(p, "not-over-countdown", request = *request, id = id)
        }
    }
}
