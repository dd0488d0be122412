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

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What the hook would say about panics of this thread, while the usual hook keeps telling those of others.
    fn said(panics: fn()) -> String {
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let (here, into) = (std::thread::current().id(), Arc::clone(&heard));
        let usual = Arc::new(std::panic::take_hook());
        let before = Arc::clone(&usual);
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() == here {
                into.lock().unwrap().push(line(info));
            } else {
                before(info);
            }
        }));
        let ended = std::panic::catch_unwind(panics);
        std::panic::set_hook(Box::new(move |info| usual(info)));
        assert!(ended.is_err());
        heard.lock().unwrap().join("\n")
    }

    #[test]
    fn a_fixed_text_is_shown_and_a_made_one_is_not() {
        let fixed = said(|| panic!("the plan has no phases"));
        assert!(fixed.contains("panics.rs:"), "{fixed}");
        assert!(fixed.ends_with(": the plan has no phases"), "{fixed}");
        let made = said(|| {
            let read: Result<u8, _> = "CANARY".parse::<u8>().map_err(|_| "CANARY");
            read.unwrap();
        });
        assert!(made.contains("panics.rs:"), "{made}");
        assert!(!made.contains("CANARY"), "{made}");
    }

    #[tokio::test]
    async fn a_task_that_broke_says_how() {
        let panicked = tokio::spawn(async {
            std::panic::resume_unwind(Box::new("CANARY".to_owned()));
        });
        assert_eq!(broken(&panicked.await.unwrap_err()), "it panicked");
        let cut = tokio::spawn(std::future::pending::<()>());
        cut.abort();
        assert_eq!(broken(&cut.await.unwrap_err()), "it was cut off");
    }
}
