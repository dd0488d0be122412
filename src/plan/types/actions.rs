//! What a step does: requests, programs, files, statements, services, and what only looks or tells.

use serde::Serialize;
use std::collections::BTreeMap;

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
