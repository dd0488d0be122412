//! Evidence: kept in the chat, stored in the vault, handed to others who verify it with tools of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use breakglass::evidence::bundle::{Brought, Ended, Gathering};
use breakglass::incident::{By, IncidentId};
use sha2::{Digest, Sha256};
use telegram_sandbox::{Fault, FaultKind, Say};

use crate::harness::{Harness, Stage, figure};

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
    14:00 ✅ 6 Evidence preserved
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
    🔔 To be told, but not bound to anybody: Incident Commander
    ⚠️ E1 disk.img · not stored: it is larger than the 20 MB that Telegram gives to bots

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
    • Give out roles: investigator, communicator, remediator
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

/// What a run of collectors would bring: one succeeds, one fails.
async fn collect(harness: &Harness) {
    let house = harness.house();
    let (_, source) = breakglass::plan::shipped()[0];
    let plan = breakglass::plan::parse(source).expect("a shipped plan");
    let now = harness.clock.now();
    let id = IncidentId::security(2026, 1);
    let revision = plan.revision.to_string();
    let mut gathering = Gathering::begin(house.vault().clone(), id, 1, &revision, By::Bot, now);
    let collector = |id: &str| plan.collectors.iter().find(|it| it.id == id).expect(id);
    let whole = hash(b"[1, 2]");
    let brought = Brought {
        ended: Ended::Succeeded,
        code: None,
        summary: "2 rows",
        kept: b"[1, 2]",
        total: 6,
        sha256_of_all: Some(&whole),
    };
    gathering.add(collector("sessions"), now, now, &brought);
    let failed = Brought {
        ended: Ended::Failed,
        summary: "web.log: permission denied",
        kept: b"",
        total: 0,
        sha256_of_all: None,
        ..brought
    };
    gathering.add(collector("web_log"), now, now, &failed);
    let bundle = gathering.finish(now).expect("stored");
    house.preserved("SEC-2026-001", bundle.news()).await;
    harness.quiet().await;
}

/// Unpacks an export that the bot sent.
fn unpack(harness: &Harness, name: &str) -> PathBuf {
    let entry = harness
        .control
        .transcript(harness.chat("War room").id())
        .into_iter()
        .rev()
        .find_map(|it| it.file.filter(|file| file.name == name))
        .expect("the bot sent the file");
    let bytes = harness
        .control
        .file_bytes(&entry.file_id)
        .expect("its bytes");
    let into = harness.folder().join("unpacked");
    let _ = fs::remove_dir_all(&into);
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).expect("a ZIP");
    zip.extract(&into).expect("it can be unpacked");
    into.join("SEC-2026-001")
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> (bool, String) {
    let run = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let said = [run.stdout, run.stderr].concat();
    (
        run.status.success(),
        String::from_utf8_lossy(&said).into_owned(),
    )
}

/// The chain recomputed by the documented form alone; the last hash.
fn recompute(events: &str) -> (usize, String) {
    let mut prev = String::new();
    let mut count = 0;
    for line in events.lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let text = |name: &str| match &event[name] {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        assert_eq!(text("prev"), prev);
        let fields = [
            prev,
            text("stream"),
            text("seq"),
            text("at"),
            text("kind"),
            text("body"),
        ];
        let form: String = fields.iter().fold(String::new(), |form, field| {
            form + &format!("{}:{field},", field.len())
        });
        prev = hash(form.as_bytes());
        assert_eq!(text("hash"), prev);
        count += 1;
    }
    (count, prev)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_verified_with_public_tools() {
    let harness = declared().await;
    let room = harness.chat("War room");
    let log = Say::text("/evidence the log").document("журнал.txt", b"10.0.0.9\n".to_vec());
    room.as_user("Alice").sends(log).await;
    let dump = Say::text("/evidence the disk").document("disk.img", vec![0; 21_500_000]);
    room.as_user("Alice").sends(dump).await;
    room.as_user("Bob")
        .says("/note `x` | <b> \"quoted\" \\ ü")
        .await;
    collect(&harness).await;
    insta::assert_snapshot!(room.as_user("Bob").says("/export").await, @"🤖 (silent) /export needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    let sent = room.as_user("Olivia").says("/export SEC-2026-001").await;
    let sent: Vec<&str> = sent
        .lines()
        .map(|it| {
            if it.contains("SHA-256") {
                "(SHA-256)"
            } else {
                it
            }
        })
        .collect();
    insta::assert_snapshot!(sent.join("\n"), @"
    (👀 breakglass)
    🤖 📦 SEC-2026-001: everything that was recorded. VERIFY.html in it says how to check it.
    (SHA-256)
    📎 SEC-2026-001-export-1.zip
    ");

    let top = unpack(&harness, "SEC-2026-001-export-1.zip");
    insta::assert_snapshot!(names(&top).join("\n"), @"
    SHA256SUMS
    VERIFY.html
    VERIFY.md
    collections
    events.jsonl
    evidence
    evidence.json
    report.md
    timeline.jsonl
    timeline.md
    verify.py
    ");
    assert_eq!(names(&top.join("evidence")), ["E1-журнал.txt"]);
    let collected = top.join("collections");
    assert_eq!(names(&collected), ["run-1-manifest.json", "run-1-sessions"]);
    let manifest = fs::read_to_string(collected.join("run-1-manifest.json")).expect("readable");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let sessions = fs::read(collected.join("run-1-sessions")).expect("readable");
    assert_eq!(manifest["entries"][0]["sha256"], hash(&sessions));
    assert_eq!(
        manifest["entries"][1]["error"],
        "web.log: permission denied"
    );
    let (good, said) = run(&top, "sha256sum", &["-c", "--strict", "SHA256SUMS"]);
    assert!(good, "{said}");
    figure(&format!(
        "export: sha256sum finds {} files whole",
        said.lines().count()
    ));

    let events = fs::read_to_string(top.join("events.jsonl")).expect("the chain");
    let (count, last) = recompute(&events);
    let verify = fs::read_to_string(top.join("VERIFY.md")).expect("the page");
    let wanted = format!("{count} events, chain whole, last hash {last}");
    assert!(verify.contains(&wanted), "{verify}");
    assert!(verify.contains("E2-disk.img"), "{verify}");
    let page = fs::read_to_string(top.join("VERIFY.html")).expect("the page");
    assert!(page.contains(&wanted), "{page}");
    let whole = harness
        .house()
        .ledger()
        .stream("incident/SEC-2026-001")
        .await;
    let whole = whole.expect("the ledger");
    assert_eq!(whole[count - 1].hash, last);

    let (good, said) = run(&top, "python3", &["verify.py"]);
    assert!(good && said.trim() == wanted, "{said}");
    fs::write(
        top.join("events.jsonl"),
        events.replace("key leaked", "key mended"),
    )
    .expect("written");
    let (good, said) = run(&top, "python3", &["verify.py"]);
    assert!(!good && said.contains("event 1 does not fit"), "{said}");
    let (good, said) = run(&top, "sha256sum", &["-c", "--strict", "SHA256SUMS"]);
    assert!(!good && said.contains("events.jsonl: FAILED"), "{said}");

    let timeline = room.as_user("Bob").says("/timeline").await;
    let timeline = about_evidence(&timeline);
    // Hashes and sizes depend on the microsecond.
    let timeline: Vec<&str> = timeline
        .lines()
        .map(|it| it.split([',', '…']).next().unwrap_or(it))
        .map(|it| it.split(" SHA-256").next().unwrap_or(it))
        .collect();
    insta::assert_snapshot!(timeline.join("\n"), @"
    14:00 📎 E1 the log — Alice Archer
    14:00 🔒 E1 stored
    14:00 ✅ 6 Evidence preserved
    14:00 📎 E2 the disk — Alice Archer
    14:00 ⚠️ E2 not stored: it is larger than the 20 MB that Telegram gives to bots
    14:00 🔒 Run 1 gathered 1 of 2
    14:00 📦 Export 1 asked for: it reads E1
    14:00 📦 Export 1 made
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_incident_can_be_exported_and_its_chain_of_custody_goes_on() {
    let harness = declared().await;
    let room = harness.chat("War room");
    room.as_user("Olivia")
        .says("/cancel false_alarm it was a test key")
        .await;
    room.as_user("Olivia").says("/export").await;
    let top = unpack(&harness, "SEC-2026-001-export-1.zip");
    let (good, said) = run(&top, "sha256sum", &["-c", "--strict", "SHA256SUMS"]);
    assert!(good, "{said}");
    room.as_user("Olivia").says("/export").await;
    let top = unpack(&harness, "SEC-2026-001-export-2.zip");
    let events = fs::read_to_string(top.join("events.jsonl")).expect("the chain");
    assert!(events.contains(r#""kind":"exported""#), "{events}");
    recompute(&events);

    // What was changed on the disk is never sent.
    let zip = workspace(&harness).join("SEC-2026-001-export-2.zip");
    let whole = fs::read(&zip).expect("it lies there");
    let sent = harness.house().evidence_file(&hash(&whole)).await;
    assert_eq!(sent.as_deref(), Some(&whole[..]));
    let mut permissions = fs::metadata(&zip).expect("it lies there").permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
    fs::set_permissions(&zip, permissions).expect("it is ours");
    fs::write(&zip, "something else").expect("written");
    assert_eq!(harness.house().evidence_file(&hash(&whole)).await, None);
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_telegram_does_not_take_is_told_to_owners_only() {
    let harness = declared().await;
    let room = harness.chat("War room");
    harness
        .chat("Olivia")
        .as_user("Olivia")
        .says("/start")
        .await;
    // What does not get smaller: three files of what looks like noise.
    let mut noise = 1_u64;
    for number in 0..3 {
        let bytes: Vec<u8> = (0..20_000_000 / 8)
            .flat_map(|_| {
                noise ^= noise << 13;
                noise ^= noise >> 7;
                noise ^= noise << 17;
                noise.to_le_bytes()
            })
            .collect();
        let file = Say::text("/evidence").document(&format!("{number}.bin"), bytes);
        room.as_user("Alice").sends(file).await;
    }
    let said = room.as_user("Olivia").says("/export").await;
    let lies = workspace(&harness).join("SEC-2026-001-export-1.zip");
    let said = said.replace(&lies.display().to_string(), "(path)");
    // The card may still be catching up with 60 MB of evidence.
    let said: Vec<&str> = said
        .lines()
        .filter(|it| {
            ["export", "(path)", "👀 b"]
                .iter()
                .any(|part| it.contains(part))
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"
    (👀 breakglass)
    🤖 (silent) The export of SEC-2026-001 has 60 MB: more than Telegram takes. It lies on the bot’s machine; the owners are told in private where.
    🤖 📦 The export of SEC-2026-001 is too large for Telegram. On the bot’s machine it lies here:
    (path)
    ");
    assert!(fs::metadata(&lies).expect("it lies there").len() > 50_000_000);
    let seen = harness.transcript(room.id());
    assert!(!seen.contains("evidence/SEC-"), "{seen}");
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
        .sees(counter.came_back(Returned::Undeliverable { row, why }))
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
