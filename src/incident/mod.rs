//! The core: what an incident is, what may happen to it, and what follows.
//!
//! Pure. No I/O, no clock, no randomness, nothing async: time and identity come in as arguments.
//! [`decide`] turns a command into events and effects or a refusal; [`apply`] folds an event into
//! the state, in live use and in replay alike.

mod chat;
mod command;
mod decide;
mod effect;
mod event;
mod fold;
mod host;
mod ids;
mod lever;
mod lifecycle;
mod people;
pub mod policy;
mod refusal;
mod state;
#[cfg(test)]
mod tests;
mod text;

pub use chat::{Ask, Bound, Chat, Grant, Plans, Settings};
pub use command::{CancelAs, Command, ItemRef, Origin, Request, Setup, StatusOf, Whom};
pub use decide::{Author, Decision, Env, decide};
pub use effect::{Effect, Mark, Said, Timer};
pub use event::{
    Cancellation, ChatEvent, ChatKind, Event, FileRef, IncidentEvent, Question, Quoted, Recorded,
    Standing,
};
pub use fold::{FoldError, apply};
pub use host::{Door, HostEntry, HostOutcome, HostRecord, HostRun, HostSource, Tally};
pub use ids::{ChatKey, IncidentId, NotAnId, Series, UserId};
pub use lever::{Lever, Mode, StepKey, Warrant};
pub use lifecycle::{Cancelled, Closed, Lifecycle, Open, StateName};
pub use people::{Actor, By, Identity, Permission, Person, Via};
pub use policy::Approval;
pub use refusal::Refusal;
pub use state::{CardPlace, Evidence, Fact, FollowUp, Incident, ItemState, Run, Topic};
pub use text::{clean, one_line};
