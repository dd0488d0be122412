//! Calling off, closing, reopening.

use std::collections::BTreeSet;

use super::super::command::CancelAs;
use super::super::effect::{Effect, Mark, Said};
use super::super::event::{Cancellation, IncidentEvent};
use super::super::ids::IncidentId;
use super::super::lifecycle::{Cancelled, Lifecycle};
use super::super::refusal::{Refusal, Unfinished};
use super::super::request::Stage;
use super::super::saga::{self, Next, RunOutcome};
use super::super::state::Incident;
use super::super::text::one_line;
use super::Case;
use super::draft::Draft;

pub(super) fn cancel(case: &Case<'_>, kind: CancelAs, why: &str) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    if let Some(open) = unfinished(case, incident).into_iter().next() {
        return Err(not_over(case, incident, open));
    }
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
        return Err(Refusal::DuplicateOfItself {
            verb: case.verb,
            id: own,
        });
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
    let open = unfinished(case, incident);
    let stuck = |open: &Unfinished| matches!(open, Unfinished::Stuck { .. });
    // What still acts must end first, whoever forces: only what stands can be left standing.
    let in_the_way = open.iter().find(|it| !stuck(it) || force.is_none());
    if let Some(open) = in_the_way {
        return Err(not_over(case, incident, open.clone()));
    }
    let mut forced = case.gate(incident, force)?;
    let mut draft = case.draft();
    for it in &open {
        let Unfinished::Stuck { run } = *it else {
            continue;
        };
        let why = case.reason(force.unwrap_or_default())?;
        draft = given_up(draft, incident, run, &why);
        forced = Some(why);
    }
    Ok(draft
        .incident(incident, IncidentEvent::Closed { forced })
        .acknowledge(Mark::Done, Said::Closed { incident: id })
        .effect(Effect::Announce {
            incident: id,
            said: Said::ClosedSummary { incident: id },
            silent: false,
        })
        .effect(Effect::Unpin(id)))
}

/// A run that stands is left as it is, for good.
fn given_up(draft: Draft, incident: &Incident, run: u32, why: &str) -> Draft {
    let aborted = IncidentEvent::RunAborted {
        run,
        why: one_line(why, 200),
    };
    let ended = IncidentEvent::RunEnded {
        run,
        outcome: RunOutcome::Aborted,
        hindrance: None,
    };
    draft
        .incident(incident, aborted)
        .incident(incident, ended)
        // The runner lets go of it.
        .effect(Effect::Execute {
            incident: incident.id,
            run,
        })
}

/// What is not over yet: what still acts first, then what stands.
fn unfinished(case: &Case<'_>, incident: &Incident) -> Vec<Unfinished> {
    let now = case.env.now;
    let requests = case.chat.requests.values().filter_map(|it| {
        let stage = it.waits_for().filter(|stage| now < stage.until())?;
        let request = it.number();
        (it.form.incident == Some(incident.id)).then_some(match stage {
            Stage::Countdown { .. } => Unfinished::Countdown { request },
            stage => Unfinished::Request {
                request,
                until: stage.until(),
            },
        })
    });
    let runs = incident.runs.iter().filter(|it| !it.is_over()).map(|it| {
        let run = it.number;
        match saga::next(it, &incident.plan, now) {
            Next::Ask { until: None, .. } => Unfinished::Stuck { run },
            _ => Unfinished::Run { run },
        }
    });
    let (stuck, acts): (Vec<_>, Vec<_>) =
        runs.partition(|it| matches!(it, Unfinished::Stuck { .. }));
    acts.into_iter().chain(requests).chain(stuck).collect()
}

fn not_over(case: &Case<'_>, incident: &Incident, open: Unfinished) -> Refusal {
    Refusal::NotOver {
        verb: case.verb,
        id: incident.id,
        open,
    }
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
