//! What somebody is told who pasted secrets.

use std::collections::BTreeSet;

use crate::incident::{Incident, IncidentEvent, Person};
use crate::messages::Rendered;
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines, mention};

/// How long the list of kinds may become.
const KINDS_MAX: usize = 240;

/// One paste, as far as it is told.
struct Paste<'a> {
    names: &'a [String],
    messages: &'a [i64],
    credential: Option<&'a str>,
    deleted: bool,
    evidence: Option<u32>,
}

/// One notice about everything that a person pasted within about a minute; none if that was nothing.
pub fn pasted(view: &View<'_>, incident: &Incident, events: &[&IncidentEvent]) -> Option<Rendered> {
    let mut author = None;
    let mut pastes = Vec::new();
    for event in events {
        if let IncidentEvent::SecretRemoved {
            names,
            messages,
            author: by,
            credential,
            deleted,
            evidence,
        } = event
        {
            author = by.as_ref();
            pastes.push(Paste {
                names,
                messages,
                credential: credential.as_deref(),
                deleted: *deleted,
                evidence: *evidence,
            });
        }
    }
    if pastes.is_empty() {
        return None;
    }
    let mut said = Vec::new();
    let of = |wanted: fn(&Paste<'_>) -> bool| pastes.iter().filter(move |it| wanted(it));
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
    pastes: &[&Paste<'_>],
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
        what = kinds(pastes)
    ))
}

fn in_evidence(view: &View<'_>, pastes: &[&Paste<'_>]) -> Option<Html> {
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
        what = kinds(pastes)
    ))
}

/// What they are, each kind once.
fn kinds(pastes: &[&Paste<'_>]) -> Html {
    let mut kinds = Vec::new();
    for name in pastes.iter().flat_map(|it| it.names) {
        add(&mut kinds, name);
    }
    line(&kinds.join(", "), KINDS_MAX)
}

/// What is to be rotated, each credential once; and the rest.
fn what_to_do(view: &View<'_>, incident: &Incident, pastes: &[Paste<'_>]) -> Vec<Html> {
    let known = &incident.plan.credentials;
    let find = |id: &str| known.iter().find(|it| it.id == id);
    let mut credentials = Vec::new();
    for id in pastes.iter().filter_map(|it| it.credential) {
        add(&mut credentials, id);
    }
    let rotate = credentials.iter().filter_map(|id| find(id)).map(|it| {
        let command = format!(
            "<code>/rotate {}</code>",
            crate::messages::html::escape(&it.id)
        );
        say!(
            view.phrases,
            "secret-rotate",
            credential = &it.name,
            command = Html::own(command)
        )
    });
    let mut what: Vec<Html> = rotate.collect();
    if pastes
        .iter()
        .any(|it| it.credential.and_then(find).is_none())
    {
        what.push(view.word("secret-revoke"));
    }
    what
}

fn add(all: &mut Vec<String>, word: &str) {
    if !all.iter().any(|it| it == word) {
        all.push(word.to_owned());
    }
}
