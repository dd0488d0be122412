//! Severity, and moving through the phases.

use super::super::command::Command;
use super::super::effect::{Effect, Mark, Said};
use super::super::event::IncidentEvent;
use super::super::people::Permission;
use super::super::policy;
use super::super::refusal::Refusal;
use super::super::text::clean;
use super::draft::Draft;
use super::{Case, afterwards};
use crate::plan::{Opens, Phase, Stage};

pub(super) fn severity(case: &Case<'_>, code: &str, why: Option<&str>) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    if code.is_empty() {
        return Err(Refusal::Usage { verb: case.verb });
    }
    let plan = &incident.plan;
    let wanted = plan.severity(code).ok_or_else(|| Refusal::UnknownWord {
        verb: case.verb,
        what: "severity",
        word: code.to_owned(),
        known: plan
            .severities
            .iter()
            .map(|it| format!("{} {}", it.code, it.name))
            .collect(),
    })?;
    let rank = |code: &str| plan.severity_rank(code).unwrap_or(usize::MAX);
    let before = incident.severity.as_deref();
    if before == Some(wanted.code.as_str()) {
        return Ok(case.acknowledge(Mark::Done, Said::Unchanged));
    }
    let down = before.is_some_and(|before| rank(&wanted.code) > rank(before));
    if down {
        policy::require(case.has, Permission::Commander, case.verb)?;
        if case.old {
            let (code, why) = (code.to_owned(), why.map(str::to_owned));
            return super::again::offer(case, &Command::Severity { code, why });
        }
    }
    let why = why.map(clean).filter(|why| !why.is_empty());
    let event = IncidentEvent::SeverityChanged {
        from: incident.severity.clone(),
        to: wanted.code.clone(),
        why: why.clone(),
    };
    let said = Said::SeverityChanged {
        incident: incident.id,
        from: incident.severity.clone(),
        to: wanted.code.clone(),
        why,
        by: case.myself()?.clone(),
    };
    Ok(case
        .draft()
        .incident(incident, event)
        .acknowledge(
            Mark::Done,
            Said::SeverityIs {
                incident: incident.id,
                code: wanted.code.clone(),
            },
        )
        .effect(Effect::Announce {
            incident: incident.id,
            said,
            silent: down,
        }))
}

pub(super) fn next(
    case: &Case<'_>,
    force: Option<&str>,
    from: Option<&str>,
) -> Result<Draft, Refusal> {
    let (incident, open) = case.open_incident()?;
    let here = incident.phase();
    let verb = case.verb;
    if from.is_some_and(|from| from != open.phase) {
        return Err(Refusal::PhaseMovedOn {
            verb,
            id: incident.id,
            phase: here.name.clone(),
        });
    }
    let Some(next) = incident.next_phase() else {
        return Err(Refusal::LastPhase {
            verb,
            id: incident.id,
            phase: here.name.clone(),
        });
    };
    let forced = case.gate(incident, force)?;
    let event = IncidentEvent::PhaseEntered {
        from: here.id.clone(),
        to: next.id.clone(),
        forced: forced.clone(),
    };
    let mut draft = case.draft().incident(incident, event);
    for event in opened_by(case, incident, next) {
        draft = draft.incident(incident, event);
    }
    let said = Said::PhaseBegan {
        incident: incident.id,
        phase: next.id.clone(),
        forced,
        by: case.myself()?.clone(),
    };
    Ok(draft
        .acknowledge(
            Mark::Done,
            Said::PhaseIs {
                incident: incident.id,
                phase: next.id.clone(),
            },
        )
        .effect(Effect::Announce {
            incident: incident.id,
            said,
            silent: false,
        }))
}

/// The plan's follow-ups that open with a phase; only the first time it is entered.
fn opened_by(
    case: &Case<'_>,
    incident: &super::super::state::Incident,
    next: &Phase,
) -> Vec<IncidentEvent> {
    let opens = match next.stage {
        Stage::Recovery => Opens::Recovery,
        Stage::PostIncident => Opens::Resolved,
        _ => return Vec::new(),
    };
    if incident.entered.contains_key(&next.id) {
        return Vec::new();
    }
    let severity = incident.severity.as_deref();
    afterwards::opening(
        &incident.plan,
        opens,
        severity,
        incident.next_follow_up(),
        case.env.now,
    )
}

pub(super) fn back(case: &Case<'_>, why: &str) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    let here = incident.phase();
    let index = incident.phase_index();
    let Some(before) = index
        .checked_sub(1)
        .and_then(|index| incident.plan.phases.get(index))
    else {
        let phase = here.name.clone();
        return Err(Refusal::FirstPhase {
            verb: case.verb,
            id: incident.id,
            phase,
        });
    };
    let why = case.reason(why)?;
    let event = IncidentEvent::PhaseReturned {
        from: here.id.clone(),
        to: before.id.clone(),
        why: why.clone(),
    };
    let said = Said::PhaseReturned {
        incident: incident.id,
        phase: before.id.clone(),
        why,
        by: case.myself()?.clone(),
    };
    Ok(case
        .draft()
        .incident(incident, event)
        .acknowledge(
            Mark::Done,
            Said::PhaseIs {
                incident: incident.id,
                phase: before.id.clone(),
            },
        )
        .effect(Effect::Announce {
            incident: incident.id,
            said,
            silent: false,
        }))
}

impl Case<'_> {
    /// Whether the current phase may be left. Returns the reason where it had to be forced.
    pub(super) fn gate(
        &self,
        incident: &super::super::state::Incident,
        force: Option<&str>,
    ) -> Result<Option<String>, Refusal> {
        let (items, facts) = incident.gate_needs();
        if items.is_empty() && facts.is_empty() {
            return Ok(None);
        }
        let Some(force) = force else {
            let phase = incident.phase().name.clone();
            return Err(Refusal::GateOpen {
                verb: self.verb,
                id: incident.id,
                phase,
                items,
                facts,
            });
        };
        policy::require(self.has, Permission::Commander, self.verb)?;
        self.reason(force).map(Some)
    }
}
