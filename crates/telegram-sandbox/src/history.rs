//! Every Bot API call that came, newest last, as far as there is room.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

/// Calls that are kept.
const KEPT: usize = 5_000;

/// One Bot API call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The method in its documented spelling.
    pub method: String,
    /// Its parameters; files are named, not carried.
    pub params: Value,
    /// The result as JSON text, or the error's code and description.
    pub outcome: Result<String, (u16, String)>,
    /// Milliseconds since 1970 by the stand-in's clock.
    pub at_ms: i64,
}

#[derive(Debug, Default)]
pub(crate) struct History {
    calls: VecDeque<Call>,
    counts: BTreeMap<String, u64>,
}

impl History {
    pub fn add(&mut self, call: Call) {
        match self.counts.get_mut(&call.method) {
            Some(count) => *count += 1,
            None => {
                self.counts.insert(call.method.clone(), 1);
            }
        }
        if self.calls.len() >= KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back(call);
    }

    pub fn calls(&self) -> Vec<Call> {
        self.calls.iter().cloned().collect()
    }

    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.counts.clone()
    }
}
