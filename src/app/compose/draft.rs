//! A unit on its way to the ledger: what the letters of one chat come to.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::step::Step;
use crate::app::House;
use crate::app::letter::{Letter, PersonSeen};
use crate::app::requests::Afterwards;
use crate::app::room::Room;
use crate::app::told::Saying;
use crate::incident::{Again, Chat, ChatKey, Command, IncidentId, Question, Series};
use crate::store::Unit;

/// The ids that the next incidents get.
#[derive(Clone, Copy)]
pub(super) struct Next {
    pub(super) security: IncidentId,
    pub(super) drill: IncidentId,
}

impl Next {
    pub(super) fn used(&mut self, id: IncidentId) {
        let next = match id.series {
            Series::Security => &mut self.security,
            Series::Drill => &mut self.drill,
        };
        next.number = id.number + 1;
    }
}

/// Whether what a command declares is a rehearsal.
pub(super) fn begins_a_drill(chat: &Chat, command: &Command) -> bool {
    match command {
        Command::Drill { .. } => true,
        Command::Again { ask, yes: true } => chat.asks.get(ask).is_some_and(|it| {
            let question = &it.question;
            matches!(
                question,
                Question::StillMeant {
                    command: Again::Drill { .. },
                    ..
                }
            )
        }),
        _ => false,
    }
}

/// A unit on its way to the ledger.
pub(super) struct Draft {
    pub(super) unit: Unit,
    /// The chat as it will be once the unit is committed.
    pub(super) chat: Chat,
    pub(super) changed: BTreeSet<IncidentId>,
    /// Runs whose progress changed.
    pub(super) runs: BTreeSet<(IncidentId, u32)>,
    pub(super) seen: Vec<(ChatKey, PersonSeen)>,
    /// What is not to be said again, once this is committed.
    pub(super) told: Vec<Saying>,
    /// Incidents that begin in it.
    pub(super) declared: Vec<IncidentId>,
    /// What goes on outside once this is committed.
    pub(super) afterwards: Vec<Afterwards>,
    /// Runs to execute once it is committed.
    pub(super) started: Vec<(IncidentId, u32)>,
    /// What came past Telegram and is refused.
    pub(super) refused: Vec<String>,
}

/// One letter broke the rules of the house itself.
pub(super) struct Panicked {
    pub(super) index: usize,
    pub(super) why: String,
}

impl House {
    pub(super) fn compose(
        &self,
        chat: Chat,
        room: &Room,
        from: &Room,
        letters: &[Letter],
        (next, parked): (Next, usize),
    ) -> Result<Draft, Panicked> {
        let now = self.clock.now();
        let plans = self.plans();
        let mut draft = Draft {
            unit: Unit {
                chat: room.key.0,
                ..Unit::default()
            },
            changed: BTreeSet::new(),
            runs: BTreeSet::new(),
            seen: Vec::new(),
            told: Vec::new(),
            declared: Vec::new(),
            afterwards: Vec::new(),
            started: Vec::new(),
            refused: Vec::new(),
            chat,
        };
        let codes = self.languages();
        let owners = self.owners();
        let mut next = next;
        for (index, letter) in letters.iter().enumerate() {
            let mut step = Step {
                house: self,
                room,
                from,
                plans: &plans,
                codes: &codes,
                owners: &owners,
                dice: self.dice.roll(letter.update_id),
                now,
                next,
                parked,
                elsewhere: self.elsewhere_of(&draft.chat),
                update: letter.update_id,
            };
            // A panic in the rules must cost one letter, not the process.
            let done = catch_unwind(AssertUnwindSafe(|| step.take(&mut draft, letter)));
            match done {
                Ok(Ok(())) => next = step.next,
                Ok(Err(why)) => return Err(Panicked { index, why }),
                Err(_) => {
                    return Err(Panicked {
                        index,
                        why: "the rules panicked".to_owned(),
                    });
                }
            }
        }
        Ok(draft)
    }
}

/// How many rows a unit has: grows with every trace that a letter leaves.
pub(super) fn weight(unit: &Unit) -> usize {
    unit.events.len()
        + unit.outbox.len()
        + unit.timers.len()
        + unit.timers_done.len()
        + unit.people.len()
        + unit.members.len()
        + unit.left.len()
        + unit.chat_moves.len()
        + unit.cards.len()
        + unit.settings.len()
}

pub(super) fn is_empty(unit: &Unit) -> bool {
    weight(unit) == 0
}
