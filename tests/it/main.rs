//! Stories and faults, told at the edge. One binary: it is linked once.

#![allow(
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "stories with every message that people see are long, and a test may panic"
)]
// Snapshots hold what people see, isolated right-to-left text included.
#![allow(text_direction_codepoint_in_literal)]

mod arrows;
mod browser;
mod edge;
mod harness;
mod kill;
mod plans;
mod settings;
mod store;
mod stories;
