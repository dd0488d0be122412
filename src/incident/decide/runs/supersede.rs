//! What takes itself back, once a later run has the last word about it.

use super::with_asks;
use crate::incident::decide::Case;
use crate::incident::decide::draft::Draft;
use crate::incident::effect::{Effect, Timer};
use crate::incident::event::IncidentEvent;
use crate::incident::lever::StepKey;
use crate::incident::saga::{self, Choice};
use crate::incident::state::{Incident, Run};

/// A run has gone on: older ones, of any open incident here, let go of what it has the last word about now. A closed
/// incident gets no event; should it be opened again, [`instead`] sees to it.
pub(super) fn settled(
    case: &Case<'_>,
    mut draft: Draft,
    incident: &Incident,
    after: &Run,
) -> Draft {
    let last = (incident.id, after.number);
    for home in case.chat.open_incidents() {
        for run in home.runs.iter().filter(|it| (home.id, it.number) != last) {
            let fresh = Some((incident.id, after));
            let held = saga::promises(run, &home.plan).into_iter();
            let held = held
                .filter(|key| saga::replaced_by(case.chat, (home, run), key, fresh) == Some(last));
            let held: Vec<StepKey> = held.collect();
            if held.is_empty() {
                continue;
            }
            let (id, number) = (home.id, run.number);
            for step in held.iter().cloned() {
                let (incident, run) = (id, number);
                let timer = Timer::Revert {
                    incident,
                    run,
                    step,
                };
                draft = draft.effect(Effect::Forget(timer));
            }
            let events = held.into_iter().map(|step| let_go(run, step, last));
            draft = with_asks(case, draft, home, run, events.collect());
            let (incident, run) = (id, number);
            draft = draft.effect(Effect::Execute { incident, run });
        }
    }
    draft
}

/// Somebody keeps a step: it stays whichever run would take it back, also one that began later.
pub(super) fn kept_elsewhere(
    case: &Case<'_>,
    mut draft: Draft,
    (incident, run): (&Incident, &Run),
    key: &StepKey,
) -> Draft {
    for home in case.chat.open_incidents() {
        let same = |it: &&Run| {
            let other = (home.id, it.number) != (incident.id, run.number);
            other && it.mode == run.mode && it.lever == run.lever
        };
        for other in home.runs.iter().filter(same) {
            let last = saga::replaced_by(case.chat, (home, other), key, None);
            let older = last == Some((incident.id, run.number));
            if older || !saga::promises(other, &home.plan).contains(key) {
                continue;
            }
            let (id, number) = (home.id, other.number);
            let event = IncidentEvent::StepDecided {
                run: number,
                step: key.clone(),
                choice: Choice::Done,
            };
            draft = with_asks(case, draft, home, other, vec![event])
                .effect(Effect::Forget(Timer::Revert {
                    incident: id,
                    run: number,
                    step: key.clone(),
                }))
                .effect(Effect::Execute {
                    incident: id,
                    run: number,
                });
        }
    }
    draft
}

/// What happens instead where a step that is due would take back what a later run has the last word about.
pub(super) fn instead(
    case: &Case<'_>,
    incident: &Incident,
    run: &Run,
    steps: &[StepKey],
) -> Vec<IncidentEvent> {
    let promised = saga::promises(run, &incident.plan);
    let back = steps.iter().filter(|it| it.undo).map(StepKey::put_there);
    let back = back
        .map(|it| it.unchecked())
        .filter(|it| promised.contains(it));
    back.filter_map(|step| {
        let last = saga::replaced_by(case.chat, (incident, run), &step, None)?;
        Some(let_go(run, step, last))
    })
    .collect()
}

fn let_go(
    run: &Run,
    step: StepKey,
    (incident, by_run): (crate::incident::IncidentId, u32),
) -> IncidentEvent {
    IncidentEvent::StepSuperseded {
        run: run.number,
        step,
        incident,
        by_run,
    }
}
