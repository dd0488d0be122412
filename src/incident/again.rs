//! A command that reached the bot too late, kept until whoever sent it says that it is still meant.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use serde::{Deserialize, Serialize};

use super::command::{CancelAs, Command, Setup, StepRef, Whom};
use super::people::Permission;
use super::saga::Choice;

/// The commands of T2 and above that are no levers: a lever that comes late becomes a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Again {
    /// `/severity`, downwards.
    Severity { code: String, why: Option<String> },
    /// `/next force`
    Next { why: String },
    /// `/contact`
    Contact {
        contact: String,
        whom: Whom,
        backup: Option<Whom>,
    },
    /// `/cancel`
    Cancel { kind: CancelAs, why: String },
    /// `/close`
    Close { force: Option<String> },
    /// `/reopen`
    Reopen { why: String },
    /// `/report`
    Report { format: String },
    /// `/export`
    Export,
    /// `/audit`
    Audit { count: Option<usize> },
    /// `/drill`
    Drill { name: String },
    /// `/abort` of a run.
    AbortRun { run: Option<u32>, why: String },
    /// `/step`
    Step {
        run: Option<u32>,
        step: Option<StepRef>,
        choice: Choice,
    },
    /// `/setup`
    Setup { setup: Setup },
    /// `/grant`
    Grant { permission: Permission, whom: Whom },
    /// `/revoke`
    Revoke { whom: Whom },
}

impl Again {
    /// The command to be kept. `None`: it is not offered again so.
    pub fn of(command: &Command) -> Option<Self> {
        Some(match command.clone() {
            Command::Severity { code, why } => Self::Severity { code, why },
            Command::Next {
                force: Some(why), ..
            } => Self::Next { why },
            Command::Contact {
                contact,
                whom,
                backup,
            } => Self::Contact {
                contact,
                whom,
                backup,
            },
            Command::Cancel { kind, why } => Self::Cancel { kind, why },
            Command::Close { force } => Self::Close { force },
            Command::Reopen { why } => Self::Reopen { why },
            Command::Report { format } => Self::Report { format },
            Command::Export => Self::Export,
            Command::Audit { count } => Self::Audit { count },
            Command::Drill { name: Some(name) } => Self::Drill { name },
            Command::AbortRun { run, why } => Self::AbortRun { run, why },
            Command::Step { run, step, choice } => Self::Step { run, step, choice },
            Command::Setup(setup) => Self::Setup { setup },
            Command::Grant { permission, whom } => Self::Grant { permission, whom },
            Command::Revoke { whom } => Self::Revoke { whom },
            _ => return None,
        })
    }

    /// The command as it came.
    pub fn command(&self) -> Command {
        match self.clone() {
            Self::Severity { code, why } => Command::Severity { code, why },
            Self::Next { why } => Command::Next {
                force: Some(why),
                from: None,
            },
            Self::Contact {
                contact,
                whom,
                backup,
            } => Command::Contact {
                contact,
                whom,
                backup,
            },
            Self::Cancel { kind, why } => Command::Cancel { kind, why },
            Self::Close { force } => Command::Close { force },
            Self::Reopen { why } => Command::Reopen { why },
            Self::Report { format } => Command::Report { format },
            Self::Export => Command::Export,
            Self::Audit { count } => Command::Audit { count },
            Self::Drill { name } => Command::Drill { name: Some(name) },
            Self::AbortRun { run, why } => Command::AbortRun { run, why },
            Self::Step { run, step, choice } => Command::Step { run, step, choice },
            Self::Setup { setup } => Command::Setup(setup),
            Self::Grant { permission, whom } => Command::Grant { permission, whom },
            Self::Revoke { whom } => Command::Revoke { whom },
        }
    }
}
