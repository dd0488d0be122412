//! The command line of the host.

use super::*;

fn breakglass(harness: &Harness, line: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_breakglass"))
        .args(line)
        .env_clear()
        .env(
            "DATABASE_URL",
            format!("sqlite://{}", harness.database().display()),
        )
        .env("RUST_LOG", "error")
        .current_dir(harness.folder())
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_takes_checkpoints_and_proves_the_log_while_the_bot_runs() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let taken = breakglass(&harness, &["audit", "checkpoint", "--out", "kept.txt"]);
    assert!(taken.status.success(), "{taken:?}");
    let file = harness.folder().join("kept.txt");
    let text = std::fs::read_to_string(&file).expect("it is there");
    assert!(
        text.contains("\nincident/SEC-2026-001 ") && text.contains("\norder: "),
        "{text}"
    );
    // The public way to prove the file whole.
    let (above, last) = text.trim_end().rsplit_once('\n').expect("lines");
    let sum = {
        use sha2::Digest;
        format!("{:x}", sha2::Sha256::digest(format!("{above}\n")))
    };
    assert_eq!(last, format!("sha256: {sum}"));

    room.as_user("Bob").says("/note more work").await;
    let whole = breakglass(&harness, &["audit", "verify", "--checkpoint", "kept.txt"]);
    let text = said(&whole);
    assert!(
        whole.status.success() && text.contains("The log is whole."),
        "{text}"
    );

    let mut conn =
        sqlx::AnyConnection::connect(&format!("sqlite://{}", harness.database().display()))
            .await
            .expect("a connection");
    conn.execute(
        "UPDATE events SET body = replace(body, 'key leaked', 'nothing') WHERE kind = 'declared'",
    )
    .await
    .expect("the change goes in");
    let broken = breakglass(&harness, &["audit", "verify", "--checkpoint", "kept.txt"]);
    assert_eq!(broken.status.code(), Some(1));
    let text = said(&broken);
    insta::assert_snapshot!(text.lines().filter(|line| line.contains("FAULT") || line.starts_with("breakglass")).collect::<Vec<_>>().join("\n"), @"
    FAULT incident/SEC-2026-001 1: the content does not match its hash
    breakglass: the log is not whole: 1 fault
    ");
    let refused = breakglass(&harness, &["audit", "checkpoint"]);
    assert_eq!(
        refused.status.code(),
        Some(1),
        "no checkpoint of a broken log"
    );

    std::fs::write(
        &file,
        std::fs::read_to_string(&file)
            .expect("readable")
            .replace("SEC-2026-001", "SEC-2026-002"),
    )
    .expect("write");
    insta::assert_snapshot!(said(&breakglass(&harness, &["audit", "verify", "--checkpoint", "kept.txt"])), @"breakglass: --checkpoint kept.txt: it was changed or cut: the hash in its last line is not that of the lines above it");
    insta::assert_snapshot!(said(&breakglass(&harness, &["audit", "verify", "--checkpoint", "nowhere.txt"])), @"breakglass: --checkpoint nowhere.txt: No such file or directory (os error 2)");
    conn.close().await.expect("closed");
    harness.end().await;
}

#[test]
fn an_audit_of_nothing_makes_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_breakglass"))
        .args(["audit", "verify"])
        .env_clear()
        .current_dir(folder.path())
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(1));
    let text = said(&output).replace(&folder.path().display().to_string(), "FOLDER");
    insta::assert_snapshot!(text, @"breakglass: DATABASE_URL: the database file FOLDER/breakglass.db cannot be opened or created: there is no such file; check that its folder exists and that this user may write there");
    assert_eq!(
        std::fs::read_dir(folder.path())
            .expect("the folder")
            .count(),
        0
    );
}
