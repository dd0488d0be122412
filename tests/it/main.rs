//! The stories.
mod harness;
mod store;
