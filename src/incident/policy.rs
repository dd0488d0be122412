//! Who may do what: decided here, once, for every command. Deny by default.

use std::collections::BTreeMap;

use super::chat::Chat;
use super::command::Command;
use super::event::ChatKind;
use super::ids::IncidentId;
use super::lever::{Lever, Mode};
use super::people::{Actor, Identity, Permission, Via};
use super::refusal::Refusal;
use super::state::Incident;
use crate::plan::{Plan, Procedure};

/// How much harm a command can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// `/start`, `/help`, `/whoami`.
    Open,
    /// T0: read.
    Read,
    /// T1: take part.
    TakePart,
    /// T2: reversible.
    Reversible,
    /// Trust itself: settings and grants.
    Trust,
}

impl Tier {
    /// The least permission for it.
    pub fn needs(self) -> Permission {
        match self {
            Self::Open => Permission::Stranger,
            Self::Read | Self::TakePart => Permission::Responder,
            Self::Reversible => Permission::Commander,
            Self::Trust => Permission::Owner,
        }
    }
}

/// The tier of a command. `None`: no person can send it, only the bot itself observes it.
pub fn tier(command: &Command) -> Option<Tier> {
    Some(match command {
        Command::Start | Command::Help | Command::WhoAmI | Command::Misused { .. } => Tier::Open,
        Command::Status(_)
        | Command::Contacts
        | Command::Plan
        | Command::Procedures
        | Command::Playbook(_)
        | Command::Timeline
        | Command::Todos => Tier::Read,
        Command::Declare { .. }
        | Command::DeclareAnswer { .. }
        | Command::Ack
        | Command::Role { .. }
        | Command::Severity { .. }
        | Command::Done(_)
        | Command::Untick(_)
        | Command::Skip { .. }
        | Command::Next { force: None, .. }
        | Command::Back { .. }
        | Command::Note { .. }
        | Command::Set { .. }
        | Command::Evidence { .. }
        | Command::Todo { .. }
        | Command::TodoDone { .. }
        | Command::TodoAssign { .. } => Tier::TakePart,
        Command::Next { force: Some(_), .. }
        | Command::Contact { .. }
        | Command::Cancel { .. }
        | Command::Close { .. }
        | Command::Reopen { .. }
        | Command::Report { .. } => Tier::Reversible,
        Command::Setup(_)
        | Command::Grant { .. }
        | Command::GrantAnswer { .. }
        | Command::Revoke { .. } => Tier::Trust,
        Command::Describe { .. }
        | Command::BotStanding { .. }
        | Command::Migrated { .. }
        | Command::Administrators { .. }
        | Command::AdministratorIs { .. }
        | Command::CardPosted { .. }
        | Command::CardLost
        | Command::TopicMade { .. }
        | Command::TopicRefused { .. }
        | Command::HostLever { .. }
        | Command::HostImport { .. }
        | Command::Lapse { .. }
        | Command::LeaveUnclaimed => return None,
    })
}

/// What an actor may do in a chat, from grants, settings and ownership alone.
pub fn permission(chat: &Chat, actor: &Actor) -> Permission {
    if actor.identity != Identity::Person {
        return Permission::Stranger;
    }
    if actor.owner {
        return Permission::Owner;
    }
    // A private chat has no team: what somebody may do in a group holds in that group.
    if actor.private || !chat.claimed || chat.kind == ChatKind::Private {
        return Permission::Stranger;
    }
    let granted = chat
        .grants
        .get(&actor.person.id)
        .map(|grant| grant.permission);
    let admin = chat.settings.admins_count && chat.administrators.contains(&actor.person.id);
    let member = chat.everybody_responds();
    granted
        .into_iter()
        .chain(admin.then_some(Permission::Commander))
        .chain(member.then_some(Permission::Responder))
        .max()
        .unwrap_or(Permission::Stranger)
}

/// Lets a command through, or says why not.
///
/// # Errors
/// A refusal for the person.
pub fn authorise(chat: &Chat, actor: &Actor, command: &Command) -> Result<Permission, Refusal> {
    let verb = command.verb();
    let has = permission(chat, actor);
    let Some(tier) = tier(command) else {
        return Err(Refusal::NotAllowed {
            verb,
            needs: Permission::Owner,
            has,
        });
    };
    if tier == Tier::Open {
        return Ok(has);
    }
    if actor.identity != Identity::Person {
        return Err(Refusal::NotAPerson {
            verb,
            identity: actor.identity,
        });
    }
    if chat.kind == ChatKind::Private {
        return Err(if actor.owner {
            Refusal::GroupOnly { verb }
        } else {
            Refusal::NotAllowed {
                verb,
                needs: tier.needs(),
                has,
            }
        });
    }
    if !chat.claimed {
        return Err(Refusal::NotClaimed { verb });
    }
    if has < tier.needs() {
        return Err(Refusal::NotAllowed {
            verb,
            needs: tier.needs(),
            has,
        });
    }
    if actor.via == Via::Caption && tier > Tier::TakePart {
        return Err(Refusal::NotInACaption { verb });
    }
    Ok(has)
}

/// Lets a command from the host through: levers, in a chat that is in use.
///
/// # Errors
/// A refusal that says why not.
pub fn authorise_host(chat: &Chat, command: &Command) -> Result<Permission, Refusal> {
    let verb = command.verb();
    match command {
        Command::HostLever { .. } | Command::HostImport { .. } if chat.claimed => {
            Ok(Permission::Owner)
        }
        Command::HostLever { .. } | Command::HostImport { .. } => Err(Refusal::NotClaimed { verb }),
        _ => Err(Refusal::NotAllowed {
            verb,
            needs: Permission::Owner,
            has: Permission::Stranger,
        }),
    }
}

/// For the few commands whose tier depends on what they would do.
///
/// # Errors
/// A refusal that names what is needed.
pub fn require(has: Permission, needs: Permission, verb: &'static str) -> Result<(), Refusal> {
    if has >= needs {
        Ok(())
    } else {
        Err(Refusal::NotAllowed { verb, needs, has })
    }
}

/// Leave to do one thing, given by the rules in this file and by nothing else: whoever acts on a target demands one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    incident: IncidentId,
    run: u32,
    fingerprint: String,
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

    /// One that tests of the executors can use.
    #[cfg(test)]
    pub(crate) fn for_tests(incident: IncidentId, run: u32, mode: Mode) -> Self {
        Self {
            incident,
            run,
            fingerprint: String::new(),
            mode,
        }
    }
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
        fingerprint,
        mode: Mode::Live,
    };
    Ok((lever, approval))
}

/// Leave to execute a run that was started: everything is checked again, at the moment of execution.
///
/// # Errors
/// A refusal that says what has changed since.
pub fn approval(incident: &Incident, run: u32) -> Result<Approval, Refusal> {
    let verb = "run";
    let unknown = || Refusal::UnknownWord {
        verb,
        what: "run",
        word: run.to_string(),
        known: Vec::new(),
    };
    let started = incident
        .runs
        .iter()
        .find(|it| it.number == run)
        .ok_or_else(unknown)?;
    let now = started.lever.fingerprint(&incident.plan);
    if now.as_ref() != Some(&started.fingerprint) {
        return Err(unknown());
    }
    Ok(Approval {
        incident: incident.id,
        run,
        fingerprint: started.fingerprint.clone(),
        mode: started.mode,
    })
}
