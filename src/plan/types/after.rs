//! What stays: the report, metrics, drills, readiness, follow-ups.

use super::{Cadence, Minutes, Stage};
use crate::plan::FactField;
use serde::Serialize;

/// How the report is laid out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportLayout {
    /// Heading of the document.
    pub title: String,
    /// Sections in order.
    pub sections: Vec<Section>,
}

/// A section of the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Section {
    /// Heading.
    pub title: String,
    /// 2 for a section, 3 for a part of one.
    pub level: u8,
    /// What it shows.
    pub kind: SectionKind,
    /// Lines of a section of kind `fields`.
    pub fields: Vec<LayoutField>,
    /// Rows of a section of kind `timeline`.
    pub rows: Vec<TimelineRow>,
    /// Limits `response_actions` to a stage.
    pub stage: Option<Stage>,
}

words! {
    /// What a section of the report shows, folded from the events.
    SectionKind {
        /// A heading with parts below it.
        Heading = "heading",
        /// Labelled values.
        Fields = "fields",
        /// The summary.
        Summary = "summary",
        /// The milestones, then the events.
        Timeline = "timeline",
        /// The root cause.
        RootCause = "root_cause",
        /// What contributed.
        ContributingFactors = "contributing_factors",
        /// How it was detected.
        HowDetected = "how_detected",
        /// Check boxes of the plan's systems.
        SystemsAffected = "systems_affected",
        /// What was done, as a numbered list.
        ResponseActions = "response_actions",
        /// What went well.
        LessonsWell = "lessons_well",
        /// What went poorly.
        LessonsPoorly = "lessons_poorly",
        /// What prevents a repeat, as check boxes.
        LessonsPreventive = "lessons_preventive",
        /// Responsible, due date, status.
        FollowUp = "follow_up",
        /// Table of action items.
        ActionItems = "action_items",
        /// Evidence with hashes.
        Evidence = "evidence",
        /// Notices that were sent.
        Communications = "communications",
    }
}

/// A labelled value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LayoutField {
    /// Label.
    pub label: String,
    /// Value.
    pub value: LayoutValue,
}

/// The value of a line of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum LayoutValue {
    /// Something that the incident knows by itself.
    Known(KnownValue),
    /// A recorded fact.
    Fact(FactField),
}

words! {
    /// Values that the incident knows by itself.
    KnownValue {
        /// The id.
        IncidentId = "incident_id",
        /// Severity with its name.
        Severity = "severity",
        /// Resolved or not.
        Status = "status",
        /// Day of the declaration.
        Date = "date",
        /// When it was detected: the fact, else the declaration.
        DetectedAt = "detected_at",
        /// When it was resolved.
        ResolvedAt = "resolved_at",
        /// From detection to resolution.
        Duration = "duration",
        /// Who commanded.
        Commander = "commander",
    }
}

/// A milestone of the timeline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TimelineRow {
    /// Text of the row.
    pub label: String,
    /// The moment.
    pub mark: Mark,
}

words! {
    /// Moments that the events, or recorded facts, tell.
    Mark {
        /// First suspicious activity.
        FirstSuspicious = "first_suspicious",
        /// The alert.
        AlertTriggered = "alert_triggered",
        /// Detected or declared.
        Detected = "detected",
        /// Confirmed.
        Confirmed = "confirmed",
        /// The team came together.
        TeamAssembled = "team_assembled",
        /// Containment began.
        ContainmentStarted = "containment_started",
        /// Containment reached.
        Contained = "contained",
        /// Root cause found.
        RootCauseFound = "root_cause_found",
        /// Threat removed, fix complete.
        RemediationComplete = "remediation_complete",
        /// Back to normal.
        RecoveryConfirmed = "recovery_confirmed",
    }
}

/// What a metric should be.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricTarget {
    /// The metric.
    pub metric: Metric,
    /// Name for people.
    pub name: String,
    /// Its target.
    pub target: Target,
}

words! {
    /// Metrics over incidents; drills are left out.
    Metric {
        /// Mean time from start to detection.
        Mttd = "mttd",
        /// Mean time from declaration to acknowledgement.
        Mtta = "mtta",
        /// Mean time to contain.
        Mttc = "mttc",
        /// Mean time to resolve.
        Mttr = "mttr",
        /// Share of incidents that were none.
        FalsePositives = "false_positives",
        /// Incidents in a month.
        IncidentsPerMonth = "incidents_per_month",
    }
}

/// The target of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Below this time.
    Below(Minutes),
    /// Below this share in percent.
    BelowPercent(u32),
    /// At most so many.
    AtMost(u32),
}

/// A rehearsal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drill {
    /// Id, as in `/drill leaked_key`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Quarter of the year, 1 to 4.
    pub quarter: Option<u8>,
    /// Playbook that it rehearses; none for a tabletop about everything.
    pub scenario: Option<String>,
    /// Severity that it is declared with.
    pub severity: Option<String>,
    /// What is told at the start.
    pub summary: String,
    /// What happens on the way.
    pub injects: Vec<Inject>,
    /// What it practises.
    pub practises: Vec<String>,
    /// What counts.
    pub scoring: Vec<Score>,
}

/// News during a drill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Inject {
    /// When, after the start.
    pub after: Minutes,
    /// What is told.
    pub text: String,
}

/// A goal of a drill.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Score {
    /// Text for people.
    pub text: String,
    /// Checklist item whose tick counts.
    pub item: Option<String>,
    /// Time limit after the start.
    pub within: Option<Minutes>,
}

/// The regular readiness check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Readiness {
    /// How often.
    pub cadence: Cadence,
    /// What is checked.
    pub items: Vec<ReadinessItem>,
}

/// A line of the readiness check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReadinessItem {
    /// Id.
    pub id: String,
    /// Text for people.
    pub text: String,
    /// What the bot can check by itself.
    pub check: Option<ReadyCheck>,
}

words! {
    /// What the bot can check by itself.
    ReadyCheck {
        /// Every internal contact is bound to a person.
        ContactsBound = "contacts_bound",
        /// Every connection is set up.
        ConnectionsSet = "connections_set",
        /// The newest backup passed its check.
        BackupsFresh = "backups_fresh",
        /// A drill took place in the last quarter.
        DrillRecent = "drill_recent",
        /// Every template renders.
        TemplatesRender = "templates_render",
        /// A test artefact can be stored and read back with the same hash.
        EvidenceRoundTrip = "evidence_round_trip",
        /// The plan has a rollback whose connection is set up.
        RollbackReady = "rollback_ready",
        /// At least two people may approve.
        TwoApprovers = "two_approvers",
        /// The plan's review is not overdue.
        ReviewCurrent = "review_current",
        /// No credential is older than it may be.
        CredentialsFresh = "credentials_fresh",
    }
}

/// A follow-up that opens by itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct DefaultFollowUp {
    /// Id.
    pub id: String,
    /// Text for people.
    pub text: String,
    /// When it opens.
    pub opens: Opens,
    /// When it is due, counted from there.
    pub due: Due,
    /// Severities that it is for; empty: all.
    pub only: Vec<String>,
    /// Points of a meeting.
    pub agenda: Vec<String>,
    /// It asks for a link, such as the ticket's.
    pub link: bool,
}

words! {
    /// When a follow-up opens.
    Opens {
        /// At the declaration.
        Declared = "declared",
        /// When the recovery begins.
        Recovery = "recovery",
        /// When it is resolved: the post-incident phase begins.
        Resolved = "resolved",
    }
}

/// When a follow-up is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Due {
    /// After this time.
    After(Minutes),
    /// At the next business hour of the chat's time zone.
    BusinessHours,
}
