//! Response plans: their types, how a file is read and checked, and the two that are shipped.
//!
//! Pure: no I/O, no clock. A plan arrives as the text of a TOML file and leaves either as a
//! [`Plan`] in which every reference holds, or as the complete list of its mistakes.

#[macro_use]
mod words;
mod facts;
mod parse;
mod problem;
mod read;
mod rules;
mod shipped;
mod show;
mod types;

pub use facts::{FactField, FactKind};
pub use parse::parse;
pub use problem::Problem;
pub use shipped::{default_source, shipped};
pub use show::describe;
pub use types::*;
pub use words::Word;
