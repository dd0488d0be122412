//! Order, limits and faults on the way.

use std::time::{Duration, Instant};

use breakglass::messages::outgoing::Lane;
use breakglass::store::{OutboxState, Settlement};
use breakglass::telegram::courier::{Limits, Returned};
use telegram_sandbox::{Fault, FaultKind, NewChat};

use super::super::desk::{Stage, message, unlimited};

const MARK: &str = "possible repeat";

#[tokio::test]
async fn messages_of_a_chat_arrive_in_order() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let texts: Vec<String> = (0..40).map(|n| format!("message {n}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let rows = stage.say(key, Lane::Incident, &texts).await;
    stage.idle().await;
    assert_eq!(stage.written(id), texts);
    stage.nothing_left().await;
    let last = stage.ledger.delivery(rows[39].id).await.unwrap().unwrap();
    assert_eq!(last.state, OutboxState::Sent);
    assert!(last.message_id.is_some());
}

#[tokio::test]
async fn an_emergency_overtakes_and_finds_room() {
    let limits = Limits {
        burst: 1.0,
        per_chat: 20.0,
        per_minute: 6,
        minute_reserve: 2,
        routine_reserve: 1,
        ..Limits::default()
    };
    let stage = Stage::new(limits).await;
    stage.control.limits(false);
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage
        .say(key, Lane::Routine, &["r1", "r2", "r3", "r4", "r5"])
        .await;
    stage.say(key, Lane::Incident, &["i1", "i2", "i3"]).await;
    // Four go, the other two places of the minute are kept for emergencies.
    let full = |count: usize| {
        stage
            .control
            .wait_until(Duration::from_secs(20), move |control| {
                let all = control.transcript(id).into_iter();
                all.filter(|it| it.is_bot && it.service.is_none()).count() >= count
            })
    };
    assert!(full(4).await, "{:?}", stage.written(id));
    stage.say(key, Lane::Emergency, &["e1", "e2"]).await;
    assert!(full(6).await, "{:?}", stage.written(id));
    // Time for a seventh, which must not come within this minute.
    tokio::time::sleep(Duration::from_millis(300)).await;
    let written = stage.written(id);
    assert_eq!(written.len(), 6, "six a minute, not one more: {written:?}");
    let routine = written.iter().filter(|text| text.starts_with('r')).count();
    assert!(routine <= 3, "{written:?}");
    assert_eq!(written[4..], ["e1", "e2"], "{written:?}");
    assert_eq!(stage.courier.load().waiting, 4);
}

#[tokio::test]
async fn a_429_makes_only_its_chat_wait() {
    let stage = Stage::new(unlimited()).await;
    let (slow, slow_id) = stage.group(NewChat::group("slow")).await;
    let (fast, fast_id) = stage.group(NewChat::group("fast")).await;
    stage.control.set_fault(Fault::times(
        "sendMessage",
        FaultKind::TooMany { retry_after: 1 },
        1,
    ));
    let began = Instant::now();
    stage.say(slow, Lane::Emergency, &["waits"]).await;
    let struck = stage
        .control
        .wait_until(Duration::from_secs(5), |control| {
            control.counts().contains_key("sendMessage")
        })
        .await;
    assert!(struck);
    stage.say(fast, Lane::Routine, &["flows"]).await;
    let flows = stage
        .control
        .wait_until(Duration::from_millis(700), |control| {
            control
                .transcript(fast_id)
                .iter()
                .any(|entry| entry.text == "flows")
        });
    assert!(flows.await);
    assert!(stage.written(slow_id).is_empty());
    stage.idle().await;
    assert!(began.elapsed() >= Duration::from_secs(1));
    assert_eq!(
        stage.written(slow_id),
        ["waits"],
        "not sent before, so no repeat"
    );
}

#[tokio::test]
async fn a_failing_server_is_asked_again_without_a_mark() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::Http500, 3));
    stage.say(key, Lane::Incident, &["once", "after it"]).await;
    stage.idle().await;
    assert_eq!(stage.written(id), ["once", "after it"]);
}

#[tokio::test]
async fn an_unknown_outcome_is_sent_again_with_a_mark() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::ResetAfter, 1));
    stage
        .say(key, Lane::Incident, &["deploy stopped", "next"])
        .await;
    stage.idle().await;
    assert_eq!(
        stage.written(id),
        [
            "deploy stopped",
            "deploy stopped\n\npossible repeat",
            "next"
        ]
    );

    stage
        .control
        .set_fault(Fault::times("sendMessage", FaultKind::Garbage, 1));
    stage.say(key, Lane::Incident, &["garbled"]).await;
    stage.idle().await;
    assert_eq!(
        stage.written(id)[3..],
        ["garbled", "garbled\n\npossible repeat"]
    );
    stage.nothing_left().await;
}

#[tokio::test]
async fn what_was_being_sent_when_the_process_died_is_marked() {
    let mut stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let rows = stage
        .commit(
            key,
            vec![
                (Lane::Incident, message("in flight")),
                (Lane::Incident, message("never begun")),
            ],
        )
        .await;
    stage
        .ledger
        .settle(vec![Settlement::Sending { id: rows[0].id }])
        .await
        .unwrap();
    stage.restart().await;
    stage.idle().await;
    assert_eq!(
        stage.written(id),
        ["in flight\n\npossible repeat", "never begun"]
    );
    stage.nothing_left().await;
}

#[tokio::test]
async fn a_lost_connection_before_the_server_is_no_loss() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    stage.control.down(true);
    stage.say(key, Lane::Emergency, &["alarm"]).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(stage.written(id).is_empty());
    stage.control.down(false);
    stage.idle().await;
    assert_eq!(stage.written(id).len(), 1);
    assert!(stage.written(id)[0].starts_with("alarm"));
}

#[tokio::test]
async fn a_row_that_cannot_be_read_harms_nobody() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    let mut rows = stage
        .commit(
            key,
            vec![
                (Lane::Incident, message("x")),
                (Lane::Incident, message("fine")),
            ],
        )
        .await;
    rows[0].body = r#"{"t":"from_the_future"}"#.into();
    stage.courier.push(rows);
    stage.idle().await;
    assert_eq!(stage.written(id), ["fine"]);
    assert_eq!(
        stage
            .desk
            .count(|one| matches!(one, Returned::Undeliverable { .. })),
        1
    );
    stage.nothing_left().await;
}

#[tokio::test]
async fn through_a_storm_of_faults_everything_arrives_in_order() {
    let stage = Stage::new(unlimited()).await;
    let (key, id) = stage.group(NewChat::group("war room")).await;
    for kind in [
        FaultKind::Http500,
        FaultKind::ResetAfter,
        FaultKind::ResetBefore,
        FaultKind::Garbage,
    ] {
        stage.control.set_fault(Fault::anywhere(kind, 0.08));
    }
    let texts: Vec<String> = (0..60).map(|n| format!("message {n}.")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    stage.say(key, Lane::Incident, &texts).await;
    stage.idle().await;
    let written = stage.written(id);
    let mut unmarked: Vec<&str> = written
        .iter()
        .map(|text| text.split("\n\n").next().unwrap())
        .collect();
    unmarked.dedup();
    assert_eq!(unmarked, texts, "each at least once, in order");
    for (n, text) in written.iter().enumerate() {
        let repeat = n > 0 && written[n - 1].split("\n\n").next() == text.split("\n\n").next();
        assert!(!repeat || text.contains(MARK), "an unmarked repeat: {text}");
    }
    stage.control.clear_faults();
    stage.nothing_left().await;
}
