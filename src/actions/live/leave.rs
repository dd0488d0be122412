//! What the leave to act does not cover is not begun.

use tokio::sync::watch;

use crate::actions::{Done, Job, Values};
use crate::incident::{Approval, Mode};
use crate::plan::{Collector, Plan};

const NOT_COVERED: &str = "the approval is for something else: nothing was executed";

/// Why a step may not be begun.
pub(super) fn for_step(job: &Job, stop: &watch::Receiver<bool>) -> Option<Done> {
    let approval = &job.approval;
    for_anything(approval, &job.values, stop).or_else(|| {
        let parameters = &job.values.parameters;
        let covered = approval.covers_step(&job.plan, &job.step, parameters);
        (!covered).then(|| Done::failed(NOT_COVERED))
    })
}

/// Why what is kept from before a step may not be deleted.
pub(super) fn for_what_is_kept(job: &Job, stop: &watch::Receiver<bool>) -> Option<Done> {
    let approval = &job.approval;
    for_anything(approval, &job.values, stop).or_else(|| {
        let parameters = &job.values.parameters;
        let covered = approval.covers_what_is_kept(&job.plan, &job.step, parameters);
        (!covered).then(|| Done::failed(NOT_COVERED))
    })
}

/// Why a collector may not be run.
pub(super) fn for_collector(
    approval: &Approval,
    plan: &Plan,
    collector: &Collector,
    values: &Values,
    stop: &watch::Receiver<bool>,
) -> Option<Done> {
    for_anything(approval, values, stop).or_else(|| {
        let covered = approval.covers_collector(plan, collector, &values.parameters);
        (!covered).then(|| Done::failed(NOT_COVERED))
    })
}

fn for_anything(
    approval: &Approval,
    values: &Values,
    stop: &watch::Receiver<bool>,
) -> Option<Done> {
    if approval.mode() != Mode::Live {
        return Some(Done::failed("this is a rehearsal: nothing was executed"));
    }
    // Past Telegram there is no incident yet: the run has a name of its own, and the number 0.
    let incident = approval.incident();
    if incident.number != 0 && values.incident != incident.to_string() {
        return Some(Done::failed(NOT_COVERED));
    }
    (*stop.borrow()).then(|| Done::failed("stopped before it began"))
}
