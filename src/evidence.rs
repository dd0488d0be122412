//! Evidence: what was kept, stored so that a change shows.
//!
//! The [`vault`] keeps each content once, under its SHA-256, and never overwrites or deletes. A [`bundle`] is what one run of
//! the plan's collectors brought, with a manifest that also holds what failed. An [`export`] is everything of one
//! incident in a ZIP that anybody can verify with public tools.

pub mod bundle;
pub mod export;
pub mod vault;
