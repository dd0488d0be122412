//! The words for everything that the core says.

use super::answers::{
    announce, ask, audit, choices, credentials, drill, evidence, info, notify, people, plan,
    playbook, requests, run, status, timeline, todos, totp,
};
use super::html::Html;
use super::phrases::say;
use super::view::{Rendered, View, commas, name};
use super::{commands, facts};
use crate::incident::{IncidentId, Said};

/// Characters of a toast.
const TOAST_MAX: usize = 200;

/// What is said, as a whole message.
pub fn said(view: &View<'_>, said: &Said) -> Rendered {
    if let Some(short) = short(view, said) {
        return short.into();
    }
    long(view, said)
}

/// What is said, as a toast: plain text of at most 200 characters. A long answer is only pointed to.
pub fn toast(view: &View<'_>, said: &Said) -> String {
    to_toast(&short(view, said).unwrap_or_else(|| view.word("toast-see-chat")))
}

pub(super) fn to_toast(html: &Html) -> String {
    let plain = html.plain();
    if plain.chars().count() <= TOAST_MAX {
        return plain;
    }
    let mut cut: String = plain.chars().take(TOAST_MAX - 1).collect();
    cut.push('…');
    cut
}

fn code(id: IncidentId) -> Html {
    Html::own(id.to_string())
}

fn numbers(numbers: &[u32]) -> Html {
    let shown: Vec<Html> = numbers
        .iter()
        .map(|number| Html::own(number.to_string()))
        .collect();
    commas(&shown)
}

/// The acknowledgements. `None` for what is a message of its own.
#[expect(clippy::too_many_lines, reason = "one arm for each thing to say")]
fn short(view: &View<'_>, said: &Said) -> Option<Html> {
    let p = view.phrases;
    Some(match said {
        Said::Ticked { numbers: ticked } => say!(p, "ticked", numbers = numbers(ticked)),
        Said::AlreadyTicked { numbers: ticked } => {
            say!(
                p,
                "already-ticked",
                count = ticked.len(),
                numbers = numbers(ticked)
            )
        }
        Said::Unticked { number } => say!(p, "unticked", number = *number),
        Said::Skipped { number } => say!(p, "skipped", number = *number),
        Said::Noted => view.word("noted"),
        Said::FactRecorded { field } => {
            say!(p, "fact-recorded", label = view.word(&field.label_key()))
        }
        Said::Acknowledged => view.word("acknowledged"),
        Said::AlreadyAcknowledged => view.word("already-acknowledged"),
        Said::RoleAssigned { role, person } => {
            say!(p, "role-assigned", name = name(person), role = role)
        }
        Said::SeverityIs {
            incident,
            code: severity,
        } => {
            let plan = view.incident(*incident).map(|it| it.plan.as_ref());
            let named = plan.map_or_else(Html::default, |plan| view.code_named(plan, severity));
            say!(p, "severity-is", id = code(*incident), severity = named)
        }
        Said::PhaseIs { incident, phase } => {
            let named = view.incident(*incident).and_then(|it| it.plan.phase(phase));
            let named = named.map_or(phase, |phase| &phase.name);
            say!(p, "phase-is", id = code(*incident), phase = named)
        }
        Said::FollowUpAdded { number } => say!(p, "follow-up-added", number = *number),
        Said::FollowUpDone { number } => say!(p, "follow-up-done", number = *number),
        Said::FollowUpAssigned { number, owner } => {
            say!(
                p,
                "follow-up-assigned",
                number = *number,
                name = name(owner)
            )
        }
        Said::EvidenceKept { number } => say!(p, "evidence-kept", number = *number),
        Said::ExportBegun => view.word("export-begun"),
        Said::AddedTo { incident } => say!(p, "added-to", id = code(*incident)),
        Said::Declared { incident } => say!(p, "declared", id = code(*incident)),
        Said::Closed { incident } => say!(p, "closed", id = code(*incident)),
        Said::Reopened { incident } => say!(p, "reopened", id = code(*incident)),
        Said::Cancelled { incident } => say!(p, "cancelled", id = code(*incident)),
        Said::Granted { person, permission } => {
            say!(
                p,
                "granted",
                name = name(person),
                permission = view.permission(*permission)
            )
        }
        Said::NoGrant { person } => say!(
            p,
            "no-grant",
            name = name(person),
            id = Html::own(person.id.to_string())
        ),
        Said::Revoked { person, permission } => {
            say!(
                p,
                "revoked",
                name = name(person),
                permission = view.permission(*permission)
            )
        }
        Said::ContactBound {
            contact,
            person,
            backup: None,
        } => {
            say!(p, "contact-bound", contact = contact, name = name(person))
        }
        Said::ContactBound {
            contact,
            person,
            backup: Some(backup),
        } => {
            say!(
                p,
                "contact-bound-backup",
                contact = contact,
                name = name(person),
                backup = name(backup)
            )
        }
        Said::Unchanged => view.word("unchanged"),
        Said::LeftAsItWas => view.word("left-as-it-was"),
        Said::SetUp { setting, value } => info::set_up(view, setting, value),
        Said::RequestOpen { request } => say!(p, "request-open", request = *request),
        Said::RequestAgreed { request, more: 0 } => {
            say!(p, "request-agreed-short", request = *request)
        }
        Said::RequestAgreed { request, more } => {
            say!(p, "request-agreed-more", request = *request, more = *more)
        }
        Said::RequestOver { request } => requests::over(view, *request),
        Said::RequestNumber { request, digits } => {
            say!(
                p,
                "request-number",
                request = *request,
                digits = u32::from(*digits)
            )
        }
        Said::PressAgain { request } => say!(p, "press-again", request = *request),
        Said::RunBegun { incident, run } => {
            say!(p, "run-begun", id = code(*incident), run = *run)
        }
        Said::StepDecided { run, step, choice } => say!(
            p,
            "step-decided",
            run = *run,
            step = *step,
            choice = view.word(&format!("step-choice-{}", choice.word()))
        ),
        Said::RunAborted { run } => say!(p, "run-aborted-short", run = *run),
        Said::BeingPlayed => view.word("dry-follows"),
        Said::Drills
        | Said::DrillBegun { .. }
        | Said::Rehearsed { .. }
        | Said::Choices { .. }
        | Said::Welcome
        | Said::Greeting
        | Said::NotClaimed
        | Said::RemovedWhileOpen { .. }
        | Said::Help { .. }
        | Said::NoSuchCommand { .. }
        | Said::DidYouMean { .. }
        | Said::WhoAmI { .. }
        | Said::Status { .. }
        | Said::StatusAll { .. }
        | Said::StatusEverywhere { .. }
        | Said::TeamsOf { .. }
        | Said::Contacts
        | Said::Plan
        | Said::Procedures { .. }
        | Said::Playbooks
        | Said::Playbook { .. }
        | Said::Timeline { .. }
        | Said::FollowUps { .. }
        | Said::Setup
        | Said::Facts { .. }
        | Said::Roles { .. }
        | Said::Ask { .. }
        | Said::PhaseBegan { .. }
        | Said::PhaseReturned { .. }
        | Said::SeverityChanged { .. }
        | Said::EvidenceNotStored { .. }
        | Said::ExportTooLarge { .. }
        | Said::ExportFailed { .. }
        | Said::ExportOnHost { .. }
        | Said::ExportRefused { .. }
        | Said::ExportKept { .. }
        | Said::OwnersCalled { .. }
        | Said::ClosedSummary { .. }
        | Said::CancelledSummary { .. }
        | Said::ReopenedSummary { .. }
        | Said::Needs { .. }
        | Said::PulledAlone { .. }
        | Said::StepAsks { .. }
        | Said::RunWithheld { .. }
        | Said::RunHeldUp { .. }
        | Said::RunOver { .. }
        | Said::StepNotifies { .. }
        | Said::Credentials { .. }
        | Said::Audit { .. }
        | Said::TotpElsewhere
        | Said::Totp(_)
        | Said::HostRunStarted { .. }
        | Said::HostRunImported { .. } => return None,
    })
}

/// Messages of their own. The match is whole on purpose: a new thing to say does not compile without words.
#[expect(clippy::too_many_lines, reason = "one arm for each thing to say")]
fn long(view: &View<'_>, said: &Said) -> Rendered {
    let about = |id: &IncidentId, words: fn(&View<'_>, &crate::incident::Incident) -> Rendered| {
        let Some(incident) = view.incident(*id) else {
            return gone(view, *id);
        };
        let mut rendered = words(view, incident);
        let banner = view.word("drill-short");
        if incident.is_drill() && !rendered.html.starts_with(banner.as_str()) {
            rendered.html = format!("{banner}\n{}", rendered.html);
        }
        rendered
    };
    match said {
        Said::Welcome => info::welcome(view).into(),
        Said::Greeting => info::greeting(view).into(),
        Said::NotClaimed => view.word("not-claimed-said").into(),
        Said::RemovedWhileOpen { incidents, owners } => {
            info::removed_while_open(view, incidents, owners).into()
        }
        Said::Help { permission, about } => {
            commands::help(view, *permission, about.as_deref()).into()
        }
        Said::NoSuchCommand { word } => commands::unknown(view, word).into(),
        Said::DidYouMean { word, meant } => commands::nearly(view, word, meant).into(),
        Said::WhoAmI {
            person,
            permission,
            hidden,
        } => info::whoami(view, person, *permission, *hidden).into(),
        Said::Status { incident } => about(incident, status::one),
        Said::StatusAll { incidents } => status::all(view, incidents).into(),
        Said::StatusEverywhere { open, unread } => status::everywhere(view, open, *unread).into(),
        Said::TeamsOf {
            person,
            verb,
            teams,
        } => info::teams_of(view, person, *verb, teams).into(),
        Said::Contacts => people::contacts(view).into(),
        Said::Plan => plan::plan(view).into(),
        Said::Procedures { permission } => plan::procedures(view, *permission).into(),
        Said::Needs { procedure, missing } => requests::needs(view, procedure, missing).into(),
        Said::Playbooks => playbook::list(view),
        Said::Playbook { name } => playbook::one(view, name).into(),
        Said::Timeline { incident } => {
            about(incident, |view, it| timeline::timeline(view, it).into())
        }
        Said::FollowUps { incident } => about(incident, |view, it| todos::todos(view, it).into()),
        Said::TotpElsewhere => view.word("totp-elsewhere").into(),
        Said::Totp(said) => totp::said(view, said).into(),
        Said::Audit { count } => audit::audit(view, *count).into(),
        Said::Setup => info::setup(view).into(),
        Said::Facts { incident } => about(incident, |view, it| facts::all(view, it).into()),
        Said::Roles { incident } => about(incident, people::roles),
        Said::Ask { ask, question } => ask::ask(view, *ask, question),
        Said::StepAsks {
            incident,
            run,
            steps,
        } => match view.incident(*incident) {
            Some(it) => run::asks(view, it, *run, steps),
            None => gone(view, *incident),
        },
        Said::RunWithheld { incident, run } => match view.incident(*incident) {
            Some(it) => run::withheld(view, it, *run).into(),
            None => gone(view, *incident),
        },
        Said::RunHeldUp {
            incident,
            run,
            hindrance,
        } => match view.incident(*incident) {
            Some(it) => run::held_up(view, it, *run, hindrance).into(),
            None => gone(view, *incident),
        },
        Said::RunOver { incident, run } => match view.incident(*incident) {
            Some(it) => run::over(view, it, *run).into(),
            None => gone(view, *incident),
        },
        Said::StepNotifies {
            incident, template, ..
        } => match view.incident(*incident) {
            Some(it) => notify::notify(view, it, template).into(),
            None => gone(view, *incident),
        },
        Said::Drills => drill::list(view),
        Said::DrillBegun { incident } => match view.incident(*incident) {
            Some(it) => drill::begun(view, it),
            None => gone(view, *incident),
        },
        Said::Rehearsed {
            incident,
            lever,
            steps,
        } => drill::rehearsed(view, *incident, lever, steps).into(),
        Said::Choices { .. } => choices::choices(view, said).into(),
        Said::Credentials { incident } => credentials::credentials(view, *incident).into(),
        Said::EvidenceNotStored { .. }
        | Said::ExportTooLarge { .. }
        | Said::ExportFailed { .. }
        | Said::ExportOnHost { .. }
        | Said::ExportRefused { .. }
        | Said::ExportKept { .. } => evidence::said(view, said).into(),
        Said::OwnersCalled { request, incident } => {
            requests::owners_called(view, *request, *incident).into()
        }
        Said::PhaseBegan { incident, .. }
        | Said::PhaseReturned { incident, .. }
        | Said::SeverityChanged { incident, .. }
        | Said::ClosedSummary { incident }
        | Said::CancelledSummary { incident }
        | Said::PulledAlone { incident, .. }
        | Said::HostRunStarted { incident, .. }
        | Said::HostRunImported { incident, .. }
        | Said::ReopenedSummary { incident, .. } => match view.incident(*incident) {
            Some(incident) => announce::announce(view, incident, said).into(),
            None => gone(view, *incident),
        },
        Said::Ticked { .. }
        | Said::AlreadyTicked { .. }
        | Said::Unticked { .. }
        | Said::Skipped { .. }
        | Said::Noted
        | Said::FactRecorded { .. }
        | Said::Acknowledged
        | Said::AlreadyAcknowledged
        | Said::RoleAssigned { .. }
        | Said::SeverityIs { .. }
        | Said::PhaseIs { .. }
        | Said::FollowUpAdded { .. }
        | Said::FollowUpDone { .. }
        | Said::FollowUpAssigned { .. }
        | Said::EvidenceKept { .. }
        | Said::ExportBegun
        | Said::AddedTo { .. }
        | Said::Declared { .. }
        | Said::Closed { .. }
        | Said::Reopened { .. }
        | Said::Cancelled { .. }
        | Said::Granted { .. }
        | Said::Revoked { .. }
        | Said::NoGrant { .. }
        | Said::ContactBound { .. }
        | Said::Unchanged
        | Said::LeftAsItWas
        | Said::RequestOpen { .. }
        | Said::RequestAgreed { .. }
        | Said::RequestOver { .. }
        | Said::RequestNumber { .. }
        | Said::PressAgain { .. }
        | Said::RunBegun { .. }
        | Said::StepDecided { .. }
        | Said::RunAborted { .. }
        | Said::BeingPlayed
        | Said::SetUp { .. } => short(view, said).unwrap_or_default().into(),
    }
}

fn gone(view: &View<'_>, id: IncidentId) -> Rendered {
    say!(view.phrases, "gone", id = code(id)).into()
}

#[cfg(test)]
mod tests;
