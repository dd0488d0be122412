//! Faults that a test asks for: how often a method fails, and in which way.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

/// What goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// 500 Internal Server Error; the call is not processed.
    Http500,
    /// 429 with this `retry_after`, in seconds; the call is not processed.
    TooMany {
        /// Seconds that the answer asks to wait.
        retry_after: u64,
    },
    /// The connection drops before the call is processed.
    ResetBefore,
    /// The call is processed, then the connection drops without an answer.
    ResetAfter,
    /// The answer waits this many milliseconds before the call is processed.
    Hang {
        /// Milliseconds.
        ms: u64,
    },
    /// The call is processed, then the answer waits this many milliseconds.
    HangAfter {
        /// Milliseconds.
        ms: u64,
    },
    /// The call is processed and answered with 200 and a body that is no JSON.
    Garbage,
}

/// One fault to inject.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The method it strikes, in any letter case; `None` is every method.
    pub method: Option<String>,
    /// What goes wrong.
    pub kind: FaultKind,
    /// Chance per call, 0 to 1.
    pub probability: f64,
    /// How many times it strikes at most; `None` is without end.
    pub times: Option<u32>,
}

impl Fault {
    /// Strikes a method each time, for so many times.
    pub fn times(method: &str, kind: FaultKind, times: u32) -> Self {
        Self {
            method: Some(method.to_owned()),
            kind,
            probability: 1.0,
            times: Some(times),
        }
    }

    /// Strikes every method with this chance.
    pub fn anywhere(kind: FaultKind, probability: f64) -> Self {
        Self {
            method: None,
            kind,
            probability,
            times: None,
        }
    }
}

#[derive(Debug)]
pub(crate) struct Faults {
    list: Vec<Fault>,
    rng: StdRng,
    pub down: bool,
}

impl Faults {
    pub fn new(seed: u64) -> Self {
        Self {
            list: Vec::new(),
            rng: StdRng::seed_from_u64(seed),
            down: false,
        }
    }

    pub fn add(&mut self, fault: Fault) {
        self.list.push(fault);
    }

    pub fn clear(&mut self) {
        self.list.clear();
    }

    /// The fault that strikes this call, if any; the first that matches wins.
    pub fn draw(&mut self, method: &str) -> Option<FaultKind> {
        for fault in &mut self.list {
            let matches = fault
                .method
                .as_deref()
                .is_none_or(|name| name.eq_ignore_ascii_case(method));
            if !matches || fault.times == Some(0) {
                continue;
            }
            if fault.probability >= 1.0 || self.rng.random::<f64>() < fault.probability {
                if let Some(times) = &mut fault.times {
                    *times -= 1;
                }
                return Some(fault.kind.clone());
            }
        }
        None
    }
}

/// How long a hang waits.
pub(crate) fn wait(kind: Option<&FaultKind>, after: bool) -> Option<Duration> {
    match kind {
        Some(FaultKind::Hang { ms }) if !after => Some(Duration::from_millis(*ms)),
        Some(FaultKind::HangAfter { ms }) if after => Some(Duration::from_millis(*ms)),
        _ => None,
    }
}
