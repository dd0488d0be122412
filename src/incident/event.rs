//! What happened: the only source of truth. Everything that people see is a fold over these.
//!
//! Events are stored as JSON for ever: fields are only ever added, with a default.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::host::HostRecord;
use super::ids::IncidentId;
use super::lever::{Lever, Mode, StepKey, Warrant};
use super::people::{By, Person};
use super::request::Outcome;
use super::saga::{Choice, Hindrance, RunOutcome, StepFact, StepStatus, lenient_fact};
use crate::plan::FactField;

mod chat;

pub use chat::{ChatEvent, ChatKind, Question, Standing};

/// One recorded event: when, by whom, what, in which stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// When it was decided.
    pub at: DateTime<Utc>,
    /// Who caused it.
    pub by: By,
    /// What happened.
    pub event: Event,
}

/// An event of a chat's own stream or of an incident's.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Settings, grants, standing of the bot.
    Chat(ChatEvent),
    /// The life of one incident.
    Incident(IncidentId, IncidentEvent),
}

/// A message or file that somebody pointed at, kept as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quoted {
    /// Message id in the chat where it was written.
    pub message_id: i64,
    /// Who wrote it, if Telegram says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Person>,
    /// When it was written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_at: Option<DateTime<Utc>>,
    /// Its text or caption.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileRef>,
}

/// A file in Telegram's storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRef {
    /// Telegram's id, good for a download by this bot.
    pub file_id: String,
    /// Telegram's id that stays the same for the same content.
    #[serde(default)]
    pub unique_id: String,
    /// The file's name, or its kind ("photo").
    pub name: String,
    /// Bytes, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
}

/// Why a piece of evidence could not be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotStored {
    /// Telegram lets bots download 20 MB at most.
    TooLarge,
    /// Telegram does not have the file (any more).
    Gone,
    /// Telegram could not be reached, again and again.
    Unreachable,
    /// The folder of evidence takes nothing.
    Disk,
}

/// Why an incident was called off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cancellation {
    /// Nothing had happened.
    FalseAlarm,
    /// It is handled under another id.
    DuplicateOf(IncidentId),
}

/// The life of one incident.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum IncidentEvent {
    /// It began. `plan` is the revision (SHA-256) that it runs under.
    Declared {
        title: String,
        /// None until somebody chooses one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        severity: Option<String>,
        plan_id: String,
        plan: String,
        phase: String,
        /// When its author reported it, where the bot asked a question first.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reported_at: Option<DateTime<Utc>>,
        /// The plan's drill that it rehearses.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        drill: Option<String>,
    },
    /// Somebody declared the same thing again, at `reported_at`.
    AlsoReported {
        title: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reported_at: Option<DateTime<Utc>>,
    },
    /// A person has seen it.
    Acknowledged,
    /// A person took, or was given, a role in this incident.
    RoleAssigned { role: String, person: Person },
    /// The severity went up or down.
    SeverityChanged {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        to: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// A checklist item was ticked; `auto` names the fact that ticked it.
    ItemTicked {
        item: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        auto: Option<String>,
    },
    /// A tick was taken back.
    ItemUnticked { item: String },
    /// An item does not apply here.
    ItemSkipped { item: String, why: String },
    /// The next phase began; `forced` holds the reason where the gate was open.
    PhaseEntered {
        from: String,
        to: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forced: Option<String>,
    },
    /// Back to an earlier phase.
    PhaseReturned {
        from: String,
        to: String,
        why: String,
    },
    /// A remark.
    Noted {
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        quoted: Option<Quoted>,
    },
    /// A fact of `/set`.
    FactRecorded { field: FactField, value: String },
    /// A message or file was kept as evidence.
    EvidenceKept {
        number: u32,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        about: String,
        quoted: Quoted,
    },
    /// A piece of evidence lies in the vault.
    EvidenceStored {
        number: u32,
        sha256: String,
        size: u64,
    },
    /// A piece of evidence could not be stored.
    EvidenceFailed { number: u32, why: NotStored },
    /// The plan's collectors have run; `sha256` and `file` are those of their manifest.
    EvidenceCollected {
        run: u32,
        sha256: String,
        file: String,
        gathered: u32,
        failed: u32,
    },
    /// Evidence was read; `export` is the number of the export that it was read for.
    EvidenceRead {
        what: String,
        why: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        export: Option<u32>,
    },
    /// A ZIP of everything was made.
    Exported {
        number: u32,
        file: String,
        sha256: String,
        size: u64,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        encrypted: bool,
    },
    /// An export could not be made.
    ExportFailed { number: u32 },
    /// Work for afterwards.
    FollowUpAdded {
        number: u32,
        text: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<Person>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<NaiveDate>,
    },
    /// Somebody owns a follow-up now.
    FollowUpAssigned {
        number: u32,
        owner: Person,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<NaiveDate>,
    },
    /// A follow-up is finished.
    FollowUpDone { number: u32 },
    /// Called off.
    Cancelled { kind: Cancellation, why: String },
    /// Finished; `forced` holds the reason where the last gate was open.
    Closed {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        forced: Option<String>,
    },
    /// Taken up again.
    Reopened { why: String },
    /// The card stands in the chat: the team has been told.
    CardPosted {
        message_id: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        thread_id: Option<i64>,
    },
    /// Somebody deleted the card: a new one is posted.
    CardLost,
    /// Its forum topic exists.
    TopicMade { thread_id: i64 },
    /// No topic could be made, or it is gone; the general one is used.
    TopicRefused { why: String },
    /// A report was written.
    ReportWritten { format: String },
    /// A lever was pulled with all that it needs; its steps follow. `fingerprint` is that of [`Lever::fingerprint`].
    RunStarted {
        run: u32,
        lever: Lever,
        fingerprint: String,
        mode: Mode,
        warrant: Warrant,
        asked_by: By,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        approved_by: Vec<Person>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Somebody asked for a lever; somebody else must agree.
    LeverAsked {
        request: u32,
        lever: Lever,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Somebody agreed.
    LeverAgreed { request: u32 },
    /// One person pulls it alone; it can be stopped for a moment.
    LeverCounting {
        request: u32,
        lever: Lever,
        warrant: Warrant,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        why: Option<String>,
    },
    /// Nothing came of it.
    LeverEnded {
        request: u32,
        lever: Lever,
        outcome: Outcome,
    },
    /// A step of a run is about to be executed: written before anything leaves the house.
    StepStarted {
        run: u32,
        step: StepKey,
        attempt: u32,
    },
    /// What became of it.
    StepEnded {
        run: u32,
        step: StepKey,
        attempt: u32,
        status: StepStatus,
        #[serde(
            default,
            deserialize_with = "lenient_fact",
            skip_serializing_if = "Option::is_none"
        )]
        fact: Option<StepFact>,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        summary: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output_sha256: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        output_bytes: Option<u64>,
        /// Nobody knows, only because the bot was ended meanwhile.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        interrupted: bool,
    },
    /// A person decided about a step that could not go on by itself.
    StepDecided {
        run: u32,
        step: StepKey,
        choice: Choice,
    },
    /// A later run has the last word about a step that would take itself back: this run does not any more.
    StepSuperseded {
        run: u32,
        step: StepKey,
        incident: IncidentId,
        by_run: u32,
    },
    /// No further step of it begins.
    RunAborted {
        run: u32,
        #[serde(default, skip_serializing_if = "String::is_empty")]
        why: String,
    },
    /// The rules let no further step of it begin. What is to be taken back still is.
    RunWithheld { run: u32, hindrance: Hindrance },
    /// It is over.
    RunEnded {
        run: u32,
        outcome: RunOutcome,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        hindrance: Option<Hindrance>,
    },
    /// The message that shows how it goes stands in the chat.
    ProgressPosted {
        run: u32,
        message_id: i64,
        /// The message that asks people what to do about it.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        question: bool,
    },
    /// Somebody deleted it: a new one is posted.
    ProgressLost { run: u32 },
    /// Somebody pasted secrets: nothing of them was kept. `deleted` says whether the bot may delete the messages.
    SecretRemoved {
        names: Vec<String>,
        messages: Vec<i64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        author: Option<Person>,
        /// The first of the plan's credentials that they are; older events know one only.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        credential: Option<String>,
        /// The further ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        credentials: Vec<String>,
        /// The first of the procedures that revoke them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        procedure: Option<String>,
        /// The further ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        procedures: Vec<String>,
        /// What the plan has neither for: what it is, and how many of it.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        unmatched: BTreeMap<String, u32>,
        /// How many secrets; 0 in older events, which do not say.
        #[serde(default, skip_serializing_if = "none_said")]
        secrets: u32,
        #[serde(default)]
        deleted: bool,
        /// They stand in a piece of evidence, which stays as it is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        evidence: Option<u32>,
    },
    /// What was done without the ledger, taken over from the journal. `at` is when it really happened.
    Imported {
        run: String,
        seq: u32,
        at: DateTime<Utc>,
        record: HostRecord,
    },
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands out references"
)]
fn none_said(secrets: &u32) -> bool {
    *secrets == 0
}

impl IncidentEvent {
    /// The event's name, as stored in the ledger's `kind` column.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Declared { .. } => "declared",
            Self::AlsoReported { .. } => "also_reported",
            Self::Acknowledged => "acknowledged",
            Self::RoleAssigned { .. } => "role_assigned",
            Self::SeverityChanged { .. } => "severity_changed",
            Self::ItemTicked { .. } => "item_ticked",
            Self::ItemUnticked { .. } => "item_unticked",
            Self::ItemSkipped { .. } => "item_skipped",
            Self::PhaseEntered { .. } => "phase_entered",
            Self::PhaseReturned { .. } => "phase_returned",
            Self::Noted { .. } => "noted",
            Self::Imported { .. } => "imported",
            Self::FactRecorded { .. } => "fact_recorded",
            Self::EvidenceKept { .. } => "evidence_kept",
            Self::EvidenceStored { .. } => "evidence_stored",
            Self::EvidenceFailed { .. } => "evidence_failed",
            Self::EvidenceCollected { .. } => "evidence_collected",
            Self::EvidenceRead { .. } => "evidence_read",
            Self::Exported { .. } => "exported",
            Self::ExportFailed { .. } => "export_failed",
            Self::FollowUpAdded { .. } => "follow_up_added",
            Self::FollowUpAssigned { .. } => "follow_up_assigned",
            Self::FollowUpDone { .. } => "follow_up_done",
            Self::Cancelled { .. } => "cancelled",
            Self::Closed { .. } => "closed",
            Self::Reopened { .. } => "reopened",
            Self::CardPosted { .. } => "card_posted",
            Self::CardLost => "card_lost",
            Self::TopicMade { .. } => "topic_made",
            Self::TopicRefused { .. } => "topic_refused",
            Self::ReportWritten { .. } => "report_written",
            Self::SecretRemoved { .. } => "secret_removed",
            Self::RunStarted { .. } => "run_started",
            Self::LeverAsked { .. } => "lever_asked",
            Self::LeverAgreed { .. } => "lever_agreed",
            Self::LeverCounting { .. } => "lever_counting",
            Self::LeverEnded { .. } => "lever_ended",
            Self::StepStarted { .. } => "step_started",
            Self::StepEnded { .. } => "step_ended",
            Self::StepDecided { .. } => "step_decided",
            Self::StepSuperseded { .. } => "step_superseded",
            Self::RunAborted { .. } => "run_aborted",
            Self::RunWithheld { .. } => "run_withheld",
            Self::RunEnded { .. } => "run_ended",
            Self::ProgressPosted { .. } => "progress_posted",
            Self::ProgressLost { .. } => "progress_lost",
        }
    }

    /// The run that it belongs to.
    pub fn run(&self) -> Option<u32> {
        match self {
            Self::RunStarted { run, .. }
            | Self::StepStarted { run, .. }
            | Self::StepEnded { run, .. }
            | Self::StepDecided { run, .. }
            | Self::StepSuperseded { run, .. }
            | Self::RunAborted { run, .. }
            | Self::RunWithheld { run, .. }
            | Self::RunEnded { run, .. }
            | Self::ProgressPosted { run, .. }
            | Self::ProgressLost { run } => Some(*run),
            _ => None,
        }
    }
}
