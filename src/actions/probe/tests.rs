use std::net::TcpListener;
use std::sync::Arc;

use chrono::{DateTime, TimeZone as _, Utc};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use rustls::{RootCertStore, ServerConfig, ServerConnection, Stream};
use tokio::sync::watch;

use crate::actions::testing::{Answer, Bench, CANARY, Server, command, fact, file, http, seen};
use crate::actions::{Done, Execute as _, Generated, Live, Status};
use crate::clock::Clock;
use crate::incident::StepFact;
use crate::plan::{Action, Check, FileOperation, HttpMethod, Probe};

fn probe(check: Check) -> Probe {
    Probe {
        id: "p".to_owned(),
        name: "P".to_owned(),
        check,
        timeout_seconds: 20,
        by_hand: Some("Look at it.".to_owned()),
    }
}

async fn check(bench: &mut Bench, check: Check) -> Done {
    bench.plan.probes = vec![probe(check)];
    bench
        .run(Action::Probe {
            probe: "p".to_owned(),
        })
        .await
}

#[tokio::test]
async fn a_port_accepts_connections_or_not() {
    let mut bench = Bench::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let tcp = |port| Check::Tcp {
        connection: "host".to_owned(),
        port,
    };
    assert_eq!(check(&mut bench, tcp(port)).await.status, Status::Succeeded);
    assert_eq!(check(&mut bench, tcp(1)).await.status, Status::Failed);
    bench.env.remove("T_HOST");
    let done = check(&mut bench, tcp(port)).await;
    assert_eq!(
        (done.status, fact(&done)),
        (
            Status::ByHand,
            (
                &StepFact::NotSetUp {
                    missing: vec!["T_HOST".to_owned()]
                },
                "Look at it."
            )
        )
    );
}

#[tokio::test]
async fn every_kind_of_check() {
    let mut bench = Bench::new();
    let server = Server::start(Answer {
        status: 200,
        body: format!("fine {CANARY}").into_bytes(),
        ..Answer::default()
    })
    .await;
    bench.set("T_APP", server.url());
    let mut request = http(HttpMethod::Post, "/signin");
    request.expect_body = Some("fine".to_owned());
    for (action, status) in [
        (Action::Http(request), Status::Succeeded),
        (Action::Http(http(HttpMethod::Get, "/")), Status::Succeeded),
        (Action::Command(command(&["true"])), Status::Succeeded),
        (Action::Command(command(&["false"])), Status::Failed),
        (
            file(FileOperation::Absent, "MAINTENANCE", None),
            Status::Succeeded,
        ),
        (
            file(FileOperation::Exists, "MAINTENANCE", None),
            Status::Failed,
        ),
        (
            file(FileOperation::Write, "MAINTENANCE", Some("x")),
            Status::Failed,
        ),
        (
            Action::Manual {
                text: "Look".to_owned(),
                link: None,
            },
            Status::ByHand,
        ),
        (
            Action::Probe {
                probe: "p".to_owned(),
            },
            Status::Failed,
        ),
    ] {
        let done = check(&mut bench, Check::Action(action.clone())).await;
        assert_eq!(done.status, status, "{action:?}: {}", done.summary);
    }
    assert!(!bench.home().join("MAINTENANCE").exists());
    let done = bench
        .run(Action::Probe {
            probe: "unknown".to_owned(),
        })
        .await;
    assert_eq!(done.summary, "the plan has no check unknown");
}

/// A server with a certificate for localhost, good until 24 November 2027.
fn tls_server() -> u16 {
    let certificate = CertificateDer::from(include_bytes!("testdata/certificate.der").to_vec());
    let key = PrivatePkcs8KeyDer::from(include_bytes!("testdata/key.der").to_vec());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            use std::io::{Read as _, Write as _};
            let mut socket = socket.unwrap();
            let mut connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = Stream::new(&mut connection, &mut socket);
            let mut buffer = [0; 4096];
            if stream.read(&mut buffer).is_ok() {
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
            }
        }
    });
    port
}

async fn certificate(host: &str, now: DateTime<Utc>, days: u32, trusted: bool) -> Done {
    let mut bench = Bench::new();
    bench.set("T_APP", format!("https://{host}:{}", tls_server()));
    bench.plan.probes = vec![probe(Check::Certificate {
        connection: "app".to_owned(),
        days,
    })];
    let generated = Generated::new(bench.folder.path());
    let mut live = Live::new(bench.targets(), generated, Clock::test(now));
    if trusted {
        let mut roots = RootCertStore::empty();
        let authority = CertificateDer::from(include_bytes!("testdata/authority.der").to_vec());
        roots.add(authority).unwrap();
        live = live.with_roots(roots);
    }
    let (_hold, stop) = watch::channel(false);
    let job = bench.job(Action::Probe {
        probe: "p".to_owned(),
    });
    seen(live.execute(job, stop).await)
}

#[tokio::test]
async fn a_certificate_stays_good_for_a_while_or_not() {
    let day = |year, month, day| Utc.with_ymd_and_hms(year, month, day, 12, 0, 0).unwrap();
    let good = || Some(StepFact::CertificateGood { days: 14 });
    let ends = |left| {
        let day = chrono::NaiveDate::from_ymd_opt(2027, 11, 24).unwrap();
        Some(StepFact::CertificateEnds { left, day })
    };
    for (host, now, days, trusted, status, fact, summary) in [
        (
            "localhost",
            day(2027, 1, 1),
            14,
            true,
            Status::Succeeded,
            good(),
            "",
        ),
        (
            "127.0.0.1",
            day(2027, 1, 1),
            14,
            true,
            Status::Succeeded,
            good(),
            "",
        ),
        (
            "localhost",
            day(2027, 11, 20),
            14,
            true,
            Status::Failed,
            ends(4),
            "",
        ),
        (
            "localhost",
            day(2028, 1, 1),
            14,
            true,
            Status::Failed,
            ends(-1),
            "",
        ),
        (
            "localhost",
            day(2027, 1, 1),
            14,
            false,
            Status::Failed,
            None,
            "invalid peer certificate: UnknownIssuer",
        ),
    ] {
        let done = certificate(host, now, days, trusted).await;
        assert_eq!(
            (done.status, done.fact, done.summary.as_str()),
            (status, fact, summary)
        );
    }
}
