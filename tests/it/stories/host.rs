//! Levers pulled without Telegram: the admin endpoint, and what the journal brings back.

use std::sync::Arc;

use breakglass::host::{self, OnPaper, Pull};
use breakglass::incident::Door;
use breakglass::journal::Journal;
use reqwest::Client;
use serde_json::Value;

use crate::harness::{Harness, Stage};

const TOKEN: &str = crate::canary::ADMIN;

async fn harness() -> Harness {
    let stage = Stage {
        admin_token: Some(TOKEN),
        without_levers: true,
        ..Stage::default()
    };
    Harness::with(stage).await
}

async fn post(harness: &Harness, path: &str, key: Option<&str>, body: &str) -> (u16, String) {
    let url = format!("http://{}{path}", harness.listening());
    let mut request = Client::new()
        .post(url)
        .bearer_auth(TOKEN)
        .body(body.to_owned());
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.text().await.expect("a body"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_admin_endpoint_declares_an_incident_and_starts_the_shutdown_once() {
    let harness = harness().await;
    let room = harness.chat("War room");
    let body = r#"{"reason":"keys are <b>public</b>"}"#;
    let path = "/v1/admin/emergency-shutdown";
    let (status, said) = post(&harness, path, None, body).await;
    insta::assert_snapshot!(format!("{status} {said}"), @r#"409 {"error":"several chats or none could be meant: name the chat or the plan, or send /setup home in one"}"#);
    room.as_user("Olivia").says("/setup home").await;
    let ((status, said), seen) = harness.sees(post(&harness, path, Some("k1"), body)).await;
    insta::assert_snapshot!(format!("{status} {said}"), @r#"202 {"incident":"SEC-2026-001","plan":"tars","procedure":"emergency_shutdown","repeat":false,"run":1}"#);
    insta::assert_snapshot!(seen, @"
    🤖 🔴 SEC-2026-001 · P0 Critical
    Emergency shutdown: keys are <b>public</b>
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 14:15 UTC · 14 min left at 14:00
    ⏳ Contain by 15:00 UTC · 59 min left at 14:00
    ⚙️ Run 1 · Emergency shutdown: 0 of 5 steps
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
    — breakglass pinned a message
    🤖 🚨 Emergency shutdown was started from the admin endpoint (SEC-2026-001). Nobody had to approve it; a review is on the list of follow-ups.
    Reason: keys are <b>public</b>
    🤖 ⚙️ Run 1 · Emergency shutdown · SEC-2026-001
    From the host · 14:00 UTC
    Why: keys are <b>public</b>
    ⬜ 1 Switch maintenance mode on
    ⬜ 2 Pause the project at Vercel
    ⬜ 3 Stop the workflows
    ⬜ 4 Stop the trading agent
    ⬜ 5 Tell the team
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"
    🤖 (silent) Timeline of SEC-2026-001 · times in UTC
    14:00 Declared as P0 Critical: Emergency shutdown: keys are <b>public</b> — the admin endpoint
    14:00 ✅ 1 Incident logged
    14:00 ✅ 2 Severity assigned
    14:00 ✅ 4 Timeline started
    14:00 Run 1 began without Telegram: Emergency shutdown — the admin endpoint
    14:00 Follow-up 1: Review: Emergency shutdown was run without approval — the admin endpoint
    14:00 The team was told: the card stands in the chat
    14:00 ✅ 3 Team notified
    ");
    // The same request again, by the other path too, and after a restart: nothing new happens.
    let repeat = post(&harness, "/admin/emergency-shutdown", Some("k1"), body);
    let ((status, said), seen) = harness.sees(repeat).await;
    insta::assert_snapshot!(format!("{status} {said}"), @r#"202 {"incident":"SEC-2026-001","plan":"tars","procedure":"emergency_shutdown","repeat":true,"run":1}"#);
    assert_eq!(seen, "");
    // The same key with another request is not that one, and is not done either.
    for other in [
        r#"{"reason":"x","procedure":"lockdown"}"#.to_owned(),
        r#"{"reason":"x","plan":"jarvis"}"#.to_owned(),
        format!(r#"{{"reason":"x","chat":{}}}"#, harness.world.forum),
    ] {
        let ((status, said), seen) = harness.sees(post(&harness, path, Some("k1"), &other)).await;
        assert_eq!((status, seen.as_str()), (422, ""), "{said}");
        assert!(
            said.contains("run 1 of SEC-2026-001: emergency_shutdown"),
            "{said}"
        );
    }
    // Another request: the same incident, a second run.
    let lockdown = r#"{"reason":"still there","procedure":"lockdown","plan":"tars"}"#;
    let ((status, said), _) = harness
        .sees(post(&harness, path, Some("k2"), lockdown))
        .await;
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((status, &said["run"]), (202, &2.into()));
    for (body, status) in [
        (r#"{"reason":"x","chat":-1}"#, 409),
        (r#"{"reason":"x","procedure":"restore"}"#, 422),
        (r#"{"reason":" "}"#, 422),
    ] {
        let ((given, said), seen) = harness.sees(post(&harness, path, None, body)).await;
        assert_eq!((given, seen.as_str()), (status, ""), "{said}");
    }
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_known_after_a_restart() {
    let mut harness = harness().await;
    let chat = harness.world.group;
    let body = format!(r#"{{"reason":"keys are public","chat":{chat}}}"#);
    let path = "/admin/emergency-shutdown";
    let (status, first) = post(&harness, path, Some("k1"), &body).await;
    assert_eq!(status, 202);
    harness.stop_bot().await;
    harness.start_again(Some(TOKEN)).await;
    let (status, again) = post(&harness, path, Some("k1"), &body).await;
    assert_eq!(status, 202);
    assert_eq!(first.replace("false", "true"), again);
    harness.end().await;
}

/// As `breakglass shutdown` does it.
async fn pulled_on_the_host(harness: &Harness, id: &str, chat: Option<i64>) {
    let journal = Journal::open(&harness.journal(), id.to_owned()).expect("a journal");
    let pull = Pull {
        plan: host::find_plan(None, "tars").expect("the plan"),
        procedure: "emergency_shutdown".to_owned(),
        chat,
        why: "the chat is full of strangers".to_owned(),
        door: Door::Host,
        account: Some("root".to_owned()),
    };
    let begun = host::begin(pull, Some(journal), &harness.clock).expect("it begins");
    let stop = tokio::sync::watch::channel(false).1;
    begun.execute(&OnPaper, &harness.clock, stop, |_| ()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_without_the_ledger_is_brought_in_once() {
    let mut harness = Harness::with(Stage {
        without_levers: true,
        ..Stage::default()
    })
    .await;
    let chat = harness.world.group;
    harness.stop_bot().await;
    pulled_on_the_host(&harness, "aaaa", Some(chat)).await;
    let kept = std::fs::read(harness.journal()).expect("a journal");
    harness.start_again(None).await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.message("Emergency shutdown was run").text, @"
    🚨 Emergency shutdown was run from the host at 14:00 UTC (SEC-2026-001), without this chat. A review is on the list of follow-ups.
    Reason: the chat is full of strangers
    Steps done: 0, failed: 0, outcome unknown: 0, left to do by hand: 5
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"
    🤖 (silent) Timeline of SEC-2026-001 · times in UTC
    14:00 Declared as P0 Critical: Emergency shutdown: the chat is full of strangers — the host
    14:00 ✅ 1 Incident logged
    14:00 ✅ 2 Severity assigned
    14:00 ✅ 4 Timeline started
    14:00 From the journal, 14:00 UTC: Emergency shutdown was pulled from the host: the chat is full of strangers — the host
    14:00 From the journal, 14:00 UTC: ✋ Switch maintenance mode on: Create the file MAINTENANCE_MODE in the TARS folder. — the host
    14:00 From the journal, 14:00 UTC: ✋ Pause the project at Vercel: Vercel dashboard, project settings: pause the project. — the host
    14:00 From the journal, 14:00 UTC: ✋ Stop the workflows: Stop the n8n unit on the server, or switch all workflows off in n8n. — the host
    14:00 From the journal, 14:00 UTC: ✋ Stop the trading agent: Stop the unit of the TARS agent on the server. — the host
    14:00 From the journal, 14:00 UTC: ✋ Tell the team: tell the team yourself — the host
    14:00 From the journal, 14:00 UTC: Steps done: 0, failed: 0, outcome unknown: 0, left to do by hand: 5 — the host
    14:00 Follow-up 1: Review: Emergency shutdown was run without approval — the host
    14:00 The team was told: the card stands in the chat
    14:00 ✅ 3 Team notified
    ");
    assert!(!harness.journal().exists(), "it was put aside");
    let messages = room.messages_of_the_bot();
    // The same journal again, with another run behind it: only that one is new.
    std::fs::write(harness.journal(), &kept).expect("a copy");
    pulled_on_the_host(&harness, "bbbb", Some(chat)).await;
    harness.later(1).await;
    harness.until(|| !harness.journal().exists()).await;
    let room = harness.chat("War room");
    assert_eq!(room.messages_of_the_bot(), messages + 1, "one announcement");
    let report = harness
        .house()
        .ledger()
        .verify(&breakglass::store::Scope::All, &[])
        .await;
    assert!(report.expect("verified").is_whole());
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_may_name_the_home_chat() {
    let harness = Harness::with(Stage {
        admin_token: Some(TOKEN),
        home_chat: true,
        without_levers: true,
        ..Stage::default()
    })
    .await;
    let path = "/admin/emergency-shutdown";
    let (status, said) = post(&harness, path, Some("k1"), "").await;
    insta::assert_snapshot!(format!("{status} {said}"), @r#"202 {"incident":"SEC-2026-001","plan":"tars","procedure":"emergency_shutdown","repeat":false,"run":1}"#);
    let huge = "x".repeat(1 << 20);
    let (status, said) = post(&harness, path, Some("k2"), &huge).await;
    insta::assert_snapshot!(format!("{status} {said}"), @r#"413 {"error":"the body is too large: 16384 bytes at most"}"#);
    harness.quiet().await;
    let card = harness.chat("War room").message("Emergency shutdown");
    assert!(card.text.contains("SEC-2026-001"));
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_chat_can_be_found_the_endpoint_runs_the_named_plan() {
    let harness = Harness::with(Stage {
        admin_token: Some(TOKEN),
        outside: true,
        without_levers: true,
        ..Stage::default()
    })
    .await;
    let path = "/v1/admin/emergency-shutdown";
    let (status, _) = post(&harness, path, Some("k1"), "").await;
    assert_eq!(status, 409, "neither a chat nor a plan");
    let body = r#"{"plan":"tars","chat":-5,"reason":"keys are public"}"#;
    let (status, said) = post(&harness, path, Some("k2"), body).await;
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(status, 202, "{said}");
    insta::assert_snapshot!(said["note"], @r#""no chat can show it now; the journal keeps what is done""#);
    let (status, again) = post(&harness, path, Some("k2"), body).await;
    let again: Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(status, 202, "{again}");
    assert_eq!(again["journal"], said["journal"], "the same run");
    assert_eq!(again["repeat"], true);
    // Killed in the middle of it: the same request begins again, for it has not happened.
    let journal = harness.journal();
    let over = || {
        let read = breakglass::journal::read_file(&journal).ok().flatten();
        read.is_some_and(|it| it.runs().iter().all(breakglass::incident::HostRun::is_over))
    };
    harness.until(over).await;
    let written = std::fs::read_to_string(&journal).expect("a journal");
    let begun: String = written.split_inclusive('\n').take(2).collect();
    std::fs::write(&journal, begun).expect("cut off");
    let (status, anew) = post(&harness, path, Some("k2"), body).await;
    let anew: Value = serde_json::from_str(&anew).expect("JSON");
    let second = format!("{}-2", said["journal"].as_str().expect("a run"));
    assert_eq!((status, &anew["journal"]), (202, &second.as_str().into()));
    assert_eq!(anew["repeat"], Value::Null);
    let ends = || std::fs::read_to_string(&journal).is_ok_and(|it| it.contains("\"over\""));
    harness.until(ends).await;
    let (_, again) = post(&harness, path, Some("k2"), body).await;
    let again: Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(
        (&again["journal"], &again["repeat"]),
        (&second.as_str().into(), &true.into())
    );
    let (status, said) = post(
        &harness,
        path,
        None,
        r#"{"plan":"no such plan","reason":"x"}"#,
    )
    .await;
    assert_eq!(status, 422, "{said}");
    // The team learns of it as soon as there is one.
    breakglass::sandbox::enter(&harness.control, harness.world);
    harness.quiet().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/setup home").await;
    harness
        .until(|| {
            harness.clock.advance(std::time::Duration::from_secs(31));
            !harness.journal().exists()
        })
        .await;
    room.message("Emergency shutdown was run");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_no_chat_can_take_waits_in_the_journal() {
    let harness = Harness::with(Stage {
        outside: true,
        without_levers: true,
        ..Stage::default()
    })
    .await;
    pulled_on_the_host(&harness, "aaaa", None).await;
    harness.later(2).await;
    assert!(harness.journal().exists());
    breakglass::sandbox::enter(&harness.control, harness.world);
    harness.quiet().await;
    harness
        .chat("War room")
        .as_user("Olivia")
        .says("/setup home")
        .await;
    harness.later(2).await;
    harness.until(|| !harness.journal().exists()).await;
    harness
        .chat("War room")
        .message("Emergency shutdown was run");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_ledger_is_locked_the_endpoint_runs_directly_and_the_journal_comes_in_later() {
    use sqlx::{Connection as _, Executor as _};
    let harness = harness().await;
    let chat = harness.world.group;
    let address = format!("sqlite://{}", harness.database().display());
    let mut other = sqlx::SqliteConnection::connect(&address)
        .await
        .expect("a connection");
    other.execute("BEGIN IMMEDIATE").await.expect("a lock");
    let body = format!(r#"{{"reason":"keys are public","chat":{chat}}}"#);
    let path = "/admin/emergency-shutdown";
    let (status, said) = post(&harness, path, Some("k1"), &body).await;
    assert_eq!(status, 202, "{said}");
    let (status, again) = post(&harness, path, Some("k1"), &body).await;
    assert_eq!(status, 202, "{again}");
    let said: Value = serde_json::from_str(&said).expect("JSON");
    let again: Value = serde_json::from_str(&again).expect("JSON");
    assert_eq!(
        again["journal"], said["journal"],
        "the same request is the same run"
    );
    assert_eq!(again["repeat"], true);
    let run = said["journal"]
        .as_str()
        .expect("a run of the journal")
        .to_owned();
    other.execute("ROLLBACK").await.expect("unlocked");
    let journal = Arc::new(harness.journal());
    // The run ends, and the bot looks for the journal every half a minute of its own clock.
    harness
        .until(|| {
            harness.clock.advance(std::time::Duration::from_secs(31));
            !journal.exists()
        })
        .await;
    harness.quiet().await;
    harness
        .chat("War room")
        .message("Emergency shutdown was run");
    let known = harness
        .house()
        .ledger()
        .setting(&format!("journal/{run}"))
        .await;
    assert!(known.expect("readable").is_some());
    let (status, said) = post(&harness, path, Some("k1"), &body).await;
    let said: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((status, &said["repeat"]), (202, &true.into()), "{said}");
    assert_eq!(said["incident"], "SEC-2026-001");
    assert_eq!(said["procedure"], "emergency_shutdown");
    let other = body.replace('}', r#","procedure":"lockdown"}"#);
    let (status, said) = post(&harness, path, Some("k1"), &other).await;
    assert_eq!(status, 422, "{said}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_chat_comes_in_where_there_are_several_and_no_home() {
    let harness = Harness::with(Stage {
        without_levers: true,
        ..Stage::default()
    })
    .await;
    // Nobody said where: one of the two groups learns of it, rather than none.
    pulled_on_the_host(&harness, "aaaa", None).await;
    harness.later(1).await;
    harness.until(|| !harness.journal().exists()).await;
    harness.quiet().await;
    let told = |title: &str| {
        harness
            .transcript(harness.chat(title).id())
            .contains("was run from the host")
    };
    assert!(told("War room") != told("Incident forum"));
    // Nor is a chat that is gone a reason to be silent; the home chat is the first then, whatever its plan.
    let forum = harness.chat("Incident forum");
    forum.as_user("Olivia").says("/setup home").await;
    forum.as_user("Olivia").says("/setup plan jarvis").await;
    let before = forum.messages_of_the_bot();
    pulled_on_the_host(&harness, "bbbb", Some(-424_242)).await;
    harness.later(1).await;
    harness.until(|| !harness.journal().exists()).await;
    harness.quiet().await;
    assert!(harness.chat("Incident forum").messages_of_the_bot() > before);
    assert!(told("Incident forum"));
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_chat_is_in_use_the_owners_are_told_once() {
    let harness = Harness::with(Stage {
        outside: true,
        without_levers: true,
        ..Stage::default()
    })
    .await;
    let olivia = harness.chat("Olivia");
    olivia.as_user("Olivia").says("/start").await;
    pulled_on_the_host(&harness, "aaaa", None).await;
    harness.later(1).await;
    harness
        .until(|| {
            harness
                .transcript(olivia.id())
                .contains("stays in the journal")
        })
        .await;
    harness.later(2).await;
    harness.quiet().await;
    let told = harness.transcript(olivia.id());
    assert_eq!(told.matches("stays in the journal").count(), 1, "{told}");
    insta::assert_snapshot!(olivia.message("stays in the journal").text, @"🚨 emergency_shutdown of the plan tars was run without Telegram, and no chat is in use that can be told. It stays in the journal until one is: send /start in the team's group. Reason: the chat is full of strangers");
    assert!(harness.journal().exists());
    harness.end().await;
}
