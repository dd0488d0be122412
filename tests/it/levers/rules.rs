//! What may run, in whose way, and what follows from it.

mod back;
mod ends;
mod floor;
mod leave;

use std::time::Duration;

use breakglass::actions::Status;
use breakglass::clock::Clock;
use breakglass::incident::saga::{self, Progress};
use breakglass::incident::{
    By, Changed, Choice, Command, Hindrance, Incident, IncidentEvent, IncidentId, Lever, Mode,
    Person, RunOutcome, StepStatus, UserId, Warrant,
};
use breakglass::plan;

use super::stage::{GROUP, Stage, procedure};

const OTHER: i64 = -1002;

/// Two levers on the same host, one of which rests, and one that takes itself back.
const TABLES: &str = r#"
[[procedure]]
id = "stop_it"
name = "Stop it"
summary = "Stops the host's service."
tier = "t2"
touches = ["Host"]
cooldown = "10m"

[[procedure.step]]
name = "stop"
kind = "service"
connection = "host"
unit = "a"
change = "stop"

[[procedure]]
id = "shut_out"
name = "Shut out"
summary = "Shuts everybody out for a while."
tier = "t2"
touches = ["Host"]

[[procedure.step]]
name = "shut"
kind = "service"
connection = "host"
unit = "b"
change = "stop"
revert_after = "10m"
undo = { name = "open again", kind = "service", connection = "host", unit = "b", change = "start" }

[[procedure]]
id = "halt"
name = "Halt"
summary = "Stops the host's other service, whatever else is going on."
tier = "t3"
touches = ["Host"]
fail_safe = true

[[procedure.step]]
name = "halt"
kind = "service"
connection = "host"
unit = "c"
change = "stop"
idempotent = true

[[procedure]]
id = "tell"
name = "Tell"
summary = "Waits, tells, looks and keeps."
tier = "t2"
touches = ["Nothing"]

[[procedure.step]]
name = "pause"
kind = "wait"
time = "1s"

[[procedure.step]]
name = "tell"
kind = "notify"
template = "internal_alert"

[[procedure.step]]
name = "keep"
kind = "collect"
collectors = ["app_log"]

[[procedure.step]]
name = "look"
kind = "service"
connection = "host"
unit = "a"
change = "status"

[[procedure]]
id = "unsure"
name = "Unsure"
summary = "What must not happen twice, with a check."
tier = "t2"
touches = ["Nothing"]

[[procedure.step]]
name = "once"
kind = "service"
connection = "host"
unit = "a"
change = "restart"
check = "app_up"
"#;

fn collector() -> String {
    let plan = plan::parse(plan::default_source()).unwrap();
    plan.collectors[0].id.clone()
}

fn stage(clock: Clock) -> Stage {
    Stage::new(clock, &TABLES.replace("app_log", &collector()))
}

fn over(incident: &Incident, run: u32) -> bool {
    incident
        .run(run)
        .is_some_and(breakglass::incident::Run::is_over)
}

fn outcome(incident: &Incident, run: u32) -> RunOutcome {
    incident.run(run).unwrap().ended.as_ref().unwrap().outcome
}
