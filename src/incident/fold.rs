//! `apply`: how an event changes what is known. The same function serves live use and replay.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

mod chat;
mod preserve;
mod requests;

use std::sync::Arc;

use super::chat::{Chat, Plans};
use super::event::{Event, IncidentEvent, Recorded};
use super::ids::IncidentId;
use super::lifecycle::{Lifecycle, Open};
use super::people::By;
use super::state::{CardPlace, Fact, FollowUp, Incident, ItemState, Run, Topic};
use preserve::preserve;

/// The ledger holds something that cannot be folded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// An incident's stream does not begin with its declaration.
    #[error("{0}: the first event is not a declaration")]
    NotDeclared(IncidentId),
    /// The pinned plan is missing.
    #[error("{id}: plan revision {revision} is not in the ledger")]
    PlanMissing { id: IncidentId, revision: String },
    /// A transition that `decide` never allows.
    #[error("{id}: {event} while {state}")]
    Impossible {
        id: IncidentId,
        event: &'static str,
        state: &'static str,
    },
}

/// Folds one event into the chat.
///
/// # Errors
/// Only for a ledger that `decide` did not write.
pub fn apply(chat: &mut Chat, recorded: Recorded, plans: &Plans) -> Result<(), FoldError> {
    match &recorded.event {
        Event::Chat(event) => {
            chat::apply(chat, event, &recorded);
            chat.version += 1;
            super::audit::remember(chat, recorded);
            Ok(())
        }
        Event::Incident(id, _) => apply_to_incidents(chat, *id, recorded, plans),
    }
}

fn apply_to_incidents(
    chat: &mut Chat,
    id: IncidentId,
    recorded: Recorded,
    plans: &Plans,
) -> Result<(), FoldError> {
    let Event::Incident(_, event) = &recorded.event else {
        return Ok(());
    };
    if let IncidentEvent::Declared { plan, .. } = event {
        let pinned = plans.revision(plan).ok_or_else(|| FoldError::PlanMissing {
            id,
            revision: plan.clone(),
        })?;
        let mut incident =
            declared(id, &recorded, Arc::clone(pinned)).ok_or(FoldError::NotDeclared(id))?;
        if chat.can_make_topics() {
            incident.topic = Topic::Asked;
        }
        chat.incidents.insert(id, incident);
    } else {
        let incident = chat
            .incidents
            .get_mut(&id)
            .ok_or(FoldError::NotDeclared(id))?;
        apply_to_incident(incident, event, &recorded)?;
    }
    let incident = chat
        .incidents
        .get_mut(&id)
        .ok_or(FoldError::NotDeclared(id))?;
    incident.version += 1;
    incident.timeline.push(recorded);
    Ok(())
}

fn declared(id: IncidentId, recorded: &Recorded, plan: Arc<crate::plan::Plan>) -> Option<Incident> {
    let Event::Incident(
        _,
        IncidentEvent::Declared {
            title,
            severity,
            phase,
            reported_at,
            drill,
            ..
        },
    ) = &recorded.event
    else {
        return None;
    };
    Some(Incident {
        id,
        plan,
        title: title.clone(),
        severity: severity.clone(),
        drill: drill.clone(),
        lifecycle: Lifecycle::Open(Open {
            phase: phase.clone(),
            since: recorded.at,
        }),
        // A report that waited for an answer counts from when it was made: so do its clocks.
        declared_at: reported_at.unwrap_or(recorded.at),
        declared_by: recorded.by.clone(),
        items: std::collections::BTreeMap::new(),
        roles: std::collections::BTreeMap::new(),
        seen_by: std::collections::BTreeMap::new(),
        facts: std::collections::BTreeMap::new(),
        follow_ups: Vec::new(),
        evidence: Vec::new(),
        collections: Vec::new(),
        exports: 0,
        exported: std::collections::BTreeSet::new(),
        card: None,
        topic: Topic::None,
        entered: [(phase.clone(), recorded.at)].into(),
        reported_at: None,
        runs: Vec::new(),
        imported: std::collections::BTreeSet::new(),
        version: 0,
        timeline: Vec::new(),
    })
}

fn apply_to_incident(
    incident: &mut Incident,
    event: &IncidentEvent,
    recorded: &Recorded,
) -> Result<(), FoldError> {
    let (at, by) = (recorded.at, &recorded.by);
    match event {
        IncidentEvent::Declared { .. }
        | IncidentEvent::AlsoReported { .. }
        | IncidentEvent::LeverAsked { .. }
        | IncidentEvent::LeverAgreed { .. }
        | IncidentEvent::LeverCounting { .. }
        | IncidentEvent::LeverEnded { .. }
        | IncidentEvent::SecretRemoved { .. }
        | IncidentEvent::Noted { .. } => {}
        IncidentEvent::CardLost => incident.card = None,
        IncidentEvent::Acknowledged => {
            if let By::Person(person) = by {
                incident
                    .seen_by
                    .entry(person.id)
                    .or_insert_with(|| (person.clone(), at));
            }
        }
        IncidentEvent::RoleAssigned { role, person } => {
            incident.roles.insert(role.clone(), person.clone());
        }
        IncidentEvent::SeverityChanged { to, .. } => incident.severity = Some(to.clone()),
        IncidentEvent::ItemTicked { item, .. } => {
            incident
                .items
                .insert(item.clone(), ItemState::Ticked { by: by.clone(), at });
        }
        IncidentEvent::ItemUnticked { item } => {
            incident.items.remove(item);
        }
        IncidentEvent::ItemSkipped { item, why } => {
            let state = ItemState::Skipped {
                by: by.clone(),
                at,
                why: why.clone(),
            };
            incident.items.insert(item.clone(), state);
        }
        IncidentEvent::FactRecorded { .. }
        | IncidentEvent::FollowUpAdded { .. }
        | IncidentEvent::FollowUpAssigned { .. }
        | IncidentEvent::FollowUpDone { .. } => write_down(incident, event, recorded),
        IncidentEvent::EvidenceKept { .. }
        | IncidentEvent::EvidenceStored { .. }
        | IncidentEvent::EvidenceFailed { .. }
        | IncidentEvent::EvidenceCollected { .. }
        | IncidentEvent::EvidenceRead { .. }
        | IncidentEvent::Exported { .. }
        | IncidentEvent::ExportFailed { .. } => preserve(incident, event, recorded),
        IncidentEvent::CardPosted { message_id, .. } => {
            incident.card = Some(CardPlace {
                message_id: *message_id,
            });
        }
        IncidentEvent::TopicMade { thread_id } => incident.topic = Topic::Made(*thread_id),
        IncidentEvent::TopicRefused { .. } => incident.topic = Topic::None,
        IncidentEvent::ReportWritten { .. } => incident.reported_at = Some(at),
        IncidentEvent::Imported { run, .. } => {
            incident.imported.insert(run.clone());
        }
        IncidentEvent::RunStarted { .. } => pull(incident, event, at),
        IncidentEvent::StepStarted { run, .. }
        | IncidentEvent::StepEnded { run, .. }
        | IncidentEvent::StepDecided { run, .. }
        | IncidentEvent::StepSuperseded { run, .. }
        | IncidentEvent::RunAborted { run, .. }
        | IncidentEvent::RunWithheld { run, .. }
        | IncidentEvent::RunEnded { run, .. }
        | IncidentEvent::ProgressPosted { run, .. }
        | IncidentEvent::ProgressLost { run } => {
            if let Some(run) = incident.runs.iter_mut().find(|it| it.number == *run) {
                run.fold(event, by, at);
            }
        }
        IncidentEvent::PhaseEntered { .. }
        | IncidentEvent::PhaseReturned { .. }
        | IncidentEvent::Cancelled { .. }
        | IncidentEvent::Closed { .. }
        | IncidentEvent::Reopened { .. } => return move_on(incident, event, recorded),
    }
    Ok(())
}

/// A lever was pulled.
fn pull(incident: &mut Incident, event: &IncidentEvent, at: chrono::DateTime<chrono::Utc>) {
    if let IncidentEvent::RunStarted {
        run,
        lever,
        fingerprint,
        mode,
        warrant,
        asked_by,
        approved_by,
        why,
    } = event
    {
        incident.runs.push(Run {
            number: *run,
            lever: lever.clone(),
            fingerprint: fingerprint.clone(),
            mode: *mode,
            warrant: *warrant,
            asked_by: asked_by.clone(),
            approved_by: approved_by.clone(),
            why: why.clone(),
            at,
            steps: std::collections::BTreeMap::new(),
            aborted: None,
            withheld: None,
            question: None,
            ended: None,
            message: None,
            version: 1,
        });
    }
}

/// What people write down: facts, follow-ups.
fn write_down(incident: &mut Incident, event: &IncidentEvent, recorded: &Recorded) {
    let (at, by) = (recorded.at, &recorded.by);
    match event {
        IncidentEvent::FactRecorded { field, value } => {
            let fact = Fact {
                value: value.clone(),
                by: by.clone(),
                at,
            };
            if let Some(before) = incident.facts.get_mut(field).filter(|_| field.is_list()) {
                before.value.push('\n');
                before.value.push_str(value);
                before.by = fact.by;
                before.at = at;
            } else {
                incident.facts.insert(*field, fact);
            }
        }
        IncidentEvent::FollowUpAdded {
            number,
            text,
            owner,
            due,
        } => {
            incident.follow_ups.push(FollowUp {
                number: *number,
                text: text.clone(),
                owner: owner.clone(),
                due: *due,
                done: false,
            });
        }
        IncidentEvent::FollowUpAssigned { number, owner, due } => {
            if let Some(it) = incident
                .follow_ups
                .iter_mut()
                .find(|it| it.number == *number)
            {
                it.owner = Some(owner.clone());
                it.due = due.or(it.due);
            }
        }
        IncidentEvent::FollowUpDone { number } => {
            if let Some(it) = incident
                .follow_ups
                .iter_mut()
                .find(|it| it.number == *number)
            {
                it.done = true;
            }
        }
        _ => {}
    }
}

/// The events that change the lifecycle.
fn move_on(
    incident: &mut Incident,
    event: &IncidentEvent,
    recorded: &Recorded,
) -> Result<(), FoldError> {
    let at = recorded.at;
    let next = match (incident.lifecycle.clone(), event) {
        (
            Lifecycle::Open(open),
            IncidentEvent::PhaseEntered { to, .. } | IncidentEvent::PhaseReturned { to, .. },
        ) => {
            incident.entered.entry(to.clone()).or_insert(at);
            Lifecycle::Open(open.enter(to.clone(), at))
        }
        (Lifecycle::Open(open), IncidentEvent::Closed { .. }) => Lifecycle::Closed(open.close(at)),
        (Lifecycle::Open(open), IncidentEvent::Cancelled { kind, why }) => {
            Lifecycle::Cancelled(open.cancel(*kind, why.clone(), at))
        }
        (Lifecycle::Closed(closed), IncidentEvent::Reopened { .. }) => {
            Lifecycle::Open(closed.reopen(at))
        }
        (Lifecycle::Cancelled(cancelled), IncidentEvent::Reopened { .. }) => {
            Lifecycle::Open(cancelled.reopen(at))
        }
        (state, event) => {
            let state = match state {
                Lifecycle::Open(_) => "open",
                Lifecycle::Closed(_) => "closed",
                Lifecycle::Cancelled(_) => "cancelled",
            };
            return Err(FoldError::Impossible {
                id: incident.id,
                event: event.kind(),
                state,
            });
        }
    };
    // The old card is far up by now: a reopened incident gets a new one.
    if matches!(event, IncidentEvent::Reopened { .. }) {
        incident.card = None;
    }
    incident.lifecycle = next;
    Ok(())
}
