//! Programs and statements: what they are handed, and what must come back.

use super::super::{Section, values};
use super::{Scope, connection, fill};
use crate::plan::rules::{argv, sql};
use crate::plan::{Action, CommandCall, ConnectionKind, SignIn, SqlCall};

pub(super) fn command(entry: &Section<'_>, scope: &Scope) -> Action {
    let connection = connection(entry, &[ConnectionKind::Host, ConnectionKind::Folder]);
    if entry.text_is("argv") {
        entry.book.wrong_hint(
            entry.place("argv"),
            "a command is a list of program and arguments, not a line for a shell",
            "such as argv = [\"git\", \"log\", \"-20\"]",
        );
    } else {
        entry.need_texts("argv");
    }
    let arguments = if entry.text_is("argv") {
        Vec::new()
    } else {
        entry.texts_at("argv")
    };
    let words: Vec<&str> = arguments
        .iter()
        .map(|(argument, _)| argument.as_str())
        .collect();
    for (index, message, hint) in argv::problems(&words) {
        entry.book.wrong_hint(arguments[index].1, message, hint);
    }
    for (argument, offset) in &arguments {
        fill(entry, scope, &connection, argument, *offset);
    }
    let mut env = Vec::new();
    for (name, offset) in entry.texts_at("env") {
        if !values::is_variable(&name) {
            entry.book.wrong_hint(
                offset,
                "`env` lists names of variables that are handed down",
                "such as env = [\"PATH\"]; values do not stand in a plan",
            );
        }
        env.push(name);
    }
    let stdin = entry.text_at("stdin").map(|(stdin, offset)| {
        fill(entry, scope, &connection, &stdin, offset);
        stdin
    });
    let expect_exit = entry.numbers("expect_exit", 0..=255);
    Action::Command(CommandCall {
        connection,
        argv: arguments
            .into_iter()
            .map(|(argument, _)| argument)
            .collect(),
        env,
        stdin,
        expect_exit: if expect_exit.is_empty() {
            vec![0]
        } else {
            expect_exit
                .into_iter()
                .filter_map(|code| code.try_into().ok())
                .collect()
        },
        expect_output: expect_output(entry),
    })
}

/// What a program must print: nothing at all is an answer, too.
fn expect_output(entry: &Section<'_>) -> Option<String> {
    let (text, offset) = entry.any_text_at("expect_output")?;
    if text.contains("${") {
        entry.book.wrong_hint(
            offset,
            "what a program must print is a fixed text",
            "such as expect_output = \"ok\"; \"\" where it must stay silent",
        );
    }
    Some(text)
}

pub(super) fn sql_call(entry: &Section<'_>, scope: &Scope) -> Action {
    let connection = connection(entry, &[ConnectionKind::Database]);
    let (statement, offset) = entry.need_text_at("statement");
    let parameters = entry.texts_at("parameters");
    if !statement.is_empty() {
        for (message, hint) in sql::problems(&statement, parameters.len()) {
            entry.book.wrong_hint(offset, message, hint);
        }
    }
    for (value, offset) in &parameters {
        fill(entry, scope, &connection, value, *offset);
    }
    let then = entry.text_at("then").map(|(then, offset)| {
        for (message, hint) in sql::problems(&then, 0) {
            entry.book.wrong_hint(offset, message, hint);
        }
        then
    });
    let limit = |key| {
        entry
            .number(key, 0..=1_000_000_000)
            .and_then(|limit| u32::try_from(limit).ok())
    };
    Action::Sql(SqlCall {
        statement,
        parameters: parameters.into_iter().map(|(value, _)| value).collect(),
        then,
        at_least: limit("at_least"),
        at_most: limit("at_most"),
        sign_in: sign_in(entry, scope, &connection),
        connection,
    })
}

/// Role and password go together, and no password stands in a plan.
fn sign_in(entry: &Section<'_>, scope: &Scope, connection: &str) -> Option<SignIn> {
    let (role, password) = (entry.text_at("role"), entry.text_at("password"));
    let (role, (password, offset)) = match (role, password) {
        (Some(role), Some(password)) => (role, password),
        (None, None) => return None,
        (Some((_, offset)), None) | (None, Some((_, offset))) => {
            entry.book.wrong_hint(
                offset,
                "who signs in takes `role` and `password`",
                "such as role = \"app\" and password = \"${generated}\"",
            );
            return None;
        }
    };
    let (role, at) = role;
    if !values::is_id(&role) {
        entry.book.wrong_hint(
            at,
            "this cannot be a role of the database",
            "1 to 32 small letters a-z, digits and underscores",
        );
    }
    let whole = password
        .strip_prefix("${")
        .and_then(|it| it.strip_suffix('}'))
        .is_some_and(|it| (it == "generated" || it.starts_with("secret.")) && !it.contains('}'));
    if !whole {
        entry.book.wrong_hint(
            offset,
            "a password does not stand in a plan",
            "password = \"${generated}\", or \"${secret.NAME}\"",
        );
    }
    fill(entry, scope, connection, &password, offset);
    Some(SignIn { role, password })
}
