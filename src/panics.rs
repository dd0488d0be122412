//! What is said about a panic: where it happened. Its message may repeat what was being worked on, secrets too.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::Write as _;
use std::panic::PanicHookInfo;

use tokio::task::JoinError;

/// One line about a panic: the place, and the message only where it is a fixed text of the program.
pub fn line(info: &PanicHookInfo<'_>) -> String {
    let place = info.location().map_or_else(
        || "an unknown place".to_owned(),
        |it| format!("{}:{}:{}", it.file(), it.line(), it.column()),
    );
    match info.payload().downcast_ref::<&'static str>() {
        Some(text) => format!("a panic at {place}: {text}"),
        None => format!("a panic at {place}; its message may hold secrets and is not shown"),
    }
}

/// From now on panics are told by [`line`], with the way there if `RUST_BACKTRACE` asks for it.
pub fn keep_quiet() {
    std::panic::set_hook(Box::new(|info| {
        let way = Backtrace::capture();
        let mut stderr = std::io::stderr().lock();
        // Nobody is left who could be told that it cannot be told.
        let _ = writeln!(stderr, "breakglass: {}", line(info));
        if way.status() == BacktraceStatus::Captured {
            let _ = writeln!(stderr, "{way}");
        }
    }));
}

/// How a task broke off, without the message of its panic: the hook has told where that was.
pub fn broken(error: &JoinError) -> &'static str {
    if error.is_panic() {
        "it panicked"
    } else {
        "it was cut off"
    }
}
