//! The buttons of a run about which somebody can decide.

use super::{ASKED_MAX, number};
use crate::incident::saga;
use crate::incident::{Choice, Incident, Run, StepKey};
use crate::messages::card::buttons;
use crate::messages::outgoing::{Button, Keyboard, Style};
use crate::messages::phrases::say;
use crate::messages::press::Press;
use crate::messages::view::View;

/// A row of buttons for each step about which somebody can decide.
pub(super) fn keyboard<'k>(
    view: &View<'_>,
    incident: &Incident,
    run: &Run,
    keys: impl Iterator<Item = &'k StepKey>,
) -> Option<Keyboard> {
    let rows: Vec<Vec<Button>> = keys
        .take(ASKED_MAX)
        .map(|key| row(view, incident, run, key))
        .filter(|row| !row.is_empty())
        .collect();
    (!rows.is_empty()).then_some(Keyboard(rows))
}

fn row(view: &View<'_>, incident: &Incident, run: &Run, key: &StepKey) -> Vec<Button> {
    let plan = &incident.plan;
    let Some(number) = number(incident, run, key) else {
        return Vec::new();
    };
    let held = saga::kept_until(run, plan, key).is_some();
    let choices = saga::choices(run, plan, key, view.now).iter();
    choices
        .filter_map(|choice| {
            let label = match choice {
                Choice::Done if held => say!(view.phrases, "button-step-keep", number = number),
                Choice::Undo if held || can_go_back(incident, run) => view.word("button-step-undo"),
                Choice::Undo => view.word("button-step-stop"),
                Choice::Retry if !run.steps.contains_key(key) => {
                    say!(view.phrases, "button-step-anyway", number = number)
                }
                choice => {
                    let label = format!("button-step-{}", choice.word());
                    say!(view.phrases, &label, number = number)
                }
            };
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
