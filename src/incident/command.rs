//! What somebody wants: one domain command, whatever door it came through.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};

use super::event::{ChatKind, Quoted, Standing};
use super::factor::FactorChange;
use super::host::HostRun;
use super::ids::{IncidentId, UserId};
use super::lever::{Lever, StepKey};
use super::people::{Actor, Permission, Person};
use super::saga::{Choice, Hindrance, StepReport};

mod parts;

pub use parts::{
    CancelAs, Export, FileIn, Found, ItemRef, LeakIn, Offer, OpenElsewhere, Played, Preserved,
    Pull, SecretIn, Setup, StatusOf, StepRef, TotpSaid, Whom,
};

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
    /// When it was written, by Telegram's own clock. A press has no date.
    pub sent_at: Option<DateTime<Utc>>,
    /// It may have waited: it was fetched before the first empty poll after a start or a gap.
    pub backlog: bool,
}

/// Everything that can be asked of the house.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    // Open to everybody.
    /// `/start`; in a group an owner claims it so.
    Start,
    /// `/help [command]`
    Help { about: Option<String> },
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
    /// `/audit [n]`: the last entries; none where the number makes no sense.
    Audit { count: Option<usize> },
    /// `/report [ID] md`
    Report { format: String },
    /// `/drill [scenario]`: a rehearsal begins; without a name the plan's drills are shown.
    Drill { name: Option<String> },
    /// The answer to "it came late: is it still meant?"
    Again { ask: u32, yes: bool },
    /// `/export [ID]`: a ZIP of everything, to be verified by others.
    Export,

    // Levers: T2 and T3.
    /// `/emergency_shutdown` `/lockdown` `/restore` `/rollback` `/run` `/rotate` `/collect` `/verify`
    Pull(Pull),
    /// Another lever stands in the same message: one at a time.
    TwoLevers { verb: &'static str },
    /// `/approve R7 42`; the asker confirms with it, or types the name where they are alone.
    Approve {
        request: u32,
        words: String,
        nonce: Option<String>,
    },
    /// `/deny R7`
    Deny { request: u32, nonce: Option<String> },
    /// `/abort R7`
    Abort { request: u32, nonce: Option<String> },
    /// The asker's look at the number.
    ShowNumber { request: u32, nonce: String },
    /// A dry run of what a request asks for.
    Preview { request: u32, nonce: String },
    /// The same once more, after it lapsed.
    AskAgain { request: u32, nonce: String },
    /// `/abort <run> [why]`; without a number the only one under way.
    AbortRun { run: Option<u32>, why: String },
    /// `/step <run> [step] done|retry|skip|undo`; without numbers the only one that waits.
    Step {
        run: Option<u32>,
        step: Option<StepRef>,
        choice: Choice,
    },

    // Owners.
    /// `/setup …`
    Setup(Setup),
    /// `/grant <permission>`
    Grant { permission: Permission, whom: Whom },
    /// The answer to "is this the right person?".
    GrantAnswer { ask: Option<u32>, yes: bool },
    /// `/revoke`
    Revoke { whom: Whom },

    /// `/totp reset`: somebody's second factor is taken away.
    TotpReset { whom: Whom },
    /// `/totp [code]`: the house answers it before it comes here, with [`Command::TotpSays`].
    Totp { code: Option<String> },

    /// A command that was written wrongly: how it is used.
    Misused { verb: String },
    /// A word that is nearly one of ours, in a group where other bots may have commands, too.
    NearMiss { word: String, meant: String },

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
    /// Somebody became an administrator of the chat, or is none any more; or they left it.
    AdministratorIs {
        user: UserId,
        yes: bool,
        left: bool,
        /// Who did it. None: an anonymous administrator or another bot, behind which may be anybody.
        by: Option<UserId>,
    },
    /// People came into the chat, perhaps back.
    Joined { users: BTreeSet<UserId> },
    /// The message that shows a request stands in the chat.
    RequestShown { request: u32, message_id: i64 },
    /// A request has waited long enough, or its countdown ended.
    RequestDue { request: u32 },
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
    /// Steps of a run are about to be executed.
    StepsBegun { run: u32, steps: Vec<StepKey> },
    /// A step has ended.
    StepOver {
        run: u32,
        step: StepKey,
        attempt: u32,
        report: StepReport,
    },
    /// The bot takes up a run again after a restart: what was under way was cut off.
    RunResumed { run: u32 },
    /// A run that somebody lets go on waits for another one, on a target of both.
    RunHeldUp { run: u32, hindrance: Hindrance },
    /// A run is over; with a hindrance where it may not begin or go on.
    RunOver {
        run: u32,
        hindrance: Option<Hindrance>,
    },
    /// A step of a run would take itself back now.
    RunWake { run: u32 },
    /// A step tells the team something, the plan's template, and with that it has ended.
    StepNotifies {
        run: u32,
        step: StepKey,
        attempt: u32,
        template: String,
    },
    /// The message that shows how a run goes stands in the chat.
    ProgressPosted {
        run: u32,
        message_id: i64,
        /// The message that asks people what to do about it, not the one that shows how it goes.
        question: bool,
    },
    /// Somebody deleted it.
    ProgressLost { run: u32 },
    /// A dry run is through.
    Rehearsed { lever: Lever, steps: Vec<Played> },
    /// What can be chosen for a parameter was looked up.
    ChoicesFound(Found),
    /// What became of evidence.
    Preserved(Preserved),
    /// A fail-safe procedure, asked for past Telegram.
    HostLever { procedure: String, why: String },
    /// A run that the journal kept while the ledger could not be written.
    HostImport { run: HostRun },
    /// A question has waited long enough.
    Lapse { ask: u32 },
    /// An hour has passed since the bot was put into a group that nobody claimed.
    LeaveUnclaimed,
    /// What is open in all chats, for an owner who asks in private; `unread` chats could not be looked into.
    StatusEverywhere {
        open: Vec<OpenElsewhere>,
        unread: usize,
    },
    /// Somebody of a team wrote in private: the groups that they belong to, and what they may do there. `verb` is what
    /// they wanted, where that belongs into a group.
    TeamsOf {
        person: Person,
        verb: Option<&'static str>,
        teams: Vec<(String, Permission)>,
    },
    /// What became of somebody's `/totp`.
    TotpSays(TotpSaid),
    /// What happened to somebody's second factor goes on record.
    FactorChanged {
        person: Person,
        change: FactorChange,
    },
    /// Somebody sent a small text file: it may hold secrets.
    FileSeen(FileIn),
    /// Somebody's message held secrets. What they were is all that is known of them.
    SecretSeen(LeakIn),
}

impl Command {
    /// The word that a refusal and the audit use for it.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Help { .. } | Self::Misused { .. } | Self::NearMiss { .. } => "help",
            Self::WhoAmI | Self::TeamsOf { .. } => "whoami",
            Self::Status(_) | Self::StatusEverywhere { .. } => "status",
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
            Self::Evidence { .. } | Self::Preserved(_) => "evidence",
            Self::Todo { .. } | Self::TodoDone { .. } | Self::TodoAssign { .. } => "todo",
            Self::Contact { .. } => "contact",
            Self::Cancel { .. } => "cancel",
            Self::Close { .. } => "close",
            Self::Reopen { .. } => "reopen",
            Self::Report { .. } => "report",
            Self::Pull(pull) => pull.verb,
            Self::TwoLevers { verb } => verb,
            Self::Drill { .. } => "drill",
            Self::Approve { .. }
            | Self::Again { .. }
            | Self::ShowNumber { .. }
            | Self::Preview { .. }
            | Self::AskAgain { .. } => "approve",
            Self::Deny { .. } => "deny",
            Self::Abort { .. } | Self::AbortRun { .. } => "abort",
            Self::RequestShown { .. } | Self::RequestDue { .. } => "request",
            Self::Export => "export",
            Self::Audit { .. } => "audit",
            Self::Setup(Setup::Language(_)) => "language",
            Self::Setup(_) => "setup",
            Self::Grant { .. } | Self::GrantAnswer { .. } => "grant",
            Self::Revoke { .. } => "revoke",
            Self::Describe { .. } => "describe",
            Self::BotStanding { .. } => "standing",
            Self::Migrated { .. } => "migrate",
            Self::Administrators { .. } | Self::AdministratorIs { .. } | Self::Joined { .. } => {
                "administrators"
            }
            Self::CardPosted { .. } | Self::CardLost => "card",
            Self::TopicMade { .. } | Self::TopicRefused { .. } => "topic",
            Self::Step { .. } => "step",
            Self::StepsBegun { .. }
            | Self::StepOver { .. }
            | Self::RunResumed { .. }
            | Self::RunHeldUp { .. }
            | Self::RunOver { .. }
            | Self::Rehearsed { .. }
            | Self::ChoicesFound(_)
            | Self::RunWake { .. }
            | Self::StepNotifies { .. }
            | Self::ProgressPosted { .. }
            | Self::ProgressLost { .. } => "run",
            Self::HostLever { .. } => "shutdown",
            Self::HostImport { .. } => "import",
            Self::Lapse { .. } => "lapse",
            Self::LeaveUnclaimed => "leave",
            Self::FileSeen(_) | Self::SecretSeen(_) => "secret",
            Self::Totp { .. }
            | Self::TotpSays(_)
            | Self::FactorChanged { .. }
            | Self::TotpReset { .. } => "totp",
        }
    }
}
