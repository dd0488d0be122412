//! Commands that only show something.

use super::super::command::StatusOf;
use super::super::effect::Said;
use super::super::people::Identity;
use super::super::policy;
use super::super::refusal::Refusal;
use super::draft::Draft;
use super::{Author, Case};

/// Entries of `/audit` without a number.
pub(super) const AUDITED: usize = 25;

pub(super) fn help(case: &Case<'_>, about: Option<&str>) -> Draft {
    case.answer(Said::Help {
        permission: case.has,
        about: about.map(str::to_owned),
    })
}

/// How a command is used. A word without a tier is shown to nobody as one: whoever may use it is not known.
pub(super) fn misused(case: &Case<'_>, word: &str) -> Draft {
    if policy::tier_of_word(word).is_none() {
        return case.answer(Said::NoSuchCommand {
            word: word.to_owned(),
        });
    }
    help(case, Some(word))
}

pub(super) fn whoami(case: &Case<'_>) -> Draft {
    match case.author {
        Author::Person(actor) => case.answer(Said::WhoAmI {
            person: actor.person.clone(),
            permission: case.has,
            hidden: actor.identity != Identity::Person,
        }),
        Author::Bot | Author::Host(_) => case.draft(),
    }
}

pub(super) fn status(case: &Case<'_>, of: StatusOf) -> Result<Draft, Refusal> {
    if of == StatusOf::All {
        return Ok(case.answer(Said::StatusAll {
            incidents: case.open_ids(),
        }));
    }
    match case.incident() {
        Ok(incident) => Ok(case.answer(Said::Status {
            incident: incident.id,
        })),
        Err(Refusal::WhichIncident {
            open: incidents, ..
        }) => Ok(case.answer(Said::StatusAll { incidents })),
        Err(Refusal::NothingOpen { .. }) => Ok(case.answer(Said::StatusAll {
            incidents: Vec::new(),
        })),
        Err(other) => Err(other),
    }
}

pub(super) fn playbook(case: &Case<'_>, name: Option<&str>) -> Result<Draft, Refusal> {
    // The playbook of the incident's pinned plan, where there is one; else of the chat's.
    let plan = match case.incident() {
        Ok(incident) => &incident.plan,
        Err(_) => case.plan()?,
    };
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return Ok(case.answer(Said::Playbooks));
    };
    let found = plan.playbook(name).ok_or_else(|| Refusal::UnknownWord {
        verb: case.verb,
        what: "playbook",
        word: name.to_owned(),
        known: plan
            .playbooks
            .iter()
            .map(|playbook| playbook.id.clone())
            .collect(),
    })?;
    Ok(case.answer(Said::Playbook {
        name: found.id.clone(),
    }))
}

pub(super) fn timeline(case: &Case<'_>) -> Result<Draft, Refusal> {
    let incident = case.incident_or_last()?;
    Ok(case.answer(Said::Timeline {
        incident: incident.id,
    }))
}

pub(super) fn follow_ups(case: &Case<'_>) -> Result<Draft, Refusal> {
    let incident = case.incident_or_last()?;
    Ok(case.answer(Said::FollowUps {
        incident: incident.id,
    }))
}
