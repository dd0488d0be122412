//! The chat's own settings and who may do what, as they are typed.

use super::{Arguments, misused};
use crate::incident::{Command, Permission, Setup};

pub(super) fn contact(arguments: &mut Arguments<'_>) -> Command {
    let backup = arguments.backup();
    let Some(whom) = arguments.person() else {
        return misused("contact")();
    };
    Command::Contact {
        contact: arguments.text(),
        whom,
        backup,
    }
}

pub(super) fn setup(arguments: &mut Arguments<'_>) -> Command {
    let setting = arguments.word().to_lowercase();
    let value = arguments.text();
    let on = |yes: &str, no: &str| match value.to_lowercase() {
        word if word == yes => Some(true),
        word if word == no => Some(false),
        _ => None,
    };
    let setup = match setting.as_str() {
        "" => Some(Setup::Show),
        "plan" if !value.is_empty() => Some(Setup::Plan(value)),
        "language" if !value.is_empty() => Some(Setup::Language(value)),
        "timezone" if !value.is_empty() => Some(Setup::Timezone(value)),
        "admins" => on("on", "off").map(Setup::Admins),
        "responders" => on("everybody", "granted").map(|everybody| Setup::Responders { everybody }),
        "home" => Some(Setup::Home),
        _ => None,
    };
    setup.map_or_else(misused("setup"), Command::Setup)
}

pub(super) fn grant(arguments: &mut Arguments<'_>) -> Command {
    let permission = match arguments.word().to_lowercase().as_str() {
        "yes" => {
            return Command::GrantAnswer {
                ask: None,
                yes: true,
            };
        }
        "no" => {
            return Command::GrantAnswer {
                ask: None,
                yes: false,
            };
        }
        "responder" => Permission::Responder,
        "commander" => Permission::Commander,
        "approver" => Permission::Approver,
        "owner" => Permission::Owner,
        _ => return misused("grant")(),
    };
    match arguments.person() {
        Some(whom) => Command::Grant { permission, whom },
        None => misused("grant")(),
    }
}
