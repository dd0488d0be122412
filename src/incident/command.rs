//! What somebody wants: one domain command, whatever door it came through.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::event::{ChatKind, Quoted, Standing};
use super::host::HostRun;
use super::ids::{IncidentId, UserId};
use super::people::{Actor, Permission, Person};

/// A command with the things around it.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// What is wanted.
    pub command: Command,
    /// The incident that it names, if any.
    pub incident: Option<IncidentId>,
    /// Where it was written.
    pub origin: Origin,
}

/// Where a command was written, for finding its incident and answering there.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Origin {
    /// The message that carries the command, or whose button was pressed.
    pub message_id: Option<i64>,
    /// The forum topic that it stands in.
    pub thread_id: Option<i64>,
    /// The message that it replies to.
    pub reply: Option<Quoted>,
    /// The press that it came by.
    pub press: Option<String>,
}

/// A checklist item as people and buttons name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemRef {
    /// The running number shown on the card.
    Number(u32),
    /// The item's id, as a button carries it.
    Id(String),
}

/// Somebody named in a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whom {
    /// The one who writes.
    Myself,
    /// Known without doubt: a reply, a text mention, an id that was seen.
    Known(Person),
    /// Found by `@name`: names change hands, so trust asks first.
    ByName(Person),
    /// Nobody of that name was seen yet.
    Unknown(String),
}

/// How `/cancel` calls an incident off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelAs {
    /// Nothing had happened.
    FalseAlarm,
    /// Handled under another id.
    DuplicateOf(IncidentId),
}

/// One step of the setup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setup {
    /// `/setup`: show what is set and what can be.
    Show,
    /// `/setup plan jarvis`
    Plan(String),
    /// `/setup language ru`
    Language(String),
    /// `/setup timezone Europe/Berlin`
    Timezone(String),
    /// `/setup admins on`
    Admins(bool),
    /// `/setup responders granted`
    Responders { everybody: bool },
    /// `/setup home`
    Home,
}

/// What to show of several incidents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusOf {
    /// The current one, or the list.
    Current,
    /// Every open one.
    All,
}

/// Everything that can be asked of the house.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    // Open to everybody.
    /// `/start`; in a group an owner claims it so.
    Start,
    /// `/help`
    Help,
    /// `/whoami`
    WhoAmI,

    // T0: read.
    /// `/status [all|ID]`
    Status(StatusOf),
    /// `/contacts`
    Contacts,
    /// `/plan`
    Plan,
    /// `/procedures`
    Procedures,
    /// `/playbook [name]`
    Playbook(Option<String>),
    /// `/timeline`
    Timeline,
    /// `/todos`
    Todos,

    // T1: take part.
    /// `/declare [severity] <title>`: the first word is a severity where the plan has such a code.
    Declare { text: String },
    /// The answer to "same incident or separate?".
    DeclareAnswer { ask: Option<u32>, separate: bool },
    /// `/ack`, 👀 on the card.
    Ack,
    /// `/role <role> [@user]`
    Role { role: String, whom: Whom },
    /// `/severity <code> [why]`
    Severity { code: String, why: Option<String> },
    /// `/done <n>…`
    Done(Vec<ItemRef>),
    /// `/untick <n>`
    Untick(ItemRef),
    /// `/skip <n> <why>`
    Skip { item: ItemRef, why: String },
    /// `/next`, or `/next force <why>`
    Next {
        force: Option<String>,
        from: Option<String>,
    },
    /// `/back <why>`
    Back { why: String },
    /// `/note <text>`
    Note { text: String },
    /// `/set <field> <value>`; without a value shows the fields.
    Set { field: String, value: String },
    /// `/evidence` as a reply or a caption.
    Evidence { about: String, own: Option<Quoted> },
    /// `/todo <text> [@user] [due]`
    Todo {
        text: String,
        owner: Option<Whom>,
        due: Option<NaiveDate>,
    },
    /// `/todo done <n>`
    TodoDone { number: u32 },
    /// `/todo <n> @user [due]`: give an existing one to somebody.
    TodoAssign {
        number: u32,
        owner: Whom,
        due: Option<NaiveDate>,
    },

    // T2.
    /// `/contact <role> @user [backup @user]`
    Contact {
        contact: String,
        whom: Whom,
        backup: Option<Whom>,
    },
    /// `/cancel false_alarm|duplicate [ID] <why>`
    Cancel { kind: CancelAs, why: String },
    /// `/close`, or `/close force <why>`
    Close { force: Option<String> },
    /// `/reopen <why>`
    Reopen { why: String },
    /// `/report [ID] md`
    Report { format: String },

    // Owners.
    /// `/setup …`
    Setup(Setup),
    /// `/grant <permission>`
    Grant { permission: Permission, whom: Whom },
    /// The answer to "is this the right person?".
    GrantAnswer { ask: Option<u32>, yes: bool },
    /// `/revoke`
    Revoke { whom: Whom },

    /// A command that was written wrongly: how it is used.
    Misused { verb: String },

    // What the bot itself observes.
    /// Title, kind and forum flag of the chat, as last seen.
    Describe {
        title: String,
        kind: ChatKind,
        forum: bool,
        public: bool,
    },
    /// The bot was added, promoted, demoted, muted or removed.
    BotStanding {
        standing: Standing,
        by: Option<Actor>,
    },
    /// Telegram gave the chat a new id.
    Migrated { from: i64, to: i64 },
    /// Telegram's list of administrators.
    Administrators { ids: BTreeSet<UserId> },
    /// Somebody became an administrator of the chat, or is none any more.
    AdministratorIs { user: UserId, yes: bool },
    /// The first card of an incident stands in the chat.
    CardPosted {
        message_id: i64,
        thread_id: Option<i64>,
    },
    /// Somebody deleted the card.
    CardLost,
    /// The incident's topic exists.
    TopicMade { thread_id: i64 },
    /// No topic could be made.
    TopicRefused { why: String },
    /// A fail-safe procedure, asked for past Telegram.
    HostLever { procedure: String, why: String },
    /// A run that the journal kept while the ledger could not be written.
    HostImport { run: HostRun },
    /// A question has waited long enough.
    Lapse { ask: u32 },
    /// An hour has passed since the bot was put into a group that nobody claimed.
    LeaveUnclaimed,
}

impl Command {
    /// The word that a refusal and the audit use for it.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Help | Self::Misused { .. } => "help",
            Self::WhoAmI => "whoami",
            Self::Status(_) => "status",
            Self::Contacts => "contacts",
            Self::Plan => "plan",
            Self::Procedures => "procedures",
            Self::Playbook(_) => "playbook",
            Self::Timeline => "timeline",
            Self::Todos => "todos",
            Self::Declare { .. } | Self::DeclareAnswer { .. } => "declare",
            Self::Ack => "ack",
            Self::Role { .. } => "role",
            Self::Severity { .. } => "severity",
            Self::Done(_) => "done",
            Self::Untick(_) => "untick",
            Self::Skip { .. } => "skip",
            Self::Next { .. } => "next",
            Self::Back { .. } => "back",
            Self::Note { .. } => "note",
            Self::Set { .. } => "set",
            Self::Evidence { .. } => "evidence",
            Self::Todo { .. } | Self::TodoDone { .. } | Self::TodoAssign { .. } => "todo",
            Self::Contact { .. } => "contact",
            Self::Cancel { .. } => "cancel",
            Self::Close { .. } => "close",
            Self::Reopen { .. } => "reopen",
            Self::Report { .. } => "report",
            Self::Setup(Setup::Language(_)) => "language",
            Self::Setup(_) => "setup",
            Self::Grant { .. } | Self::GrantAnswer { .. } => "grant",
            Self::Revoke { .. } => "revoke",
            Self::Describe { .. } => "describe",
            Self::BotStanding { .. } => "standing",
            Self::Migrated { .. } => "migrate",
            Self::Administrators { .. } | Self::AdministratorIs { .. } => "administrators",
            Self::CardPosted { .. } | Self::CardLost => "card",
            Self::TopicMade { .. } | Self::TopicRefused { .. } => "topic",
            Self::HostLever { .. } => "shutdown",
            Self::HostImport { .. } => "import",
            Self::Lapse { .. } => "lapse",
            Self::LeaveUnclaimed => "leave",
        }
    }
}
