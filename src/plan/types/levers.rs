//! What the bot can execute: procedures, credentials, collectors, probes and their connections.

use super::{Action, Minutes};
use serde::Serialize;

words! {
    /// How dangerous a procedure is.
    Tier {
        /// Reversible.
        T2 = "t2",
        /// Destructive, or about trust.
        T3 = "t3",
    }
}

words! {
    /// What a procedure does when a step fails.
    OnFailure {
        /// Stop and undo what can be undone.
        Stop = "stop",
        /// Go on: do as much as possible.
        Continue = "continue",
    }
}

words! {
    /// Whether destructive levers want a second factor of those who have none yet.
    SecondFactor {
        /// Whoever has one uses it.
        Optional = "optional",
        /// Nobody without one asks or approves.
        Required = "required",
    }
}

/// What holds for every lever of the plan.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LeverRules {
    /// One-time codes.
    pub totp: SecondFactor,
}

/// A named list of steps.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Procedure {
    /// Id, as in `/run collect`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it does, in a sentence.
    pub summary: String,
    /// How dangerous it is.
    pub tier: Tier,
    /// How many people must agree, the asker included.
    pub approvals: u32,
    /// Owners may run it at once, alone (break-glass).
    pub fail_safe: bool,
    /// What it touches, for people.
    pub touches: Vec<String>,
    /// What must be given to run it.
    pub parameters: Vec<Parameter>,
    /// What it does.
    pub steps: Vec<Step>,
    /// Id of the procedure that takes it back.
    pub undo: Option<String>,
    /// How long after a run it must rest.
    pub cooldown: Option<Minutes>,
    /// What a failing step does to the rest.
    pub on_failure: OnFailure,
}

/// A value that a procedure needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Name, as in `${param.target}`.
    pub name: String,
    /// Label for people.
    pub label: String,
    /// What it may look like.
    pub kind: ParameterKind,
    /// Whether it may be left out.
    pub required: bool,
    /// Collector whose output lists the choices.
    pub choices: Option<String>,
    /// A value that it could have, for help: one that its kind allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

words! {
    /// What a parameter's value may look like; checked before any step runs.
    ParameterKind {
        /// An abbreviated or whole commit hash.
        Commit = "commit",
        /// The file name of a backup, without any folder.
        Backup = "backup",
        /// An IPv4 or IPv6 address, or a network.
        Address = "address",
        /// Letters, digits, `-`, `_`, `.`, `@`, at most 128.
        Name = "name",
        /// A moment.
        Time = "time",
    }
}

/// One action of a procedure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Step {
    /// What it does, for people.
    pub name: String,
    /// The action.
    pub action: Action,
    /// Whether running it twice is as good as once.
    pub idempotent: bool,
    /// Time limit in seconds.
    pub timeout_seconds: u32,
    /// What a person does instead where the connection is not set up.
    pub by_hand: Option<String>,
    /// The step that takes it back. A file step whose previous state is kept has one, even where the plan names none.
    pub undo: Option<Box<Step>>,
    /// The probe that is green once the step is done: it settles an outcome that nobody knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// It takes itself back after this time unless somebody confirms it.
    pub revert_after: Option<Minutes>,
    /// Steps next to each other with the same group name start together; what follows waits for all of them.
    pub group: Option<String>,
    /// The number, from 1, of the earlier step of the same list that must be done before: without it this one is left to a
    /// person, also where the rest goes on past failures. In a way back: the step, of any place in the list, without which
    /// there is nothing to take back, so that it is not executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<u32>,
    /// How often it is tried again by itself after a failure. Only for steps that are idempotent.
    pub retries: u32,
    /// The pause before each of these, in seconds.
    pub retry_wait_seconds: u32,
}

/// Something that can be rotated.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Credential {
    /// Id, as in `/rotate n8n_api_key`.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// Name of the setting that holds it.
    pub secret: String,
    /// What it opens.
    pub opens: String,
    /// What its rotation touches, for people: what restarts, who is signed out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub touches: Vec<String>,
    /// How old it may get.
    pub max_age: Minutes,
    /// How it is rotated.
    pub steps: Vec<Step>,
    /// Probe that must be green afterwards.
    pub check: Option<String>,
    /// The bot itself uses it: the rotation goes on after a restart.
    pub restarts_bot: bool,
}

/// Where evidence comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Collector {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// How it is gathered: http, command, file, sql or service.
    pub action: Action,
    /// Time limit in seconds.
    pub timeout_seconds: u32,
    /// Cap of the output in KiB; the hash is of the whole.
    pub limit_kib: u32,
    /// Hits are listed for a person to judge; no hit is good news.
    pub judge: bool,
    /// What a person does instead where the connection is not set up.
    pub by_hand: Option<String>,
}

/// A verification check.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Probe {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// The check: http, command, file, sql, service or manual, or a port.
    pub check: Check,
    /// Time limit in seconds.
    pub timeout_seconds: u32,
    /// What a person does instead where the connection is not set up.
    pub by_hand: Option<String>,
}

/// What a probe looks at.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Check {
    /// The action must succeed.
    Action(Action),
    /// Something must accept connections.
    Tcp {
        /// Connection, of kind host.
        connection: String,
        /// Port.
        port: u16,
    },
    /// The certificate must stay valid for a while.
    Certificate {
        /// Connection, of kind http.
        connection: String,
        /// Least number of days.
        days: u32,
    },
}

/// A target by name. Address and secrets are settings of the machine, not of the plan.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Connection {
    /// Id.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// What it is.
    pub kind: ConnectionKind,
    /// Environment variable that holds the address.
    pub address: String,
    /// Environment variables that hold its secrets.
    pub secrets: Vec<String>,
    /// Further environment variables that are no secrets, such as the id of a project.
    pub settings: Vec<String>,
}

words! {
    /// What a connection is.
    ConnectionKind {
        /// The base address of an HTTP service.
        Http = "http",
        /// A database's connection address.
        Database = "database",
        /// A machine on which programs run and services live.
        Host = "host",
        /// A folder.
        Folder = "folder",
    }
}
