//! Why not, and what to do about it.

mod levers;
mod phases;
mod runs;
mod words;

use levers::{about_request, of_levers};
use phases::{gate, gate_severity, item_state, wants_severity};
use runs::{not_over, of_runs};
use words::unknown_word;

use super::commands;
use super::html::{Html, NAME_MAX, line};
use super::phrases::say;
use super::view::{Rendered, View, commas};
use crate::incident::{ChatKind, Identity, IncidentId, Permission, Refusal, StateName};

/// How many of the known words are listed.
const KNOWN_MAX: usize = 16;

/// The refusal as a message.
pub fn refusal(view: &View<'_>, refusal: &Refusal) -> Rendered {
    words(view, refusal).into()
}

/// The refusal as a toast: plain text of at most 200 characters.
pub fn refusal_toast(view: &View<'_>, refusal: &Refusal) -> String {
    if matches!(refusal, Refusal::Stale { .. }) {
        return view.word("press-late").plain();
    }
    super::said::to_toast(&words(view, refusal))
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm for each kind, so that none is forgotten"
)]
fn words(view: &View<'_>, refusal: &Refusal) -> Html {
    let p = view.phrases;
    let code = |id: &IncidentId| Html::own(id.to_string());
    match refusal {
        Refusal::NotAllowed { verb, needs, has } => not_allowed(view, verb, *needs, *has),
        Refusal::NotAPerson { verb, identity } => {
            let key = match identity {
                Identity::Person | Identity::AnonymousAdmin => "not-a-person-anonymous",
                Identity::Channel | Identity::LinkedChannel => "not-a-person-channel",
                Identity::Bot => "not-a-person-bot",
                Identity::ViaBot => "not-a-person-via-bot",
                Identity::Forwarded => "not-a-person-forwarded",
            };
            say!(p, key, verb = own(verb))
        }
        Refusal::LogBroken { verb } => say!(p, "log-broken", verb = own(verb)),
        Refusal::NotInACaption { verb } => say!(p, "not-in-a-caption", verb = own(verb)),
        Refusal::LeftTheChat { .. } => view.word("left-the-chat"),
        Refusal::NotClaimed { .. } => view.word("not-claimed"),
        Refusal::GroupOnly { verb } => say!(p, "group-only", verb = own(verb)),
        Refusal::NothingOpen { verb: "reopen" } => view.word("nothing-open-reopen"),
        Refusal::NothingOpen { .. } => view.word("nothing-open"),
        Refusal::WhichIncident { verb, open } => which(view, verb, open),
        Refusal::UnknownIncident { id, .. } => say!(p, "unknown-incident", id = code(id)),
        Refusal::DuplicateOfItself { id, .. } => say!(p, "duplicate-of-itself", id = code(id)),
        Refusal::WrongState {
            id,
            state: StateName::Open,
            ..
        } => say!(p, "wrong-state-open", id = code(id)),
        Refusal::WrongState { id, state, .. } => {
            let state = view.word(&format!("state-{state}"));
            say!(p, "wrong-state-ended", id = code(id), state = state)
        }
        Refusal::GateOpen {
            verb,
            id,
            phase,
            items,
            facts,
        } => match view.chat.incidents.get(id) {
            Some(incident)
                if items
                    .iter()
                    .any(|(number, _)| wants_severity(incident, *number)) =>
            {
                gate_severity(view, verb, phase, items, facts)
            }
            _ => gate(view, verb, phase, items, facts),
        },
        Refusal::LastPhase { id, phase, .. } => say!(p, "last-phase", id = code(id), phase = phase),
        Refusal::FirstPhase { id, phase, .. } => {
            say!(p, "first-phase", id = code(id), phase = phase)
        }
        Refusal::NotLastPhase { id, phase, .. } => {
            say!(p, "not-last-phase", id = code(id), phase = phase)
        }
        Refusal::NoDrillNow { id, .. } => {
            let key = if id.is_drill() {
                "no-drill-now-drill"
            } else {
                "no-drill-now"
            };
            say!(p, key, id = code(id))
        }
        Refusal::InTheWay { hindrance, .. } => {
            super::answers::run::hindrance(view, Some(hindrance)).unwrap_or_default()
        }
        Refusal::NotOver { verb, id, open } => not_over(view, verb, *id, open),
        Refusal::PhaseMovedOn { id, phase, .. } => {
            say!(p, "phase-moved-on", id = code(id), phase = phase)
        }
        Refusal::UnknownItem { item, last, .. } => {
            let word = line(item, NAME_MAX);
            match IncidentId::meant_by(item) {
                Some(id) => say!(p, "no-id", word = word, id = code(&id)),
                None => say!(p, "unknown-item", item = word, last = *last),
            }
        }
        Refusal::ItemState {
            verb,
            number,
            state,
        } => item_state(view, verb, *number, state),
        Refusal::NoSeverityYet { number, codes, .. } => {
            let codes: Vec<Html> = codes.iter().map(|it| line(it, NAME_MAX)).collect();
            say!(
                p,
                "no-severity-yet",
                number = *number,
                codes = commas(&codes)
            )
        }
        Refusal::GuardsTheGate { number, .. } => say!(p, "guards-the-gate", number = *number),
        Refusal::UnknownWord {
            what, word, known, ..
        } => unknown_word(view, what, word, known),
        Refusal::UnknownPerson { name, .. } => {
            say!(p, "unknown-person", name = line(name, NAME_MAX))
        }
        Refusal::ReasonMissing {
            verb: verb @ ("next" | "close"),
        } => {
            let usage = Html::own(format!("<code>/{verb} {}</code>", view.word("force-why")));
            say!(p, "reason-missing", usage = usage)
        }
        Refusal::ReasonMissing { verb } => {
            say!(p, "reason-missing", usage = commands::example(p, verb))
        }
        Refusal::NothingToStore { .. } => view.word("nothing-to-store"),
        Refusal::Usage { verb: "evidence" } => view.word("usage-evidence"),
        Refusal::Usage { verb } => say!(p, "usage", usage = commands::example(p, verb)),
        Refusal::BadValue { field, wants, .. } => {
            let example = view.word(&format!("wants-{wants}-example"));
            let wants = view.word(&format!("wants-{wants}"));
            say!(
                p,
                "bad-value",
                field = line(field, NAME_MAX),
                wants = wants,
                example = example
            )
        }
        Refusal::TooLong { max, .. } => say!(p, "too-long", max = *max),
        Refusal::QuestionGone { .. } => view.word("question-gone"),
        Refusal::NotYourQuestion { .. } => view.word("not-your-question"),
        Refusal::RunState { .. }
        | Refusal::StepWaitsForNobody { .. }
        | Refusal::StepTakes { .. }
        | Refusal::NoRun { .. }
        | Refusal::WhichStep { .. } => of_runs(view, refusal),
        Refusal::BotIsNoAdministrator { .. } => view.word("bot-is-no-administrator"),
        Refusal::OwnersAreSettings { .. } => view.word("owners-are-settings"),
        Refusal::Stale { .. }
        | Refusal::CodeNeeded { .. }
        | Refusal::EnrolFirst { .. }
        | Refusal::Locked { .. }
        | Refusal::NotAloneYet { .. }
        | Refusal::TwoLevers { .. }
        | Refusal::NotFailSafe { .. }
        | Refusal::OwnersBreakTheGlass { .. }
        | Refusal::TypedName { .. }
        | Refusal::BadParameter { .. }
        | Refusal::UnknownParameter { .. }
        | Refusal::Changed { .. } => of_levers(view, refusal),
        Refusal::AlreadyAsked { .. }
        | Refusal::UnknownRequest { .. }
        | Refusal::RequestOver { .. }
        | Refusal::WrongButton { .. }
        | Refusal::OwnRequest { .. }
        | Refusal::OnlyTheAsker { .. }
        | Refusal::AgreedAlready { .. }
        | Refusal::GrantedByAsker { .. }
        | Refusal::NumberMissing { .. }
        | Refusal::CountingDown { .. } => about_request(view, refusal),
    }
}

/// A word of the program, such as a verb.
fn own(word: &str) -> Html {
    Html::own(super::html::escape(word))
}

fn not_allowed(view: &View<'_>, verb: &str, needs: Permission, has: Permission) -> Html {
    let p = view.phrases;
    // Whoever is granted something in a group is a stranger here: told to ask for a grant, they would be misled.
    let elsewhere = view.chat.kind == ChatKind::Private && verb != "totp";
    if has == Permission::Stranger && elsewhere {
        return say!(p, "not-allowed-private", verb = own(verb));
    }
    if needs == Permission::Owner {
        return say!(
            p,
            "not-allowed-owner",
            verb = own(verb),
            has = view.a_permission(has)
        );
    }
    if has == Permission::Stranger {
        return say!(p, "not-allowed-stranger", verb = own(verb));
    }
    // The verb itself is open to them: what is refused is the one thing about it.
    let key = match (verb, needs, has) {
        ("next", Permission::Commander, Permission::Responder) => "not-allowed-force",
        ("severity", Permission::Commander, Permission::Responder) => "not-allowed-lower",
        _ => "not-allowed",
    };
    say!(
        p,
        key,
        verb = own(verb),
        needs = view.permission(needs),
        someone = view.a_permission(needs),
        has = view.a_permission(has)
    )
}

fn which(view: &View<'_>, verb: &str, open: &[IncidentId]) -> Html {
    let ids: Vec<Html> = open
        .iter()
        .take(KNOWN_MAX)
        .map(|id| Html::own(id.to_string()))
        .collect();
    let first = ids.first().cloned().unwrap_or_default();
    let args = match commands::args(view.phrases, verb) {
        Some(args) => Html::own(format!(" {args}")),
        None => Html::default(),
    };
    say!(
        view.phrases,
        "which-incident",
        open = view.list(ids),
        verb = own(verb),
        id = first,
        args = args
    )
}

#[cfg(test)]
mod tests;
