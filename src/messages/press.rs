//! What a button sends back: short, typed, with a version in front. Whatever arrives is hostile until it is read.

use crate::incident::{Choice, IncidentId, Series};

/// The version of the form below. A button of another version is answered by "use the newest card".
const VERSION: &str = "1";
/// What Telegram carries, in bytes.
pub const MAX_BYTES: usize = 64;

/// A pressed button.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// An item is done.
    Tick {
        /// Of this incident.
        incident: IncidentId,
        /// Its id: numbers could move.
        item: String,
    },
    /// A tick is taken back.
    Untick {
        /// Of this incident.
        incident: IncidentId,
        /// Its id.
        item: String,
    },
    /// Into the next phase.
    Next {
        /// Which incident.
        incident: IncidentId,
        /// The phase that the presser saw: a second press does nothing.
        from_phase: String,
    },
    /// It is over.
    Close {
        /// Which incident.
        incident: IncidentId,
    },
    /// Seen.
    Ack {
        /// Which incident.
        incident: IncidentId,
    },
    /// Chooses a severity.
    Severity {
        /// Which incident.
        incident: IncidentId,
        /// Its code.
        code: String,
    },
    /// Takes a role.
    Role {
        /// Which incident.
        incident: IncidentId,
        /// Its id.
        role: String,
    },
    /// Shows the playbooks, or one of them.
    Playbook {
        /// Of this incident's plan; else of the chat's.
        incident: Option<IncidentId>,
        /// Its id.
        name: Option<String>,
    },
    /// Shows where the incident stands.
    Status {
        /// Which incident.
        incident: IncidentId,
    },
    /// Draws the card anew.
    Refresh {
        /// Which incident.
        incident: IncidentId,
    },
    /// Shows the timeline.
    Timeline {
        /// Which incident.
        incident: IncidentId,
    },
    /// "The same incident, or a separate one?"
    Declare {
        /// The question.
        ask: u32,
        /// A separate one.
        separate: bool,
    },
    /// Decides about a step of a run.
    Step {
        /// Of this incident.
        incident: IncidentId,
        /// The run's number.
        run: u32,
        /// The step's number in it.
        step: u32,
        /// The step that takes it back.
        undo: bool,
        /// What is decided.
        choice: Choice,
    },
    /// "Is this the right person?"
    Grant {
        /// The question.
        ask: u32,
        /// Yes.
        yes: bool,
    },
    /// "It came late: is it still meant?"
    Again {
        /// The question.
        ask: u32,
        /// Yes.
        yes: bool,
    },
    /// Begins a drill.
    Drill {
        /// Its id in the plan.
        name: String,
    },
    /// An answer to a request.
    Request {
        /// Its number.
        request: u32,
        /// Its own nonce: no other button answers it.
        nonce: String,
        /// What is answered.
        answer: Answer,
    },
}

/// What a button answers to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The asker goes on.
    Confirm,
    /// Somebody approves with this number.
    Pick(u8),
    /// The asker wants to see the number.
    Number,
    /// No.
    Deny,
    /// Stop it.
    Abort,
    /// The same once more.
    Again,
    /// What would it do?
    Preview,
}

impl Answer {
    fn encode(self) -> String {
        match self {
            Self::Confirm => "ok".to_owned(),
            Self::Pick(number) => number.to_string(),
            Self::Number => "num".to_owned(),
            Self::Deny => "no".to_owned(),
            Self::Abort => "stop".to_owned(),
            Self::Again => "again".to_owned(),
            Self::Preview => "dry".to_owned(),
        }
    }

    fn decode(text: &str) -> Option<Self> {
        Some(match text {
            "ok" => Self::Confirm,
            "num" => Self::Number,
            "no" => Self::Deny,
            "stop" => Self::Abort,
            "again" => Self::Again,
            "dry" => Self::Preview,
            digits => Self::Pick(u8::try_from(number(digits)?).ok()?),
        })
    }
}

impl Press {
    /// As a button carries it.
    pub fn encode(&self) -> String {
        let parts = match self {
            Self::Tick { incident, item } => format!("t:{}:{item}", id(*incident)),
            Self::Untick { incident, item } => format!("u:{}:{item}", id(*incident)),
            Self::Next {
                incident,
                from_phase,
            } => format!("n:{}:{from_phase}", id(*incident)),
            Self::Close { incident } => format!("c:{}", id(*incident)),
            Self::Ack { incident } => format!("a:{}", id(*incident)),
            Self::Severity { incident, code } => format!("s:{}:{code}", id(*incident)),
            Self::Role { incident, role } => format!("r:{}:{role}", id(*incident)),
            Self::Playbook { incident, name } => {
                let incident = incident.map(id).unwrap_or_default();
                format!("p:{incident}:{}", name.as_deref().unwrap_or_default())
            }
            Self::Status { incident } => format!("i:{}", id(*incident)),
            Self::Refresh { incident } => format!("f:{}", id(*incident)),
            Self::Timeline { incident } => format!("l:{}", id(*incident)),
            Self::Declare { ask, separate } => format!("d:{ask}:{}", u8::from(*separate)),
            Self::Step {
                incident,
                run,
                step,
                undo,
                choice,
            } => {
                let back = if *undo { "u" } else { "" };
                format!("x:{}:{run}-{step}{back}-{}", id(*incident), choice.word())
            }
            Self::Grant { ask, yes } => format!("g:{ask}:{}", u8::from(*yes)),
            Self::Again { ask, yes } => format!("w:{ask}:{}", u8::from(*yes)),
            Self::Drill { name } => format!("e:{name}"),
            Self::Request {
                request,
                nonce,
                answer,
            } => format!("q:{request}:{nonce}-{}", answer.encode()),
        };
        format!("{VERSION}:{parts}")
    }

    /// Reads what a button sent. `None` for anything that no button of ours could send.
    pub fn decode(data: &str) -> Option<Self> {
        if data.len() > MAX_BYTES {
            return None;
        }
        let mut parts = data.split(':');
        if parts.next()? != VERSION {
            return None;
        }
        let (kind, first, second) = (parts.next()?, parts.next()?, parts.next());
        if parts.next().is_some() {
            return None;
        }
        Some(match (kind, second) {
            ("t", Some(item)) => Self::Tick {
                incident: read_id(first)?,
                item: word(item)?,
            },
            ("u", Some(item)) => Self::Untick {
                incident: read_id(first)?,
                item: word(item)?,
            },
            ("n", Some(phase)) => Self::Next {
                incident: read_id(first)?,
                from_phase: word(phase)?,
            },
            ("c", None) => Self::Close {
                incident: read_id(first)?,
            },
            ("a", None) => Self::Ack {
                incident: read_id(first)?,
            },
            ("s", Some(code)) => Self::Severity {
                incident: read_id(first)?,
                code: word(code)?,
            },
            ("r", Some(role)) => Self::Role {
                incident: read_id(first)?,
                role: word(role)?,
            },
            ("p", Some(name)) => Self::Playbook {
                incident: if first.is_empty() {
                    None
                } else {
                    Some(read_id(first)?)
                },
                name: if name.is_empty() {
                    None
                } else {
                    Some(word(name)?)
                },
            },
            ("i", None) => Self::Status {
                incident: read_id(first)?,
            },
            ("f", None) => Self::Refresh {
                incident: read_id(first)?,
            },
            ("l", None) => Self::Timeline {
                incident: read_id(first)?,
            },
            ("d", Some(flag)) => Self::Declare {
                ask: number(first)?,
                separate: yes(flag)?,
            },
            ("x", Some(decided)) => read_step(read_id(first)?, decided)?,
            ("g", Some(flag)) => Self::Grant {
                ask: number(first)?,
                yes: yes(flag)?,
            },
            ("w", Some(flag)) => Self::Again {
                ask: number(first)?,
                yes: yes(flag)?,
            },
            ("e", None) => Self::Drill { name: word(first)? },
            ("q", Some(rest)) => {
                let (nonce, answer) = rest.split_once('-')?;
                Self::Request {
                    request: number(first)?,
                    nonce: hex(nonce)?,
                    answer: Answer::decode(answer)?,
                }
            }
            _ => return None,
        })
    }
}

/// `s2026.7`: half as long as people write it.
fn id(incident: IncidentId) -> String {
    let series = match incident.series {
        Series::Security => 's',
        Series::Drill => 'd',
    };
    format!("{series}{}.{}", incident.year, incident.number)
}

fn read_id(text: &str) -> Option<IncidentId> {
    let series = match text.as_bytes().first()? {
        b's' => Series::Security,
        b'd' => Series::Drill,
        _ => return None,
    };
    let (year, number_) = text.get(1..)?.split_once('.')?;
    let year = number(year).filter(|year| (1_000..=9_999).contains(year))?;
    let number = number(number_).filter(|number| *number > 0)?;
    Some(IncidentId {
        year: i32::try_from(year).ok()?,
        number,
        series,
    })
}

/// `3-2-retry`, `3-2u-done`
fn read_step(incident: IncidentId, text: &str) -> Option<Press> {
    let mut parts = text.split('-');
    let (run, step, word) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (step, undo) = match step.strip_suffix('u') {
        Some(step) => (step, true),
        None => (step, false),
    };
    Some(Press::Step {
        incident,
        run: number(run)?,
        step: number(step)?,
        undo,
        // A button carries the word exactly.
        choice: Choice::ALL.into_iter().find(|it| it.word() == word)?,
    })
}

/// A number as we write it: digits, no sign, no leading zeros.
fn number(text: &str) -> Option<u32> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading = text.len() > 1 && text.starts_with('0');
    if digits && !leading {
        text.parse().ok()
    } else {
        None
    }
}

/// A nonce as we write it.
fn hex(text: &str) -> Option<String> {
    let fits = text.len() == 8
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    fits.then(|| text.to_owned())
}

fn yes(text: &str) -> Option<bool> {
    match text {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    }
}

/// An id or code of a plan.
fn word(text: &str) -> Option<String> {
    let fits = !text.is_empty()
        && text.len() <= 32
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    fits.then(|| text.to_owned())
}

#[cfg(test)]
mod tests;
