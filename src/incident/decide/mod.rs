//! `decide`: a command either becomes events and effects, or is refused.

mod afterwards;
mod again;
mod carry;
mod chat;
mod checklist;
mod declare;
mod draft;
mod drill;
mod ending;
mod facts;
mod find;
mod host;
mod leak;
mod levers;
mod notified;
mod observe;
mod people;
mod phases;
mod preserve;
mod read;
mod rehearse;
mod requests;
mod runs;
mod totp;
mod trust;
mod value;

use chrono::{DateTime, Utc};

use super::chat::{Chat, Plans};
use super::command::{Command, Origin, Request, Setup};
use super::effect::Effect;
use super::event::Event;
use super::host::HostSource;
use super::ids::IncidentId;
use super::people::{Actor, By, Permission, Person};
use super::policy;
use super::refusal::Refusal;
use super::saga;
use draft::Draft;

/// Who asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Author {
    /// A person: checked by [`policy`].
    Person(Actor),
    /// The bot itself: timers and what came back from Telegram.
    Bot,
    /// Somebody with access to the host, or with its admin token.
    Host(HostSource),
}

/// What `decide` may know besides the chat itself.
#[derive(Debug, Clone, Copy)]
pub struct Env<'a> {
    /// The time.
    pub now: DateTime<Utc>,
    /// The id that a declared incident gets.
    pub next_id: IncidentId,
    /// Installed and pinned plans.
    pub plans: &'a Plans,
    /// Languages that the bot speaks.
    pub languages: &'a [&'a str],
    /// Owners of the installation, as far as their names are known.
    pub owners: &'a [Person],
    /// Chance, drawn for this decision.
    pub dice: [u8; 32],
    /// The log was changed from outside: nothing that was asked for before is begun by itself.
    pub log_changed: bool,
    /// What runs of other chats hold. None: nobody knows.
    pub elsewhere: Option<&'a saga::Elsewhere>,
}

/// What happened, and what must be done about it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Decision {
    /// In order, each with its author.
    pub events: Vec<(By, Event)>,
    /// In order.
    pub effects: Vec<Effect>,
}

/// A command on its way through the rules.
struct Case<'a> {
    chat: &'a Chat,
    env: Env<'a>,
    author: &'a Author,
    /// What the author may do; the bot may all.
    has: Permission,
    origin: &'a Origin,
    named: Option<IncidentId>,
    verb: &'static str,
    /// It came so late that it is not carried out as it stands.
    late: bool,
    /// It came late, whatever it is.
    old: bool,
}

/// Decides a request. Pure.
///
/// # Errors
/// A [`Refusal`] for the person: nothing happened.
pub fn decide(
    chat: &Chat,
    request: &Request,
    author: &Author,
    env: Env<'_>,
) -> Result<Decision, Refusal> {
    let has = match author {
        Author::Person(actor) => policy::authorise(chat, actor, &request.command)?,
        Author::Bot => Permission::Owner,
        Author::Host(_) => policy::authorise_host(chat, &request.command)?,
    };
    let origin = &request.origin;
    let pressed = origin.press.is_some();
    let late = matches!(author, Author::Person(_))
        && policy::is_stale(
            &request.command,
            origin.sent_at,
            origin.backlog,
            pressed,
            env.now,
        );
    let case = Case {
        chat,
        env,
        author,
        has,
        origin: &request.origin,
        named: request.incident,
        verb: request.command.verb(),
        late,
        old: policy::is_old(origin.sent_at, origin.backlog, pressed, env.now),
    };
    if late {
        return too_late(&case, &request.command).map(Draft::finish);
    }
    let draft = route(&case, &request.command)?;
    Ok(notified::followed(&case, draft).finish())
}

/// Nothing is done that may not be meant any more: a lever gets a fresh button, a press only draws its message anew.
fn too_late(case: &Case<'_>, command: &Command) -> Result<Draft, Refusal> {
    match command {
        Command::Pull(pull) => levers::pull(case, pull),
        Command::Approve { request, .. } | Command::AskAgain { request, .. }
            if case.origin.press.is_some() =>
        {
            Ok(requests::refreshed(case, *request))
        }
        // Asking for a change of trust changes nothing yet; making one does.
        Command::Grant { .. } | Command::Revoke { .. } | Command::Setup(Setup::Plan(_)) => {
            let draft = route(case, command)?;
            if draft.changes_settings() {
                return again::offer(case, command);
            }
            Ok(draft)
        }
        _ => again::offer(case, command),
    }
}

fn route(case: &Case<'_>, command: &Command) -> Result<Draft, Refusal> {
    match command {
        Command::Start => chat::start(case),
        Command::Help { about } => Ok(read::help(case, about.as_deref())),
        Command::Misused { verb } => Ok(read::misused(case, verb)),
        Command::NearMiss { word, meant } => Ok(case.answer(super::Said::DidYouMean {
            word: word.clone(),
            meant: meant.clone(),
        })),
        Command::WhoAmI => Ok(read::whoami(case)),
        Command::Status(of) => read::status(case, *of),
        Command::StatusEverywhere { open, unread } => {
            Ok(case.answer(super::Said::StatusEverywhere {
                open: open.clone(),
                unread: *unread,
            }))
        }
        Command::TeamsOf {
            person,
            verb,
            teams,
        } => Ok(case.answer(super::Said::TeamsOf {
            person: person.clone(),
            verb: *verb,
            teams: teams.clone(),
        })),
        Command::Contacts => Ok(case.answer(super::Said::Contacts)),
        Command::Plan => Ok(case.answer(super::Said::Plan)),
        Command::Procedures => Ok(case.answer(super::Said::Procedures {
            permission: case.has,
        })),
        Command::Playbook(name) => read::playbook(case, name.as_deref()),
        Command::Timeline => read::timeline(case),
        Command::Todos => read::follow_ups(case),
        Command::Declare { text } => declare::declare(case, text),
        Command::DeclareAnswer { ask, separate } => declare::answer(case, *ask, *separate),
        Command::Ack => people::acknowledge(case),
        Command::Role { role, whom } => people::assign(case, role, whom),
        Command::Severity { code, why } => phases::severity(case, code, why.as_deref()),
        Command::Done(items) => checklist::done(case, items),
        Command::Untick(item) => checklist::untick(case, item),
        Command::Skip { item, why } => checklist::skip(case, item, why),
        Command::Next { force, from } => phases::next(case, force.as_deref(), from.as_deref()),
        Command::Back { why } => phases::back(case, why),
        Command::Note { text } => facts::note(case, text),
        Command::Set { field, value } => facts::set(case, field, value),
        Command::Evidence { about, own } => preserve::keep(case, about, own.as_ref()),
        Command::Export => preserve::export(case),
        Command::Preserved(news) => preserve::news(case, news),
        Command::Todo { text, owner, due } => afterwards::add(case, text, owner.as_ref(), *due),
        Command::TodoDone { number } => afterwards::done(case, *number),
        Command::TodoAssign { number, owner, due } => {
            afterwards::assign(case, *number, owner, *due)
        }
        Command::Totp { .. } => totp::elsewhere(case),
        Command::Audit { count } => Ok(case.answer(super::Said::Audit {
            count: count.unwrap_or(read::AUDITED).clamp(1, super::AUDIT_MAX),
        })),
        Command::Report { format } => afterwards::report(case, format),
        Command::Contact {
            contact,
            whom,
            backup,
        } => people::bind_contact(case, contact, whom, backup.as_ref()),
        Command::Cancel { kind, why } => ending::cancel(case, *kind, why),
        Command::Drill { name } => drill::drill(case, name.as_deref()),
        Command::Again { ask, yes } => again::answer(case, *ask, *yes),
        Command::Close { force } => ending::close(case, force.as_deref()),
        Command::Reopen { why } => ending::reopen(case, why),
        Command::AbortRun { run, why } => runs::abort(case, *run, why),
        Command::Step { run, step, choice } => runs::choose(case, *run, step.as_ref(), *choice),
        Command::Setup(setup) => chat::setup(case, setup),
        Command::Grant { permission, whom } => people::grant(case, *permission, whom),
        Command::GrantAnswer { ask, yes } => people::grant_answer(case, *ask, *yes),
        Command::Revoke { whom } => people::revoke(case, whom),
        Command::TotpReset { whom } => trust::reset_totp(case, whom),
        Command::Pull(pull) => levers::pull(case, pull),
        Command::TwoLevers { verb } => Err(Refusal::TwoLevers { verb }),
        Command::Approve {
            request,
            words,
            nonce,
        } => requests::approve(case, *request, words, nonce.as_deref()),
        Command::Deny { request, nonce } => requests::deny(case, *request, nonce.as_deref()),
        Command::Abort { request, nonce } => requests::abort(case, *request, nonce.as_deref()),
        Command::ShowNumber { request, nonce } => requests::show_number(case, *request, nonce),
        Command::Preview { request, nonce } => rehearse::preview(case, *request, nonce),
        Command::AskAgain { request, nonce } => requests::ask_again(case, *request, nonce),
        Command::RequestShown {
            request,
            message_id,
        } => Ok(requests::shown(case, *request, *message_id)),
        Command::RequestDue { request } => Ok(requests::due(case, *request)),
        Command::Rehearsed { lever, steps } => Ok(rehearse::played(case, lever, steps)),
        Command::ChoicesFound(found) => Ok(levers::found(case, found)),
        Command::HostLever { procedure, why } => host::pull(case, procedure, why),
        Command::HostImport { run } => host::import(case, run),
        observed => observe::observe(case, observed),
    }
}
