//! What the bot can execute: procedures, credentials, collectors, probes and their connections.

use super::Minutes;
use serde::Serialize;
use std::collections::BTreeMap;

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
    /// person, also where the rest goes on past failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<u32>,
    /// How often it is tried again by itself after a failure. Only for steps that are idempotent.
    pub retries: u32,
    /// The pause before each of these, in seconds.
    pub retry_wait_seconds: u32,
}

/// What a step does. Values may hold `${secret.NAME}`, `${setting.NAME}`, `${param.NAME}`, `${generated}`,
/// `${incident.id}`, `${now}` and `${since}` (a day before the start); they are put in as data, never as part of a command line.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// A request.
    Http(HttpRequest),
    /// A program with its arguments, without a shell.
    Command(CommandCall),
    /// A change to a file.
    File(FileChange),
    /// One fixed statement with bound parameters.
    Sql(SqlCall),
    /// A unit of the host's service manager.
    Service {
        /// Connection, of kind host.
        connection: String,
        /// Unit name.
        unit: String,
        /// What happens to it.
        change: ServiceChange,
    },
    /// A verification check that must be green.
    Probe {
        /// Id of the probe.
        probe: String,
    },
    /// Evidence is gathered.
    Collect {
        /// Ids of the collectors.
        collectors: Vec<String>,
    },
    /// A message goes out.
    Notify {
        /// Id of the template.
        template: String,
    },
    /// A pause.
    Wait {
        /// Its length in seconds.
        seconds: u32,
    },
    /// A person does it and says so.
    Manual {
        /// What to do.
        text: String,
        /// Where.
        link: Option<String>,
    },
}

/// A request to a connection of kind http.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HttpRequest {
    /// Connection.
    pub connection: String,
    /// Method.
    pub method: HttpMethod,
    /// Path and query below the connection's address.
    pub path: String,
    /// Headers.
    pub headers: BTreeMap<String, String>,
    /// Body.
    pub body: Option<String>,
    /// Statuses that mean success; never empty.
    pub expect_status: Vec<u16>,
    /// Text that the answer must contain.
    pub expect_body: Option<String>,
}

words! {
    /// Methods of a request.
    HttpMethod {
        /// GET.
        Get = "GET",
        /// HEAD.
        Head = "HEAD",
        /// POST.
        Post = "POST",
        /// PUT.
        Put = "PUT",
        /// PATCH.
        Patch = "PATCH",
        /// DELETE.
        Delete = "DELETE",
    }
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CommandCall {
    /// Connection, of kind host or folder: where it runs.
    pub connection: String,
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Environment variables that are handed down, by name.
    pub env: Vec<String>,
    /// What it reads on its standard input.
    pub stdin: Option<String>,
    /// Exit codes that mean success; never empty.
    pub expect_exit: Vec<i32>,
    /// All that it may print, blanks around it aside: some programs find a fault, say so and end with 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect_output: Option<String>,
}

/// A change to a file of a folder connection.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileChange {
    /// Connection, of kind folder.
    pub connection: String,
    /// Path inside the folder.
    pub path: String,
    /// What happens.
    pub change: FileOperation,
    /// Content, or the path it is copied or swapped from or to.
    pub with: Option<String>,
}

words! {
    /// What happens to a file.
    FileOperation {
        /// It is created, or overwritten, with a content.
        Write = "write",
        /// It is removed; the previous state is kept for undo.
        Remove = "remove",
        /// It is copied to another place of the folder.
        Copy = "copy",
        /// It is replaced in one move by another file; the previous state is kept for undo.
        Swap = "swap",
        /// It is read, as evidence.
        Read = "read",
        /// It must be there.
        Exists = "exists",
        /// It must not be there.
        Absent = "absent",
        /// It is put back as it was before the run changed it.
        Restore = "restore",
    }
}

impl FileOperation {
    /// Whether the state before it is kept, so that [`Self::Restore`] can put it back.
    pub const fn is_kept(self) -> bool {
        matches!(self, Self::Write | Self::Remove | Self::Swap)
    }
}

/// A fixed statement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SqlCall {
    /// Connection, of kind database.
    pub connection: String,
    /// The statement, with `$1`, `$2`…
    pub statement: String,
    /// Values of the parameters in order.
    pub parameters: Vec<String>,
    /// A second fixed statement without parameters, in the same transaction.
    pub then: Option<String>,
    /// Where a check is meant: rows or the first number must be at least this.
    pub at_least: Option<u32>,
    /// Where a check is meant: rows or the first number must be at most this.
    pub at_most: Option<u32>,
    /// Where the sign-in itself is meant: it comes in as this role, not as the address says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignIn>,
}

/// Who signs in to a database. The password must open it, and another must not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SignIn {
    /// The role.
    pub role: String,
    /// Its password: `${generated}` or `${secret.NAME}`.
    pub password: String,
}

words! {
    /// What happens to a service.
    ServiceChange {
        /// Start it.
        Start = "start",
        /// Stop it.
        Stop = "stop",
        /// Stop and start it.
        Restart = "restart",
        /// Ask whether it runs.
        Status = "status",
    }
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

words! {
    /// The kinds of actions.
    StepKind {
        /// A request.
        Http = "http",
        /// A program.
        Command = "command",
        /// A file.
        File = "file",
        /// A statement.
        Sql = "sql",
        /// A unit.
        Service = "service",
        /// A check.
        Probe = "probe",
        /// Evidence.
        Collect = "collect",
        /// A message.
        Notify = "notify",
        /// A pause.
        Wait = "wait",
        /// A person.
        Manual = "manual",
    }
}

impl Action {
    /// Its kind.
    pub const fn kind(&self) -> StepKind {
        match self {
            Self::Http(_) => StepKind::Http,
            Self::Command(_) => StepKind::Command,
            Self::File(_) => StepKind::File,
            Self::Sql(_) => StepKind::Sql,
            Self::Service { .. } => StepKind::Service,
            Self::Probe { .. } => StepKind::Probe,
            Self::Collect { .. } => StepKind::Collect,
            Self::Notify { .. } => StepKind::Notify,
            Self::Wait { .. } => StepKind::Wait,
            Self::Manual { .. } => StepKind::Manual,
        }
    }

    /// Whether it changes something outside. What only looks, waits or tells leaves nothing to take back.
    pub fn acts(&self) -> bool {
        match self {
            Self::Http(request) => !matches!(request.method, HttpMethod::Get | HttpMethod::Head),
            Self::Command(_) => true,
            Self::File(file) => matches!(
                file.change,
                FileOperation::Write
                    | FileOperation::Remove
                    | FileOperation::Copy
                    | FileOperation::Swap
                    | FileOperation::Restore
            ),
            // A statement with limits for its result is a check.
            Self::Sql(call) => call.at_least.is_none() && call.at_most.is_none(),
            Self::Service { change, .. } => *change != ServiceChange::Status,
            Self::Probe { .. }
            | Self::Collect { .. }
            | Self::Notify { .. }
            | Self::Wait { .. }
            | Self::Manual { .. } => false,
        }
    }

    /// The connection that it needs, if any.
    pub fn connection(&self) -> Option<&str> {
        match self {
            Self::Http(HttpRequest { connection, .. })
            | Self::Command(CommandCall { connection, .. })
            | Self::File(FileChange { connection, .. })
            | Self::Sql(SqlCall { connection, .. })
            | Self::Service { connection, .. } => Some(connection),
            Self::Probe { .. }
            | Self::Collect { .. }
            | Self::Notify { .. }
            | Self::Wait { .. }
            | Self::Manual { .. } => None,
        }
    }
}
