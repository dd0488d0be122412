//! Units of the host's service manager, through `systemctl`.

use std::path::PathBuf;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::command::{How, Program, Ran, run};
use super::frame::{Frame, Waited, millis, until};
use super::output::{Keep, Why};
use super::{Done, Status};
use crate::incident::StepFact;
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
        return Done::failed(StepFact::MustNotChange);
    }
    let ran = systemctl(&[verb, "--", unit], frame, deadline, stop).await;
    let last = ran.last.unwrap_or_default();
    let program = format!("systemctl {verb} {unit}");
    match ran.how {
        How::Exit(0) => judge(unit, change, frame, deadline, stop, Status::Unknown).await,
        How::NotStarted(why) => {
            let program = "systemctl".to_owned();
            Done::failed(Why::with(StepFact::NotStarted { program }, why))
        }
        How::Exit(code) => {
            Done::failed(Why::with(StepFact::Exit { program, code }, last)).with_code(code)
        }
        How::Signal(signal) => Done::new(Status::Unknown, StepFact::Killed { program, signal }),
        How::Late => {
            let millis = Some(millis(frame.limit));
            Done::new(Status::Unknown, StepFact::Stopped { program, millis })
        }
        How::Stopped => {
            let millis = None;
            Done::new(Status::Unknown, StepFact::Stopped { program, millis })
        }
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
            let unit = unit.to_owned();
            return Done::new(unsure, StepFact::UnitUnknown { unit });
        };
        let moving = matches!(state.as_str(), "activating" | "deactivating" | "reloading");
        let good = match change {
            ServiceChange::Stop => matches!(state.as_str(), "inactive" | "failed"),
            _ => state == "active",
        };
        if good {
            let unit = unit.to_owned();
            return Done::new(Status::Succeeded, StepFact::Unit { unit, state }).with_code(code);
        }
        if !moving || change == ServiceChange::Status {
            let unit = unit.to_owned();
            return Done::failed(StepFact::Unit { unit, state }).with_code(code);
        }
        let millis = match until(deadline, stop, tokio::time::sleep(PAUSE)).await {
            Waited::Came(()) => continue,
            Waited::Late => Some(millis(frame.limit)),
            Waited::Stopped => None,
        };
        let fact = StepFact::UnitStill {
            unit: unit.to_owned(),
            state,
            millis,
        };
        return Done::new(unsure, fact);
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
