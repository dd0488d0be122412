//! Dry runs: what a lever would do, step by step. Nothing is pulled, so nobody has to agree.

use super::super::command::Played;
use super::super::effect::{Effect, Said};
use super::super::event::ChatEvent;
use super::super::ids::IncidentId;
use super::super::lever::Lever;
use super::super::refusal::Refusal;
use super::Case;
use super::draft::Draft;

/// Plays a lever through.
pub(super) fn lever(case: &Case<'_>, incident: Option<IncidentId>, lever: Lever) -> Draft {
    case.draft()
        .chat(ChatEvent::Rehearsed {
            lever: lever.clone(),
            incident,
        })
        .effect(Effect::Rehearse { incident, lever })
}

/// The same for what a request would do, while it waits.
pub(super) fn preview(case: &Case<'_>, number: u32, nonce: &str) -> Result<Draft, Refusal> {
    let request = case.request(number, Some(nonce))?;
    let about = request
        .form
        .about
        .lever()
        .filter(|_| request.waits_for().is_some());
    let wanted = about.ok_or(Refusal::WrongButton {
        verb: case.verb,
        request: number,
    })?;
    let draft = lever(case, request.form.incident, wanted.clone());
    Ok(draft.effect(Effect::Alert(Said::BeingPlayed)))
}

/// What the steps said.
pub(super) fn played(case: &Case<'_>, wanted: &Lever, steps: &[Played]) -> Draft {
    case.answer(Said::Rehearsed {
        incident: case.named,
        lever: wanted.clone(),
        steps: steps.to_vec(),
    })
}
