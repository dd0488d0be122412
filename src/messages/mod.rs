//! What people read: phrases, the card, keyboards, and the form in which a message waits to be sent.
//!
//! Pure: no I/O, no clock. The words live in `messages/<language>/`; here they are put together. Whatever came from
//! outside passes [`html`] on its way into a message, so that it is never markup.

mod answers;
mod card;
mod clocks;
mod commands;
mod facts;
pub mod html;
mod notices;
pub mod outgoing;
mod phrases;
pub mod press;
mod refusal;
mod said;
#[cfg(test)]
pub(crate) mod testing;
mod times;
mod view;

pub use answers::evidence::export_caption;
pub(crate) use answers::evidence::{not_stored as evidence_not_stored, state as evidence_state};
pub(crate) use answers::host::author;
pub use answers::leak::pasted;
pub use answers::requests::request;
pub use answers::run::{progress, question, step_said};
pub(crate) use answers::timeline::{lever_said, shown as quoted_words, words as event_words};
pub use answers::totp::{recovery_codes, totp_caption};
pub use card::card;
pub use clocks::{Clock, contain, contained_at, respond};
pub use commands::{command_menu, names as command_names, usage};
pub use html::{Html, escape, isolate};
pub use notices::{
    Alarm, alarm, edited_command, host_run_homeless, parked, possible_repeat, stale_press,
};
pub(crate) use phrases::say;
pub use phrases::{Languages, Phrases, Problem};
pub use refusal::{refusal, refusal_toast};
pub use said::{said, toast};
pub use times::Times;
pub use view::{Rendered, View, mention, name};
