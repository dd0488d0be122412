//! `/totp`: one-time codes live in private chats, and the house checks them; here is only what people are told.

use super::super::command::TotpSaid;
use super::super::effect::{Effect, Said};
use super::super::event::ChatKind;
use super::super::people::Permission;
use super::super::refusal::Refusal;
use super::Case;
use super::draft::Draft;

/// A `/totp` that the house did not take: it stands in a group, or its author has nothing that a second factor would guard.
pub(super) fn elsewhere(case: &Case<'_>) -> Result<Draft, Refusal> {
    if case.chat.kind != ChatKind::Private {
        return Ok(case.answer(Said::TotpElsewhere));
    }
    Err(Refusal::NotAllowed {
        verb: case.verb,
        needs: Permission::Commander,
        has: case.has,
    })
}

pub(super) fn says(case: &Case<'_>, said: &TotpSaid) -> Draft {
    let draft = case.draft();
    match said {
        // The picture's caption says everything.
        TotpSaid::Show(person) => draft.effect(Effect::TotpPicture(person.clone())),
        TotpSaid::Confirmed(person) => draft
            .effect(Effect::Answer(Said::Totp(said.clone())))
            .effect(Effect::RecoveryCodes(person.clone())),
        _ => draft.effect(Effect::Answer(Said::Totp(said.clone()))),
    }
}
