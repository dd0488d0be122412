//! Two processes on one PostgreSQL, and many units at once on either engine.

use std::collections::HashSet;

use breakglass::store::{CommitError, NewOutbox, Scope, Unit};

use super::{engines::Database, story::event};

fn with_outbox(mut unit: Unit, body: &str, update: i64) -> Unit {
    unit.outbox = vec![NewOutbox {
        chat: None,
        incident: None,
        lane: 0,
        body: body.to_owned(),
    }];
    unit.updates = vec![update];
    unit
}

#[tokio::test]
async fn of_two_replicas_one_wins_and_the_other_decides_again() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let (one, two) = (database.open().await, database.open().await);
    let of_seven = |seq: i64| Unit {
        chat: 7,
        ..event("incident/a", seq)
    };
    one.commit(of_seven(1)).await.expect("begun");
    let mut wins = [0, 0];
    for round in 0..50 {
        let seq = round + 2;
        let neighbour = |who: i64| {
            let unit = Unit {
                chat: who,
                ..event(&format!("of/{who}/{round}"), 1)
            };
            with_outbox(unit, "neighbour", 10_000 + round * 100 + who)
        };
        let rival = |who: i64| {
            with_outbox(
                of_seven(seq),
                &format!("{who} won"),
                20_000 + round * 100 + who,
            )
        };
        let (first, second) = (one.submit(rival(10)), two.submit(rival(20)));
        let (third, fourth) = (one.submit(neighbour(3)), two.submit(neighbour(4)));
        let fates = [first.wait().await, second.wait().await];
        third.wait().await.expect("a neighbour is not disturbed");
        fourth.wait().await.expect("a neighbour is not disturbed");
        let won: Vec<bool> = fates.iter().map(Result::is_ok).collect();
        assert_eq!(
            won.iter().filter(|won| **won).count(),
            1,
            "exactly one wins: {fates:?}"
        );
        let lost = fates
            .iter()
            .find_map(|fate| fate.as_ref().err())
            .expect("one lost");
        assert_eq!(
            *lost,
            CommitError::Conflict {
                stream: "incident/a".to_owned()
            }
        );
        let (winner, loser) = if won[0] { (10, 20) } else { (20, 10) };
        wins[usize::from(won[1])] += 1;
        let seen = one
            .seen(&[20_000 + round * 100 + winner, 20_000 + round * 100 + loser])
            .await
            .expect("a read");
        assert_eq!(
            seen,
            HashSet::from([20_000 + round * 100 + winner]),
            "the loser left no row"
        );
        let bodies: HashSet<String> = one
            .outbox()
            .await
            .expect("a read")
            .into_iter()
            .map(|row| row.body)
            .collect();
        assert!(bodies.contains(&format!("{winner} won")));
    }
    println!("wins: {wins:?}");
    assert_eq!(
        one.outbox()
            .await
            .expect("a read")
            .iter()
            .filter(|row| row.body.ends_with("won"))
            .count(),
        50
    );

    // The same update reaches both replicas: one effect.
    let fates = [
        one.submit(with_outbox(event("u/1", 1), "x", 5)),
        two.submit(with_outbox(event("u/2", 1), "x", 5)),
    ];
    let mut repeats = 0;
    for fate in fates {
        match fate.wait().await {
            Ok(_) => {}
            Err(CommitError::Repeat { updates, .. }) => {
                assert_eq!(updates, [5]);
                repeats += 1;
            }
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(repeats, 1);

    let report = two.verify(&Scope::All, &[]).await.expect("an audit");
    assert!(report.is_whole(), "{:?}", report.faults);
    assert_eq!(one.load(7).await.expect("a read").len(), 51);
    for ledger in [one, two] {
        ledger.close().await;
    }
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_share_a_transaction() {
    for database in Database::all().await {
        let ledger = database.open().await;
        let tasks: Vec<_> = (1..=20)
            .map(|chat: i64| {
                let ledger = ledger.clone();
                tokio::spawn(async move {
                    for seq in 1..=50 {
                        let unit = Unit {
                            chat,
                            ..event(&format!("incident/{chat}"), seq)
                        };
                        ledger
                            .commit(with_outbox(unit, "m", chat * 1_000 + seq))
                            .await
                            .expect("nobody is in the way");
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.expect("no panic");
        }
        let outbox = ledger.outbox().await.expect("a read");
        assert_eq!(outbox.len(), 1_000);
        let report = ledger.verify(&Scope::All, &[]).await.expect("an audit");
        assert_eq!(
            (report.faults, report.events, report.streams),
            (vec![], 1_000, 20)
        );
        ledger.close().await;
        assert!(
            matches!(
                ledger.commit(event("late", 1)).await,
                Err(CommitError::Unavailable(_))
            ),
            "closed"
        );
        drop(ledger);
        database.remove().await;
    }
}
