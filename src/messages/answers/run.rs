//! Runs of levers: the message that shows how one goes, what it asks, how it ended.

use crate::incident::saga::{self, Part, Planned, Progress, StepState};
use crate::incident::{
    By, Choice, Hindrance, Incident, Lever, Mode, Run, RunOutcome, StepKey, Warrant,
};
use crate::messages::card::{buttons, id};
use crate::messages::html::{Html, NAME_MAX, line, ours, visible_len};
use crate::messages::outgoing::{Button, Keyboard, Style};
use crate::messages::phrases::say;
use crate::messages::press::Press;
use crate::messages::view::{Rendered, View, commas, lines, name};
use crate::plan::{Action, Step};

use super::timeline::lever_named;

/// Characters of what a step said.
const SAID_MAX: usize = 120;
/// UTF-16 units of the steps.
const STEPS_MAX: usize = 3_000;
/// So many steps are named in the end.
const NAMED_MAX: usize = 8;
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
        lever = lever_named(plan, &run.lever),
        id = id(incident)
    ));
    said.push(by_line(view, run));
    said.extend(run.why.iter().map(|why| say!(p, "run-why", why = why)));
    said.extend(steps(view, incident, run));
    if let Some((by, why)) = run.aborted.as_ref().filter(|_| !run.is_over()) {
        let name = by_name(view, by);
        said.push(if why.is_empty() {
            say!(p, "run-aborted", name = name)
        } else {
            say!(p, "run-aborted-why", name = name, why = why)
        });
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
        return say!(
            p,
            "run-step",
            mark = Html::own("⬜"),
            number = number,
            name = title
        );
    };
    let mark = Html::own(mark(state.progress));
    let quiet = matches!(state.progress, Progress::Running | Progress::Succeeded);
    let said = said(state);
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

fn summary(view: &View<'_>, state: &StepState) -> Html {
    if matches!(state.progress, Progress::Unknown { interrupted: true }) {
        return view.word("run-interrupted");
    }
    line(&state.summary, SAID_MAX)
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

/// A row of buttons for each step about which somebody can decide.
fn keyboard<'k>(
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
                Choice::Undo => view.word("button-step-undo"),
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

/// To the team: a run stands and somebody must decide.
pub(in crate::messages) fn asks(
    view: &View<'_>,
    incident: &Incident,
    run: u32,
    steps: &[StepKey],
) -> Rendered {
    let p = view.phrases;
    let Some(run) = incident.run(run) else {
        return Rendered::default();
    };
    let mut said = banner(view, incident, run);
    for key in steps.iter().take(ASKED_MAX) {
        let (Some(number), Some(step)) = (
            number(incident, run, key),
            saga::step(&run.lever, &incident.plan, key),
        ) else {
            continue;
        };
        let state = run.steps.get(key);
        let head = match state.map(|it| it.progress) {
            _ if key.undo => "step-asks-undo",
            Some(Progress::ByHand) => "step-asks-by-hand",
            Some(Progress::Failed) => "step-asks-failed",
            Some(Progress::Succeeded) => "step-asks-keep",
            _ => "step-asks-unknown",
        };
        let lever = lever_named(&incident.plan, &run.lever);
        let until = saga::kept_until(run, &incident.plan, key);
        said.push(match until.map(|at| view.times().clock(at)) {
            Some(at) => say!(
                p,
                head,
                run = run.number,
                lever = lever,
                number = number,
                at = at
            ),
            None => say!(p, head, run = run.number, lever = lever, number = number),
        });
        said.extend(about(view, &step, number, state));
        let words: Vec<&str> = saga::choices(run, &incident.plan, key, view.now)
            .iter()
            .map(|choice| choice.word())
            .collect();
        said.push(say!(
            p,
            "step-asks-how",
            run = run.number,
            number = number,
            words = Html::own(words.join("|"))
        ));
    }
    Rendered {
        html: lines(&said).into_string(),
        keyboard: keyboard(view, incident, run, steps.iter()),
    }
}

fn about(view: &View<'_>, step: &Step, number: u32, state: Option<&StepState>) -> Vec<Html> {
    let p = view.phrases;
    let title = ours(&step.name, 100);
    let said = state.map(|it| summary(view, it)).unwrap_or_default();
    let mut lines = vec![if said.as_str().is_empty() {
        say!(p, "step-asks-name", number = number, name = title)
    } else {
        say!(
            p,
            "step-asks-name-said",
            number = number,
            name = title,
            said = said
        )
    }];
    if let Action::Manual {
        link: Some(link), ..
    } = &step.action
    {
        lines.push(say!(p, "step-asks-link", link = ours(link, 200)));
    }
    lines
}

/// To the team: a run is over.
pub(in crate::messages) fn over(view: &View<'_>, incident: &Incident, run: u32) -> Html {
    let p = view.phrases;
    let Some((run, end)) = incident
        .run(run)
        .and_then(|run| Some((run, run.ended.as_ref()?)))
    else {
        return Html::default();
    };
    let plan = &incident.plan;
    let all = saga::steps(&run.lever, plan);
    let done = |it: &&Planned<'_>| run.steps.get(&it.key).is_some_and(StepState::is_fine);
    let count = all.len();
    let (finished, lever) = (
        all.iter().filter(done).count(),
        lever_named(plan, &run.lever),
    );
    let (number, id) = (run.number, id(incident));
    let mut said = banner(view, incident, run);
    said.push(match end.outcome {
        RunOutcome::Succeeded => say!(
            p,
            "run-over-succeeded",
            run = number,
            lever = lever,
            done = finished,
            count = count,
            span = view.times().span(end.at - run.at),
            id = id
        ),
        RunOutcome::Partly | RunOutcome::Stopped | RunOutcome::Aborted => {
            let key = format!("run-over-{}", end.outcome.word());
            say!(
                p,
                &key,
                run = number,
                lever = lever,
                done = finished,
                count = count,
                id = id
            )
        }
        RunOutcome::Undone => say!(p, "run-over-undone", run = number, lever = lever, id = id),
        RunOutcome::UndoFailed => {
            say!(
                p,
                "run-over-undo-failed",
                run = number,
                lever = lever,
                id = id
            )
        }
        RunOutcome::Refused if !run.steps.is_empty() => {
            let key = "run-over-refused-midway";
            say!(
                p,
                key,
                run = number,
                lever = lever,
                done = finished,
                count = count,
                id = id
            )
        }
        RunOutcome::Refused => say!(p, "run-over-refused", run = number, lever = lever, id = id),
    });
    said.extend(hindrance(view, end.hindrance.as_ref()));
    let named = |steps: Vec<Html>, key: &str| {
        (!steps.is_empty()).then(|| say!(p, key, steps = commas(&steps)))
    };
    let title = |it: &Planned<'_>| ours(&it.step.name, NAME_MAX);
    match end.outcome {
        RunOutcome::Partly | RunOutcome::Stopped | RunOutcome::Aborted => {
            let missing = all.iter().filter(|it| !done(it)).take(NAMED_MAX);
            said.extend(named(missing.map(title).collect(), "run-open-steps"));
            said.extend(undo_hint(view, incident, run));
        }
        RunOutcome::UndoFailed => {
            let back = |it: &&Planned<'_>| run.steps.get(&it.key.taken_back());
            let stuck = all
                .iter()
                .filter(|it| back(it).is_some_and(|it| !it.is_fine()));
            said.extend(named(stuck.map(title).collect(), "run-open-back"));
        }
        RunOutcome::Succeeded | RunOutcome::Undone | RunOutcome::Refused => {}
    }
    if end.outcome == RunOutcome::UndoFailed
        && let Some(severity) = incident.severity()
    {
        said.extend(crate::messages::card::to_notify(view, incident, severity));
    }
    lines(&said)
}

/// The procedure that takes back what was left half done.
fn undo_hint(view: &View<'_>, incident: &Incident, run: &Run) -> Option<Html> {
    let Lever::Procedure { id, .. } = &run.lever else {
        return None;
    };
    let procedures = &incident.plan.procedures;
    let procedure = procedures.iter().find(|it| it.id == *id)?;
    let undo = procedure.undo.as_ref()?;
    let undo = procedures.iter().find(|it| it.id == *undo)?;
    Some(say!(
        view.phrases,
        "run-over-undo-hint",
        procedure = &undo.name
    ))
}

/// Why a run was refused.
pub(in crate::messages) fn hindrance(
    view: &View<'_>,
    hindrance: Option<&Hindrance>,
) -> Option<Html> {
    let p = view.phrases;
    Some(match hindrance? {
        // An incident of another chat is nobody's business here.
        Hindrance::Busy { incident, .. } if view.incident(*incident).is_none() => {
            view.word("hindrance-busy-elsewhere")
        }
        Hindrance::Busy { incident, run } => say!(
            p,
            "hindrance-busy",
            run = *run,
            other = Html::own(incident.to_string())
        ),
        Hindrance::Resting { until } => say!(
            p,
            "hindrance-resting",
            at = view.times().clock(*until),
            left = view.times().span(*until - view.now)
        ),
        Hindrance::NotAllowed { why } => say!(p, "hindrance-not-allowed", why = why),
    })
}

/// Runs that are not over, a line each: for the card and `/status`.
pub(in crate::messages) fn under_way(view: &View<'_>, incident: &Incident) -> Vec<Html> {
    let open = incident.runs.iter().filter(|run| !run.is_over());
    open.map(|run| {
        let lever = lever_named(&incident.plan, &run.lever);
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
        lever = lever_named(&incident.plan, &run.lever),
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
    (number, title)
}

#[cfg(test)]
mod tests;
