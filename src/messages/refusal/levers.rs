//! About levers: why one is not pulled, and why an answer to a request does not count.

use super::own;
use crate::incident::{Outcome, Refusal};
use crate::messages::answers::requests::{changed as changed_words, outcome_word};
use crate::messages::html::{Html, NAME_MAX, line};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas, name};

/// What levers are refused for.
pub(super) fn of_levers(view: &View<'_>, refusal: &Refusal) -> Html {
    let p = view.phrases;
    match refusal {
        Refusal::Stale { verb } => say!(p, "stale", verb = own(verb)),
        Refusal::CodeNeeded { .. } => view.word("code-needed"),
        Refusal::EnrolFirst { verb } => say!(p, "enrol-first", verb = own(verb)),
        Refusal::NotAloneYet { until, .. } => {
            say!(p, "not-alone-yet", until = view.times().short(*until))
        }
        Refusal::Locked { verb, until } => say!(
            p,
            "locked",
            verb = own(verb),
            until = view.times().clock(*until)
        ),
        Refusal::TwoLevers { .. } => view.word("two-levers"),
        Refusal::NotFailSafe { procedure, .. } => {
            say!(p, "not-fail-safe", procedure = line(procedure, NAME_MAX))
        }
        Refusal::OwnersBreakTheGlass { usage, .. } => {
            say!(p, "owners-break-the-glass", usage = own(usage))
        }
        Refusal::TypedName { wants, usage, .. } => {
            // To be copied as it stands: nothing invisible may be in it.
            let (wants, usage) = (own(wants), own(usage));
            say!(p, "typed-name", wants = wants, usage = usage)
        }
        Refusal::BadParameter { name, kind, .. } => {
            let wants = view.word(&format!("kind-{}", kind.name()));
            let example = crate::messages::answers::requests::example_of(view, name, *kind);
            say!(
                p,
                "bad-parameter",
                name = line(name, NAME_MAX),
                wants = wants,
                example = example
            )
        }
        Refusal::UnknownParameter { name, known, .. } => unknown_parameter(view, name, known),
        Refusal::Changed { changed, .. } => {
            let why = changed_words(view, changed);
            say!(p, "refused-changed", why = why)
        }
        _ => Html::default(),
    }
}

/// Answers to a request that do not count.
pub(super) fn about_request(view: &View<'_>, refusal: &Refusal) -> Html {
    let p = view.phrases;
    match refusal {
        Refusal::AlreadyAsked { request, .. } => say!(p, "already-asked", request = *request),
        Refusal::UnknownRequest { request, .. } => say!(p, "unknown-request", request = *request),
        Refusal::RequestOver {
            request, outcome, ..
        } => {
            // What was carried out may still be under way: nobody is invited to begin it a second time.
            let key = match outcome {
                Outcome::Approved { .. } => "request-over-short",
                _ => "request-over",
            };
            let outcome = outcome_word(view, outcome);
            say!(p, key, request = *request, outcome = outcome)
        }
        Refusal::WrongButton { request, .. } => say!(p, "wrong-button", request = *request),
        Refusal::OwnRequest { request, .. } => say!(p, "own-request", request = *request),
        Refusal::OnlyTheAsker { request, asker, .. } => {
            say!(p, "only-the-asker", request = *request, name = name(asker))
        }
        Refusal::AgreedAlready { request, .. } => say!(p, "agreed-already", request = *request),
        Refusal::GrantedByAsker {
            request,
            asker,
            until,
            ..
        } => say!(
            p,
            "granted-by-asker",
            request = *request,
            name = name(asker),
            until = view.times().clock(*until)
        ),
        Refusal::NumberMissing { request, .. } => say!(p, "number-missing", request = *request),
        Refusal::CountingDown { request, .. } => say!(p, "counting-down", request = *request),
        _ => Html::default(),
    }
}

fn unknown_parameter(view: &View<'_>, name: &str, known: &[String]) -> Html {
    let p = view.phrases;
    let known = if known.is_empty() {
        view.word("unknown-parameter-none")
    } else {
        let names: Vec<Html> = known.iter().map(|it| line(it, NAME_MAX)).collect();
        say!(p, "unknown-parameter-known", names = commas(&names))
    };
    say!(
        p,
        "unknown-parameter",
        name = line(name, NAME_MAX),
        known = known
    )
}
