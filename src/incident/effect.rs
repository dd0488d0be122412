//! What must be done about a decision. Data only: the house turns it into outbox rows and timers.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::command::{Export, FileIn, Offer, OpenElsewhere, Played, TotpSaid};
use super::event::{NotStored, Question};
use super::host::{Door, Tally};
use super::ids::{IncidentId, UserId};
use super::lever::{Lever, StepKey, Warrant};
use super::people::{Permission, Person};
use super::saga::Choice;
use crate::plan::FactField;

/// One effect of a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// The message that asks what to do about a run is brought up to date.
    ShowQuestion { incident: IncidentId, run: u32 },
    /// Acknowledge the command: a reaction on a message, a toast for a press.
    Acknowledge(Mark, Said),
    /// Answer the one who asked, as a reply (a toast can only point to it).
    Answer(Said),
    /// The same with sound: it may not wait until somebody looks.
    AnswerAloud(Said),
    /// For the one who pressed only, in a dialogue that has to be closed.
    Alert(Said),
    /// Show a request to the chat in a message of its own.
    PostRequest(u32),
    /// The request changed: its message shows it.
    ShowRequest(u32),
    /// A run was started: its steps follow.
    Execute { incident: IncidentId, run: u32 },
    /// Take somebody's second factor away.
    ResetTotp(UserId),
    /// Look up what can be chosen for a procedure's parameter.
    ListChoices {
        incident: Option<IncidentId>,
        procedure: String,
        parameter: String,
        given: BTreeMap<String, String>,
    },
    /// Play a lever through in a dry run.
    Rehearse {
        incident: Option<IncidentId>,
        lever: Lever,
    },
    /// A new message where the command was written; what it answered may be gone.
    Tell(Said),
    /// A new message to the whole team, at the incident's place.
    Announce {
        incident: IncidentId,
        said: Said,
        silent: bool,
    },
    /// Make the incident's topic, where the group has topics and the bot may.
    MakeTopic(IncidentId),
    /// Post the incident's card and pin it. Later changes edit it by themselves.
    PostCard(IncidentId),
    /// Take the card's pin away.
    Unpin(IncidentId),
    /// A file for the one who asked.
    Report {
        incident: IncidentId,
        format: String,
    },
    /// Store a piece of evidence.
    Store { incident: IncidentId, number: u32 },
    /// Look for secrets in a file that was sent.
    LookInto { incident: IncidentId, file: FileIn },
    /// Make an export and bring it to where it was asked for.
    MakeExport { incident: IncidentId, number: u32 },
    /// Send an export that was made.
    SendExport {
        incident: IncidentId,
        export: Export,
    },
    /// Tell the owners in private: what only those may know who run the host.
    TellOwners(Said),
    /// Somebody's code was used for this, and counts for nothing else. Where it was used before, this is not done.
    SpendCode(UserId),
    /// Show the picture of an enrolment for one-time codes, where the command was written.
    TotpPicture(Person),
    /// Show the recovery codes of a fresh enrolment there, once.
    RecoveryCodes(Person),
    /// Delete messages where the command was written: they hold secrets.
    DeleteMessages(Vec<i64>),
    /// Ask Telegram for the list of administrators.
    ListAdministrators,
    /// Tell Telegram anew which commands to offer here, and to whom.
    OfferCommands,
    /// Leave the chat.
    Leave,
    /// Wake up later.
    Wake { at: DateTime<Utc>, timer: Timer },
    /// No need to wake up any more.
    Forget(Timer),
}

/// What a timer is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Timer {
    /// A question that lapses.
    Lapse(u32),
    /// An unclaimed group is left.
    LeaveUnclaimed,
    /// A request lapses, or its countdown ends.
    Request(u32),
    /// A step takes itself back.
    Revert {
        incident: IncidentId,
        run: u32,
        step: StepKey,
    },
}

/// The cheap acknowledgement of an accepted command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// 👌
    Done,
    /// ✍
    Noted,
    /// 👀
    Seen,
    /// 🫡
    Assigned,
}

impl Mark {
    /// The reaction's emoji: one that Telegram offers to bots.
    pub fn emoji(self) -> &'static str {
        match self {
            Self::Done => "👌",
            Self::Noted => "✍",
            Self::Seen => "👀",
            Self::Assigned => "🫡",
        }
    }
}

/// Something to say; `messages` finds the words.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    // Short: fits a toast.
    /// "Ticked 2."
    Ticked { numbers: Vec<u32> },
    /// "Was ticked already."
    AlreadyTicked { numbers: Vec<u32> },
    /// "Open again: 2."
    Unticked { number: u32 },
    /// "Skipped 2."
    Skipped { number: u32 },
    /// "Noted."
    Noted,
    /// "Root cause recorded."
    FactRecorded { field: FactField },
    /// "Seen."
    Acknowledged,
    /// "You had seen it already."
    AlreadyAcknowledged,
    /// "Alice commands now."
    RoleAssigned { role: String, person: Person },
    /// "Severity is P1 High now."
    SeverityIs { incident: IncidentId, code: String },
    /// "Containment has begun."
    PhaseIs { incident: IncidentId, phase: String },
    /// "Follow-up 3 added."
    FollowUpAdded { number: u32 },
    /// "Follow-up 3 is done."
    FollowUpDone { number: u32 },
    /// "Follow-up 3 is Bob's."
    FollowUpAssigned { number: u32, owner: Person },
    /// "Kept as evidence E2."
    EvidenceKept { number: u32 },
    /// "Making the export."
    ExportBegun,
    /// "Added to SEC-2026-007."
    AddedTo { incident: IncidentId },
    /// "SEC-2026-007 declared."
    Declared { incident: IncidentId },
    /// "SEC-2026-007 is closed."
    Closed { incident: IncidentId },
    /// "SEC-2026-007 is open again."
    Reopened { incident: IncidentId },
    /// "SEC-2026-007 is called off."
    Cancelled { incident: IncidentId },
    /// "Alice is now approver here."
    Granted {
        person: Person,
        permission: Permission,
    },
    /// "Alice has no grant here any more."
    Revoked {
        person: Person,
        permission: Permission,
    },
    /// "Alice holds no grant here": names change hands, so the id is shown.
    NoGrant { person: Person },
    /// "Legal is Carol now."
    ContactBound {
        contact: String,
        person: Person,
        backup: Option<Person>,
    },
    /// "Nothing changed: it was so already."
    Unchanged,
    /// "All right, left as it was."
    LeftAsItWas,
    /// A setting was changed.
    SetUp {
        setting: &'static str,
        value: String,
    },

    /// "R7 waits for an answer."
    RequestOpen { request: u32 },
    /// "You approved R7."
    RequestAgreed { request: u32, more: u32 },
    /// "R7 is denied": how it ended.
    RequestOver { request: u32 },
    /// "The number of R7 is 42."
    RequestNumber { request: u32, digits: u8 },
    /// "That press may be old: look at R7 and press again."
    PressAgain { request: u32 },
    /// "Started: run 2."
    RunBegun { incident: IncidentId, run: u32 },
    /// "Run 3, step 2: again."
    StepDecided { run: u32, step: u32, choice: Choice },
    /// "Run 3 ends after the step that is under way."
    RunAborted { run: u32 },

    /// "The dry run follows as a message."
    BeingPlayed,

    // Longer: messages of their own.
    /// `/drill`: the plan's drills.
    Drills,
    /// To the team: a drill begins.
    DrillBegun { incident: IncidentId },
    /// What a lever would do.
    Rehearsed {
        incident: Option<IncidentId>,
        lever: Lever,
        steps: Vec<Played>,
    },
    /// What can be chosen for a parameter, or why that could not be found out.
    Choices {
        incident: Option<IncidentId>,
        procedure: String,
        parameter: String,
        given: BTreeMap<String, String>,
        offers: Result<Vec<Offer>, String>,
    },
    /// What a procedure needs before it can run.
    Needs {
        procedure: String,
        missing: Vec<String>,
    },
    /// To the team: one person pulled a lever alone.
    PulledAlone {
        incident: IncidentId,
        run: u32,
        warrant: Warrant,
        by: Person,
    },
    /// `/start` by an owner in a new group.
    Welcome,
    /// `/start` where everything is set up already, or in private.
    Greeting,
    /// An unclaimed group: one sentence.
    NotClaimed,
    /// The bot is back after it was removed with these open: an owner has to take it into use again.
    RemovedWhileOpen {
        incidents: Vec<IncidentId>,
        owners: Vec<Person>,
    },
    /// `/help` for this permission; `about` shows one command's usage.
    Help {
        permission: Permission,
        about: Option<String>,
    },
    /// A word that is no command.
    NoSuchCommand { word: String },
    /// A word that is nearly a command.
    DidYouMean { word: String, meant: String },
    /// `/whoami`
    WhoAmI {
        person: Person,
        permission: Permission,
        hidden: bool,
    },
    /// `/status` of one incident.
    Status { incident: IncidentId },
    /// `/status` of several, or none.
    StatusAll { incidents: Vec<IncidentId> },
    /// `/status` of an owner in private: every chat's; `unread` chats could not be looked into.
    StatusEverywhere {
        open: Vec<OpenElsewhere>,
        unread: usize,
    },
    /// In private, to somebody of a team: where they belong; `verb` is what has to be sent there.
    TeamsOf {
        person: Person,
        verb: Option<&'static str>,
        teams: Vec<(String, Permission)>,
    },
    /// `/contacts`
    Contacts,
    /// `/plan`
    Plan,
    /// `/procedures`, for this permission.
    Procedures { permission: Permission },
    /// `/playbook`: the list.
    Playbooks,
    /// `/playbook name`
    Playbook { name: String },
    /// `/timeline`
    Timeline { incident: IncidentId },
    /// `/totp` in a group.
    TotpElsewhere,
    /// `/totp`
    Totp(TotpSaid),
    /// `/audit`
    Audit { count: usize },
    /// `/todos`
    FollowUps { incident: IncidentId },
    /// `/setup`: what is set.
    Setup,
    /// `/set` without a value: the fields with what is known.
    Facts { incident: IncidentId },
    /// `/role` without a name: the roles with who has them.
    Roles { incident: IncidentId },
    /// A question with its buttons.
    Ask { ask: u32, question: Question },
    /// To the team: the next phase began.
    PhaseBegan {
        incident: IncidentId,
        phase: String,
        forced: Option<String>,
        by: Person,
    },
    /// To the team: back to an earlier phase.
    PhaseReturned {
        incident: IncidentId,
        phase: String,
        why: String,
        by: Person,
    },
    /// To the team: severity went up or down.
    SeverityChanged {
        incident: IncidentId,
        from: Option<String>,
        to: String,
        why: Option<String>,
        by: Person,
    },
    /// To the team: a run stands and waits for a decision about these steps.
    StepAsks {
        incident: IncidentId,
        run: u32,
        steps: Vec<StepKey>,
    },
    /// To the team: no further step of a run begins, but it still has something to take back.
    RunWithheld { incident: IncidentId, run: u32 },
    /// To the team: a run is over.
    RunOver { incident: IncidentId, run: u32 },
    /// To the team: what a step of a run tells it, by the plan's template.
    StepNotifies {
        incident: IncidentId,
        run: u32,
        template: String,
    },
    /// `/rotate`: every credential with its age.
    Credentials { incident: Option<IncidentId> },
    /// To the team: a piece of evidence is not stored.
    EvidenceNotStored {
        incident: IncidentId,
        number: u32,
        why: NotStored,
    },
    /// The export is made, but Telegram does not take it.
    ExportTooLarge { incident: IncidentId, size: u64 },
    /// The export could not be made.
    ExportFailed { incident: IncidentId },
    /// To the owners: where an export lies.
    ExportOnHost { incident: IncidentId, path: String },
    /// Telegram refused the export.
    ExportRefused { incident: IncidentId },
    /// To the owners: where the export lies that Telegram refused.
    ExportKept { incident: IncidentId, path: String },
    /// To the owners: somebody asks for what they may approve, in a chat that they are not in.
    OwnersCalled {
        request: u32,
        incident: Option<IncidentId>,
    },
    /// To the team: it is over.
    ClosedSummary { incident: IncidentId },
    /// To the team: called off.
    CancelledSummary { incident: IncidentId },
    /// To the one who pasted a secret: what happened and what to do.
    SecretRemoved {
        incident: IncidentId,
        names: Vec<String>,
        author: Option<Person>,
        credential: Option<String>,
        procedure: Option<String>,
        deleted: bool,
        evidence: Option<u32>,
    },
    /// To the team: a lever was pulled without Telegram.
    HostRunStarted {
        incident: IncidentId,
        run: u32,
        lever: Lever,
        door: Door,
        why: String,
    },
    /// To the team: a lever had been pulled while the ledger could not be written.
    HostRunImported {
        incident: IncidentId,
        lever: Lever,
        door: Door,
        why: String,
        at: DateTime<Utc>,
        tally: Tally,
        over: bool,
    },
    /// To the team: taken up again.
    ReopenedSummary {
        incident: IncidentId,
        why: String,
        by: Person,
    },
}
