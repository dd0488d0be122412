//! The core: what an incident is, what may happen to it, and what follows.
//!
//! Pure. No I/O, no clock, no randomness, nothing async: time and identity come in as arguments.
//! [`decide`] turns a command into events and effects or a refusal; [`apply`] folds an event into
//! the state, in live use and in replay alike.

mod again;
mod audit;
mod chat;
mod command;
mod decide;
mod effect;
mod event;
mod factor;
mod fold;
mod host;
mod ids;
mod lever;
mod lifecycle;
mod pasted;
mod people;
pub mod policy;
mod refusal;
mod request;
pub mod saga;
mod state;
#[cfg(test)]
mod tests;
mod text;

pub use again::Again;
pub use audit::{LOG as AUDIT_MAX, audited, is_audited};
pub use chat::{Ask, Bound, Chat, Grant, Lost, Plans, Settings};
pub use command::{
    CancelAs, Command, Export, FileIn, Found, ItemRef, LeakIn, Offer, OpenElsewhere, Origin,
    Played, Preserved, Pull, Request, SecretIn, Setup, StatusOf, StepRef, TotpSaid, Whom,
};
pub use decide::{Author, Decision, Env, decide};
pub use effect::{Effect, Mark, Said, Timer};
pub use event::{
    Cancellation, ChatEvent, ChatKind, Event, FileRef, IncidentEvent, NotStored, Question, Quoted,
    Recorded, Standing,
};
pub use factor::FactorChange;
pub use fold::{FoldError, apply};
pub use host::{Door, HostEntry, HostOutcome, HostRecord, HostRun, HostSource, Tally, attempt_id};
pub use ids::{ChatKey, IncidentId, NotAnId, Series, UserId};
pub use lever::{Lever, Mode, StepKey, Warrant};
pub use lifecycle::{Cancelled, Closed, Lifecycle, Open, StateName};
pub use pasted::Pasted;
pub use people::{Actor, By, Identity, Permission, Person, TotpState, Via};
pub use policy::{Approval, Changed};
pub use refusal::{Refusal, Unfinished};
pub use request::{
    About, Bound as RequestBound, Form, LeverRequest, Outcome, RequestState, Stage, Then,
    TrustChange,
};
pub use saga::{Choice, Hindrance, RunOutcome, StepFact, StepReport, StepStatus};
pub use state::{
    CardPlace, Collection, Evidence, Fact, FollowUp, Incident, ItemState, Kept, Run, Topic,
};
pub use text::{clean, is_invisible, one_line};
