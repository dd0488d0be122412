//! Steps of procedures: typed actions and the safety rules for their values.

mod calls;

use super::book::ConnectionFacts;
use super::{Kind, Section};
use crate::plan::rules::{paths, placeholders};
use crate::plan::{
    Action, ConnectionKind, FileChange, FileOperation, HttpMethod, HttpRequest, ServiceChange,
    StepKind,
};
use std::collections::BTreeMap;

/// What the placeholders of a step may name.
pub(super) struct Scope {
    parameters: Vec<String>,
    generated: bool,
}

impl Scope {
    /// Steps of a procedure with these parameters.
    pub(super) fn procedure(parameters: Vec<String>) -> Self {
        Self {
            parameters,
            generated: false,
        }
    }

    /// Steps of a credential: a new secret is generated.
    pub(super) fn credential() -> Self {
        Self {
            parameters: Vec::new(),
            generated: true,
        }
    }

    /// Collectors and probes.
    pub(super) fn evidence() -> Self {
        Self {
            parameters: Vec::new(),
            generated: false,
        }
    }
}

/// The action of a step, collector or probe, after its `kind`.
pub(super) fn action(entry: &Section<'_>, scope: &Scope) -> Action {
    match entry.need_word::<StepKind>("kind") {
        Some(StepKind::Http) => http(entry, scope),
        Some(StepKind::Command) => calls::command(entry, scope),
        Some(StepKind::File) => file(entry, scope),
        Some(StepKind::Sql) => calls::sql_call(entry, scope),
        Some(StepKind::Service) => service(entry),
        Some(StepKind::Probe) => Action::Probe {
            probe: entry.need_refer("probe", &[Kind::Probe]),
        },
        Some(StepKind::Collect) => {
            entry.need_texts("collectors");
            Action::Collect {
                collectors: entry.refers("collectors", &[Kind::Collector]),
            }
        }
        Some(StepKind::Notify) => Action::Notify {
            template: entry.need_refer("template", &[Kind::Template]),
        },
        Some(StepKind::Wait) => {
            if !entry.has("time") {
                entry.book.absent(
                    entry.offset,
                    "the pause lacks `time`".to_owned(),
                    Some("add time = \"10s\"".to_owned()),
                );
            }
            Action::Wait {
                seconds: entry.seconds("time", 0),
            }
        }
        Some(StepKind::Manual) => Action::Manual {
            text: entry.need_short("text", 300),
            link: entry.link("link"),
        },
        None => {
            // Without a kind nobody can tell which keys are right: accept those of all kinds.
            for key in ALL_KEYS {
                entry.has(key);
            }
            Action::Manual {
                text: String::new(),
                link: None,
            }
        }
    }
}

const ALL_KEYS: &[&str] = &[
    "connection",
    "method",
    "path",
    "headers",
    "body",
    "expect_status",
    "expect_body",
    "argv",
    "env",
    "stdin",
    "expect_exit",
    "expect_output",
    "change",
    "with",
    "statement",
    "parameters",
    "then",
    "at_least",
    "at_most",
    "role",
    "password",
    "unit",
    "probe",
    "collectors",
    "template",
    "time",
    "text",
    "link",
    "port",
    "days",
];

/// A reference to a connection of one of these kinds.
pub(super) fn connection(entry: &Section<'_>, kinds: &[ConnectionKind]) -> String {
    let id = entry.need_refer("connection", &[Kind::Connection]);
    if let Some(kind) = entry.book.offered(&id).and_then(|facts| facts.kind)
        && !kinds.contains(&kind)
    {
        let wanted: Vec<&str> = kinds.iter().map(|kind| kind.name()).collect();
        entry.book.wrong(
            entry.place("connection"),
            format!(
                "the connection `{id}` is of kind {kind}, but must be {}",
                wanted.join(" or ")
            ),
        );
    }
    id
}

/// Checks the placeholders of a value.
fn fill(entry: &Section<'_>, scope: &Scope, connection: &str, text: &str, offset: usize) {
    let offered = entry.book.offered(connection);
    for name in placeholders::of(text) {
        let wrong = match name {
            Err(message) => Some((message.to_owned(), "close it: ${param.name}".to_owned())),
            Ok(name) => unknown(name, scope, connection, offered.as_ref()),
        };
        if let Some((message, hint)) = wrong {
            entry.book.wrong_hint(offset, message, hint);
        }
    }
}

fn unknown(
    name: &str,
    scope: &Scope,
    connection: &str,
    offered: Option<&ConnectionFacts>,
) -> Option<(String, String)> {
    // Without a connection that mistake is reported already.
    for (prefix, list) in [("secret.", "secrets"), ("setting.", "settings")] {
        let Some(variable) = name.strip_prefix(prefix) else {
            continue;
        };
        let known = offered.is_none_or(|facts| {
            let names = if list == "secrets" {
                &facts.secrets
            } else {
                &facts.settings
            };
            names.iter().any(|known| known == variable)
        });
        return (!known).then(|| {
            (
                format!("the connection `{connection}` has no `{variable}` among its {list}"),
                format!("add it there: {list} = [\"{variable}\"]"),
            )
        });
    }
    if let Some(parameter) = name.strip_prefix("param.") {
        return (!scope.parameters.iter().any(|known| known == parameter)).then(|| {
            (
                format!("there is no parameter `{parameter}` here"),
                "declare it with [[procedure.parameter]]".to_owned(),
            )
        });
    }
    match name {
        "generated" if scope.generated => None,
        "generated" => Some((
            "`${generated}` is the new secret of a credential; there is none here".to_owned(),
            "use it in the steps of a [[credential]]".to_owned(),
        )),
        "incident.id" | "now" | "since" => None,
        _ => Some((
            format!("nothing is called `${{{name}}}`"),
            "there are: secret.NAME, setting.NAME, param.NAME, generated, incident.id, now, since"
                .to_owned(),
        )),
    }
}

fn http(entry: &Section<'_>, scope: &Scope) -> Action {
    let connection = connection(entry, &[ConnectionKind::Http]);
    let (path, offset) = entry.need_text_at("path");
    if !path.is_empty() {
        if let Err((message, hint)) = paths::request(&path) {
            entry.book.wrong_hint(offset, message, hint);
        }
        fill(entry, scope, &connection, &path, offset);
        if path.contains("${secret.") {
            entry.book.wrong_hint(
                offset,
                "a secret in a path ends up in logs",
                "put it into a header or the body",
            );
        }
    }
    let mut headers = BTreeMap::new();
    for (name, (value, offset)) in entry.pairs("headers") {
        if !is_header_name(&name) || value.chars().any(char::is_control) {
            entry
                .book
                .wrong(offset, format!("`{name}` cannot be a header like this"));
        }
        fill(entry, scope, &connection, &value, offset);
        headers.insert(name, value);
    }
    let body = entry.text_at("body").map(|(body, offset)| {
        fill(entry, scope, &connection, &body, offset);
        body
    });
    let expect_status = entry.numbers("expect_status", 100..=599);
    Action::Http(HttpRequest {
        connection,
        method: entry.word("method").unwrap_or(HttpMethod::Get),
        path,
        headers,
        body,
        expect_status: if expect_status.is_empty() {
            vec![200]
        } else {
            expect_status
                .into_iter()
                .filter_map(|status| status.try_into().ok())
                .collect()
        },
        expect_body: entry.text("expect_body"),
    })
}

fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

fn file(entry: &Section<'_>, scope: &Scope) -> Action {
    let connection = connection(entry, &[ConnectionKind::Folder]);
    let (path, offset) = entry.need_text_at("path");
    let change = entry.need_word("change").unwrap_or(FileOperation::Read);
    if !path.is_empty() {
        if let Err((message, hint)) = paths::inside_folder(&path) {
            entry.book.wrong_hint(offset, message, hint);
        }
        fill(entry, scope, &connection, &path, offset);
    }
    let with = entry.text_at("with");
    let needs = matches!(
        change,
        FileOperation::Write | FileOperation::Copy | FileOperation::Swap
    );
    match &with {
        Some((value, offset)) if needs => {
            fill(entry, scope, &connection, value, *offset);
            if change != FileOperation::Write
                && let Err((message, hint)) = paths::inside_folder(value)
            {
                entry.book.wrong_hint(*offset, message, hint);
            }
        }
        Some((_, offset)) => entry
            .book
            .wrong(*offset, format!("`{change}` needs no `with`")),
        None if needs => entry.book.wrong_hint(
            entry.offset,
            format!("`{change}` lacks `with`"),
            "the content to write, or the other path",
        ),
        None => {}
    }
    Action::File(FileChange {
        connection,
        path,
        change,
        with: with.map(|(value, _)| value),
    })
}

fn service(entry: &Section<'_>) -> Action {
    let connection = connection(entry, &[ConnectionKind::Host]);
    let (unit, offset) = entry.need_text_at("unit");
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"@._-:".contains(&byte);
    if !unit.is_empty() && (unit.starts_with('-') || !unit.bytes().all(plain)) {
        entry.book.wrong_hint(
            offset,
            "this is not the name of a unit",
            "such as \"jarvis-api\"",
        );
    }
    Action::Service {
        connection,
        unit,
        change: entry.need_word("change").unwrap_or(ServiceChange::Status),
    }
}
