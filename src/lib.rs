//! breakglass.
pub mod plan;
