//! The moments that a report speaks of: recorded facts first, else what the events tell.

use chrono::{DateTime, Duration, Utc};

use crate::incident::{Event, Incident, IncidentEvent, Lifecycle};
use crate::messages::contained_at;
use crate::plan::{FactField, Mark, Stage};

/// When a milestone was reached, if anything tells.
pub(super) fn mark(incident: &Incident, mark: Mark) -> Option<DateTime<Utc>> {
    let fact = |field| recorded(incident, field);
    match mark {
        Mark::FirstSuspicious => {
            fact(FactField::FirstSuspicious).or_else(|| fact(FactField::Started))
        }
        Mark::AlertTriggered => fact(FactField::AlertTriggered),
        Mark::Detected => Some(detected(incident)),
        Mark::Confirmed => fact(FactField::Confirmed),
        Mark::TeamAssembled => first(incident, |event| {
            matches!(
                event,
                IncidentEvent::Acknowledged | IncidentEvent::RoleAssigned { .. }
            )
        }),
        Mark::ContainmentStarted => {
            fact(FactField::ContainmentStarted).or_else(|| entered(incident, Stage::Containment))
        }
        Mark::Contained => contained_at(incident),
        Mark::RootCauseFound => fact(FactField::RootCauseFound).or_else(|| {
            first(incident, |event| {
                matches!(
                    event,
                    IncidentEvent::FactRecorded {
                        field: FactField::RootCause,
                        ..
                    }
                )
            })
        }),
        Mark::RemediationComplete => {
            fact(FactField::RemediationComplete).or_else(|| after(incident, Stage::Eradication))
        }
        Mark::RecoveryConfirmed => {
            fact(FactField::RecoveryConfirmed).or_else(|| after(incident, Stage::Recovery))
        }
    }
}

/// When it was detected: the fact, else the declaration.
pub(super) fn detected(incident: &Incident) -> DateTime<Utc> {
    recorded(incident, FactField::Detected).unwrap_or(incident.declared_at)
}

/// When it was resolved: back to normal, else closed.
pub(super) fn resolved(incident: &Incident) -> Option<DateTime<Utc>> {
    mark(incident, Mark::RecoveryConfirmed).or(match &incident.lifecycle {
        Lifecycle::Open(_) => None,
        Lifecycle::Closed(closed) => Some(closed.at),
        Lifecycle::Cancelled(cancelled) => Some(cancelled.at),
    })
}

/// From detection to resolution, or until now.
pub(super) fn duration(incident: &Incident, now: DateTime<Utc>) -> Duration {
    resolved(incident).unwrap_or(now) - detected(incident)
}

fn recorded(incident: &Incident, field: FactField) -> Option<DateTime<Utc>> {
    incident.facts.get(&field)?.value.parse().ok()
}

fn first(incident: &Incident, wanted: impl Fn(&IncidentEvent) -> bool) -> Option<DateTime<Utc>> {
    let mut events = incident.timeline.iter();
    events
        .find(|it| matches!(&it.event, Event::Incident(_, event) if wanted(event)))
        .map(|it| it.at)
}

/// When a phase of the stage was entered first.
fn entered(incident: &Incident, stage: Stage) -> Option<DateTime<Utc>> {
    let phases = incident
        .plan
        .phases
        .iter()
        .filter(|phase| phase.stage == stage);
    phases
        .filter_map(|phase| incident.entered.get(&phase.id))
        .min()
        .copied()
}

/// When the phases after a stage began, unless it was gone back to.
fn after(incident: &Incident, stage: Stage) -> Option<DateTime<Utc>> {
    let phases = &incident.plan.phases;
    let last = phases.iter().rposition(|phase| phase.stage == stage)?;
    if incident.phase_index() <= last {
        return None;
    }
    phases[last + 1..]
        .iter()
        .filter_map(|phase| incident.entered.get(&phase.id))
        .min()
        .copied()
}
