//! An incident is open in a phase, closed, or called off. Each state carries its own data, and a
//! transition consumes the state: what is not possible has no function.

use std::fmt;

use chrono::{DateTime, Utc};

use super::event::Cancellation;

/// Where an incident stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lifecycle {
    /// Being worked on.
    Open(Open),
    /// Finished.
    Closed(Closed),
    /// Called off.
    Cancelled(Cancelled),
}

/// Being worked on, in a phase of the plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The phase's id.
    pub phase: String,
    /// Since when it has been in that phase.
    pub since: DateTime<Utc>,
}

/// Finished: it changes only by reopening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// The phase that it was in.
    pub phase: String,
    /// When it was closed.
    pub at: DateTime<Utc>,
}

/// Called off: it changes only by reopening.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// The phase that it was in.
    pub phase: String,
    /// When it was called off.
    pub at: DateTime<Utc>,
    /// False alarm or duplicate.
    pub kind: Cancellation,
    /// In the person's words.
    pub why: String,
}

impl Open {
    /// Into another phase, forward or back.
    pub fn enter(self, phase: String, at: DateTime<Utc>) -> Self {
        Self { phase, since: at }
    }

    /// The work is done.
    pub fn close(self, at: DateTime<Utc>) -> Closed {
        Closed {
            phase: self.phase,
            at,
        }
    }

    /// It was nothing, or is handled elsewhere.
    pub fn cancel(self, kind: Cancellation, why: String, at: DateTime<Utc>) -> Cancelled {
        Cancelled {
            phase: self.phase,
            at,
            kind,
            why,
        }
    }
}

impl Closed {
    /// Taken up again in the phase where it stopped.
    pub fn reopen(self, at: DateTime<Utc>) -> Open {
        Open {
            phase: self.phase,
            since: at,
        }
    }
}

impl Cancelled {
    /// Taken up again in the phase where it stopped.
    pub fn reopen(self, at: DateTime<Utc>) -> Open {
        Open {
            phase: self.phase,
            since: at,
        }
    }
}

impl Lifecycle {
    /// The open state, if it is open.
    pub fn open(&self) -> Option<&Open> {
        match self {
            Self::Open(open) => Some(open),
            Self::Closed(_) | Self::Cancelled(_) => None,
        }
    }

    /// The phase that it is or was in.
    pub fn phase(&self) -> &str {
        match self {
            Self::Open(open) => &open.phase,
            Self::Closed(closed) => &closed.phase,
            Self::Cancelled(cancelled) => &cancelled.phase,
        }
    }

    /// When it came to rest, if it did.
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Open(_) => None,
            Self::Closed(closed) => Some(closed.at),
            Self::Cancelled(cancelled) => Some(cancelled.at),
        }
    }

    /// The state's name.
    pub fn name(&self) -> StateName {
        match self {
            Self::Open(_) => StateName::Open,
            Self::Closed(_) => StateName::Closed,
            Self::Cancelled(_) => StateName::Cancelled,
        }
    }
}

/// A state's name, for refusals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateName {
    /// Being worked on.
    Open,
    /// Finished.
    Closed,
    /// Called off.
    Cancelled,
}

impl fmt::Display for StateName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        })
    }
}
