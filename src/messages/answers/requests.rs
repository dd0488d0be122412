//! The message that shows a request, and what is said around it.

mod end;
mod list;
#[cfg(test)]
mod tests;

pub(in crate::messages) use end::{changed, outcome_word, over};
pub(in crate::messages) use list::{example_of, needs, usage};

use crate::incident::{
    About, Form, IncidentId, LeverRequest, RequestState, Stage, Then, TrustChange, Warrant,
};
use crate::messages::card::buttons::button;
use crate::messages::html::{Html, LINE_MAX, NAME_MAX, line, ours, visible_len};
use crate::messages::outgoing::{Button, Keyboard, Style};
use crate::messages::phrases::say;
use crate::messages::press::{Answer, Press};
use crate::messages::view::{Rendered, View, commas, lines, mention, name};
use crate::plan::Plan;

/// How long a countdown is, as it is told.
const COUNTDOWN_SECONDS: u32 = 30;
/// UTF-16 units of what a rotation touches.
const ROTATES_MAX: usize = 1_800;

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
            // Whoever means it for real must not take the rehearsal for it.
            let drill = incident.is_some_and(crate::incident::Incident::is_drill);
            said.extend(drill.then(|| view.word("request-drill")));
            buttons(view, request, stage)
        }
        RequestState::Spent { .. } => {
            said.push(end::end(view, request));
            let again = row(view, request, &[("button-again", Answer::Again)]);
            Some(again)
                .filter(|_| request.can_be_renewed())
                .into_iter()
                .collect()
        }
    };
    Rendered {
        html: lines(&said).into_string(),
        keyboard: (!buttons.is_empty()).then_some(Keyboard(buttons)),
    }
}

/// The plan that a request speaks of.
fn plan_of<'a>(view: &View<'a>, form: &Form) -> Option<&'a Plan> {
    let incident = form.incident.and_then(|id| view.incident(id));
    incident
        .map(|it| it.plan.as_ref())
        .or_else(|| view.current_plan())
}

fn what(view: &View<'_>, request: &LeverRequest) -> Html {
    about(view, &request.form)
}

/// To owners who are not in the chat where somebody asks.
pub fn owners_called(view: &View<'_>, number: u32, incident: Option<IncidentId>) -> Html {
    let p = view.phrases;
    let chat = line(&view.chat.title, NAME_MAX);
    let Some(request) = view.chat.requests.get(&number) else {
        return say!(p, "owners-called", request = number, chat = chat);
    };
    let (who, what) = (name(&request.asked_by), what(view, request));
    let called = say!(
        p,
        "owners-called-for",
        request = number,
        chat = chat,
        who = who,
        what = what
    );
    let how = match incident {
        Some(id) => say!(
            p,
            "owners-called-answer",
            request = number,
            id = Html::own(id.to_string())
        ),
        None => say!(p, "owners-called-here", request = number),
    };
    lines(&[called, how])
}

/// What is asked for.
pub(in crate::messages) fn about(view: &View<'_>, form: &Form) -> Html {
    match (&form.about, plan_of(view, form)) {
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
        TrustChange::Plan { plan, .. } => {
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
    let (id, parameters) = match request.form.about.lever() {
        Some(Lever::Procedure { id, parameters }) => (id, parameters),
        Some(Lever::Rotate { credentials }) => return rotates(view, request, credentials),
        None => return Vec::new(),
    };
    let Some(procedure) = plan_of(view, &request.form).and_then(|plan| plan.procedure(id)) else {
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

/// Each credential, and what its rotation touches as the plan says; what it opens, where the plan says nothing.
fn rotates(view: &View<'_>, request: &LeverRequest, credentials: &[String]) -> Vec<Html> {
    let p = view.phrases;
    let Some(plan) = plan_of(view, &request.form) else {
        return Vec::new();
    };
    let known = |id: &String| plan.credentials.iter().find(|it| it.id == *id);
    let known: Vec<_> = credentials.iter().filter_map(known).collect();
    let one = |it: &&crate::plan::Credential| {
        let what: Vec<Html> = if it.touches.is_empty() {
            vec![ours(&it.opens, 200)]
        } else {
            it.touches.iter().map(|it| ours(it, 80)).collect()
        };
        say!(
            p,
            "request-credential",
            name = ours(&it.name, NAME_MAX),
            what = commas(&what)
        )
    };
    let mut said: Vec<Html> = Vec::new();
    said.extend((!known.is_empty()).then(|| view.word("request-rotates")));
    let mut used = 0;
    for (index, credential) in known.iter().enumerate() {
        let text = one(credential);
        used += visible_len(text.as_str());
        if used > ROTATES_MAX {
            let count = known.len() - index;
            said.push(say!(p, "request-credentials-more", count = count));
            break;
        }
        said.push(text);
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
    let mut rows = answers(view, request, stage, deny);
    // Whoever is to agree can see first what it would do.
    let waits = matches!(stage, Stage::Confirm { .. } | Stage::Approve { .. });
    if waits && request.form.about.lever().is_some() {
        rows.push(row(view, request, &[("button-preview", Answer::Preview)]));
    }
    rows
}

fn answers(
    view: &View<'_>,
    request: &LeverRequest,
    stage: &Stage,
    deny: (&str, Answer),
) -> Vec<Vec<Button>> {
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
