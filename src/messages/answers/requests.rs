//! The message that shows a request, and what is said around it.

use crate::incident::{
    About, Changed, LeverRequest, Outcome, RequestState, Stage, Then, TrustChange, Warrant,
};
use crate::messages::card::buttons::button;
use crate::messages::html::{Html, LINE_MAX, NAME_MAX, line, ours};
use crate::messages::outgoing::{Button, Keyboard, Style};
use crate::messages::phrases::say;
use crate::messages::press::{Answer, Press};
use crate::messages::view::{Rendered, View, commas, lines, mention, name};
use crate::plan::{Parameter, Plan, Procedure};

/// How long a countdown is, as it is told.
const COUNTDOWN_SECONDS: u32 = 30;

/// A request as it stands now: who asks for what, what it touches, who may answer until when, or how it ended.
pub fn request(view: &View<'_>, request: &LeverRequest) -> Rendered {
    let p = view.phrases;
    let number = request.number();
    let incident = request.form.incident.and_then(|id| view.incident(id));
    let mut said = Vec::new();
    if incident.is_some_and(crate::incident::Incident::is_drill) {
        said.push(view.word("drill"));
    }
    said.push(say!(
        p,
        "request-head",
        request = number,
        what = what(view, request)
    ));
    if let Some(id) = request.form.incident {
        said.push(say!(p, "request-for", id = Html::own(id.to_string())));
    }
    said.push(asked(view, request));
    said.extend(details(view, request));
    let buttons = match &request.state {
        RequestState::Waiting(stage) => {
            said.extend(waits(view, request, stage));
            buttons(view, request, stage)
        }
        RequestState::Spent { outcome, .. } => {
            said.push(end(view, request));
            match outcome {
                Outcome::Expired => vec![row(view, request, &[("button-again", Answer::Again)])],
                _ => Vec::new(),
            }
        }
    };
    Rendered {
        html: lines(&said).into_string(),
        keyboard: (!buttons.is_empty()).then_some(Keyboard(buttons)),
    }
}

/// The plan that a request speaks of.
fn plan_of<'a>(view: &View<'a>, request: &LeverRequest) -> Option<&'a Plan> {
    let incident = request.form.incident.and_then(|id| view.incident(id));
    incident
        .map(|it| it.plan.as_ref())
        .or_else(|| view.current_plan())
}

fn what(view: &View<'_>, request: &LeverRequest) -> Html {
    match (&request.form.about, plan_of(view, request)) {
        (About::Lever(lever), Some(plan)) => super::timeline::lever_said(view, plan, lever),
        (about @ About::Lever(_), None) => line(about.typed(), NAME_MAX),
        (About::Trust(change), _) => trust(view, change),
    }
}

fn trust(view: &View<'_>, change: &TrustChange) -> Html {
    let p = view.phrases;
    let id = |person: &crate::incident::Person| Html::own(person.id.to_string());
    match change {
        TrustChange::GrantApprover { person } => {
            say!(p, "trust-grant", name = name(person), id = id(person))
        }
        TrustChange::Lower { person, to } => say!(
            p,
            "trust-lower",
            name = name(person),
            id = id(person),
            permission = view.a_permission(*to)
        ),
        TrustChange::RevokeApprover { person } => {
            say!(p, "trust-revoke", name = name(person), id = id(person))
        }
        TrustChange::Plan { plan } => {
            let known = view.plans.installed.get(plan);
            let title = known.map_or(plan, |it| &it.info.title);
            say!(p, "trust-plan", plan = line(title, NAME_MAX))
        }
        TrustChange::TotpReset { person } => {
            say!(p, "trust-totp", name = name(person), id = id(person))
        }
    }
}

fn asked(view: &View<'_>, request: &LeverRequest) -> Html {
    let p = view.phrases;
    let (who, at) = (name(&request.asked_by), view.times().clock(request.at));
    match &request.form.why {
        None => say!(p, "request-asked", who = who, at = at),
        Some(why) => say!(
            p,
            "request-asked-why",
            who = who,
            at = at,
            why = line(why, LINE_MAX)
        ),
    }
}

/// What it is given and what it touches.
fn details(view: &View<'_>, request: &LeverRequest) -> Vec<Html> {
    use crate::incident::Lever;
    let p = view.phrases;
    let Some(Lever::Procedure { id, parameters }) = request.form.about.lever() else {
        return Vec::new();
    };
    let Some(procedure) = plan_of(view, request).and_then(|plan| plan.procedure(id)) else {
        return Vec::new();
    };
    let mut said: Vec<Html> = parameters
        .iter()
        .map(|(name, value)| {
            let known = procedure.parameters.iter().find(|it| it.name == *name);
            say!(
                p,
                "request-parameter",
                label = ours(known.map_or(name, |it| &it.label), NAME_MAX),
                value = line(value, NAME_MAX)
            )
        })
        .collect();
    if !procedure.touches.is_empty() {
        let what: Vec<Html> = procedure.touches.iter().map(|it| ours(it, 80)).collect();
        said.push(say!(p, "request-touches", what = commas(&what)));
    }
    said
}

fn waits(view: &View<'_>, request: &LeverRequest, stage: &Stage) -> Vec<Html> {
    let p = view.phrases;
    let number = request.number();
    let who = name(&request.asked_by);
    let until = view.times().clock(stage.until());
    match stage {
        Stage::Confirm { then, .. } => {
            let late = (*then != Then::Run).then(|| view.word("request-late"));
            let confirm = say!(
                p,
                "request-confirm",
                who = mention(&request.asked_by),
                request = number,
                until = until
            );
            late.into_iter().chain([confirm]).collect()
        }
        Stage::Approve { .. } => approvers(view, request, &until),
        Stage::Name { .. } => vec![say!(
            p,
            "request-name",
            who = mention(&request.asked_by),
            request = number,
            typed = line(request.form.about.typed(), NAME_MAX),
            until = until,
            seconds = COUNTDOWN_SECONDS
        )],
        Stage::Countdown { warrant, .. } => {
            let key = match warrant {
                Warrant::BreakGlass => "request-counting-break-glass",
                _ => "request-counting-single",
            };
            let mut stop = vec![name(&request.asked_by)];
            stop.extend(request.called.iter().map(mention));
            let stop = commas(&stop);
            vec![
                say!(p, key, seconds = COUNTDOWN_SECONDS, who = who),
                say!(p, "request-stop", request = number, who = stop),
            ]
        }
    }
}

fn approvers(view: &View<'_>, request: &LeverRequest, until: &Html) -> Vec<Html> {
    let p = view.phrases;
    let number = request.number();
    let called = view.list(request.called.iter().map(mention).collect());
    let have = u32::try_from(request.approved_by.len()).unwrap_or(u32::MAX);
    let more = request.needs.saturating_sub(1).saturating_sub(have);
    let mut said = vec![say!(p, "request-who", names = called, until = until)];
    if have > 0 {
        let names = view.list(request.approved_by.iter().map(name).collect());
        said.push(say!(p, "request-agreed", names = names, more = more));
    } else if more > 1 {
        said.push(say!(p, "request-all", more = more));
    }
    if matches!(request.form.about, About::Trust(_)) {
        said.push(view.word("request-trust-hint"));
    }
    said.push(say!(
        p,
        "request-approve",
        who = name(&request.asked_by),
        request = number
    ));
    said
}

fn buttons(view: &View<'_>, request: &LeverRequest, stage: &Stage) -> Vec<Vec<Button>> {
    let deny = ("button-deny", Answer::Deny);
    match stage {
        Stage::Confirm { .. } => vec![row(
            view,
            request,
            &[("button-confirm", Answer::Confirm), deny],
        )],
        Stage::Approve { .. } => {
            let picks = request.form.choices.iter().filter_map(|number| {
                let label = say!(view.phrases, "button-approve", number = u32::from(*number));
                button(&label, &press(request, Answer::Pick(*number)))
            });
            vec![
                picks.collect(),
                row(view, request, &[("button-number", Answer::Number), deny]),
            ]
        }
        Stage::Name { .. } => vec![row(view, request, &[deny])],
        Stage::Countdown { .. } => vec![row(view, request, &[("button-stop", Answer::Abort)])],
    }
}

fn press(request: &LeverRequest, answer: Answer) -> Press {
    Press::Request {
        request: request.number(),
        nonce: request.form.nonce.clone(),
        answer,
    }
}

fn row(view: &View<'_>, request: &LeverRequest, wanted: &[(&str, Answer)]) -> Vec<Button> {
    let one = |(key, answer): &(&str, Answer)| {
        let made = button(&view.word(key), &press(request, *answer))?;
        Some(match answer {
            Answer::Confirm | Answer::Abort => made.styled(Style::Danger),
            _ => made,
        })
    };
    wanted.iter().filter_map(one).collect()
}

/// How it ended, in a line.
fn end(view: &View<'_>, request: &LeverRequest) -> Html {
    let RequestState::Spent { outcome, at, by } = &request.state else {
        return Html::default();
    };
    let p = view.phrases;
    let at = view.times().clock(*at);
    let who = by.as_ref().map_or_else(|| view.word("by-bot"), name);
    match outcome {
        Outcome::Approved {
            incident: Some(incident),
            run: Some(run),
        } => begun(view, request, *incident, *run, &at),
        Outcome::Approved { .. } => {
            let names = agreed(view, request, by.as_ref());
            match names {
                Some(names) => say!(p, "request-over-done", names = names, at = at),
                None => {
                    let who = name(&request.asked_by);
                    say!(p, "request-over-done-alone", who = who, at = at)
                }
            }
        }
        Outcome::Denied => say!(p, "request-over-denied", who = who, at = at),
        Outcome::Expired => say!(p, "request-over-expired", at = at),
        Outcome::WrongPick => say!(p, "request-over-wrong-pick", who = who, at = at),
        Outcome::Aborted => say!(p, "request-over-aborted", who = who, at = at),
        Outcome::Refused { changed } => {
            let why = self::changed(view, changed);
            say!(p, "request-over-refused", at = at, why = why)
        }
    }
}

fn begun(
    view: &View<'_>,
    request: &LeverRequest,
    id: crate::incident::IncidentId,
    run: u32,
    at: &Html,
) -> Html {
    let p = view.phrases;
    let incident = view.incident(id);
    let started = incident.and_then(|it| it.runs.iter().find(|it| it.number == run));
    let id = Html::own(id.to_string());
    let who = name(&request.asked_by);
    let key = match started.map(|it| it.warrant) {
        Some(Warrant::Approved) => {
            let approved_by = started.map(|it| it.approved_by.as_slice());
            let names = approved_by.unwrap_or_default().iter().map(name).collect();
            let names = view.list(names);
            return say!(
                p,
                "request-over-run",
                names = names,
                at = at,
                run = run,
                id = id
            );
        }
        Some(Warrant::SinglePerson) => "request-over-single",
        Some(Warrant::BreakGlass) => "request-over-break-glass",
        _ => "request-over-confirmed",
    };
    say!(p, key, who = who, at = at, run = run, id = id)
}

/// Who agreed to a change of trust; nobody where it was made alone.
fn agreed(
    view: &View<'_>,
    request: &LeverRequest,
    last: Option<&crate::incident::Person>,
) -> Option<Html> {
    if request.approved_by.is_empty() {
        return None;
    }
    let mut people: Vec<_> = request.approved_by.iter().collect();
    people.extend(last.filter(|last| people.iter().all(|it| it.id != last.id)));
    Some(view.list(people.into_iter().map(name).collect()))
}

/// What has changed, so that nothing was done.
pub(in crate::messages) fn changed(view: &View<'_>, changed: &Changed) -> Html {
    match changed {
        Changed::Asker => view.word("changed-asker"),
        Changed::Approver { person } => {
            say!(view.phrases, "changed-approver", name = name(person))
        }
        Changed::IncidentEnded => view.word("changed-incident-ended"),
        Changed::Plan => view.word("changed-plan"),
        Changed::Policy => view.word("changed-policy"),
        Changed::NotAlone => view.word("changed-not-alone"),
    }
}

pub(in crate::messages) fn outcome_word(view: &View<'_>, outcome: &Outcome) -> Html {
    view.word(match outcome {
        Outcome::Approved { .. } => "outcome-approved",
        Outcome::Denied => "outcome-denied",
        Outcome::Expired => "outcome-expired",
        Outcome::WrongPick => "outcome-wrong-pick",
        Outcome::Aborted => "outcome-aborted",
        Outcome::Refused { .. } => "outcome-refused",
    })
}

/// Its end, short enough for a toast.
pub(in crate::messages) fn over(view: &View<'_>, request: u32) -> Html {
    let known = view.chat.requests.get(&request);
    let outcome = known.and_then(LeverRequest::outcome);
    let outcome = outcome.map_or_else(
        || view.word("outcome-expired"),
        |outcome| outcome_word(view, outcome),
    );
    say!(
        view.phrases,
        "request-over-short",
        request = request,
        outcome = outcome
    )
}

/// What a procedure needs before it can run.
pub(in crate::messages) fn needs(view: &View<'_>, procedure: &str, missing: &[String]) -> Html {
    let p = view.phrases;
    let Some(found) = view
        .current_plan()
        .and_then(|plan| plan.procedure(procedure))
    else {
        return view.word("no-plan");
    };
    let wanted: Vec<&Parameter> = found
        .parameters
        .iter()
        .filter(|it| missing.contains(&it.name))
        .collect();
    let mut said = vec![say!(p, "needs-head", name = ours(&found.name, 80))];
    said.extend(wanted.iter().map(|it| {
        say!(
            p,
            "needs-line",
            label = ours(&it.label, 80),
            name = line(&it.name, NAME_MAX),
            example = example(view, it)
        )
    }));
    let usage = usage(view, found, true);
    said.push(say!(p, "needs-hint", usage = usage));
    if wanted.iter().any(|it| it.choices.is_some()) {
        said.push(view.word("needs-choices"));
    }
    lines(&said)
}

fn example(view: &View<'_>, parameter: &Parameter) -> Html {
    view.word(&format!("kind-{}-example", parameter.kind.name()))
}

/// Procedures that have a command of their own.
const OWN_COMMAND: [&str; 6] = [
    "emergency_shutdown",
    "lockdown",
    "restore",
    "rollback",
    "collect",
    "verify",
];

/// How a procedure is pulled.
pub(in crate::messages) fn usage(view: &View<'_>, procedure: &Procedure, required: bool) -> Html {
    let id = &procedure.id;
    let mut words = if OWN_COMMAND.contains(&id.as_str()) {
        vec![Html::own(format!("/{id}"))]
    } else {
        vec![Html::own(format!("/run {id}"))]
    };
    let wanted = procedure.parameters.iter().filter(|it| it.required);
    words.extend(wanted.filter(|_| required).map(|it| example(view, it)));
    crate::messages::view::joined(&words, " ")
}

/// What can be rotated.
pub(in crate::messages) fn credentials(view: &View<'_>) -> Html {
    let p = view.phrases;
    let Some(plan) = view.current_plan() else {
        return view.word("no-plan");
    };
    if plan.credentials.is_empty() {
        return view.word("credentials-none");
    }
    let mut said = vec![view.word("credentials-head").bold()];
    said.extend(plan.credentials.iter().map(|it| {
        say!(
            p,
            "credentials-line",
            id = line(&it.id, NAME_MAX),
            name = ours(&it.name, 80),
            opens = ours(&it.opens, 80)
        )
    }));
    said.push(view.word("credentials-hint"));
    lines(&said)
}
