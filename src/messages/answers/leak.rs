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
    said.push(
        match credential
            .as_ref()
            .and_then(|id| incident.plan.credentials.iter().find(|it| it.id == *id))
        {
            Some(it) => say!(
                p,
                "secret-rotate",
                credential = &it.name,
                command = Html::own(format!(
                    "<code>/rotate {}</code>",
                    crate::messages::html::escape(&it.id)
                ))
            ),
            None => view.word("secret-revoke"),
        },
    );
    lines(&said)
}
