use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use reqwest::Url;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::watch;

use super::below;
use crate::actions::testing::{Answer, Bench, CANARY, Server, fact, http, seen, text};
use crate::actions::{Execute as _, Names, Status};
use crate::incident::StepFact;
use crate::incident::saga::Closed;
use crate::plan::{Action, HttpMethod};

#[tokio::test]
async fn a_request_carries_what_the_plan_says() {
    let server = Server::answering(201, &format!("made, token {CANARY}")).await;
    let mut bench = Bench::new();
    bench.set("T_APP", format!("{}/api/", server.url()));
    bench.param("who", "a\"b");
    let mut request = http(
        HttpMethod::Post,
        "/v1/${setting.T_PROJECT}/pause?team=${param.who}",
    );
    request
        .headers
        .insert("Authorization".into(), "Bearer ${secret.T_TOKEN}".into());
    request.body = Some("{\"who\":\"${param.who}\",\"on\":true}".to_owned());
    request.expect_status = vec![200, 201];
    request.expect_body = Some("made, token".to_owned());
    let done = bench.run(Action::Http(request)).await;
    assert_eq!((done.status, done.code), (Status::Succeeded, Some(201)));
    assert_eq!(text(&done), "made, token [secret]");
    let arrived = server.arrived();
    assert_eq!(arrived.len(), 1);
    let it = &arrived[0];
    assert_eq!(
        (it.method.as_str(), it.path.as_str()),
        ("POST", "/api/v1/prj%201%2F2/pause?team=a%22b")
    );
    assert_eq!(it.headers["authorization"], format!("Bearer {CANARY}"));
    assert_eq!(it.headers["content-type"], "application/json");
    assert_eq!(it.body, "{\"who\":\"a\\\"b\",\"on\":true}");
}

#[tokio::test]
async fn what_is_answered_decides() {
    for (status, body, wanted, how) in [
        (200, "all is well", Some("is well"), Status::Succeeded),
        (200, "all is bad", Some("is well"), Status::Failed),
        (500, "oh", None, Status::Failed),
        (504, "later", None, Status::Unknown),
    ] {
        let server = Server::answering(status, body).await;
        let mut bench = Bench::new();
        bench.set("T_APP", server.url());
        let mut request = http(HttpMethod::Post, "/");
        request.expect_body = wanted.map(str::to_owned);
        let done = bench.run(Action::Http(request)).await;
        assert_eq!(
            (done.status, done.code),
            (how, Some(i64::from(status))),
            "{}",
            done.summary
        );
    }
}

#[tokio::test]
async fn a_redirect_is_never_followed() {
    let other = Server::answering(200, "").await;
    let elsewhere = |host: &str| StepFact::Elsewhere {
        status: 302,
        host: Some(host.to_owned()),
    };
    for (to, came) in [
        (
            format!("http://evil.example:{}/x", other.address.port()),
            elsewhere("evil.example"),
        ),
        (other.url(), elsewhere("127.0.0.1")),
        ("//evil.example/".to_owned(), elsewhere("evil.example")),
        (
            "/login".to_owned(),
            StepFact::Answered {
                status: 302,
                cut: None,
            },
        ),
    ] {
        let server = Server::start(Answer {
            status: 302,
            headers: vec![("location", to)],
            ..Answer::default()
        })
        .await;
        let mut bench = Bench::new();
        bench.set("T_APP", server.url());
        let mut request = http(HttpMethod::Get, "/");
        request
            .headers
            .insert("Authorization".into(), "${secret.T_TOKEN}".into());
        request.expect_status = vec![200, 302];
        let done = bench.run(Action::Http(request)).await;
        assert_eq!(fact(&done), (&came, ""));
        assert_eq!(
            done.status == Status::Failed,
            matches!(came, StepFact::Elsewhere { .. })
        );
        assert_eq!(server.arrived().len(), 1);
    }
    assert!(other.arrived().is_empty());
}

#[tokio::test]
async fn names_that_lead_to_credentials_are_refused() {
    for (ip, never) in [
        ("169.254.169.254", true),
        ("fd00:ec2::254", true),
        ("10.0.0.7", false),
        ("127.0.0.1", false),
    ] {
        let server = Server::answering(200, "").await;
        let mut bench = Bench::new();
        bench.names = Names::Fixed([("app.example".to_owned(), vec![ip.parse().unwrap()])].into());
        bench.set(
            "T_APP",
            format!("http://app.example:{}", server.address.port()),
        );
        let done = bench.run(Action::Http(http(HttpMethod::Post, "/"))).await;
        assert_eq!(done.status, Status::Failed);
        let (host, ip) = ("app.example".to_owned(), ip.parse().unwrap());
        let variable = "T_APP".to_owned();
        let why = if never {
            Closed::Never { ip }
        } else {
            Closed::Private { ip, variable }
        };
        assert_eq!(fact(&done).0, &StepFact::Address { host, why });
        assert!(server.arrived().is_empty());
    }
}

#[tokio::test]
async fn the_connection_goes_to_the_address_that_was_checked() {
    let server = Server::answering(200, "").await;
    let mut bench = Bench::new();
    // No resolver but ours knows this name.
    bench.names = Names::Fixed([("app.invalid".to_owned(), vec![[127, 0, 0, 1].into()])].into());
    bench.set(
        "T_APP",
        format!("http://app.invalid:{}", server.address.port()),
    );
    bench.set("T_APP_NETWORKS", "127.0.0.0/8");
    let done = bench.run(Action::Http(http(HttpMethod::Get, "/"))).await;
    assert_eq!(done.status, Status::Succeeded, "{}", done.summary);
    assert_eq!(
        server.arrived()[0].headers["host"],
        format!("app.invalid:{}", server.address.port())
    );
}

/// A server that reads a request and then does what it is told: sends `begin`, then nothing more or an end. It counts.
async fn rude(begin: &'static [u8], hangs: bool) -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(AtomicUsize::new(0));
    let count = seen.clone();
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let count = count.clone();
            tokio::spawn(async move {
                let mut buffer = [0; 4096];
                let _ = socket.read(&mut buffer).await;
                count.fetch_add(1, Ordering::SeqCst);
                let _ = socket.write_all(begin).await;
                if hangs {
                    std::future::pending::<()>().await;
                }
            });
        }
    });
    (format!("http://{address}"), seen)
}

#[tokio::test]
async fn who_does_not_answer_leaves_it_unknown() {
    let mut bench = Bench::new();
    for (begin, hangs, writing) in [
        (&b""[..], true, Status::Unknown),
        (b"", false, Status::Unknown),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
            false,
            Status::Succeeded,
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc",
            true,
            Status::Succeeded,
        ),
        (
            b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
            false,
            Status::Failed,
        ),
    ] {
        bench.timeout = if hangs { 3 } else { 60 };
        bench.set("T_APP", rude(begin, hangs).await.0);
        let done = bench.run(Action::Http(http(HttpMethod::Post, "/"))).await;
        assert_eq!(done.status, writing, "{}", done.summary);
        let done = bench.run(Action::Http(http(HttpMethod::Get, "/"))).await;
        assert_ne!(done.status, Status::Succeeded, "{}", done.summary);
    }
    // Nobody listens: nothing can have happened.
    bench.set("T_APP", "http://127.0.0.1:1");
    let done = bench.run(Action::Http(http(HttpMethod::Post, "/"))).await;
    assert_eq!(done.status, Status::Failed, "{}", done.summary);
}

#[tokio::test]
async fn it_can_be_stopped() {
    let mut bench = Bench::new();
    let (url, count) = rude(b"", true).await;
    bench.set("T_APP", url);
    let (tell, stop) = watch::channel(false);
    let job = bench.job(Action::Http(http(HttpMethod::Post, "/")));
    let live = bench.live();
    let run = tokio::spawn(async move { live.execute(job, stop).await });
    while count.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    tell.send(true).unwrap();
    assert_eq!(seen(run.await.unwrap()).status, Status::Unknown);
}

#[tokio::test]
async fn a_flood_is_cut_and_counted() {
    let server = Server::start(Answer {
        status: 200,
        body: vec![b'x'; 5_000_000],
        ..Answer::default()
    })
    .await;
    let mut bench = Bench::new();
    bench.set("T_APP", server.url());
    let done = bench.run(Action::Http(http(HttpMethod::Get, "/"))).await;
    let output = done.output.unwrap();
    assert_eq!(
        (done.status, output.total, output.kept.len()),
        (Status::Succeeded, 5_000_000, 65536)
    );
}

#[test]
fn paths_stay_below_the_base() {
    let base: Url = "https://api.example/v1".parse().unwrap();
    assert_eq!(
        below(&base, "/a?b=../c").unwrap().as_str(),
        "https://api.example/v1/a?b=../c"
    );
    for path in [
        "/../x",
        "/a/%2E%2e/x",
        "/.",
        "x",
        "@evil.example/",
        ".evil.example/",
        ":8080/",
        "/a/..%2f",
    ] {
        let made = below(&base, path).map(|it| it.to_string());
        assert!(made.is_err() || path == "/a/..%2f", "{path}: {made:?}");
    }
}

proptest! {
    #[test]
    fn no_path_leads_elsewhere(path in "[/a-z.@:?#%2eEfF\\\\-]{0,24}") {
        let base: Url = "https://api.example/v1".parse().unwrap();
        if let Ok(url) = below(&base, &path) {
            prop_assert_eq!(url.host_str(), Some("api.example"));
            prop_assert!(url.path().starts_with("/v1"));
        }
    }
}
