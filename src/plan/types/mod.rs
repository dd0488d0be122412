//! What a plan consists of. Plain data: reading and checking are elsewhere.

mod actions;
mod after;
mod info;
mod levers;
mod lookup;
mod parameters;
mod response;
mod talk;
mod watch;

pub use actions::*;
pub use after::*;
pub use info::*;
pub use levers::*;
pub use response::*;
pub use talk::*;
pub use watch::*;

use serde::Serialize;

/// A team's agreed response. Every reference inside points at something that exists.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Plan {
    /// Title, version, review.
    pub info: PlanInfo,
    /// What can be affected.
    pub systems: Vec<System>,
    /// Dashboards, logs, runbooks.
    pub resources: Vec<Resource>,
    /// Severities, the most severe first.
    pub severities: Vec<Severity>,
    /// Phases in the plan's own order.
    pub phases: Vec<Phase>,
    /// What people do in an incident.
    pub roles: Vec<Role>,
    /// The contact table.
    pub contacts: Vec<Contact>,
    /// Scenarios.
    pub playbooks: Vec<Playbook>,
    /// What holds for all levers.
    pub levers: LeverRules,
    /// What the bot can execute.
    pub procedures: Vec<Procedure>,
    /// What can be rotated.
    pub credentials: Vec<Credential>,
    /// Where evidence comes from.
    pub collectors: Vec<Collector>,
    /// How recovery is verified.
    pub probes: Vec<Probe>,
    /// Targets by name; addresses and secrets are settings of the machine.
    pub connections: Vec<Connection>,
    /// Detection rules.
    pub detects: Vec<Detect>,
    /// Which alert means what.
    pub routes: Vec<Route>,
    /// Alerts and notices.
    pub comms: Comms,
    /// How the report is laid out.
    pub report: ReportLayout,
    /// Targets of the metrics.
    pub metrics: Vec<MetricTarget>,
    /// Rehearsals.
    pub drills: Vec<Drill>,
    /// The regular readiness check.
    pub readiness: Readiness,
    /// Follow-ups that open by themselves.
    pub follow_ups: Vec<DefaultFollowUp>,
    /// SHA-256 of the file that this was read from.
    pub revision: Revision,
}

/// The SHA-256 of a plan file's bytes, in lower case hex.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Revision(pub String);

impl Revision {
    /// The revision of a source text.
    pub fn of(source: &str) -> Self {
        use sha2::Digest;
        use std::fmt::Write;
        let mut hex = String::with_capacity(64);
        for byte in sha2::Sha256::digest(source.as_bytes()) {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// The hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first twelve digits, for people.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

impl std::fmt::Display for Revision {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A span of whole minutes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Minutes(pub u32);

impl Minutes {
    /// The same span for calculations with moments.
    pub fn duration(self) -> chrono::Duration {
        chrono::Duration::minutes(i64::from(self.0))
    }
}

/// The shortest exact spelling: `15m`, `4h`, `1w`.
impl std::fmt::Display for Minutes {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (unit, size) in [("w", 10_080), ("d", 1_440), ("h", 60)] {
            if self.0 > 0 && self.0.is_multiple_of(size) {
                return write!(formatter, "{}{unit}", self.0 / size);
            }
        }
        write!(formatter, "{}m", self.0)
    }
}
