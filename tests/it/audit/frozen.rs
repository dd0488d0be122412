//! What people meet while the log is not to be trusted.

use super::*;
use crate::harness::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_log_is_found_at_the_start_and_levers_are_refused() {
    let mut harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/setup home").await;
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let asked = room.as_user("Olivia");
    asked
        .says("/emergency_shutdown now emergency_shutdown it burns")
        .await;
    harness.stop_bot().await;
    let url = format!("sqlite://{}", harness.database().display());
    let mut conn = sqlx::AnyConnection::connect(&url)
        .await
        .expect("a connection");
    conn.execute(
        "UPDATE events SET body = replace(body, 'key leaked', 'nothing') WHERE kind = 'declared'",
    )
    .await
    .expect("the change goes in");
    conn.close().await.expect("closed");
    harness.restart().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.message("My log").text, @"⚠️ My log was changed from outside (incident/SEC-2026-001 1: the content does not match its hash). Until somebody has looked, with breakglass audit verify on the host, no lever is pulled from chat and no run goes on. Stopping, denying and taking back still work here, levers on the host too.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/close force done").await, @"🤖 (silent) SEC-2026-001 is in Identification, and only the last phase can be closed. Go on with /next; if it was nothing, /cancel false_alarm why.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup admins on").await, @"🤖 (silent) My log was changed from outside, so /setup is refused here: I cannot trust who may do what. On the host, breakglass audit verify shows where; shutdown works there too.");
    let noted = room.as_user("Bob").says("/note work goes on").await;
    assert!(noted.contains("(✍ breakglass)"), "{noted}");
    // What was begun before can be stopped.
    let stopped = room.as_user("Olivia").says("/abort R1").await;
    assert!(stopped.contains("Stopped by Olivia"), "{stopped}");
    let audit = room.as_user("Olivia").says("/audit 1").await;
    assert!(audit.contains("Audit · last 1"), "{audit}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_cannot_be_read_is_not_silent() {
    let mut harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/start").await;
    room.as_user("Bob").says("/declare P1 key leaked").await;
    harness.stop_bot().await;
    let url = format!("sqlite://{}", harness.database().display());
    let mut conn = sqlx::AnyConnection::connect(&url)
        .await
        .expect("a connection");
    conn.execute("UPDATE events SET body = '{}' WHERE kind = 'declared'")
        .await
        .expect("the change goes in");
    conn.close().await.expect("closed");
    harness.restart().await;
    let room = harness.chat("War room");
    room.message("My log");
    insta::assert_snapshot!(room.as_user("Bob").says("/status").await, @"🤖 ⚠️ I cannot read what I keep of this chat, so no command works here at present. Tell whoever runs me: breakglass audit verify on the host shows more. Emergency levers still work on the host: breakglass shutdown.");
    let again = room.as_user("Bob").says("/note is anybody there?").await;
    assert!(!again.contains("I cannot read"), "once is enough: {again}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_chat_and_every_owner_in_private_hears_that_the_log_was_changed() {
    let stage = Stage {
        second_owner: true,
        ..Stage::default()
    };
    let mut harness = Harness::with(stage).await;
    harness
        .chat("War room")
        .as_user("Olivia")
        .says("/setup home")
        .await;
    let forum = harness.chat("Incident forum").as_user("Olivia");
    forum.says("/start").await;
    for name in ["Olivia", "Alice", "Bob"] {
        harness.chat(name).as_user(name).says("/start").await;
    }
    let bob = harness.chat("War room").as_user("Bob");
    bob.says("/declare P1 key leaked").await;
    harness.stop_bot().await;
    let url = format!("sqlite://{}", harness.database().display());
    let mut conn = sqlx::AnyConnection::connect(&url)
        .await
        .expect("a connection");
    conn.execute(
        "UPDATE events SET body = replace(body, 'key leaked', 'nothing') WHERE kind = 'declared'",
    )
    .await
    .expect("the change goes in");
    conn.close().await.expect("closed");
    harness.restart().await;
    harness.later(1).await;
    let heard = |name: &str| {
        let all = harness.control.transcript(harness.chat(name).id());
        let told = all
            .iter()
            .filter(|it| it.text.contains("My log was changed"));
        told.count()
    };
    let heard = ["War room", "Incident forum", "Olivia", "Alice", "Bob"].map(heard);
    assert_eq!(heard, [1, 1, 1, 1, 0], "Bob owns nothing");
    insta::assert_snapshot!(harness.chat("Alice").message("My log").text, @"⚠️ My log was changed from outside (incident/SEC-2026-001 1: the content does not match its hash). Until somebody has looked, with breakglass audit verify on the host, no lever is pulled from chat and no run goes on. Stopping, denying and taking back still work here, levers on the host too.");
    harness.end().await;
}
