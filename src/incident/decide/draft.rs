//! A decision being written, and the auto-ticks that follow from its events.

use super::super::effect::{Effect, Mark, Said};
use super::super::event::{ChatEvent, Event, IncidentEvent};
use super::super::ids::IncidentId;
use super::super::people::By;
use super::super::refusal::Refusal;
use super::super::state::Incident;
use super::{Author, Case, Decision};
use crate::plan::{AutoTick, FactField, Plan};

/// A decision being written.
pub(super) struct Draft {
    by: By,
    decision: Decision,
}

impl Case<'_> {
    pub(super) fn draft(&self) -> Draft {
        Draft {
            by: self.by(),
            decision: Decision::default(),
        }
    }

    /// Only an answer; nothing happened.
    pub(super) fn answer(&self, said: Said) -> Draft {
        self.draft().effect(Effect::Answer(said))
    }

    /// Only the cheap acknowledgement; nothing happened.
    pub(super) fn acknowledge(&self, mark: Mark, said: Said) -> Draft {
        self.draft().effect(Effect::Acknowledge(mark, said))
    }

    pub(super) fn by(&self) -> By {
        match self.author {
            Author::Person(actor) => By::Person(actor.person.clone()),
            Author::Bot => By::Bot,
            Author::Host(source) => By::Host(source.clone()),
        }
    }

    /// A text that must not be empty.
    pub(super) fn reason(&self, why: &str) -> Result<String, Refusal> {
        let why = super::super::text::clean(why);
        if why.is_empty() {
            Err(Refusal::ReasonMissing { verb: self.verb })
        } else {
            Ok(why)
        }
    }
}

impl Draft {
    pub(super) fn effect(mut self, effect: Effect) -> Self {
        self.decision.effects.push(effect);
        self
    }

    pub(super) fn acknowledge(self, mark: Mark, said: Said) -> Self {
        self.effect(Effect::Acknowledge(mark, said))
    }

    /// Names another author for what follows.
    pub(super) fn by(mut self, by: By) -> Self {
        self.by = by;
        self
    }

    /// A fact that no single event tells.
    pub(super) fn known(mut self, incident: &Incident, tick: AutoTick) -> Self {
        self.tick(incident, tick);
        self
    }

    /// Something that the author did to the chat.
    pub(super) fn chat(mut self, event: ChatEvent) -> Self {
        self.decision
            .events
            .push((self.by.clone(), Event::Chat(event)));
        self
    }

    /// Something that happened to an incident, with the items that it ticks by itself.
    pub(super) fn incident(mut self, incident: &Incident, event: IncidentEvent) -> Self {
        let told = incident.card.is_some();
        let ticks = facts_told_by(&event, told);
        let all_assigned = self.all_follow_ups_assigned(incident, &event);
        self.decision
            .events
            .push((self.by.clone(), Event::Incident(incident.id, event)));
        for tick in ticks {
            self.tick(incident, *tick);
        }
        if all_assigned {
            self.tick(incident, AutoTick::ActionItemsAssigned);
        }
        self
    }

    /// The first event of an incident, which no state knows yet.
    pub(super) fn declared(mut self, id: IncidentId, plan: &Plan, event: IncidentEvent) -> Self {
        let has_severity = matches!(
            &event,
            IncidentEvent::Declared {
                severity: Some(_),
                ..
            }
        );
        self.decision
            .events
            .push((self.by.clone(), Event::Incident(id, event)));
        let mut known = vec![AutoTick::IncidentLogged, AutoTick::TimelineStarted];
        if has_severity {
            known.push(AutoTick::SeverityAssigned);
        }
        for (_, _, item) in plan.items() {
            if let Some(tick) = item.auto.filter(|auto| known.contains(auto)) {
                self.decision
                    .events
                    .push((By::Bot, ticked(id, &item.id, tick)));
            }
        }
        self
    }

    /// An event of an incident that is declared in this same decision.
    pub(super) fn newborn(mut self, id: IncidentId, event: IncidentEvent) -> Self {
        self.decision
            .events
            .push((self.by.clone(), Event::Incident(id, event)));
        self
    }

    /// How many events of this decision fit, for one incident.
    pub(super) fn count(&self, id: IncidentId, fits: impl Fn(&IncidentEvent) -> bool) -> u32 {
        let events = self.decision.events.iter();
        let fitting = events.filter(
            |(_, event)| matches!(event, Event::Incident(of, event) if *of == id && fits(event)),
        );
        u32::try_from(fitting.count()).unwrap_or(u32::MAX)
    }

    fn tick(&mut self, incident: &Incident, tick: AutoTick) {
        for (_, phase, item) in incident.plan.items() {
            // What belongs to the end is not done before it: a draft report, a follow-up noted on the way.
            let early = matches!(
                tick,
                AutoTick::ReportCompleted | AutoTick::ActionItemsAssigned
            ) && phase > incident.phase_index();
            let open = !early && !incident.items.contains_key(&item.id);
            if item.auto == Some(tick) && open && !self.has_ticked(incident.id, &item.id) {
                self.decision
                    .events
                    .push((By::Bot, ticked(incident.id, &item.id, tick)));
            }
        }
    }

    fn has_ticked(&self, id: IncidentId, item: &str) -> bool {
        self.decision.events.iter().any(|(_, event)| {
            matches!(event, Event::Incident(of, IncidentEvent::ItemTicked { item: ticked, .. })
                if *of == id && ticked == item)
        })
    }

    /// Whether every follow-up has an owner and a date once `event` has happened.
    fn all_follow_ups_assigned(&self, incident: &Incident, event: &IncidentEvent) -> bool {
        let changed = match event {
            IncidentEvent::FollowUpAdded { owner, due, .. } => {
                if owner.is_none() || due.is_none() {
                    return false;
                }
                None
            }
            IncidentEvent::FollowUpAssigned { number, due, .. } => Some((*number, due.is_some())),
            IncidentEvent::FollowUpDone { number } => Some((*number, true)),
            _ => return false,
        };
        // The same decision may add several.
        let others_in_draft = self.decision.events.iter().all(|(_, event)| {
            !matches!(event, Event::Incident(id, IncidentEvent::FollowUpAdded { owner: None, .. })
                if *id == incident.id)
        });
        others_in_draft
            && incident.follow_ups.iter().all(|it| {
                it.done
                    || (it.owner.is_some() && it.due.is_some())
                    || changed.is_some_and(|(number, dated)| {
                        number == it.number && (dated || it.due.is_some())
                    })
            })
    }

    /// Nothing has happened so far.
    pub(super) fn is_empty(&self) -> bool {
        self.decision.events.is_empty()
    }

    /// Whether something of the chat itself would be changed by this, besides questions and requests.
    pub(super) fn changes_settings(&self) -> bool {
        self.decision.events.iter().any(|(_, event)| {
            matches!(
                event,
                Event::Chat(
                    ChatEvent::Granted { .. }
                        | ChatEvent::Revoked { .. }
                        | ChatEvent::PlanChosen { .. }
                )
            )
        })
    }

    pub(super) fn finish(self) -> Decision {
        self.decision
    }
}

fn ticked(id: IncidentId, item: &str, tick: AutoTick) -> Event {
    let auto = Some(tick.name().to_owned());
    Event::Incident(
        id,
        IncidentEvent::ItemTicked {
            item: item.to_owned(),
            auto,
        },
    )
}

/// The facts that an event makes known. `told`: the card had been delivered before.
fn facts_told_by(event: &IncidentEvent, told: bool) -> &'static [AutoTick] {
    match event {
        IncidentEvent::SeverityChanged { .. } => &[AutoTick::SeverityAssigned],
        IncidentEvent::CardPosted { .. } if !told => &[AutoTick::TeamNotified],
        IncidentEvent::Acknowledged => &[AutoTick::Acknowledged],
        // Noted is not kept: it counts once it lies in the vault. What was gathered in part, a person judges.
        IncidentEvent::EvidenceStored { .. }
        | IncidentEvent::EvidenceCollected {
            gathered: 1..,
            failed: 0,
            ..
        } => &[AutoTick::EvidencePreserved],
        IncidentEvent::ReportWritten { .. } => &[AutoTick::ReportCompleted],
        IncidentEvent::FactRecorded { field, .. } => match field {
            FactField::RootCause => &[AutoTick::RootCauseRecorded],
            FactField::Affected => &[AutoTick::SystemsRecorded],
            FactField::DataExposed => &[AutoTick::ExposureRecorded],
            FactField::WentWell | FactField::WentPoorly | FactField::Preventive => {
                &[AutoTick::LessonsRecorded]
            }
            _ => &[],
        },
        _ => &[],
    }
}
