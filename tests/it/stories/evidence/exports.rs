//! Exports: verified by whoever gets them, with tools of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use breakglass::evidence::bundle::{Brought, Ended, Gathering};
use breakglass::incident::{By, IncidentId};
use telegram_sandbox::Say;

use super::{about_evidence, declared, hash, names, workspace};
use crate::harness::{Harness, figure};

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
