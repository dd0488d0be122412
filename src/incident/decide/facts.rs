//! Notes and facts.

use super::super::effect::{Mark, Said};
use super::super::event::{IncidentEvent, Quoted};
use super::super::refusal::Refusal;
use super::super::text::clean;
use super::Case;
use super::draft::Draft;
use super::value;
use crate::plan::{FactField, Plan};

/// Characters of a fact: what a report can show in a table.
const FACT_MAX: usize = 2_000;

pub(super) fn note(case: &Case<'_>, text: &str) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    let text = clean(text);
    let quoted = case.kept_reply(incident.card.map(|card| card.message_id));
    if text.is_empty() && quoted.is_none() {
        return Err(Refusal::Usage { verb: case.verb });
    }
    Ok(case
        .draft()
        .incident(incident, IncidentEvent::Noted { text, quoted })
        .acknowledge(Mark::Noted, Said::Noted))
}

pub(super) fn set(case: &Case<'_>, field: &str, value: &str) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    if field.is_empty() {
        return Ok(case.answer(Said::Facts {
            incident: incident.id,
        }));
    }
    let found = Plan::fact(field).ok_or_else(|| Refusal::UnknownWord {
        verb: case.verb,
        what: "field",
        word: field.to_owned(),
        known: FactField::ALL
            .iter()
            .map(|field| field.name().to_owned())
            .collect(),
    })?;
    let value = clean(value);
    if value.chars().count() > FACT_MAX {
        return Err(Refusal::TooLong {
            verb: case.verb,
            max: FACT_MAX,
        });
    }
    let value = value::read(case, &incident.plan, found, &value)?;
    Ok(case
        .draft()
        .incident(
            incident,
            IncidentEvent::FactRecorded {
                field: found,
                value,
            },
        )
        .acknowledge(Mark::Noted, Said::FactRecorded { field: found }))
}

impl Case<'_> {
    /// The message replied to, unless it is only the card, by which the incident was named.
    pub(super) fn kept_reply(&self, card: Option<i64>) -> Option<Quoted> {
        let reply = self.origin.reply.clone()?;
        (Some(reply.message_id) != card).then(|| Quoted {
            text: clean(&reply.text),
            ..reply
        })
    }
}
