//! A decision being written, and the auto-ticks that follow from its events.

use super::super::effect::{Effect, Mark, Said};
use super::super::event::{ChatEvent, Event, IncidentEvent};
use super::super::ids::IncidentId;
use super::super::people::By;
use super::super::refusal::Refusal;
use super::super::state::{Incident, ItemState};
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

    /// A fact that holds no more, as no single event tells.
    pub(super) fn known_no_more(mut self, incident: &Incident, tick: AutoTick) -> Self {
        self.untick(incident, tick);
        self
    }

    /// What happens, so far.
    pub(super) fn events(&self) -> impl Iterator<Item = &Event> {
        self.decision.events.iter().map(|(_, event)| event)
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
        let by_hand = incident.plan.preserving().is_empty();
        let ticks = facts_told_by(&event, by_hand);
        let all_assigned = self.all_follow_ups_assigned(incident, &event);
        let unassigned = is_unassigned(&event);
        self.decision
            .events
            .push((self.by.clone(), Event::Incident(incident.id, event)));
        for tick in ticks {
            self.tick(incident, *tick);
        }
        if all_assigned {
            self.tick(incident, AutoTick::ActionItemsAssigned);
        }
        if unassigned {
            self.untick(incident, AutoTick::ActionItemsAssigned);
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
            let open = !early && self.ticked_by(incident, &item.id) == Ticked::No;
            if item.auto == Some(tick) && open {
                self.decision
                    .events
                    .push((By::Bot, ticked(incident.id, &item.id, tick)));
            }
        }
    }

    /// A fact that ticked an item holds no more. What a person ticked, or left out, stays theirs.
    fn untick(&mut self, incident: &Incident, tick: AutoTick) {
        if incident.lifecycle.open().is_none() {
            return;
        }
        for (_, _, item) in incident.plan.items() {
            let by_itself = self.ticked_by(incident, &item.id) == Ticked::ByItself;
            if item.auto == Some(tick) && by_itself {
                let item = item.id.clone();
                let event = Event::Incident(incident.id, IncidentEvent::ItemUnticked { item });
                self.decision.events.push((By::Bot, event));
            }
        }
    }

    /// How an item stands once this decision has happened.
    fn ticked_by(&self, incident: &Incident, id: &str) -> Ticked {
        let by = |by: &By| match by {
            By::Bot => Ticked::ByItself,
            By::Person(_) | By::Host(_) => Ticked::ByHand,
        };
        let drafted = self.decision.events.iter().rev();
        let drafted = drafted.filter_map(|(author, event)| match event {
            Event::Incident(of, event) if *of == incident.id => Some((author, event)),
            _ => None,
        });
        for (author, event) in drafted {
            match event {
                IncidentEvent::ItemTicked { item, .. } if item == id => return by(author),
                IncidentEvent::ItemUnticked { item } if item == id => return Ticked::No,
                IncidentEvent::ItemSkipped { item, .. } if item == id => return Ticked::ByHand,
                _ => {}
            }
        }
        match incident.items.get(id) {
            None => Ticked::No,
            Some(ItemState::Ticked { by: author, .. }) => by(author),
            Some(ItemState::Skipped { .. }) => Ticked::ByHand,
        }
    }

    /// Whether every follow-up has an owner and a date once `event` has happened.
    fn all_follow_ups_assigned(&self, incident: &Incident, event: &IncidentEvent) -> bool {
        let changed = match event {
            IncidentEvent::FollowUpAdded { .. } if is_unassigned(event) => return false,
            IncidentEvent::FollowUpAdded { .. } => None,
            IncidentEvent::FollowUpAssigned { number, due, .. } => Some((*number, due.is_some())),
            IncidentEvent::FollowUpDone { number } => Some((*number, true)),
            _ => return false,
        };
        // The same decision may add several.
        let others_in_draft = self.decision.events.iter().all(|(_, event)| {
            !matches!(event, Event::Incident(id, event) if *id == incident.id && is_unassigned(event))
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

/// How an item stands, as far as facts are concerned.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ticked {
    No,
    /// By a fact.
    ByItself,
    /// By a person, who may as well have skipped it.
    ByHand,
}

/// A follow-up that nobody has to do, or not by any day.
fn is_unassigned(event: &IncidentEvent) -> bool {
    matches!(
        event,
        IncidentEvent::FollowUpAdded { owner: None, .. }
            | IncidentEvent::FollowUpAdded { due: None, .. }
    )
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

/// The facts that an event makes known. `by_hand`: no procedure of the plan
/// gathers the evidence.
fn facts_told_by(event: &IncidentEvent, by_hand: bool) -> &'static [AutoTick] {
    match event {
        IncidentEvent::SeverityChanged { .. } => &[AutoTick::SeverityAssigned],
        IncidentEvent::Acknowledged => &[AutoTick::Acknowledged],
        // Noted is not kept: it counts once it lies in the vault. What was gathered in part, a person judges. Where a
        // procedure gathers everything, a single piece says nothing yet.
        IncidentEvent::EvidenceStored { .. }
        | IncidentEvent::EvidenceCollected {
            gathered: 1..,
            failed: 0,
            ..
        } if by_hand => &[AutoTick::EvidencePreserved],
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
