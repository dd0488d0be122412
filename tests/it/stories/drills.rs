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
    room.as_user("Bob").says("/whoami").await;
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
    insta::assert_snapshot!(bob.says("/drill").await, @"
    🤖 (silent) Drills of TARS incident response
    • API key leak · P0 Critical: /drill key_leak · quarter 1
    • Database breach · P0 Critical: /drill db_breach · quarter 2
    • DDoS attack · P1 High: /drill ddos_attack · quarter 3
    • Tabletop about everything · P0 Critical: /drill tabletop · quarter 4
    Nothing has begun: until one of these has, every lever is real. A drill has an id of its own and a banner on every message; levers pulled in it are only simulated.
    [ 🧪 API key leak ]
    [ 🧪 Database breach ]
    [ 🧪 DDoS attack ]
    [ 🧪 Tabletop about everything ]
    ");
    insta::assert_snapshot!(bob.says("/drill moon").await, @"🤖 (silent) I know no drill “moon”. There is: key_leak, db_breach, ddos_attack, tabletop.");
    insta::assert_snapshot!(room.as_user("Mallory").says("/drill key_leak").await, @"🤖 (silent) /drill needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    let before = room.messages_of_the_bot();
    insta::assert_snapshot!(bob.says("/drill key_leak").await, @"
    (👀 breakglass)
    🤖 🧪 DRILL · a rehearsal, nothing real is touched
    🔴 DRILL-2026-001 · P0 Critical
    A key of ours was found in a public repository.
    Identification (1 of 5) · open since 14:01 UTC
    ⏳ Respond by 14:16 UTC · 14 min left at 14:01
    ⏳ Contain by 15:01 UTC · 59 min left at 14:01
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 Alice Archer, Bob Baker

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:01
    ✅ 2 Severity assigned — 14:01
    ✅ 3 Team notified — 14:01
    ✅ 4 Timeline started — 14:01

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Nothing holds you back: the next phase is Containment.

    Take the alert in
    • Put the incident on record
    • Note date and time, who reported it and what they saw first
    ✍ /set reporter /set summary /set started /set alert_triggered /set how_detected
    First look
    ? What happened: which symptoms are there?
    ? Since when?
    ? Where: which systems?
    ? Who is hit: users, data, systems?
    ✍ /set symptoms /set started /set affected /set users_affected
    How bad
    • Choose a severity from P0 to P3
    • Decide whether to escalate
    Call the team
    P0 and P1 need the Incident Commander.
    • Notify the Incident Commander
    Give out roles
    • Investigator, communicator, remediator
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    🤖 🧪 DRILL · a rehearsal, nothing real is touched
    DRILL-2026-001 · API key leak begins. A key of ours was found in a public repository.
    What it practises:
    • Finding out about a key in a public repository
    • Revoking and rotating it
    • Notifying everybody who must know
    Do what you would do for real: the card leads, /playbook leaked_key has the steps. Levers are asked for and approved as ever, and only simulated.
    Something real meanwhile? /declare what you see, and name that incident with each command.
    [ Playbooks ]
    ");
    insta::assert_snapshot!(bob.says("/drill ddos_attack").await, @"🤖 (silent) DRILL-2026-001 is a drill and still open. End it first: /close, or /cancel false_alarm why.");
    insta::assert_snapshot!(bob.says("/playbook leaked_key").await, @"
    🤖 (silent) 🧪 DRILL
    📖 API key exposed · usually P0 Critical
    Signs
    • A key stands in a public repository, a log or a chat
    • API usage looks unusual
    • Anthropic costs more than 100 USD in an hour
    What to do
    1. Revoke the old key in the provider's dashboard
    2. Create a new key
    3. Put it into the environment variables
    4. Restart the services that use it (⚙ Restart services)
    5. Watch the API usage for anything unusual
    6. Anthropic: revoke in the console, create anew, update ANTHROPIC_API_KEY console.anthropic.com (⚙ rotate Anthropic API key)
    7. n8n: revoke the API token in the settings, create anew, update N8N_API_KEY n8n.srv1378974.hstgr.cloud (⚙ rotate n8n API key)
    ");
    insta::assert_snapshot!(bob.says("/run tighten_limits just for practice").await, @"
    (👀 breakglass)
    🤖 🧪 DRILL · a rehearsal, nothing real is touched
    🔐 R2 · Tighten rate limits
    For DRILL-2026-001
    Bob Baker asks for it 14:01 UTC: just for practice
    Touches: Web app
    Bob Baker, press to go on, or send /approve R2. It lapses at 14:03 UTC.
    Only a drill. For real: /declare what you see, then the lever with that incident’s id.
    [ Yes, go on ] [ Deny ]
    [ Dry run ]
    ");
    let message = room.message("R2").message_id;
    insta::assert_snapshot!(bob.presses_on(message, "Dry run").await.lines().last().unwrap_or_default(), @"(alert) A dry run of it follows as a message.");
    harness
        .until(|| room.message("DR").text.contains("DRY RUN"))
        .await;
    bob.presses_on(message, "Yes, go on").await;
    harness.later(1).await;
    insta::assert_snapshot!(room.message("Run 1").text, @"
    🧪 DRILL · a rehearsal, nothing real is touched
    ✅ Run 1 · Tighten rate limits: done, 1 of 1 steps, in less than a minute. DRILL-2026-001
    ");
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
    insta::assert_snapshot!(bob.says("/cancel false_alarm we have seen enough").await, @"
    ✏️ 🧪 DRILL · a rehearsal, nothing real is touched
    ⚪ DRILL-2026-001 · false alarm
    A key of ours was found in a public repository.
    Called off 14:07 UTC: we have seen enough
    (👌 breakglass)
    🤖 🧪 DRILL · a rehearsal, nothing real is touched
    ⚪ DRILL-2026-001 was a false alarm: we have seen enough
    ");
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
    insta::assert_snapshot!(bob.says_until("/emergency_shutdown dry", "DRY RUN").await, @"
    👓 DRY RUN · nothing outside is touched
    Emergency shutdown would do this:
    1 Switch maintenance mode on: would write MAINTENANCE_MODE in The TARS folder (Desktop/Tars) with the repository
    2 Pause the project at Vercel: would send POST /v1/projects/‹TARS_VERCEL_PROJECT›/pause?teamId=‹TARS_VERCEL_TEAM› to Vercel's API
    3 Stop the workflows: would stop n8n on The server
    4 Stop the trading agent: would stop tars-agent on The server
    5 Tell the team: would send the message internal_alert
    For real: /emergency_shutdown
    ");
    insta::assert_snapshot!(bob.says_until("/run block_address dry 203.0.113.7", "DRY RUN").await, @"
    👓 DRY RUN · nothing outside is touched
    Block an address would do this:
    1 Put the address on the block list: would run nft add element inet filter blocked { 203.0.113.7 } on The server
    For real: /run block_address address=203.0.113.7
    ");
    insta::assert_snapshot!(bob.says_until("/rotate webhook_secrets dry", "DRY RUN").await, @"
    👓 DRY RUN · nothing outside is touched
    rotate Webhook secrets would do this:
    1 Put the new secret into the app's environment: would send POST /v10/projects/‹TARS_VERCEL_PROJECT›/env?upsert=true&teamId=‹TARS_VERCEL_TEAM› to Vercel's API
    2 Restart the app: would restart tars-web on The server
    3 The app takes the new secret: would send POST /api/webhooks/n8n to The web app, from outside
    4 Lay the secret into a file for n8n: would write SECURITY/rotation/webhook_secret in The TARS folder (Desktop/Tars) with the repository
    5 Give the secret to n8n and to breakglass: would ask a person: On the server, read SECURITY/rotation/webhook_secret in the TARS folder. Put it into the credential of the webhook workflow in n8n, and into TARS_WEBHOOK_SECRET of brea…
    6 Remove the file: would remove SECURITY/rotation/webhook_secret in The TARS folder (Desktop/Tars) with the repository
    7 The file is gone: would absent SECURITY/rotation/webhook_secret in The TARS folder (Desktop/Tars) with the repository
    For real: /rotate webhook_secrets
    ");
    // Looking does no harm, however late.
    bob.said(90, "/restore dry").await;
    let shown = || room.message("DRY RUN").text.contains("Restore service");
    harness.until(shown).await;
    insta::assert_snapshot!(room.as_user("Mallory").says("/lockdown dry").await, @"🤖 /lockdown needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(bob.says("/audit 4").await, @"
    🤖 (silent) Audit · last 4 · times in UTC
    6 entries are older: /audit 10
    14:01 👓 Dry run: Block an address — Bob Baker
    14:01 👓 Dry run: rotate Webhook secrets — Bob Baker
    14:01 👓 Dry run: Restore service — Bob Baker
    14:01 ⛔ Refused /lockdown: it needs a commander — Mallory Moss
    ");
    insta::assert_snapshot!(bob.says("/status all").await, @"🤖 (silent) Nothing is open here. /declare what you see opens an incident.");
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
