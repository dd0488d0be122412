//! What the team is told about a run: that it waits for another one, that it is over.

use super::{banner, number};
use crate::incident::saga::{self, Planned, StepState};
use crate::incident::{Hindrance, Incident, Lever, Run, RunOutcome, StepKey};
use crate::messages::answers::timeline::run_named;
use crate::messages::card::id;
use crate::messages::html::{Html, NAME_MAX, ours};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas, lines};

/// So many steps are named in the end.
const NAMED_MAX: usize = 8;

/// Which step must be done first.
pub(super) fn held_back(
    view: &View<'_>,
    incident: &Incident,
    run: &Run,
    key: &StepKey,
) -> Option<Html> {
    let step = saga::step(&run.lever, &incident.plan, key).filter(|_| !run.steps.contains_key(key));
    let needed = key.needed(&step?)?;
    let title = saga::step(&run.lever, &incident.plan, &needed)?.name;
    Some(say!(
        view.phrases,
        "step-held",
        number = number(incident, run, &needed)?,
        name = ours(&title, 100)
    ))
}

/// To the team: nothing further begins in a run, but what it did for a while is still taken back.
pub(in crate::messages) fn withheld(view: &View<'_>, incident: &Incident, run: u32) -> Html {
    let Some(run) = incident.run(run) else {
        return Html::default();
    };
    let mut said = banner(view, incident, run);
    said.push(say!(
        view.phrases,
        "run-withheld-told",
        run = run.number,
        lever = run_named(view, &incident.plan, &run.lever),
        id = id(incident)
    ));
    said.extend(hindrance(view, run.withheld.as_ref()));
    lines(&said)
}

/// To the team: a run waits for another one before it goes on.
pub(in crate::messages) fn held_up(
    view: &View<'_>,
    incident: &Incident,
    run: u32,
    hindrance: &Hindrance,
) -> Html {
    let p = view.phrases;
    let Some(run) = incident.run(run) else {
        return Html::default();
    };
    let mut said = banner(view, incident, run);
    let (number, lever) = (run.number, run_named(view, &incident.plan, &run.lever));
    said.push(match hindrance {
        Hindrance::Busy {
            incident: other,
            run,
        } if view.incident(*other).is_some() => say!(
            p,
            "run-held-up",
            run = number,
            lever = lever,
            by = *run,
            other = Html::own(other.to_string()),
            id = id(incident)
        ),
        Hindrance::LogChanged => say!(
            p,
            "run-held-up-log",
            run = number,
            lever = lever,
            other = Html::own(incident.id.to_string())
        ),
        _ => say!(
            p,
            "run-held-up-elsewhere",
            run = number,
            lever = lever,
            id = id(incident)
        ),
    });
    lines(&said)
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
        run_named(view, plan, &run.lever),
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
        RunOutcome::Succeeded => said.extend(undo_hint(view, incident, run)),
        RunOutcome::Undone | RunOutcome::Refused => {}
    }
    if end.outcome == RunOutcome::UndoFailed
        && let Some(severity) = incident.severity()
    {
        said.extend(crate::messages::card::to_notify(view, incident, severity));
    }
    lines(&said)
}

/// The lever that takes back what was done, or left half done.
fn undo_hint(view: &View<'_>, incident: &Incident, run: &Run) -> Option<Html> {
    let Lever::Procedure { id, .. } = &run.lever else {
        return None;
    };
    let procedures = &incident.plan.procedures;
    let procedure = procedures.iter().find(|it| it.id == *id)?;
    let undo = procedure.undo.as_ref()?;
    let undo = procedures.iter().find(|it| it.id == *undo)?;
    let succeeded = run.ended.as_ref()?.outcome == RunOutcome::Succeeded;
    let command = match undo.id.as_str() {
        own @ ("emergency_shutdown" | "lockdown" | "restore") => format!("/{own}"),
        other => format!("/run {other}"),
    };
    // Whoever took something off the air is told at once how it comes back.
    (!succeeded || procedure.fail_safe).then(|| {
        let command = Html::own(command);
        say!(view.phrases, "run-over-undo-hint", command = command)
    })
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
        Hindrance::BusyElsewhere { target } => {
            say!(p, "hindrance-busy-target", target = ours(target, 100))
        }
        Hindrance::Resting { until } => say!(
            p,
            "hindrance-resting",
            at = view.times().clock(*until),
            left = view.times().span(*until - view.now)
        ),
        Hindrance::Changed { what } => {
            let why = super::super::requests::changed(view, what);
            say!(p, "hindrance-changed", why = why)
        }
        Hindrance::LogChanged => view.word("hindrance-log-changed"),
        Hindrance::NotAllowed { why } => say!(p, "hindrance-not-allowed", why = why),
    })
}
