//! Stories and faults, told at the edge. One binary: it is linked once.

mod arrows;
mod edge;
mod harness;
mod kill;
mod plans;
mod settings;
mod store;
mod stories;
