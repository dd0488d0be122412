//! `/audit`: who was let do what, who was not.

use super::timeline;
use crate::incident::{ChatEvent, Event, FactorChange, Permission, Person, Recorded, audited};
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, lines, name};

/// Characters of somebody's text in one entry.
const TEXT_MAX: usize = 160;

/// The last entries, newest last. Longer answers are split or sent as a file on their way.
pub(in crate::messages) fn audit(view: &View<'_>, count: usize) -> Html {
    let p = view.phrases;
    let (entries, earlier) = audited(view.chat, count);
    let zone = line(&view.chat.settings.timezone, NAME_MAX);
    let mut said = vec![say!(p, "audit-head", count = entries.len(), zone = zone).bold()];
    if earlier > 0 {
        said.push(say!(
            p,
            "audit-earlier",
            count = earlier,
            more = entries.len() + earlier
        ));
    }
    said.extend(entries.iter().map(|it| entry(view, it)));
    lines(&said)
}

fn entry(view: &View<'_>, recorded: &Recorded) -> Html {
    let p = view.phrases;
    let text = match &recorded.event {
        Event::Incident(id, event) => {
            let words = view.incident(*id).map_or_else(Html::default, |incident| {
                timeline::words(view, incident, event, TEXT_MAX)
            });
            let id = Html::own(id.to_string());
            say!(p, "audit-incident", id = id, text = words)
        }
        Event::Chat(event) => chat_words(view, event),
    };
    let at = view.times().short(recorded.at);
    match recorded.by.person() {
        Some(person) => say!(
            p,
            "timeline-line-by",
            at = at,
            text = text,
            who = name(person)
        ),
        None => say!(p, "timeline-line", at = at, text = text),
    }
}

/// What happened to the chat, in one line.
fn chat_words(view: &View<'_>, event: &ChatEvent) -> Html {
    let p = view.phrases;
    let text = |it: &str| line(it, NAME_MAX);
    let granted = |key: &str, person: &Person, permission: Permission| {
        let permission = view.permission(permission);
        say!(p, key, name = name(person), permission = permission)
    };
    match event {
        ChatEvent::Claimed => view.word("audit-claimed"),
        ChatEvent::Unclaimed { why } => say!(p, "audit-unclaimed", why = text(why)),
        ChatEvent::Migrated { .. } => view.word("audit-migrated"),
        ChatEvent::PlanChosen { plan } => say!(p, "audit-plan", value = text(plan)),
        ChatEvent::LanguageChosen { language } => {
            say!(p, "audit-language", value = text(language))
        }
        ChatEvent::TimezoneChosen { timezone } => {
            say!(p, "audit-timezone", value = text(timezone))
        }
        ChatEvent::AdminsCount { on: true } => view.word("audit-admins-on"),
        ChatEvent::AdminsCount { on: false } => view.word("audit-admins-off"),
        ChatEvent::RespondersChosen { everybody: true } => view.word("audit-responders-everybody"),
        ChatEvent::RespondersChosen { everybody: false } => view.word("audit-responders-granted"),
        ChatEvent::HomeChosen => view.word("audit-home"),
        ChatEvent::Granted { person, permission } => granted("audit-granted", person, *permission),
        ChatEvent::Revoked { person, permission } => granted("audit-revoked", person, *permission),
        ChatEvent::ContactBound {
            contact,
            person,
            backup: _,
        } => say!(
            p,
            "audit-contact",
            contact = text(contact),
            name = name(person)
        ),
        ChatEvent::Refused { verb, needs } => {
            let needs = view.permission(*needs);
            say!(p, "audit-refused", verb = text(verb), needs = needs)
        }
        ChatEvent::Requested { form, .. } => {
            let what = super::requests::about(view, form);
            say!(p, "audit-requested", request = form.number, what = what)
        }
        ChatEvent::Rehearsed { lever, incident } => {
            let known = incident.and_then(|id| view.incident(id));
            let plan = known.map(|it| it.plan.as_ref()).or_else(|| view.plan());
            let lever = plan.map(|plan| timeline::lever_said(view, plan, lever));
            say!(p, "audit-rehearsed", lever = lever.unwrap_or_default())
        }
        ChatEvent::RequestAgreed { request } => say!(p, "event-lever-agreed", request = *request),
        ChatEvent::RequestRefused { request, .. } => {
            say!(p, "audit-request-refused", request = *request)
        }
        ChatEvent::RequestEnded { request, outcome } => {
            let outcome = super::requests::outcome_word(view, outcome);
            say!(
                p,
                "audit-request-ended",
                request = *request,
                outcome = outcome
            )
        }
        ChatEvent::TotpReset { person } => say!(p, "audit-totp-reset", name = name(person)),
        ChatEvent::FactorChanged { person, change } => match change {
            FactorChange::Enrolled => say!(p, "audit-factor-enrolled", name = name(person)),
            FactorChange::Locked { until } => {
                let until = view.times().short(*until);
                say!(p, "audit-factor-locked", name = name(person), until = until)
            }
            FactorChange::ResetOnHost => say!(p, "audit-factor-reset", name = name(person)),
        },
        // Never part of an audit.
        ChatEvent::RequestShown { .. }
        | ChatEvent::RequestMoved { .. }
        | ChatEvent::Left { .. }
        | ChatEvent::Returned { .. }
        | ChatEvent::Described { .. }
        | ChatEvent::BotStanding { .. }
        | ChatEvent::AdministratorsListed { .. }
        | ChatEvent::Asked { .. }
        | ChatEvent::Answered { .. } => Html::default(),
    }
}
