//! The words for what happens in a run.

use super::run_named;
use crate::incident::{Event, Incident, IncidentEvent, Recorded, StepStatus};
use crate::messages::answers::run::{came_to, hindrance, run_called, step_named};
use crate::messages::html::{Html, line};
use crate::messages::phrases::say;
use crate::messages::view::View;

/// Events that the chat's timeline leaves out, since what follows says more: the ledger and the report have them.
pub(super) fn is_chatter(recorded: &Recorded) -> bool {
    let Event::Incident(_, event) = &recorded.event else {
        return false;
    };
    matches!(
        event,
        IncidentEvent::StepStarted { .. }
            | IncidentEvent::ProgressPosted { .. }
            | IncidentEvent::ProgressLost { .. }
    )
}

#[expect(clippy::too_many_lines, reason = "one arm for each event")]
pub(super) fn words(
    view: &View<'_>,
    incident: &Incident,
    event: &IncidentEvent,
    max: usize,
) -> Html {
    let p = view.phrases;
    match event {
        IncidentEvent::StepStarted { run, step, attempt } => {
            let (number, title) = step_named(view, incident, *run, step);
            if *attempt > 1 {
                let (run, attempt) = (*run, *attempt);
                return say!(
                    p,
                    "event-step-started-again",
                    run = run,
                    step = number,
                    attempt = attempt,
                    name = title
                );
            }
            say!(
                p,
                "event-step-started",
                run = *run,
                step = number,
                name = title
            )
        }
        IncidentEvent::StepEnded {
            run,
            step,
            status,
            fact,
            summary,
            interrupted,
            ..
        } => {
            let (number, title) = step_named(view, incident, *run, step);
            let key = match status {
                StepStatus::Succeeded => "event-step-succeeded",
                StepStatus::Failed => "event-step-failed",
                StepStatus::Unknown => "event-step-unknown",
                StepStatus::ByHand => "event-step-by-hand",
            };
            let said = if *interrupted {
                view.word("run-interrupted")
            } else {
                came_to(p, fact.as_ref(), summary, max)
            };
            let title = if said.as_str().is_empty() {
                title
            } else {
                say!(p, "step-name-said", name = title, said = said)
            };
            say!(p, key, run = *run, step = number, name = title)
        }
        IncidentEvent::StepDecided { run, step, choice } => {
            let (number, _) = step_named(view, incident, *run, step);
            let choice = view.word(&format!("step-choice-{}", choice.word()));
            say!(
                p,
                "event-step-decided",
                run = *run,
                step = number,
                choice = choice
            )
        }
        IncidentEvent::StepSuperseded {
            run,
            step,
            incident: other,
            by_run,
        } => {
            let (number, title) = step_named(view, incident, *run, step);
            say!(
                p,
                "event-step-superseded",
                run = *run,
                step = number,
                name = title,
                other = run_called(view, incident, (*other, *by_run))
            )
        }
        IncidentEvent::RunAborted { run, why } if why.is_empty() => {
            say!(p, "event-run-aborted", run = *run)
        }
        IncidentEvent::RunAborted { run, why } => {
            say!(p, "event-run-aborted-why", run = *run, why = line(why, max))
        }
        IncidentEvent::RunWithheld {
            run,
            hindrance: hindered,
        } => {
            let why = hindrance(view, Some(hindered)).unwrap_or_default();
            say!(p, "event-run-withheld", run = *run, why = why)
        }
        IncidentEvent::RunEnded {
            run,
            outcome,
            hindrance: hindered,
        } => {
            let lever = incident
                .run(*run)
                .map(|it| run_named(view, &incident.plan, &it.lever));
            let lever = lever.unwrap_or_default();
            let outcome = view.word(&format!("run-word-{}", outcome.word()));
            match hindrance(view, hindered.as_ref()) {
                Some(why) => say!(
                    p,
                    "event-run-ended-why",
                    run = *run,
                    lever = lever,
                    outcome = outcome,
                    why = why
                ),
                None => say!(
                    p,
                    "event-run-ended",
                    run = *run,
                    lever = lever,
                    outcome = outcome
                ),
            }
        }
        IncidentEvent::ProgressPosted { run, .. } => say!(p, "event-progress-posted", run = *run),
        IncidentEvent::ProgressLost { run } => say!(p, "event-progress-lost", run = *run),
        _ => Html::default(),
    }
}
