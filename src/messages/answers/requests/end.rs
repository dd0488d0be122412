//! How a request ended, in words.

use crate::incident::{Changed, IncidentId, LeverRequest, Outcome, Person, RequestState, Warrant};
use crate::messages::html::Html;
use crate::messages::phrases::say;
use crate::messages::view::{View, name};

/// How it ended, in a line.
pub(super) fn end(view: &View<'_>, request: &LeverRequest) -> Html {
    let RequestState::Spent { outcome, at, by } = &request.state else {
        return Html::default();
    };
    let p = view.phrases;
    let at = view.times().clock(*at);
    let who = by.as_ref().map_or_else(|| view.word("by-bot"), name);
    match outcome {
        Outcome::Approved {
            incident: Some(incident),
            run: Some(run),
        } => begun(view, request, *incident, *run, &at),
        Outcome::Approved { .. } => {
            let names = agreed(view, request, by.as_ref());
            match names {
                Some(names) => say!(p, "request-over-done", names = names, at = at),
                None => {
                    let who = name(&request.asked_by);
                    say!(p, "request-over-done-alone", who = who, at = at)
                }
            }
        }
        Outcome::Denied => say!(p, "request-over-denied", who = who, at = at),
        Outcome::Expired => say!(p, "request-over-expired", at = at),
        Outcome::WrongPick => say!(p, "request-over-wrong-pick", who = who, at = at),
        Outcome::Aborted => say!(p, "request-over-aborted", who = who, at = at),
        Outcome::Refused { changed } => {
            let why = self::changed(view, changed);
            say!(p, "request-over-refused", at = at, why = why)
        }
    }
}

fn begun(view: &View<'_>, request: &LeverRequest, id: IncidentId, run: u32, at: &Html) -> Html {
    let p = view.phrases;
    let incident = view.incident(id);
    let started = incident.and_then(|it| it.runs.iter().find(|it| it.number == run));
    let id = Html::own(id.to_string());
    let who = name(&request.asked_by);
    let key = match started.map(|it| it.warrant) {
        Some(Warrant::Approved) => {
            let approved_by = started.map(|it| it.approved_by.as_slice());
            let names = approved_by.unwrap_or_default().iter().map(name).collect();
            let names = view.list(names);
            return say!(
                p,
                "request-over-run",
                names = names,
                at = at,
                run = run,
                id = id
            );
        }
        Some(Warrant::SinglePerson) => "request-over-single",
        Some(Warrant::BreakGlass) => "request-over-break-glass",
        _ => "request-over-confirmed",
    };
    say!(p, key, who = who, at = at, run = run, id = id)
}

/// Who agreed to a change of trust; nobody where it was made alone.
fn agreed(view: &View<'_>, request: &LeverRequest, last: Option<&Person>) -> Option<Html> {
    if request.approved_by.is_empty() {
        return None;
    }
    let mut people: Vec<_> = request.approved_by.iter().collect();
    people.extend(last.filter(|last| people.iter().all(|it| it.id != last.id)));
    Some(view.list(people.into_iter().map(name).collect()))
}

/// What has changed, so that nothing was done.
pub(in crate::messages) fn changed(view: &View<'_>, changed: &Changed) -> Html {
    match changed {
        Changed::Asker => view.word("changed-asker"),
        Changed::Approver { person } => {
            say!(view.phrases, "changed-approver", name = name(person))
        }
        Changed::IncidentEnded => view.word("changed-incident-ended"),
        Changed::Plan => view.word("changed-plan"),
        Changed::Policy => view.word("changed-policy"),
        Changed::NotAlone => view.word("changed-not-alone"),
        Changed::Log => view.word("changed-log"),
    }
}

pub(in crate::messages) fn outcome_word(view: &View<'_>, outcome: &Outcome) -> Html {
    view.word(match outcome {
        Outcome::Approved { .. } => "outcome-approved",
        Outcome::Denied => "outcome-denied",
        Outcome::Expired => "outcome-expired",
        Outcome::WrongPick => "outcome-wrong-pick",
        Outcome::Aborted => "outcome-aborted",
        Outcome::Refused { .. } => "outcome-refused",
    })
}

/// Its end, short enough for a toast.
pub(in crate::messages) fn over(view: &View<'_>, request: u32) -> Html {
    let known = view.chat.requests.get(&request);
    let outcome = known.and_then(LeverRequest::outcome);
    let outcome = outcome.map_or_else(
        || view.word("outcome-expired"),
        |outcome| outcome_word(view, outcome),
    );
    say!(
        view.phrases,
        "request-over-short",
        request = request,
        outcome = outcome
    )
}
