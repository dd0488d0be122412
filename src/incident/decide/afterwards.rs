//! Follow-ups and the report.

use chrono::{DateTime, NaiveDate, Utc};

use super::super::command::Whom;
use super::super::effect::{Effect, Mark, Said};
use super::super::event::IncidentEvent;
use super::super::refusal::Refusal;
use super::super::state::FollowUp;
use super::super::text::one_line;
use super::Case;
use super::draft::Draft;
use crate::plan::{Due, Opens, Plan};

/// Characters of a follow-up's text.
const TEXT_MAX: usize = 300;

/// The plan's own follow-ups that open at this moment, numbered from `first`.
pub(super) fn opening(
    plan: &Plan,
    opens: Opens,
    severity: Option<&str>,
    first: u32,
    now: DateTime<Utc>,
) -> Vec<IncidentEvent> {
    let concerned = |only: &[String]| {
        only.is_empty() || severity.is_some_and(|code| only.iter().any(|it| it == code))
    };
    plan.follow_ups
        .iter()
        .filter(|it| it.opens == opens && concerned(&it.only))
        .zip(first..)
        .map(|(it, number)| {
            let due = match it.due {
                Due::After(span) => now + span.duration(),
                Due::BusinessHours => now + chrono::Duration::days(1),
            };
            IncidentEvent::FollowUpAdded {
                number,
                text: it.text.clone(),
                owner: None,
                due: Some(due.date_naive()),
            }
        })
        .collect()
}

pub(super) fn add(
    case: &Case<'_>,
    text: &str,
    owner: Option<&Whom>,
    due: Option<NaiveDate>,
) -> Result<Draft, Refusal> {
    let incident = case.incident_or_last()?;
    let text = one_line(text, TEXT_MAX);
    if text.is_empty() {
        return Err(Refusal::Usage { verb: case.verb });
    }
    case.may_follow_up(incident)?;
    let owner = owner.map(|whom| case.person(whom)).transpose()?;
    let number = incident.next_follow_up();
    Ok(case
        .draft()
        .incident(
            incident,
            IncidentEvent::FollowUpAdded {
                number,
                text,
                owner,
                due,
            },
        )
        .acknowledge(Mark::Noted, Said::FollowUpAdded { number }))
}

pub(super) fn done(case: &Case<'_>, number: u32) -> Result<Draft, Refusal> {
    let (incident, it) = find(case, number)?;
    case.may_follow_up(incident)?;
    if it.done {
        return Ok(case.acknowledge(Mark::Done, Said::Unchanged));
    }
    Ok(case
        .draft()
        .incident(incident, IncidentEvent::FollowUpDone { number })
        .acknowledge(Mark::Done, Said::FollowUpDone { number }))
}

pub(super) fn assign(
    case: &Case<'_>,
    number: u32,
    owner: &Whom,
    due: Option<NaiveDate>,
) -> Result<Draft, Refusal> {
    let (incident, it) = find(case, number)?;
    case.may_follow_up(incident)?;
    let owner = case.person(owner)?;
    let same = it
        .owner
        .as_ref()
        .is_some_and(|before| before.id == owner.id);
    if same && due.is_none_or(|due| it.due == Some(due)) {
        return Ok(case.acknowledge(Mark::Done, Said::Unchanged));
    }
    Ok(case
        .draft()
        .incident(
            incident,
            IncidentEvent::FollowUpAssigned {
                number,
                owner: owner.clone(),
                due,
            },
        )
        .acknowledge(Mark::Assigned, Said::FollowUpAssigned { number, owner }))
}

fn find<'a>(
    case: &Case<'a>,
    number: u32,
) -> Result<(&'a super::super::state::Incident, &'a FollowUp), Refusal> {
    let incident = case.incident_or_last()?;
    let it = incident.follow_ups.iter().find(|it| it.number == number);
    it.map(|it| (incident, it))
        .ok_or_else(|| Refusal::UnknownWord {
            verb: case.verb,
            what: "follow-up",
            word: number.to_string(),
            known: incident
                .follow_ups
                .iter()
                .map(|it| it.number.to_string())
                .collect(),
        })
}

pub(super) fn report(case: &Case<'_>, format: &str) -> Result<Draft, Refusal> {
    let incident = case.incident_or_last()?;
    let format = if format.is_empty() { "md" } else { format }.to_lowercase();
    if format != "md" {
        return Err(Refusal::UnknownWord {
            verb: case.verb,
            what: "format",
            word: format,
            known: vec!["md".to_owned()],
        });
    }
    let draft = case.draft();
    // A closed incident changes only by reopening: its report is written without a trace in it.
    let draft = if incident.lifecycle.open().is_some() {
        draft.incident(
            incident,
            IncidentEvent::ReportWritten {
                format: format.clone(),
            },
        )
    } else {
        draft
    };
    Ok(draft.effect(Effect::Report {
        incident: incident.id,
        format,
    }))
}

impl Case<'_> {
    /// A closed incident changes only by reopening.
    fn may_follow_up(&self, incident: &super::super::state::Incident) -> Result<(), Refusal> {
        if incident.lifecycle.open().is_some() {
            Ok(())
        } else {
            Err(self.wrong_state(incident))
        }
    }
}
