//! Runs: what the runner brings back, and what people decide meanwhile.

mod people;
mod supersede;

use super::super::command::Command;
use super::super::effect::{Effect, Said, Timer};
use super::super::event::IncidentEvent;
use super::super::lever::{Lever, Mode, StepKey};
use super::super::refusal::Refusal;
use super::super::saga::{
    self, Hindrance, Next, Progress, RunOutcome, StepReport, StepState, StepStatus,
};
use super::super::state::{Incident, Run};
use super::Case;
use super::draft::Draft;
use crate::plan::{Action, AutoTick, Plan};
pub(super) use people::{abort, choose, credentials};

/// The procedure whose green probes tell that recovery is verified.
const VERIFY: &str = "verify";

pub(super) fn observe(case: &Case<'_>, command: &Command) -> Result<Draft, Refusal> {
    let incident = case.incident()?;
    match command {
        Command::StepsBegun { run, steps } => begun(case, incident, *run, steps),
        Command::StepOver {
            run,
            step,
            attempt,
            report,
        } => over(case, incident, *run, step, *attempt, report),
        Command::RunResumed { run } => resumed(case, incident, *run),
        Command::RunHeldUp { run, hindrance } => {
            let run = find(case, incident, *run)?;
            Ok(held_up(case, incident, run, hindrance))
        }
        Command::RunOver { run, hindrance } => ended(case, incident, *run, hindrance.as_ref()),
        Command::RunWake { run } => Ok(case.draft().effect(Effect::Execute {
            incident: incident.id,
            run: *run,
        })),
        Command::StepNotifies {
            run,
            step,
            attempt,
            template,
        } => notifies(case, incident, *run, (step, *attempt), template),
        Command::ProgressPosted {
            run,
            message_id,
            question,
        } => Ok(posted(case, incident, *run, *message_id, *question)),
        Command::ProgressLost { run } => {
            let known = incident.run(*run).is_some_and(|it| it.message.is_some());
            let event = IncidentEvent::ProgressLost { run: *run };
            Ok(if known {
                case.draft().incident(incident, event)
            } else {
                case.draft()
            })
        }
        _ => Err(Refusal::Usage { verb: case.verb }),
    }
}

fn find<'i>(case: &Case<'_>, incident: &'i Incident, run: u32) -> Result<&'i Run, Refusal> {
    incident.run(run).ok_or_else(|| unknown(case, run))
}

fn unknown(case: &Case<'_>, run: u32) -> Refusal {
    Refusal::UnknownWord {
        verb: case.verb,
        what: "run",
        word: run.to_string(),
        known: Vec::new(),
    }
}

/// A message of a run stands in the chat. What was decided while it was on its way is put right.
fn posted(
    case: &Case<'_>,
    incident: &Incident,
    run: u32,
    message_id: i64,
    question: bool,
) -> Draft {
    let event = IncidentEvent::ProgressPosted {
        run,
        message_id,
        question,
    };
    let draft = case.draft().incident(incident, event);
    let asked = |run: &Run| !saga::questions(run, &incident.plan, case.env.now).is_empty();
    if !question || incident.run(run).is_some_and(asked) {
        return draft;
    }
    let incident = incident.id;
    draft.effect(Effect::ShowQuestion { incident, run })
}

/// Only what is due may begin: the runner asked a moment ago, but somebody may have been faster.
fn begun(
    case: &Case<'_>,
    incident: &Incident,
    number: u32,
    steps: &[StepKey],
) -> Result<Draft, Refusal> {
    let run = find(case, incident, number)?;
    let due = match saga::next(run, &incident.plan, case.env.now) {
        Next::Start(steps) => steps,
        Next::Undo(step) => vec![step],
        Next::Wait { .. } | Next::Ask { .. } | Next::End(_) => Vec::new(),
    };
    let not_due = steps.is_empty() || steps.iter().any(|step| !due.contains(step));
    if not_due || saga::is_contested(case.chat, (incident, run), steps) {
        return Err(Refusal::RunState {
            verb: case.verb,
            run: number,
            state: "elsewhere",
        });
    }
    let replaced = supersede::instead(case, incident, run, steps);
    if !replaced.is_empty() {
        return Ok(with_asks(case, case.draft(), incident, run, replaced));
    }
    let events = steps
        .iter()
        .map(|step| IncidentEvent::StepStarted {
            run: number,
            step: step.clone(),
            attempt: run.steps.get(step).map_or(0, |it| it.attempts) + 1,
        })
        .collect();
    Ok(with_asks(case, case.draft(), incident, run, events))
}

fn over(
    case: &Case<'_>,
    incident: &Incident,
    number: u32,
    step: &StepKey,
    attempt: u32,
    report: &StepReport,
) -> Result<Draft, Refusal> {
    let run = find(case, incident, number)?;
    let under_way = run
        .steps
        .get(step)
        .is_some_and(|it| it.progress == Progress::Running && it.attempts == attempt);
    if run.is_over() || !under_way {
        return Ok(case.draft());
    }
    let report = &as_meant(incident, run, step, report.clone());
    let mut draft = case.draft();
    // A check that is green settles the step that it looked at.
    let settled = step.unchecked();
    if let (StepStatus::Succeeded, Some(after), false) = (
        report.status,
        saga::step(&run.lever, &incident.plan, &settled).and_then(|it| it.revert_after),
        run.mode == Mode::DryRun,
    ) {
        draft = draft.effect(Effect::Wake {
            at: case.env.now + after.duration(),
            timer: Timer::Revert {
                incident: incident.id,
                run: number,
                step: settled,
            },
        });
    }
    let event = end_of(number, step, attempt, report);
    let mut after = run.clone();
    after.fold(&event, &case.by(), case.env.now);
    let draft = with_asks(case, draft, incident, run, vec![event]);
    Ok(supersede::settled(case, draft, incident, &after))
}

/// The step ends in the transaction that queues its message: it is said once.
fn notifies(
    case: &Case<'_>,
    incident: &Incident,
    run: u32,
    (step, attempt): (&StepKey, u32),
    template: &str,
) -> Result<Draft, Refusal> {
    let report = StepReport::succeeded();
    let draft = over(case, incident, run, step, attempt, &report)?;
    if draft.is_empty() {
        return Ok(draft);
    }
    Ok(draft.effect(Effect::Announce {
        incident: incident.id,
        said: Said::StepNotifies {
            incident: incident.id,
            run,
            template: template.to_owned(),
        },
        silent: false,
    }))
}

/// A step that restarts the bot is cut off by its own success. The check of the credential, which follows, tells if not.
fn as_meant(incident: &Incident, run: &Run, step: &StepKey, report: StepReport) -> StepReport {
    if report.interrupted && saga::is_our_own_restart(&run.lever, &incident.plan, step) {
        return StepReport::succeeded();
    }
    report
}

fn end_of(run: u32, step: &StepKey, attempt: u32, report: &StepReport) -> IncidentEvent {
    IncidentEvent::StepEnded {
        run,
        step: step.clone(),
        attempt,
        status: report.status,
        fact: report.fact.clone(),
        summary: super::super::text::one_line(&report.summary, 200),
        code: report.code,
        output_sha256: report.output_sha256.clone(),
        output_bytes: report.output_bytes,
        interrupted: report.interrupted,
    }
}

/// Adds events; where they leave the run waiting for a person, the team is told.
pub(super) fn with_asks(
    case: &Case<'_>,
    mut draft: Draft,
    incident: &Incident,
    run: &Run,
    events: Vec<IncidentEvent>,
) -> Draft {
    let now = case.env.now;
    let mut after = run.clone();
    for event in &events {
        after.fold(event, &case.by(), now);
    }
    let before = saga::questions(run, &incident.plan, now);
    let steps = saga::questions(&after, &incident.plan, now);
    for event in events {
        draft = draft.incident(incident, event);
    }
    if before == steps {
        return draft;
    }
    // One message asks for a run as long as anything is open in it.
    if !before.is_empty() {
        return draft.effect(Effect::ShowQuestion {
            incident: incident.id,
            run: run.number,
        });
    }
    draft.effect(Effect::Announce {
        incident: incident.id,
        said: Said::StepAsks {
            incident: incident.id,
            run: run.number,
            steps,
        },
        silent: false,
    })
}

/// What was under way when the bot ended has an unknown result.
fn resumed(case: &Case<'_>, incident: &Incident, number: u32) -> Result<Draft, Refusal> {
    let run = find(case, incident, number)?;
    let cut_off = run.steps.iter();
    let cut_off = cut_off.filter(|(_, it)| it.progress == Progress::Running);
    let events = cut_off
        .map(|(step, it)| {
            let report = as_meant(incident, run, step, StepReport::interrupted());
            end_of(number, step, it.attempts, &report)
        })
        .collect();
    Ok(with_asks(case, case.draft(), incident, run, events))
}

fn ended(
    case: &Case<'_>,
    incident: &Incident,
    number: u32,
    hindrance: Option<&Hindrance>,
) -> Result<Draft, Refusal> {
    let run = find(case, incident, number)?;
    if run.is_over() {
        return Ok(case.draft());
    }
    if let Some(hindrance) = hindrance.filter(|_| !run.steps.is_empty()) {
        return Ok(withheld(case, incident, run, hindrance));
    }
    let outcome = match (hindrance, saga::next(run, &incident.plan, case.env.now)) {
        (Some(_), _) => RunOutcome::Refused,
        (None, Next::End(outcome)) => outcome,
        (None, _) => {
            return Err(Refusal::RunState {
                verb: case.verb,
                run: number,
                state: "under_way",
            });
        }
    };
    let event = IncidentEvent::RunEnded {
        run: number,
        outcome,
        hindrance: hindrance.or(run.withheld.as_ref()).cloned(),
    };
    let mut draft = with_asks(case, case.draft(), incident, run, vec![event]);
    if run.mode != Mode::DryRun {
        for tick in facts_told_by(incident, run) {
            draft = draft.known(incident, tick);
        }
    }
    Ok(draft.effect(Effect::Announce {
        incident: incident.id,
        said: Said::RunOver {
            incident: incident.id,
            run: number,
        },
        silent: outcome == RunOutcome::Succeeded,
    }))
}

/// Whether everything that the plan gathers as evidence was kept by this run. One table is not all of it, and what a
/// person says instead of a collector that failed is for them to tick.
pub(super) fn preserves(run: &Run, plan: &Plan) -> bool {
    let steps = saga::steps(&run.lever, plan);
    let kept: Vec<&str> = steps
        .iter()
        .filter(|it| {
            let state = run.steps.get(&it.key);
            state.is_some_and(|it| it.progress == Progress::Succeeded)
        })
        .filter_map(|it| match &it.step.action {
            Action::Collect { collectors } => Some(collectors),
            _ => None,
        })
        .flatten()
        .map(String::as_str)
        .collect();
    let wanted = plan.preserving();
    !wanted.is_empty() && wanted.iter().all(|it| kept.contains(it))
}

/// Nothing further begins in a run that has begun, but what is to be taken back still is.
fn withheld(case: &Case<'_>, incident: &Incident, run: &Run, hindrance: &Hindrance) -> Draft {
    if run.withheld.is_some() {
        return case.draft();
    }
    let event = IncidentEvent::RunWithheld {
        run: run.number,
        hindrance: hindrance.clone(),
    };
    let mut after = run.clone();
    after.fold(&event, &case.by(), case.env.now);
    let draft = with_asks(case, case.draft(), incident, run, vec![event]);
    // Otherwise its end, which is near, says so.
    if matches!(
        saga::next(&after, &incident.plan, case.env.now),
        Next::End(_)
    ) {
        return draft;
    }
    draft.effect(Effect::Announce {
        incident: incident.id,
        said: Said::RunWithheld {
            incident: incident.id,
            run: run.number,
        },
        silent: false,
    })
}

/// Whoever let it go on sees nothing begin: they are told why.
fn held_up(case: &Case<'_>, incident: &Incident, run: &Run, hindrance: &Hindrance) -> Draft {
    let draft = case.draft();
    if run.is_over() || run.aborted.is_some() || run.withheld.is_some() {
        return draft;
    }
    draft.effect(Effect::Announce {
        incident: incident.id,
        said: Said::RunHeldUp {
            incident: incident.id,
            run: run.number,
            hindrance: hindrance.clone(),
        },
        silent: false,
    })
}

/// The facts that a run makes known once it is over.
fn facts_told_by(incident: &Incident, run: &Run) -> Vec<AutoTick> {
    let plan = &incident.plan;
    let steps = saga::steps(&run.lever, plan);
    let fine = |key: &StepKey| run.steps.get(key).is_some_and(StepState::is_fine);
    let all = |wanted: fn(&Action) -> bool| {
        let mut wanted = steps.iter().filter(|it| wanted(&it.step.action)).peekable();
        wanted.peek().is_some() && wanted.all(|it| fine(&it.key))
    };
    let mut facts = Vec::new();
    if preserves(run, plan) {
        facts.push(AutoTick::EvidencePreserved);
    }
    let verifies = matches!(&run.lever, Lever::Procedure { id, .. } if id == VERIFY);
    if verifies && all(|action| matches!(action, Action::Probe { .. })) {
        facts.push(AutoTick::ProbesGreen);
    }
    let rotated: Vec<&str> = incident
        .runs
        .iter()
        .filter(|it| it.mode != Mode::DryRun)
        .flat_map(|it| saga::rotated(it, plan))
        .collect();
    let every = plan
        .credentials
        .iter()
        .all(|it| rotated.contains(&it.id.as_str()));
    if every && !plan.credentials.is_empty() {
        facts.push(AutoTick::CredentialsRotated);
    }
    facts
}
