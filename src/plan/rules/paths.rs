//! Paths of requests and files.

use super::Objection;

/// Checks the path of a request: below the connection's address, never another host.
pub(in crate::plan) fn request(path: &str) -> Result<(), Objection> {
    if path.starts_with("http://") && !is_loopback(path) {
        return Err((
            "plain http would show the request to the network",
            "put an https address into the connection's setting, and only the path here",
        ));
    }
    if path.contains("://") || path.starts_with("//") {
        return Err((
            "a request goes to its connection, not to an address in the plan",
            "give the path only, such as \"/health\"",
        ));
    }
    if !path.starts_with('/')
        || path
            .chars()
            .any(|letter| letter.is_whitespace() || letter.is_control())
    {
        return Err(("this is not the path of a request", "such as \"/health\""));
    }
    if path.split(['/', '?']).any(|part| part == "..") {
        return Err(("the path climbs up", "give it from the top"));
    }
    Ok(())
}

fn is_loopback(address: &str) -> bool {
    super::links::check(address).is_ok()
        && !address.contains(".internal")
        && !address.contains(".local")
}

/// Checks a path inside a folder connection.
pub(in crate::plan) fn inside_folder(path: &str) -> Result<(), Objection> {
    let outside = path.starts_with(['/', '~', '\\'])
        || path.get(1..2) == Some(":")
        || path.split(['/', '\\']).any(|part| part == "..");
    if outside {
        return Err((
            "the path leaves the folder",
            "give it from the connection's folder, without \"..\"",
        ));
    }
    if path.chars().any(char::is_control) {
        return Err(("the path holds a control character", "write it plainly"));
    }
    Ok(())
}
