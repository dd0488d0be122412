//! The plan about itself: title, version, review; systems and resources.

use chrono::NaiveDate;
use serde::Serialize;

/// The head of a plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PlanInfo {
    /// Short name, such as `tars`.
    pub id: String,
    /// Name for people.
    pub title: String,
    /// What the plan is for, in one sentence.
    pub purpose: String,
    /// The document's own version.
    pub version: String,
    /// Whether the team works by it.
    pub status: PlanStatus,
    /// When the document was last changed.
    pub updated: Option<NaiveDate>,
    /// Language of the texts, such as `en`.
    pub language: String,
    /// The few first moves, shown at `/declare`.
    pub quick: Vec<String>,
    /// When the plan itself is looked over.
    pub review: Review,
    /// Further reading.
    pub references: Vec<Reference>,
    /// Earlier versions, the newest last.
    pub history: Vec<HistoryEntry>,
}

words! {
    /// Whether a plan is in force.
    PlanStatus {
        /// Being written.
        Draft = "draft",
        /// In force.
        Active = "active",
        /// Replaced.
        Retired = "retired",
    }
}

/// How often the plan is reviewed, and when next.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Review {
    /// How often.
    pub cadence: Cadence,
    /// The next date; overdue from the day after.
    pub next: Option<NaiveDate>,
}

words! {
    /// How often something is repeated.
    Cadence {
        /// Each month.
        Monthly = "monthly",
        /// Each quarter.
        Quarterly = "quarterly",
        /// Each half year.
        HalfYearly = "half_yearly",
        /// Each year.
        Yearly = "yearly",
    }
}

/// A document elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reference {
    /// Name for people.
    pub name: String,
    /// Address.
    pub link: String,
}

/// One line of the version history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HistoryEntry {
    /// Version.
    pub version: String,
    /// Date of it.
    pub date: NaiveDate,
    /// What changed.
    pub changes: String,
    /// Who changed it.
    pub author: Option<String>,
}

/// Something that can be affected by an incident.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct System {
    /// Id, as in `/set affected api`.
    pub id: String,
    /// Name for people.
    pub name: String,
}

/// A place to look: a dashboard, a log store, a runbook.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resource {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it is.
    pub kind: ResourceKind,
    /// Address, or a path inside the team's own repository.
    pub link: String,
}

words! {
    /// What a resource is.
    ResourceKind {
        /// Charts.
        Dashboard = "dashboard",
        /// A log store.
        Logs = "logs",
        /// Instructions.
        Runbook = "runbook",
        /// The console of a provider.
        Console = "console",
        /// Knowledge elsewhere.
        External = "external",
    }
}
