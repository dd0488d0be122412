//! Leave to act: given at the last moment, after everything was looked at again.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{VERSION, fresh_until, standing};
use crate::incident::chat::Chat;
use crate::incident::ids::{IncidentId, UserId};
use crate::incident::lever::{Lever, Mode, Warrant};
use crate::incident::people::{Permission, Person};
use crate::incident::refusal::Refusal;
use crate::incident::request::{About, Bound, Outcome};
use crate::incident::saga;
use crate::plan::{Action, Collector, Plan, Procedure, Step};

/// What is different from when it was asked for, so that it is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "changed", rename_all = "snake_case")]
pub enum Changed {
    /// The asker may not do this any more.
    Asker,
    /// Somebody who agreed may not do that any more.
    Approver { person: Person },
    /// The incident has ended.
    IncidentEnded,
    /// The plan says something else now.
    Plan,
    /// These rules are other ones now.
    Policy,
    /// Somebody who could approve came back or was granted: nobody is alone any more.
    NotAlone,
    /// The log was changed from outside.
    Log,
}

/// What is to be done, by whom and by what right: what is looked at again.
#[derive(Debug)]
pub struct Claim<'a> {
    pub about: &'a About,
    pub bound: &'a Bound,
    pub asked_by: UserId,
    pub approved_by: &'a [Person],
    pub warrant: Warrant,
    /// The plan as it stands now: the incident's own, else the chat's.
    pub plan: &'a Plan,
}

/// Whether a claim still holds.
///
/// # Errors
/// What has changed since it was made.
pub fn still_holds(
    chat: &Chat,
    owners: &[Person],
    claim: &Claim<'_>,
    now: DateTime<Utc>,
) -> Result<(), Changed> {
    if claim.bound.policy != VERSION {
        return Err(Changed::Policy);
    }
    if claim.plan.revision.as_str() != claim.bound.plan
        || claim.about.fingerprint(claim.plan).as_ref() != Some(&claim.bound.fingerprint)
    {
        return Err(Changed::Plan);
    }
    people_hold(
        chat,
        owners,
        claim.asked_by,
        claim.approved_by,
        claim.warrant,
        matches!(claim.about, About::Trust(_)),
        now,
    )
}

fn people_hold(
    chat: &Chat,
    owners: &[Person],
    asker: UserId,
    approved_by: &[Person],
    warrant: Warrant,
    trust: bool,
    now: DateTime<Utc>,
) -> Result<(), Changed> {
    let needs = match warrant {
        Warrant::BreakGlass => Permission::Owner,
        // Trust is asked for by owners, whoever agrees.
        _ if trust => Permission::Owner,
        Warrant::SinglePerson => Permission::Approver,
        Warrant::Confirmed | Warrant::Approved => Permission::Commander,
        Warrant::Host => return Ok(()),
    };
    if standing(chat, owners, asker) < needs {
        return Err(Changed::Asker);
    }
    let unfit = approved_by.iter().find(|it| {
        it.id == asker
            || standing(chat, owners, it.id) < Permission::Approver
            || fresh_until(chat, it.id, asker, now).is_some()
    });
    match unfit {
        Some(person) => Err(Changed::Approver {
            person: person.clone(),
        }),
        None if warrant == Warrant::Approved && approved_by.is_empty() => Err(Changed::Asker),
        None => Ok(()),
    }
}

/// Leave to do one thing, given by the rules in this file and by nothing else: whoever acts on a target demands one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    incident: IncidentId,
    run: u32,
    lever: Lever,
    fingerprint: String,
    /// The one collector that may be run, where it is no leave for a lever but for a look at what it could be pulled on.
    looks_at: Option<String>,
    /// It is no leave to do anything, only to take it back.
    only_back: bool,
    mode: Mode,
}

impl Approval {
    /// The incident that it belongs to.
    pub fn incident(&self) -> IncidentId {
        self.incident
    }

    /// The run that it covers.
    pub fn run(&self) -> u32 {
        self.run
    }

    /// What exactly may be done, by [`super::Lever::fingerprint`].
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// How much of it is real.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether a step is one that may be done by this leave: a step of the lever as this plan defines it, the one that takes
    /// it back, or a look at whether it is done; and with just these parameters.
    pub fn covers_step(
        &self,
        plan: &Plan,
        step: &Step,
        parameters: &BTreeMap<String, String>,
    ) -> bool {
        self.looks_at.is_none()
            && self.is_bound_to(plan, parameters)
            && if self.only_back {
                saga::every_way_back(&self.lever, plan).any(|it| it == *step)
            } else {
                saga::every_step(&self.lever, plan).any(|it| it == *step)
            }
    }

    /// Whether what is kept from before a step may be deleted: whoever may do the step may, or take it back.
    pub fn covers_what_is_kept(
        &self,
        plan: &Plan,
        step: &Step,
        parameters: &BTreeMap<String, String>,
    ) -> bool {
        self.looks_at.is_none()
            && self.is_bound_to(plan, parameters)
            && saga::every_step(&self.lever, plan).any(|it| it == *step)
    }

    /// Whether a collector is one that a step of the lever runs.
    pub fn covers_collector(
        &self,
        plan: &Plan,
        collector: &Collector,
        parameters: &BTreeMap<String, String>,
    ) -> bool {
        let named = |it: &Step| match &it.action {
            Action::Collect { collectors } => collectors.contains(&collector.id),
            _ => false,
        };
        if let Some(id) = &self.looks_at {
            // Whoever only looks takes less time and less of it than evidence may.
            let narrowed = |it: &Collector| {
                let whole = Collector {
                    timeout_seconds: it.timeout_seconds,
                    limit_kib: it.limit_kib,
                    ..collector.clone()
                };
                whole == *it
                    && collector.timeout_seconds <= it.timeout_seconds
                    && collector.limit_kib <= it.limit_kib
            };
            return collector.id == *id && plan.collectors.iter().any(narrowed);
        }
        !self.only_back
            && self.is_bound_to(plan, parameters)
            && plan.collectors.contains(collector)
            && saga::every_step(&self.lever, plan).any(|it| named(&it))
    }

    fn is_bound_to(&self, plan: &Plan, parameters: &BTreeMap<String, String>) -> bool {
        let same = match &self.lever {
            Lever::Procedure {
                parameters: own, ..
            } => own == parameters,
            Lever::Rotate { .. } => parameters.is_empty(),
        };
        same && self.lever.fingerprint(plan).as_ref() == Some(&self.fingerprint)
    }

    /// One that tests of the executors can use, for a lever of this plan.
    #[cfg(test)]
    pub(crate) fn for_tests(
        incident: IncidentId,
        run: u32,
        mode: Mode,
        lever: Lever,
        plan: &Plan,
    ) -> Self {
        Self {
            incident,
            run,
            fingerprint: lever.fingerprint(plan).unwrap_or_default(),
            lever,
            looks_at: None,
            only_back: false,
            mode,
        }
    }
}

/// Leave to execute a run that was started: everything is checked again, at the moment of execution. `owners` are those
/// of the installation.
///
/// # Errors
/// A refusal that says what has changed since.
pub fn approval(
    chat: &Chat,
    incident: IncidentId,
    run: u32,
    owners: &[Person],
    now: DateTime<Utc>,
) -> Result<Approval, Refusal> {
    let verb = "run";
    let found = chat
        .incidents
        .get(&incident)
        .ok_or(Refusal::UnknownIncident { verb, id: incident })?;
    let started = found
        .runs
        .iter()
        .find(|it| it.number == run)
        .ok_or_else(|| Refusal::UnknownWord {
            verb,
            what: "run",
            word: run.to_string(),
            known: found.runs.iter().map(|it| it.number.to_string()).collect(),
        })?;
    let refused = |changed| Refusal::Changed { verb, changed };
    if found.lifecycle.open().is_none() {
        return Err(refused(Changed::IncidentEnded));
    }
    if started.lever.fingerprint(&found.plan).as_ref() != Some(&started.fingerprint) {
        return Err(refused(Changed::Plan));
    }
    // The request behind it, where there was one: runs from the host have none.
    let request = chat.requests.values().find(|it| {
        let done = Outcome::Approved {
            incident: Some(incident),
            run: Some(run),
        };
        it.outcome() == Some(&done)
    });
    if request.is_some_and(|it| it.form.bound.policy != VERSION) {
        return Err(refused(Changed::Policy));
    }
    let asker = started.asked_by.person().map(|person| person.id);
    if let Some(asker) = asker {
        let approved_by = &started.approved_by;
        people_hold(
            chat,
            owners,
            asker,
            approved_by,
            started.warrant,
            false,
            now,
        )
        .map_err(refused)?;
    } else if started.warrant != Warrant::Host {
        return Err(refused(Changed::Asker));
    }
    Ok(Approval {
        incident,
        run,
        lever: started.lever.clone(),
        fingerprint: started.fingerprint.clone(),
        looks_at: None,
        only_back: false,
        mode: started.mode,
    })
}

/// Leave to take back what a run has done, and to look at what it did. Whoever asked for it or agreed may not be allowed
/// to go on any more, but what was promised to go back does, whatever became of them.
///
/// # Errors
/// A refusal: there is nothing like it to take back.
pub fn way_back(chat: &Chat, incident: IncidentId, run: u32) -> Result<Approval, Refusal> {
    let verb = "run";
    let found = chat
        .incidents
        .get(&incident)
        .ok_or(Refusal::UnknownIncident { verb, id: incident })?;
    let begun = found.run(run).ok_or(Refusal::NoRun { verb })?;
    if begun.lever.fingerprint(&found.plan).as_ref() != Some(&begun.fingerprint) {
        let changed = Changed::Plan;
        return Err(Refusal::Changed { verb, changed });
    }
    Ok(Approval {
        incident,
        run,
        lever: begun.lever.clone(),
        fingerprint: begun.fingerprint.clone(),
        looks_at: None,
        only_back: true,
        mode: begun.mode,
    })
}

/// What may be run past Telegram, by whoever has the host or its admin token: fail-safe procedures, which need no
/// parameter. With its fingerprint.
///
/// # Errors
/// A refusal that lists those that may.
pub fn host_lever(plan: &Plan, procedure: &str) -> Result<(Lever, String), Refusal> {
    let runnable = |it: &&Procedure| it.fail_safe && !it.parameters.iter().any(|it| it.required);
    let refused = || Refusal::UnknownWord {
        verb: "shutdown",
        what: "procedure",
        word: procedure.to_owned(),
        known: plan
            .procedures
            .iter()
            .filter(runnable)
            .map(|it| it.id.clone())
            .collect(),
    };
    let found = plan
        .procedures
        .iter()
        .find(|it| it.id == procedure)
        .filter(runnable)
        .ok_or_else(refused)?;
    let lever = Lever::Procedure {
        id: found.id.clone(),
        parameters: BTreeMap::new(),
    };
    let fingerprint = lever.fingerprint(plan).ok_or_else(refused)?;
    Ok((lever, fingerprint))
}

/// Leave to execute a fail-safe procedure from the host while the ledger cannot be written. It belongs to no incident
/// yet: its number is 0, which no incident has.
///
/// # Errors
/// The same as [`host_lever`].
pub fn host_approval(
    plan: &Plan,
    procedure: &str,
    year: i32,
) -> Result<(Lever, Approval), Refusal> {
    let (lever, fingerprint) = host_lever(plan, procedure)?;
    let approval = Approval {
        incident: IncidentId::security(year, 0),
        run: 0,
        lever: lever.clone(),
        fingerprint,
        looks_at: None,
        only_back: false,
        mode: Mode::Live,
    };
    Ok((lever, approval))
}

/// Leave to play a lever in a dry run, which is none to touch anything: the mode says so, and executors for real refuse it.
pub fn dry_approval(
    plan: &Plan,
    lever: &Lever,
    incident: Option<IncidentId>,
    year: i32,
) -> Option<Approval> {
    Some(Approval {
        incident: incident.unwrap_or(IncidentId::security(year, 0)),
        run: 0,
        lever: lever.clone(),
        fingerprint: lever.fingerprint(plan)?,
        looks_at: None,
        only_back: false,
        mode: Mode::DryRun,
    })
}

/// Leave to run the collector that lists what can be chosen for a parameter. It only reads; in a drill not even that.
pub fn choices_approval(
    plan: &Plan,
    procedure: &str,
    parameter: &str,
    incident: Option<IncidentId>,
    year: i32,
) -> Option<(Collector, Approval)> {
    let procedure = plan.procedures.iter().find(|it| it.id == procedure)?;
    let parameter = procedure
        .parameters
        .iter()
        .find(|it| it.name == parameter)?;
    let id = parameter.choices.as_ref()?;
    let collector = plan.collectors.iter().find(|it| it.id == *id)?;
    let drill = incident.is_some_and(IncidentId::is_drill);
    let approval = Approval {
        incident: incident.unwrap_or(IncidentId::security(year, 0)),
        run: 0,
        lever: Lever::Procedure {
            id: procedure.id.clone(),
            parameters: BTreeMap::new(),
        },
        fingerprint: String::new(),
        looks_at: Some(id.clone()),
        only_back: false,
        mode: if drill { Mode::Drill } else { Mode::Live },
    };
    Some((collector.clone(), approval))
}
