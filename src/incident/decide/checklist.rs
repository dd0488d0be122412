//! Ticking, unticking and skipping checklist items.

use super::super::command::ItemRef;
use super::super::effect::{Mark, Said};
use super::super::event::IncidentEvent;
use super::super::people::Permission;
use super::super::refusal::Refusal;
use super::super::state::ItemState;
use super::Case;
use super::draft::Draft;
use crate::plan::{AutoTick, Stage};

pub(super) fn done(case: &Case<'_>, items: &[ItemRef]) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    if items.is_empty() {
        return Err(Refusal::Usage { verb: case.verb });
    }
    // All or nothing: a wrong number among right ones is told before anything is ticked.
    let mut found = Vec::with_capacity(items.len());
    for wanted in items {
        let item = case.item(incident, wanted)?;
        if incident.is_untrue(item.1) {
            let codes = incident.plan.severities.iter();
            return Err(Refusal::NoSeverityYet {
                verb: case.verb,
                number: item.0,
                codes: codes.map(|it| it.code.clone()).collect(),
            });
        }
        if !found.contains(&item) {
            found.push(item);
        }
    }
    let open = |item: &str| !matches!(incident.items.get(item), Some(ItemState::Ticked { .. }));
    let (fresh, old): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, item)| open(&item.id));
    if fresh.is_empty() {
        let numbers = old.iter().map(|(number, _)| *number).collect();
        return Ok(case.acknowledge(Mark::Done, Said::AlreadyTicked { numbers }));
    }
    let mut draft = case.draft();
    for (_, item) in &fresh {
        draft = draft.incident(
            incident,
            IncidentEvent::ItemTicked {
                item: item.id.clone(),
                auto: None,
            },
        );
    }
    let numbers = fresh.iter().map(|(number, _)| *number).collect();
    Ok(draft.acknowledge(Mark::Done, Said::Ticked { numbers }))
}

pub(super) fn untick(case: &Case<'_>, wanted: &ItemRef) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    let (number, item) = case.item(incident, wanted)?;
    if !incident.items.contains_key(&item.id) {
        return Err(Refusal::ItemState {
            verb: case.verb,
            number,
            state: "open",
        });
    }
    Ok(case
        .draft()
        .incident(
            incident,
            IncidentEvent::ItemUnticked {
                item: item.id.clone(),
            },
        )
        .acknowledge(Mark::Done, Said::Unticked { number }))
}

pub(super) fn skip(case: &Case<'_>, wanted: &ItemRef, why: &str) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    let (number, item) = case.item(incident, wanted)?;
    let why = case.reason(why)?;
    if let Some(state) = incident.items.get(&item.id) {
        return Err(Refusal::ItemState {
            verb: case.verb,
            number,
            state: state.name(),
        });
    }
    // Otherwise skipping would be a way round `/next force`.
    let phases = &incident.plan.phases;
    let proof = item.auto == Some(AutoTick::EvidencePreserved)
        && phases.iter().any(|phase| phase.stage == Stage::Eradication);
    let guards = proof || phases.iter().any(|it| it.gate.items.contains(&item.id));
    if guards && case.has < Permission::Commander {
        return Err(Refusal::GuardsTheGate {
            verb: case.verb,
            number,
        });
    }
    Ok(case
        .draft()
        .incident(
            incident,
            IncidentEvent::ItemSkipped {
                item: item.id.clone(),
                why,
            },
        )
        .acknowledge(Mark::Done, Said::Skipped { number }))
}
