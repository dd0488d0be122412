//! Keeps web pages from elsewhere away: only loopback hosts and pages of our own may talk to the stand-in.

use axum::http::{HeaderMap, header};

/// Whether a host (with or without a port) is this machine.
fn local(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    matches!(name, "127.0.0.1" | "localhost" | "::1")
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

/// Whether the `Origin`, if a browser sent one, is a page on the very host that is asked.
pub(crate) fn origin_is_local(headers: &HeaderMap) -> bool {
    let Some(origin) = text(headers, header::ORIGIN.as_str()) else {
        return true;
    };
    let host = origin.strip_prefix("http://").unwrap_or_default();
    local(host) && text(headers, header::HOST.as_str()) == Some(host)
}

/// Whether the request names a loopback host and comes from no other site; against DNS rebinding and forged posts.
pub(crate) fn request_is_local(headers: &HeaderMap) -> bool {
    let site =
        text(headers, "sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    text(headers, header::HOST.as_str()).is_some_and(local) && origin_is_local(headers) && site
}
