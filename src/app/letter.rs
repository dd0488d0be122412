//! What comes in at the door, and what became of it.

use crate::incident::{Actor, Author, ChatKind, IncidentId, Origin, Person, Request};

/// One thing that came in.
#[derive(Debug, Clone, PartialEq)]
pub struct Letter {
    /// Telegram's number of the update, for recognising a repeat.
    pub update_id: Option<i64>,
    /// The timer that is spent by this letter.
    pub timer: Option<String>,
    /// The chat, as this update shows it.
    pub chat: Option<ChatSeen>,
    /// The person, as this update shows them.
    pub person: Option<PersonSeen>,
    /// What is wanted.
    pub wanted: Wanted,
}

/// What a letter wants.
#[derive(Debug, Clone, PartialEq)]
pub enum Wanted {
    /// A command.
    Command(Box<(Author, Request)>),
    /// Secrets were taken out of a message, which may also be a command.
    Leak {
        /// The command, without the secrets.
        command: Option<Box<(Author, Request)>>,
        /// What was taken out.
        leak: Box<Request>,
    },
    /// A press whose data is not ours, or not of this version.
    UnknownPress {
        /// Telegram's id of the press.
        press: String,
    },
    /// Somebody made a command of a message by editing it: that never acts.
    EditedCommand(Box<(Actor, Origin)>),
    /// A hidden or unreadable voice: nothing but having been seen.
    Nothing,
}

/// A chat, as an update shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatSeen {
    /// Its title.
    pub title: String,
    /// Its kind.
    pub kind: ChatKind,
    /// It has topics.
    pub forum: bool,
    /// It has a public name.
    pub public: bool,
}

/// A person, as an update shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonSeen {
    /// Who.
    pub person: Person,
    /// The language of their client.
    pub language: Option<String>,
    /// They left the chat.
    pub left: bool,
}

/// What became of a chat's letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Updates that failed by themselves, with the reason.
    pub broken: Vec<(i64, String)>,
    /// The ledger takes nothing at present: give all of them again.
    pub unavailable: Option<String>,
    /// Runs that were started.
    pub started: Vec<(IncidentId, u32)>,
    /// Why what came past Telegram was refused: its answer goes no other way.
    pub refused: Vec<String>,
}

impl Wanted {
    /// The command, if there is one.
    pub fn command(&self) -> Option<&(Author, Request)> {
        match self {
            Self::Command(command) => Some(command),
            Self::Leak { command, .. } => command.as_deref(),
            Self::UnknownPress { .. } | Self::EditedCommand(_) | Self::Nothing => None,
        }
    }
}

impl Letter {
    /// A letter of the bot to itself.
    pub fn own(request: Request) -> Self {
        Self {
            update_id: None,
            timer: None,
            chat: None,
            person: None,
            wanted: Wanted::Command(Box::new((Author::Bot, request))),
        }
    }
}
