//! An executor panics with a secret in its mouth: the run goes on, and nobody is told the secret.

use std::sync::Arc;
use std::time::Duration;

use breakglass::actions::{Done, Execute, Job};
use breakglass::app::Executors;
use tokio::sync::watch;

use super::{log, secret, settle};
use crate::harness::{Harness, Stage};
use crate::levers::stage::Hands;

/// Panics in the first step of a lockdown.
struct Clumsy(Hands);

impl Execute for Clumsy {
    async fn execute(&self, job: Job, stop: watch::Receiver<bool>) -> Done {
        assert!(
            job.step.name != "Switch maintenance mode on",
            "while holding {}",
            secret("program")
        );
        self.0.execute(job, stop).await
    }

    async fn let_go(&self, job: Job) {
        self.0.let_go(job).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panic_of_an_executor_is_told_without_its_message() {
    let mut harness = Harness::with(Stage {
        without_levers: true,
        ..Stage::default()
    })
    .await;
    let (ending, stop) = watch::channel(false);
    let hands = Hands::default();
    let executors = Executors {
        live: Clumsy(hands.clone()),
        rehearsal: hands.clone(),
        gather: hands.clone(),
    };
    let house = Arc::clone(harness.running().house().expect("the house is open"));
    let runner = tokio::spawn(house.run_levers(executors, stop));
    let before = log::panics();
    let room = harness.chat("War room");
    let olivia = room.as_user("Olivia");
    olivia.says("/declare P0 it burns").await;
    olivia.says("/lockdown it burns").await;
    let request = room.message("R1").message_id;
    olivia.presses_on(request, "Yes, go on").await;
    let told = harness
        .control
        .wait_until(Duration::from_mins(1), |control| {
            let all = control.transcript(room.id());
            all.iter()
                .any(|it| it.is_bot && it.text.contains("it broke"))
        });
    assert!(told.await, "{}", room.transcript_tail(3));
    let shown = || room.message("Run 1 · Lockdown · SEC-2026-001").text;
    harness.until(|| shown().contains("✅ 5")).await;
    harness.quiet().await;
    insta::assert_snapshot!(shown(), @"
    ❓ Run 1 · Lockdown · SEC-2026-001
    Olivia Owner · 14:00 UTC
    Why: it burns
    ❓ 1 Switch maintenance mode on: it broke while it was under way
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ✅ 4 Let only administrators' addresses in: takes itself back at 14:10 UTC unless somebody keeps it
    ✅ 5 Tell the team
    Waits for a decision about step 1: the buttons, or /step 1 1 done, retry, skip, undo.
    ");
    olivia.says("/timeline").await;
    olivia.says("/report").await;
    assert!(log::panics() > before, "nobody panicked");
    ending.send(true).unwrap();
    runner.await.unwrap();
    harness.stop_bot().await;
    settle(&harness.scan().await, true);
    harness.end().await;
}
