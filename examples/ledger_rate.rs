//! How many units a second the ledger takes, each durable: one update, one event, one delivery.
//!
//! `cargo run --release --example ledger_rate [UNITS] [DATABASE]`; by default 200 000 units into a temporary SQLite file.

use std::{error::Error, sync::Arc, time::Instant};

use breakglass::store::{Ledger, NewEvent, NewOutbox, Unit};

const CHATS: i64 = 64;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let units: i64 = args.next().map_or(Ok(200_000), |units| units.parse())?;
    let file = std::env::temp_dir().join(format!("ledger-rate-{}.db", std::process::id()));
    let url = args
        .next()
        .unwrap_or_else(|| format!("sqlite://{}", file.display()));
    // Time stands still: the numbers of events and deliveries must rise all the same.
    let ledger = Ledger::open(&url, Arc::new(|| 1_795_300_000_000_000)).await?;

    let begin = Instant::now();
    let tasks: Vec<_> = (0..CHATS)
        .map(|chat| tokio::spawn(fill(ledger.clone(), chat, units / CHATS)))
        .collect();
    for task in tasks {
        task.await??;
    }
    let seconds = begin.elapsed().as_secs_f64();
    let done = units / CHATS * CHATS;
    #[expect(clippy::cast_precision_loss, reason = "a rounded figure for people")]
    let rate = done as f64 / seconds;
    println!(
        "{done} units (1 update, 1 event, 1 delivery each) in {seconds:.2} s: {rate:.0} units/s"
    );
    ledger.close().await;
    for tail in ["", "-wal", "-shm", ".lock"] {
        // Only what is there; with another database there is nothing.
        let _ = std::fs::remove_file(format!("{}{tail}", file.display()));
    }
    Ok(())
}

/// One chat's units, always sixty-four of them under way.
async fn fill(ledger: Ledger, chat: i64, units: i64) -> Result<(), breakglass::store::CommitError> {
    let mut receipts = std::collections::VecDeque::new();
    for seq in 1..=units {
        receipts.push_back(ledger.submit(Unit {
            chat: chat + 1,
            updates: vec![seq * CHATS + chat],
            events: vec![NewEvent {
                stream: format!("incident/SEC-2026-{chat:03}"),
                seq,
                at: seq,
                kind: "item_ticked".to_owned(),
                body: format!("{{\"item\":\"isolate-{seq}\",\"by\":{chat}}}"),
            }],
            outbox: vec![NewOutbox {
                chat: None,
                incident: Some(format!("SEC-2026-{chat:03}")),
                lane: 1,
                body: format!("{{\"edit\":{{\"card\":{seq}}}}}"),
            }],
            ..Unit::default()
        }));
        if receipts.len() >= 64
            && let Some(receipt) = receipts.pop_front()
        {
            receipt.wait().await?;
        }
    }
    for receipt in receipts {
        receipt.wait().await?;
    }
    Ok(())
}
