//! Everything the ledger keeps, written and read back.

mod deliveries;
mod losers;
mod records;

use std::collections::HashSet;

use breakglass::store::{Chat, ChatMove, CommitError, Ledger, NewEvent, NewOutbox, Scope, Unit};

use super::engines::Database;
use deliveries::{deliveries, deliveries_elsewhere};
use losers::{losers_leave_nothing, odd_text};
use records::{people, plans_cards_and_the_rest, timers};

/// A unit of chat 1 with one event.
pub fn event(stream: &str, seq: i64) -> Unit {
    let event = NewEvent {
        stream: stream.to_owned(),
        seq,
        at: 1_000 + seq,
        kind: "noted".to_owned(),
        body: format!("{{\"n\":{seq}}}"),
    };
    Unit {
        chat: 1,
        events: vec![event],
        ..Unit::default()
    }
}

fn outbox(body: &str) -> NewOutbox {
    NewOutbox {
        chat: None,
        incident: Some("SEC-2026-001".to_owned()),
        lane: 1,
        body: body.to_owned(),
    }
}

fn chat(key: i64, telegram_id: i64) -> Chat {
    Chat {
        key,
        telegram_id,
        title: format!("chat {key}"),
        kind: "group".to_owned(),
    }
}

#[tokio::test]
async fn the_ledger_keeps_everything() {
    for database in Database::all().await {
        println!("the story on {}", database.name);
        let ledger = database.open().await;
        chats(&ledger).await;
        events(&ledger).await;
        names_of_streams(&ledger).await;
        updates(&ledger).await;
        deliveries(&ledger).await;
        deliveries_elsewhere(&ledger).await;
        timers(&ledger).await;
        people(&ledger).await;
        plans_cards_and_the_rest(&ledger).await;
        losers_leave_nothing(&ledger).await;
        odd_text(&ledger).await;
        let report = ledger.verify(&Scope::All, &[]).await.expect("an audit");
        assert!(report.is_whole(), "{:?}", report.faults);
        ledger.close().await;
        drop(ledger);

        let again = database.open().await;
        let later = again
            .verify(&Scope::All, &report.heads)
            .await
            .expect("an audit");
        assert_eq!(
            (later.faults, later.events),
            (vec![], report.events),
            "all there after a restart"
        );
        assert_eq!(again.fresh_chat_key(), 3, "keys go on");
        again.close().await;
        drop(again);
        database.remove().await;
    }
}

async fn chats(ledger: &Ledger) {
    assert_eq!(ledger.fresh_chat_key(), 1);
    assert_eq!(ledger.fresh_chat_key(), 2);
    let unit = Unit {
        chat: 1,
        new_chats: vec![chat(1, -100), chat(2, -200)],
        ..Unit::default()
    };
    ledger.commit(unit).await.expect("two chats");
    let twice = Unit {
        new_chats: vec![chat(3, -100)],
        ..Unit::default()
    };
    assert!(
        matches!(
            ledger.commit(twice).await,
            Err(CommitError::Conflict { .. })
        ),
        "one Telegram chat has one key"
    );
    assert_eq!(ledger.chat_key(-200).await.expect("a read"), Some(2));

    let moved = Unit {
        chat: 1,
        chat_moves: vec![ChatMove {
            key: 1,
            telegram_id: -1_001,
        }],
        ..Unit::default()
    };
    ledger
        .commit(moved)
        .await
        .expect("the group becomes a supergroup");
    let onto_another = Unit {
        chat: 2,
        chat_moves: vec![ChatMove {
            key: 2,
            telegram_id: -1_001,
        }],
        ..Unit::default()
    };
    assert!(matches!(
        ledger.commit(onto_another).await,
        Err(CommitError::Conflict { .. })
    ));
    let renamed = Chat {
        title: "war room".to_owned(),
        kind: "supergroup".to_owned(),
        ..chat(1, 0)
    };
    ledger
        .commit(Unit {
            chat: 1,
            chat_updates: vec![renamed.clone()],
            ..Unit::default()
        })
        .await
        .expect("a new title");
    assert_eq!(
        ledger.chats().await.expect("a read"),
        [
            Chat {
                telegram_id: -1_001,
                ..renamed
            },
            chat(2, -200)
        ]
    );
    assert_eq!(
        ledger.chat_key(-100).await.expect("a read"),
        None,
        "the old id is nobody's"
    );
}

async fn events(ledger: &Ledger) {
    // Handed in one after the other without waiting: they build on each other inside one transaction.
    let receipts: Vec<_> = (1..=5)
        .map(|seq| ledger.submit(event("incident/SEC-2026-001", seq)))
        .collect();
    let mut last = String::new();
    for receipt in receipts {
        let committed = receipt.wait().await.expect("an event");
        last.clone_from(&committed.events[0].hash);
    }
    let stored = ledger
        .stream("incident/SEC-2026-001")
        .await
        .expect("a read");
    assert_eq!(
        stored.iter().map(|event| event.seq).collect::<Vec<_>>(),
        [1, 2, 3, 4, 5]
    );
    assert_eq!(
        (stored[0].prev.as_str(), &stored[4].hash, &stored[4].prev),
        ("", &last, &stored[3].hash)
    );
    assert_eq!(
        (
            stored[1].at,
            stored[1].kind.as_str(),
            stored[1].body.as_str()
        ),
        (1_002, "noted", "{\"n\":2}")
    );

    for wrong in [3, 5, 7] {
        let refused = ledger.commit(event("incident/SEC-2026-001", wrong)).await;
        assert_eq!(
            refused,
            Err(CommitError::Conflict {
                stream: "incident/SEC-2026-001".to_owned()
            })
        );
    }
    let elsewhere = ledger.commit(event("incident/none", 2)).await;
    assert_eq!(
        elsewhere,
        Err(CommitError::Conflict {
            stream: "incident/none".to_owned()
        })
    );
}

async fn names_of_streams(ledger: &Ledger) {
    for number in ["999", "1000", "1001"] {
        ledger
            .commit(Unit {
                chat: 2,
                ..event(&format!("incident/SEC-2026-{number}"), 1)
            })
            .await
            .expect("an incident");
    }
    ledger
        .commit(Unit {
            chat: 2,
            ..event("incident/SEC-2026-999/notes", 1)
        })
        .await
        .expect("not a number");
    ledger
        .commit(Unit {
            chat: 2,
            ..event("incident/SECX2026-7", 1)
        })
        .await
        .expect("no wild cards");
    let highest = ledger
        .highest_stream("incident/SEC-2026-")
        .await
        .expect("a read");
    assert_eq!(highest.as_deref(), Some("incident/SEC-2026-1001"));
    assert_eq!(
        ledger
            .highest_stream("incident/DRILL-2026-")
            .await
            .expect("a read"),
        None
    );
    assert_eq!(
        ledger
            .highest_stream("incident/SEC_2026-")
            .await
            .expect("a read"),
        None
    );
    assert_eq!(
        ledger
            .chat_of_stream("incident/SEC-2026-1001")
            .await
            .expect("a read"),
        Some(2)
    );
    assert_eq!(
        ledger
            .chat_of_stream("incident/none")
            .await
            .expect("a read"),
        None
    );
    let of_chat = ledger.load(2).await.expect("a read");
    assert_eq!(of_chat.len(), 5);
    assert!(
        of_chat.is_sorted_by_key(|event| event.position),
        "in the order of commits"
    );
}

async fn updates(ledger: &Ledger) {
    let unit = |ids: &[i64]| Unit {
        updates: ids.to_vec(),
        settings: vec![("offset".to_owned(), format!("{ids:?}"))],
        ..Unit::default()
    };
    ledger.commit(unit(&[10, 11])).await.expect("new updates");
    ledger.commit(unit(&[12])).await.expect("a new update");
    let repeat = ledger.commit(unit(&[11, 13])).await;
    assert_eq!(
        repeat,
        Err(CommitError::Repeat {
            updates: vec![11],
            timers: vec![]
        })
    );
    assert_eq!(
        ledger.setting("offset").await.expect("a read").as_deref(),
        Some("[12]"),
        "the repeat wrote nothing"
    );
    assert_eq!(
        ledger.seen(&[9, 10, 11, 12, 13]).await.expect("a read"),
        HashSet::from([10, 11, 12])
    );
    assert_eq!(ledger.recent_updates(2).await.expect("a read"), [12, 11]);
    ledger
        .prune(i64::MIN, i64::MIN)
        .await
        .expect("nothing is that old");
    assert_eq!(ledger.recent_updates(9).await.expect("a read").len(), 3);
    ledger
        .prune(i64::MAX, i64::MIN)
        .await
        .expect("all are that old");
    assert!(ledger.recent_updates(9).await.expect("a read").is_empty());
}
