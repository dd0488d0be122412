//! The stories.
mod harness;
