//! What people read: phrases, the card, keyboards, and the form in which a message waits to be sent.

pub mod outgoing;
