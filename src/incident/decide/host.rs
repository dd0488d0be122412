//! Levers pulled without Telegram, and runs that the journal brings back.

use super::super::effect::{Effect, Said};
use super::super::event::IncidentEvent;
use super::super::host::{HostRecord, HostRun, HostSource};
use super::super::ids::IncidentId;
use super::super::lever::{Lever, Mode, Warrant};
use super::super::people::By;
use super::super::policy;
use super::super::refusal::Refusal;
use super::super::state::Incident;
use super::super::text::{clean, one_line};
use super::draft::Draft;
use super::{Author, Case, declare};
use crate::plan::Plan;

/// Characters of a reason.
const WHY_MAX: usize = 500;

/// Runs a fail-safe procedure at once; without an open incident one is declared.
pub(super) fn pull(case: &Case<'_>, procedure: &str, why: &str) -> Result<Draft, Refusal> {
    let source = source(case)?;
    let why = one_line(&case.reason(why)?, WHY_MAX);
    if known_ticket(case, source) {
        return Ok(case.draft());
    }
    let (lever, fingerprint);
    let (draft, id, run) = if let Some(incident) = current(case, None) {
        (lever, fingerprint) = policy::host_lever(&incident.plan, procedure)?;
        let run = incident.next_run();
        let event = started(run, &lever, fingerprint, source, &why);
        let draft = case.draft().incident(incident, event);
        let review = review(&incident.plan, &lever, incident.next_follow_up(), case);
        (draft.incident(incident, review), incident.id, run)
    } else {
        let plan = case.plan()?;
        (lever, fingerprint) = policy::host_lever(plan, procedure)?;
        let (draft, id) = declared(case, plan, &lever, &why);
        let event = started(1, &lever, fingerprint, source, &why);
        let review = review(plan, &lever, follow_ups(&draft, id) + 1, case);
        (draft.newborn(id, event).newborn(id, review), id, 1)
    };
    let said = Said::HostRunStarted {
        incident: id,
        run,
        lever,
        door: source.door,
        why,
    };
    Ok(draft
        .effect(Effect::Announce {
            incident: id,
            said,
            silent: false,
        })
        .effect(Effect::Execute { incident: id, run }))
}

/// Brings a run from the journal into the timeline, once.
pub(super) fn import(case: &Case<'_>, host_run: &HostRun) -> Result<Draft, Refusal> {
    let gone = Refusal::Usage { verb: case.verb };
    let first = host_run.entries.first().ok_or_else(|| gone.clone())?;
    let HostRecord::Intent {
        plan: plan_id,
        lever,
        why,
        door,
        ..
    } = &first.record
    else {
        return Err(gone);
    };
    if imported(case, host_run) {
        return Ok(case.draft());
    }
    let tally = host_run.tally();
    let said = |incident| Said::HostRunImported {
        incident,
        lever: lever.clone(),
        door: *door,
        why: why.clone(),
        at: first.at,
        tally,
        over: host_run.is_over(),
    };
    let events = host_run.telling().map(|entry| IncidentEvent::Imported {
        run: host_run.id.clone(),
        seq: entry.seq,
        at: entry.at,
        record: entry.record.clone(),
    });
    let (draft, id) = if let Some(incident) = current(case, Some(plan_id)) {
        let draft = events.fold(case.draft(), |draft, event| draft.incident(incident, event));
        let review = review(&incident.plan, lever, incident.next_follow_up(), case);
        (draft.incident(incident, review), incident.id)
    } else {
        let installed = case.env.plans.installed.get(plan_id);
        let plan = installed.map_or_else(|| case.plan(), |plan| Ok(plan.as_ref()))?;
        let (draft, id) = declared(case, plan, lever, why);
        let review = review(plan, lever, follow_ups(&draft, id) + 1, case);
        let draft = events.fold(draft, |draft, event| draft.newborn(id, event));
        (draft.newborn(id, review), id)
    };
    Ok(draft.effect(Effect::Announce {
        incident: id,
        said: said(id),
        silent: false,
    }))
}

fn source<'a>(case: &Case<'a>) -> Result<&'a HostSource, Refusal> {
    match case.author {
        Author::Host(source) => Ok(source),
        Author::Person(_) | Author::Bot => Err(Refusal::Usage { verb: case.verb }),
    }
}

/// The incident that is worked on: named, else the newest real one that is open (under that plan).
fn current<'a>(case: &Case<'a>, plan: Option<&str>) -> Option<&'a Incident> {
    let fits = |it: &&Incident| {
        !it.is_drill()
            && plan.is_none_or(|id| it.plan.info.id == id)
            && case.named.is_none_or(|id| it.id == id)
    };
    case.chat
        .open_incidents()
        .filter(fits)
        .max_by_key(|it| (it.declared_at, it.id))
}

fn declared(case: &Case<'_>, plan: &Plan, lever: &Lever, why: &str) -> (Draft, IncidentId) {
    let top = plan.top_severity().map(|severity| severity.code.as_str());
    let title = format!("{}: {}", lever.title(plan), clean(why));
    let draft = declare::declared(case, plan, top, &title);
    (draft, case.env.next_id)
}

fn started(
    run: u32,
    lever: &Lever,
    fingerprint: String,
    source: &HostSource,
    why: &str,
) -> IncidentEvent {
    IncidentEvent::RunStarted {
        run,
        lever: lever.clone(),
        fingerprint,
        mode: Mode::Live,
        warrant: Warrant::Host,
        asked_by: By::Host(source.clone()),
        approved_by: Vec::new(),
        why: Some(why.to_owned()),
    }
}

/// Nobody agreed to it beforehand: somebody looks at it afterwards.
fn review(plan: &Plan, lever: &Lever, number: u32, case: &Case<'_>) -> IncidentEvent {
    let due = case.env.now + chrono::Duration::days(1);
    IncidentEvent::FollowUpAdded {
        number,
        text: format!("Review: {} was run without approval", lever.title(plan)),
        owner: None,
        due: Some(due.date_naive()),
    }
}

/// Follow-ups that the declaration itself brought.
fn follow_ups(draft: &Draft, id: IncidentId) -> u32 {
    draft.count(id, |event| {
        matches!(event, IncidentEvent::FollowUpAdded { .. })
    })
}

/// This very request was carried out before.
fn known_ticket(case: &Case<'_>, source: &HostSource) -> bool {
    source.ticket.is_some()
        && case
            .chat
            .incidents
            .values()
            .any(|incident| incident.run_by_ticket(source).is_some())
}

fn imported(case: &Case<'_>, host_run: &HostRun) -> bool {
    case.chat
        .incidents
        .values()
        .any(|incident| incident.imported.contains(&host_run.id))
}
