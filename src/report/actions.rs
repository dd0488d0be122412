//! What was done, by stage: ticked items, runs, notes and kept evidence, in order.

use std::collections::BTreeSet;

use super::text::{Writer, moment};
use crate::incident::{Event, IncidentEvent, ItemState, Mode};
use crate::plan::{Plan, Stage};

/// The actions of a stage, or of all, as lines.
pub(super) fn actions(writer: &Writer<'_>, stage: Option<Stage>) -> Vec<String> {
    let incident = writer.incident;
    let plan: &Plan = &incident.plan;
    let mut here = plan.phases.first().map(|phase| phase.stage);
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut lines = Vec::new();
    for recorded in &incident.timeline {
        let Event::Incident(_, event) = &recorded.event else {
            continue;
        };
        let of_item = |item: &str| {
            plan.item(item)
                .and_then(|(_, index, _)| plan.phases.get(index))
                .map(|it| it.stage)
        };
        let of = match event {
            IncidentEvent::PhaseEntered { to, .. } | IncidentEvent::PhaseReturned { to, .. } => {
                here = plan.phase(to).map(|phase| phase.stage);
                continue;
            }
            // Only what stands in the end: a tick that was taken back is in the timeline.
            IncidentEvent::ItemTicked { item, .. } => {
                let stands = matches!(incident.items.get(item), Some(ItemState::Ticked { at, .. }) if *at == recorded.at);
                if !stands || !told.insert(item) {
                    continue;
                }
                of_item(item)
            }
            // What was only looked at in a dry run is no action.
            IncidentEvent::RunEnded { run, .. }
                if incident.run(*run).is_none_or(|it| it.mode == Mode::DryRun) =>
            {
                continue;
            }
            IncidentEvent::RunEnded { .. }
            | IncidentEvent::Noted { .. }
            | IncidentEvent::EvidenceKept { .. } => here,
            _ => continue,
        };
        if stage.is_some() && of != stage {
            continue;
        }
        let said = match event {
            IncidentEvent::ItemTicked { item, .. } => plan.item(item).map_or_else(
                || super::text::line(item),
                |(.., it)| super::text::line(&it.text),
            ),
            event => writer.event(event),
        };
        // A run ends by itself: who pulled the lever counts.
        let pulled = event.run().and_then(|run| incident.run(run));
        let by = pulled.map_or(&recorded.by, |run| &run.asked_by);
        lines.push(format!(
            "{said} ({}, {})",
            writer.by(by),
            moment(recorded.at)
        ));
    }
    lines
}
