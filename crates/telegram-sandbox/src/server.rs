//! The HTTP side: takes connections, runs Bot API calls, drops connections where a fault asks for it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Response, StatusCode, Uri, header};
use hyper::body::Incoming;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::api_error::ApiError;
use crate::faults::{self, FaultKind};
use crate::methods::{self, Answer};
use crate::params::Params;
use crate::shared::Shared;
use crate::{guard, request};

/// The longest poll, in seconds.
const LONGEST_POLL: i64 = 50;

pub(crate) struct Server {
    pub shared: Arc<Shared>,
    pub token: String,
    pub page: Option<Router>,
}

/// Ends the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the stand-in dropped the connection, as it was told to")]
pub(crate) struct Dropped;

type Reply = Result<Response<Body>, Dropped>;

/// Accepts connections until the task is aborted; they end with it.
pub(crate) async fn run(listener: TcpListener, server: Arc<Server>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    if !server.shared.lock().faults.down {
                        connections.spawn(connection(stream, server.clone()));
                    }
                }
                // Too many open files, say: wait a moment instead of spinning.
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(stream: TcpStream, server: Arc<Server>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let server = server.clone();
        async move { server.answer(request).await }
    });
    // A connection that breaks is the other side's business.
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

impl Server {
    async fn answer(&self, request: hyper::Request<Incoming>) -> Reply {
        if self.shared.lock().faults.down {
            return Err(Dropped);
        }
        if !guard::origin_is_local(request.headers()) {
            return Ok(plain(
                StatusCode::FORBIDDEN,
                "requests from other web pages are refused",
            ));
        }
        let path = request.uri().path();
        if let Some(rest) = path.strip_prefix("/bot") {
            return match rest.split_once('/') {
                Some((token, method)) => {
                    let (token, method) = (token.to_owned(), method.to_owned());
                    self.call(&token, &method, request.map(Body::new)).await
                }
                None => Ok(error(&ApiError::not_found(""))),
            };
        }
        if path.starts_with("/file/bot") {
            return Ok(self.file(request.uri()));
        }
        match &self.page {
            Some(page) => {
                let Ok(response) = TowerToHyperService::new(page.clone()).call(request).await;
                Ok(response)
            }
            None => Ok(error(&ApiError::not_found(""))),
        }
    }

    /// Checks a token: `None` if it is the right one.
    fn refused(&self, token: &str) -> Option<ApiError> {
        let decoded = crate::params::percent_decode(token);
        if decoded == self.token {
            return None;
        }
        let shaped = decoded.split_once(':').is_some_and(|(id, secret)| {
            !id.is_empty() && id.chars().all(|c| c.is_ascii_digit()) && !secret.is_empty()
        });
        Some(if shaped {
            ApiError::unauthorized()
        } else {
            ApiError::not_found("")
        })
    }

    async fn call(&self, token: &str, method: &str, request: Request) -> Reply {
        let refused = self.refused(token);
        let params = request::read(request).await;
        if let Some(refused) = refused {
            return Ok(error(&refused));
        }
        let Some(method) = methods::canonical(method.trim_end_matches('/')) else {
            tracing::warn!(method, "the stand-in has no such method");
            return Ok(error(&ApiError::not_found("method not found")));
        };
        let mut params = match params {
            Ok(params) => params,
            Err(refused) => return Ok(error(&refused)),
        };
        let fault = self.shared.lock().faults.draw(method);
        if let Some(reply) = self.before(method, fault.as_ref(), &mut params).await {
            return reply;
        }
        let answer = if method == "getUpdates" {
            self.get_updates(&params).await
        } else {
            self.run(method, &mut params)
        };
        self.after(fault, answer).await
    }

    /// Runs a method that does not wait.
    fn run(&self, method: &str, params: &mut Params) -> Answer {
        let mut world = self.shared.change();
        let files: Vec<(String, Value)> = params
            .files
            .iter()
            .map(|(part, upload)| (part.clone(), Value::String(format!("file {}", upload.name))))
            .collect();
        let answer = methods::call(&mut world, method, params);
        let mut noted = std::mem::take(&mut params.map);
        noted.extend(files);
        world.record(method, noted, answer.as_deref());
        answer
    }

    /// Faults that strike before the call; an answer here means that it is not processed.
    async fn before(
        &self,
        method: &str,
        fault: Option<&FaultKind>,
        params: &mut Params,
    ) -> Option<Reply> {
        if let Some(wait) = faults::wait(fault, false) {
            tokio::time::sleep(wait).await;
        }
        let struck = match fault? {
            FaultKind::Http500 => ApiError::internal(),
            FaultKind::TooMany { retry_after } => ApiError::too_many(*retry_after),
            FaultKind::ResetBefore => return Some(Err(Dropped)),
            _ => return None,
        };
        self.shared
            .change()
            .record(method, std::mem::take(&mut params.map), Err(&struck));
        Some(Ok(error(&struck)))
    }

    /// Faults that strike after the call.
    async fn after(&self, fault: Option<FaultKind>, answer: Answer) -> Reply {
        if let Some(wait) = faults::wait(fault.as_ref(), true) {
            tokio::time::sleep(wait).await;
        }
        if self.shared.lock().faults.down {
            return Err(Dropped);
        }
        match fault {
            Some(FaultKind::ResetAfter) => Err(Dropped),
            Some(FaultKind::Garbage) => Ok(json(
                StatusCode::OK,
                "<html>502 Bad Gateway</html>".to_owned(),
            )),
            _ => Ok(match answer {
                Ok(result) => json(
                    StatusCode::OK,
                    format!("{{\"ok\":true,\"result\":{result}}}"),
                ),
                Err(refused) => error(&refused),
            }),
        }
    }

    /// `getUpdates`: confirms, then waits for something to tell.
    async fn get_updates(&self, params: &Params) -> Answer {
        let limit =
            usize::try_from(params.integer("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
        let timeout = params
            .integer("timeout")
            .unwrap_or(0)
            .clamp(0, LONGEST_POLL)
            .unsigned_abs();
        let until = Instant::now() + Duration::from_secs(timeout);
        let poll = self.begin_poll(params)?;
        loop {
            // Registered before the look, so that nothing queued in between is missed.
            let woken = self.shared.queued.notified();
            {
                let mut world = self.shared.lock();
                if world.queue.poll != poll {
                    let cause = if world.webhook.is_some() {
                        "terminated by setWebhook request"
                    } else {
                        TERMINATED
                    };
                    return Err(ApiError::conflict(cause));
                }
                let now = world.clock.now();
                world.queue.prune(now);
                let (count, batch) = world.queue.batch(limit);
                if count > 0 || Instant::now() >= until || world.faults.down {
                    let noted = format!("[{count} updates]");
                    world.record("getUpdates", params.map.clone(), Ok(&noted));
                    return Ok(batch);
                }
            }
            let _ =
                tokio::time::timeout(until.saturating_duration_since(Instant::now()), woken).await;
        }
    }

    /// Confirms what the offset confirms and ends every older poll.
    fn begin_poll(&self, params: &Params) -> Result<u64, ApiError> {
        let mut world = self.shared.change();
        if world.webhook.is_some() {
            let refused = ApiError::conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            );
            world.record("getUpdates", params.map.clone(), Err(&refused));
            return Err(refused);
        }
        world.queue.allow(methods::allowed_updates(params));
        world.queue.confirm(params.integer("offset").unwrap_or(0));
        Ok(world.queue.new_poll())
    }

    fn file(&self, uri: &Uri) -> Response<Body> {
        let rest = uri.path().strip_prefix("/file/bot").unwrap_or_default();
        let Some((token, path)) = rest.split_once('/') else {
            return error(&ApiError::not_found(""));
        };
        if let Some(refused) = self.refused(token) {
            return error(&refused);
        }
        let world = self.shared.lock();
        let found = world
            .files
            .iter()
            .find(|(id, file)| methods::file_path(id, &file.name) == path);
        match found {
            Some((_, file)) => Response::builder()
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .body(Body::from(file.bytes.as_ref().clone()))
                .unwrap_or_default(),
            None => error(&ApiError::not_found("file not found")),
        }
    }
}

const TERMINATED: &str =
    "terminated by other getUpdates request; make sure that only one bot instance is running";

fn json(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(
        header::CONTENT_TYPE,
        header::HeaderValue::from_static("application/json"),
    );
    response
}

fn error(refused: &ApiError) -> Response<Body> {
    let mut response = json(
        StatusCode::from_u16(refused.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        refused.body(),
    );
    if let Some(seconds) = refused.retry_after {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// A short text.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
