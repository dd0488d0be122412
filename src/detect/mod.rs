//! What the bot finds by itself. Pure: text in, findings out.

pub mod secrets;
