//! Evidence: kept in the chat, stored in the vault, handed to others who verify it with tools of their own.

mod exports;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};
use telegram_sandbox::{Fault, FaultKind, Say};

use crate::harness::{Harness, Stage};

async fn declared() -> Harness {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    harness
}

fn workspace(harness: &Harness) -> PathBuf {
    harness.folder().join("evidence/SEC-2026-001")
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries
        .map(|it| {
            it.expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    names
}

/// The lines of a text that speak of evidence.
fn about_evidence(text: &str) -> String {
    let said = text.lines().filter(|line| {
        ["📎", "🔒", "👁", "📦", "not stored", "Evidence preserved"]
            .iter()
            .any(|it| line.contains(it))
    });
    said.collect::<Vec<_>>().join("\n")
}

fn hash(bytes: &[u8]) -> String {
    let sum = Sha256::digest(bytes);
    sum.iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_messages_are_stored_and_then_count() {
    let harness = declared().await;
    let room = harness.chat("War room");
    let log = Say::text("/evidence the login from an unknown address")
        .document("auth/../log 1.txt", b"10.0.0.9 logged in\n".to_vec());
    insta::assert_snapshot!(about_evidence(&room.as_user("Alice").sends(log).await), @"🔒 E1 auth/../~log 1.txt · SHA-256 f1f28374…");
    let said = harness.control.says(
        room.id(),
        harness.person("Bob"),
        "I saw <b>root</b> in there",
    );
    room.as_user("Alice")
        .replies(said, "/evidence what Bob saw")
        .await;
    let photo = harness.control.send(
        room.id(),
        harness.person("Bob"),
        Say::text("").photo(b"not really a picture".to_vec()),
    );
    room.as_user("Alice").replies(photo, "/evidence").await;

    insta::assert_snapshot!(about_evidence(&room.card_text()), @"🔒 E3 photo · SHA-256 fe1a4ab1…");
    let timeline = room.as_user("Bob").says("/timeline").await;
    insta::assert_snapshot!(about_evidence(&timeline), @"
    14:00 📎 E1 the login from an unknown address — Alice Archer
    14:00 🔒 E1 stored, 19 B, SHA-256 f1f28374…
    14:00 📎 E2 what Bob saw — Alice Archer
    14:00 🔒 E2 stored, 26 B, SHA-256 3469ee31…
    14:00 📎 E3 file photo — Alice Archer
    14:00 🔒 E3 stored, 20 B, SHA-256 fe1a4ab1…
    ");
    insta::assert_snapshot!(names(&workspace(&harness)).join("\n"), @"
    E1-auth_.._log_1.txt
    E2-message.txt
    E3-photo
    ");
    let kept = |name: &str| fs::read(workspace(&harness).join(name)).expect("it is there");
    assert_eq!(kept("E1-auth_.._log_1.txt"), b"10.0.0.9 logged in\n");
    assert_eq!(kept("E2-message.txt"), b"I saw <b>root</b> in there");
    assert!(
        timeline.contains(&hash(b"10.0.0.9 logged in\n")[..8]),
        "{timeline}"
    );

    room.as_user("Olivia").says("/report").await;
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_stored_is_told_and_does_not_count() {
    let harness = declared().await;
    let room = harness.chat("War room");
    let dump = Say::text("/evidence the whole disk").document("disk.img", vec![0; 21_500_000]);
    insta::assert_snapshot!(room.as_user("Alice").sends(dump).await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name
    ⚠️ E1 disk.img · not stored: it is larger than the 20 MB that Telegram gives to bots

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Containment needs 3 first.

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
    [ 3 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (✍ breakglass)
    🤖 ⚠️ SEC-2026-001: evidence E1 is not stored: it is larger than the 20 MB that Telegram gives to bots.
    Save the file yourself where it is safe, and note its place: /note E1 lies …
    ");
    assert!(!room.card_text().contains("Evidence preserved —"));
    let poll = harness.control.says(room.id(), harness.person("Bob"), "");
    insta::assert_snapshot!(room.as_user("Bob").replies(poll, "/evidence").await, @"🤖 (silent) That message has neither text nor a file that I can fetch. Send a screenshot of it, with /evidence what it shows as its caption.");
    assert!(names(&workspace(&harness)).is_empty());
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_fails_for_a_while_is_tried_again() {
    let harness = declared().await;
    let room = harness.chat("War room");
    for kind in [FaultKind::Http500, FaultKind::ResetBefore] {
        harness.control.set_fault(Fault::times("getFile", kind, 1));
    }
    let log = Say::text("/evidence").document("log.txt", b"x".to_vec());
    room.as_user("Alice").sends(log).await;
    assert_eq!(names(&workspace(&harness)), ["E1-log.txt"]);
    assert!(harness.control.counts()["getFile"] >= 2);
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_was_killed_is_done_after_the_restart() {
    let mut harness = declared().await;
    let room = harness.chat("War room").id();
    let hang = FaultKind::Hang { ms: 15_000 };
    harness.control.set_fault(Fault::times("getFile", hang, 1));
    let log = Say::text("/evidence the log").document("log.txt", b"what was there".to_vec());
    harness.control.send(room, harness.person("Alice"), log);
    // Noted and acknowledged, while the download hangs.
    let mut changes = harness.control.subscribe();
    let asked = async {
        while !harness.control.counts().contains_key("setMessageReaction") {
            changes.changed().await.expect("the stand-in runs");
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), asked).await;
    in_time.expect("it is acknowledged");
    harness.stop_bot().await;
    assert!(names(&workspace(&harness)).is_empty());
    harness.control.clear_faults();
    harness.restart().await;
    let kept = fs::read(workspace(&harness).join("E1-log.txt")).expect("it is there");
    assert_eq!(kept, b"what was there");
    insta::assert_snapshot!(about_evidence(&harness.chat("War room").card_text()), @"🔒 E1 log.txt · SHA-256 21489f98…");
    // Nothing half-written is left.
    let blobs = names(&harness.folder().join("evidence/blobs"));
    assert!(blobs.iter().all(|it| it.len() == 2), "{blobs:?}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_was_ended_names_what_was_never_tried() {
    // A database that takes connections and never says a word.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address");
    let database = format!("postgres://someone:secret@{address}/x");
    let mut harness = Harness::with(Stage {
        targets: Some(std::sync::Arc::new(move |name| {
            (name == "TARS_DATABASE_URL").then(|| database.clone())
        })),
        ..Stage::default()
    })
    .await;
    let olivia = harness.chat("War room").as_user("Olivia");
    olivia.says("/declare P1 key leaked").await;
    olivia.says("/collect").await;
    silent.set_nonblocking(true).expect("it can be asked");
    harness.until(|| silent.accept().is_ok()).await;
    harness.stop_bot().await;
    let manifests = |harness: &Harness| -> Vec<serde_json::Value> {
        let folder = workspace(harness);
        let names = names(&folder).into_iter();
        let manifests = names.filter(|it| it.contains("manifest"));
        manifests
            .map(|it| fs::read(folder.join(it)).expect("readable"))
            .map(|it| serde_json::from_slice(&it).expect("JSON"))
            .collect()
    };
    let read = manifests(&harness).remove(0);
    let entries = read["entries"].as_array().expect("entries");
    let untried: Vec<_> = entries
        .iter()
        .filter(|it| it["ended"] == "not_tried")
        .collect();
    assert!(
        !untried.is_empty() && untried.len() < entries.len(),
        "{read}"
    );
    for entry in untried {
        let why = "not tried: the bot was ended before its turn";
        assert_eq!(entry["error"], why);
        assert!(entry["file"].is_null());
    }
    // The run is taken up again: then all have their turn, and they are the same.
    harness.start_again(None).await;
    harness.until(|| manifests(&harness).len() == 2).await;
    let of = |read: &serde_json::Value| -> Vec<String> {
        let entries = read["entries"].as_array().expect("entries").iter();
        entries.map(|it| it["collector"].to_string()).collect()
    };
    let all = manifests(&harness);
    assert_eq!(of(&all[0]), of(&all[1]));
    assert!(all.iter().any(|it| !it.to_string().contains("not_tried")));
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_telegram_refuses_is_told_to_who_asked_and_to_the_owners() {
    use breakglass::messages::outgoing::{FileOut, Outgoing};
    use breakglass::store::{OutboxRow, OutboxState};
    use breakglass::telegram::courier::{Desk as _, Returned};
    use breakglass::telegram::desk::Counter;
    let harness = declared().await;
    let olivia = harness.chat("Olivia").as_user("Olivia");
    olivia.says("/start").await;
    let house = harness.running().house().expect("it is open").clone();
    let chats = house.ledger().chats().await.expect("readable");
    let room = harness.chat("War room");
    let key = chats.iter().find(|it| it.telegram_id == room.id());
    let file = Outgoing::File(FileOut {
        incident: "SEC-2026-001".to_owned(),
        file: "SEC-2026-001-export-1.zip".to_owned(),
        ..FileOut::default()
    });
    let row = OutboxRow {
        id: 4_242,
        chat: key.expect("it is known").key,
        incident: None,
        lane: 2,
        body: file.to_body(),
        state: OutboxState::Dropped,
        attempts: 1,
        at: 0,
        message_id: None,
        error: None,
    };
    let why = "Request Entity Too Large".to_owned();
    let counter = Counter::new(house);
    let ((), seen) = harness
        .sees(Box::pin(
            counter.came_back(Returned::Undeliverable { row, why }),
        ))
        .await;
    let seen = seen.replace(&harness.folder().display().to_string(), "FOLDER");
    insta::assert_snapshot!(seen, @"
    🤖 (silent) The export of SEC-2026-001 is made, but Telegram did not take the file. It lies on the bot’s machine; the owners are told in private where.
    🤖 📦 Telegram did not take the export of SEC-2026-001; the log says why. On the bot’s machine it lies here:
    FOLDER/evidence/SEC-2026-001/SEC-2026-001-export-1.zip
    ");
    let all = harness.transcript(room.id());
    assert!(!all.contains("evidence/SEC-"), "{all}");
    harness.end().await;
}

/// A plan without the gates that its own authors gave it: the core's rule is what is left.
fn ungated(name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let (_, source) = breakglass::plan::shipped()
        .into_iter()
        .find(|(file, _)| file.contains(name))
        .expect("a shipped plan");
    let lines = source.lines().filter(|line| !line.starts_with("gate = "));
    let source = lines.collect::<Vec<_>>().join("\n");
    fs::write(folder.path().join(format!("{name}.toml")), source).expect("written");
    folder
}

async fn eradication_is_guarded(plan: &str, steps_before: usize) -> String {
    let folder = ungated(plan);
    let stage = Stage {
        plans: Some(folder.path().to_path_buf()),
        ..Stage::default()
    };
    let harness = Harness::with(stage).await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    for _ in 0..steps_before {
        let said = room.as_user("Bob").says("/next").await;
        assert!(said.contains("begins"), "{said}");
    }
    let mut seen = vec![room.as_user("Bob").says("/next").await];
    let number = seen[0]
        .split(['(', ')'])
        .nth(3)
        .expect("the item's number")
        .to_owned();
    seen.push(
        room.as_user("Bob")
            .says(&format!("/skip {number} no time"))
            .await,
    );
    seen.push(room.as_user("Olivia").says("/next force").await);
    let said = harness
        .control
        .says(room.id(), harness.person("Bob"), "the proof");
    room.as_user("Bob").replies(said, "/evidence").await;
    // One piece is not all of it: whoever judges that it is, ticks it.
    let refused = room.as_user("Bob").says("/next").await;
    assert!(refused.contains("still open"), "{refused}");
    room.as_user("Bob").says(&format!("/done {number}")).await;
    let entered = room.as_user("Bob").says("/next").await;
    seen.extend(
        entered
            .lines()
            .find(|it| it.contains("begins"))
            .map(str::to_owned),
    );
    harness.end().await;
    seen.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_enters_eradication_before_the_evidence_is_stored_in_tars() {
    insta::assert_snapshot!(eradication_is_guarded("tars", 1).await, @"
    🤖 (silent) Evidence preserved (6) is still open in Containment. Tick it with /done 6, or a commander uses /next force why.
    🤖 (silent) Item 6 guards the next phase, so only a commander skips it: /skip 6 why.
    🤖 (silent) Please say why, it goes on record: /next force the evidence is lost for good
    🤖 ➡️ SEC-2026-001: Eradication (3 of 5) begins, says Bob Baker. Get the threat out, all of it.
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_enters_eradication_before_the_evidence_is_stored_in_jarvis() {
    insta::assert_snapshot!(eradication_is_guarded("jarvis", 2).await, @"
    🤖 (silent) Evidence preserved (8) is still open in Notification. Tick it with /done 8, or a commander uses /next force why.
    🤖 (silent) Item 8 guards the next phase, so only a commander skips it: /skip 8 why.
    🤖 (silent) Please say why, it goes on record: /next force the evidence is lost for good
    🤖 ➡️ SEC-2026-001: Remediation (4 of 6) begins, says Bob Baker. Mend the weakness.
    ");
}
