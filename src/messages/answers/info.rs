//! The chat about itself: welcome, settings, who somebody is.

use crate::incident::{ChatKind, IncidentId, Permission, Person, Standing};
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas, lines, mention, name};

pub(in crate::messages) fn welcome(view: &View<'_>) -> Html {
    let p = view.phrases;
    let zone = &view.chat.settings.timezone;
    let head = match view.plan() {
        None => return view.word("welcome-no-plan"),
        Some(plan) if view.chat.everybody_responds() => {
            say!(p, "welcome", plan = &plan.info.title, zone = zone)
        }
        Some(plan) => say!(p, "welcome-public", plan = &plan.info.title, zone = zone),
    };
    let mut said = vec![head, view.word("welcome-next")];
    if !matches!(
        view.chat.standing,
        Standing::Administrator { can_pin: true, .. }
    ) {
        said.push(view.word("welcome-admin"));
    }
    lines(&said)
}

pub(in crate::messages) fn greeting(view: &View<'_>) -> Html {
    let private = view.chat.kind == ChatKind::Private;
    view.word(if private {
        "greeting-private"
    } else {
        "greeting-group"
    })
}

/// How many incidents and owners are named where the bot was removed.
const NAMED_MAX: usize = 5;

pub(in crate::messages) fn removed_while_open(
    view: &View<'_>,
    incidents: &[IncidentId],
    owners: &[Person],
) -> Html {
    let ids = incidents.iter().take(NAMED_MAX);
    let ids: Vec<Html> = ids.map(|id| Html::own(id.to_string())).collect();
    let p = view.phrases;
    let mut said = vec![say!(
        p,
        "removed-while-open",
        count = ids.len(),
        incidents = view.list(ids)
    )];
    let owners: Vec<Html> = owners.iter().take(NAMED_MAX).map(mention).collect();
    if !owners.is_empty() {
        said.push(commas(&owners));
    }
    lines(&said)
}

pub(in crate::messages) fn whoami(
    view: &View<'_>,
    person: &Person,
    permission: Permission,
    hidden: bool,
) -> Html {
    let id = Html::own(person.id.to_string());
    if hidden {
        return say!(view.phrases, "whoami-hidden", id = id);
    }
    say!(
        view.phrases,
        "whoami",
        name = name(person),
        id = id,
        permission = view.permission(permission)
    )
}

/// How many groups somebody is told of.
const TEAMS_MAX: usize = 10;

/// In private: where somebody belongs. What they wanted has to be sent there.
pub(in crate::messages) fn teams_of(
    view: &View<'_>,
    person: &Person,
    verb: Option<&'static str>,
    teams: &[(String, Permission)],
) -> Html {
    let p = view.phrases;
    let shown = teams.iter().take(TEAMS_MAX);
    if let Some(verb) = verb {
        let chats: Vec<Html> = shown.map(|(chat, _)| line(chat, 40)).collect();
        let verb = Html::own(verb.to_owned());
        return say!(p, "teams-send-there", verb = verb, chats = view.list(chats));
    }
    let id = Html::own(person.id.to_string());
    let mut said = vec![say!(p, "teams-whoami", name = name(person), id = id)];
    said.extend(shown.map(|(chat, permission)| {
        let permission = view.permission(*permission);
        say!(
            p,
            "teams-line",
            permission = permission,
            chat = line(chat, 40)
        )
    }));
    lines(&said)
}

pub(in crate::messages) fn set_up(view: &View<'_>, setting: &str, value: &str) -> Html {
    let p = view.phrases;
    let value = line(value, NAME_MAX);
    match (setting, value.as_str()) {
        ("plan", _) => say!(p, "set-up-plan", value = value),
        ("language", _) => say!(p, "set-up-language", value = value),
        ("timezone", _) => say!(p, "set-up-timezone", value = value),
        ("admins", "on") => view.word("set-up-admins-on"),
        ("admins", _) => view.word("set-up-admins-off"),
        ("responders", "everybody") => view.word("set-up-responders-everybody"),
        ("responders", _) => view.word("set-up-responders-granted"),
        ("home", _) => view.word("set-up-home"),
        _ => say!(
            p,
            "set-up-other",
            setting = line(setting, NAME_MAX),
            value = value
        ),
    }
}

/// `/setup`: what is set, each with the command that changes it.
pub(in crate::messages) fn setup(view: &View<'_>) -> Html {
    let p = view.phrases;
    let settings = &view.chat.settings;
    let mut said = vec![view.word("setup-head")];
    if !view.chat.claimed {
        said.push(view.word("setup-claimed-no"));
    }
    let installed: Vec<&str> = view.plans.installed.keys().map(String::as_str).collect();
    let known = line(&installed.join(" | "), 100);
    said.push(match view.plan() {
        Some(plan) => say!(p, "setup-plan", value = &plan.info.title, known = known),
        None => view.word("setup-plan-none"),
    });
    let language = line(p.code(), 16);
    said.push(say!(
        p,
        "setup-language",
        value = &language,
        known = &language
    ));
    said.push(say!(
        p,
        "setup-timezone",
        value = line(&settings.timezone, NAME_MAX)
    ));
    let choose = |on: bool, yes: &str, no: &str| view.word(if on { yes } else { no });
    said.push(choose(
        settings.admins_count,
        "setup-admins-on",
        "setup-admins-off",
    ));
    let everybody = view.chat.everybody_responds();
    said.push(choose(
        everybody,
        "setup-responders-everybody",
        "setup-responders-granted",
    ));
    said.push(choose(settings.home, "setup-home-yes", "setup-home-no"));
    said.push(say!(p, "setup-can", rights = rights(view)));
    said.push(grants(view));
    lines(&said)
}

fn rights(view: &View<'_>) -> Html {
    let Standing::Administrator {
        can_pin,
        can_manage_topics,
        can_delete,
    } = view.chat.standing
    else {
        return view.word("setup-can-none");
    };
    let topics = can_manage_topics || !view.chat.forum;
    let missing: Vec<Html> = [
        (can_pin, "right-pin"),
        (topics, "right-topics"),
        (can_delete, "right-delete"),
    ]
    .into_iter()
    .filter(|(has, _)| !has)
    .map(|(_, key)| view.word(key))
    .collect();
    if missing.is_empty() {
        view.word("setup-can-all")
    } else {
        say!(
            view.phrases,
            "setup-can-missing",
            missing = commas(&missing)
        )
    }
}

fn grants(view: &View<'_>) -> Html {
    if view.chat.grants.is_empty() {
        return view.word("setup-grants-none");
    }
    let names: Vec<Html> = view
        .chat
        .grants
        .values()
        .map(|grant| {
            let permission = view.permission(grant.permission);
            say!(
                view.phrases,
                "setup-grant",
                name = name(&grant.person),
                permission = permission
            )
        })
        .collect();
    say!(view.phrases, "setup-grants", names = commas(&names))
}
