//! Every command that exists: who may use it, where it is offered, how it is explained.

use super::html::{Html, line};
use super::phrases::{Phrases, say};
use super::view::{View, lines};
use crate::incident::{ChatKind, Permission};

/// A heading of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Incident,
    Write,
    Read,
    Lead,
    Pull,
    Own,
    Always,
}

impl Group {
    const ALL: [(Self, &'static str); 7] = [
        (Self::Incident, "group-incident"),
        (Self::Write, "group-write"),
        (Self::Read, "group-read"),
        (Self::Lead, "group-lead"),
        (Self::Pull, "group-pull"),
        (Self::Own, "group-own"),
        (Self::Always, "group-always"),
    ];
}

struct Info {
    name: &'static str,
    needs: Permission,
    group: Group,
}

const fn info(name: &'static str, needs: Permission, group: Group) -> Info {
    Info { name, needs, group }
}

/// In the order in which they are offered. `/severity` downwards, `/next force` and skipping a guarding item need more
/// than stands here: the core decides that.
const COMMANDS: &[Info] = &[
    info("declare", Permission::Responder, Group::Incident),
    info("status", Permission::Responder, Group::Incident),
    info("ack", Permission::Responder, Group::Incident),
    info("done", Permission::Responder, Group::Incident),
    info("next", Permission::Responder, Group::Incident),
    info("role", Permission::Responder, Group::Incident),
    info("severity", Permission::Responder, Group::Incident),
    info("skip", Permission::Responder, Group::Incident),
    info("untick", Permission::Responder, Group::Incident),
    info("back", Permission::Responder, Group::Incident),
    info("note", Permission::Responder, Group::Write),
    info("set", Permission::Responder, Group::Write),
    info("evidence", Permission::Responder, Group::Write),
    info("todo", Permission::Responder, Group::Write),
    info("playbook", Permission::Responder, Group::Read),
    info("contacts", Permission::Responder, Group::Read),
    info("timeline", Permission::Responder, Group::Read),
    info("todos", Permission::Responder, Group::Read),
    info("plan", Permission::Responder, Group::Read),
    info("procedures", Permission::Responder, Group::Read),
    info("close", Permission::Commander, Group::Lead),
    info("cancel", Permission::Commander, Group::Lead),
    info("reopen", Permission::Commander, Group::Lead),
    info("report", Permission::Commander, Group::Lead),
    info("export", Permission::Commander, Group::Lead),
    info("contact", Permission::Commander, Group::Lead),
    info("emergency_shutdown", Permission::Commander, Group::Pull),
    info("lockdown", Permission::Commander, Group::Pull),
    info("restore", Permission::Commander, Group::Pull),
    info("rollback", Permission::Commander, Group::Pull),
    info("rotate", Permission::Commander, Group::Pull),
    info("collect", Permission::Commander, Group::Pull),
    info("verify", Permission::Commander, Group::Pull),
    info("run", Permission::Commander, Group::Pull),
    info("drill", Permission::Commander, Group::Pull),
    info("approve", Permission::Commander, Group::Pull),
    info("deny", Permission::Commander, Group::Pull),
    info("abort", Permission::Commander, Group::Pull),
    info("step", Permission::Commander, Group::Pull),
    info("totp", Permission::Commander, Group::Lead),
    info("audit", Permission::Commander, Group::Lead),
    info("grant", Permission::Owner, Group::Own),
    info("revoke", Permission::Owner, Group::Own),
    info("setup", Permission::Owner, Group::Own),
    info("language", Permission::Owner, Group::Own),
    info("start", Permission::Stranger, Group::Always),
    info("help", Permission::Stranger, Group::Always),
    info("whoami", Permission::Stranger, Group::Always),
];

fn find(verb: &str) -> Option<&'static Info> {
    let verb = verb.trim().trim_start_matches('/');
    COMMANDS
        .iter()
        .find(|it| it.name.eq_ignore_ascii_case(verb))
}

/// Whether it is one of the bot's.
pub(super) fn is_known(name: &str) -> bool {
    COMMANDS.iter().any(|it| it.name == name)
}

/// The names of all commands, in the order in which they are offered.
pub fn names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|it| it.name)
}

/// What Telegram offers while somebody types: name and description, plain text.
pub fn command_menu(
    phrases: &Phrases,
    permission: Permission,
    kind: ChatKind,
) -> Vec<(String, String)> {
    let group = !matches!(kind, ChatKind::Private);
    COMMANDS
        .iter()
        .filter(|it| it.needs <= permission && (group || it.needs == Permission::Stranger))
        .filter(|it| !(group && it.name == "start"))
        .map(|it| {
            let does = phrases.word(&format!("command-{}", it.name));
            (it.name.to_owned(), does.plain())
        })
        .collect()
}

/// A command's arguments, if it has any.
pub(super) fn args(phrases: &Phrases, verb: &str) -> Option<Html> {
    let key = format!("command-{}.args", find(verb)?.name);
    phrases.has(&key).then(|| phrases.word(&key))
}

/// `<code>/skip 8 no customers are concerned</code>`: how it is typed.
pub(super) fn example(phrases: &Phrases, verb: &str) -> Html {
    let key = find(verb).map(|it| format!("command-{}.example", it.name));
    match key.filter(|key| phrases.has(key)) {
        Some(key) => Html::own(format!("<code>{}</code>", phrases.word(&key))),
        None => Html::own(format!("<code>/{}</code>", super::html::escape(verb))),
    }
}

/// How a command is used; nothing for a word that is no command.
pub fn usage(phrases: &Phrases, verb: &str) -> Option<Html> {
    let info = find(verb)?;
    let name = Html::own(info.name);
    let head = match args(phrases, info.name) {
        Some(args) => say!(phrases, "help-usage", name = name, args = args),
        None => say!(phrases, "help-usage-bare", name = name),
    };
    let mut said = vec![head, phrases.word(&format!("command-{}.usage", info.name))];
    let example = format!("command-{}.example", info.name);
    if phrases.has(&example) {
        said.push(say!(
            phrases,
            "help-example",
            example = phrases.word(&example)
        ));
    }
    if info.needs > Permission::Responder {
        let permission = phrases.word(&format!("permission-{}", info.needs.word()));
        said.push(say!(phrases, "help-needs", permission = permission));
    }
    Some(lines(&said))
}

/// `/help`, for what this person may do here.
pub(super) fn help(view: &View<'_>, permission: Permission, about: Option<&str>) -> Html {
    let p = view.phrases;
    if let Some(verb) = about.map(str::trim).filter(|verb| !verb.is_empty()) {
        return usage(p, verb).unwrap_or_else(|| unknown(view, verb));
    }
    let private = view.chat.kind == ChatKind::Private;
    let reach = if private {
        Permission::Stranger
    } else {
        permission
    };
    let mut said = Vec::new();
    if private && permission == Permission::Owner {
        said.push(view.word("help-private"));
    } else if reach == Permission::Stranger {
        said.push(view.word("help-stranger"));
    } else {
        said.push(say!(
            p,
            "help-head",
            permission = view.permission(permission)
        ));
    }
    for (group, key) in Group::ALL {
        let mut commands = COMMANDS
            .iter()
            .filter(|it| it.group == group && it.needs <= reach)
            .filter(|it| private || it.name != "start")
            .peekable();
        if commands.peek().is_none() {
            continue;
        }
        said.push(Html::own(format!("\n{}", view.word(key).bold())));
        said.extend(commands.map(|it| help_line(p, it.name)));
    }
    if reach > Permission::Stranger {
        said.push(Html::own(format!("\n{}", view.word("help-foot"))));
    }
    lines(&said)
}

/// A word that is no command.
pub(super) fn unknown(view: &View<'_>, word: &str) -> Html {
    let name = line(word.trim_start_matches('/'), 32);
    say!(view.phrases, "help-unknown", name = name)
}

/// A word that is nearly a command.
pub(super) fn nearly(view: &View<'_>, word: &str, meant: &str) -> Html {
    let (name, meant) = (line(word, 32), line(meant, 32));
    say!(view.phrases, "help-nearly", name = name, meant = meant)
}

fn help_line(phrases: &Phrases, name: &'static str) -> Html {
    let does = phrases.word(&format!("command-{name}"));
    match args(phrases, name) {
        Some(args) => say!(
            phrases,
            "help-line",
            name = Html::own(name),
            args = args,
            does = does
        ),
        None => say!(
            phrases,
            "help-line-bare",
            name = Html::own(name),
            does = does
        ),
    }
}

#[cfg(test)]
mod tests;
