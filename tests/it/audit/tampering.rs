//! Random changes to rows, in memory and in the databases.

use super::*;

/// One change, as somebody with write access makes it. Says what it was.
fn tamper(rows: &mut Rows, random: &mut StdRng) -> &'static str {
    let at = rows.index(random);
    match random.random_range(0..16_u32) {
        0 => {
            flip(&mut rows.events[at].body, random);
            "a body"
        }
        1 => {
            flip(&mut rows.events[at].kind, random);
            "a kind"
        }
        2 => {
            rows.events[at].at += random.random_range(1..1_000_000_i64);
            "a time"
        }
        3 => {
            let by = random.random_range(1..50_i64);
            rows.events[at].position += if random.random() { by } else { -by };
            "a position"
        }
        4 => {
            rows.events[at].chat += 1;
            "a chat"
        }
        5 => {
            flip(&mut rows.events[at].hash, random);
            "a hash"
        }
        6 => {
            rows.events[at].prev = chain::hash("", "x", 1, rows.events[at].at, "", "");
            "a hash before"
        }
        7 => {
            rows.events.remove(at);
            "an event deleted"
        }
        8 => {
            let count = random.random_range(1..=rows.events.len());
            for _ in 0..count {
                let at = rows.index(random);
                rows.events.remove(at);
                if rows.events.is_empty() {
                    break;
                }
            }
            "several events deleted"
        }
        9 => {
            let other = rows.index(random);
            let (one, two) = (rows.events[at].seq, rows.events[other].seq);
            rows.events[at].seq = two;
            rows.events[other].seq = one;
            "two numbers swapped"
        }
        10 => {
            let other = rows.index(random);
            let (one, two) = (rows.events[at].position, rows.events[other].position);
            rows.events[at].position = two;
            rows.events[other].position = one;
            "two places swapped"
        }
        11 => {
            let other = rows.index(random);
            let (one, two) = (rows.events[at].clone(), rows.events[other].clone());
            let swap = |event: &mut StoredEvent, with: StoredEvent| {
                (event.at, event.kind, event.body) = (with.at, with.kind, with.body);
            };
            swap(&mut rows.events[at], two);
            swap(&mut rows.events[other], one);
            "two contents swapped"
        }
        12 => {
            let (stream, seq) = (rows.events[at].stream.clone(), rows.events[at].seq);
            rows.events
                .retain(|event| event.stream != stream || event.seq < seq);
            "a stream cut"
        }
        13 => {
            let stream = rows.events[at].stream.clone();
            rows.events.retain(|event| event.stream != stream);
            rows.chats.remove(&stream);
            "a stream deleted"
        }
        14 => {
            let stream = rows.events[at].stream.clone();
            for event in rows
                .events
                .iter_mut()
                .filter(|event| event.stream == stream)
            {
                event.chat = 99;
            }
            rows.chats.insert(stream, 99);
            "a stream given to another chat"
        }
        _ => {
            forge(rows, at, random);
            "a chain written anew"
        }
    }
}

fn flip(text: &mut String, random: &mut StdRng) {
    let mut letters: Vec<char> = text.chars().collect();
    let at = random.random_range(0..letters.len());
    letters[at] = if letters[at] == '~' { '-' } else { '~' };
    *text = letters.into_iter().collect();
}

/// The careful one: changes an event, or leaves it out, and computes every hash after it anew.
fn forge(rows: &mut Rows, at: usize, random: &mut StdRng) {
    let stream = rows.events[at].stream.clone();
    let seq = rows.events[at].seq;
    if random.random() {
        "{\"n\":0}".clone_into(&mut rows.events[at].body);
    } else {
        rows.events.remove(at);
        for event in rows
            .events
            .iter_mut()
            .filter(|it| it.stream == stream && it.seq > seq)
        {
            event.seq -= 1;
        }
    }
    let mut prev = String::new();
    let mut own: Vec<&mut StoredEvent> = rows
        .events
        .iter_mut()
        .filter(|it| it.stream == stream)
        .collect();
    own.sort_by_key(|event| event.seq);
    for event in own {
        event.prev.clone_from(&prev);
        event.hash = chain::hash(
            &event.prev,
            &event.stream,
            event.seq,
            event.at,
            &event.kind,
            &event.body,
        );
        prev.clone_from(&event.hash);
    }
}

#[tokio::test]
async fn ten_thousand_random_changes_are_all_found() {
    let database = Database::sqlite();
    let ledger = written(&database).await;
    let whole = ledger
        .auditor()
        .verify(&Scope::All, &Checkpoint::default())
        .await
        .expect("an audit");
    assert!(whole.is_whole(), "{:?}", whole.faults);
    let checkpoint = Checkpoint {
        heads: whole.heads.clone(),
        order: whole.order.clone(),
    };
    let rows = Rows::of(&ledger).await;
    // The same verdict from rows as from the database, down to the last hash.
    assert_eq!(verify_rows(&rows.events, &rows.chats, &checkpoint), whole);

    let mut random = StdRng::seed_from_u64(2026);
    let (mut kinds, mut missed) = (BTreeMap::<&str, usize>::new(), Vec::new());
    let mut done = 0;
    while done < EDITS {
        let mut changed = rows.clone();
        let what = tamper(&mut changed, &mut random);
        let mut before = rows.events.clone();
        let mut after = changed.events.clone();
        let place = |event: &StoredEvent| (event.stream.clone(), event.seq);
        before.sort_by_key(place);
        after.sort_by_key(place);
        // A thing swapped with itself is no change.
        if before == after && changed.chats == rows.chats {
            continue;
        }
        done += 1;
        *kinds.entry(what).or_default() += 1;
        if verify_rows(&changed.events, &changed.chats, &checkpoint).is_whole() {
            missed.push(what);
        }
    }
    figure(&format!(
        "audit: {} of {done} random changes found, of {} kinds",
        done - missed.len(),
        kinds.len()
    ));
    assert!(missed.is_empty(), "{missed:?}");
    assert!(
        kinds.len() >= 16 && kinds.values().all(|count| *count > 100),
        "{kinds:?}"
    );
    ledger.close().await;
}

/// The same through the database: what an audit reads there is what the rows say.
#[tokio::test]
async fn changes_in_the_database_are_found_as_in_the_rows() {
    for database in Database::all().await {
        let ledger = written(&database).await;
        let report = ledger
            .auditor()
            .verify(&Scope::All, &Checkpoint::default())
            .await
            .expect("an audit");
        let checkpoint = Checkpoint {
            heads: report.heads,
            order: report.order,
        };
        let rows = Rows::of(&ledger).await;
        let mut conn = database.raw().await;
        let mut random = StdRng::seed_from_u64(17);
        let mut found = 0;
        for round in 0..60 {
            let event = rows.events.choose(&mut random).expect("an event");
            let one = format!("WHERE stream = '{}' AND seq = {}", event.stream, event.seq);
            let change = match round % 6 {
                0 => format!("UPDATE events SET body = body || ' ' {one}"),
                1 => format!("UPDATE events SET position = position + 100000 {one}"),
                2 => format!("DELETE FROM events {one}"),
                3 => format!(
                    "DELETE FROM events WHERE stream = '{}' AND seq >= {}",
                    event.stream, event.seq
                ),
                4 => format!("UPDATE events SET at = at + 1 {one}"),
                _ => format!("UPDATE events SET seq = seq + 100 {one}"),
            };
            for text in [
                "CREATE TABLE kept AS SELECT * FROM events".to_owned(),
                change.clone(),
            ] {
                conn.execute(AssertSqlSafe(text))
                    .await
                    .expect("the change goes in");
            }
            let report = ledger
                .auditor()
                .verify(&Scope::All, &checkpoint)
                .await
                .expect("an audit");
            assert!(!report.is_whole(), "{change}, on {}", database.name);
            found += 1;
            for text in [
                "DELETE FROM events",
                "INSERT INTO events SELECT * FROM kept",
                "DROP TABLE kept",
            ] {
                conn.execute(text).await.expect("put back");
            }
        }
        let report = ledger
            .auditor()
            .verify(&Scope::All, &checkpoint)
            .await
            .expect("an audit");
        assert!(
            report.is_whole(),
            "put back, it is whole again: {:?}",
            report.faults
        );
        figure(&format!(
            "audit: {found} changes in {} found",
            database.name
        ));
        conn.close().await.expect("closed");
        ledger.close().await;
        drop(ledger);
        database.remove().await;
    }
}

#[tokio::test]
async fn what_is_written_after_a_checkpoint_is_no_fault() {
    let database = Database::sqlite();
    let ledger = written(&database).await;
    let report = ledger
        .auditor()
        .verify(&Scope::All, &Checkpoint::default())
        .await
        .expect("an audit");
    let checkpoint = Checkpoint {
        heads: report.heads,
        order: report.order,
    };
    for (stream, chat, length) in STREAMS {
        let event = NewEvent {
            stream: stream.to_owned(),
            seq: length + 1,
            at: 1_772_000_000_000_999,
            kind: "noted".to_owned(),
            body: "{}".to_owned(),
        };
        let unit = Unit {
            chat,
            events: vec![event],
            ..Unit::default()
        };
        ledger.commit(unit).await.expect("an event");
    }
    // Another connection, past the lock: the bot goes on meanwhile.
    let auditor = Auditor::open(&database.url).await.expect("it opens");
    let later = auditor
        .verify(&Scope::All, &checkpoint)
        .await
        .expect("an audit");
    assert_eq!((later.faults.as_slice(), later.events), (&[][..], 30));
    let heads: Vec<Head> = later.heads;
    assert_eq!(heads.len(), STREAMS.len());
    auditor.close().await;
    ledger.close().await;
}
