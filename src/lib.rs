//! A Telegram bot that makes a team's incident response plan run. ARCHITECTURE.md walks one update through it.

pub mod clock;
pub mod incident;
pub mod messages;
pub mod plan;
pub mod secret;
pub mod store;
pub mod telegram;
