//! Units of the host's service manager, through `systemctl`.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::command::{How, Program, Ran, run};
use super::frame::{Frame, Waited, seconds, until};
use super::output::Keep;
use super::{Done, Status};
use crate::plan::ServiceChange;

/// How often a unit is asked whether it came up.
const PAUSE: Duration = Duration::from_millis(250);

/// Changes a unit, or asks whether it runs, and makes sure that it is so.
pub(super) async fn change(
    unit: &str,
    change: ServiceChange,
    frame: &Frame<'_>,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    let deadline = frame.deadline();
    let verb = match change {
        ServiceChange::Status => {
            return judge(unit, change, frame, deadline, stop, Status::Failed).await;
        }
        ServiceChange::Start => "start",
        ServiceChange::Stop => "stop",
        ServiceChange::Restart => "restart",
    };
    if frame.reading {
        return Done::failed("a check must not change a service");
    }
    let ran = systemctl(&[verb, "--", unit], frame, deadline, stop).await;
    let last = ran.last.map(|it| format!(": {it}")).unwrap_or_default();
    match ran.how {
        How::Exit(0) => judge(unit, change, frame, deadline, stop, Status::Unknown).await,
        How::NotStarted(why) => Done::failed(format!("systemctl cannot be started: {why}")),
        How::Exit(code) => {
            Done::failed(format!("systemctl {verb} {unit} ended with {code}{last}")).with_code(code)
        }
        How::Signal(_) | How::Late | How::Stopped => Done::new(
            Status::Unknown,
            format!("systemctl {verb} {unit} did not come to its end"),
        ),
    }
}

/// Waits until the unit is as it should be. `unsure` is how it ends where that cannot be asked.
async fn judge(
    unit: &str,
    change: ServiceChange,
    frame: &Frame<'_>,
    deadline: Instant,
    stop: &mut watch::Receiver<bool>,
    unsure: Status,
) -> Done {
    loop {
        let ran = systemctl(&["is-active", "--", unit], frame, deadline, stop).await;
        let state = ran.last.unwrap_or_default();
        let How::Exit(code) = ran.how else {
            return Done::new(unsure, format!("systemctl does not say how {unit} is"));
        };
        let moving = matches!(state.as_str(), "activating" | "deactivating" | "reloading");
        let good = match change {
            ServiceChange::Stop => matches!(state.as_str(), "inactive" | "failed"),
            _ => state == "active",
        };
        if good {
            return Done::new(Status::Succeeded, format!("{unit} is {state}")).with_code(code);
        }
        if !moving || change == ServiceChange::Status {
            return Done::failed(format!("{unit} is {state}")).with_code(code);
        }
        match until(deadline, stop, tokio::time::sleep(PAUSE)).await {
            Waited::Came(()) => {}
            Waited::Late => {
                let limit = seconds(frame.limit);
                return Done::new(unsure, format!("{unit} is still {state} after {limit}"));
            }
            Waited::Stopped => {
                return Done::new(unsure, format!("stopped while {unit} was {state}"));
            }
        }
    }
}

async fn systemctl(
    arguments: &[&str],
    frame: &Frame<'_>,
    deadline: Instant,
    stop: &mut watch::Receiver<bool>,
) -> Ran {
    let path = frame.targets.variable("PATH");
    let program = Program {
        argv: ["systemctl", "--no-ask-password"]
            .iter()
            .chain(arguments)
            .map(|it| (*it).to_owned())
            .collect(),
        env: path.map(|it| ("PATH".to_owned(), it)).into_iter().collect(),
        folder: PathBuf::from("/"),
        stdin: None,
        apart: false,
    };
    let left = deadline.saturating_duration_since(Instant::now());
    let keep = Keep::in_memory(4096);
    run(program, &frame.redactor, keep, left, frame.grace, stop).await
}

#[cfg(test)]
mod tests;
