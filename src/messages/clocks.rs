//! The targets of a severity, counted from the declaration.

use chrono::{DateTime, Utc};

use crate::incident::Incident;
use crate::plan::{FactField, Stage};

/// A target and whether it was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// By when.
    pub due: DateTime<Utc>,
    /// When it was reached.
    pub met: Option<DateTime<Utc>>,
}

/// By when somebody responds: acknowledges, or takes a role.
pub fn respond(incident: &Incident) -> Option<Clock> {
    let due = incident.declared_at + incident.severity()?.respond_within.duration();
    let seen = incident.seen_by.values().map(|(_, at)| *at).min();
    // Whoever takes a role has seen it, even without saying so.
    let met = seen.or_else(|| (!incident.roles.is_empty()).then_some(incident.declared_at));
    Some(Clock { due, met })
}

/// By when the spread is stopped.
pub fn contain(incident: &Incident) -> Option<Clock> {
    let due = incident.declared_at + incident.severity()?.contain_within?.duration();
    Some(Clock {
        due,
        met: contained_at(incident),
    })
}

/// When the spread was stopped: the recorded fact, else when the phases after containment began.
pub fn contained_at(incident: &Incident) -> Option<DateTime<Utc>> {
    let recorded = incident.facts.get(&FactField::Contained);
    if let Some(at) = recorded.and_then(|fact| fact.value.parse().ok()) {
        return Some(at);
    }
    let phases = &incident.plan.phases;
    let last = phases
        .iter()
        .rposition(|phase| phase.stage == Stage::Containment)?;
    if incident.phase_index() <= last {
        return None;
    }
    phases[last + 1..]
        .iter()
        .filter_map(|phase| incident.entered.get(&phase.id))
        .min()
        .copied()
}
