//! `/timeline`, and the words for each event, which the report uses too.

use chrono::{DateTime, Utc};

use crate::incident::{
    Cancellation, Event, Incident, IncidentEvent, Lever, Quoted, Recorded, Warrant,
};
mod runs;
use super::leak::{KINDS_MAX, held};
use super::{evidence, host};
use crate::messages::card::id;
use crate::messages::html::{Html, NAME_MAX, line, ours, visible_len};
use crate::messages::phrases::say;
use crate::messages::view::{View, commas, lines, name};
use crate::plan::{FactKind, Plan};

/// So many entries are shown; the report has all.
const SHOWN: usize = 40;
/// UTF-16 units of one answer.
const TIMELINE_MAX: usize = 3_600;
/// Characters of somebody's text in one entry of the chat's timeline.
const TEXT_MAX: usize = 160;

pub(in crate::messages) fn timeline(view: &View<'_>, incident: &Incident) -> Html {
    let p = view.phrases;
    let zone = line(&view.chat.settings.timezone, NAME_MAX);
    let mut said = vec![say!(p, "timeline-head", id = id(incident), zone = zone).bold()];
    let mut shown: Vec<Html> = Vec::new();
    let mut used = 0;
    let told = || incident.timeline.iter().filter(|it| !runs::is_chatter(it));
    for recorded in told().rev().take(SHOWN) {
        let Some(entry) = entry(view, incident, recorded) else {
            continue;
        };
        used += visible_len(entry.as_str()) + 1;
        if used > TIMELINE_MAX {
            break;
        }
        shown.push(entry);
    }
    let earlier = told().count() - shown.len();
    if earlier > 0 {
        said.push(say!(
            p,
            "timeline-earlier",
            count = earlier,
            id = id(incident)
        ));
    }
    said.extend(shown.into_iter().rev());
    lines(&said)
}

fn entry(view: &View<'_>, incident: &Incident, recorded: &Recorded) -> Option<Html> {
    let Event::Incident(_, event) = &recorded.event else {
        return None;
    };
    let at = view.times().short(recorded.at);
    let text = words(view, incident, event, TEXT_MAX);
    let author = host::author(view, &recorded.by).filter(|_| !names_its_author(event));
    Some(match author {
        Some(who) => say!(
            view.phrases,
            "timeline-line-by",
            at = at,
            text = text,
            who = who
        ),
        None => say!(view.phrases, "timeline-line", at = at, text = text),
    })
}

/// Whoever agreed last stands in the words already.
fn names_its_author(event: &IncidentEvent) -> bool {
    matches!(event, IncidentEvent::RunStarted { approved_by, .. } if !approved_by.is_empty())
}

/// A report that waited for an answer says when it was made.
fn reported(view: &View<'_>, words: Html, at: Option<DateTime<Utc>>) -> Html {
    match at {
        Some(at) => say!(
            view.phrases,
            "event-reported-at",
            event = words,
            at = view.times().short(at)
        ),
        None => words,
    }
}

/// What happened, in one line; somebody's own text is cut to `max` characters.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of event")]
pub(crate) fn words(
    view: &View<'_>,
    incident: &Incident,
    event: &IncidentEvent,
    max: usize,
) -> Html {
    let p = view.phrases;
    let plan: &Plan = &incident.plan;
    let phase = |id: &String| plan.phase(id).map_or(id, |it| &it.name).clone();
    let text = |it: &str| line(it, max);
    match event {
        IncidentEvent::Declared {
            title,
            severity,
            reported_at,
            ..
        } => {
            let words = match severity {
                None => say!(p, "event-declared", title = text(title)),
                Some(code) => say!(
                    p,
                    "event-declared-severity",
                    title = text(title),
                    severity = view.code_named(plan, code)
                ),
            };
            reported(view, words, *reported_at)
        }
        IncidentEvent::AlsoReported { title, reported_at } => {
            let words = say!(p, "event-also-reported", title = text(title));
            reported(view, words, *reported_at)
        }
        IncidentEvent::Acknowledged => view.word("event-acknowledged"),
        IncidentEvent::RoleAssigned { role, person } => {
            let role = plan.role(role).map_or(role, |it| &it.name);
            say!(p, "event-role-assigned", role = role, name = name(person))
        }
        IncidentEvent::SeverityChanged { from, to, why } => {
            severity(view, plan, from.as_deref(), to, why.as_deref().map(text))
        }
        IncidentEvent::ItemTicked { item, .. } => {
            let (number, named) = item_named(plan, item);
            say!(p, "event-item-ticked", number = number, text = named)
        }
        IncidentEvent::ItemUnticked { item } => {
            let (number, named) = item_named(plan, item);
            say!(p, "event-item-unticked", number = number, text = named)
        }
        IncidentEvent::ItemSkipped { item, why } => {
            let (number, named) = item_named(plan, item);
            say!(
                p,
                "event-item-skipped",
                number = number,
                text = named,
                why = text(why)
            )
        }
        IncidentEvent::PhaseEntered {
            to, forced: None, ..
        } => say!(p, "event-phase-entered", phase = &phase(to)),
        IncidentEvent::PhaseEntered {
            to,
            forced: Some(why),
            ..
        } => {
            say!(p, "event-phase-forced", phase = &phase(to), why = text(why))
        }
        IncidentEvent::PhaseReturned { to, why, .. } => {
            say!(
                p,
                "event-phase-returned",
                phase = &phase(to),
                why = text(why)
            )
        }
        IncidentEvent::Noted { text: note, quoted } => {
            noted(view, text(note), quoted.as_ref(), max)
        }
        IncidentEvent::FactRecorded { field, value } => {
            let at = (field.kind() == FactKind::Time)
                .then(|| value.parse().ok())
                .flatten();
            let value = at.map_or_else(|| text(value), |at| view.times().clock(at));
            say!(
                p,
                "event-fact-recorded",
                label = view.word(&field.label_key()),
                value = value
            )
        }
        IncidentEvent::EvidenceKept {
            number,
            about,
            quoted,
        } => {
            let about = if about.is_empty() {
                shown(view, quoted, max)
            } else {
                text(about)
            };
            say!(p, "event-evidence-kept", number = *number, about = about)
        }
        IncidentEvent::EvidenceStored { .. }
        | IncidentEvent::EvidenceFailed { .. }
        | IncidentEvent::EvidenceCollected { .. }
        | IncidentEvent::EvidenceRead { .. }
        | IncidentEvent::Exported { .. }
        | IncidentEvent::ExportFailed { .. } => evidence::event(view, event, max),
        IncidentEvent::FollowUpAdded {
            number, text: what, ..
        } => {
            say!(
                p,
                "event-follow-up-added",
                number = *number,
                text = text(what)
            )
        }
        IncidentEvent::FollowUpAssigned { number, owner, .. } => {
            say!(
                p,
                "event-follow-up-assigned",
                number = *number,
                name = name(owner)
            )
        }
        IncidentEvent::FollowUpDone { number } => say!(p, "event-follow-up-done", number = *number),
        IncidentEvent::Cancelled {
            kind: Cancellation::FalseAlarm,
            why,
        } => {
            say!(p, "event-cancelled-false-alarm", why = text(why))
        }
        IncidentEvent::Cancelled {
            kind: Cancellation::DuplicateOf(other),
            why,
        } => {
            let other = Html::own(other.to_string());
            say!(
                p,
                "event-cancelled-duplicate",
                other = other,
                why = text(why)
            )
        }
        IncidentEvent::Closed { forced: None } => view.word("event-closed"),
        IncidentEvent::Closed { forced: Some(why) } => {
            say!(p, "event-closed-forced", why = text(why))
        }
        IncidentEvent::Reopened { why } => say!(p, "event-reopened", why = text(why)),
        IncidentEvent::CardPosted { .. } => view.word("event-card-posted"),
        IncidentEvent::CardLost => view.word("event-card-lost"),
        IncidentEvent::TopicMade { .. } => view.word("event-topic-made"),
        IncidentEvent::TopicRefused { why } => say!(p, "event-topic-refused", why = text(why)),
        IncidentEvent::SecretRemoved {
            names,
            evidence: Some(number),
            ..
        } => say!(
            p,
            "event-secret-in-evidence",
            number = *number,
            count = held(event),
            names = line(&names.join(", "), KINDS_MAX)
        ),
        IncidentEvent::SecretRemoved { names, author, .. } => {
            let author = author
                .as_ref()
                .map_or_else(|| view.word("quoted-author-unknown"), name);
            say!(
                p,
                "event-secret-removed",
                count = held(event),
                names = line(&names.join(", "), KINDS_MAX),
                author = author
            )
        }
        IncidentEvent::ReportWritten { format } => {
            say!(p, "event-report-written", format = line(format, 8))
        }
        IncidentEvent::Imported { at, record, .. } => {
            host::imported(view, incident, *at, record, max)
        }
        IncidentEvent::RunStarted { .. } => run_started(view, plan, event),
        IncidentEvent::StepStarted { .. }
        | IncidentEvent::StepEnded { .. }
        | IncidentEvent::StepDecided { .. }
        | IncidentEvent::StepSuperseded { .. }
        | IncidentEvent::RunAborted { .. }
        | IncidentEvent::RunWithheld { .. }
        | IncidentEvent::RunEnded { .. }
        | IncidentEvent::ProgressPosted { .. }
        | IncidentEvent::ProgressLost { .. } => runs::words(view, incident, event, max),
        IncidentEvent::LeverAsked {
            request,
            lever,
            why: None,
        } => {
            let lever = lever_said(view, plan, lever);
            say!(p, "event-lever-asked", request = *request, lever = lever)
        }
        IncidentEvent::LeverAsked {
            request,
            lever,
            why: Some(why),
        } => say!(
            p,
            "event-lever-asked-why",
            request = *request,
            lever = lever_said(view, plan, lever),
            why = text(why)
        ),
        IncidentEvent::LeverAgreed { request } => {
            say!(p, "event-lever-agreed", request = *request)
        }
        IncidentEvent::LeverCounting {
            request,
            lever,
            warrant,
            why,
        } => {
            let key = match warrant {
                Warrant::BreakGlass => "event-lever-counting-break-glass",
                _ => "event-lever-counting-single",
            };
            say!(
                p,
                key,
                request = *request,
                lever = lever_said(view, plan, lever),
                why = text(why.as_deref().unwrap_or_default())
            )
        }
        IncidentEvent::LeverEnded {
            request,
            lever,
            outcome,
        } => say!(
            p,
            "event-lever-ended",
            request = *request,
            lever = lever_said(view, plan, lever),
            outcome = super::requests::outcome_word(view, outcome)
        ),
    }
}

fn run_started(view: &View<'_>, plan: &Plan, event: &IncidentEvent) -> Html {
    let IncidentEvent::RunStarted {
        run,
        lever,
        warrant,
        asked_by,
        approved_by,
        ..
    } = event
    else {
        return Html::default();
    };
    let p = view.phrases;
    let lever = lever_said(view, plan, lever);
    let asker = asked_by.person().map_or_else(|| view.word("by-bot"), name);
    match warrant {
        Warrant::Confirmed => say!(p, "event-run-started", run = *run, lever = lever),
        Warrant::Host => say!(p, "event-run-host", run = *run, lever = lever),
        Warrant::Approved => say!(
            p,
            "event-run-approved",
            run = *run,
            lever = lever,
            asker = asker,
            names = view.list(approved_by.iter().map(name).collect())
        ),
        Warrant::SinglePerson => {
            say!(
                p,
                "event-run-single",
                run = *run,
                lever = lever,
                asker = asker
            )
        }
        Warrant::BreakGlass => {
            say!(
                p,
                "event-run-break-glass",
                run = *run,
                lever = lever,
                asker = asker
            )
        }
    }
}

/// What was pulled, as it is said: a procedure's name, or what is rotated.
pub(crate) fn lever_said(view: &View<'_>, plan: &Plan, lever: &Lever) -> Html {
    match lever {
        Lever::Rotate { credentials }
            if credentials.len() > 1 && credentials.len() == plan.credentials.len() =>
        {
            view.word("lever-rotate-all")
        }
        Lever::Rotate { .. } => {
            let name = lever_named(plan, lever);
            say!(view.phrases, "lever-rotate", name = name)
        }
        Lever::Procedure { .. } => lever_named(plan, lever),
    }
}

/// What a run does, as its title: where all credentials are rotated, not each of them.
pub(crate) fn run_named(view: &View<'_>, plan: &Plan, lever: &Lever) -> Html {
    match lever {
        Lever::Rotate { credentials }
            if credentials.len() > 1 && credentials.len() == plan.credentials.len() =>
        {
            view.word("lever-every-credential")
        }
        _ => lever_named(plan, lever),
    }
}

/// What was pulled, by its name in the plan.
pub(crate) fn lever_named(plan: &Plan, lever: &Lever) -> Html {
    match lever {
        Lever::Procedure { id, .. } => {
            let named = plan.procedures.iter().find(|it| it.id == *id);
            line(named.map_or(id, |it| &it.name), NAME_MAX)
        }
        Lever::Rotate { credentials } => {
            let names: Vec<Html> = credentials
                .iter()
                .map(|id| {
                    let named = plan.credentials.iter().find(|it| it.id == *id);
                    line(named.map_or(id, |it| &it.name), NAME_MAX)
                })
                .collect();
            commas(&names)
        }
    }
}

fn item_named(plan: &Plan, id: &str) -> (usize, Html) {
    plan.item(id).map_or_else(
        || (0, line(id, NAME_MAX)),
        |(number, _, item)| (number, ours(&item.text, 120)),
    )
}

fn severity(view: &View<'_>, plan: &Plan, from: Option<&str>, to: &str, why: Option<Html>) -> Html {
    let p = view.phrases;
    let to = view.code_named(plan, to);
    match (from.map(|code| view.code_named(plan, code)), why) {
        (None, None) => say!(p, "event-severity-set", to = to),
        (None, Some(why)) => say!(p, "event-severity-set-why", to = to, why = why),
        (Some(from), None) => say!(p, "event-severity-changed", from = from, to = to),
        (Some(from), Some(why)) => say!(p, "event-severity-why", from = from, to = to, why = why),
    }
}

fn noted(view: &View<'_>, note: Html, quoted: Option<&Quoted>, max: usize) -> Html {
    let p = view.phrases;
    let Some(quoted) = quoted else {
        return note;
    };
    let author = quoted
        .author
        .as_ref()
        .map_or_else(|| view.word("quoted-author-unknown"), name);
    let text = shown(view, quoted, max);
    if note.as_str().is_empty() {
        return say!(p, "event-noted-only-quoted", quoted = text, author = author);
    }
    say!(
        p,
        "event-noted-quoted",
        text = note,
        quoted = text,
        author = author
    )
}

/// What a kept message shows: its text, else its file.
pub(crate) fn shown(view: &View<'_>, quoted: &Quoted, max: usize) -> Html {
    match (&quoted.file, quoted.text.is_empty()) {
        (Some(file), true) => say!(view.phrases, "quoted-file", name = line(&file.name, 60)),
        _ => line(&quoted.text, max),
    }
}
