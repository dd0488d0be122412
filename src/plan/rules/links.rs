//! Addresses of documents that people open.

use super::Objection;

/// Checks an address: https, a mail address, or a path inside the team's repository. Plain http
/// only where it does not leave the house.
pub(in crate::plan) fn check(link: &str) -> Result<(), Objection> {
    if link
        .chars()
        .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return Err(("holds a blank", "write it as one address"));
    }
    if let Some(rest) = link.strip_prefix("https://") {
        return if host(rest).is_empty() {
            Err(("has no host", "such as https://example.org/"))
        } else {
            Ok(())
        };
    }
    if let Some(rest) = link.strip_prefix("http://") {
        return if stays_inside(host(rest)) {
            Ok(())
        } else {
            Err(("is plain http to a host outside", "use https"))
        };
    }
    if link.starts_with("mailto:") {
        return Ok(());
    }
    let scheme = link.split(['/', '.']).next().unwrap_or_default();
    if scheme.contains(':') {
        return Err((
            "is no address that a chat can open",
            "use https, mailto or a relative path",
        ));
    }
    if link.starts_with('/') || link.split('/').any(|part| part == "..") {
        return Err(("is no relative path", "such as \"runbooks/DEPLOYMENT.md\""));
    }
    Ok(())
}

fn host(rest: &str) -> &str {
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some(inner) = authority.strip_prefix('[') {
        return inner.split(']').next().unwrap_or_default();
    }
    authority.split(':').next().unwrap_or_default()
}

/// Loopback and names that exist inside a network only.
fn stays_inside(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    matches!(host.as_str(), "localhost" | "::1")
        || host
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
        || [".internal", ".local", ".localhost"]
            .iter()
            .any(|ending| host.ends_with(ending))
}
