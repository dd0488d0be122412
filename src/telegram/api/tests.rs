//! The client against small servers that answer, misbehave or break off.

use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const CANARY: &str = "424242:CANARY-do-not-show-me_7";

/// What the little server does with one request.
#[derive(Clone, Copy)]
enum Manner {
    Answer(u16, &'static str),
    CloseUnread,
    CloseAfterReading,
    Hang,
    HalfBody,
}

/// A server that treats every request the same way.
async fn server(manner: Manner) -> Api {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 8192];
                if matches!(manner, Manner::CloseUnread) {
                    return;
                }
                let _ = stream.read(&mut buffer).await;
                let answer = match manner {
                    Manner::Answer(status, body) => format!(
                        "HTTP/1.1 {status} X\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    ),
                    Manner::HalfBody => {
                        "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"ok\":tr".to_owned()
                    }
                    Manner::Hang => return tokio::time::sleep(Duration::from_mins(1)).await,
                    Manner::CloseUnread | Manner::CloseAfterReading => return,
                };
                let _ = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    Api::new(&format!("http://{address}"), Secret::new(CANARY)).unwrap()
}

async fn error_of(manner: Manner) -> ApiError {
    let api = server(manner).await;
    api.call_within::<IgnoredAny>(
        "sendMessage",
        &json!({"chat_id": 1}),
        Duration::from_millis(300),
    )
    .await
    .unwrap_err()
}

#[tokio::test]
async fn errors_are_told_apart() {
    let refused = |code: u16, text: &'static str| async move {
        let body = format!(r#"{{"ok":false,"error_code":{code},"description":"{text}"}}"#);
        error_of(Manner::Answer(code, body.leak())).await
    };
    assert_eq!(refused(401, "Unauthorized").await, ApiError::Unauthorized);
    assert!(matches!(
        refused(404, "Not Found").await,
        ApiError::NotFound(_)
    ));
    let other = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
    assert!(matches!(
        refused(409, other).await,
        ApiError::Conflict { webhook: false, .. }
    ));
    let hook = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
    assert!(matches!(
        refused(409, hook).await,
        ApiError::Conflict { webhook: true, .. }
    ));
    assert!(matches!(
        refused(403, "Forbidden: bot was kicked from the group chat").await,
        ApiError::Forbidden(_)
    ));
    assert!(matches!(
        refused(400, "Bad Request: chat not found").await,
        ApiError::ChatGone(_)
    ));
    assert_eq!(
        refused(
            400,
            "Bad Request: message is not modified: specified new message…"
        )
        .await,
        ApiError::NotModified
    );
    assert!(matches!(
        refused(400, "Bad Request: can't parse entities: Unclosed start tag").await,
        ApiError::CantParse(_)
    ));
    assert!(matches!(
        refused(400, "Bad Request: message to be replied not found").await,
        ApiError::ReplyGone(_)
    ));
    assert!(matches!(
        refused(400, "Bad Request: message thread not found").await,
        ApiError::ThreadGone(_)
    ));
    assert!(matches!(
        refused(400, "Bad Request: TOPIC_CLOSED").await,
        ApiError::ThreadGone(_)
    ));
    assert!(matches!(
        refused(400, "Bad Request: message to edit not found").await,
        ApiError::MessageGone(_)
    ));
    assert!(matches!(
        refused(400, "Bad Request: message is too long").await,
        ApiError::TooLong(_)
    ));
    assert!(matches!(
        refused(400, "Bad Request: REACTION_INVALID").await,
        ApiError::ReactionRefused(_)
    ));
    assert!(matches!(
        refused(400, "Bad Request: not enough rights to create a topic").await,
        ApiError::NoRights(_)
    ));
    let old = "Bad Request: query is too old and response timeout expired or query ID is invalid";
    assert!(matches!(refused(400, old).await, ApiError::CallbackGone(_)));
    assert!(matches!(
        refused(400, "Bad Request: BUTTON_DATA_INVALID").await,
        ApiError::BadRequest(_)
    ));
    assert_eq!(
        refused(500, "Internal Server Error").await,
        ApiError::Server {
            code: 500,
            maybe_done: false
        }
    );
}

#[tokio::test]
async fn parameters_of_errors_are_read() {
    let wait = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
    assert_eq!(
        error_of(Manner::Answer(429, wait)).await,
        ApiError::RetryAfter(Duration::from_secs(7))
    );
    let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1001234567890}}"#;
    assert_eq!(
        error_of(Manner::Answer(400, moved)).await,
        ApiError::Migrated(-1_001_234_567_890)
    );
}

#[tokio::test]
async fn an_unknown_outcome_is_known_to_be_unknown() {
    assert!(error_of(Manner::CloseAfterReading).await.maybe_done());
    assert_eq!(
        error_of(Manner::Hang).await,
        ApiError::Timeout { maybe_done: true }
    );
    assert!(error_of(Manner::HalfBody).await.maybe_done());
    assert_eq!(
        error_of(Manner::Answer(200, "<html>hello</html>")).await,
        ApiError::Garbage { status: 200 }
    );
    assert!(ApiError::Garbage { status: 200 }.maybe_done());
    assert_eq!(
        error_of(Manner::Answer(502, "<html>Bad Gateway</html>")).await,
        ApiError::Server {
            code: 502,
            maybe_done: true
        }
    );
    let nobody = Api::new("http://127.0.0.1:1", Secret::new(CANARY)).unwrap();
    let error = nobody.get_me().await.unwrap_err();
    assert!(!error.maybe_done(), "{error}");
}

#[tokio::test]
async fn no_error_shows_the_token() {
    let echo: &'static str =
        format!(r#"{{"ok":false,"error_code":400,"description":"Bad Request: /bot{CANARY}/sendMessage is strange"}}"#).leak();
    let page: &'static str = format!("<html>/bot{CANARY}/</html>").leak();
    let mut seen = Vec::new();
    for manner in [
        Manner::Answer(400, echo),
        Manner::Answer(200, page),
        Manner::Answer(500, page),
        Manner::CloseUnread,
        Manner::CloseAfterReading,
        Manner::Hang,
        Manner::HalfBody,
    ] {
        let error = error_of(manner).await;
        seen.push(format!("{error} {error:?}"));
    }
    let nobody = Api::new("http://127.0.0.1:1", Secret::new(CANARY)).unwrap();
    let error = nobody.get_me().await.unwrap_err();
    seen.push(format!("{error} {error:?} {nobody:?}"));
    let nowhere = Api::new("http://no-such-host.invalid", Secret::new(CANARY)).unwrap();
    let error = nowhere.get_me().await.unwrap_err();
    seen.push(format!("{error} {error:?}"));
    for bad in [
        Api::new("ftp://x", Secret::new(CANARY)),
        Api::new("http://x", Secret::new("CANARY do not show me")),
    ] {
        let error = bad.unwrap_err();
        seen.push(format!("{error} {error:?}"));
    }
    for text in seen {
        assert!(!text.contains("CANARY"), "{text}");
    }
}

#[test]
fn a_wrong_address_or_token_is_one_clear_line() {
    let error = Api::new("api.telegram.org", Secret::new(CANARY)).unwrap_err();
    assert_eq!(
        error.to_string(),
        "TELOXIDE_API_URL is not an http:// or https:// address"
    );
    let error = Api::new(TELEGRAM, Secret::new("nonsense")).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("TELOXIDE_TOKEN does not look like a bot token")
    );
    assert_eq!(
        Api::new(TELEGRAM, Secret::new(CANARY)).unwrap().bot_id(),
        424_242
    );
}

/// Answers `getFile`, then gives the file as far as it is asked for.
async fn file_server(size: usize, sent: usize) -> Api {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut buffer = [0; 8192];
                let read = stream.read(&mut buffer).await.unwrap_or(0);
                let path = r#"{"ok":true,"result":{"file_path":"documents/x.bin"}}"#;
                let head = |length: usize| {
                    format!(
                        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
                    )
                };
                if buffer[..read].starts_with(b"POST") {
                    let answer = head(path.len()) + path;
                    let _ = stream.write_all(answer.as_bytes()).await;
                    return;
                }
                let _ = stream.write_all(head(size).as_bytes()).await;
                for _ in 0..sent / 1_000 {
                    if stream.write_all(&[b'x'; 1_000]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    Api::new(&format!("http://{address}"), Secret::new(CANARY)).unwrap()
}

#[tokio::test]
async fn a_download_comes_in_pieces_and_ends_when_the_taker_has_enough() {
    let mut taken = 0;
    let mut take = |piece: &[u8]| {
        taken += piece.len();
        Ok::<_, ()>(())
    };
    let api = file_server(300_000, 300_000).await;
    api.download("F", &mut take).await.unwrap();
    assert_eq!(taken, 300_000);

    let api = file_server(2_000_000_000, 2_000_000_000).await;
    let mut taken = 0;
    let enough = api.download("F", |piece| {
        taken += piece.len();
        if taken > 100_000 {
            Err("enough")
        } else {
            Ok(())
        }
    });
    assert!(matches!(enough.await, Err(Download::Taker("enough"))));
    assert!(taken < 10_000_000, "{taken}");

    let api = file_server(300_000, 100_000).await;
    let Err(Download::Telegram(error)) = api.download("F", |_| Ok::<_, ()>(())).await else {
        panic!("half a file is no file");
    };
    assert!(error.is_temporary(), "{error}");
    assert!(!error.to_string().contains("CANARY"), "{error}");
}
