//! Working through an incident.

mod checklist;
mod ending;
mod record;

use crate::harness::Harness;

async fn declared() -> Harness {
    let harness = Harness::start().await;
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/declare P1 key leaked")
        .await;
    harness
}
