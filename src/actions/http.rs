//! Requests below a connection's address.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Client, Method, Response, Url};
use tokio::sync::watch;
use tokio::time::Instant;

use super::addresses::{self, Checked};
use super::frame::{Frame, Waited, millis, until};
use super::output::{Keep, Keeper, Why};
use super::template::{Place, holds_secret};
use super::{Done, Status};
use crate::incident::StepFact;
use crate::incident::saga::{Closed, Cut, Wanted};
use crate::plan::{HttpMethod, HttpRequest};

/// Who does not answer a call by then does not answer.
const CONNECT: Duration = Duration::from_secs(10);

/// Sends the request and reads the answer.
pub(super) async fn send(
    request: &HttpRequest,
    frame: &Frame<'_>,
    keep: Keep,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    let deadline = frame.deadline();
    let prepared = match until(deadline, stop, prepare(request, frame)).await {
        Waited::Came(Ok(prepared)) => prepared,
        Waited::Came(Err(why)) => return Done::failed(why),
        Waited::Late => {
            return Done::failed(StepFact::Address {
                host: frame.target().name.clone(),
                why: Closed::Late,
            });
        }
        Waited::Stopped => return Done::failed(StepFact::NotBegun),
    };
    let unsure = if is_safe(request.method) {
        Status::Failed
    } else {
        Status::Unknown
    };
    let answer = match until(deadline, stop, prepared.request.send()).await {
        Waited::Came(Ok(answer)) => answer,
        Waited::Came(Err(error)) => return not_sent(error, unsure),
        Waited::Late => {
            let millis = millis(frame.limit);
            return Done::new(unsure, StepFact::NoAnswer { millis });
        }
        Waited::Stopped => return Done::new(unsure, StepFact::CutOff),
    };
    judge(request, frame, &prepared.base, answer, keep, deadline, stop).await
}

/// A request that can leave.
struct Prepared {
    base: Url,
    request: reqwest::RequestBuilder,
}

async fn prepare(request: &HttpRequest, frame: &Frame<'_>) -> Result<Prepared, Why> {
    let target = frame.target();
    let variable = &target.variable;
    let base = Url::parse(target.address.expose())
        .ok()
        .filter(|it| matches!(it.scheme(), "http" | "https") && it.has_host())
        .ok_or_else(|| StepFact::BadAddress {
            variable: variable.clone(),
            wanted: Wanted::Http,
        })?;
    let path = frame.filler.fill(&request.path, Place::Url)?;
    let url = below(&base, &path)?;
    let checked = addresses::check(&url, frame.names, &target.networks, variable).await?;
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let (name, value) = header(name, value, frame)?;
        headers.insert(name, value);
    }
    let mut built = client(&checked)?
        .request(method(request.method), url)
        .headers(headers.clone());
    if let Some(body) = &request.body {
        let kind = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let place = body_place(body, kind);
        if kind.is_none() && place == Place::Json {
            built = built.header(CONTENT_TYPE, "application/json");
        }
        built = built.body(fill_body(body, place, frame)?);
    }
    Ok(Prepared {
        base,
        request: built,
    })
}

/// The address of a path below the base, and nowhere else.
fn below(base: &Url, path: &str) -> Result<Url, StepFact> {
    let mut stem = base.clone();
    stem.set_query(None);
    stem.set_fragment(None);
    let joined = format!("{}{path}", stem.as_str().trim_end_matches('/'));
    let url = Url::parse(&joined).map_err(|_| StepFact::BadPath)?;
    let stays = url.origin() == base.origin()
        && url.path().starts_with(stem.path().trim_end_matches('/'))
        && path.starts_with('/');
    let climbs = path.split(['/', '?', '#', '\\']).any(|part| {
        let part = part.to_ascii_lowercase().replace("%2e", ".");
        part == ".." || part == "."
    });
    if stays && !climbs {
        Ok(url)
    } else {
        Err(StepFact::BadPath)
    }
}

fn header(name: &str, value: &str, frame: &Frame<'_>) -> Result<(HeaderName, HeaderValue), Why> {
    let wrong = || StepFact::BadHeader {
        name: name.to_owned(),
    };
    let filled = frame.filler.fill(value, Place::Header)?;
    let mut ready = HeaderValue::from_str(&filled).map_err(|_| wrong())?;
    ready.set_sensitive(holds_secret(value));
    let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
    Ok((name, ready))
}

fn body_place(body: &str, kind: Option<&str>) -> Place {
    match kind {
        Some(kind) if kind.contains("json") => Place::Json,
        Some(kind) if kind.contains("x-www-form-urlencoded") => Place::Url,
        None if body.trim_start().starts_with(['{', '[']) => Place::Json,
        _ => Place::Text,
    }
}

/// A form may hold secrets, as any body may; a path may not.
fn fill_body(body: &str, place: Place, frame: &Frame<'_>) -> Result<String, String> {
    if place == Place::Url {
        frame.filler.fill(body, Place::Form)
    } else {
        frame.filler.fill(body, place)
    }
}

/// A client for this one request: no proxy, no redirects, only to the addresses that were checked.
fn client(checked: &Checked) -> Result<Client, String> {
    let mut client = Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .user_agent("breakglass")
        .pool_max_idle_per_host(0);
    if let Some(name) = &checked.name {
        client = client.resolve_to_addrs(name, &checked.addresses);
    }
    client
        .build()
        .map_err(|error| format!("no client: {error}"))
}

fn method(method: HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Delete => Method::DELETE,
    }
}

fn is_safe(method: HttpMethod) -> bool {
    matches!(method, HttpMethod::Get | HttpMethod::Head)
}

/// What an error says, without the address: its path may be long, and the connection is known.
fn not_sent(error: reqwest::Error, unsure: Status) -> Done {
    let begun = !(error.is_connect() || error.is_builder());
    let error = error.without_url();
    let mut why = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(inner) = source {
        why = format!("{why}: {inner}");
        source = inner.source();
    }
    if begun {
        Done::new(unsure, Why::with(StepFact::NoWholeAnswer, why))
    } else {
        Done::failed(Why::with(StepFact::NotReachable, why))
    }
}

/// Reads the answer and holds it against what is expected.
async fn judge(
    request: &HttpRequest,
    frame: &Frame<'_>,
    base: &Url,
    mut answer: Response,
    keep: Keep,
    deadline: Instant,
    stop: &mut watch::Receiver<bool>,
) -> Done {
    let status = answer.status().as_u16();
    let elsewhere = leads_elsewhere(&answer, base);
    let mut keeper = Keeper::new(&frame.redactor, keep);
    let mut search = Search::new(request.expect_body.as_deref());
    let read = async {
        while let Some(chunk) = answer.chunk().await? {
            keeper.take(&chunk);
            search.take(&chunk);
        }
        Ok::<(), reqwest::Error>(())
    };
    let cut = match until(deadline, stop, read).await {
        Waited::Came(Ok(())) => None,
        Waited::Came(Err(_)) => Some(Cut::BrokeOff),
        Waited::Late => Some(Cut::Late {
            millis: millis(frame.limit),
        }),
        Waited::Stopped => Some(Cut::Stopped),
    };
    let expected = request.expect_status.contains(&status);
    let gateway = matches!(status, 502 | 504) && !is_safe(request.method);
    let (how, fact) = if let Some(elsewhere) = elsewhere {
        (Status::Failed, elsewhere)
    } else if !expected && gateway {
        (Status::Unknown, StepFact::Gateway { status })
    } else if !expected {
        let expected = request.expect_status.clone();
        (Status::Failed, StepFact::Unexpected { status, expected })
    } else if search.found {
        let enough = !is_safe(request.method) && request.expect_body.is_none();
        let (how, cut) = match cut {
            Some(_) if enough => (Status::Succeeded, Some(Cut::Rest)),
            Some(cut) => (Status::Unknown, Some(cut)),
            None => (Status::Succeeded, None),
        };
        (how, StepFact::Answered { status, cut })
    } else {
        (Status::Failed, StepFact::WithoutText { status })
    };
    Done::new(how, fact)
        .with_code(status)
        .with_output(keeper.finish())
}

/// That an answer sends to another host, if it does.
fn leads_elsewhere(answer: &Response, base: &Url) -> Option<StepFact> {
    if !answer.status().is_redirection() {
        return None;
    }
    let location = answer.headers().get(LOCATION)?;
    let status = answer.status().as_u16();
    let to = location.to_str().ok();
    let host = match to.map(|text| answer.url().join(text)) {
        Some(Ok(url)) if url.origin() == base.origin() => return None,
        Some(Ok(url)) => url.host_str().map(str::to_owned),
        Some(Err(_)) | None => None,
    };
    Some(StepFact::Elsewhere { status, host })
}

/// Looks for a text in what comes in chunks.
struct Search {
    wanted: Vec<u8>,
    tail: Vec<u8>,
    found: bool,
}

impl Search {
    fn new(wanted: Option<&str>) -> Self {
        let wanted = wanted.unwrap_or_default().as_bytes().to_vec();
        Self {
            found: wanted.is_empty(),
            wanted,
            tail: Vec::new(),
        }
    }

    fn take(&mut self, chunk: &[u8]) {
        if self.found {
            return;
        }
        self.tail.extend_from_slice(chunk);
        self.found = self
            .tail
            .windows(self.wanted.len())
            .any(|window| window == self.wanted);
        let keep = self.wanted.len() - 1;
        self.tail.drain(..self.tail.len().saturating_sub(keep));
    }
}

#[cfg(test)]
mod ready_made;
#[cfg(test)]
mod tests;
