//! The outbox, from waiting to gone.

use breakglass::store::{Ledger, OutboxState, Settlement, Unit};

use super::outbox;

pub async fn deliveries(ledger: &Ledger) {
    let bodies = ["a", "b", "c", "d", "e", "f"];
    let unit = Unit {
        chat: 1,
        outbox: bodies.map(outbox).to_vec(),
        ..Unit::default()
    };
    let rows = ledger.commit(unit).await.expect("deliveries").outbox;
    assert!(rows.is_sorted_by_key(|row| row.id));
    assert_eq!(
        ledger.outbox().await.expect("a read"),
        rows,
        "what was answered is what is there"
    );
    let [first, second, third, fourth, fifth, sixth] =
        [0, 1, 2, 3, 4, 5].map(|index: usize| rows[index].id);

    let sending = [first, second, third, fourth, fifth].map(|id| Settlement::Sending { id });
    ledger
        .settle(sending.to_vec())
        .await
        .expect("attempts begin");
    ledger.settle_later(vec![
        Settlement::Sent {
            id: first,
            message_id: Some(77),
        },
        Settlement::Done { id: second },
    ]);
    let rest = vec![
        Settlement::Waiting {
            id: third,
            attempts: 4,
        },
        Settlement::Parked {
            id: fourth,
            why: "the bot was removed".to_owned(),
        },
        Settlement::Sending { id: sixth },
        Settlement::Dropped {
            id: sixth,
            why: "too old".to_owned(),
        },
        Settlement::Sent {
            id: 1,
            message_id: None,
        },
    ];
    ledger.settle(rest).await.expect("marks");

    let open: Vec<_> = ledger
        .outbox()
        .await
        .expect("a read")
        .into_iter()
        .map(|row| (row.id, row.state, row.attempts))
        .collect();
    assert_eq!(
        open,
        [
            (third, OutboxState::Waiting, 4),
            (fifth, OutboxState::Sending, 1)
        ]
    );
    let parked = ledger.parked(1).await.expect("a read");
    assert_eq!(
        (parked.len(), parked[0].id, parked[0].error.as_deref()),
        (1, fourth, Some("the bot was removed"))
    );
    assert_eq!(ledger.parked(2).await.expect("a read"), []);
    let sent = ledger.delivery(first).await.expect("a read").expect("kept");
    assert_eq!((sent.state, sent.message_id), (OutboxState::Sent, Some(77)));
    let dropped = ledger.delivery(sixth).await.expect("a read").expect("kept");
    assert_eq!(
        (dropped.state, dropped.attempts, dropped.error.as_deref()),
        (OutboxState::Dropped, 1, Some("too old"))
    );
    assert_eq!(
        ledger.delivery(second).await.expect("a read"),
        None,
        "done is gone"
    );

    ledger
        .prune(i64::MIN, i64::MAX)
        .await
        .expect("all are that old");
    assert_eq!(ledger.delivery(first).await.expect("a read"), None);
    assert_eq!(
        ledger.outbox().await.expect("a read").len(),
        2,
        "what is open stays"
    );
}

/// A delivery may go to another chat than its unit's.
pub async fn deliveries_elsewhere(ledger: &Ledger) {
    let mut elsewhere = outbox("to the home chat");
    elsewhere.chat = Some(2);
    let unit = Unit {
        chat: 1,
        outbox: vec![outbox("here"), elsewhere],
        ..Unit::default()
    };
    let rows = ledger.commit(unit).await.expect("deliveries").outbox;
    assert_eq!([rows[0].chat, rows[1].chat], [1, 2]);
    let stored = ledger.delivery(rows[1].id).await.expect("a read");
    assert_eq!(stored.as_ref(), Some(&rows[1]));
}
