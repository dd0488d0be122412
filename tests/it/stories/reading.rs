//! Commands that only show something.

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_and_its_parts_are_shown() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/plan").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/playbook").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/playbook leaked key").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/playbook aliens").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/procedures").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/contacts").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn help_shows_what_one_may_do() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/help").await, @"");
    insta::assert_snapshot!(room.as_user("Olivia").says("/help").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/help skip").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/help@breakglass_bot next").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/help@another_bot").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/shutdown_everything").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/status").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"");
    harness.end().await;
}
