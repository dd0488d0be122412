//! Levers, pulled on targets that only count.

mod kill;
mod rules;
mod stage;
mod story;
