//! Evidence is collected from the demo, and what is handed on is proved with a public tool.

use std::path::{Path, PathBuf};
use std::process::Command;

use breakglass::plan::Action;

use super::Play;
use crate::harness::figure;

#[tokio::test(flavor = "multi_thread")]
async fn tars_collects_and_hands_on_what_sha256sum_proves() {
    let play = Play::of("tars").await;
    play.begun("/collect").await;
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Collect evidence · SEC-2026-001
    Bob Baker · 14:01 UTC
    ✅ 1 Open the incident's workspace
    ✅ 2 Gather logs, database, repository, network

    done
    ");
    let names = pieces(&play);
    assert_eq!(names, wanted("tars"), "every collector brought something");
    let timeline = play.bob().says("/timeline").await;
    assert!(timeline.contains("Evidence preserved"), "{timeline}");

    let told = play.room().as_user("Olivia").says("/export").await;
    assert!(
        told.contains("VERIFY.html in it says how to check it"),
        "{told}"
    );
    let folder = unpacked(&play);
    let (good, said) = sha256sum(&folder);
    assert!(good, "{said}");
    let files = said.lines().filter(|line| line.ends_with(": OK")).count();
    // One letter is changed: the tool says so.
    let log = said.lines().find(|line| line.contains("app_log"));
    let log = log.and_then(|line| line.strip_suffix(": OK"));
    let log = folder.join(log.expect("the log"));
    let mut text = std::fs::read(&log).expect("readable");
    text[0] ^= 1;
    std::fs::write(&log, text).expect("writable");
    let (good, said) = sha256sum(&folder);
    assert!(!good && said.contains("FAILED"), "{said}");
    figure(&format!(
        "collect and export of TARS: {} pieces kept, {files} files proved by sha256sum -c",
        names.len()
    ));
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jarvis_collects_and_hands_on_what_sha256sum_proves() {
    let play = Play::of("jarvis").await;
    play.begun("/collect").await;
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Collect evidence · SEC-2026-001
    Bob Baker · 14:01 UTC
    ✅ 1 Gather everything

    done
    ");
    let names = pieces(&play);
    assert_eq!(names, wanted("jarvis"), "every collector brought something");
    play.room().as_user("Olivia").says("/export").await;
    let (good, said) = sha256sum(&unpacked(&play));
    assert!(good, "{said}");
    let files = said.lines().filter(|line| line.ends_with(": OK")).count();
    figure(&format!(
        "collect and export of JARVIS: {} pieces kept, {files} files proved by sha256sum -c",
        names.len()
    ));
    play.end().await;
}

/// The export that the bot sent, unpacked.
fn unpacked(play: &Play) -> PathBuf {
    let all = play.harness.control.transcript(play.room().id());
    let zip = all.into_iter().rev().find_map(|it| it.file);
    let zip = zip.expect("a file");
    assert!(zip.name.ends_with(".zip"), "{}", zip.name);
    let bytes = play.harness.control.file_bytes(&zip.file_id);
    let into = play.harness.folder().join("unpacked");
    let bytes = std::io::Cursor::new(bytes.expect("its bytes"));
    let mut zip = zip::ZipArchive::new(bytes).expect("a ZIP");
    zip.extract(&into).expect("it can be unpacked");
    into.join("SEC-2026-001")
}

fn sha256sum(folder: &Path) -> (bool, String) {
    let run = Command::new("sha256sum")
        .args(["-c", "SHA256SUMS"])
        .current_dir(folder)
        .env("LC_ALL", "C")
        .output()
        .expect("the tool runs");
    let said = [run.stdout, run.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    (run.status.success(), said)
}

/// The pieces that the first run kept: one of each collector that the plan's lever names.
fn pieces(play: &Play) -> Vec<String> {
    let kept = play.kept().into_iter();
    kept.map(|(name, _)| name.trim_start_matches("run-1-").to_owned())
        .collect()
}

/// What `/collect` of a plan is to gather.
fn wanted(plan: &str) -> Vec<String> {
    let (_, source) = breakglass::plan::shipped()
        .into_iter()
        .find(|(name, _)| name.contains(plan))
        .expect("a plan");
    let plan = breakglass::plan::parse(source).expect("a good plan");
    let lever = plan.procedures.into_iter().find(|it| it.id == "collect");
    let steps = lever.expect("the lever").steps.into_iter();
    let named = steps.flat_map(|step| match step.action {
        Action::Collect { collectors } => collectors,
        _ => Vec::new(),
    });
    let mut named: Vec<String> = named.collect();
    named.sort();
    named
}
