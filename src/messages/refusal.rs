//! Why not, and what to do about it.

use super::commands;
use super::html::{Html, LINE_MAX, NAME_MAX, line};
use super::phrases::say;
use super::view::{Rendered, View, commas};
use crate::incident::{
    ChatKind, Identity, Incident, IncidentId, Outcome, Permission, Refusal, StateName, Unfinished,
};

/// How many of the known words are listed.
const KNOWN_MAX: usize = 16;
/// So many of the words that would have been known: more is a wall on a phone.
const WORDS_MAX: usize = 9;

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

/// About runs and their steps.
fn of_runs(view: &View<'_>, refusal: &Refusal) -> Html {
    let p = view.phrases;
    match refusal {
        Refusal::RunState { run, state, .. } => {
            let key = format!("run-state-{state}");
            let key = if p.has(&key) {
                key.as_str()
            } else {
                "run-state-other"
            };
            say!(p, key, run = *run)
        }
        Refusal::StepWaitsForNobody { run, step, .. } => {
            say!(p, "step-waits-for-nobody", run = *run, step = *step)
        }
        Refusal::StepTakes { run, step, can, .. } => {
            let can = can.iter().map(|choice| {
                Html::own(format!("<code>/step {run} {step} {}</code>", choice.word()))
            });
            say!(
                p,
                "step-takes",
                run = *run,
                step = *step,
                can = commas(&can.collect::<Vec<_>>())
            )
        }
        Refusal::NoRun { verb: "step" } => view.word("no-run-waits"),
        Refusal::NoRun { .. } => view.word("no-run-under-way"),
        Refusal::WhichStep { steps, .. } => {
            let steps = steps
                .iter()
                .take(KNOWN_MAX)
                .map(|(run, step)| Html::own(format!("<code>/step {run} {step} …</code>")));
            say!(p, "which-step", steps = commas(&steps.collect::<Vec<_>>()))
        }
        _ => Html::default(),
    }
}

/// What levers are refused for.
fn of_levers(view: &View<'_>, refusal: &Refusal) -> Html {
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
            let example = super::answers::requests::example_of(view, name, *kind);
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
            let why = super::answers::requests::changed(view, changed);
            say!(p, "refused-changed", why = why)
        }
        _ => Html::default(),
    }
}

/// Answers to a request that do not count.
fn about_request(view: &View<'_>, refusal: &Refusal) -> Html {
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
            let outcome = super::answers::requests::outcome_word(view, outcome);
            say!(p, key, request = *request, outcome = outcome)
        }
        Refusal::WrongButton { request, .. } => say!(p, "wrong-button", request = *request),
        Refusal::OwnRequest { request, .. } => say!(p, "own-request", request = *request),
        Refusal::OnlyTheAsker { request, asker, .. } => {
            say!(
                p,
                "only-the-asker",
                request = *request,
                name = super::view::name(asker)
            )
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
            name = super::view::name(asker),
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

/// What is not over, and how it comes to an end.
fn not_over(view: &View<'_>, verb: &str, id: IncidentId, open: &Unfinished) -> Html {
    let p = view.phrases;
    let id = Html::own(id.to_string());
    match open {
        Unfinished::Run { run } => say!(p, "not-over-run", run = *run, id = id),
        Unfinished::Stuck { run } if verb == "close" => {
            say!(p, "not-over-stuck-close", run = *run, id = id)
        }
        Unfinished::Stuck { run } => say!(p, "not-over-stuck", run = *run, id = id),
        Unfinished::Request { request, until } => say!(
            p,
            "not-over-request",
            request = *request,
            id = id,
            until = view.times().clock(*until)
        ),
        Unfinished::Countdown { request } => {
            say!(p, "not-over-countdown", request = *request, id = id)
        }
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

fn gate(
    view: &View<'_>,
    verb: &str,
    phase: &str,
    items: &[(u32, String)],
    facts: &[String],
) -> Html {
    let p = view.phrases;
    let named: Vec<Html> = items
        .iter()
        .map(|(number, text)| Html::own(format!("{} ({number})", line(text, 100))))
        .collect();
    let numbers: Vec<String> = items.iter().map(|(number, _)| number.to_string()).collect();
    let numbers = Html::own(numbers.join(" "));
    let field = facts
        .first()
        .map(|name| line(name, NAME_MAX))
        .unwrap_or_default();
    let labels: Vec<Html> = facts
        .iter()
        .map(|name| super::facts::label(view, name))
        .collect();
    let verb = own(verb);
    match (items.is_empty(), facts.is_empty()) {
        (_, true) => say!(
            p,
            "gate-items",
            count = items.len(),
            items = commas(&named),
            phase = phase,
            numbers = numbers,
            verb = verb,
        ),
        (true, false) => {
            say!(
                p,
                "gate-facts",
                phase = phase,
                facts = view.list(labels),
                field = field,
                verb = verb
            )
        }
        (false, false) => say!(
            p,
            "gate-both",
            phase = phase,
            items = commas(&named),
            facts = view.list(labels),
            numbers = numbers,
            field = field,
            verb = verb,
        ),
    }
}

/// Whether the item with this number stands for a severity, which is missing.
fn wants_severity(incident: &Incident, number: u32) -> bool {
    let found = usize::try_from(number).ok();
    let found = found.and_then(|number| incident.plan.item_by_number(number));
    found.is_some_and(|(_, _, item)| incident.is_untrue(item))
}

/// The severity is missing: nobody can tick that, so it is chosen first.
fn gate_severity(
    view: &View<'_>,
    verb: &str,
    phase: &str,
    items: &[(u32, String)],
    facts: &[String],
) -> Html {
    let mut open: Vec<Html> = items
        .iter()
        .map(|(number, text)| Html::own(format!("{} ({number})", line(text, 100))))
        .collect();
    open.extend(facts.iter().map(|name| super::facts::label(view, name)));
    let key = if open.len() == 1 {
        "gate-severity"
    } else {
        "gate-severity-more"
    };
    let items = commas(&open);
    say!(
        view.phrases,
        key,
        phase = phase,
        items = items,
        verb = own(verb)
    )
}

fn item_state(view: &View<'_>, verb: &str, number: u32, state: &str) -> Html {
    let p = view.phrases;
    match (verb, state) {
        (_, "open") => say!(p, "item-state-open", number = number),
        ("skip", "ticked") => say!(p, "item-state-skip-ticked", number = number),
        ("skip", "skipped") => say!(p, "item-state-skip-skipped", number = number),
        (_, state) => {
            let key = format!("item-{state}");
            let state = if p.has(&key) {
                view.word(&key)
            } else {
                own(state)
            };
            say!(p, "item-state", number = number, state = state)
        }
    }
}

fn unknown_word(view: &View<'_>, what: &str, word: &str, known: &[String]) -> Html {
    let p = view.phrases;
    let key = format!("what-{what}");
    // There are hundreds: the known ones are examples.
    let told = match what {
        "timezone" => "unknown-word-example",
        _ => "unknown-word-known",
    };
    let what = view.word(if p.has(&key) { &key } else { "what-other" });
    let word = line(word, NAME_MAX);
    if known.is_empty() {
        return say!(p, "unknown-word", what = what, word = word);
    }
    let names: Vec<Html> = known
        .iter()
        .take(WORDS_MAX)
        .map(|it| line(it, LINE_MAX))
        .collect();
    let more = known.len() - names.len();
    let known = if more == 0 {
        commas(&names)
    } else {
        let list = format!("{key}-list");
        let key = if p.has(&list) { &list } else { "known-more" };
        say!(p, key, names = commas(&names), more = more)
    };
    say!(p, told, what = what, word = word, known = known)
}

#[cfg(test)]
mod tests;
