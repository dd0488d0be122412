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
    insta::assert_snapshot!(owner.says("/cancel false_alarm ours").await, @"");
    owner.says("/deny R1").await;
    owner.says("/verify").await;
    insta::assert_snapshot!(owner.says("/cancel false_alarm ours").await, @"");
    for _ in 0..4 {
        owner.says("/next force to get there").await;
    }
    insta::assert_snapshot!(owner.says("/close force we are done").await, @"");
    owner
        .says("/emergency_shutdown now emergency_shutdown it burns")
        .await;
    owner.says("/abort 1").await;
    insta::assert_snapshot!(owner.says("/close force we are done").await, @"");
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
    insta::assert_snapshot!(owner.says("/close").await, @"");
    insta::assert_snapshot!(owner.says("/close force nobody will look at it").await, @"");
    insta::assert_snapshot!(room.message("Run 1").text, @"");
    harness.end().await;
}
