//! Levers, pulled on targets that only count.

mod kill;
mod rules;
pub mod stage;
mod story;
