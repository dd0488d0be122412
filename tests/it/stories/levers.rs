//! Levers: asked for by one, agreed to by another, pulled once.

mod alone;
mod procedures;
mod requests;

use crate::harness::{Harness, Stage, Stand};

/// Asking and answering only: what runs then is told elsewhere.
async fn asking() -> Harness {
    Harness::with(Stage {
        without_levers: true,
        ..Stage::default()
    })
    .await
}

/// Alice approves since two days, Bob commands, and an incident is open.
async fn team() -> Harness {
    let harness = asking().await;
    let room = harness.chat("War room");
    room.as_user("Alice").says("/whoami").await;
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let (alice, bob) = (harness.person("Alice"), harness.person("Bob"));
    let owner = room.as_user("Olivia");
    owner.says(&format!("/grant commander {bob}")).await;
    owner.says(&format!("/grant approver {alice}")).await;
    owner.says("/approve R1 grant so that we are two").await;
    harness.later(1).await;
    harness.later(2 * 24 * 60).await;
    harness
}

/// The number that only the asker is shown.
async fn number(room: Stand<'_>, asker: &str, request: &str) -> String {
    let message = room.message(request).message_id;
    let shown = room
        .as_user(asker)
        .presses_on(message, "I asked: show number")
        .await;
    let digits = shown
        .split(" is ")
        .nth(1)
        .and_then(|rest| rest.split('.').next());
    digits.expect("a number").to_owned()
}

fn another(room: Stand<'_>, request: &str, right: &str) -> String {
    let message = room.message(request);
    let labels = message.keyboard[0].iter().map(|button| button.text.clone());
    labels
        .into_iter()
        .find(|label| label != right)
        .expect("three numbers")
}
