//! A whole incident, and how much noise it makes.

use crate::harness::Harness;

/// More new messages than this would be noise.
const CALM: usize = 12;

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_tars_incident_is_calm() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let before = room.messages_of_the_bot();
    room.as_user("Bob")
        .says("/declare P0 Signing key found in a public repository")
        .await;
    room.as_user("Alice").presses("👀 I see it").await;
    room.as_user("Alice").says("/role commander").await;
    room.as_user("Bob").says("/role investigator").await;
    room.as_user("Bob").says("/set affected repository").await;
    room.as_user("Alice").presses("Next phase →").await;

    room.as_user("Alice").presses("5 ✓").await;
    let log = room
        .as_user("Bob")
        .says("the key is in commit 4f2a91")
        .await;
    assert_eq!(log, "", "chatter gets no answer");
    let chatter = harness
        .control
        .transcript(room.id())
        .pop()
        .expect("the chatter")
        .message_id;
    room.as_user("Bob")
        .replies(chatter, "/evidence the commit")
        .await;
    room.as_user("Bob").says("/done 6 7 8").await;
    room.as_user("Alice").presses("Next phase →").await;

    room.as_user("Bob")
        .says("/set root_cause A key was committed by mistake")
        .await;
    for label in ["10 ✓", "11 ✓", "12 ✓"] {
        room.as_user("Bob").presses(label).await;
    }
    room.as_user("Alice").presses("Next phase →").await;

    for label in ["13 ✓", "14 ✓", "15 ✓", "16 ✓"] {
        room.as_user("Bob").presses(label).await;
    }
    room.as_user("Alice").presses("Next phase →").await;

    room.as_user("Bob")
        .says("/set went_well The key was out within 20 minutes")
        .await;
    let asked_for_a_report = room.messages_of_the_bot();
    room.as_user("Olivia").says("/report md").await;
    let report = room.messages_of_the_bot() - asked_for_a_report;
    for number in 1..=9 {
        room.as_user("Alice")
            .says(&format!("/todo {number} @bob 2026-03-01"))
            .await;
    }
    room.as_user("Alice").says("/done 17 18 19 20").await;
    let last = room.as_user("Olivia").says("/close").await;

    let new = room.messages_of_the_bot() - before - report;
    crate::harness::figure(&format!(
        "calm: a whole TARS incident cost {new} new messages in the group (at most {CALM})"
    ));
    assert!(
        room.message("closed").text.contains("SEC-2026-001"),
        "{last}"
    );
    assert!(
        new <= CALM,
        "{new} new messages\n{}",
        harness.transcript(room.id())
    );
    harness.end().await;
}
