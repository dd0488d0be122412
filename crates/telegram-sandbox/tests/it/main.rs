//! Stories about the stand-in, told over real HTTP.

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
