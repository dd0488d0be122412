//! What executing a step came to. No words: those live in `messages/`. What a program or server said itself stands beside
//! it as a quote, in the summary.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use std::net::IpAddr;

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// What came of a step. "With" names what the quote beside it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum StepFact {
    /// Its connection is not set up: a person does it. With what they do.
    NotSetUp { missing: Vec<String> },
    /// Somebody wanted an end before anything was done.
    NotBegun,
    /// Somebody wanted an end.
    CutOff,
    /// It was not done in time.
    NotDone { millis: u64 },
    /// Nothing answered in time.
    NoAnswer { millis: u64 },
    /// It never came back.
    NoEnd,
    /// It broke while it was under way.
    Broke,
    /// A check or a collector must not change anything.
    MustNotChange,
    /// It did what it should, but what it printed could not be kept. With the reason.
    OutputLost,
    /// Evidence was gathered. With the first failure.
    Gathered { kept: u32, missing: usize },
    /// A pause was kept.
    Waited { seconds: u32 },

    /// A program ended. With what it said last.
    Exit { program: String, code: i32 },
    /// A program printed something else than it must. With what.
    Printed {
        program: String,
        code: i32,
        wanted: String,
    },
    /// What a program printed cannot be read to its end.
    PrintedUnread { program: String, code: i32 },
    /// A program cannot be started. With the reason.
    NotStarted { program: String },
    /// A program was killed by somebody. With what it said last.
    Killed { program: String, signal: i32 },
    /// A program was stopped: after its time, or since somebody wanted it. With what it said last.
    Stopped {
        program: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        millis: Option<u64>,
    },
    /// Programs start in a folder, and this variable names none.
    NoFolder { variable: String },

    /// A unit is as this word of the service manager says.
    Unit { unit: String, state: String },
    /// A unit stays as it should not; how long it was waited for.
    UnitStill {
        unit: String,
        state: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        millis: Option<u64>,
    },
    /// The service manager does not say how a unit is.
    UnitUnknown { unit: String },

    /// A server answered. `cut`: what is missing of its answer.
    Answered {
        status: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cut: Option<Cut>,
    },
    /// Another status than the plan expects.
    Unexpected { status: u16, expected: Vec<u16> },
    /// The answer lacks the text that it must have.
    WithoutText { status: u16 },
    /// It sends to another host; none: to an address that cannot be read.
    Elsewhere {
        status: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        host: Option<String>,
    },
    /// Something between us and the server answered for it.
    Gateway { status: u16 },
    /// Nothing left the house. With the reason.
    NotReachable,
    /// It left, and no whole answer came. With the reason.
    NoWholeAnswer,
    /// Where a request would go, and why it does not.
    Address {
        host: String,
        #[serde(flatten)]
        why: Closed,
    },
    /// A variable holds no address of the kind that is needed.
    BadAddress { variable: String, wanted: Wanted },
    /// The path of a request leads away from its connection, or nowhere.
    BadPath,
    /// A header cannot be sent.
    BadHeader { name: String },

    /// Rows came back.
    Rows { count: u64 },
    /// Rows were changed.
    RowsChanged { count: u64 },
    /// One number came back.
    Figure { number: String },
    /// A statement was done, and nothing came of it.
    StatementDone,
    /// Too few or too many; `rows`: the number is one of rows.
    OutOfBounds {
        number: String,
        rows: bool,
        #[serde(flatten)]
        bound: Bound,
    },
    /// A database cannot be opened. With the reason.
    NotOpened { database: String },
    /// Stopped; nothing was committed.
    NothingCommitted,
    /// The commit failed. With the reason.
    CommitFailed,
    /// Nobody knows whether it was committed.
    CommitUnknown,
    /// A server lets a role in whatever its password.
    AnyPassword { role: String },

    /// A port accepts connections.
    PortOpen { port: u16 },
    /// It does not. With the reason; or it gave no answer for so long.
    PortClosed {
        port: u16,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        millis: Option<u64>,
    },
    /// A certificate is good for so long.
    CertificateGood { days: u32 },
    /// A certificate ends too soon, or has ended: `left` is below 0 then.
    CertificateEnds { left: i64, day: NaiveDate },
    /// A certificate ends within so many days.
    CertificateEndsWithin { days: u32 },

    /// A file step.
    File {
        path: String,
        #[serde(flatten)]
        what: FileFact,
    },
}

/// What is missing of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cut", rename_all = "snake_case")]
pub enum Cut {
    /// It was enough all the same.
    Rest,
    /// It broke off.
    BrokeOff,
    /// It took longer.
    Late { millis: u64 },
    /// Somebody wanted an end.
    Stopped,
}

/// Why no request goes to a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Closed {
    /// Its name cannot be resolved. With the reason.
    NotResolved,
    /// Its name was not resolved in time.
    Late,
    /// It has no address.
    NoAddress,
    /// It leads where none may go, ever.
    Never { ip: IpAddr },
    /// It leads into a private network that nobody allowed.
    Private { ip: IpAddr, variable: String },
    /// It leads outside of the networks that are allowed.
    Outside { ip: IpAddr, variable: String },
    /// Plain http would show the request to others.
    PlainHttp { variable: String },
}

/// What an address must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wanted {
    Http,
    Https,
    Host,
    Database,
}

/// What a number must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "bound", rename_all = "snake_case")]
pub enum Bound {
    AtLeast { least: u32 },
    AtMost { most: u32 },
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum FileFact {
    Written,
    Swapped,
    Removed,
    Copied,
    /// It was read.
    Read {
        bytes: u64,
    },
    /// What is there before is back.
    AsBefore,
    /// Nothing is kept from before: a person must look.
    NothingKept,
    There,
    NotThere,
    /// There was nothing to remove.
    WasNotThere,
    /// There was nothing to copy.
    ThereAlready,
    /// It leads out of the folder.
    Outside,
    Link,
    NotPlain,
    IsFolder,
    Taken,
    Missing,
    /// The machine said no. With the reason.
    Refused,
    /// The work on it broke off.
    BrokeOff,
}

impl FileFact {
    /// As texts are named after it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::Swapped => "swapped",
            Self::Removed => "removed",
            Self::Copied => "copied",
            Self::Read { .. } => "read",
            Self::AsBefore => "as-before",
            Self::NothingKept => "nothing-kept",
            Self::There => "there",
            Self::NotThere => "not-there",
            Self::WasNotThere => "was-not-there",
            Self::ThereAlready => "there-already",
            Self::Outside => "outside",
            Self::Link => "link",
            Self::NotPlain => "not-plain",
            Self::IsFolder => "is-folder",
            Self::Taken => "taken",
            Self::Missing => "missing",
            Self::Refused => "refused",
            Self::BrokeOff => "broke-off",
        }
    }
}

impl StepFact {
    /// With every text in it changed by `change`: names of programs, paths and hosts may come from outside. None where it
    /// is no fact any more then.
    pub fn changed(&self, change: impl Fn(&str) -> String) -> Option<Self> {
        let mut value = serde_json::to_value(self).ok()?;
        let mut open = vec![&mut value];
        while let Some(next) = open.pop() {
            match next {
                Value::String(text) => *text = change(text),
                Value::Array(all) => open.extend(all),
                Value::Object(fields) => open.extend(fields.values_mut()),
                _ => {}
            }
        }
        serde_json::from_value(value).ok()
    }
}

/// Reads a fact. One that a later version wrote is none: the summary stays, and the event is read all the same.
pub(in crate::incident) fn lenient<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<StepFact>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(StepFact::deserialize(value).ok())
}

#[cfg(test)]
pub(crate) mod tests;
