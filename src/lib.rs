//! A Telegram bot that makes a team's incident response plan run. ARCHITECTURE.md walks one update through it.

pub mod actions;
pub mod app;
pub mod cli;
pub mod clock;
pub mod config;
pub mod detect;
pub mod evidence;
pub mod host;
pub mod incident;
pub mod journal;
pub mod messages;
pub mod panics;
pub mod plan;
pub mod report;
pub mod run;
pub mod sandbox;
pub mod secret;
pub mod store;
pub mod telegram;
pub mod totp;
pub mod web;
