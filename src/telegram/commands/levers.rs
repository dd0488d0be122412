//! Levers and the answers to requests, as they are typed.

use super::Arguments;
use crate::incident::{Command, Pull};

/// The words of the levers: two of them in one message are no command.
const LEVERS: [&str; 8] = [
    "emergency_shutdown",
    "lockdown",
    "restore",
    "rollback",
    "run",
    "rotate",
    "collect",
    "verify",
];

pub(super) fn pull(verb: &'static str, arguments: &Arguments<'_>) -> Command {
    let words = arguments.text();
    if words.split_whitespace().any(is_lever) {
        return Command::TwoLevers { verb };
    }
    Command::Pull(Pull { verb, words })
}

/// `/restore`, also as `/restore@some_bot`.
fn is_lever(word: &str) -> bool {
    let Some(name) = word.strip_prefix('/') else {
        return false;
    };
    let name = name.split('@').next().unwrap_or_default();
    LEVERS.iter().any(|lever| name.eq_ignore_ascii_case(lever))
}

pub(super) fn approve(arguments: &mut Arguments<'_>) -> Command {
    match number(&arguments.word()) {
        Some(request) => Command::Approve {
            request,
            words: arguments.text(),
            nonce: None,
        },
        None => super::misused("approve")(),
    }
}

pub(super) fn deny(arguments: &mut Arguments<'_>) -> Command {
    match number(&arguments.word()) {
        Some(request) => Command::Deny {
            request,
            nonce: None,
        },
        None => super::misused("deny")(),
    }
}

/// `/abort R7` stops a request or its countdown, `/abort 2 why` a run, `/abort` the only run under way.
pub(super) fn abort(arguments: &mut Arguments<'_>) -> Command {
    let first = arguments.peek().to_owned();
    let digits = first.strip_prefix(['R', 'r']);
    if digits.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit())) {
        return match number(&first) {
            Some(request) => Command::Abort {
                request,
                nonce: None,
            },
            None => super::misused("abort")(),
        };
    }
    let run = first.trim_start_matches('#').parse().ok();
    if run.is_some() {
        arguments.word();
    }
    Command::AbortRun {
        run,
        why: arguments.text(),
    }
}

/// `R7`, `r7`, `7`, `#7`.
fn number(word: &str) -> Option<u32> {
    let digits = word.trim_start_matches(['R', 'r', '#']);
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}
