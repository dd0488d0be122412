//! breakglass.
pub mod clock;
pub mod incident;
pub mod messages;
pub mod plan;
pub mod secret;
pub mod telegram;
