//! breakglass.
pub mod incident;
pub mod plan;
