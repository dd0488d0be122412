//! An incident ends when nothing in it is under way.

use crate::harness::{Harness, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_ends_while_something_is_under_way() {
    let harness = Harness::with(Stage {
        without_levers: true,
        ..Stage::default()
    })
    .await;
    let room = harness.chat("War room");
    let owner = room.as_user("Olivia");
    owner.says("/declare P1 key leaked").await;
    owner.says("/lockdown just in case").await;
    insta::assert_snapshot!(owner.says("/cancel false_alarm ours").await, @"🤖 (silent) R1 still waits for an answer, so SEC-2026-001 stays open. Answer it, say no with /deny R1, or wait: it lapses at 14:02 UTC.");
    owner.says("/deny R1").await;
    owner.says("/verify").await;
    insta::assert_snapshot!(owner.says("/cancel false_alarm ours").await, @"🤖 (silent) Run 1 of SEC-2026-001 is not over, so it stays open. Wait for its end, or stop it between two steps: /abort SEC-2026-001 1 why. A step that takes itself back later is kept with /step.");
    for _ in 0..4 {
        owner.says("/next force to get there").await;
    }
    insta::assert_snapshot!(owner.says("/close force we are done").await, @"🤖 (silent) Run 1 of SEC-2026-001 is not over, so it stays open. Wait for its end, or stop it between two steps: /abort SEC-2026-001 1 why. A step that takes itself back later is kept with /step.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_stands_can_be_left_standing() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let owner = room.as_user("Olivia");
    owner.says("/declare P1 key leaked").await;
    for _ in 0..4 {
        owner.says("/next force to get there").await;
    }
    // Nothing is set up: every check needs a person.
    owner.says("/verify").await;
    insta::assert_snapshot!(owner.says("/close").await, @"🤖 (silent) Run 1 of SEC-2026-001 waits for a decision. Decide about its step with /step, end the run with /abort SEC-2026-001 1 why, or leave it as it is: /close SEC-2026-001 force why");
    insta::assert_snapshot!(owner.says("/close force nobody will look at it").await, @"
    ✏️ ✅ SEC-2026-001 · P1 High · closed
    key leaked
    Closed 14:00 UTC, after less than a minute
    Forced before everything was there: nobody will look at it
    6 follow-ups are still open: /todos
    /report SEC-2026-001 writes the report, /reopen SEC-2026-001 why takes it up again.
    ✏️ 🛑 Run 1 · Verify recovery · SEC-2026-001
    Olivia Owner · 14:00 UTC
    ✋ 1 The app answers: By hand (not set: TARS_APP_URL): Open the app's front page.
    ✋ 2 Sign-in works: By hand (not set: TARS_APP_URL, TARS_TEST_EMAIL): Sign in as the test user.
    ✋ 3 The API works: By hand (not set: TARS_APP_URL): Ask /api/products with a token.
    ✋ 4 The webhook works: By hand (not set: TARS_APP_URL): Send a test event to /api/webhooks/n8n with its secret.
    ✋ 5 Users are there: By hand (not set: TARS_DATABASE_URL): Count the users and compare with what you expect.
    ✋ 6 Products are there: By hand (not set: TARS_DATABASE_URL): Count the products and compare with what you expect.
    ✋ 7 The certificate is good: By hand (not set: TARS_SITE_URL): Look at the certificate's end date in a browser.

    aborted
    (👌 breakglass)
    🤖 ✅ SEC-2026-001 is closed after less than a minute. key leaked
    Forced before everything was there: nobody will look at it
    6 follow-ups are open: /todos
    /report SEC-2026-001 writes the report.
    ");
    harness.end().await;
}
