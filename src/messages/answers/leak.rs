//! What somebody is told who pasted a secret.

use crate::incident::{Incident, Said};
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines, mention};

pub(in crate::messages) fn removed(view: &View<'_>, incident: &Incident, said: &Said) -> Html {
    let Said::SecretRemoved {
        names,
        author,
        credential,
        procedure,
        deleted,
        evidence,
        ..
    } = said
    else {
        return Html::default();
    };
    let p = view.phrases;
    let what = line(&names.join(", "), NAME_MAX);
    let who = author
        .as_ref()
        .map_or_else(|| view.word("secret-somebody"), mention);
    let key = if *deleted {
        "secret-removed"
    } else {
        "secret-seen"
    };
    let mut said = vec![match evidence {
        Some(number) => say!(p, "secret-in-evidence", number = *number, what = what),
        None => say!(p, key, name = who, what = what),
    }];
    let plan = &incident.plan;
    let known = |id: &String| plan.procedures.iter().find(|it| it.id == *id);
    let revokes = procedure.as_ref().and_then(known);
    said.extend(revokes.map(|it| {
        say!(
            p,
            "secret-revoke-by",
            name = &it.name,
            command = command("run", &it.id),
            summary = &it.summary
        )
    }));
    let known = |id: &String| plan.credentials.iter().find(|it| it.id == *id);
    let rotates = credential.as_ref().and_then(known);
    match rotates {
        Some(it) => said.push(say!(
            p,
            "secret-rotate",
            credential = &it.name,
            command = command("rotate", &it.id)
        )),
        None if revokes.is_none() => said.push(view.word("secret-revoke")),
        None => {}
    }
    lines(&said)
}

fn command(verb: &'static str, id: &str) -> Html {
    Html::own(format!(
        "<code>/{verb} {}</code>",
        crate::messages::html::escape(id)
    ))
}
