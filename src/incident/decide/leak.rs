//! A secret was pasted while an incident is open: it is removed, and counts as leaked.

use super::super::command::{FileIn, LeakIn};
use super::super::effect::Effect;
use super::super::event::{Event, IncidentEvent, Standing};
use super::super::state::Incident;
use super::Case;
use super::draft::Draft;

/// Outside of an incident the bot keeps nothing and says nothing: what people write there is theirs.
pub(super) fn seen(case: &Case<'_>, leak: &LeakIn) -> Draft {
    let Some(incident) = concerned(case).filter(|_| case.chat.claimed) else {
        return case.draft();
    };
    if incident.timeline.iter().any(|it| is_told(&it.event, leak)) {
        return case.draft();
    }
    let may = leak.private || may_delete(case.chat.standing);
    let deleted = may && leak.evidence.is_none();
    let found = incident.plan.credential_for(&leak.fits);
    let credential = found.map(|it| it.id.clone());
    let first = incident.notice_of(leak.author.as_ref(), case.env.now);
    let revocation = incident.plan.revocation_for(&leak.fits);
    let procedure = revocation.map(|it| it.id.clone());
    let event = IncidentEvent::SecretRemoved {
        names: leak.names.clone(),
        messages: leak.messages.clone(),
        author: leak.author.clone(),
        credential,
        procedure,
        deleted,
        evidence: leak.evidence,
    };
    let mut draft = case.draft().incident(incident, event);
    if deleted {
        draft = draft.effect(Effect::DeleteMessages(leak.messages.clone()));
    }
    let incident = incident.id;
    draft.effect(Effect::TellOfSecrets { incident, first })
}

/// A small text file is looked into while an incident is open, and only then.
pub(super) fn file(case: &Case<'_>, file: &FileIn) -> Draft {
    match concerned(case).filter(|_| case.chat.claimed) {
        Some(incident) => case.draft().effect(Effect::LookInto {
            incident: incident.id,
            file: file.clone(),
        }),
        None => case.draft(),
    }
}

/// The incident that the message belongs to; of several open ones the newest, for a leak concerns them all.
fn concerned<'a>(case: &Case<'a>) -> Option<&'a Incident> {
    let named = case
        .incident()
        .ok()
        .filter(|it| it.lifecycle.open().is_some());
    named.or_else(|| case.chat.open_incidents().last())
}

fn may_delete(standing: Standing) -> bool {
    matches!(
        standing,
        Standing::Administrator {
            can_delete: true,
            ..
        }
    )
}

/// The same message again: somebody answers it, or edits it.
fn is_told(event: &Event, leak: &LeakIn) -> bool {
    matches!(event, Event::Incident(_, IncidentEvent::SecretRemoved { names, messages, evidence, .. })
        if *evidence == leak.evidence
            && leak.messages.iter().all(|id| messages.contains(id))
            && leak.names.iter().all(|it| names.contains(it)))
}
