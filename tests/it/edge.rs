//! The Telegram edge against the stand-in: what is delivered, and what is taken in, whatever goes wrong on the way.

mod courier;
mod desk;
mod pump;
