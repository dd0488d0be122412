//! Runs of levers: the message that shows how one goes, what it asks, how it ended.

mod fact;
mod keyboard;
mod question;
mod told;

use crate::incident::saga::{self, Part, Planned, Progress, StepState};
use crate::incident::{By, Incident, IncidentId, Mode, Run, RunOutcome, StepKey, Warrant};
use crate::messages::card::id;
use crate::messages::html::{Html, NAME_MAX, line, ours, visible_len};
use crate::messages::phrases::say;
use crate::messages::view::{Rendered, View, commas, lines, name};

use super::timeline::run_named;
pub(in crate::messages) use fact::came_to;
pub use fact::step_said;
use keyboard::keyboard;
pub(in crate::messages) use question::asks;
pub use question::question;
use told::held_back;
pub(in crate::messages) use told::{held_up, hindrance, over, withheld};

/// Characters of what a step said.
const SAID_MAX: usize = 120;
/// UTF-16 units of the steps.
const STEPS_MAX: usize = 3_000;
/// So many steps get buttons.
const ASKED_MAX: usize = 4;

/// How a run goes: one message, edited as it goes on.
pub fn progress(view: &View<'_>, incident: &Incident, run: &Run) -> Rendered {
    let p = view.phrases;
    let plan = &incident.plan;
    let mut said = banner(view, incident, run);
    said.push(say!(
        p,
        "run-head",
        mark = Html::own(head_mark(view, incident, run)),
        run = run.number,
        lever = run_named(view, plan, &run.lever),
        id = id(incident)
    ));
    said.push(by_line(view, run));
    said.extend(run.why.iter().map(|why| say!(p, "run-why", why = why)));
    if !run.is_over() && saga::restarts_bot(&run.lever, plan) {
        said.push(view.word("run-restarts-bot"));
    }
    said.extend(steps(view, incident, run));
    if let Some((by, why)) = run.aborted.as_ref().filter(|_| !run.is_over()) {
        let name = by_name(view, by);
        said.push(if why.is_empty() {
            say!(p, "run-aborted", name = name)
        } else {
            say!(p, "run-aborted-why", name = name, why = why)
        });
    }
    if let Some(why) = run.withheld.as_ref().filter(|_| !run.is_over()) {
        let why = hindrance(view, Some(why)).unwrap_or_default();
        said.push(say!(p, "run-withheld", why = why));
    }
    let (asks, held) = open(view, incident, run);
    let first = |keys: &[StepKey]| keys.first().and_then(|key| number(incident, run, key));
    if let Some(first) = first(&asks) {
        said.push(say!(
            p,
            "run-asks",
            steps = commas(&numbers(incident, run, &asks)),
            run = run.number,
            first = first
        ));
    } else if let Some(first) = first(&held) {
        said.push(say!(p, "run-keeps", run = run.number, first = first));
    }
    if let Some(end) = &run.ended {
        said.push(Html::default());
        said.push(
            view.word(&format!("run-word-{}", end.outcome.word()))
                .bold(),
        );
        said.extend(hindrance(view, end.hindrance.as_ref()));
    }
    Rendered {
        html: lines(&said).into_string(),
        keyboard: keyboard(view, incident, run, asks.iter().chain(&held)),
    }
}

fn banner(view: &View<'_>, incident: &Incident, run: &Run) -> Vec<Html> {
    match run.mode {
        _ if incident.is_drill() => vec![view.word("drill")],
        Mode::Drill => vec![view.word("drill")],
        Mode::DryRun => vec![view.word("run-dry")],
        Mode::Live => Vec::new(),
    }
}

fn head_mark(view: &View<'_>, incident: &Incident, run: &Run) -> &'static str {
    match run.ended.as_ref().map(|end| end.outcome) {
        Some(RunOutcome::Succeeded) => "✅",
        Some(RunOutcome::Partly | RunOutcome::Stopped) => "⚠️",
        Some(RunOutcome::Undone) => "↩️",
        Some(RunOutcome::UndoFailed) => "🆘",
        Some(RunOutcome::Aborted) => "🛑",
        Some(RunOutcome::Refused) => "🚫",
        None if saga::asks(run, &incident.plan, view.now).is_empty() => "⚙️",
        None => "❓",
    }
}

fn by_line(view: &View<'_>, run: &Run) -> Html {
    let p = view.phrases;
    let at = view.times().clock(run.at);
    if run.warrant == Warrant::Host {
        return say!(p, "run-by-host", at = at);
    }
    let asked = by_name(view, &run.asked_by);
    if run.approved_by.is_empty() {
        return say!(p, "run-by", asked = asked, at = at);
    }
    let approved: Vec<Html> = run.approved_by.iter().map(name).collect();
    say!(
        p,
        "run-by-approved",
        asked = asked,
        approved = view.list(approved),
        at = at
    )
}

fn by_name(view: &View<'_>, by: &By) -> Html {
    by.person().map_or_else(|| line(view.bot, NAME_MAX), name)
}

fn steps(view: &View<'_>, incident: &Incident, run: &Run) -> Vec<Html> {
    let parts = saga::parts(&run.lever, &incident.plan);
    let several = parts.len() > 1;
    let mut said = Vec::new();
    let (mut used, mut left_out) = (0, 0_usize);
    for part in &parts {
        if several {
            let heading = part_line(view, run, part);
            used += visible_len(heading.as_str()) + 1;
            said.push(heading);
            // Parts that are through, or not begun, need no line for each step.
            let begun = part.steps.iter().any(|it| run.steps.contains_key(&it.key));
            if !begun || fine(run, part) == part.steps.len() {
                continue;
            }
        }
        for it in &part.steps {
            let text = step_line(view, incident, run, it);
            used += visible_len(text.as_str()) + 1;
            if used > STEPS_MAX {
                left_out += 1;
            } else {
                said.push(text);
            }
        }
    }
    if left_out > 0 {
        said.push(say!(view.phrases, "run-more", count = left_out));
    }
    said
}

fn fine(run: &Run, part: &Part<'_>) -> usize {
    let steps = part.steps.iter();
    steps
        .filter(|it| run.steps.get(&it.key).is_some_and(StepState::is_fine))
        .count()
}

fn part_line(view: &View<'_>, run: &Run, part: &Part<'_>) -> Html {
    say!(
        view.phrases,
        "run-part",
        name = part.name,
        done = fine(run, part),
        count = part.steps.len()
    )
}

/// A step with its mark; a step that is taken back shows how that goes.
fn step_line(view: &View<'_>, incident: &Incident, run: &Run, it: &Planned<'_>) -> Html {
    let p = view.phrases;
    let number = number(incident, run, &it.key).unwrap_or(0);
    let title = ours(&it.step.name, 100);
    let said = |state: &StepState| summary(view, state);
    if let Some(back) = run.steps.get(&it.key.taken_back()) {
        let key = match back.progress {
            Progress::Running | Progress::Retry => "run-step-going-back",
            Progress::Succeeded | Progress::Done => "run-step-back",
            Progress::Failed => {
                let said = said(back);
                return say!(
                    p,
                    "run-step-back-failed",
                    number = number,
                    name = title,
                    said = said
                );
            }
            Progress::ByHand => {
                let said = said(back);
                return say!(
                    p,
                    "run-step-back-by-hand",
                    number = number,
                    name = title,
                    said = said
                );
            }
            Progress::Unknown { .. } | Progress::Skipped | Progress::GivenUp { .. } => {
                "run-step-back-unknown"
            }
        };
        return say!(p, key, number = number, name = title);
    }
    if let Some(at) = saga::kept_until(run, &incident.plan, &it.key) {
        let at = view.times().clock(at);
        return say!(
            p,
            "run-step-kept-until",
            number = number,
            name = title,
            at = at
        );
    }
    let Some(state) = run.steps.get(&it.key) else {
        let asked = || saga::asks(run, &incident.plan, view.now).contains(&it.key);
        let held = held_back(view, incident, run, &it.key).filter(|_| asked());
        if let Some(said) = held {
            let mark = Html::own("✋");
            return say!(
                p,
                "run-step-said",
                mark = mark,
                number = number,
                name = title,
                said = said
            );
        }
        return say!(
            p,
            "run-step",
            mark = Html::own("⬜"),
            number = number,
            name = title
        );
    };
    if let Some(other) = state.superseded {
        return say!(
            p,
            "run-step-superseded",
            number = number,
            name = title,
            other = run_called(view, incident, other)
        );
    }
    let mark = Html::own(mark(state.progress));
    let quiet = matches!(state.progress, Progress::Running | Progress::Succeeded);
    let said = match state.progress {
        // What failed before a person did it is over; and what was kept was done by the bot.
        Progress::Done if it.step.revert_after.is_some() => Html::default(),
        Progress::Done => view.word("run-by-hand"),
        _ => said(state),
    };
    if quiet || said.as_str().is_empty() {
        say!(p, "run-step", mark = mark, number = number, name = title)
    } else {
        say!(
            p,
            "run-step-said",
            mark = mark,
            number = number,
            name = title,
            said = said
        )
    }
}

/// Another run, with its incident where that is another one.
pub(super) fn run_called(
    view: &View<'_>,
    incident: &Incident,
    (id, run): (IncidentId, u32),
) -> Html {
    if id == incident.id {
        say!(view.phrases, "run-called", run = run)
    } else {
        let id = line(&id.to_string(), 40);
        say!(view.phrases, "run-called-elsewhere", run = run, id = id)
    }
}

fn summary(view: &View<'_>, state: &StepState) -> Html {
    summary_within(view, state, SAID_MAX)
}

fn summary_within(view: &View<'_>, state: &StepState, max: usize) -> Html {
    if matches!(state.progress, Progress::Unknown { interrupted: true }) {
        return view.word("run-interrupted");
    }
    came_to(view.phrases, state.fact.as_ref(), &state.summary, max)
}

fn mark(progress: Progress) -> &'static str {
    match progress {
        Progress::Running | Progress::Retry => "⏳",
        Progress::Succeeded | Progress::Done => "✅",
        Progress::Failed | Progress::GivenUp { happened: false } => "❌",
        Progress::Unknown { .. } | Progress::GivenUp { happened: true } => "❓",
        Progress::ByHand => "✋",
        Progress::Skipped => "➖",
    }
}

/// The steps that wait for a decision, and those that take themselves back unless somebody keeps them.
fn open(view: &View<'_>, incident: &Incident, run: &Run) -> (Vec<StepKey>, Vec<StepKey>) {
    let plan = &incident.plan;
    let asks = saga::asks(run, plan, view.now);
    let held = run.steps.keys();
    let held = held.filter(|key| saga::kept_until(run, plan, key).is_some());
    (asks, held.cloned().collect())
}

fn number(incident: &Incident, run: &Run, key: &StepKey) -> Option<u32> {
    saga::number(&run.lever, &incident.plan, key)
}

fn numbers(incident: &Incident, run: &Run, keys: &[StepKey]) -> Vec<Html> {
    keys.iter()
        .filter_map(|key| number(incident, run, key))
        .map(|number| Html::own(number.to_string()))
        .collect()
}

/// Runs that are not over, a line each: for the card and `/status`.
pub(in crate::messages) fn under_way(view: &View<'_>, incident: &Incident) -> Vec<Html> {
    let open = incident.runs.iter().filter(|run| !run.is_over());
    open.map(|run| {
        let lever = run_named(view, &incident.plan, &run.lever);
        let asks = saga::asks(run, &incident.plan, view.now);
        if !asks.is_empty() {
            let steps = commas(&numbers(incident, run, &asks));
            return say!(
                view.phrases,
                "card-run-asks",
                run = run.number,
                lever = lever,
                steps = steps
            );
        }
        let parts = saga::parts(&run.lever, &incident.plan);
        say!(
            view.phrases,
            "card-run",
            run = run.number,
            lever = lever,
            done = parts.iter().map(|part| fine(run, part)).sum::<usize>(),
            count = parts.iter().map(|part| part.steps.len()).sum::<usize>()
        )
    })
    .collect()
}

/// The run that ended last, in a line.
pub(in crate::messages) fn last_over(view: &View<'_>, incident: &Incident) -> Option<Html> {
    let over = incident
        .runs
        .iter()
        .filter_map(|run| Some((run, run.ended.as_ref()?)));
    let (run, end) = over.max_by_key(|(_, end)| end.at)?;
    Some(say!(
        view.phrases,
        "status-run-over",
        run = run.number,
        lever = run_named(view, &incident.plan, &run.lever),
        outcome = view.word(&format!("run-word-{}", end.outcome.word()))
    ))
}

/// `Stop jarvis-api`, or that this step is taken back.
pub(in crate::messages) fn step_named(
    view: &View<'_>,
    incident: &Incident,
    run: u32,
    key: &StepKey,
) -> (u32, Html) {
    let Some(run) = incident.run(run) else {
        return (key.index + 1, Html::own(key.part.clone()));
    };
    let plan = &incident.plan;
    let number = number(incident, run, key).unwrap_or(key.index + 1);
    let step = saga::step(&run.lever, plan, key);
    let title = step.map_or_else(|| line(&key.part, NAME_MAX), |it| ours(&it.name, 100));
    let title = if key.undo {
        say!(view.phrases, "step-undo-name", name = title)
    } else {
        title
    };
    let title = if key.check {
        say!(view.phrases, "step-check-name", name = title)
    } else {
        title
    };
    (number, title)
}

#[cfg(test)]
mod tests;
