//! The Telegram edge against the stand-in: what is delivered, and what is taken in, whatever goes wrong on the way.

#![allow(clippy::unwrap_used)] // the stages of the stories are tests too

mod courier;
mod desk;
mod pump;
