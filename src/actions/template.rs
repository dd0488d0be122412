//! `${…}` in the values of steps. Each is put in as data for the place where it stands; what was put in is not read again.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::Values;
use super::targets::Target;
use crate::plan::{Action, CommandCall, FileChange, HttpRequest, SqlCall};
use crate::secret::Secret;

/// Everything but what a path or query may hold without a meaning.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A bound parameter, standard input, the content of a file, a body of plain text.
    Text,
    /// One line: a header.
    Header,
    /// One piece of a path or query. It ends up in logs, so no secret goes there.
    Url,
    /// A field of a form.
    Form,
    /// JSON.
    Json,
    /// One argument of a program. Everybody on the machine can read those, so no secret goes there.
    Argument,
    /// The path of a file.
    Path,
}

/// What placeholders stand for.
#[derive(Debug)]
pub(super) struct Filler<'a> {
    pub(super) target: &'a Target,
    pub(super) values: &'a Values,
    pub(super) generated: Option<Secret>,
}

/// The text is filled, or the reason why it cannot be.
pub(super) type Filled = Result<String, String>;

impl Filler<'_> {
    /// The text with everything put in.
    pub(super) fn fill(&self, text: &str, place: Place) -> Filled {
        let mut filled = String::with_capacity(text.len() + 64);
        let mut quoted = false;
        for piece in pieces(text) {
            match piece {
                Piece::Text(text) => {
                    quoted = quotes(text, quoted);
                    filled.push_str(text);
                }
                Piece::Name(name) => {
                    let (value, secret) = self.value(name)?;
                    if secret && matches!(place, Place::Argument | Place::Path | Place::Url) {
                        return Err(format!("${{{name}}} would be seen here"));
                    }
                    let begins = filled.is_empty();
                    put(&mut filled, name, &value, place, quoted, begins)?;
                }
                Piece::Open => return Err("a placeholder is not closed".to_owned()),
            }
        }
        if place == Place::Json
            && serde_json::from_str::<&serde_json::value::RawValue>(&filled).is_err()
        {
            return Err("the body is no JSON once it is filled".to_owned());
        }
        Ok(filled)
    }

    /// What a name stands for, and whether it is a secret.
    fn value(&self, name: &str) -> Result<(String, bool), String> {
        let unknown = || format!("nothing stands for ${{{name}}}");
        let time = |it: chrono::DateTime<chrono::Utc>| {
            it.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
        };
        if let Some(variable) = name.strip_prefix("secret.") {
            let secret = self.target.secrets.get(variable).ok_or_else(unknown)?;
            return Ok((secret.expose().to_owned(), true));
        }
        if let Some(variable) = name.strip_prefix("setting.") {
            let value = self.target.settings.get(variable).ok_or_else(unknown)?;
            return Ok((value.clone(), false));
        }
        if let Some(parameter) = name.strip_prefix("param.") {
            let value = self.values.parameters.get(parameter);
            return Ok((value.ok_or_else(unknown)?.clone(), false));
        }
        match name {
            "generated" => {
                let secret = self.generated.as_ref().ok_or_else(unknown)?;
                Ok((secret.expose().to_owned(), true))
            }
            "incident.id" => Ok((self.values.incident.clone(), false)),
            "now" => Ok((time(self.values.now), false)),
            "since" => Ok((time(self.values.since), false)),
            _ => Err(unknown()),
        }
    }
}

fn put(
    filled: &mut String,
    name: &str,
    value: &str,
    place: Place,
    quoted: bool,
    begins: bool,
) -> Result<(), String> {
    match place {
        Place::Header if value.chars().any(char::is_control) => {
            return Err(format!("${{{name}}} cannot stand in a header"));
        }
        Place::Argument if begins && value.starts_with('-') => {
            return Err(format!("${{{name}}} would be taken for an option"));
        }
        Place::Argument if value.contains('\0') => {
            return Err(format!("${{{name}}} cannot be an argument"));
        }
        Place::Path if value.contains(['/', '\\', '\0']) || value == ".." || value == "." => {
            return Err(format!("${{{name}}} is no name of a file"));
        }
        Place::Text | Place::Header | Place::Argument | Place::Path => filled.push_str(value),
        Place::Url | Place::Form => filled.extend(utf8_percent_encode(value, COMPONENT)),
        Place::Json if quoted => {
            let text = serde_json::to_string(value).map_err(|error| error.to_string())?;
            filled.push_str(&text[1..text.len() - 1]);
        }
        Place::Json => {
            // Outside of quotes only a number or a truth value can stand without changing what is around it.
            let plain = serde_json::from_str(value)
                .is_ok_and(|it: serde_json::Value| it.is_number() || it.is_boolean());
            if !plain {
                return Err(format!("${{{name}}} must stand in quotes here"));
            }
            filled.push_str(value);
        }
    }
    Ok(())
}

/// Whether a place behind this piece of JSON is inside of quotes.
fn quotes(text: &str, mut quoted: bool) -> bool {
    let mut escaped = false;
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
    }
    quoted
}

enum Piece<'t> {
    Text(&'t str),
    Name(&'t str),
    Open,
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find("${") {
        pieces.push(Piece::Text(&rest[..begin]));
        let Some(end) = rest[begin..].find('}') else {
            pieces.push(Piece::Open);
            return pieces;
        };
        pieces.push(Piece::Name(&rest[begin + 2..begin + end]));
        rest = &rest[begin + end + 1..];
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The text as people are shown it before anything is real: what is known is put in, what is not is named. It is only read,
/// so nothing is made fit for a place.
pub(super) fn described(text: &str, values: &Values) -> String {
    let time = |it: chrono::DateTime<chrono::Utc>| it.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut shown = String::with_capacity(text.len());
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => shown.push_str(text),
            Piece::Open => shown.push_str("${"),
            Piece::Name("incident.id") if !values.incident.is_empty() => {
                shown.push_str(&values.incident);
            }
            Piece::Name("now") => shown.push_str(&time(values.now)),
            Piece::Name("since") => shown.push_str(&time(values.since)),
            Piece::Name(name) => {
                let given = name.strip_prefix("param.");
                match given.and_then(|it| values.parameters.get(it)) {
                    Some(value) => shown.push_str(value),
                    None => {
                        let prefixes = ["secret.", "setting.", "param."];
                        let bare = prefixes.iter().find_map(|it| name.strip_prefix(it));
                        shown.push('‹');
                        shown.push_str(bare.unwrap_or(name));
                        shown.push('›');
                    }
                }
            }
        }
    }
    shown
}

/// The names in a text.
pub(super) fn names(text: &str) -> Vec<&str> {
    let name = |piece| match piece {
        Piece::Name(name) => Some(name),
        Piece::Text(_) | Piece::Open => None,
    };
    pieces(text).into_iter().filter_map(name).collect()
}

/// All texts of an action that may hold placeholders.
pub(super) fn texts(action: &Action) -> Vec<&str> {
    match action {
        Action::Http(HttpRequest {
            path,
            headers,
            body,
            ..
        }) => [path]
            .into_iter()
            .chain(headers.values())
            .chain(body)
            .map(String::as_str)
            .collect(),
        Action::Command(CommandCall { argv, stdin, .. }) => {
            argv.iter().chain(stdin).map(String::as_str).collect()
        }
        Action::File(FileChange { path, with, .. }) => {
            [path].into_iter().chain(with).map(String::as_str).collect()
        }
        Action::Sql(SqlCall {
            parameters,
            sign_in,
            ..
        }) => {
            let password = sign_in.iter().map(|it| &it.password);
            parameters
                .iter()
                .chain(password)
                .map(String::as_str)
                .collect()
        }
        Action::Service { .. }
        | Action::Probe { .. }
        | Action::Collect { .. }
        | Action::Notify { .. }
        | Action::Wait { .. }
        | Action::Manual { .. } => Vec::new(),
    }
}

/// Whether an action puts a secret into a text.
pub(super) fn holds_secret(text: &str) -> bool {
    names(text)
        .iter()
        .any(|name| *name == "generated" || name.starts_with("secret."))
}

#[cfg(test)]
mod tests;
