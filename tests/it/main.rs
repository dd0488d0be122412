//! Stories and faults, told at the edge. One binary: it is linked once.

#![allow(
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "stories with every message that people see are long, and a test may panic"
)]

mod arrows;
mod audit;
mod botapi;
mod browser;
mod canary;
mod dependencies;
mod edge;
mod harness;
mod kill;
mod levers;
mod matrix;
mod plans;
mod real;
mod secrets;
mod settings;
mod shutdown;
mod startup;
mod store;
mod stories;
