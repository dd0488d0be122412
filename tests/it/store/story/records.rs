//! Timers, people, plans, cards and the rest.

use breakglass::store::{
    Card, CommitError, Ledger, NewSetAside, Person, PinnedPlan, Timer, TimerChange, Unit,
};

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

pub async fn timers(ledger: &Ledger) {
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

pub async fn people(ledger: &Ledger) {
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

pub async fn plans_cards_and_the_rest(ledger: &Ledger) {
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
