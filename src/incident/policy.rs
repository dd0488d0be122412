//! Who may do what: decided here, once, for every command. Deny by default.

mod approval;

pub use approval::{
    Approval, Changed, Claim, approval, choices_approval, dry_approval, host_approval, host_lever,
    still_holds, way_back,
};

use chrono::{DateTime, Duration, Utc};

use super::chat::Chat;
use super::command::{Command, Setup};
use super::event::ChatKind;
use super::ids::UserId;
use super::people::{Actor, Identity, Permission, Person, TotpState, Via};
use super::refusal::Refusal;
use super::saga::Choice;

/// The version of these rules: a request made under other ones is not executed.
pub const VERSION: u32 = 1;
/// Whoever was granted by the asker so recently does not approve for them.
const FRESH_HOURS: i64 = 24;
/// Whoever could approve so recently still counts, as to whether somebody is alone.
const LOST_HOURS: i64 = 24;
/// A command of T2 and above that is older is not carried out.
const STALE_SECONDS: i64 = 60;
/// Stands in front of the typed name where an owner does not wait for anybody.
pub(super) const NOW: &str = "now";

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
    /// T3: destructive; somebody else must agree.
    Destructive,
    /// Trust itself: settings and grants.
    Trust,
}

impl Tier {
    /// The least permission for it.
    pub fn needs(self) -> Permission {
        match self {
            Self::Open => Permission::Stranger,
            Self::Read | Self::TakePart => Permission::Responder,
            Self::Reversible | Self::Destructive => Permission::Commander,
            Self::Trust => Permission::Owner,
        }
    }
}

/// The tier of a command. `None`: no person can send it, only the bot itself observes it.
pub fn tier(command: &Command) -> Option<Tier> {
    Some(match command {
        Command::Start
        | Command::Help { .. }
        | Command::WhoAmI
        | Command::Misused { .. }
        | Command::NearMiss { .. }
        | Command::Totp { .. } => Tier::Open,
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
        | Command::Report { .. }
        | Command::Approve { .. }
        | Command::Deny { .. }
        | Command::Abort { .. }
        | Command::ShowNumber { .. }
        | Command::Preview { .. }
        | Command::AskAgain { .. }
        | Command::Drill { .. }
        | Command::Again { .. }
        | Command::TwoLevers { .. }
        | Command::AbortRun { .. }
        | Command::Step { .. }
        | Command::Export
        | Command::Audit { .. } => Tier::Reversible,
        // Only looks.
        Command::Pull(pull) if pull.verb == "rotate" && pull.words.trim().is_empty() => Tier::Read,
        Command::Pull(pull) => match pull.verb {
            "emergency_shutdown" | "restore" | "rollback" => Tier::Destructive,
            _ => Tier::Reversible,
        },
        Command::Setup(_)
        | Command::TotpReset { .. }
        | Command::Grant { .. }
        | Command::GrantAnswer { .. }
        | Command::Revoke { .. } => Tier::Trust,
        Command::Describe { .. }
        | Command::BotStanding { .. }
        | Command::Migrated { .. }
        | Command::Administrators { .. }
        | Command::AdministratorIs { .. }
        | Command::Joined { .. }
        | Command::CardPosted { .. }
        | Command::CardLost
        | Command::TopicMade { .. }
        | Command::TopicRefused { .. }
        | Command::StepsBegun { .. }
        | Command::StepOver { .. }
        | Command::RunResumed { .. }
        | Command::RunHeldUp { .. }
        | Command::RunOver { .. }
        | Command::RunWake { .. }
        | Command::StepNotifies { .. }
        | Command::ProgressPosted { .. }
        | Command::ProgressLost { .. }
        | Command::Rehearsed { .. }
        | Command::ChoicesFound(_)
        | Command::Preserved(_)
        | Command::HostLever { .. }
        | Command::HostImport { .. }
        | Command::Lapse { .. }
        | Command::RequestShown { .. }
        | Command::RequestDue { .. }
        | Command::LeaveUnclaimed
        | Command::TotpSays(_)
        | Command::StatusEverywhere { .. }
        | Command::TeamsOf { .. }
        | Command::FactorChanged { .. }
        | Command::FileSeen(_)
        | Command::SecretSeen(_) => return None,
    })
}

/// The tier of a command that was written wrongly, by its word: its usage is for those who may use it. `None`: no
/// such command, and nothing is shown of it.
pub fn tier_of_word(word: &str) -> Option<(&'static str, Tier)> {
    const WORDS: &[(Tier, &[&str])] = &[
        (Tier::Open, &["start", "help", "whoami", "totp"]),
        (
            Tier::Read,
            &[
                "status",
                "contacts",
                "plan",
                "procedures",
                "playbook",
                "timeline",
                "todos",
            ],
        ),
        (
            Tier::TakePart,
            &[
                "declare", "ack", "role", "severity", "done", "untick", "skip", "next", "back",
                "note", "set", "evidence", "todo",
            ],
        ),
        (
            Tier::Reversible,
            &[
                "contact", "cancel", "close", "reopen", "report", "export", "audit", "lockdown",
                "run", "rotate", "collect", "verify", "approve", "deny", "abort", "step", "drill",
            ],
        ),
        (
            Tier::Destructive,
            &["emergency_shutdown", "restore", "rollback"],
        ),
        (Tier::Trust, &["setup", "language", "grant", "revoke"]),
    ];
    WORDS.iter().find_map(|(tier, words)| {
        let found = words.iter().find(|it| **it == word)?;
        Some((*found, *tier))
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
    of_member(chat, actor.person.id)
}

/// What somebody may do in a chat, whether they speak or not: for the second look at a request.
pub fn standing(chat: &Chat, owners: &[Person], id: UserId) -> Permission {
    if owners.iter().any(|owner| owner.id == id) {
        return Permission::Owner;
    }
    if !chat.claimed || chat.gone.contains(&id) {
        return Permission::Stranger;
    }
    of_member(chat, id)
}

fn of_member(chat: &Chat, id: UserId) -> Permission {
    let granted = chat.grants.get(&id).map(|grant| grant.permission);
    let admin = chat.has_commanding_administrator(id);
    let member = chat.everybody_responds();
    granted
        .into_iter()
        .chain(admin.then_some(Permission::Commander))
        .chain(member.then_some(Permission::Responder))
        .max()
        .unwrap_or(Permission::Stranger)
}

/// Who could approve a request of this asker now. Owners count wherever they are: they can answer in private, too.
pub fn could_approve(
    chat: &Chat,
    owners: &[Person],
    asker: UserId,
    now: DateTime<Utc>,
) -> Vec<Person> {
    let granted = chat
        .grants
        .values()
        .filter(|it| it.permission >= Permission::Approver)
        .map(|it| &it.person)
        .filter(|it| owners.iter().all(|owner| owner.id != it.id));
    owners
        .iter()
        .chain(granted.filter(|it| !chat.gone.contains(&it.id)))
        .filter(|it| it.id != asker)
        .filter(|it| fresh_until(chat, it.id, asker, now).is_none())
        .cloned()
        .collect()
}

/// Until when this asker does not count as alone, because they removed somebody else who could approve only now, or nobody
/// can tell who did: nobody becomes alone by removing others. Whoever left by themselves, or was removed by somebody else,
/// holds nobody up.
pub fn not_alone_until(chat: &Chat, asker: UserId, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let others = chat.lost.iter().filter(|(id, _)| **id != asker);
    let removed = others.filter(|(_, lost)| lost.by.is_none_or(|by| by == asker));
    let until = removed.map(|(_, lost)| lost.at + Duration::hours(LOST_HOURS));
    until.max().filter(|until| now < *until)
}

/// Until when somebody may not approve for this asker, who granted them only now.
pub fn fresh_until(
    chat: &Chat,
    approver: UserId,
    asker: UserId,
    now: DateTime<Utc>,
) -> Option<DateTime<Utc>> {
    let grant = chat.grants.get(&approver)?;
    let until = grant.at + Duration::hours(FRESH_HOURS);
    (grant.by == Some(asker) && now < until).then_some(until)
}

/// The second factor of T3: whoever has one sends its code first. `demanded`: whoever has none gets one first.
///
/// # Errors
/// A refusal that says where the code goes.
pub fn second_factor(actor: &Actor, verb: &'static str, demanded: bool) -> Result<(), Refusal> {
    match actor.totp {
        TotpState::None if demanded => Err(Refusal::EnrolFirst { verb }),
        TotpState::None | TotpState::Passed => Ok(()),
        TotpState::Needed => Err(Refusal::CodeNeeded { verb }),
        TotpState::Locked(until) => Err(Refusal::Locked { verb, until }),
    }
}

/// Whether a command only stops something, or takes it back: that stays open whatever else is closed.
pub fn stops(command: &Command) -> bool {
    matches!(
        command,
        Command::Deny { .. }
            | Command::Abort { .. }
            | Command::AbortRun { .. }
            | Command::Step {
                choice: Choice::Undo,
                ..
            }
    )
}

/// Whether too many wrong codes keep a person from T2 and above. Stopping and breaking the glass stay open: the
/// rule of `now` looks for itself.
fn locked(actor: &Actor, command: &Command) -> Option<DateTime<Utc>> {
    let TotpState::Locked(until) = actor.totp else {
        return None;
    };
    let open = match command {
        _ if stops(command) => true,
        Command::Pull(pull) => pull.words.split_whitespace().any(|word| word == NOW),
        _ => tier(command).is_none_or(|tier| tier < Tier::Reversible),
    };
    (!open).then_some(until)
}

/// Whether a command came so late that nobody may still mean it: T2 and above only.
pub fn is_stale(
    command: &Command,
    sent_at: Option<DateTime<Utc>>,
    backlog: bool,
    pressed: bool,
    now: DateTime<Utc>,
) -> bool {
    // Stopping is never too late, looking does no harm.
    let looks = matches!(
        command,
        Command::ShowNumber { .. }
            | Command::Preview { .. }
            | Command::Drill { name: None }
            | Command::Setup(Setup::Show)
    );
    if stops(command) || looks || tier(command).is_none_or(|tier| tier < Tier::Reversible) {
        return false;
    }
    is_old(sent_at, backlog, pressed, now)
}

/// Whether something was written or pressed so long ago, or may have been.
pub fn is_old(
    sent_at: Option<DateTime<Utc>>,
    backlog: bool,
    pressed: bool,
    now: DateTime<Utc>,
) -> bool {
    if pressed {
        return backlog;
    }
    sent_at.is_some_and(|sent| now - sent > Duration::seconds(STALE_SECONDS))
}

/// Lets a command through, or says why not.
///
/// # Errors
/// A refusal for the person.
pub fn authorise(chat: &Chat, actor: &Actor, command: &Command) -> Result<Permission, Refusal> {
    let misused = match command {
        Command::Misused { verb } => tier_of_word(verb),
        _ => None,
    };
    let (verb, tier) = match misused {
        Some((verb, tier)) => (verb, Some(tier)),
        None => (command.verb(), tier(command)),
    };
    let has = permission(chat, actor);
    let Some(tier) = tier else {
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
    // In a public group even those who left still see the buttons.
    if !actor.owner && chat.gone.contains(&actor.person.id) {
        return Err(Refusal::LeftTheChat { verb });
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
    if let Some(until) = locked(actor, command) {
        return Err(Refusal::Locked { verb, until });
    }
    Ok(has)
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
