//! Targets that tell everything, hang, flood and lead astray: each is bounded, refused, reported, and shows no secret.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use breakglass::plan;

use super::{secret, settle};
use crate::harness::{Harness, Stage};

const PATIENCE: Duration = Duration::from_mins(2);

/// What is added to the shipped plan.
const TABLES: &str = include_str!("leaky.toml");

/// With letters that every coding writes in another way.
fn password() -> String {
    let plain = secret("program");
    format!("{}\"/%+&{}", &plain[..18], &plain[18..])
}

/// A service that repeats what it was told, in its headers and in its body.
async fn service() -> std::net::SocketAddr {
    let echo = async |headers: HeaderMap, body: String| -> Response {
        let bearer = headers["authorization"].to_str().unwrap().to_owned();
        let token = secret("service");
        let told = format!(
            "{bearer} {body} {} {}",
            STANDARD.encode(format!("user:{body}")),
            body.to_uppercase().to_lowercase(),
        );
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            [("x-token", token)],
            told,
        )
            .into_response()
    };
    let moved = async || {
        let token = secret("service");
        let place = format!("https://{token}.elsewhere.example/?token={token}");
        (StatusCode::FOUND, [("location", place)]).into_response()
    };
    let flood = async || {
        let mut all = secret("service").into_bytes();
        all.resize(100_000_000, b'.');
        all
    };
    let hang = async || std::future::pending::<String>().await;
    let router = Router::new()
        .route("/echo", any(echo))
        .route("/moved", any(moved))
        .route("/flood", any(flood))
        .route("/hang", any(hang));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    address
}

/// Programs that tell what they know.
fn programs(folder: &Path) {
    let tell = "printf '%s\\n' \"$LEAKY_TOKEN\" \"$LEAKY_PASSWORD\" \"$LEAKY_OWN_KEY\"
printf '%s' \"$LEAKY_PASSWORD\" | base64
printf 'user:%s' \"$LEAKY_TOKEN\" | base64
printf '%s' \"$LEAKY_TOKEN\" | od -An -tx1 | tr -d ' \\n'
";
    let all = [
        (
            "leaky-fail",
            format!("{tell}echo \"refused: $LEAKY_PASSWORD\" >&2\nexit 3\n"),
        ),
        ("leaky-tell", format!("{tell}({tell}) >&2\n")),
        ("leaky-last", format!("{tell}cat >&2\nexit 4\n")),
        (
            "leaky-hang",
            "trap '' TERM\necho \"holding $LEAKY_TOKEN\"\nwhile :; do sleep 1; done\n".to_owned(),
        ),
        (
            "leaky-flood",
            "head -c 100000000 /dev/zero | tr '\\0' .\necho \"$LEAKY_TOKEN\"\n".to_owned(),
        ),
    ];
    for (name, text) in all {
        let file = folder.join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{text}")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_that_tell_everything_tell_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().to_owned();
    programs(&home);
    let plans = home.join("plans");
    std::fs::create_dir(&plans).unwrap();
    let source = format!("{}\n{TABLES}", plan::default_source());
    std::fs::write(plans.join("tars.toml"), source).unwrap();
    std::fs::write(home.join("app.log"), format!("login {}\n", password())).unwrap();
    let address = service().await;
    let path = format!("{}:{}", home.display(), std::env::var("PATH").unwrap());
    let targets = move |name: &str| {
        Some(match name {
            "LEAKY_URL" | "LEAKY_PINNED_URL" => format!("http://{address}"),
            "LEAKY_NAME_URL" => format!("http://localhost:{}", address.port()),
            "LEAKY_PINNED_URL_NETWORKS" | "LEAKY_NAME_URL_NETWORKS" => "10.0.0.0/8".to_owned(),
            "LEAKY_METADATA_URL" => "http://169.254.169.254".to_owned(),
            "LEAKY_DATABASE_URL" => {
                format!("sqlite://{}?mode=rwc", home.join("leaky.db").display())
            }
            "LEAKY_FAR_URL" => format!("postgres://app:{}@127.0.0.1:1/app", secret("database")),
            "LEAKY_HOST" => "localhost".to_owned(),
            "LEAKY_HOME" => home.display().to_string(),
            "LEAKY_TOKEN" => secret("service"),
            "LEAKY_PASSWORD" => password(),
            "LEAKY_OWN_KEY" => secret("environment"),
            "PATH" => path.clone(),
            _ => return None,
        })
    };
    // The app's database is made by whoever runs the app: an empty file is one.
    std::fs::write(folder.path().join("leaky.db"), b"").unwrap();
    let mut harness = Harness::with(Stage {
        targets: Some(Arc::new(targets)),
        plans: Some(plans),
        ..Stage::default()
    })
    .await;
    let room = harness.chat("War room");
    let olivia = room.as_user("Olivia");
    olivia
        .says("/declare P1 targets that tell everything")
        .await;
    olivia.says("/run leak").await;
    let request = room.message("R1").message_id;
    olivia.presses_on(request, "Yes, go on").await;
    let ended = harness.control.wait_until(PATIENCE, |control| {
        let all = control.transcript(room.id());
        let run = all.iter().find(|it| it.text.contains("Run 1 · Leak · SEC"));
        run.is_some_and(|it| !it.text.contains('⬜') && !it.text.contains('⏳'))
    });
    let ended = ended.await;
    assert!(ended, "{}", room.transcript_tail(3));
    harness.quiet().await;
    insta::assert_snapshot!(room.message("Run 1 · Leak · SEC-2026-001").text, @"
    ❓ Run 1 · Leak · SEC-2026-001
    Olivia Owner · 14:00 UTC
    ❌ 1 A program fails and says why: leaky-fail ended with 3: [secret]refused: [secret]
    ❌ 2 A program repeats its input last: leaky-last ended with 4: [secret]
    ❓ 3 A program ignores being told to end: leaky-hang was stopped after 1 s: holding [secret]
    ✅ 4 A program floods
    ❌ 5 A service repeats everything: answered 500, expected 200
    ❌ 6 A service sends elsewhere: 302: it redirects to another host, [secret].elsewhere.example
    ✅ 7 A service floods
    ❌ 8 A service hangs: no answer within 1 s
    ❌ 9 An address outside of its networks: 127.0.0.1 leads to 127.0.0.1, outside of LEAKY_PINNED_URL_NETWORKS
    ❌ 10 A name outside of its networks: localhost leads to 127.0.0.1, outside of LEAKY_NAME_URL_NETWORKS
    ❌ 11 The cloud's credentials: 169.254.169.254 leads to 169.254.169.254, where no request may go
    ❌ 12 A database complains about a value: bad JSON path: '[secret]'
    ❌ 13 A database repeats a value: 1 rows, expected at least 2
    ❌ 14 A database is not there: A database that is not there: Connection refused (os error 111)
    ❌ 15 All of it becomes evidence: 4 pieces kept, 2 not: leaky_failure: leaky-fail ended with 3: refused: [secret]
    Waits for a decision about step 3: the buttons, or /step 1 3 done, retry, skip, undo.
    ");
    for command in ["/timeline", "/status", "/audit", "/report", "/export"] {
        olivia.says(command).await;
    }
    // What was told is kept, without the secrets.
    let kept: Vec<String> = harness
        .files()
        .iter()
        .filter(|it| it.display().to_string().contains("/evidence/SEC-2026-001/"))
        .map(|it| String::from_utf8_lossy(&std::fs::read(it).unwrap()).into_owned())
        .collect();
    let marks: usize = kept.iter().map(|it| it.matches("[secret]").count()).sum();
    assert!(marks >= 15, "{marks} marks in {} files", kept.len());
    // Both floods were counted to their end, and next to nothing of them is kept anywhere.
    let stream = harness
        .house()
        .ledger()
        .stream("incident/SEC-2026-001")
        .await;
    let events = stream.unwrap();
    let flooded = events
        .iter()
        .filter(|it| it.body.contains("\"output_bytes\":1000000"));
    assert_eq!(flooded.count(), 2);
    let size: u64 = harness
        .files()
        .iter()
        .map(|it| it.metadata().unwrap().len())
        .sum();
    assert!(size < 10_000_000, "{size} bytes are kept");
    harness.stop_bot().await;
    let scan = harness.scan().await;
    settle(&scan, true);
    harness.end().await;
}
