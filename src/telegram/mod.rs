//! The Telegram edge: reading updates, confirming them only after they are committed, and delivering what was committed.

pub mod api;
pub mod commands;
pub mod courier;
pub mod desk;
pub mod front;
pub mod incoming;
pub mod leaks;
pub mod porter;
pub mod presses;
pub mod pump;
pub mod schema;
pub mod webhook;
