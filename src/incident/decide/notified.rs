//! Whether the team is notified: the card was delivered, and nobody whom the severity names is unknown.

use super::super::event::{ChatEvent, Event, IncidentEvent};
use super::super::state::Incident;
use super::Case;
use super::draft::Draft;
use crate::plan::{AutoTick, Severity};

/// Adds to a decision the ticks that follow from whom the bot knows and what it delivered.
pub(super) fn followed(case: &Case<'_>, mut draft: Draft) -> Draft {
    for incident in case.chat.open_incidents() {
        let (before, after) = (Standing::of(case, incident), after(case, incident, &draft));
        if !before.holds() && after.holds() {
            draft = draft.known(incident, AutoTick::TeamNotified);
        } else if before.holds() && !after.holds() && after.worse {
            draft = draft.known_no_more(incident, AutoTick::TeamNotified);
        }
    }
    draft
}

/// What the fact is made of.
struct Standing {
    /// The card was delivered.
    delivered: bool,
    /// The severity became worse: it may name people who were not called yet.
    worse: bool,
    /// Whom the severity names is known: it is chosen, or the plan has none.
    rated: bool,
    /// Contacts of the severity that nobody is bound to.
    unknown: Vec<String>,
}

impl Standing {
    fn of(case: &Case<'_>, incident: &Incident) -> Self {
        Self {
            delivered: incident.card.is_some(),
            worse: false,
            rated: incident.severity().is_some() || incident.plan.severities.is_empty(),
            unknown: unknown(case, incident, incident.severity()),
        }
    }

    fn holds(&self) -> bool {
        self.delivered && self.rated && self.unknown.is_empty()
    }
}

fn unknown(case: &Case<'_>, incident: &Incident, severity: Option<&Severity>) -> Vec<String> {
    let named = severity.into_iter().flat_map(|it| &it.notify);
    named
        .filter(|who| *who != "everyone" && case.chat.whom_to_tell(incident, who).is_none())
        .cloned()
        .collect()
}

/// How it stands once the decision has happened.
fn after(case: &Case<'_>, incident: &Incident, draft: &Draft) -> Standing {
    let mut standing = Standing::of(case, incident);
    for event in draft.events() {
        match event {
            Event::Incident(id, event) if *id == incident.id => match event {
                IncidentEvent::CardPosted { .. } => standing.delivered = true,
                IncidentEvent::SeverityChanged { to, .. } => {
                    standing.worse = incident.is_outranked_by(Some(to));
                    standing.rated = true;
                    standing.unknown = unknown(case, incident, incident.plan.severity(to));
                }
                IncidentEvent::RoleAssigned { role, .. } => {
                    let of = |who: &str| incident.plan.role_to_tell(who).map(|it| &it.id);
                    standing.unknown.retain(|who| of(who) != Some(role));
                }
                _ => {}
            },
            Event::Chat(ChatEvent::ContactBound { contact, .. }) => {
                standing.unknown.retain(|who| who != contact);
            }
            Event::Incident(..) | Event::Chat(_) => {}
        }
    }
    standing
}
