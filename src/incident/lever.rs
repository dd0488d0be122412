//! What can be pulled, and what a run of it is.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::plan::{Plan, Step};

/// Something that admins pull.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "lever", rename_all = "snake_case")]
pub enum Lever {
    /// A procedure of the plan, with its parameters.
    Procedure {
        id: String,
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        parameters: BTreeMap<String, String>,
    },
    /// Credentials of the plan are rotated, in this order.
    Rotate { credentials: Vec<String> },
}

/// How much of it is real.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everything.
    Live,
    /// Nothing: the incident is a drill.
    Drill,
    /// Nothing: somebody wanted to see what would happen.
    DryRun,
}

/// By what right it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Warrant {
    /// The asker's own permission and a confirming press.
    Confirmed,
    /// Somebody else approved it.
    Approved,
    /// There was nobody else who could approve: name typed, reason given, time to abort.
    SinglePerson,
    /// An owner ran a fail-safe procedure at once, alone.
    BreakGlass,
    /// From the host or the admin endpoint.
    Host,
}

/// A step of a run: of which procedure or credential, which one, and whether it is the step that takes it back.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct StepKey {
    /// Id of the procedure or credential.
    pub part: String,
    /// Its index there, from 0. A credential's check stands after its last step.
    pub index: u32,
    /// The step that takes it back.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub undo: bool,
    /// The look that tells whether that step is done.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub check: bool,
}

impl fmt::Display for StepKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.index + 1)?;
        if self.undo {
            f.write_str("/undo")?;
        }
        if self.check {
            f.write_str("/check")?;
        }
        Ok(())
    }
}

impl Lever {
    /// SHA-256 (hex) over what would be done: the definition in this plan, and the parameters. `None`: the plan does
    /// not have it. An approval is bound to it, so that nothing else can run under the same name.
    pub fn fingerprint(&self, plan: &Plan) -> Option<String> {
        let definition = match self {
            Self::Procedure { id, parameters } => {
                let procedure = plan.procedures.iter().find(|it| it.id == *id)?;
                serde_json::to_string(&(procedure, parameters))
            }
            Self::Rotate { credentials } => {
                let all: Option<Vec<_>> = credentials
                    .iter()
                    .map(|id| plan.credentials.iter().find(|it| it.id == *id))
                    .collect();
                serde_json::to_string(&all?)
            }
        };
        let mut sum = Sha256::new();
        sum.update(definition.ok()?);
        Some(hex(&sum.finalize()))
    }

    /// The word by which it is asked for: a procedure's id.
    pub fn word(&self) -> &str {
        match self {
            Self::Procedure { id, .. } => id,
            Self::Rotate { .. } => "rotate",
        }
    }

    /// What it is called in the plan.
    pub fn title(&self, plan: &Plan) -> String {
        match self {
            Self::Procedure { id, .. } => {
                let named = plan.procedures.iter().find(|it| it.id == *id);
                named.map_or_else(|| id.clone(), |it| it.name.clone())
            }
            Self::Rotate { credentials } => credentials.join(", "),
        }
    }

    /// The steps in order.
    pub fn steps<'p>(&self, plan: &'p Plan) -> Vec<(StepKey, &'p Step)> {
        let parts: Vec<(&str, &'p [Step])> = match self {
            Self::Procedure { id, .. } => plan
                .procedures
                .iter()
                .filter(|it| it.id == *id)
                .map(|it| (it.id.as_str(), it.steps.as_slice()))
                .collect(),
            Self::Rotate { credentials } => credentials
                .iter()
                .filter_map(|id| plan.credentials.iter().find(|it| it.id == *id))
                .map(|it| (it.id.as_str(), it.steps.as_slice()))
                .collect(),
        };
        parts
            .into_iter()
            .flat_map(|(part, steps)| {
                steps.iter().enumerate().map(move |(index, step)| {
                    let key = StepKey {
                        part: part.to_owned(),
                        index: u32::try_from(index).unwrap_or(u32::MAX),
                        undo: false,
                        check: false,
                    };
                    (key, step)
                })
            })
            .collect()
    }
}

/// Bytes as lower-case hex digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
