//! What people decide about runs.

use super::{find, supersede};
use crate::incident::command::StepRef;
use crate::incident::decide::Case;
use crate::incident::decide::draft::Draft;
use crate::incident::effect::{Effect, Mark, Said, Timer};
use crate::incident::event::IncidentEvent;
use crate::incident::lever::StepKey;
use crate::incident::refusal::Refusal;
use crate::incident::saga::{self, Choice};
use crate::incident::state::{Incident, Run};

/// `/abort`
pub(in crate::incident::decide) fn abort(
    case: &Case<'_>,
    number: Option<u32>,
    why: &str,
) -> Result<Draft, Refusal> {
    let incident = case.incident_or_last()?;
    let verb = case.verb;
    let run = if let Some(number) = number {
        find(case, incident, number)?
    } else {
        let mut open = incident.runs.iter().filter(|it| !it.is_over());
        match (open.next(), open.next()) {
            (Some(run), None) => run,
            (None, _) => return Err(Refusal::NoRun { verb }),
            (Some(_), Some(_)) => return Err(Refusal::Usage { verb }),
        }
    };
    let state = match (run.is_over(), run.aborted.is_some()) {
        (true, _) => Some("over"),
        (false, true) => Some("aborted"),
        (false, false) => None,
    };
    let number = run.number;
    if let Some(state) = state {
        return Err(Refusal::RunState {
            verb,
            run: number,
            state,
        });
    }
    let event = IncidentEvent::RunAborted {
        run: number,
        why: crate::incident::text::one_line(why, 200),
    };
    Ok(
        super::with_asks(case, case.draft(), incident, run, vec![event])
            .acknowledge(Mark::Done, Said::RunAborted { run: number })
            .effect(Effect::Execute {
                incident: incident.id,
                run: number,
            }),
    )
}

/// `/step`, and the buttons of a run that waits.
pub(in crate::incident::decide) fn choose(
    case: &Case<'_>,
    number: Option<u32>,
    step: Option<&StepRef>,
    choice: Choice,
) -> Result<Draft, Refusal> {
    let incident = case.incident_or_last()?;
    let (run, key) = meant(case, incident, number, step)?;
    let (plan, verb, now) = (&incident.plan, case.verb, case.env.now);
    let shown = saga::number(&run.lever, plan, &key).unwrap_or(0);
    if run.is_over() {
        return Err(Refusal::RunState {
            verb,
            run: run.number,
            state: "over",
        });
    }
    let can = saga::choices(run, plan, &key, now);
    if can.is_empty() {
        return Err(Refusal::StepWaitsForNobody {
            verb,
            run: run.number,
            step: shown,
        });
    }
    if !can.contains(&choice) {
        return Err(Refusal::StepTakes {
            verb,
            run: run.number,
            step: shown,
            can: can.to_vec(),
        });
    }
    let event = IncidentEvent::StepDecided {
        run: run.number,
        step: key.clone(),
        choice,
    };
    let mut after = run.clone();
    after.fold(&event, &case.by(), now);
    let mut draft = super::with_asks(case, case.draft(), incident, run, vec![event]);
    if choice == Choice::Done {
        let is_kept = saga::kept_until(run, plan, &key).is_some();
        if is_kept {
            draft = draft.effect(Effect::Forget(Timer::Revert {
                incident: incident.id,
                run: run.number,
                step: key.clone(),
            }));
        }
        draft = supersede::settled(case, draft, incident, &after);
        if is_kept {
            draft = supersede::kept_elsewhere(case, draft, (incident, run), &key);
        }
    }
    let said = Said::StepDecided {
        run: run.number,
        step: shown,
        choice,
    };
    Ok(draft.acknowledge(Mark::Done, said).effect(Effect::Execute {
        incident: incident.id,
        run: run.number,
    }))
}

/// The step that was named, or the only one that waits.
fn meant<'i>(
    case: &Case<'_>,
    incident: &'i Incident,
    number: Option<u32>,
    step: Option<&StepRef>,
) -> Result<(&'i Run, StepKey), Refusal> {
    let verb = case.verb;
    let plan = &incident.plan;
    if let Some(number) = number {
        let run = find(case, incident, number)?;
        if run.is_over() {
            return Err(Refusal::RunState {
                verb,
                run: number,
                state: "over",
            });
        }
        if let Some(step) = step {
            let key = saga::step_by_number(&run.lever, plan, step.number);
            let key = key.ok_or(Refusal::StepWaitsForNobody {
                verb,
                run: number,
                step: step.number,
            })?;
            // People need not know that the step which takes another one back has a key of its own.
            let undo = key.taken_back();
            let asks = saga::asks(run, plan, case.env.now);
            let key = if step.undo || (asks.contains(&undo) && !asks.contains(&key)) {
                undo
            } else {
                key
            };
            return Ok((run, key));
        }
    }
    let runs = incident
        .runs
        .iter()
        .filter(|run| !run.is_over() && number.is_none_or(|it| it == run.number));
    let mut waiting = Vec::new();
    for run in runs {
        for key in saga::asks(run, plan, case.env.now) {
            waiting.push((run, key));
        }
        let held = run.steps.keys();
        let held = held.filter(|key| saga::kept_until(run, plan, key).is_some());
        waiting.extend(held.map(|key| (run, key.clone())));
    }
    match waiting.len() {
        0 => Err(Refusal::NoRun { verb }),
        1 => waiting.pop().ok_or(Refusal::NoRun { verb }),
        _ => Err(Refusal::WhichStep {
            verb,
            steps: waiting
                .iter()
                .filter_map(|(run, key)| Some((run.number, saga::number(&run.lever, plan, key)?)))
                .collect(),
        }),
    }
}

/// `/rotate` without a name.
pub(in crate::incident::decide) fn credentials(case: &Case<'_>) -> Draft {
    let incident = case.incident().ok().map(|it| it.id);
    case.answer(Said::Credentials { incident })
}
