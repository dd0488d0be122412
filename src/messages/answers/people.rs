//! `/contacts` and `/role` without a name.

use crate::incident::Incident;
use crate::messages::card::buttons::{button, rows};
use crate::messages::card::id;
use crate::messages::html::{Html, NAME_MAX, line, ours};
use crate::messages::outgoing::Keyboard;
use crate::messages::phrases::say;
use crate::messages::press::Press;
use crate::messages::view::{Rendered, View, lines, name};
use crate::plan::{Contact, Plan};

pub(in crate::messages) fn contacts(view: &View<'_>) -> Html {
    let Some(plan) = view.plan() else {
        return view.word("no-plan");
    };
    if plan.contacts.is_empty() {
        return view.word("contacts-none");
    }
    let mut said = Vec::new();
    for (internal, key) in [(true, "contacts-internal"), (false, "contacts-external")] {
        let mut some = plan
            .contacts
            .iter()
            .filter(|it| it.internal == internal)
            .peekable();
        if some.peek().is_none() {
            continue;
        }
        if !said.is_empty() {
            said.push(Html::default());
        }
        said.push(view.word(key).bold());
        said.extend(some.map(|contact| one(view, plan, contact)));
    }
    lines(&said)
}

fn one(view: &View<'_>, plan: &Plan, contact: &Contact) -> Html {
    let p = view.phrases;
    let does = ours(&contact.responsibility, 200);
    let bound = view.chat.contacts.get(&contact.id);
    let mut who: Vec<Html> = Vec::new();
    match bound {
        Some(bound) => who.push(name(&bound.person)),
        None if contact.internal => {
            who.extend(contact.name.iter().map(|it| line(it, NAME_MAX)));
            who.push(say!(p, "contact-unbound", id = line(&contact.id, NAME_MAX)));
        }
        None => who.extend(contact.name.iter().map(|it| line(it, NAME_MAX))),
    }
    who.extend(contact.channel.iter().map(|it| ours(it, 100)));
    if let Some(backup) = bound.and_then(|it| it.backup.as_ref()) {
        who.push(say!(p, "contact-backup", name = name(backup)));
    } else if let Some(backup) = contact.backup.as_deref().and_then(|id| plan.contact(id)) {
        let person = view
            .chat
            .contacts
            .get(&backup.id)
            .map(|it| name(&it.person));
        let shown = person.unwrap_or_else(|| line(&backup.role, NAME_MAX));
        who.push(say!(p, "contact-backup", name = shown));
    }
    let who = crate::messages::view::joined(&who, " · ");
    if who.as_str().is_empty() {
        return say!(p, "contact-line-bare", role = &contact.role, does = does);
    }
    say!(
        p,
        "contact-line",
        role = &contact.role,
        who = who,
        does = does
    )
}

/// The roles with who has them; a button takes one.
pub(in crate::messages) fn roles(view: &View<'_>, incident: &Incident) -> Rendered {
    let p = view.phrases;
    let roles = &incident.plan.roles;
    let mut said = vec![say!(p, "roles-head", id = id(incident)).bold()];
    said.extend(roles.iter().map(|role| match incident.roles.get(&role.id) {
        Some(person) => say!(p, "roles-held", role = &role.name, name = name(person)),
        None => say!(p, "roles-free", role = &role.name),
    }));
    if let Some(first) = roles.last() {
        said.push(say!(p, "roles-hint", role = line(&first.id, NAME_MAX)));
    }
    let buttons = roles.iter().filter_map(|role| {
        let label = say!(p, "button-take-role", role = &role.name);
        button(
            &label,
            &Press::Role {
                incident: incident.id,
                role: role.id.clone(),
            },
        )
    });
    Rendered {
        html: lines(&said).into_string(),
        keyboard: Some(Keyboard(rows(buttons, 2))),
    }
}
