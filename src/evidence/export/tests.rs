use std::fs::File;
use std::process::Command;

use super::super::vault::Vault;
use super::*;
use crate::incident::By;

#[test]
fn sha256sum_finds_every_file_of_an_export_whole() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(&folder.path().join("evidence")).unwrap();
    let at = DateTime::from_timestamp(1_771_336_800, 0).unwrap();
    let mut archive = Archive::begin(&vault, &Recipients::default(), "SEC-2026-007", at).unwrap();
    archive.text("report.md", "# Report\n").unwrap();
    let big = vec![b'x'; 3_000_000];
    archive
        .add("evidence/E1-Отчёт.log", 3_000_000, &big[..])
        .unwrap();
    archive.text("evidence/E2-empty.txt", "").unwrap();
    let stored = archive.finish().unwrap();
    assert!(stored.size < 50_000, "{}", stored.size);

    let opened = vault.read(&stored.sha256, By::Bot, "test").unwrap();
    let mut zip = zip::ZipArchive::new(opened.file).unwrap();
    zip.extract(folder.path()).unwrap();
    let top = folder.path().join("SEC-2026-007");
    let check = || {
        let run = Command::new("sha256sum")
            .args(["-c", "--strict", "SHA256SUMS"])
            .current_dir(&top)
            .output()
            .unwrap();
        (run.status.success(), String::from_utf8(run.stdout).unwrap())
    };
    let (good, said) = check();
    assert!(good && said.lines().count() == 3, "{said}");
    let log = top.join("evidence/E1-Отчёт.log");
    std::fs::remove_file(&log).unwrap();
    io::Write::write_all(&mut File::create(&log).unwrap(), b"changed").unwrap();
    let (good, said) = check();
    assert!(!good && said.contains("FAILED"), "{said}");
}

#[test]
fn recipients_are_public_keys_and_nothing_else() {
    let key = format!("age1{}", "q".repeat(58));
    assert!(Recipients::read("").unwrap().is_empty());
    assert!(
        !Recipients::read(&format!("{key}, {key}"))
            .unwrap()
            .is_empty()
    );
    let secret = format!("AGE-SECRET-KEY-1{}", "Q".repeat(58));
    for wrong in [
        "-o/tmp/x",
        "alice",
        "age1..",
        secret.as_str(),
        "age1../../x",
    ] {
        let text = Recipients::read(wrong).unwrap_err().to_string();
        assert!(
            text.contains("age-keygen") && !text.contains(wrong),
            "{text}"
        );
    }
}

#[test]
fn an_export_for_recipients_is_read_by_them_alone() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys");
    let made = Command::new("age-keygen").arg("-o").arg(&keys).output();
    let Ok(made) = made else {
        eprintln!(
            "figure: SKIPPED: the program age is not here, exports are not encrypted in this test"
        );
        let key = format!("age1{}", "q".repeat(58));
        let error = Recipients::read(&key).unwrap().check().unwrap_err();
        assert!(error.to_string().contains("install it"), "{error}");
        return;
    };
    assert!(made.status.success(), "{made:?}");
    let text = std::fs::read_to_string(&keys).unwrap();
    let (_, key) = text.split_once("public key: ").unwrap();
    let recipients = Recipients::read(key.lines().next().unwrap()).unwrap();
    recipients.check().unwrap();

    let vault = Vault::open(&folder.path().join("evidence")).unwrap();
    let at = DateTime::from_timestamp(1_771_336_800, 0).unwrap();
    let mut archive = Archive::begin(&vault, &recipients, "SEC-2026-007", at).unwrap();
    archive
        .text("report.md", "what only they may read")
        .unwrap();
    // More than a pipe holds, and nothing that gets smaller.
    let noise: Vec<u8> = (0..400_000_u32)
        .flat_map(|n| Sha256::digest(n.to_le_bytes())[..4].to_vec())
        .collect();
    archive
        .add("noise", noise.len() as u64, &noise[..])
        .unwrap();
    let stored = archive.finish().unwrap();

    let sealed = folder.path().join("x.zip.age");
    let mut opened = vault.read(&stored.sha256, By::Bot, "test").unwrap();
    io::copy(&mut opened.file, &mut File::create(&sealed).unwrap()).unwrap();
    let opened = Command::new("age")
        .arg("--decrypt")
        .arg("--identity")
        .args([&keys, &sealed])
        .output()
        .unwrap();
    assert!(opened.status.success(), "{:?}", opened.stderr);
    let mut zip = zip::ZipArchive::new(io::Cursor::new(opened.stdout)).unwrap();
    let mut text = String::new();
    let mut file = zip.by_name("SEC-2026-007/report.md").unwrap();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "what only they may read");
    // One file, and it is the encrypted one.
    let raw = std::fs::read(&sealed).unwrap();
    assert!(raw.starts_with(b"age-encryption.org/v1"));
}

#[test]
fn an_export_given_up_half_way_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(&folder.path().join("evidence")).unwrap();
    let at = DateTime::from_timestamp(1_771_336_800, 0).unwrap();
    let none = Recipients::default();
    let mut archive = Archive::begin(&vault, &none, "SEC-2026-007", at).unwrap();
    archive.text("report.md", "x").unwrap();
    drop(archive);
    let left = std::fs::read_dir(vault.root().join("blobs"))
        .unwrap()
        .count();
    assert_eq!(left, 0);
}
