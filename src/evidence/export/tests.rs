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
    let mut archive = Archive::begin(&vault, "SEC-2026-007", at).unwrap();
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
