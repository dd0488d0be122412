//! A process that is killed in the middle of its commits loses nothing that it was told is committed, and keeps nothing by halves.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use breakglass::store::{Ledger, NewEvent, NewOutbox, Scope, Timer, TimerChange, Unit};

use super::engines::{Database, ticking};

const ADDRESS: &str = "BREAKGLASS_TEST_CRASH_DATABASE";
const FIRST: &str = "BREAKGLASS_TEST_CRASH_FIRST";
const KILLS: u64 = 24;
const CHATS: i64 = 4;

/// The unit number `n`: one row in each of the tables that must agree.
fn unit(n: i64) -> Unit {
    let chat = n % CHATS + 1;
    let event = NewEvent {
        stream: format!("crash/{chat}"),
        seq: n / CHATS + 1,
        at: n,
        kind: "n".to_owned(),
        body: n.to_string(),
    };
    let timer = Timer {
        id: n.to_string(),
        chat,
        due: n,
        kind: "n".to_owned(),
        body: "{}".to_owned(),
    };
    Unit {
        chat,
        updates: vec![n],
        events: vec![event],
        outbox: vec![NewOutbox {
            chat: None,
            incident: None,
            lane: 0,
            body: n.to_string(),
        }],
        timers: vec![TimerChange::Set(timer)],
        ..Unit::default()
    }
}

/// Not a test of its own: the process that the story below starts and kills. Without the story's variables there is nothing to do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn process_that_is_killed() {
    let (Ok(address), Ok(first)) = (std::env::var(ADDRESS), std::env::var(FIRST)) else {
        return;
    };
    let first: i64 = first.parse().expect("a number");
    let ledger = Ledger::open(&address, ticking())
        .await
        .expect("the ledger opens after every kill");
    let mut receipts = std::collections::VecDeque::new();
    let mut out = std::io::stdout();
    for n in first.. {
        receipts.push_back((n, ledger.submit(unit(n))));
        // Always some in flight, so that a kill meets whole batches.
        while receipts.len() > 40 {
            let (n, receipt) = receipts.pop_front().expect("just counted");
            receipt.wait().await.expect("committed");
            // Written past the harness, in one piece, before the next wait.
            out.write_all(format!("\nack {n}\n").as_bytes())
                .expect("the story listens");
            out.flush().expect("the story listens");
        }
    }
}

fn start(address: &str, first: i64) -> (Child, BufReader<ChildStdout>) {
    let mut child = Command::new(std::env::current_exe().expect("this test's file"))
        .args([
            "--exact",
            "store::crash::process_that_is_killed",
            "--nocapture",
            "--test-threads=1",
        ])
        .env(ADDRESS, address)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the process starts");
    let out = BufReader::new(child.stdout.take().expect("piped"));
    (child, out)
}

/// Runs the process until it has acknowledged a little and then some time, kills it, and returns the last number acknowledged.
fn run_and_kill(address: &str, first: i64, round: u64) -> i64 {
    let (mut child, mut out) = start(address, first);
    let mut last = first - 1;
    let mut line = String::new();
    let acked = |line: &str| {
        line.trim()
            .strip_prefix("ack ")
            .and_then(|n| n.parse::<i64>().ok())
    };
    while last < first + 5 {
        line.clear();
        assert_ne!(
            out.read_line(&mut line).expect("its output"),
            0,
            "the process ended by itself"
        );
        last = acked(&line).unwrap_or(last);
    }
    let killer = std::thread::spawn(move || {
        // Another moment each time. A thread of its own, so nothing else waits.
        std::thread::park_timeout(Duration::from_micros(round * 1_370 % 17_000));
        child.kill().expect("SIGKILL");
        child.wait().expect("gone");
    });
    loop {
        line.clear();
        // A line cut short by the kill is no acknowledgement.
        if out.read_line(&mut line).expect("its output") == 0 || !line.ends_with('\n') {
            break;
        }
        last = acked(&line).unwrap_or(last);
    }
    killer.join().expect("no panic");
    last
}

#[tokio::test]
async fn a_killed_process_keeps_what_it_acknowledged() {
    for database in Database::all().await {
        let mut next = 0;
        let mut in_doubt = 0;
        for round in 0..KILLS {
            let address = database.url.clone();
            let last = tokio::task::spawn_blocking(move || run_and_kill(&address, next, round))
                .await
                .expect("no panic");
            let there = check(&database, last).await;
            in_doubt += there - (last + 1);
            next = there;
        }
        crate::harness::figure(&format!(
            "{}: {KILLS} kills, {next} units, {in_doubt} committed but not acknowledged",
            database.name
        ));
        assert!(next > 0);
        database.remove().await;
    }
}

/// Everything up to `last` is there, nothing twice and nothing by halves. Returns the number of units that are there.
async fn check(database: &Database, last: i64) -> i64 {
    let ledger = database.open().await;
    let report = ledger.verify(&Scope::All, &[]).await.expect("an audit");
    assert!(report.is_whole(), "{:?}", report.faults);
    let outbox: Vec<String> = ledger
        .outbox()
        .await
        .expect("a read")
        .into_iter()
        .map(|row| row.body)
        .collect();
    let count = i64::try_from(outbox.len()).expect("not that many");
    let expected: Vec<String> = (0..count).map(|n| n.to_string()).collect();
    assert_eq!(
        outbox, expected,
        "every delivery once, in the order of commits"
    );
    assert!(
        count > last,
        "{count} units are there, but {last} was acknowledged"
    );

    let mut events: HashMap<String, i64> = HashMap::new();
    for chat in 1..=CHATS {
        for event in ledger.load(chat).await.expect("a read") {
            *events.entry(event.body).or_default() += 1;
        }
    }
    assert_eq!(events.len(), outbox.len());
    assert!(events.values().all(|times| *times == 1), "every event once");
    let updates: Vec<i64> = (0..count + 100).collect();
    assert_eq!(
        ledger.seen(&updates).await.expect("a read").len(),
        outbox.len(),
        "as many updates"
    );
    assert_eq!(
        ledger.timers_all().await.expect("a read").len(),
        outbox.len(),
        "as many timers"
    );
    ledger.close().await;
    count
}
