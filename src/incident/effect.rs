//! What must be done about a decision. Data only: the house turns it into outbox rows and timers.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use chrono::{DateTime, Utc};

use super::event::Question;
use super::host::{Door, Tally};
use super::ids::IncidentId;
use super::lever::Lever;
use super::people::{Permission, Person};
use crate::plan::FactField;

/// One effect of a decision.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Acknowledge the command: a reaction on a message, a toast for a press.
    Acknowledge(Mark, Said),
    /// Answer the one who asked, as a reply (a toast can only point to it).
    Answer(Said),
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
    /// Ask Telegram for the list of administrators.
    ListAdministrators,
    /// Tell Telegram which commands to offer here.
    OfferCommands,
    /// Leave the chat.
    Leave,
    /// Execute a run that was started.
    Execute { incident: IncidentId, run: u32 },
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

    // Longer: messages of their own.
    /// `/start` by an owner in a new group.
    Welcome,
    /// `/start` where everything is set up already, or in private.
    Greeting,
    /// An unclaimed group: one sentence.
    NotClaimed,
    /// `/help` for this permission; `about` shows one command's usage.
    Help {
        permission: Permission,
        about: Option<String>,
    },
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
    /// `/contacts`
    Contacts,
    /// `/plan`
    Plan,
    /// `/procedures`
    Procedures,
    /// `/playbook`: the list.
    Playbooks,
    /// `/playbook name`
    Playbook { name: String },
    /// `/timeline`
    Timeline { incident: IncidentId },
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
    /// To the team: it is over.
    ClosedSummary { incident: IncidentId },
    /// To the team: called off.
    CancelledSummary { incident: IncidentId },
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
