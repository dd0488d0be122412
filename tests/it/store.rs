//! The ledger: one story, told on SQLite and on PostgreSQL.

mod concurrency;
mod crash;
pub mod engines;
mod opening;
mod register;
mod story;
mod tamper;
