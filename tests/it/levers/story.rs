//! What people see while levers run.

use std::collections::BTreeMap;
use std::sync::Arc;

use breakglass::actions::Status;
use breakglass::app::Executors;
use breakglass::incident::{By, IncidentEvent, IncidentId, Lever, Mode, Person, UserId, Warrant};
use breakglass::plan;
use breakglass::store::{Ledger, NewEvent, Unit};
use telegram_sandbox::NewChat;
use tokio::sync::watch;

use super::stage::{Body, Hands, PATIENCE};
use crate::harness::{Harness, Stage};

/// The start of a run, written while the bot is not there.
async fn pull(harness: &Harness, lever: Lever, mode: Mode) {
    let id = IncidentId::security(2026, 1);
    let micros = harness.clock.micros();
    let url = format!("sqlite://{}", harness.database().display());
    let ledger = Ledger::open(&url, Arc::new(move || micros)).await.unwrap();
    let stream = format!("incident/{id}");
    let events = ledger.stream(&stream).await.unwrap();
    let run = events.iter().filter(|it| it.kind == "run_started").count() + 1;
    let olivia = Person {
        id: UserId(harness.person("Olivia")),
        name: "Olivia Owner".to_owned(),
        username: None,
    };
    let plan = plan::parse(plan::default_source()).unwrap();
    let event = IncidentEvent::RunStarted {
        run: u32::try_from(run).unwrap(),
        fingerprint: lever.fingerprint(&plan).unwrap(),
        lever,
        mode,
        warrant: Warrant::Confirmed,
        asked_by: By::Person(olivia.clone()),
        approved_by: Vec::new(),
        why: Some("it burns".to_owned()),
    };
    let kind = event.kind().to_owned();
    let body = Body {
        by: By::Person(olivia),
        event,
    };
    let unit = Unit {
        chat: ledger.chat_of_stream(&stream).await.unwrap().unwrap(),
        events: vec![NewEvent {
            stream,
            seq: events.last().unwrap().seq + 1,
            at: micros,
            kind,
            body: serde_json::to_string(&body).unwrap(),
        }],
        ..Unit::default()
    };
    ledger.commit(unit).await.unwrap();
    ledger.close().await;
}

fn procedure(id: &str) -> Lever {
    Lever::Procedure {
        id: id.to_owned(),
        parameters: BTreeMap::new(),
    }
}

/// Waits until the chat shows this, and then until nothing more happens.
async fn shows(harness: &Harness, text: &str) {
    let room = harness.chat("War room").id();
    let shown = harness.control.wait_until(PATIENCE, |control| {
        let all = control.transcript(room);
        all.iter().any(|it| it.is_bot && it.text.contains(text))
    });
    assert!(shown.await, "the chat never shows {text:?}");
    harness.quiet().await;
}

/// A bot whose levers only remember that they were pulled.
struct Levers {
    hands: Hands,
    stop: Option<watch::Sender<bool>>,
    runner: Option<tokio::task::JoinHandle<()>>,
}

impl Levers {
    fn new() -> Self {
        Self {
            hands: Hands::default(),
            stop: None,
            runner: None,
        }
    }

    /// The lever is pulled while the bot is away; it comes back and executes, until the chat shows this.
    async fn pulled(&mut self, harness: &mut Harness, lever: Lever, shown: &str) {
        self.end().await;
        harness.stop_bot().await;
        pull(harness, lever, Mode::Live).await;
        harness.restart().await;
        let (stop, stopping) = watch::channel(false);
        let executors = Executors {
            live: self.hands.clone(),
            rehearsal: self.hands.clone(),
            gather: self.hands.clone(),
        };
        let house = Arc::clone(harness.running().house().expect("it is open"));
        self.runner = Some(tokio::spawn(house.run_levers(executors, stopping)));
        self.stop = Some(stop);
        shows(harness, shown).await;
    }

    async fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(true);
        }
        if let Some(runner) = self.runner.take() {
            runner.await.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_one_message_and_asks_when_it_must() {
    let mut harness = Harness::with(Stage {
        without_levers: true,
        ..Stage::default()
    })
    .await;
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/declare P0 key leaked")
        .await;
    let mut levers = Levers::new();
    let unlock = plan::parse(plan::default_source()).unwrap();
    let unlock = unlock
        .procedures
        .iter()
        .find(|it| it.id == "unlock")
        .unwrap();
    let first = unlock.steps[0].name.clone();
    levers
        .hands
        .world()
        .script
        .insert(first, [Status::Failed].into());
    levers
        .pulled(&mut harness, procedure("unlock"), "stands")
        .await;
    let room = harness.chat("War room");
    let progress = room.message("· SEC-2026-001\nOlivia");
    let asked = room.message("stands");
    insta::assert_snapshot!(progress.text, @r"
    ❓ Run 1 · End the lockdown · SEC-2026-001
    Olivia Owner · 14:00 UTC
    Why: it burns
    ❌ 1 Load the usual firewall rules: Load the usual firewall rules said so
    ⬜ 2 Switch maintenance mode off
    Waits for a decision about step 1: the buttons, or /step 1 1 done, retry, skip, undo.
    ");
    insta::assert_snapshot!(asked.text, @"
    ❌ Run 1 · End the lockdown stands: step 1 failed, and nothing can be taken back by itself.
    1 · Load the usual firewall rules
    Load the usual firewall rules said so
    /step 1 1 retry|done|skip|undo
    ");
    insta::assert_snapshot!(room.as_user("Bob").presses_on(asked.message_id, "1 · Again").await, @r"(alert) /step needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Bob").says("/step 1 retry").await, @r"🤖 (silent) /step needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/status").await, @r"
    🤖 (silent) 🔴 SEC-2026-001 · P0 Critical
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 14:15 UTC · 14 min left at 14:00
    ⏳ Contain by 15:00 UTC · 59 min left at 14:00
    ❓ Run 1 · End the lockdown waits for a decision: step 1
    👤 Nobody is Incident Commander yet: /role ic takes it

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ✅ 3 Team notified — 14:00
    ✅ 4 Timeline started — 14:00
    Nothing holds you back: the next phase is Containment.
    ");
    insta::assert_snapshot!(room.as_user("Olivia").says("/step 9 retry").await, @r"🤖 (silent) I know no run “9”.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/step 1 2 retry").await, @r"🤖 (silent) Step 2 of run 1 does not wait for a decision. The run's message shows which one does.");
    insta::assert_snapshot!(room.as_user("Olivia").presses_on(progress.message_id, "1 · Again").await, @"
    ✏️ 🔴 SEC-2026-001 · P0 Critical
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 14:15 UTC · 14 min left at 14:00
    ⏳ Contain by 15:00 UTC · 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 Everyone on the team

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ✅ 3 Team notified — 14:00
    ✅ 4 Timeline started — 14:00

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
    ✏️ ✅ Run 1 · End the lockdown · SEC-2026-001
    Olivia Owner · 14:00 UTC
    Why: it burns
    ✅ 1 Load the usual firewall rules
    ✅ 2 Switch maintenance mode off

    done
    ✏️ ☑️ Run 1 · End the lockdown: decided, nothing is asked here any more. SEC-2026-001
    🤖 (silent) ✅ Run 1 · End the lockdown: done, 2 of 2 steps, in less than a minute. SEC-2026-001
    (toast) Run 1, step 1: again.
    ");
    // The same press once more, and the command for it: it was decided.
    insta::assert_snapshot!(room.as_user("Olivia").says("/step 1 retry").await, @r"🤖 (silent) Run 1 is over: nothing in it changes any more.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/abort").await, @r"🤖 (silent) No run is under way here.");
    insta::assert_snapshot!(room.as_user("Bob").says("/rotate").await, @"
    🤖 (silent) Credentials of TARS incident response
    ⬜ NextAuth secret (nextauth_secret): never rotated here
    ⬜ n8n API key (n8n_api_key): never rotated here
    ⬜ Anthropic API key (anthropic_api_key): never rotated here
    ⬜ Database password (database_password): never rotated here
    ⬜ SSH keys (ssh_keys): never rotated here
    ⬜ Webhook secrets (webhook_secrets): never rotated here
    ⬜ Telegram bot token (bot_token): never rotated here
    One at a time needs a press to confirm; /rotate all needs somebody to approve.
    ");
    assert_eq!(levers.hands.world().begun.len(), 1 + unlock.steps.len());
    levers.end().await;
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lockdown_tells_the_team_and_opens_again_unless_somebody_keeps_it() {
    let mut harness = Harness::with(Stage {
        without_levers: true,
        ..Stage::default()
    })
    .await;
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/declare P0 key <b>leaked</b>")
        .await;
    let mut levers = Levers::new();
    levers
        .pulled(
            &mut harness,
            procedure("lockdown"),
            "unless somebody keeps it",
        )
        .await;
    shows(&harness, "🚨").await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.message("🚨").text, @"
    🚨 Security incident
    Severity: P0 Critical
    Status: INVESTIGATING
    Incident Commander: still open
    Summary: key <b>leaked</b>
    What we are doing: Lockdown, Incident logged, Severity assigned, Team notified, Timeline started
    Systems affected: still open
    Impact on users: still open
    ETA for resolution: still open
    Next update: 14:30 UTC
    ");
    insta::assert_snapshot!(room.message("Olivia Owner ·").text, @r"
    ⚙️ Run 1 · Lockdown · SEC-2026-001
    Olivia Owner · 14:00 UTC
    Why: it burns
    ✅ 1 Switch maintenance mode on
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ✅ 4 Let only administrators' addresses in: takes itself back at 14:10 UTC unless somebody keeps it
    ✅ 5 Tell the team
    Is it right? /step 1 4 done keeps it, /step 1 4 undo takes it back now.
    ");
    harness.later(11).await;
    shows(&harness, "Run 1 · Lockdown: done").await;
    insta::assert_snapshot!(room.message("Run 1 · Lockdown: done").text, @"
    ✅ Run 1 · Lockdown: done, 5 of 5 steps, in 11 min. SEC-2026-001
    /run unlock takes it back.
    ");
    insta::assert_snapshot!(room.message("Olivia Owner ·").text, @r"
    ✅ Run 1 · Lockdown · SEC-2026-001
    Olivia Owner · 14:00 UTC
    Why: it burns
    ✅ 1 Switch maintenance mode on
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ↩️ 4 Let only administrators' addresses in: taken back
    ✅ 5 Tell the team

    done
    ");

    // Somebody deletes the message of a run: with the next change it stands there again.
    levers
        .pulled(
            &mut harness,
            procedure("lockdown"),
            "Run 2 · Lockdown · SEC-2026-001",
        )
        .await;
    let room = harness.chat("War room");
    shows(&harness, "/step 2 4 done keeps it").await;
    let progress = room.message("Run 2 · Lockdown · SEC-2026-001");
    harness
        .control
        .delete_message(room.id(), progress.message_id);
    room.as_user("Olivia").says("/step 2 4 done").await;
    shows(&harness, "Run 2 · Lockdown: done").await;
    let again = room.message("Run 2 · Lockdown · SEC-2026-001");
    assert!(again.message_id > progress.message_id);
    insta::assert_snapshot!(again.text, @r"
    ✅ Run 2 · Lockdown · SEC-2026-001
    Olivia Owner · 14:11 UTC
    Why: it burns
    ✅ 1 Switch maintenance mode on
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ✅ 4 Let only administrators' addresses in
    ✅ 5 Tell the team

    done
    ");
    levers.end().await;
    harness.end().await;
}

/// What is in the way of a lever is said when somebody asks for it, also where it is at work for another chat; and of a run
/// that was let go on, the team learns for which one it waits.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_lever_waits_for_is_said() {
    let mut harness = Harness::with(Stage {
        without_levers: true,
        ..Stage::default()
    })
    .await;
    let other = harness.control.add_chat(NewChat::group("Customers"));
    harness.add_chat("Customers", other);
    harness.control.join(other, harness.world.owner);
    harness.control.add_bot(other, harness.world.owner);
    harness.quiet().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P0 key leaked").await;
    let customers = harness.chat("Customers");
    let olivia = customers.as_user("Olivia");
    olivia.says("/declare P1 a secret matter").await;
    let plan = plan::parse(plan::default_source()).unwrap();
    let first = |id: &str| plan.procedure(id).unwrap().steps[0].name.clone();
    let mut levers = Levers::new();
    {
        let mut world = levers.hands.world();
        world
            .script
            .insert(first("unlock"), [Status::Failed].into());
        world.hangs.push(first("lockdown"));
    }
    levers
        .pulled(&mut harness, procedure("unlock"), "stands")
        .await;
    let hangs = format!("⏳ 1 {}", first("lockdown"));
    levers
        .pulled(&mut harness, procedure("lockdown"), &hangs)
        .await;

    let customers = harness.chat("Customers");
    let olivia = customers.as_user("Olivia");
    insta::assert_snapshot!(olivia.says("/run unlock").await, @"🤖 (silent) A run in another chat is at work on The TARS folder (Desktop/Tars) with the repository. Try again when it is over.");
    insta::assert_snapshot!(olivia.says("/rotate n8n_api_key").await, @"🤖 (silent) A run in another chat is at work on The server. Try again when it is over.");
    let room = harness.chat("War room");
    let olivia = room.as_user("Olivia");
    insta::assert_snapshot!(olivia.says("/run unlock").await, @"🤖 (silent) Run 2 of SEC-2026-001 is at work on the same target. Wait for its end, or end it with /abort SEC-2026-001 2.");
    let asked = room.message("stands").message_id;
    insta::assert_snapshot!(olivia.briefly().presses_on(asked, "1 · Again").await, @"
    ✏️ 🔴 SEC-2026-001 · P0 Critical …
    - ❓ Run 1 · End the lockdown waits for a decision: step 1
    + ⚙️ Run 1 · End the lockdown: 0 of 2 steps
    ✏️ ⚙️ Run 1 · End the lockdown · SEC-2026-001
    Olivia Owner · 14:00 UTC
    Why: it burns
    ⏳ 1 Load the usual firewall rules: Load the usual firewall rules said so
    ⬜ 2 Switch maintenance mode off
    ✏️ ☑️ Run 1 · End the lockdown: decided, nothing is asked here any more. SEC-2026-001
    🤖 ⏳ Run 1 · End the lockdown waits: run 2 of SEC-2026-001 is at work on the same target. It goes on by itself after that; /abort SEC-2026-001 2 ends the other one. SEC-2026-001
    (toast) Run 1, step 1: again.
    ");
    shows(&harness, "waits: run 2").await;
    insta::assert_snapshot!(room.message("waits: run 2").text, @"⏳ Run 1 · End the lockdown waits: run 2 of SEC-2026-001 is at work on the same target. It goes on by itself after that; /abort SEC-2026-001 2 ends the other one. SEC-2026-001");
    assert_eq!(levers.hands.world().times(1, &first("unlock")), 1);
    let told = |harness: &Harness| {
        harness
            .transcript(room.id())
            .matches("waits: run 2")
            .count()
    };
    harness.later(1).await;
    assert_eq!(told(&harness), 1, "it is said once");
    levers.end().await;
    harness.end().await;
}
