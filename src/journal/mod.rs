//! The journal: what was done while the ledger could not be written. A file that only grows, one line a record, each
//! on the disk before the next thing is done. A good start of the bot brings it into the ledger.
//!
//! A line is `LENGTH SHA256 JSON`: the length and the hash are those of the JSON. Each record names the hash of the
//! line before it. A torn last line, or a damaged one, costs itself only.

mod file;
mod lines;
#[cfg(test)]
mod tests;

pub use file::{Journal, JournalError, look_up, read_file, set_aside};
pub use lines::{Damage, Entry, Reading, read, write};
#[cfg(test)]
pub(crate) use tests::full_disk;
