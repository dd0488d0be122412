//! What a lever does: its parts, each with its steps in order.

use std::borrow::Cow;

use super::super::lever::{Lever, StepKey};
use crate::plan::{Action, Credential, OnFailure, Plan, Probe, ServiceChange, Step};

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
                        .chain(check_of(it, plan).map(Cow::Owned)),
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
                check: false,
            },
            step,
        })
        .collect()
}

/// The check of a credential, as the step after its last one.
fn check_of(credential: &Credential, plan: &Plan) -> Option<Step> {
    look(credential.check.as_deref()?, plan)
}

/// A step that looks whether something is as it should be.
fn look(id: &str, plan: &Plan) -> Option<Step> {
    let probe: &Probe = plan.probes.iter().find(|it| it.id == *id)?;
    Some(Step {
        name: probe.name.clone(),
        action: Action::Probe {
            probe: id.to_owned(),
        },
        idempotent: true,
        timeout_seconds: probe.timeout_seconds,
        by_hand: probe.by_hand.clone(),
        undo: None,
        check: None,
        revert_after: None,
        group: None,
        needs: None,
        retries: 0,
        retry_wait_seconds: 0,
    })
}

/// Whether a step restarts the bot itself, and a check tells afterwards whether all is well: that it is cut off is what it
/// was meant to do.
pub fn is_our_own_restart(lever: &Lever, plan: &Plan, key: &StepKey) -> bool {
    let credential = plan.credentials.iter().find(|it| it.id == key.part);
    let known = matches!(lever, Lever::Rotate { .. })
        && !key.undo
        && !key.check
        && credential.is_some_and(|it| it.restarts_bot && it.check.is_some());
    known
        && step(lever, plan, key).is_some_and(|it| {
            matches!(
                it.action,
                Action::Service {
                    change: ServiceChange::Restart,
                    ..
                }
            )
        })
}

/// Whether the bot is away for a moment while a lever is pulled.
pub fn restarts_bot(lever: &Lever, plan: &Plan) -> bool {
    let Lever::Rotate { credentials } = lever else {
        return false;
    };
    let known = plan.credentials.iter();
    known
        .filter(|it| credentials.contains(&it.id))
        .any(|it| it.restarts_bot)
}

/// All steps in order, checks included.
pub fn steps<'p>(lever: &Lever, plan: &'p Plan) -> Vec<Planned<'p>> {
    parts(lever, plan)
        .into_iter()
        .flat_map(|part| part.steps)
        .collect()
}

/// The step behind a key, also where it is one that takes back, or a look at whether one is done.
pub fn step(lever: &Lever, plan: &Plan, key: &StepKey) -> Option<Step> {
    let found = steps(lever, plan)
        .into_iter()
        .find(|it| it.key.part == key.part && it.key.index == key.index)?;
    let step = if key.undo {
        found.step.undo.as_deref().cloned()?
    } else {
        found.step.into_owned()
    };
    match &step.check {
        Some(check) if key.check => look(check, plan),
        None if key.check => None,
        _ => Some(step),
    }
}

/// Whatever a lever can execute: its steps, those that take them back, and the looks at whether one of these is done.
pub fn every_step(lever: &Lever, plan: &Plan) -> impl Iterator<Item = Step> {
    let keys: Vec<StepKey> = steps(lever, plan).into_iter().map(|it| it.key).collect();
    keys.into_iter()
        .flat_map(|key| {
            let undo = key.taken_back();
            [key.checked(), key, undo.checked(), undo]
        })
        .filter_map(move |key| step(lever, plan, &key))
}

/// Whatever taking a lever back can execute: the steps that do, and the looks at whether something is done.
pub fn every_way_back(lever: &Lever, plan: &Plan) -> impl Iterator<Item = Step> {
    let keys: Vec<StepKey> = steps(lever, plan).into_iter().map(|it| it.key).collect();
    keys.into_iter()
        .flat_map(|key| {
            let undo = key.taken_back();
            [key.checked(), undo.checked(), undo]
        })
        .filter_map(move |key| step(lever, plan, &key))
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

    /// The step that this one takes back.
    #[must_use]
    pub fn put_there(&self) -> Self {
        Self {
            undo: false,
            ..self.clone()
        }
    }

    /// The earlier step that this one needs.
    #[must_use]
    pub fn needed(&self, step: &Step) -> Option<Self> {
        let index = step.needs.filter(|_| !self.undo)?.checked_sub(1)?;
        Some(Self {
            index,
            check: false,
            ..self.clone()
        })
    }

    /// The step of the same part without which there is nothing to take back here, where its way back names one.
    #[must_use]
    pub(super) fn taken_back_only_after(&self, undo: &Step) -> Option<Self> {
        let index = undo.needs?.checked_sub(1)?;
        Some(Self {
            index,
            ..self.put_there().unchecked()
        })
    }

    /// The look at whether this step is done.
    #[must_use]
    pub fn checked(&self) -> Self {
        Self {
            check: true,
            ..self.clone()
        }
    }

    /// The step that this one looks at.
    #[must_use]
    pub fn unchecked(&self) -> Self {
        Self {
            check: false,
            ..self.clone()
        }
    }
}
