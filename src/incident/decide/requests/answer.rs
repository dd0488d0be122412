//! What people answer to a request.

use super::super::super::effect::{Effect, Mark, Said, Timer};
use super::super::super::event::{ChatEvent, IncidentEvent};
use super::super::super::lever::Warrant;
use super::super::super::people::Permission;
use super::super::super::policy;
use super::super::super::refusal::Refusal;
use super::super::super::request::{About, LeverRequest, Outcome, Stage, Then};
use super::super::super::text::clean;
use super::super::draft::Draft;
use super::super::{Case, carry, levers};
use super::{Ask, First, Opening, call_absent, ended, incident_for, open, opening, tell, told};

/// `/approve`: a confirming press, a picked number, or a typed name, by what the request waits for.
pub(in super::super) fn approve(
    case: &Case<'_>,
    number: u32,
    words: &str,
    nonce: Option<&str>,
) -> Result<Draft, Refusal> {
    let verb = case.verb;
    let request = case.request(number, nonce)?;
    let stage = waiting(case, request)?;
    let asker = request.is_of(case.myself()?.id);
    match stage {
        Stage::Countdown { .. } => Err(Refusal::CountingDown {
            verb,
            request: number,
        }),
        Stage::Confirm { .. } | Stage::Name { .. } if !asker => Err(only_the_asker(case, request)),
        _ if case.env.now >= stage.until() => Ok(too_late(case, request)),
        Stage::Confirm { then, .. } => confirm(case, request, *then),
        Stage::Name { .. } => typed_name(case, request, words),
        Stage::Approve { .. } => pick(case, request, words),
    }
}

fn waiting<'r>(case: &Case<'_>, request: &'r LeverRequest) -> Result<&'r Stage, Refusal> {
    match (request.waits_for(), request.outcome()) {
        (Some(stage), _) => Ok(stage),
        (None, outcome) => Err(Refusal::RequestOver {
            verb: case.verb,
            request: request.number(),
            outcome: outcome.cloned().unwrap_or(Outcome::Expired),
        }),
    }
}

fn only_the_asker(case: &Case<'_>, request: &LeverRequest) -> Refusal {
    Refusal::OnlyTheAsker {
        verb: case.verb,
        request: request.number(),
        asker: request.asked_by.clone(),
    }
}

/// The timer has not come yet, but the time is over.
fn too_late(case: &Case<'_>, request: &LeverRequest) -> Draft {
    let said = Said::RequestOver {
        request: request.number(),
    };
    ended(case, case.draft(), request, Outcome::Expired).effect(Effect::Alert(said))
}

fn confirm(case: &Case<'_>, request: &LeverRequest, then: Then) -> Result<Draft, Refusal> {
    match then {
        Then::Run => Ok(carry::out(
            case,
            case.draft(),
            request,
            Warrant::Confirmed,
            Vec::new(),
        )),
        Then::Ask => {
            case.second_factor()?;
            let draft = moved(case, request, First::Agree, None)?;
            Ok(case.spend_code(draft))
        }
        Then::BreakGlass => {
            policy::require(case.has, Permission::Owner, case.verb)?;
            moved(case, request, First::BreakGlass, None)
        }
    }
}

/// The request waits for something else from now on.
fn moved(
    case: &Case<'_>,
    request: &LeverRequest,
    first: First,
    why: Option<String>,
) -> Result<Draft, Refusal> {
    let known = request
        .form
        .incident
        .and_then(|id| case.chat.incidents.get(&id));
    let plan = match known {
        Some(incident) => &incident.plan,
        None => case.plan()?,
    };
    let about = &request.form.about;
    let approvals = about
        .lever()
        .map_or(2, |it| levers::way(plan, it).approvals);
    let opening = opening(case, first, request.asked_by.id, approvals)?;
    Ok(move_to(case, request, opening, why))
}

fn move_to(case: &Case<'_>, request: &LeverRequest, to: Opening, why: Option<String>) -> Draft {
    let number = request.number();
    let about = &request.form.about;
    let why = why.or_else(|| request.form.why.clone());
    let known = request
        .form
        .incident
        .and_then(|id| case.chat.incidents.get(&id));
    let (mut draft, mut incident) = (case.draft(), request.form.incident);
    let plan = known
        .map(|it| it.plan.as_ref())
        .or_else(|| case.plan().ok());
    if let (About::Lever(_), Some(plan)) = (about, plan) {
        let (begun, id) = incident_for(case, draft, known, plan, about, why.as_deref());
        // What was told when it was asked is not told again.
        let news = known.is_none() || matches!(to.stage, Stage::Countdown { .. });
        let told = told(number, about, &to.stage, why.clone()).filter(|_| news);
        draft = tell(begun, known, id, told);
        incident = Some(id);
    }
    let wake = Effect::Wake {
        at: to.stage.until(),
        timer: Timer::Request(number),
    };
    let draft = call_absent(case, draft, &to.called, number, incident);
    draft
        .chat(ChatEvent::RequestMoved {
            request: number,
            stage: to.stage,
            incident,
            why,
            needs: to.needs,
            called: to.called,
        })
        .effect(wake)
        .effect(Effect::ShowRequest(number))
        .acknowledge(Mark::Done, Said::RequestOpen { request: number })
}

/// Alone: the name is typed, a reason stands behind it or was given before.
fn typed_name(case: &Case<'_>, request: &LeverRequest, words: &str) -> Result<Draft, Refusal> {
    let wants = request.form.about.typed();
    let words = clean(words);
    let (name, why) = words
        .split_once(char::is_whitespace)
        .unwrap_or((words.as_str(), ""));
    let why = Some(why.trim().to_owned())
        .filter(|why| !why.is_empty())
        .or_else(|| request.form.why.clone());
    if name != wants || why.is_none() {
        return Err(Refusal::TypedName {
            verb: case.verb,
            wants: wants.to_owned(),
            usage: format!("/approve R{} {wants}", request.number()),
        });
    }
    policy::require(case.has, Permission::Approver, case.verb)?;
    case.alone(request.asked_by.id)?;
    case.second_factor()?;
    let countdown = Opening {
        stage: Stage::countdown(case.env.now, Warrant::SinglePerson),
        needs: 1,
        called: Vec::new(),
    };
    Ok(case.spend_code(move_to(case, request, countdown, why)))
}

fn pick(case: &Case<'_>, request: &LeverRequest, words: &str) -> Result<Draft, Refusal> {
    let verb = case.verb;
    let number = request.number();
    let myself = case.myself()?;
    if request.is_of(myself.id) {
        return Err(Refusal::OwnRequest {
            verb,
            request: number,
        });
    }
    policy::require(case.has, Permission::Approver, verb)?;
    let asker = &request.asked_by;
    if let Some(until) = policy::fresh_until(case.chat, myself.id, asker.id, case.env.now) {
        return Err(Refusal::GrantedByAsker {
            verb,
            request: number,
            asker: asker.clone(),
            until,
        });
    }
    if request.approved_by.iter().any(|it| it.id == myself.id) {
        return Err(Refusal::AgreedAlready {
            verb,
            request: number,
        });
    }
    let picked: u8 = words.trim().parse().map_err(|_| Refusal::NumberMissing {
        verb,
        request: number,
    })?;
    case.second_factor()?;
    if picked != request.form.digits {
        let said = Said::RequestOver { request: number };
        let draft = ended(case, case.draft(), request, Outcome::WrongPick);
        return Ok(case.spend_code(draft.effect(Effect::Alert(said))));
    }
    Ok(case.spend_code(agreed(case, request)))
}

fn agreed(case: &Case<'_>, request: &LeverRequest) -> Draft {
    let number = request.number();
    let known = request
        .form
        .incident
        .and_then(|id| case.chat.incidents.get(&id));
    let mut draft = case
        .draft()
        .chat(ChatEvent::RequestAgreed { request: number });
    if let Some(incident) = known.filter(|it| it.lifecycle.open().is_some()) {
        draft = draft.incident(incident, IncidentEvent::LeverAgreed { request: number });
    }
    let mut approved_by = request.approved_by.clone();
    approved_by.extend(case.myself().ok().cloned());
    let have = u32::try_from(approved_by.len()).unwrap_or(u32::MAX);
    let more = request.needs.saturating_sub(1).saturating_sub(have);
    if more > 0 {
        return draft.effect(Effect::ShowRequest(number)).acknowledge(
            Mark::Done,
            Said::RequestAgreed {
                request: number,
                more,
            },
        );
    }
    carry::out(case, draft, request, Warrant::Approved, approved_by)
}

/// `/deny`: by the asker, or by anybody who could approve.
pub(in super::super) fn deny(
    case: &Case<'_>,
    number: u32,
    nonce: Option<&str>,
) -> Result<Draft, Refusal> {
    stop(case, number, nonce, Outcome::Denied)
}

/// `/abort`: the same while it counts down.
pub(in super::super) fn abort(
    case: &Case<'_>,
    number: u32,
    nonce: Option<&str>,
) -> Result<Draft, Refusal> {
    stop(case, number, nonce, Outcome::Aborted)
}

fn stop(
    case: &Case<'_>,
    number: u32,
    nonce: Option<&str>,
    outcome: Outcome,
) -> Result<Draft, Refusal> {
    let request = case.request(number, nonce)?;
    let stage = waiting(case, request)?;
    if !request.is_of(case.myself()?.id) {
        policy::require(case.has, Permission::Approver, case.verb)?;
    }
    let outcome = match stage {
        Stage::Countdown { .. } => Outcome::Aborted,
        _ if case.env.now >= stage.until() => Outcome::Expired,
        _ => outcome,
    };
    let said = Said::RequestOver { request: number };
    Ok(ended(case, case.draft(), request, outcome).acknowledge(Mark::Done, said))
}

/// The asker's number, for their eyes only.
pub(in super::super) fn show_number(
    case: &Case<'_>,
    number: u32,
    nonce: &str,
) -> Result<Draft, Refusal> {
    let request = case.request(number, Some(nonce))?;
    waiting(case, request)?;
    if !request.is_of(case.myself()?.id) {
        return Err(only_the_asker(case, request));
    }
    Ok(case.draft().effect(Effect::Alert(Said::RequestNumber {
        request: number,
        digits: request.form.digits,
    })))
}

/// What lapsed is asked for once more, by whoever may ask.
pub(in super::super) fn ask_again(
    case: &Case<'_>,
    number: u32,
    nonce: &str,
) -> Result<Draft, Refusal> {
    let request = case.request(number, Some(nonce))?;
    if !request.can_be_renewed() {
        return Err(Refusal::WrongButton {
            verb: case.verb,
            request: number,
        });
    }
    let incident = request
        .form
        .incident
        .and_then(|id| case.chat.incidents.get(&id))
        .filter(|it| it.lifecycle.open().is_some());
    let plan = match incident {
        Some(incident) => &incident.plan,
        None => case.plan()?,
    };
    let (first, approvals) = match &request.form.about {
        About::Lever(lever) => {
            let way = levers::way(plan, lever);
            (way.first(), way.approvals)
        }
        About::Trust(_) => {
            policy::require(case.has, Permission::Owner, case.verb)?;
            (First::Agree, 2)
        }
    };
    let ask = Ask {
        about: request.form.about.clone(),
        plan,
        incident,
        why: request.form.why.clone(),
        approvals,
    };
    open(case, ask, first)
}

/// A press that may have waited: the message is drawn anew, and a new press counts.
pub(in super::super) fn refreshed(case: &Case<'_>, number: u32) -> Draft {
    case.draft()
        .effect(Effect::ShowRequest(number))
        .effect(Effect::Alert(Said::PressAgain { request: number }))
}

/// The request's message stands in the chat. What happened meanwhile is shown there.
pub(in super::super) fn shown(case: &Case<'_>, number: u32, message_id: i64) -> Draft {
    let Some(request) = case.chat.requests.get(&number) else {
        return case.draft();
    };
    if request.message == Some(message_id) {
        return case.draft();
    }
    let draft = case.draft().chat(ChatEvent::RequestShown {
        request: number,
        message_id,
    });
    let changed = request.waits_for().is_none() || !request.approved_by.is_empty();
    if changed {
        draft.effect(Effect::ShowRequest(number))
    } else {
        draft
    }
}
