//! Levers, pulled on targets that only count.

mod files;
mod kill;
mod lockdown;
mod rules;
pub mod stage;
mod story;
