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
    procedure: Option<&'a str>,
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
            procedure,
            deleted,
            evidence,
        } = event
        {
            author = by.as_ref();
            pastes.push(Paste {
                names,
                messages,
                credential: credential.as_deref(),
                procedure: procedure.as_deref(),
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

/// What is to be revoked and rotated, each once; and the rest.
fn what_to_do(view: &View<'_>, incident: &Incident, pastes: &[Paste<'_>]) -> Vec<Html> {
    let p = view.phrases;
    let plan = &incident.plan;
    let revokes = |id: &str| plan.procedures.iter().find(|it| it.id == id);
    let rotates = |id: &str| plan.credentials.iter().find(|it| it.id == id);
    let (mut procedures, mut credentials) = (Vec::new(), Vec::new());
    for paste in pastes {
        paste
            .procedure
            .iter()
            .for_each(|id| add(&mut procedures, id));
        paste
            .credential
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
    let known = |it: &Paste<'_>| {
        it.procedure.and_then(revokes).is_some() || it.credential.and_then(rotates).is_some()
    };
    if !pastes.iter().all(known) {
        what.push(view.word("secret-revoke"));
    }
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
