//! Calling off, closing, reopening.

use std::collections::BTreeSet;

use super::super::command::CancelAs;
use super::super::effect::{Effect, Mark, Said};
use super::super::event::{Cancellation, IncidentEvent};
use super::super::ids::IncidentId;
use super::super::lifecycle::{Cancelled, Lifecycle};
use super::super::refusal::Refusal;
use super::Case;
use super::draft::Draft;

pub(super) fn cancel(case: &Case<'_>, kind: CancelAs, why: &str) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    let kind = match kind {
        CancelAs::FalseAlarm => Cancellation::FalseAlarm,
        CancelAs::DuplicateOf(other) => {
            Cancellation::DuplicateOf(still_handled(case, incident.id, other)?)
        }
    };
    let why = case.reason(why)?;
    let id = incident.id;
    let said = Said::CancelledSummary { incident: id };
    Ok(case
        .draft()
        .incident(incident, IncidentEvent::Cancelled { kind, why })
        .acknowledge(Mark::Done, Said::Cancelled { incident: id })
        .effect(Effect::Announce {
            incident: id,
            said,
            silent: false,
        })
        .effect(Effect::Unpin(id)))
}

/// The open incident under which a duplicate is handled: itself, or what it is a duplicate of. Otherwise both would end.
fn still_handled(
    case: &Case<'_>,
    own: IncidentId,
    other: IncidentId,
) -> Result<IncidentId, Refusal> {
    let unknown = |id| Refusal::UnknownIncident {
        verb: case.verb,
        id,
    };
    if other == own {
        return Err(unknown(other));
    }
    let mut id = other;
    let mut seen = BTreeSet::from([own]);
    loop {
        let incident = case.chat.incidents.get(&id).ok_or_else(|| unknown(id))?;
        match &incident.lifecycle {
            Lifecycle::Open(_) => return Ok(id),
            Lifecycle::Cancelled(Cancelled {
                kind: Cancellation::DuplicateOf(next),
                ..
            }) if seen.insert(id) && !seen.contains(next) => id = *next,
            Lifecycle::Closed(_) | Lifecycle::Cancelled(_) => {
                return Err(case.wrong_state(incident));
            }
        }
    }
}

pub(super) fn close(case: &Case<'_>, force: Option<&str>) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    let id = incident.id;
    if incident.next_phase().is_some() {
        let phase = incident.phase().name.clone();
        return Err(Refusal::NotLastPhase {
            verb: case.verb,
            id,
            phase,
        });
    }
    let forced = case.gate(incident, force)?;
    Ok(case
        .draft()
        .incident(incident, IncidentEvent::Closed { forced })
        .acknowledge(Mark::Done, Said::Closed { incident: id })
        .effect(Effect::Announce {
            incident: id,
            said: Said::ClosedSummary { incident: id },
            silent: false,
        })
        .effect(Effect::Unpin(id)))
}

pub(super) fn reopen(case: &Case<'_>, why: &str) -> Result<Draft, Refusal> {
    let incident = case.incident_or_last()?;
    match incident.lifecycle {
        Lifecycle::Closed(_) | Lifecycle::Cancelled(_) => {}
        Lifecycle::Open(_) => return Err(case.wrong_state(incident)),
    }
    let why = case.reason(why)?;
    let said = Said::ReopenedSummary {
        incident: incident.id,
        why: why.clone(),
        by: case.myself()?.clone(),
    };
    Ok(case
        .draft()
        .incident(incident, IncidentEvent::Reopened { why })
        .acknowledge(
            Mark::Done,
            Said::Reopened {
                incident: incident.id,
            },
        )
        .effect(Effect::Announce {
            incident: incident.id,
            said,
            silent: false,
        })
        .effect(Effect::PostCard(incident.id)))
}
