//! `/todos`

use crate::incident::{FollowUp, Incident};
use crate::messages::card::id;
use crate::messages::html::{Html, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines, name};

pub(in crate::messages) fn todos(view: &View<'_>, incident: &Incident) -> Html {
    if incident.follow_ups.is_empty() {
        return say!(view.phrases, "todos-none", id = id(incident));
    }
    let mut said = vec![say!(view.phrases, "todos-head", id = id(incident)).bold()];
    said.extend(incident.follow_ups.iter().map(|it| one(view, it)));
    if let Some(open) = incident.follow_ups.iter().find(|it| !it.done) {
        said.push(say!(view.phrases, "todos-hint", number = open.number));
    }
    lines(&said)
}

fn one(view: &View<'_>, it: &FollowUp) -> Html {
    let p = view.phrases;
    let who = it
        .owner
        .as_ref()
        .map_or_else(|| view.word("todo-nobody"), name);
    let who = match it.due {
        None => who,
        Some(due) if !it.done && view.times().is_past(due) => {
            say!(p, "todo-overdue", who = who, due = view.times().day(due))
        }
        Some(due) => say!(p, "todo-due", who = who, due = view.times().day(due)),
    };
    let key = if it.done { "todo-done" } else { "todo-open" };
    say!(
        p,
        key,
        number = it.number,
        text = line(&it.text, 200),
        who = who
    )
}
