//! What happened to somebody's second factor: never a secret, never a code.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum FactorChange {
    /// It was set up, and its first code was right.
    Enrolled,
    /// Too many codes were wrong.
    Locked { until: DateTime<Utc> },
    /// It was taken away on the host.
    ResetOnHost,
}
