//! Which incident a command means.

use super::super::command::{ItemRef, Whom};
use super::super::ids::IncidentId;
use super::super::lifecycle::Open;
use super::super::people::Person;
use super::super::refusal::Refusal;
use super::super::state::{Incident, Topic};
use super::{Author, Case};
use crate::plan::ChecklistItem;

impl<'a> Case<'a> {
    /// The incident that the command names, stands under, replies to, or the only open one.
    pub(super) fn incident(&self) -> Result<&'a Incident, Refusal> {
        let verb = self.verb;
        if let Some(id) = self.named {
            return self
                .chat
                .incidents
                .get(&id)
                .ok_or(Refusal::UnknownIncident { verb, id });
        }
        if let Some(incident) = self.pointed_at() {
            return Ok(incident);
        }
        let mut open = self.chat.open_incidents();
        match (open.next(), open.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(Refusal::NothingOpen { verb }),
            (Some(_), Some(_)) => Err(Refusal::WhichIncident {
                verb,
                open: self.open_ids(),
            }),
        }
    }

    /// The same, or the one that ended last: for reading and for reopening.
    pub(super) fn incident_or_last(&self) -> Result<&'a Incident, Refusal> {
        match self.incident() {
            Err(Refusal::NothingOpen { verb }) => {
                self.chat.last_ended().ok_or(Refusal::NothingOpen { verb })
            }
            found => found,
        }
    }

    /// An incident that can be worked on.
    pub(super) fn open_incident(&self) -> Result<(&'a Incident, &'a Open), Refusal> {
        let incident = self.incident()?;
        let open = incident
            .lifecycle
            .open()
            .ok_or_else(|| self.wrong_state(incident))?;
        Ok((incident, open))
    }

    pub(super) fn wrong_state(&self, incident: &Incident) -> Refusal {
        Refusal::WrongState {
            verb: self.verb,
            id: incident.id,
            state: incident.lifecycle.name(),
        }
    }

    /// The incident whose card or topic the command stands at.
    pub(super) fn pointed_at(&self) -> Option<&'a Incident> {
        let replied = self.origin.reply.as_ref().map(|reply| reply.message_id);
        let card = |message_id: i64| {
            self.chat
                .incidents
                .values()
                .find(|it| it.card.is_some_and(|card| card.message_id == message_id))
        };
        let topic = |thread_id: i64| {
            self.chat
                .incidents
                .values()
                .rev()
                .find(|it| it.topic == Topic::Made(thread_id))
        };
        let pressed = self.origin.press.as_ref().and(self.origin.message_id);
        replied
            .and_then(card)
            .or_else(|| pressed.and_then(card))
            .or_else(|| self.origin.thread_id.and_then(topic))
    }

    pub(super) fn open_ids(&self) -> Vec<IncidentId> {
        self.chat
            .open_incidents()
            .map(|incident| incident.id)
            .collect()
    }

    /// An item of the incident's plan, with its running number.
    pub(super) fn item<'p>(
        &self,
        incident: &'p Incident,
        wanted: &ItemRef,
    ) -> Result<(u32, &'p ChecklistItem), Refusal> {
        let found = match wanted {
            ItemRef::Number(number) => usize::try_from(*number)
                .ok()
                .and_then(|number| incident.plan.item_by_number(number)),
            ItemRef::Id(id) => incident.plan.item(id),
        };
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        found
            .map(|(n, _, item)| (number(n), item))
            .ok_or_else(|| Refusal::UnknownItem {
                verb: self.verb,
                item: match wanted {
                    ItemRef::Number(number) => number.to_string(),
                    ItemRef::Id(id) => id.clone(),
                },
                last: number(incident.plan.items().count()),
            })
    }

    /// The person meant; `@name` is good enough for things without authority.
    pub(super) fn person(&self, whom: &Whom) -> Result<Person, Refusal> {
        match whom {
            Whom::Known(person) | Whom::ByName(person) => Ok(person.clone()),
            Whom::Myself => self.myself().cloned(),
            Whom::Unknown(name) => Err(Refusal::UnknownPerson {
                verb: self.verb,
                name: name.clone(),
            }),
        }
    }

    pub(super) fn myself(&self) -> Result<&'a Person, Refusal> {
        match self.author {
            Author::Person(actor) => Ok(&actor.person),
            Author::Bot | Author::Host(_) => Err(Refusal::Usage { verb: self.verb }),
        }
    }
}
