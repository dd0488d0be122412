//! Doing what a request asks for, after everything was looked at again.

use super::super::effect::{Effect, Mark, Said, Timer};
use super::super::event::{ChatEvent, IncidentEvent};
use super::super::ids::IncidentId;
use super::super::lever::{Lever, Mode, Warrant};
use super::super::people::{By, Person};
use super::super::policy::{self, Changed, Claim};
use super::super::refusal::Refusal;
use super::super::request::{About, LeverRequest, Outcome};
use super::super::state::Incident;
use super::draft::Draft;
use super::requests::{ended, incident_for, tell};
use super::{Case, trust};
use crate::plan::Plan;

/// A lever that only reads runs as it is typed.
pub(super) fn at_once(
    case: &Case<'_>,
    incident: Option<&Incident>,
    plan: &Plan,
    lever: Lever,
    why: Option<String>,
) -> Result<Draft, Refusal> {
    let about = About::Lever(lever.clone());
    let fingerprint = lever
        .fingerprint(plan)
        .ok_or(Refusal::Usage { verb: case.verb })?;
    let (draft, id) = incident_for(case, case.draft(), incident, plan, &about, why.as_deref());
    let pulled = Pulled {
        lever,
        fingerprint,
        warrant: Warrant::Confirmed,
        asked_by: case.myself()?.clone(),
        approved_by: Vec::new(),
        why,
    };
    let (draft, run) = start(draft, incident, id, pulled);
    Ok(draft.acknowledge(Mark::Done, Said::RunBegun { incident: id, run }))
}

/// Does what the request asks for; where something has changed since, that is its end.
pub(super) fn out(
    case: &Case<'_>,
    draft: Draft,
    request: &LeverRequest,
    warrant: Warrant,
    approved_by: Vec<Person>,
) -> Draft {
    let number = request.number();
    match holds(case, request, warrant, &approved_by) {
        Err(changed) => {
            let said = Said::RequestOver { request: number };
            ended(case, draft, request, Outcome::Refused { changed }).effect(Effect::Alert(said))
        }
        Ok(plan) => {
            let author = case.by();
            let (draft, outcome) = match &request.form.about {
                About::Lever(lever) => {
                    pull(case, draft, request, plan, lever, warrant, approved_by)
                }
                About::Trust(change) => {
                    let asker = By::Person(request.asked_by.clone());
                    let outcome = Outcome::Approved {
                        incident: None,
                        run: None,
                    };
                    (trust::apply(draft.by(asker), change), outcome)
                }
            };
            let said = match (&outcome, warrant) {
                (
                    Outcome::Approved {
                        incident: Some(incident),
                        run: Some(run),
                    },
                    Warrant::Confirmed,
                ) => Said::RunBegun {
                    incident: *incident,
                    run: *run,
                },
                _ => Said::RequestAgreed {
                    request: number,
                    more: 0,
                },
            };
            draft
                .by(author)
                .chat(ChatEvent::RequestEnded {
                    request: number,
                    outcome,
                })
                .effect(Effect::Forget(Timer::Request(number)))
                .effect(Effect::ShowRequest(number))
                .acknowledge(Mark::Done, said)
        }
    }
}

/// The second look. Gives back the plan as it stands now.
fn holds<'a>(
    case: &Case<'a>,
    request: &LeverRequest,
    warrant: Warrant,
    approved_by: &[Person],
) -> Result<&'a Plan, Changed> {
    let incident = request
        .form
        .incident
        .map(|id| case.chat.incidents.get(&id).ok_or(Changed::IncidentEnded))
        .transpose()?;
    if incident.is_some_and(|it| it.lifecycle.open().is_none()) {
        return Err(Changed::IncidentEnded);
    }
    let plan: &Plan = match incident {
        Some(incident) => &incident.plan,
        None => case.plan().map_err(|_| Changed::Plan)?,
    };
    let claim = Claim {
        about: &request.form.about,
        bound: &request.form.bound,
        asked_by: request.asked_by.id,
        approved_by,
        warrant,
        plan,
    };
    let (owners, now) = (case.env.owners, case.env.now);
    policy::still_holds(case.chat, owners, &claim, now)?;
    let others = policy::could_approve(case.chat, owners, request.asked_by.id, now);
    let lost = policy::not_alone_until(case.chat, request.asked_by.id, now).is_some();
    if warrant == Warrant::SinglePerson && (lost || !others.is_empty()) {
        return Err(Changed::NotAlone);
    }
    if let About::Trust(change) = &request.form.about {
        trust::still_makes_sense(case, change)?;
    }
    Ok(plan)
}

fn pull(
    case: &Case<'_>,
    draft: Draft,
    request: &LeverRequest,
    plan: &Plan,
    lever: &Lever,
    warrant: Warrant,
    approved_by: Vec<Person>,
) -> (Draft, Outcome) {
    let form = &request.form;
    let known = form.incident.and_then(|id| case.chat.incidents.get(&id));
    // The asker's own incident may have been declared since: then it is that one.
    // Never a drill that began meanwhile: it was meant for real.
    let known = known.or_else(|| {
        case.chat
            .open_incidents()
            .filter(|it| !it.is_drill())
            .last()
    });
    let known = known.filter(|it| it.plan.revision == plan.revision);
    let (draft, id) = incident_for(case, draft, known, plan, &form.about, form.why.as_deref());
    let pulled = Pulled {
        lever: lever.clone(),
        fingerprint: form.bound.fingerprint.clone(),
        warrant,
        asked_by: request.asked_by.clone(),
        approved_by,
        why: form.why.clone(),
    };
    let (draft, run) = start(draft, known, id, pulled);
    let outcome = Outcome::Approved {
        incident: Some(id),
        run: Some(run),
    };
    let draft = match warrant {
        Warrant::BreakGlass | Warrant::SinglePerson => {
            alone(draft, request, plan, known, id, run, warrant)
        }
        Warrant::Confirmed | Warrant::Approved | Warrant::Host => draft,
    };
    (draft, outcome)
}

struct Pulled {
    lever: Lever,
    fingerprint: String,
    warrant: Warrant,
    asked_by: Person,
    approved_by: Vec<Person>,
    why: Option<String>,
}

/// The run begins; its steps are somebody else's work.
fn start(draft: Draft, known: Option<&Incident>, id: IncidentId, pulled: Pulled) -> (Draft, u32) {
    let run = known.map_or(1, Incident::next_run);
    let mode = if id.is_drill() {
        Mode::Drill
    } else {
        Mode::Live
    };
    let event = IncidentEvent::RunStarted {
        run,
        lever: pulled.lever,
        fingerprint: pulled.fingerprint,
        mode,
        warrant: pulled.warrant,
        asked_by: By::Person(pulled.asked_by),
        approved_by: pulled.approved_by,
        why: pulled.why,
    };
    let draft = tell(draft, known, id, Some(event));
    (draft.effect(Effect::Execute { incident: id, run }), run)
}

/// One person did it alone: everybody is told, and after break-glass somebody else must look at it.
fn alone(
    draft: Draft,
    request: &LeverRequest,
    plan: &Plan,
    known: Option<&Incident>,
    id: IncidentId,
    run: u32,
    warrant: Warrant,
) -> Draft {
    let by = &request.asked_by;
    let mut draft = draft;
    if warrant == Warrant::BreakGlass {
        let typed = request.form.about.typed();
        let named = plan.procedures.iter().find(|it| it.id == typed);
        let named = named.map_or(typed, |it| it.name.as_str());
        let event = IncidentEvent::FollowUpAdded {
            // The countdown had an incident already: there is one.
            number: known.map_or(1, Incident::next_follow_up),
            text: format!(
                "Review run {run}: {} broke the glass for “{named}”",
                by.name
            ),
            owner: None,
            due: None,
        };
        draft = tell(draft, known, id, Some(event));
    }
    let said = Said::PulledAlone {
        incident: id,
        run,
        warrant,
        by: by.clone(),
    };
    draft.effect(Effect::Announce {
        incident: id,
        said,
        silent: false,
    })
}
