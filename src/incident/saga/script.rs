//! What a lever does: its parts, each with its steps in order.

use std::borrow::Cow;

use super::super::lever::{Lever, StepKey};
use crate::plan::{Action, Credential, FileOperation, OnFailure, Plan, Probe, Step};

/// A procedure, or one credential of a rotation. A failure in one part does not hold back the others.
#[derive(Debug, Clone)]
pub struct Part<'p> {
    /// Id of the procedure or credential.
    pub id: &'p str,
    /// Its name.
    pub name: &'p str,
    /// In order.
    pub steps: Vec<Planned<'p>>,
    /// It goes on past failures.
    pub goes_on: bool,
}

/// A step with its key.
#[derive(Debug, Clone)]
pub struct Planned<'p> {
    /// Its key.
    pub key: StepKey,
    /// The step of the plan, or a credential's check.
    pub step: Cow<'p, Step>,
}

/// The parts of a lever.
pub fn parts<'p>(lever: &Lever, plan: &'p Plan) -> Vec<Part<'p>> {
    match lever {
        Lever::Procedure { id, .. } => plan
            .procedures
            .iter()
            .filter(|it| it.id == *id)
            .map(|it| Part {
                id: &it.id,
                name: &it.name,
                steps: planned(&it.id, it.steps.iter().map(Cow::Borrowed)),
                goes_on: it.on_failure == OnFailure::Continue,
            })
            .collect(),
        Lever::Rotate { credentials } => credentials
            .iter()
            .filter_map(|id| plan.credentials.iter().find(|it| it.id == *id))
            .map(|it| Part {
                id: &it.id,
                name: &it.name,
                steps: planned(
                    &it.id,
                    it.steps
                        .iter()
                        .map(Cow::Borrowed)
                        .chain(check(it, plan).map(Cow::Owned)),
                ),
                goes_on: false,
            })
            .collect(),
    }
}

fn planned<'p>(part: &str, steps: impl Iterator<Item = Cow<'p, Step>>) -> Vec<Planned<'p>> {
    steps
        .zip(0_u32..)
        .map(|(step, index)| Planned {
            key: StepKey {
                part: part.to_owned(),
                index,
                undo: false,
            },
            step: with_way_back(step),
        })
        .collect()
}

/// What a swap replaced is kept, so it can be taken back where the plan names no other way.
fn with_way_back(step: Cow<'_, Step>) -> Cow<'_, Step> {
    if step.undo.is_some() || !is_swap(&step) {
        return step;
    }
    let mut step = step.into_owned();
    let mut back = step.clone();
    // Cut off, it may have put back already what was kept: a person looks.
    back.idempotent = false;
    back.revert_after = None;
    back.retries = 0;
    step.undo = Some(Box::new(back));
    Cow::Owned(step)
}

fn is_swap(step: &Step) -> bool {
    matches!(&step.action, Action::File(file) if file.change == FileOperation::Swap)
}

/// Whether a key that takes back does so out of what its step kept, and not by a step of the plan.
pub fn puts_back(lever: &Lever, plan: &Plan, key: &StepKey) -> bool {
    let steps = lever.steps(plan).into_iter();
    let mut named = steps.filter(|(it, _)| it.part == key.part && it.index == key.index);
    key.undo && named.any(|(_, step)| step.undo.is_none() && is_swap(step))
}

/// The check of a credential, as the step after its last one.
fn check(credential: &Credential, plan: &Plan) -> Option<Step> {
    let id = credential.check.as_ref()?;
    let probe: &Probe = plan.probes.iter().find(|it| it.id == *id)?;
    Some(Step {
        name: probe.name.clone(),
        action: Action::Probe { probe: id.clone() },
        idempotent: true,
        timeout_seconds: probe.timeout_seconds,
        by_hand: probe.by_hand.clone(),
        undo: None,
        revert_after: None,
        group: None,
        retries: 0,
        retry_wait_seconds: 0,
    })
}

/// All steps in order, checks included.
pub fn steps<'p>(lever: &Lever, plan: &'p Plan) -> Vec<Planned<'p>> {
    parts(lever, plan)
        .into_iter()
        .flat_map(|part| part.steps)
        .collect()
}

/// The step behind a key, also where it is one that takes back.
pub fn step(lever: &Lever, plan: &Plan, key: &StepKey) -> Option<Step> {
    let found = steps(lever, plan)
        .into_iter()
        .find(|it| it.key.part == key.part && it.key.index == key.index)?;
    if key.undo {
        found.step.undo.as_deref().cloned()
    } else {
        Some(found.step.into_owned())
    }
}

/// The step's number for people, from 1 through the whole run. What takes back has the number of its step.
pub fn number(lever: &Lever, plan: &Plan, key: &StepKey) -> Option<u32> {
    let all = steps(lever, plan);
    let index = all
        .iter()
        .position(|it| it.key.part == key.part && it.key.index == key.index)?;
    u32::try_from(index + 1).ok()
}

/// The step with this number.
pub fn step_by_number(lever: &Lever, plan: &Plan, number: u32) -> Option<StepKey> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    steps(lever, plan)
        .into_iter()
        .nth(index)
        .map(|found| found.key)
}

impl StepKey {
    /// The step that takes this one back.
    #[must_use]
    pub fn taken_back(&self) -> Self {
        Self {
            undo: true,
            ..self.clone()
        }
    }
}
