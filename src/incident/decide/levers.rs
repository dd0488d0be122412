//! Pulling a lever: what was typed becomes a request, or a run where nobody needs to think twice.

mod choices;
mod parameters;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::super::command::Pull;
use super::super::effect::{Effect, Said};
use super::super::lever::Lever;
use super::super::people::Permission;
use super::super::policy::NOW;
use super::super::refusal::Refusal;
use super::super::request::{About, Then};
use super::super::saga;
use super::super::state::Incident;
use super::draft::Draft;
use super::requests::{self, Ask, First};
use super::{Case, carry, rehearse};
use crate::plan::{Plan, Procedure, Tier};
pub(super) use choices::found;
use parameters::Words;

/// Stands right behind the name of what is only to be played through.
const DRY: &str = "dry";

/// Procedures that only read: nobody has to confirm them.
const READING: [&str; 2] = ["collect", "verify"];

/// A lever as it was read.
struct Typed {
    lever: Lever,
    why: Option<String>,
    /// What was typed after `now`: the procedure's name, if it is the right one.
    at_once: bool,
}

pub(super) fn pull(case: &Case<'_>, pull: &Pull) -> Result<Draft, Refusal> {
    let (incident, plan) = place(case, pull)?;
    if pull.verb == "rotate" {
        return rotate(case, incident, plan, &pull.words);
    }
    let mut words = Words::new(&pull.words);
    let name = if pull.verb == "run" {
        words
            .next()
            .ok_or(Refusal::Usage { verb: case.verb })?
            .to_owned()
    } else {
        pull.verb.to_owned()
    };
    let procedure = plan.procedure(&name).ok_or_else(|| Refusal::UnknownWord {
        verb: case.verb,
        what: "procedure",
        word: name.clone(),
        known: plan.procedures.iter().map(|it| it.id.clone()).collect(),
    })?;
    let dry = words.take(DRY);
    let (given, missing) = parameters::read(case.verb, procedure, &mut words)?;
    if dry {
        let lever = Lever::Procedure {
            id: procedure.id.clone(),
            parameters: given,
        };
        return Ok(rehearse::lever(case, incident.map(|it| it.id), lever));
    }
    if !missing.is_empty() {
        return Ok(needs(case, incident, procedure, &given, missing));
    }
    let at_once = at_once(case, procedure, pull.verb, &mut words)?;
    let why = Some(words.rest()).filter(|why| !why.is_empty());
    if at_once && why.is_none() {
        return Err(Refusal::TypedName {
            verb: case.verb,
            wants: procedure.id.clone(),
            usage: usage(pull.verb, &procedure.id),
        });
    }
    let lever = Lever::Procedure {
        id: procedure.id.clone(),
        parameters: given,
    };
    let typed = Typed {
        lever,
        why,
        at_once,
    };
    begin(case, incident, plan, typed)
}

/// The incident that the lever belongs to, if one is open, and the plan that says what it does.
fn place<'a>(case: &Case<'a>, pull: &Pull) -> Result<(Option<&'a Incident>, &'a Plan), Refusal> {
    match case.open_incident() {
        Ok((incident, _)) => Ok((Some(incident), &incident.plan)),
        Err(Refusal::NothingOpen { .. }) if case.named.is_none() => Ok((None, case.plan()?)),
        // Stopping everything is about all that is open: nobody is asked which one.
        Err(Refusal::WhichIncident { .. }) if is_fail_safe(case, pull) => {
            let worst = worst(case).ok_or(Refusal::NothingOpen { verb: case.verb })?;
            Ok((Some(worst), &worst.plan))
        }
        Err(other) => Err(other),
    }
}

fn is_fail_safe(case: &Case<'_>, pull: &Pull) -> bool {
    let plan = case.plan().ok();
    let found = plan.and_then(|plan| plan.procedure(pull.verb));
    found.is_some_and(|it| it.fail_safe)
}

/// A drill comes after everything real.
fn worst<'a>(case: &Case<'a>) -> Option<&'a Incident> {
    case.chat.open_incidents().min_by_key(|it| {
        let rank = it
            .severity
            .as_deref()
            .map(|code| it.plan.severity_rank(code));
        (
            it.is_drill(),
            rank.flatten().unwrap_or(usize::MAX),
            std::cmp::Reverse(it.id),
        )
    })
}

/// The answer to a procedure without what it needs: what that is, and what there is to choose from.
fn needs(
    case: &Case<'_>,
    incident: Option<&Incident>,
    procedure: &Procedure,
    given: &BTreeMap<String, String>,
    missing: Vec<String>,
) -> Draft {
    // One after the other: what is chosen first leads on to the next.
    let choices = procedure
        .parameters
        .iter()
        .find(|it| missing.contains(&it.name) && it.choices.is_some());
    let draft = case.answer(Said::Needs {
        procedure: procedure.id.clone(),
        missing,
    });
    let Some(parameter) = choices else {
        return draft;
    };
    draft.effect(Effect::ListChoices {
        incident: incident.map(|it| it.id),
        procedure: procedure.id.clone(),
        parameter: parameter.name.clone(),
        given: given.clone(),
    })
}

/// Reads `now emergency_shutdown`: an owner does not wait for anybody.
fn at_once(
    case: &Case<'_>,
    procedure: &Procedure,
    verb: &'static str,
    words: &mut Words<'_>,
) -> Result<bool, Refusal> {
    if words.peek() != Some(NOW) {
        return Ok(false);
    }
    words.next();
    if !procedure.fail_safe {
        return Err(Refusal::NotFailSafe {
            verb: case.verb,
            procedure: procedure.id.clone(),
        });
    }
    if case.has < Permission::Owner {
        return Err(Refusal::OwnersBreakTheGlass {
            verb: case.verb,
            usage: plainly(verb, &procedure.id),
        });
    }
    if words.next() == Some(procedure.id.as_str()) {
        return Ok(true);
    }
    Err(Refusal::TypedName {
        verb: case.verb,
        wants: procedure.id.clone(),
        usage: usage(verb, &procedure.id),
    })
}

/// The same lever with somebody's approval.
fn plainly(verb: &str, id: &str) -> String {
    if verb == "run" {
        format!("/run {id}")
    } else {
        format!("/{verb}")
    }
}

fn usage(verb: &str, id: &str) -> String {
    if verb == "run" {
        format!("/run {id} {NOW} {id}")
    } else {
        format!("/{verb} {NOW} {id}")
    }
}

fn rotate(
    case: &Case<'_>,
    incident: Option<&Incident>,
    plan: &Plan,
    text: &str,
) -> Result<Draft, Refusal> {
    let mut words = Words::new(text);
    let Some(name) = words.next() else {
        return Ok(super::runs::credentials(case));
    };
    let credentials: Vec<String> = if name.eq_ignore_ascii_case("all") {
        plan.credentials.iter().map(|it| it.id.clone()).collect()
    } else {
        plan.credential(name)
            .map(|it| it.id.clone())
            .into_iter()
            .collect()
    };
    if credentials.is_empty() {
        let known = plan.credentials.iter().map(|it| it.id.clone());
        return Err(Refusal::UnknownWord {
            verb: case.verb,
            what: "credential",
            word: name.to_owned(),
            known: known.collect(),
        });
    }
    if words.take(DRY) {
        let lever = Lever::Rotate { credentials };
        return Ok(rehearse::lever(case, incident.map(|it| it.id), lever));
    }
    let typed = Typed {
        lever: Lever::Rotate { credentials },
        why: Some(words.rest()).filter(|why| !why.is_empty()),
        at_once: false,
    };
    begin(case, incident, plan, typed)
}

fn begin(
    case: &Case<'_>,
    incident: Option<&Incident>,
    plan: &Plan,
    typed: Typed,
) -> Result<Draft, Refusal> {
    let Typed {
        lever,
        why,
        at_once,
    } = typed;
    nothing_in_the_way(case, incident, plan, &lever)?;
    let way = way(plan, &lever);
    let first = match (at_once, way.confirm) {
        (true, _) if case.late => First::Confirm(Then::BreakGlass),
        (true, _) => First::BreakGlass,
        (false, true) => First::Confirm(Then::Run),
        (false, false) if way.agree && case.late => First::Confirm(Then::Ask),
        (false, false) if way.agree => First::Agree,
        (false, false) if case.late => First::Confirm(Then::Run),
        (false, false) => {
            case.not_locked()?;
            return carry::at_once(case, incident, plan, lever, why);
        }
    };
    let ask = Ask {
        about: About::Lever(lever),
        plan,
        incident,
        why,
        approvals: way.approvals,
    };
    requests::open(case, ask, first)
}

/// Said before anybody agrees, not after.
fn nothing_in_the_way(
    case: &Case<'_>,
    incident: Option<&Incident>,
    plan: &Plan,
    lever: &Lever,
) -> Result<(), Refusal> {
    if incident.is_some_and(Incident::is_drill) {
        return Ok(());
    }
    match saga::in_the_way(case.chat, case.env.elsewhere, lever, plan, case.env.now) {
        None => Ok(()),
        Some(hindrance) => Err(Refusal::InTheWay {
            verb: case.verb,
            hindrance,
        }),
    }
}

/// What a lever needs before it runs.
pub(super) struct Way {
    /// A confirming press by the asker.
    confirm: bool,
    /// Somebody else.
    agree: bool,
    /// How many people, the asker included.
    pub(super) approvals: u32,
}

impl Way {
    pub(super) fn first(&self) -> First {
        if self.agree {
            First::Agree
        } else {
            First::Confirm(Then::Run)
        }
    }
}

/// By the plan's own words: the tier, and how many must agree.
pub(super) fn way(plan: &Plan, lever: &Lever) -> Way {
    let (agree, approvals, reading) = match lever {
        Lever::Procedure { id, .. } => match plan.procedures.iter().find(|it| it.id == *id) {
            Some(it) => (
                it.tier == Tier::T3 || it.approvals > 1,
                it.approvals,
                READING.contains(&id.as_str()),
            ),
            None => (true, 2, false),
        },
        Lever::Rotate { credentials } => (credentials.len() > 1, 2, false),
    };
    Way {
        confirm: !agree && !reading,
        agree,
        approvals: approvals.max(if agree { 2 } else { 1 }),
    }
}
