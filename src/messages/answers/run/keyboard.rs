//! The buttons of a run about which somebody can decide.

use super::{ASKED_MAX, number};
use crate::incident::saga;
use crate::incident::{Choice, Incident, Run, StepKey};
use crate::messages::card::buttons;
use crate::messages::outgoing::{Button, Keyboard, Style};
use crate::messages::phrases::say;
use crate::messages::press::Press;
use crate::messages::view::View;

/// Dangerous buttons in a row: each needs room for its words.
const DANGEROUS_A_ROW: usize = 2;

/// A row of buttons for each step about which somebody can decide. What takes back or stops stands apart, below them all:
/// no thumb lands there by mistake.
pub(super) fn keyboard<'k>(
    view: &View<'_>,
    incident: &Incident,
    run: &Run,
    keys: impl Iterator<Item = &'k StepKey>,
) -> Option<Keyboard> {
    let mut rows = Vec::new();
    let mut dangerous = Vec::new();
    for key in keys.take(ASKED_MAX) {
        let (away, row): (Vec<Button>, Vec<Button>) = of_step(view, incident, run, key)
            .into_iter()
            .partition(|it| it.style == Some(Style::Danger));
        dangerous.extend(away);
        rows.extend(Some(row).filter(|it| !it.is_empty()));
    }
    rows.extend(buttons::rows(dangerous.into_iter(), DANGEROUS_A_ROW));
    (!rows.is_empty()).then_some(Keyboard(rows))
}

fn of_step(view: &View<'_>, incident: &Incident, run: &Run, key: &StepKey) -> Vec<Button> {
    let plan = &incident.plan;
    let Some(number) = number(incident, run, key) else {
        return Vec::new();
    };
    let held = saga::kept_until(run, plan, key).is_some();
    let choices = saga::choices(run, plan, key, view.now).iter();
    choices
        .filter_map(|choice| {
            let label = match choice {
                Choice::Done if held => "button-step-keep",
                Choice::Undo if held || can_go_back(incident, run) => "button-step-undo",
                Choice::Undo => "button-step-stop",
                Choice::Retry if !run.steps.contains_key(key) => "button-step-anyway",
                choice => &format!("button-step-{}", choice.word()),
            };
            let label = say!(view.phrases, label, number = number);
            let press = Press::Step {
                incident: incident.id,
                run: run.number,
                step: number,
                undo: key.undo,
                choice: *choice,
            };
            let button = buttons::button(&label, &press)?;
            Some(match choice {
                Choice::Done => button.styled(Style::Success),
                Choice::Undo => button.styled(Style::Danger),
                Choice::Retry | Choice::Skip => button,
            })
        })
        .collect()
}

/// Whether anything that was done can be taken back by itself.
fn can_go_back(incident: &Incident, run: &Run) -> bool {
    let steps = saga::steps(&run.lever, &incident.plan).into_iter();
    let mut done = steps.filter(|it| run.steps.contains_key(&it.key));
    done.any(|it| it.step.undo.is_some())
}
