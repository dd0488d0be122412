//! Everything the ledger keeps, written and read back.

use std::collections::HashSet;

use breakglass::store::{
    Card, Chat, ChatMove, CommitError, Ledger, NewEvent, NewOutbox, NewSetAside, OutboxState,
    Person, PinnedPlan, Scope, Settlement, Timer, TimerChange, Unit,
};

use super::engines::Database;

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
        incident: Some("SEC-2026-001".to_owned()),
        lane: 1,
        body: body.to_owned(),
    }
}

fn timer(id: &str, due: i64) -> Timer {
    Timer {
        id: id.to_owned(),
        chat: 1,
        due,
        kind: "remind".to_owned(),
        body: "{}".to_owned(),
    }
}

fn person(user_id: i64, username: Option<&str>, seen: i64) -> Person {
    Person {
        user_id,
        username: username.map(str::to_owned),
        name: format!("Person {user_id}"),
        language: None,
        seen,
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
        updates(&ledger).await;
        deliveries(&ledger).await;
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

async fn deliveries(ledger: &Ledger) {
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
    let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|index: usize| rows[index].id);

    let sending = [a, b, c, d, e].map(|id| Settlement::Sending { id });
    ledger
        .settle(sending.to_vec())
        .await
        .expect("attempts begin");
    ledger.settle_later(vec![
        Settlement::Sent {
            id: a,
            message_id: Some(77),
        },
        Settlement::Done { id: b },
    ]);
    let rest = vec![
        Settlement::Waiting { id: c, attempts: 4 },
        Settlement::Parked {
            id: d,
            why: "the bot was removed".to_owned(),
        },
        Settlement::Sending { id: f },
        Settlement::Dropped {
            id: f,
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
        [(c, OutboxState::Waiting, 4), (e, OutboxState::Sending, 1)]
    );
    let parked = ledger.parked(1).await.expect("a read");
    assert_eq!(
        (parked.len(), parked[0].id, parked[0].error.as_deref()),
        (1, d, Some("the bot was removed"))
    );
    assert_eq!(ledger.parked(2).await.expect("a read"), []);
    let sent = ledger.delivery(a).await.expect("a read").expect("kept");
    assert_eq!((sent.state, sent.message_id), (OutboxState::Sent, Some(77)));
    let dropped = ledger.delivery(f).await.expect("a read").expect("kept");
    assert_eq!(
        (dropped.state, dropped.attempts, dropped.error.as_deref()),
        (OutboxState::Dropped, 1, Some("too old"))
    );
    assert_eq!(
        ledger.delivery(b).await.expect("a read"),
        None,
        "done is gone"
    );

    ledger
        .prune(i64::MIN, i64::MAX)
        .await
        .expect("all are that old");
    assert_eq!(ledger.delivery(a).await.expect("a read"), None);
    assert_eq!(
        ledger.outbox().await.expect("a read").len(),
        2,
        "what is open stays"
    );
}

async fn timers(ledger: &Ledger) {
    let set = |timers: &[(&str, i64)]| Unit {
        chat: 1,
        timers: timers
            .iter()
            .map(|(id, due)| TimerChange::Set(timer(id, *due)))
            .collect(),
        ..Unit::default()
    };
    ledger
        .commit(set(&[("late", 300), ("soon", 100), ("mid", 200)]))
        .await
        .expect("timers");
    ledger
        .commit(set(&[("late", 50)]))
        .await
        .expect("set again");
    let names = |timers: Vec<Timer>| timers.into_iter().map(|timer| timer.id).collect::<Vec<_>>();
    assert_eq!(
        names(ledger.timers_due(100).await.expect("a read")),
        ["late", "soon"]
    );
    assert_eq!(
        ledger.timers_all().await.expect("a read"),
        [timer("late", 50), timer("soon", 100), timer("mid", 200)]
    );

    let cancel = Unit {
        chat: 1,
        timers: vec![
            TimerChange::Cancel("mid".to_owned()),
            TimerChange::Cancel("none".to_owned()),
        ],
        ..Unit::default()
    };
    ledger
        .commit(cancel)
        .await
        .expect("cancelled, and one that never was");
    let fire = Unit {
        chat: 1,
        timers_done: vec!["soon".to_owned()],
        settings: vec![("fired".to_owned(), "soon".to_owned())],
        ..Unit::default()
    };
    ledger.commit(fire.clone()).await.expect("fires");
    let twice = Unit {
        settings: vec![("fired".to_owned(), "twice".to_owned())],
        ..fire
    };
    assert_eq!(
        ledger.commit(twice).await,
        Err(CommitError::Repeat {
            updates: vec![],
            timers: vec!["soon".to_owned()]
        })
    );
    assert_eq!(
        ledger.setting("fired").await.expect("a read").as_deref(),
        Some("soon")
    );
    assert_eq!(names(ledger.timers_all().await.expect("a read")), ["late"]);

    // Set and fired in one breath, and set again by the unit that settles it.
    let first = ledger.submit(set(&[("brief", 10)]));
    let then = ledger.submit(Unit {
        timers_done: vec!["brief".to_owned()],
        ..set(&[("brief", 20)])
    });
    first.wait().await.expect("set");
    then.wait().await.expect("fired and set again");
    assert_eq!(
        ledger.timers_due(49).await.expect("a read"),
        [timer("brief", 20)]
    );
}

async fn people(ledger: &Ledger) {
    let unit = |people: Vec<Person>, members: Vec<(i64, i64)>| Unit {
        people,
        members,
        ..Unit::default()
    };
    let three = vec![
        person(7, Some("Ada_L"), 1),
        person(8, None, 2),
        person(9, Some("grace"), 3),
    ];
    ledger
        .commit(unit(three, vec![(1, 7), (1, 9), (2, 8)]))
        .await
        .expect("people");
    ledger
        .commit(unit(vec![person(9, Some("ada_l"), 5)], vec![(1, 9)]))
        .await
        .expect("took over a name");
    let ada = ledger
        .person_by_username("ADA_l")
        .await
        .expect("a read")
        .expect("known");
    assert_eq!(ada.user_id, 9, "whoever was seen last with it");
    assert_eq!(
        ledger.person_by_username("grace").await.expect("a read"),
        None
    );
    assert_eq!(
        ledger.person(8).await.expect("a read"),
        Some(person(8, None, 2))
    );
    assert_eq!(ledger.person(1).await.expect("a read"), None);
    let ids = |people: Vec<Person>| {
        people
            .into_iter()
            .map(|person| person.user_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(ledger.members(1).await.expect("a read")), [7, 9]);
    ledger
        .commit(Unit {
            left: vec![(1, 7), (2, 7)],
            ..Unit::default()
        })
        .await
        .expect("one left");
    assert_eq!(ids(ledger.members(1).await.expect("a read")), [9]);
    let nobody = ledger.commit(unit(vec![], vec![(1, 404)])).await;
    assert!(
        matches!(nobody, Err(CommitError::Bug(_))),
        "a member must be a known person: {nobody:?}"
    );
}

async fn plans_cards_and_the_rest(ledger: &Ledger) {
    let plan = |source: &str| PinnedPlan {
        revision: "abc".to_owned(),
        source: source.to_owned(),
    };
    ledger
        .commit(Unit {
            plans: vec![plan("one")],
            ..Unit::default()
        })
        .await
        .expect("a plan");
    ledger
        .commit(Unit {
            plans: vec![plan("two")],
            ..Unit::default()
        })
        .await
        .expect("known already");
    assert_eq!(
        ledger.plan("abc").await.expect("a read").as_deref(),
        Some("one"),
        "a pinned revision never changes"
    );
    assert_eq!(ledger.plan("none").await.expect("a read"), None);

    let card = |version: i64| Card {
        incident: "SEC-2026-001".to_owned(),
        chat: 1,
        message_id: Some(5),
        thread_id: None,
        shown_version: version,
        shown_hash: "h".to_owned(),
    };
    ledger
        .commit(Unit {
            cards: vec![card(1)],
            ..Unit::default()
        })
        .await
        .expect("a card");
    assert_eq!(
        ledger.stale_cards("incident/").await.expect("a read"),
        [card(1)]
    );
    ledger
        .commit(Unit {
            cards: vec![card(2), card(5)],
            ..Unit::default()
        })
        .await
        .expect("the last one counts");
    assert_eq!(
        ledger.card("SEC-2026-001").await.expect("a read"),
        Some(card(5))
    );
    assert_eq!(ledger.card("SEC-2026-002").await.expect("a read"), None);
    assert_eq!(ledger.stale_cards("incident/").await.expect("a read"), []);

    let aside = |update_id: Option<i64>| NewSetAside {
        update_id,
        kind: "message".to_owned(),
        reason: "failed three times".to_owned(),
        body: "{}".to_owned(),
    };
    ledger
        .commit(Unit {
            set_aside: vec![aside(Some(4)), aside(None)],
            ..Unit::default()
        })
        .await
        .expect("set aside");
    let kept = ledger.set_aside().await.expect("a read");
    assert_eq!(
        kept.iter().map(|item| item.update_id).collect::<Vec<_>>(),
        [Some(4), None]
    );
    assert_eq!(
        (
            kept[0].kind.as_str(),
            kept[0].reason.as_str(),
            kept[0].body.as_str()
        ),
        ("message", "failed three times", "{}")
    );
    assert_eq!(ledger.setting("none").await.expect("a read"), None);
}

/// One transaction with winners, losers, and units that stand behind a loser.
async fn losers_leave_nothing(ledger: &Ledger) {
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

async fn odd_text(ledger: &Ledger) {
    let text = "zero \0, quote ' \" \\ $1 ?, emoji 🫡, right-to-left \u{202e}, 한국어";
    let mut unit = event("odd", 1);
    unit.events[0].body = text.to_owned();
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
