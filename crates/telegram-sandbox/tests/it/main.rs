//! Stories about the stand-in, told over real HTTP.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a story stops at the first surprise and is told in one go"
)]

mod bot;
mod botapi;
mod chats;
mod faults;
mod limits;
mod page;
mod people;
mod polling;
mod presses;
mod sending;
mod topics;
mod webhook;
