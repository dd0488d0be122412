//! Marks and alarms that belong to no command.

use super::html::line;
use super::phrases::{Phrases, say};
use super::view::View;

/// The mark (HTML) on a message that may have been sent before.
pub fn possible_repeat(phrases: &Phrases) -> String {
    phrases.word("possible-repeat").into_string()
}

/// The answer to a press whose data nobody here wrote, or an older version did.
pub fn stale_press(view: &View<'_>) -> String {
    view.phrases.word("stale-press").plain()
}

/// The alarm about an update that was set aside.
pub fn set_aside(phrases: &Phrases, kind: &str, reason: &str) -> String {
    say!(
        phrases,
        "set-aside",
        kind = line(kind, 40),
        reason = line(reason, 200)
    )
    .into_string()
}

/// How many messages could not be delivered to this chat and wait.
pub fn parked(phrases: &Phrases, count: usize) -> String {
    say!(phrases, "parked", count = count).into_string()
}

/// To the owners in private: a lever was pulled without the ledger, and no chat can take it.
pub fn host_run_homeless(phrases: &Phrases, procedure: &str, plan: &str, why: &str) -> String {
    say!(
        phrases,
        "host-run-homeless",
        procedure = line(procedure, 64),
        plan = line(plan, 64),
        why = line(why, 200)
    )
    .into_string()
}

/// To the home chat: the log was changed from outside.
pub fn log_broken(phrases: &Phrases, fault: &str, more: usize) -> String {
    say!(phrases, "log-broken-alarm", fault = fault, more = more).into_string()
}
