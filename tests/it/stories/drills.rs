//! Drills and dry runs: everything as if it were real, and nothing that is.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use breakglass::incident::{
    By, Chat, ChatEvent, ChatKey, Event, Incident, IncidentEvent, Mode, Plans, Recorded,
    Stage as Waits, apply, saga,
};
use breakglass::plan::{self, ParameterKind, Plan, Procedure};
use breakglass::run::Lookup;
use breakglass::sandbox::demo::Demo;
use chrono::DateTime;
use serde::Deserialize;
use telegram_sandbox::Say;

use crate::harness::{Harness, Stage, Stand, figure};

/// Alice approves since two days, Bob commands, and nothing is open.
async fn team(stage: Stage) -> Harness {
    let harness = Harness::with(stage).await;
    let room = harness.chat("War room");
    room.as_user("Alice").says("/whoami").await;
    let (alice, bob) = (harness.person("Alice"), harness.person("Bob"));
    let owner = room.as_user("Olivia");
    owner.says(&format!("/grant commander {bob}")).await;
    owner.says(&format!("/grant approver {alice}")).await;
    owner.says("/approve R1 grant so that we are two").await;
    harness.later(1).await;
    harness.later(2 * 24 * 60).await;
    harness
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_begins_and_says_so_everywhere() {
    let harness = team(Stage::default()).await;
    let room = harness.chat("War room");
    let bob = room.as_user("Bob");
    insta::assert_snapshot!(bob.says("/drill").await, @"");
    insta::assert_snapshot!(bob.says("/drill moon").await, @"");
    insta::assert_snapshot!(room.as_user("Mallory").says("/drill key_leak").await, @"");
    let before = room.messages_of_the_bot();
    insta::assert_snapshot!(bob.says("/drill key_leak").await, @"");
    insta::assert_snapshot!(bob.says("/drill ddos_attack").await, @"");
    insta::assert_snapshot!(bob.says("/playbook leaked_key").await, @"");
    insta::assert_snapshot!(bob.says("/run tighten_limits just for practice").await, @"");
    let message = room.message("R2").message_id;
    insta::assert_snapshot!(bob.presses_on(message, "Dry run").await, @"");
    bob.presses_on(message, "Yes, go on").await;
    harness.later(1).await;
    insta::assert_snapshot!(room.message("Run 1").text, @"");
    bob.says("/verify").await;
    bob.says("/collect").await;
    bob.says("/status").await;
    bob.says("/timeline").await;
    bob.says("/severity P1 it is only a drill").await;
    bob.says("/next force to see").await;
    bob.says("/step 1 done").await;
    for run in 2..=3 {
        for step in 1..=20 {
            bob.says(&format!("/step {run} {step} done")).await;
        }
    }
    harness.later(5).await;
    bob.says("/report").await;
    insta::assert_snapshot!(bob.says("/cancel false_alarm we have seen enough").await, @"");
    let said = said(&harness, room, before);
    let bare: Vec<&String> = said.iter().filter(|it| !it.contains("DRILL")).collect();
    // What only answers one command and speaks of no incident needs none.
    let answers = ["No run waits", "does not wait for a decision", "is over"];
    let bare: Vec<_> = bare
        .into_iter()
        .filter(|it| !answers.iter().any(|answer| it.contains(answer)))
        .collect();
    assert!(bare.is_empty(), "{bare:#?}");
    assert!(said.len() > 8);
    harness.end().await;
}

/// What the bot said since then, files aside.
fn said(harness: &Harness, room: Stand<'_>, before: usize) -> Vec<String> {
    let all = harness.control.transcript(room.id());
    let ours = all
        .into_iter()
        .filter(|it| it.is_bot && it.service.is_none());
    let new = ours.skip(before).filter(|it| it.file.is_none());
    new.map(|it| it.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_be_done() {
    let harness = team(Stage::default()).await;
    let room = harness.chat("War room");
    let bob = room.as_user("Bob");
    insta::assert_snapshot!(bob.says("/emergency_shutdown dry").await, @"");
    insta::assert_snapshot!(bob.says("/run block_address dry 203.0.113.7").await, @"");
    insta::assert_snapshot!(bob.says("/rotate webhook_secrets dry").await, @"");
    insta::assert_snapshot!(bob.said(90, "/restore dry").await, @"");
    insta::assert_snapshot!(room.as_user("Mallory").says("/lockdown dry").await, @"");
    insta::assert_snapshot!(bob.says("/audit 4").await, @"");
    insta::assert_snapshot!(bob.says("/status all").await, @"");
    harness.end().await;
}

/// Everything that a target could notice.
#[derive(Debug, Clone, PartialEq)]
struct Traces {
    requests: u64,
    queries: u64,
    programs: usize,
    /// How often an address or a secret was looked up: nothing can be reached without one.
    lookups: u64,
    /// Path and content of each file of the machine.
    files: BTreeMap<String, Vec<u8>>,
}

fn traces(demo: &Demo, lookups: &AtomicU64) -> Traces {
    let mut files = BTreeMap::new();
    read_all(demo.root(), &mut files);
    Traces {
        requests: demo.count(),
        queries: demo.queries(),
        programs: demo.calls().len(),
        lookups: lookups.load(Ordering::Relaxed),
        files,
    }
}

fn read_all(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        let kind = path.symlink_metadata().expect("its kind");
        if kind.is_dir() {
            read_all(&path, files);
        } else {
            let content = if kind.is_symlink() {
                let to = std::fs::read_link(&path).expect("a link");
                to.display().to_string().into_bytes()
            } else {
                std::fs::read(&path).expect("a file")
            };
            files.insert(path.display().to_string(), content);
        }
    }
}

fn counting(lookup: Lookup, lookups: &Arc<AtomicU64>) -> Lookup {
    let lookups = Arc::clone(lookups);
    Arc::new(move |name| {
        lookups.fetch_add(1, Ordering::Relaxed);
        lookup(name)
    })
}

#[derive(Deserialize)]
struct InIncident {
    by: By,
    #[serde(flatten)]
    event: IncidentEvent,
}

#[derive(Deserialize)]
struct InChat {
    #[serde(flatten)]
    event: ChatEvent,
}

/// The drill as the ledger has it.
async fn drill(harness: &Harness, plan: &Plan) -> Incident {
    let mut plans = Plans::default();
    plans.install(Arc::new(plan.clone()));
    let mut chat = Chat::new(ChatKey(1));
    let id = "DRILL-2026-001".parse().expect("an id");
    let ledger = harness.house().ledger();
    let stored = ledger.stream(&format!("incident/{id}")).await;
    for stored in stored.expect("the stream") {
        let body: InIncident = serde_json::from_str(&stored.body).expect("an event");
        let recorded = Recorded {
            at: DateTime::from_timestamp_micros(stored.at).expect("a moment"),
            by: body.by,
            event: Event::Incident(id, body.event),
        };
        apply(&mut chat, recorded, &plans).expect("it folds");
    }
    chat.incidents.remove(&id).expect("the drill")
}

/// The requests that wait, with what they wait for and the number that the asker knows.
async fn waiting(harness: &Harness) -> Vec<(u32, u8, Waits)> {
    let ledger = harness.house().ledger();
    let mut found = Vec::new();
    for stream in ledger.streams("chat/").await.expect("streams") {
        for stored in ledger.stream(&stream).await.expect("the stream") {
            let body: InChat = serde_json::from_str(&stored.body).expect("an event");
            match body.event {
                ChatEvent::Requested { form, stage, .. } => {
                    found.push((form.number, form.digits, stage));
                }
                ChatEvent::RequestEnded { request, .. } => found.retain(|it| it.0 != request),
                _ => {}
            }
        }
    }
    found
}

/// Many messages in a row: the bot takes them in order.
async fn say_all(harness: &Harness, who: &str, texts: impl IntoIterator<Item = String>) {
    let (room, who) = (harness.chat("War room"), harness.person(who));
    for text in texts {
        let mut say = Say::text(&text);
        say.date = Some(harness.clock.now().timestamp());
        harness.control.send(room.id(), who, say);
    }
    harness.quiet().await;
}

fn example(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Commit => "1a2b3c4",
        ParameterKind::Backup => "dev-2026-02-16.db",
        ParameterKind::Address => "203.0.113.7",
        ParameterKind::Name => "alice",
        ParameterKind::Time => "2026-02-17T14:05",
    }
}

fn typed(procedure: &Procedure) -> String {
    let wanted = procedure.parameters.iter().filter(|it| it.required);
    let mut words = vec![format!("/run {}", procedure.id)];
    words.extend(wanted.map(|it| example(it.kind).to_owned()));
    words.join(" ")
}

/// In a drill and in dry runs: every procedure, and every credential.
async fn nothing_leaves(name: &str, source: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("plan.toml"), source).expect("written");
    let plan = plan::parse(source).expect("the plan is good");
    let machine = tempfile::tempdir().expect("a folder");
    let listen = "127.0.0.1:0".parse().expect("an address");
    let demo = Demo::start(machine.path().join("demo"), listen)
        .await
        .expect("the demo starts");
    let lookups = Arc::new(AtomicU64::new(0));
    let harness = team(Stage {
        plans: Some(folder.path().to_owned()),
        targets: Some(counting(demo.lookup(), &lookups)),
        ..Stage::default()
    })
    .await;
    let room = harness.chat("War room");
    let before = traces(&demo, &lookups);

    let dry = plan
        .procedures
        .iter()
        .map(|it| format!("/run {} dry", it.id));
    let rotations = ["/rotate all dry".to_owned()];
    say_all(&harness, "Bob", dry.chain(rotations)).await;
    let all = plan.procedures.len() + 1;
    let marked =
        |texts: Vec<String>, mark: &str| texts.iter().filter(|it| it.contains(mark)).count();
    assert!(marked(said(&harness, room, 0), "DRY RUN") >= all);

    let name_of_it = plan.drills[0].id.clone();
    say_all(&harness, "Bob", [format!("/drill {name_of_it}")]).await;
    let pulls = plan.procedures.iter().map(typed);
    say_all(&harness, "Bob", pulls.chain(["/rotate all".to_owned()])).await;
    let mut confirmed = Vec::new();
    let mut approved = Vec::new();
    for (number, digits, stage) in waiting(&harness).await {
        match stage {
            Waits::Confirm { .. } => confirmed.push(format!("/approve R{number}")),
            _ => approved.push(format!("/approve R{number} {digits}")),
        }
    }
    assert!(!confirmed.is_empty() && !approved.is_empty());
    say_all(&harness, "Bob", confirmed).await;
    say_all(&harness, "Alice", approved).await;
    let mut rounds = 0;
    let incident = loop {
        let incident = drill(&harness, &plan).await;
        let open: Vec<_> = incident.runs.iter().filter(|it| !it.is_over()).collect();
        if open.is_empty() {
            break incident;
        }
        rounds += 1;
        assert!(rounds < 60, "{open:#?}");
        let now = harness.clock.now();
        let asked = open.iter().flat_map(|run| {
            let steps = saga::asks(run, &incident.plan, now);
            let number = |key| saga::number(&run.lever, &incident.plan, &key);
            let numbers: Vec<u32> = steps.into_iter().filter_map(number).collect();
            let id = run.number;
            numbers
                .into_iter()
                .map(move |step| format!("/step {id} {step} done"))
        });
        let asked: Vec<String> = asked.collect();
        say_all(&harness, "Bob", asked).await;
        harness.later(11).await;
    };
    assert_eq!(incident.runs.len(), all);
    assert!(incident.runs.iter().all(|it| it.mode == Mode::Drill));
    let begun: usize = incident.runs.iter().map(|it| it.steps.len()).sum();
    assert_eq!(traces(&demo, &lookups), before, "something left");
    assert!(incident.evidence.is_empty() && incident.collections.is_empty());
    let vault = harness.folder().join("evidence");
    let kept = harness.files();
    let kept: Vec<_> = kept.iter().filter(|it| it.starts_with(&vault)).collect();
    assert!(kept.is_empty(), "{kept:?}");
    figure(&format!(
        "{name}: {all} levers in a drill ({begun} steps) and as dry runs: {} requests, {} queries, {} programs, {} look-ups of \
         addresses and secrets, {} of {} files changed",
        demo.count() - before.requests,
        demo.queries() - before.queries,
        demo.calls().len() - before.programs,
        lookups.load(Ordering::Relaxed) - before.lookups,
        0,
        before.files.len(),
    ));

    // The same counters do move once it is real.
    say_all(
        &harness,
        "Bob",
        ["/cancel false_alarm seen enough".to_owned()],
    )
    .await;
    say_all(&harness, "Bob", ["/verify".to_owned()]).await;
    harness.until(|| demo.count() > before.requests).await;
    assert!(lookups.load(Ordering::Relaxed) > before.lookups);
    harness.end().await;
    demo.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_one_byte_leaves_with_the_plan_of_tars() {
    let (name, source) = plan::shipped()[0];
    nothing_leaves(name, source).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn not_one_byte_leaves_with_the_plan_of_jarvis() {
    let (name, source) = plan::shipped()[1];
    nothing_leaves(name, source).await;
}
