//! Levers, pulled on targets that only count.

mod files;
mod kill;
mod rules;
mod stage;
mod story;
