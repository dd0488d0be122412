//! Who commands, who has seen it, who must be told.

use crate::incident::{Incident, Person, UserId};
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas, joined, mention, name};
use crate::plan::Severity;

/// How many who have seen it are named.
const SEEN_NAMED: usize = 5;
/// More than a dozen names help nobody on a phone; Telegram notifies only so many, too.
const CALLED_MAX: usize = 12;

/// Who commands: the holder of the plan's first role.
pub(in crate::messages) fn commander(incident: &Incident) -> Option<&Person> {
    incident.roles.get(&incident.plan.roles.first()?.id)
}

pub(in crate::messages) fn people_line(view: &View<'_>, incident: &Incident) -> Html {
    let held: Vec<Html> = incident
        .plan
        .roles
        .iter()
        .filter_map(|role| Some((role, incident.roles.get(&role.id)?)))
        .map(|(role, person)| {
            say!(
                view.phrases,
                "card-role",
                role = &role.name,
                name = name(person)
            )
        })
        .collect();
    let Some(first) = incident
        .plan
        .roles
        .first()
        .filter(|_| commander(incident).is_none())
    else {
        return say!(view.phrases, "card-roles", roles = joined(&held, " · "));
    };
    let word = first
        .aliases
        .first()
        .filter(|it| !it.contains(' '))
        .unwrap_or(&first.id);
    let missing = say!(
        view.phrases,
        "card-no-commander",
        role = &first.name,
        word = word
    );
    if held.is_empty() {
        return missing;
    }
    Html::own(format!("{missing} · {}", joined(&held, " · ")))
}

/// Who has seen it; until somebody has, whom it concerns.
pub(super) fn seen_line(view: &View<'_>, incident: &Incident) -> Vec<Html> {
    let mut seen: Vec<_> = incident.seen_by.values().collect();
    if seen.is_empty() {
        return incident
            .severity()
            .map_or_else(Vec::new, |severity| to_notify(view, incident, severity));
    }
    seen.sort_by_key(|(_, at)| *at);
    let names: Vec<Html> = seen
        .iter()
        .take(SEEN_NAMED)
        .map(|(person, _)| name(person))
        .collect();
    let more = seen.len() - names.len();
    vec![if more == 0 {
        say!(view.phrases, "card-seen", names = view.list(names))
    } else {
        say!(
            view.phrases,
            "card-seen-more",
            names = commas(&names),
            more = more
        )
    }]
}

/// The people whom a severity concerns, called by name; contacts that nobody is bound to are said.
pub(in crate::messages) fn to_notify(
    view: &View<'_>,
    incident: &Incident,
    severity: &Severity,
) -> Vec<Html> {
    let mut called: Vec<(UserId, Html)> = Vec::new();
    let mut unbound: Vec<Html> = Vec::new();
    let everyone = severity.notify.iter().any(|who| who == "everyone");
    let mut call = |person: &Person| {
        if !called.iter().any(|(id, _)| *id == person.id) {
            called.push((person.id, mention(person)));
        }
    };
    if everyone {
        view.chat
            .contacts
            .values()
            .for_each(|bound| call(&bound.person));
        view.chat
            .grants
            .values()
            .for_each(|grant| call(&grant.person));
    }
    for who in severity.notify.iter().filter(|who| *who != "everyone") {
        if let Some(person) = view.chat.whom_to_tell(incident, who) {
            call(person);
        } else {
            unbound.push(unbound_line(view, incident, who));
        }
    }
    let names: Vec<Html> = called
        .into_iter()
        .take(CALLED_MAX)
        .map(|(_, name)| name)
        .collect();
    let mut said = Vec::new();
    if !names.is_empty() {
        said.push(say!(view.phrases, "card-notify", names = commas(&names)));
    } else if everyone {
        said.push(view.word("card-notify-everyone"));
    }
    if !unbound.is_empty() {
        said.push(say!(
            view.phrases,
            "card-notify-unbound",
            contacts = joined(&unbound, " · ")
        ));
    }
    said
}

/// Nobody is known who could be called: the command that mends it.
fn unbound_line(view: &View<'_>, incident: &Incident, who: &str) -> Html {
    let plan = &incident.plan;
    let (verb, id, shown) = match (plan.contact(who), plan.role(who)) {
        (Some(contact), _) => ("contact", &contact.id, &contact.role),
        (None, Some(role)) => ("role", &role.id, &role.name),
        (None, None) => return line(who, NAME_MAX),
    };
    say!(
        view.phrases,
        "card-unbound",
        contact = line(shown, NAME_MAX),
        verb = verb,
        id = line(id, NAME_MAX)
    )
}
