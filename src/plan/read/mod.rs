//! Reads the sections of a plan file, collecting every mistake on the way.
//!
//! Each reader returns a value in any case, with stand-ins where the file is wrong: the values
//! are thrown away when the [`Book`] holds a problem, and one mistake does not hide the next.

mod after;
mod book;
mod info;
mod levers;
mod list;
mod response;
mod section;
mod steps;
mod talk;
mod typed;
mod values;
mod watch;

pub(super) use book::{Book, Kind};
pub(super) use section::Section;

use crate::plan::{Plan, Revision};

/// Reads the whole document. References are checked afterwards with [`Book::resolve`].
pub(super) fn plan(root: &Section<'_>, source: &str) -> Plan {
    // Connections and severities first: later sections are checked against them at once.
    let connections = levers::connections(root);
    let severities = response::severities(root);
    Plan {
        info: info::head(root),
        systems: info::systems(root),
        resources: info::resources(root),
        severities,
        phases: response::phases(root),
        roles: response::roles(root),
        contacts: response::contacts(root),
        playbooks: response::playbooks(root),
        levers: levers::rules(root),
        procedures: levers::procedures(root),
        credentials: levers::credentials(root),
        collectors: levers::collectors(root),
        probes: levers::probes(root),
        connections,
        detects: watch::detects(root),
        routes: watch::routes(root),
        comms: talk::comms(root),
        report: after::report(root),
        metrics: after::metrics(root),
        drills: after::drills(root),
        readiness: after::readiness(root),
        follow_ups: after::follow_ups(root),
        revision: Revision::of(source),
    }
}
