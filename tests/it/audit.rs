//! Whatever is done to the log behind the bot's back is found against a checkpoint.

mod frozen;
mod host;
mod tampering;

use std::collections::BTreeMap;
use std::process::{Command, Output};

use breakglass::store::{
    Auditor, Checkpoint, Head, Ledger, NewEvent, Scope, StoredEvent, Unit, chain, verify_rows,
};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use sqlx::{AssertSqlSafe, Connection, Executor};

use crate::harness::{Harness, figure};
use crate::store::engines::Database;

/// Streams, and how many events each has.
const STREAMS: [(&str, i64, i64); 4] = [
    ("chat/1", 1, 9),
    ("incident/SEC-2026-001", 1, 8),
    ("incident/SEC-2026-002", 1, 4),
    ("chat/2", 2, 5),
];

const EDITS: usize = 10_000;

/// A ledger with some streams that grew in turns.
async fn written(database: &Database) -> Ledger {
    let ledger = database.open().await;
    for seq in 1..=9 {
        for (stream, chat, length) in STREAMS {
            if seq > length {
                continue;
            }
            let event = NewEvent {
                stream: stream.to_owned(),
                seq,
                at: 1_772_000_000_000_000 + seq,
                kind: if seq == 1 { "declared" } else { "noted" }.to_owned(),
                body: format!("{{\"n\":{seq},\"of\":\"{stream}\"}}"),
            };
            let unit = Unit {
                chat,
                events: vec![event],
                ..Unit::default()
            };
            ledger.commit(unit).await.expect("an event");
        }
    }
    ledger
}

#[derive(Clone, PartialEq)]
struct Rows {
    events: Vec<StoredEvent>,
    chats: BTreeMap<String, i64>,
}

impl Rows {
    async fn of(ledger: &Ledger) -> Self {
        let (mut events, mut chats) = (Vec::new(), BTreeMap::new());
        for stream in ledger.streams("").await.expect("the streams") {
            events.extend(ledger.stream(&stream).await.expect("its events"));
            let chat = ledger.chat_of_stream(&stream).await.expect("its chat");
            chats.insert(stream, chat.expect("it has one"));
        }
        Self { events, chats }
    }

    fn index(&self, random: &mut StdRng) -> usize {
        random.random_range(0..self.events.len())
    }
}
