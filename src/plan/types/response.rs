//! What people go by during an incident: severities, phases, roles, contacts, playbooks.

use super::Minutes;
use serde::Serialize;

/// How bad it is, and what follows from that.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Severity {
    /// Code, such as `P0`.
    pub code: String,
    /// Name, such as `Critical`.
    pub name: String,
    /// Coloured mark.
    pub emoji: String,
    /// What the level means.
    pub description: String,
    /// Typical cases.
    pub examples: Vec<String>,
    /// Response target, counted from the declaration.
    pub respond_within: Minutes,
    /// The plan says "immediate": the clock counts down from [`Self::respond_within`], five minutes.
    pub immediate: bool,
    /// Containment target, counted from the declaration.
    pub contain_within: Option<Minutes>,
    /// What to do about escalation, for people.
    pub escalation: String,
    /// Ids of contacts or roles, or `everyone`.
    pub notify: Vec<String>,
    /// How often an update is due.
    pub update_every: Option<Minutes>,
}

words! {
    /// The canonical five stages, which metrics speak of.
    Stage {
        /// Find out and tell.
        Identification = "identification",
        /// Stop the spread.
        Containment = "containment",
        /// Remove the cause.
        Eradication = "eradication",
        /// Return to normal.
        Recovery = "recovery",
        /// Learn.
        PostIncident = "post_incident",
    }
}

/// A step of the plan's lifecycle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Phase {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Canonical stage; phases need not rise in it.
    pub stage: Stage,
    /// What the phase is for.
    pub goal: String,
    /// When it usually happens, counted from the declaration.
    pub window: Option<Window>,
    /// How to go about it.
    pub guidance: Vec<Guidance>,
    /// What it requires.
    pub checklist: Vec<ChecklistItem>,
    /// What *leaving* this phase forward needs.
    pub gate: Gate,
}

/// From–to, counted from the declaration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Window {
    /// Begin.
    pub from: Minutes,
    /// End; never before the begin.
    pub to: Minutes,
}

/// One piece of advice inside a phase.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Guidance {
    /// A few words.
    pub title: String,
    /// What to do.
    pub text: Option<String>,
    /// Single moves.
    pub steps: Vec<String>,
    /// Questions to answer.
    pub questions: Vec<String>,
    /// Names of fact fields to record.
    pub record: Vec<String>,
    /// Procedure that does it.
    pub run: Option<String>,
    /// Severities that it is for; empty: all.
    pub only: Vec<String>,
}

/// Something that a phase requires.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChecklistItem {
    /// Id, unique in the plan.
    pub id: String,
    /// Text for people, at most 100 characters.
    pub text: String,
    /// The fact that ticks it.
    pub auto: Option<AutoTick>,
}

words! {
    /// Facts that tick a checklist item by themselves.
    AutoTick {
        /// The incident is in the ledger.
        IncidentLogged = "incident_logged",
        /// A severity was chosen.
        SeverityAssigned = "severity_assigned",
        /// The first announcement was delivered.
        TeamNotified = "team_notified",
        /// The timeline has its first event.
        TimelineStarted = "timeline_started",
        /// Everyone acknowledged who had to.
        Acknowledged = "acknowledged",
        /// Somebody commands.
        CommanderAssigned = "commander_assigned",
        /// The affected systems are recorded.
        SystemsRecorded = "systems_recorded",
        /// What happened to data is recorded.
        ExposureRecorded = "exposure_recorded",
        /// Evidence is stored, with hashes.
        EvidencePreserved = "evidence_preserved",
        /// The root cause is recorded.
        RootCauseRecorded = "root_cause_recorded",
        /// Every credential was rotated since the declaration.
        CredentialsRotated = "credentials_rotated",
        /// Every probe is green.
        ProbesGreen = "probes_green",
        /// The backups passed their check.
        BackupsVerified = "backups_verified",
        /// The stakeholders of the severity were told.
        StakeholdersTold = "stakeholders_told",
        /// Each external notice is decided: sent or not needed.
        ExternalDecided = "external_decided",
        /// The report was generated after the last change.
        ReportCompleted = "report_completed",
        /// Lessons are recorded.
        LessonsRecorded = "lessons_recorded",
        /// Every follow-up has an owner and a due date.
        ActionItemsAssigned = "action_items_assigned",
    }
}

/// What leaving a phase needs.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Gate {
    /// Ids of checklist items, of this phase or of an earlier one.
    pub items: Vec<String>,
    /// Names of fact fields that must be recorded.
    pub facts: Vec<String>,
}

/// What a person does in one incident; carries no authority.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Role {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it comprises.
    pub responsibility: String,
    /// Other words for it.
    pub aliases: Vec<String>,
}

/// A line of the contact table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Contact {
    /// Id, as in `/contact legal @user`.
    pub id: String,
    /// Part of the team, to be bound to a person; else a company or service.
    pub internal: bool,
    /// Role or service.
    pub role: String,
    /// The plan's own name for it, if known.
    pub name: Option<String>,
    /// How to reach it, if known.
    pub channel: Option<String>,
    /// Responsibility; for an external contact its purpose.
    pub responsibility: String,
    /// Id of the contact that stands in.
    pub backup: Option<String>,
}

/// A scenario.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Playbook {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Other words for it.
    pub aliases: Vec<String>,
    /// Suggested severity.
    pub severity: Option<String>,
    /// The phase that it belongs to.
    pub phase: Option<String>,
    /// Signs of it.
    pub indicators: Vec<String>,
    /// What to do.
    pub steps: Vec<PlaybookStep>,
}

/// One move of a playbook.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlaybookStep {
    /// Text for people.
    pub text: String,
    /// What does it, such as `lockdown`, `rotate:all`, `collect:audit_log`.
    pub run: Option<String>,
    /// Where to do it.
    pub link: Option<String>,
}
