//! Units that come too late, and text that is hard to keep.

use std::collections::HashSet;

use breakglass::store::{CommitError, Ledger, Unit};

use super::{event, outbox};

/// One transaction with winners, losers, and units that stand behind a loser.
pub async fn losers_leave_nothing(ledger: &Ledger) {
    ledger
        .commit(Unit {
            updates: vec![500],
            ..Unit::default()
        })
        .await
        .expect("an update");
    let before = ledger.outbox().await.expect("a read").len();
    let with = |chat: i64, update: i64, body: &str| Unit {
        chat,
        updates: vec![update],
        outbox: vec![outbox(body)],
        ..Unit::default()
    };
    let receipts = [
        ledger.submit(with(1, 501, "kept 1")),
        ledger.submit(with(2, 500, "lost, a repeat")),
        ledger.submit(with(1, 502, "kept 2")),
        ledger.submit(with(2, 503, "lost, behind the repeat")),
        ledger.submit(Unit {
            events: event("incident/SEC-2026-001", 5).events,
            ..with(3, 504, "lost, too late")
        }),
        ledger.submit(with(0, 505, "kept 3")),
        ledger.submit(with(0, 505, "lost, the same update again")),
        ledger.submit(with(0, 506, "kept 4, of no chat")),
        ledger.submit(Unit {
            members: vec![(404, 404)],
            ..with(4, 507, "lost, impossible")
        }),
        ledger.submit(with(4, 508, "lost, behind the impossible")),
    ];
    let mut fates = Vec::new();
    for receipt in receipts {
        fates.push(match receipt.wait().await {
            Ok(committed) => committed.outbox[0].body.clone(),
            Err(CommitError::Conflict { .. }) => "conflict".to_owned(),
            Err(CommitError::Repeat { .. }) => "repeat".to_owned(),
            Err(CommitError::Bug(_)) => "bug".to_owned(),
            Err(other) => other.to_string(),
        });
    }
    assert_eq!(
        fates,
        [
            "kept 1",
            "repeat",
            "kept 2",
            "conflict",
            "conflict",
            "kept 3",
            "repeat",
            "kept 4, of no chat",
            "bug",
            "conflict"
        ]
    );
    let seen = ledger
        .seen(&(500..=508).collect::<Vec<_>>())
        .await
        .expect("a read");
    assert_eq!(seen, HashSet::from([500, 501, 502, 505, 506]));
    let bodies: Vec<String> = ledger
        .outbox()
        .await
        .expect("a read")
        .split_off(before)
        .into_iter()
        .map(|row| row.body)
        .collect();
    assert_eq!(bodies, ["kept 1", "kept 2", "kept 3", "kept 4, of no chat"]);
    ledger
        .commit(with(2, 503, "now"))
        .await
        .expect("decided again, it goes in");
}

pub async fn odd_text(ledger: &Ledger) {
    let text = "zero \0, quote ' \" \\ $1 ?, emoji 🫡, right-to-left \u{202e}, 한국어";
    let mut unit = event("odd", 1);
    text.clone_into(&mut unit.events[0].body);
    unit.outbox = vec![outbox(text)];
    unit.settings = vec![("odd".to_owned(), text.to_owned())];
    let committed = ledger.commit(unit).await.expect("odd text");
    let kept = text.replace('\0', "\u{fffd}");
    assert_eq!(committed.outbox[0].body, kept);
    assert_eq!(
        ledger
            .delivery(committed.outbox[0].id)
            .await
            .expect("a read")
            .as_ref(),
        committed.outbox.first()
    );
    assert_eq!(ledger.stream("odd").await.expect("a read")[0].body, kept);
    assert_eq!(ledger.setting("odd").await.expect("a read"), Some(kept));
}
