//! Whatever is done to the log behind the bot's back is found against a checkpoint.

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

fn breakglass(harness: &Harness, line: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_breakglass"))
        .args(line)
        .env_clear()
        .env(
            "DATABASE_URL",
            format!("sqlite://{}", harness.database().display()),
        )
        .env("RUST_LOG", "error")
        .current_dir(harness.folder())
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_takes_checkpoints_and_proves_the_log_while_the_bot_runs() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let taken = breakglass(&harness, &["audit", "checkpoint", "--out", "kept.txt"]);
    assert!(taken.status.success(), "{taken:?}");
    let file = harness.folder().join("kept.txt");
    let text = std::fs::read_to_string(&file).expect("it is there");
    assert!(
        text.contains("\nincident/SEC-2026-001 ") && text.contains("\norder: "),
        "{text}"
    );
    // The public way to prove the file whole.
    let (above, last) = text.trim_end().rsplit_once('\n').expect("lines");
    let sum = {
        use sha2::Digest;
        format!("{:x}", sha2::Sha256::digest(format!("{above}\n")))
    };
    assert_eq!(last, format!("sha256: {sum}"));

    room.as_user("Bob").says("/note more work").await;
    let whole = breakglass(&harness, &["audit", "verify", "--checkpoint", "kept.txt"]);
    let text = said(&whole);
    assert!(
        whole.status.success() && text.contains("The log is whole."),
        "{text}"
    );

    let mut conn =
        sqlx::AnyConnection::connect(&format!("sqlite://{}", harness.database().display()))
            .await
            .expect("a connection");
    conn.execute(
        "UPDATE events SET body = replace(body, 'key leaked', 'nothing') WHERE kind = 'declared'",
    )
    .await
    .expect("the change goes in");
    let broken = breakglass(&harness, &["audit", "verify", "--checkpoint", "kept.txt"]);
    assert_eq!(broken.status.code(), Some(1));
    let text = said(&broken);
    insta::assert_snapshot!(text.lines().filter(|line| line.contains("FAULT") || line.starts_with("breakglass")).collect::<Vec<_>>().join("\n"), @"
    FAULT incident/SEC-2026-001 1: the content does not match its hash
    breakglass: the log is not whole: 1 fault
    ");
    let refused = breakglass(&harness, &["audit", "checkpoint"]);
    assert_eq!(
        refused.status.code(),
        Some(1),
        "no checkpoint of a broken log"
    );

    std::fs::write(
        &file,
        std::fs::read_to_string(&file)
            .expect("readable")
            .replace("SEC-2026-001", "SEC-2026-002"),
    )
    .expect("write");
    insta::assert_snapshot!(said(&breakglass(&harness, &["audit", "verify", "--checkpoint", "kept.txt"])), @"breakglass: --checkpoint kept.txt: it was changed or cut: the hash in its last line is not that of the lines above it");
    insta::assert_snapshot!(said(&breakglass(&harness, &["audit", "verify", "--checkpoint", "nowhere.txt"])), @"breakglass: --checkpoint nowhere.txt: No such file or directory (os error 2)");
    conn.close().await.expect("closed");
    harness.end().await;
}

#[test]
fn an_audit_of_nothing_makes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_breakglass"))
        .args(["audit", "verify"])
        .env_clear()
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output).replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(text, @"breakglass: DATABASE_URL: the database file FOLDER/breakglass.db cannot be opened or created: there is no such file; check that its folder exists and that this user may write there");
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("the folder")
            .count(),
        0
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_log_is_found_at_the_start_and_levers_are_refused() {
    let mut harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/setup home").await;
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let asked = room.as_user("Olivia");
    asked
        .says("/emergency_shutdown now emergency_shutdown it burns")
        .await;
    harness.stop_bot().await;
    let url = format!("sqlite://{}", harness.database().display());
    let mut conn = sqlx::AnyConnection::connect(&url)
        .await
        .expect("a connection");
    conn.execute(
        "UPDATE events SET body = replace(body, 'key leaked', 'nothing') WHERE kind = 'declared'",
    )
    .await
    .expect("the change goes in");
    conn.close().await.expect("closed");
    harness.restart().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.message("My log").text, @"⚠️ My log was changed from outside (incident/SEC-2026-001 1: the content does not match its hash). Until somebody has looked, with breakglass audit verify on the host, no lever is pulled from chat and no run goes on. Stopping, denying and taking back still work here, levers on the host too.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/close force done").await, @"🤖 (silent) SEC-2026-001 is in Identification, and only the last phase can be closed. Go on with /next; if it was nothing, /cancel false_alarm why.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup admins on").await, @"🤖 (silent) My log was changed from outside, so /setup is refused here: I cannot trust who may do what. On the host, breakglass audit verify shows where; shutdown works there too.");
    let noted = room.as_user("Bob").says("/note work goes on").await;
    assert!(noted.contains("(✍ breakglass)"), "{noted}");
    // What was begun before can be stopped.
    let stopped = room.as_user("Olivia").says("/abort R1").await;
    assert!(stopped.contains("Stopped by Olivia"), "{stopped}");
    let audit = room.as_user("Olivia").says("/audit 1").await;
    assert!(audit.contains("Audit · last 1"), "{audit}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_cannot_be_read_is_not_silent() {
    let mut harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/start").await;
    room.as_user("Bob").says("/declare P1 key leaked").await;
    harness.stop_bot().await;
    let url = format!("sqlite://{}", harness.database().display());
    let mut conn = sqlx::AnyConnection::connect(&url)
        .await
        .expect("a connection");
    conn.execute("UPDATE events SET body = '{}' WHERE kind = 'declared'")
        .await
        .expect("the change goes in");
    conn.close().await.expect("closed");
    harness.restart().await;
    let room = harness.chat("War room");
    room.message("My log");
    insta::assert_snapshot!(room.as_user("Bob").says("/status").await, @"🤖 ⚠️ I cannot read what I keep of this chat, so no command works here at present. Tell whoever runs me: breakglass audit verify on the host shows more. Emergency levers still work on the host: breakglass shutdown.");
    let again = room.as_user("Bob").says("/note is anybody there?").await;
    assert!(!again.contains("I cannot read"), "once is enough: {again}");
    harness.end().await;
}
