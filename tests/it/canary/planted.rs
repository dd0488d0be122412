//! The scan finds what it is to find: a secret is planted in each kind of artefact, in each form.

use std::io::{Cursor, Write as _};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use telegram_sandbox::Say;
use tracing_subscriber::filter::LevelFilter;

use super::log::{Ear, Heard};
use super::made;
use super::scan::{Matcher, Scan, hexadecimal};
use crate::harness::{Harness, figure};

/// One that is looked for here only, with letters that codings change.
fn planted() -> String {
    let plain = made("planted");
    format!("{}\"/ %+\\{}", &plain[..14], &plain[14..28])
}

fn matcher() -> Arc<Matcher> {
    let known = ("planted".to_owned(), planted());
    Arc::new(Matcher::of(&[known]))
}

/// Every form in which it may come.
fn forms(secret: &str) -> Vec<(&'static str, String)> {
    let json = serde_json::to_string(&format!("{{\"key\":{secret:?}}}")).unwrap();
    vec![
        ("as it is", format!("password={secret};")),
        ("cut short", format!("… {}", &secret[..13])),
        (
            "without its beginning",
            secret[secret.len() - 13..].to_owned(),
        ),
        ("base64", STANDARD.encode(secret)),
        (
            "base64 behind one letter",
            STANDARD.encode(format!("x{secret}y")),
        ),
        (
            "base64 behind a name",
            STANDARD.encode(format!("user:{secret}")),
        ),
        (
            "percent-encoded",
            utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        ),
        ("in JSON, twice escaped", json),
        ("hexadecimal", hexadecimal(secret)),
        ("lower case", secret.to_lowercase()),
    ]
}

fn finds(place: &str, bytes: &[u8]) -> bool {
    let mut scan = Scan::with(matcher());
    scan.look(place, bytes);
    !scan.found.is_empty()
}

#[test]
fn every_form_is_found_in_bytes_archives_and_the_log() {
    let secret = planted();
    for (form, text) in forms(&secret) {
        assert!(finds("bytes", text.as_bytes()), "{form}");
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let options = zip::write::SimpleFileOptions::default();
        archive.start_file("report.md", options).unwrap();
        archive.write_all(text.repeat(3).as_bytes()).unwrap();
        let archive = archive.finish().unwrap().into_inner();
        assert!(finds("an archive", &archive), "{form}");

        let heard = Mutex::new(Heard::default());
        let heard: &'static Mutex<Heard> = Box::leak(Box::new(heard));
        let matcher = matcher();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(move || Ear {
                matcher: Arc::clone(&matcher),
                heard,
            })
            .finish();
        tracing::subscriber::with_default(subscriber, || {
            tracing::error!(text, "it went wrong");
        });
        assert_eq!(heard.lock().unwrap().found().len(), 1, "{form}");
    }
    assert!(!finds("bytes", b"nothing of that kind"));
    assert!(!finds("bytes", &secret.as_bytes()[..8]));
}

/// One story in whose every artefact the secret lies, because a person said it.
#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_artefact_is_looked_at() {
    let secret = made("planted");
    let mut harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    // A word without a shape or a name before it is none of the secrets that the bot takes out by itself.
    room.as_user("Bob")
        .says(&format!("/note saw {secret} there"))
        .await;
    let file = Say::text("/evidence a note").document("note.txt", secret.clone().into_bytes());
    room.as_user("Bob").sends(file).await;
    room.as_user("Bob").says("/timeline").await;
    room.as_user("Olivia").says("/report").await;
    room.as_user("Olivia").says("/export").await;
    harness.stop_bot().await;
    let mut scan = Scan::of("planted", &secret);
    scan.stand_in(&harness.control);
    scan.ledger(&harness.database()).await;
    scan.files(&harness.files());
    let found = scan.found.join("\n");
    for kind in [
        "sendMessage: ",
        "a message: ",
        "report",
        ".zip, ",
        "events.body: ",
        "/evidence/",
        "test.db: ",
    ] {
        assert!(found.contains(kind), "nothing found in {kind:?}:\n{found}");
    }
    figure(&format!(
        "canaries: the scan finds a planted secret in {} of {} artefacts of a story in which a person told it, and in 10 forms",
        scan.found.len(),
        scan.artefacts
    ));
    harness.end().await;
}
