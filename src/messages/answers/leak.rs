//! What somebody is told who pasted secrets.

use std::collections::BTreeSet;

use crate::incident::{Incident, IncidentEvent, Pasted, Person};
use crate::messages::Rendered;
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines, mention};

/// How long the list of kinds may become.
pub(super) const KINDS_MAX: usize = 240;

/// One notice about everything that a person pasted within about a minute; none if that was nothing.
pub fn pasted(view: &View<'_>, incident: &Incident, events: &[&IncidentEvent]) -> Option<Rendered> {
    let pastes: Vec<_> = events.iter().filter_map(|it| it.pasted()).collect();
    let author = pastes.last().and_then(|it| it.author);
    if pastes.is_empty() {
        return None;
    }
    let mut said = Vec::new();
    let of = |wanted: fn(&Pasted<'_>) -> bool| pastes.iter().filter(move |it| wanted(it));
    let deleted: Vec<_> = of(|it| it.evidence.is_none() && it.deleted).collect();
    let seen: Vec<_> = of(|it| it.evidence.is_none() && !it.deleted).collect();
    let kept: Vec<_> = of(|it| it.evidence.is_some()).collect();
    said.extend(in_messages(view, "secret-removed", author, &deleted));
    said.extend(in_messages(view, "secret-seen", author, &seen));
    said.extend(in_evidence(view, &kept));
    said.extend(what_to_do(view, incident, &pastes));
    Some(lines(&said).into())
}

fn in_messages(
    view: &View<'_>,
    key: &str,
    author: Option<&Person>,
    pastes: &[&Pasted<'_>],
) -> Option<Html> {
    if pastes.is_empty() {
        return None;
    }
    let messages: BTreeSet<_> = pastes.iter().flat_map(|it| it.messages).collect();
    let who = author.map_or_else(|| view.word("secret-somebody"), mention);
    Some(say!(
        view.phrases,
        key,
        name = who,
        count = messages.len(),
        secrets = say!(view.phrases, "secret-so-many", secrets = so_many(pastes)),
        them = say!(view.phrases, "secret-them", secrets = so_many(pastes)),
        what = kinds(pastes)
    ))
}

fn in_evidence(view: &View<'_>, pastes: &[&Pasted<'_>]) -> Option<Html> {
    if pastes.is_empty() {
        return None;
    }
    let mut pieces: Vec<String> = Vec::new();
    for number in pastes.iter().filter_map(|it| it.evidence) {
        add(&mut pieces, &format!("E{number}"));
    }
    Some(say!(
        view.phrases,
        "secret-in-evidence",
        pieces = line(&pieces.join(", "), NAME_MAX),
        count = pieces.len(),
        secrets = say!(view.phrases, "secret-so-many", secrets = so_many(pastes)),
        them = say!(view.phrases, "secret-them", secrets = so_many(pastes)),
        what = kinds(pastes)
    ))
}

/// What they are, each kind once.
fn kinds(pastes: &[&Pasted<'_>]) -> Html {
    let mut kinds = Vec::new();
    for name in pastes.iter().flat_map(|it| it.names) {
        add(&mut kinds, name);
    }
    line(&kinds.join(", "), KINDS_MAX)
}

/// How many secrets an event is about.
pub(super) fn held(event: &IncidentEvent) -> usize {
    event.pasted().map_or(0, |it| it.secrets)
}

/// How many: "a secret", "4 secrets". What several pastes hold may be the same again, so that nothing is counted there.
fn so_many(pastes: &[&Pasted<'_>]) -> usize {
    match pastes {
        [paste] => paste.secrets,
        _ => 0,
    }
}

/// What is to be revoked and rotated, each once; and the rest.
fn what_to_do(view: &View<'_>, incident: &Incident, pastes: &[Pasted<'_>]) -> Vec<Html> {
    let p = view.phrases;
    let plan = &incident.plan;
    let revokes = |id: &str| plan.procedures.iter().find(|it| it.id == id);
    let rotates = |id: &str| plan.credentials.iter().find(|it| it.id == id);
    let (mut procedures, mut credentials) = (Vec::new(), Vec::new());
    for paste in pastes {
        paste
            .procedures
            .iter()
            .for_each(|id| add(&mut procedures, id));
        paste
            .credentials
            .iter()
            .for_each(|id| add(&mut credentials, id));
    }
    let revoke = procedures.iter().filter_map(|id| revokes(id)).map(|it| {
        let command = command("run", &it.id);
        say!(
            p,
            "secret-revoke-by",
            name = &it.name,
            command = command,
            summary = &it.summary
        )
    });
    let rotate = credentials.iter().filter_map(|id| rotates(id)).map(|it| {
        let command = command("rotate", &it.id);
        say!(p, "secret-rotate", credential = &it.name, command = command)
    });
    let mut what: Vec<Html> = revoke.chain(rotate).collect();
    let gone = |it: &Pasted<'_>| {
        it.procedures.iter().any(|id| revokes(id).is_none())
            || it.credentials.iter().any(|id| rotates(id).is_none())
    };
    let (mut rest, mut count) = (Vec::new(), 0);
    for paste in pastes {
        for (name, number) in &paste.unmatched {
            add(&mut rest, name);
            count += usize::try_from(*number).unwrap_or(usize::MAX);
        }
        // The plan has no longer what it had for one of them: which one is not known.
        if gone(paste) {
            paste.names.iter().for_each(|name| add(&mut rest, name));
            count += paste.secrets;
        }
    }
    if rest.is_empty() {
        return what;
    }
    what.push(if what.is_empty() {
        say!(p, "secret-revoke", count = count)
    } else {
        let names = line(&rest.join(", "), KINDS_MAX);
        say!(p, "secret-revoke-rest", what = names, count = count)
    });
    what
}

fn command(verb: &'static str, id: &str) -> Html {
    Html::own(format!(
        "<code>/{verb} {}</code>",
        crate::messages::html::escape(id)
    ))
}

fn add(all: &mut Vec<String>, word: &str) {
    if !all.iter().any(|it| it == word) {
        all.push(word.to_owned());
    }
}
