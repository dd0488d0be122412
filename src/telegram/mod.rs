//! The Telegram edge: reading updates, confirming them only after they are committed, and delivering what was committed.

pub mod api;
pub mod courier;
pub mod incoming;
pub mod pump;
pub mod webhook;
