//! Typed commands, mapped to the domain's. Nothing is decided here: only read.
//!
//! teloxide's `BotCommands` knows the names; its parser splits at one literal blank only, so the
//! text is split at the first white space before it gets there.

mod arguments;
mod chat;
mod levers;
mod quotes;
#[cfg(test)]
mod tests;
mod work;

use teloxide::utils::command::BotCommands;

use self::arguments::Arguments;
use self::quotes::own_file;
pub use self::quotes::{person, quoted};
use self::work::{cancel, forced, items, role, set, severity, skip, step, todo, untick};
use super::incoming::{MessageIn, Typed};
use crate::incident::{Command, IncidentId, Person, Setup, StatusOf, UserId, Whom};

/// The commands that this version knows. A command that a later version brings is not listed.
#[derive(Clone, Debug, PartialEq, Eq, BotCommands)]
#[command(rename_rule = "snake_case")]
#[expect(
    missing_docs,
    reason = "the names are the commands; messages/ describes them"
)]
pub enum Name {
    Start(String),
    Help(String),
    Whoami(String),
    Status(String),
    Contacts(String),
    Plan(String),
    Playbook(String),
    Procedures(String),
    Declare(String),
    Ack(String),
    Role(String),
    Severity(String),
    Done(String),
    Untick(String),
    Skip(String),
    Next(String),
    Back(String),
    Note(String),
    Timeline(String),
    Set(String),
    Todo(String),
    Todos(String),
    Evidence(String),
    Contact(String),
    Setup(String),
    Language(String),
    Grant(String),
    Revoke(String),
    Cancel(String),
    Close(String),
    Reopen(String),
    Report(String),
    EmergencyShutdown(String),
    Lockdown(String),
    Restore(String),
    Rollback(String),
    Run(String),
    Rotate(String),
    Collect(String),
    Verify(String),
    Drill(String),
    Approve(String),
    Deny(String),
    Abort(String),
    Step(String),
    Export(String),
    Audit(String),
    Totp(String),
}

/// How people are found by what was typed.
pub trait Directory {
    /// By `name` of `@name`, letter case aside.
    fn by_username(&self, username: &str) -> Option<Person>;
    /// By numeric id.
    fn by_id(&self, id: UserId) -> Option<Person>;
}

/// A command as it was read: what is wanted, and the incident that it names.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// What is wanted.
    pub command: Command,
    /// The id that it starts with.
    pub incident: Option<IncidentId>,
}

/// Reads the command that a message begins with. `None`: it is none of ours.
pub fn read(message: &MessageIn, bot: &str, people: &dyn Directory) -> Option<Read> {
    let typed = message.command()?;
    let name = name_of(&typed, bot)?;
    let mut arguments = Arguments::new(message, typed.rest, people);
    if takes_an_id(&name) {
        arguments.take_incident();
        if arguments.begins_like_an_id() && !takes_free_text(&name) {
            let command = Command::Misused {
                verb: typed.name.to_lowercase(),
            };
            return Some(Read {
                command,
                incident: None,
            });
        }
    }
    let command = to_domain(&name, &mut arguments);
    Some(Read {
        command,
        incident: arguments.named(),
    })
}

/// Whether what was typed is a command of this bot.
pub fn is_ours(typed: &Typed<'_>, bot: &str) -> bool {
    name_of(typed, bot).is_some()
}

/// The command that a word misses by one slip: a letter too many, too few, wrong, or two the wrong way round. The first
/// letter has to be right, so that other bots' commands are rarely taken for slips.
pub fn nearest(word: &str) -> Option<String> {
    let known = Name::bot_commands();
    let mut names = known.iter().map(|it| it.command.trim_start_matches('/'));
    names.find(|name| one_slip(word, name)).map(str::to_owned)
}

fn one_slip(word: &str, name: &str) -> bool {
    let (mut word, mut name): (Vec<char>, Vec<char>) =
        (word.chars().collect(), name.chars().collect());
    if word.len() < 3 || word[0] != name[0] {
        return false;
    }
    let same = word.iter().zip(&name).take_while(|(a, b)| a == b).count();
    let (word, name) = (word.split_off(same), name.split_off(same));
    match (word.as_slice(), name.as_slice()) {
        ([a, b, word @ ..], [c, d, name @ ..]) if (a, b) == (d, c) && word == name => true,
        ([_, word @ ..], name) if word == name => true,
        (word, [_, name @ ..]) if word == name => true,
        ([_, word @ ..], [_, name @ ..]) => word == name,
        _ => false,
    }
}

fn name_of(typed: &Typed<'_>, bot: &str) -> Option<Name> {
    let other = |name: &str| !name.eq_ignore_ascii_case(bot);
    if typed.bot.is_some_and(other) {
        return None;
    }
    let line = format!("/{} {}", typed.name.to_lowercase(), typed.rest);
    Name::parse(&line, bot).ok()
}

/// Commands that are not about an incident: an id in front of them belongs to their text.
fn takes_an_id(name: &Name) -> bool {
    !matches!(
        name,
        Name::Start(_)
            | Name::Help(_)
            | Name::Whoami(_)
            | Name::Declare(_)
            | Name::Contact(_)
            | Name::Setup(_)
            | Name::Language(_)
            | Name::Audit(_)
            | Name::Drill(_)
            | Name::Totp(_)
            | Name::Grant(_)
            | Name::Revoke(_)
    )
}

/// Commands whose text may begin with anything.
fn takes_free_text(name: &Name) -> bool {
    matches!(name, Name::Note(_) | Name::Evidence(_) | Name::Todo(_))
}

fn to_domain(name: &Name, arguments: &mut Arguments<'_>) -> Command {
    match name {
        Name::Start(_) => Command::Start,
        Name::Help(_) => help(arguments),
        Name::Whoami(_) => Command::WhoAmI,
        Name::Status(_) if arguments.rest().eq_ignore_ascii_case("all") => {
            Command::Status(StatusOf::All)
        }
        Name::Status(_) => Command::Status(StatusOf::Current),
        Name::Contacts(_) => Command::Contacts,
        Name::Plan(_) => Command::Plan,
        Name::Playbook(_) => Command::Playbook(Some(arguments.text()).filter(|it| !it.is_empty())),
        Name::Procedures(_) => Command::Procedures,
        Name::Declare(_) => declare(arguments),
        Name::Ack(_) => Command::Ack,
        Name::Role(_) => role(arguments),
        Name::Severity(_) => severity(arguments),
        Name::Done(_) => items(arguments).map_or_else(misused("done"), Command::Done),
        Name::Untick(_) => untick(arguments),
        Name::Skip(_) => skip(arguments),
        Name::Next(_) => forced(arguments).map_or_else(
            |()| misused("next")(),
            |force| Command::Next { force, from: None },
        ),
        Name::Back(_) => Command::Back {
            why: arguments.text(),
        },
        Name::Note(_) => Command::Note {
            text: arguments.text(),
        },
        Name::Timeline(_) => Command::Timeline,
        Name::Set(_) => set(arguments),
        Name::Todo(_) => todo(arguments),
        Name::Todos(_) => Command::Todos,
        Name::Evidence(_) => Command::Evidence {
            about: arguments.text(),
            own: own_file(arguments.message()),
        },
        Name::Contact(_) => chat::contact(arguments),
        Name::Setup(_) => chat::setup(arguments),
        Name::Language(_) if arguments.rest().is_empty() => Command::Setup(Setup::Show),
        Name::Language(_) => Command::Setup(Setup::Language(arguments.text())),
        Name::Grant(_) => chat::grant(arguments),
        Name::Revoke(_) => Command::Revoke {
            whom: arguments.person().unwrap_or(Whom::Myself),
        },
        Name::Cancel(_) => cancel(arguments),
        Name::Close(_) => {
            forced(arguments).map_or_else(|()| misused("close")(), |force| Command::Close { force })
        }
        Name::Reopen(_) => Command::Reopen {
            why: arguments.text(),
        },
        Name::Report(_) => Command::Report {
            format: arguments.text(),
        },
        Name::EmergencyShutdown(_) => levers::pull("emergency_shutdown", arguments),
        Name::Lockdown(_) => levers::pull("lockdown", arguments),
        Name::Restore(_) => levers::pull("restore", arguments),
        Name::Rollback(_) => levers::pull("rollback", arguments),
        Name::Run(_) => levers::pull("run", arguments),
        Name::Rotate(_) => levers::pull("rotate", arguments),
        Name::Collect(_) => levers::pull("collect", arguments),
        Name::Verify(_) => levers::pull("verify", arguments),
        Name::Drill(_) => Command::Drill {
            name: Some(arguments.text()).filter(|it| !it.is_empty()),
        },
        Name::Approve(_) => levers::approve(arguments),
        Name::Deny(_) => levers::deny(arguments),
        Name::Abort(_) => levers::abort(arguments),
        Name::Step(_) => step(arguments),
        Name::Export(_) => Command::Export,
        Name::Totp(_) if arguments.peek().eq_ignore_ascii_case("reset") => {
            arguments.word();
            Command::TotpReset {
                whom: arguments.person().unwrap_or(Whom::Myself),
            }
        }
        Name::Totp(_) => Command::Totp {
            code: Some(arguments.text()).filter(|it| !it.is_empty()),
        },
        Name::Audit(_) if arguments.rest().is_empty() => Command::Audit { count: None },
        Name::Audit(_) => arguments.rest().parse().map_or_else(
            |_| misused("audit")(),
            |count| Command::Audit { count: Some(count) },
        ),
    }
}

fn misused(verb: &str) -> impl FnOnce() -> Command {
    let verb = verb.to_owned();
    move || Command::Misused { verb }
}

fn help(arguments: &Arguments<'_>) -> Command {
    let about = arguments.rest().trim_start_matches('/').to_lowercase();
    Command::Help {
        about: Some(about).filter(|about| !about.is_empty()),
    }
}

fn declare(arguments: &Arguments<'_>) -> Command {
    match arguments.rest().to_lowercase().as_str() {
        "same" => Command::DeclareAnswer {
            ask: None,
            separate: false,
        },
        "separate" => Command::DeclareAnswer {
            ask: None,
            separate: true,
        },
        _ => Command::Declare {
            text: arguments.text(),
        },
    }
}
