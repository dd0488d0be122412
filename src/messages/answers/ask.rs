//! Questions with their buttons.

use crate::incident::Question;
use crate::messages::card::buttons::button;
use crate::messages::html::{Html, line};
use crate::messages::outgoing::{Keyboard, Style};
use crate::messages::phrases::say;
use crate::messages::press::Press;
use crate::messages::view::{Rendered, View, lines, name};

pub(in crate::messages) fn ask(view: &View<'_>, ask: u32, question: &Question) -> Rendered {
    match question {
        Question::SameIncident {
            incident,
            title,
            severity,
        } => {
            let known = view.incident(*incident);
            let ago = known.map_or_else(Html::default, |it| {
                view.times().span(view.now - it.declared_at)
            });
            let id = Html::own(incident.to_string());
            let old = known.map_or_else(Html::default, |it| line(&it.title, 120));
            let new = line(title, 120);
            let html = lines(&[
                say!(
                    view.phrases,
                    "ask-same",
                    id = &id,
                    ago = ago,
                    title = old,
                    new = new
                ),
                if known.is_some_and(|it| it.is_outranked_by(severity.as_deref())) {
                    view.word("ask-same-hint-worse")
                } else {
                    say!(view.phrases, "ask-same-hint", id = id)
                },
            ]);
            let same = button(
                &view.word("button-same"),
                &Press::Declare {
                    ask,
                    separate: false,
                },
            );
            let separate = button(
                &view.word("button-separate"),
                &Press::Declare {
                    ask,
                    separate: true,
                },
            );
            with_row(html, same.into_iter().chain(separate).collect())
        }
        Question::Grant { person, permission } => {
            let id = Html::own(person.id.to_string());
            let permission = view.permission(*permission);
            let html = say!(
                view.phrases,
                "ask-grant",
                name = name(person),
                id = id,
                permission = permission
            );
            let yes = button(
                &view.word("button-grant-yes"),
                &Press::Grant { ask, yes: true },
            );
            let no = button(
                &view.word("button-grant-no"),
                &Press::Grant { ask, yes: false },
            );
            let yes = yes.map(|button| button.styled(Style::Danger));
            with_row(html, yes.into_iter().chain(no).collect())
        }
        Question::StillMeant { command, incident } => {
            let verb = Html::own(command.command().verb());
            let drill = incident.is_some_and(crate::incident::IncidentId::is_drill);
            let mut said = Vec::new();
            said.extend(drill.then(|| view.word("drill-short")));
            said.push(match incident {
                Some(id) => {
                    let id = Html::own(id.to_string());
                    say!(view.phrases, "ask-late-for", verb = &verb, id = id)
                }
                None => say!(view.phrases, "ask-late", verb = &verb),
            });
            let yes = button(
                &say!(view.phrases, "button-late-yes", verb = verb),
                &Press::Again { ask, yes: true },
            );
            let no = button(
                &view.word("button-late-no"),
                &Press::Again { ask, yes: false },
            );
            with_row(lines(&said), yes.into_iter().chain(no).collect())
        }
    }
}

fn with_row(html: Html, row: Vec<crate::messages::outgoing::Button>) -> Rendered {
    Rendered {
        html: html.into_string(),
        keyboard: Some(Keyboard(vec![row])),
    }
}
