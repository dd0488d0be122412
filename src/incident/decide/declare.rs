//! `/declare`, and the question whether it is the same incident.

use chrono::{DateTime, Duration, Utc};

use super::super::chat::Ask;
use super::super::effect::{Effect, Mark, Said, Timer};
use super::super::event::{ChatEvent, IncidentEvent, Question};
use super::super::ids::IncidentId;
use super::super::people::By;
use super::super::refusal::Refusal;
use super::super::state::Incident;
use super::super::text::{clean, one_line};
use super::draft::Draft;
use super::{Author, Case, afterwards};
use crate::plan::{Opens, Plan};

/// A second declaration within this time may be about the same thing.
const SAME_WITHIN_MINUTES: i64 = 10;
/// Characters of a title; the card must fit a phone.
const TITLE_MAX: usize = 120;

/// What somebody reported.
#[derive(Clone, Copy)]
struct Report<'a> {
    title: &'a str,
    severity: Option<&'a str>,
    /// Who made it and when, where a question stands between it and its incident.
    asked: Option<&'a Ask>,
}

pub(super) fn declare(case: &Case<'_>, text: &str) -> Result<Draft, Refusal> {
    let plan = case.plan()?;
    let (severity, title) = read(plan, text);
    if title.is_empty() {
        return Err(Refusal::Usage { verb: case.verb });
    }
    let Some(recent) = recent(case) else {
        return Ok(declared(case, plan, severity.as_deref(), &title));
    };
    let ask = case.chat.asked + 1;
    let worse = recent.is_outranked_by(severity.as_deref());
    let question = Question::SameIncident {
        incident: recent.id,
        title,
        severity,
    };
    let at = case.env.now + Duration::minutes(SAME_WITHIN_MINUTES);
    let said = Said::Ask {
        ask,
        question: question.clone(),
    };
    // Something worse waits for this answer: it is heard.
    let effect = if worse {
        Effect::AnswerAloud(said)
    } else {
        Effect::Answer(said)
    };
    Ok(case
        .draft()
        .chat(ChatEvent::Asked { ask, question })
        .effect(effect)
        .effect(Effect::Wake {
            at,
            timer: Timer::Lapse(ask),
        }))
}

/// The answer to the question. Without a number the asker's latest question is meant.
pub(super) fn answer(case: &Case<'_>, ask: Option<u32>, separate: bool) -> Result<Draft, Refusal> {
    let (ask, waiting) = waiting(case, ask, |q| matches!(q, Question::SameIncident { .. }))?;
    let Some((incident, report)) = reported(waiting) else {
        return Err(Refusal::QuestionGone { verb: case.verb });
    };
    let draft = if separate {
        reported_alone(case, report)?
    } else {
        same(case, incident, report)?
    };
    Ok(answered(case, draft, ask).effect(Effect::Forget(Timer::Lapse(ask))))
}

/// Nobody answered: what was declared is kept with the incident that was open, in its reporter's name.
pub(super) fn lapsed(case: &Case<'_>, ask: u32) -> Result<Draft, Refusal> {
    let Some(waiting) = case.chat.asks.get(&ask) else {
        return Ok(case.draft());
    };
    let Some((id, report)) = reported(waiting) else {
        return Ok(answered(case, case.draft(), ask));
    };
    let known = case.chat.incidents.get(&id);
    // Something worse may not vanish in what was open: nobody said that it is the same.
    let draft = if known.is_some_and(|known| known.is_outranked_by(report.severity)) {
        reported_alone(case, report)?
    } else {
        same(case, id, report)?
    };
    Ok(answered(case, draft, ask))
}

/// What a question is about, if it is about an incident.
fn reported(waiting: &Ask) -> Option<(IncidentId, Report<'_>)> {
    match &waiting.question {
        Question::SameIncident {
            incident,
            title,
            severity,
        } => Some((
            *incident,
            Report {
                title,
                severity: severity.as_deref(),
                asked: Some(waiting),
            },
        )),
        Question::Grant { .. } | Question::StillMeant { .. } => None,
    }
}

fn answered(case: &Case<'_>, draft: Draft, ask: u32) -> Draft {
    draft.by(case.by()).chat(ChatEvent::Answered { ask })
}

fn reported_alone(case: &Case<'_>, report: Report<'_>) -> Result<Draft, Refusal> {
    let plan = case.plan()?;
    Ok(acknowledged(
        case,
        started(case, report.draft(case), plan, report, None),
    ))
}

fn same(case: &Case<'_>, id: IncidentId, report: Report<'_>) -> Result<Draft, Refusal> {
    let known = case.chat.incidents.get(&id);
    // It ended meanwhile: then it was not the same, and nothing may be lost.
    let Some(incident) = known.filter(|it| it.lifecycle.open().is_some()) else {
        return reported_alone(case, report);
    };
    let again = IncidentEvent::AlsoReported {
        title: report.title.to_owned(),
        reported_at: report.made_at(case.env.now),
    };
    let mut draft = report.draft(case).incident(incident, again);
    if let Some(code) = report
        .severity
        .filter(|_| incident.is_outranked_by(report.severity))
    {
        draft = raised(case, draft, incident, code);
    }
    Ok(draft.acknowledge(Mark::Noted, Said::AddedTo { incident: id }))
}

impl Report<'_> {
    /// A report that waited is still its reporter's, whoever or whatever ends the waiting.
    fn draft(&self, case: &Case<'_>) -> Draft {
        match self.asked {
            Some(asked) => case.draft().by(By::Person(asked.person.clone())),
            None => case.draft(),
        }
    }

    /// When it was made, where the question held it up.
    fn made_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let at = self.asked.map(|it| it.at)?;
        (now - at >= Duration::minutes(1)).then_some(at)
    }
}

/// The second report was worse: the incident is as bad as the worst that was said of it.
fn raised(case: &Case<'_>, draft: Draft, incident: &Incident, code: &str) -> Draft {
    let from = incident.severity.clone();
    let event = IncidentEvent::SeverityChanged {
        from: from.clone(),
        to: code.to_owned(),
        why: None,
    };
    let draft = draft.incident(incident, event);
    let Ok(by) = case.myself() else { return draft };
    let said = Said::SeverityChanged {
        incident: incident.id,
        from,
        to: code.to_owned(),
        why: None,
        by: by.clone(),
    };
    let incident = incident.id;
    draft.effect(Effect::Announce {
        incident,
        said,
        silent: false,
    })
}

/// Finds the question that is answered: the asker's own, still waiting.
pub(super) fn waiting<'a>(
    case: &Case<'a>,
    ask: Option<u32>,
    fits: impl Fn(&Question) -> bool,
) -> Result<(u32, &'a Ask), Refusal> {
    let verb = case.verb;
    let myself = case.myself()?.id;
    let found = match ask {
        Some(number) => case.chat.asks.get(&number).map(|it| (number, it)),
        None => case
            .chat
            .asks
            .iter()
            .rev()
            .find(|(_, it)| it.person.id == myself && fits(&it.question))
            .map(|(number, it)| (*number, it)),
    };
    let (number, it) = found
        .filter(|(_, it)| fits(&it.question))
        .ok_or(Refusal::QuestionGone { verb })?;
    if it.person.id != myself {
        return Err(Refusal::NotYourQuestion { verb });
    }
    Ok((number, it))
}

pub(super) fn declared(case: &Case<'_>, plan: &Plan, severity: Option<&str>, text: &str) -> Draft {
    let what = What {
        severity,
        text,
        drill: None,
    };
    acknowledged(case, begun(case, case.draft(), plan, &what))
}

fn acknowledged(case: &Case<'_>, draft: Draft) -> Draft {
    if matches!(case.author, Author::Person(_)) {
        let incident = case.env.next_id;
        return draft.acknowledge(Mark::Seen, Said::Declared { incident });
    }
    draft
}

/// What begins.
pub(super) struct What<'a> {
    pub(super) severity: Option<&'a str>,
    pub(super) text: &'a str,
    /// The plan's drill, where it is a rehearsal.
    pub(super) drill: Option<&'a str>,
}

/// A new incident, of which nobody is told but by its card.
pub(super) fn begun(case: &Case<'_>, draft: Draft, plan: &Plan, what: &What<'_>) -> Draft {
    let report = Report {
        title: what.text,
        severity: what.severity,
        asked: None,
    };
    started(case, draft, plan, report, what.drill)
}

fn started(
    case: &Case<'_>,
    draft: Draft,
    plan: &Plan,
    report: Report<'_>,
    drill: Option<&str>,
) -> Draft {
    let (text, severity) = (report.title, report.severity);
    let id = case.env.next_id;
    // A title is one short line; whatever does not fit is kept as the first note.
    let title = one_line(text.lines().next().unwrap_or(text), TITLE_MAX);
    let event = IncidentEvent::Declared {
        title: title.clone(),
        severity: severity.map(str::to_owned),
        plan_id: plan.info.id.clone(),
        plan: plan.revision.as_str().to_owned(),
        phase: plan
            .phases
            .first()
            .map(|phase| phase.id.clone())
            .unwrap_or_default(),
        reported_at: report.made_at(case.env.now),
        drill: drill.map(str::to_owned),
    };
    let mut draft = draft.declared(id, plan, event);
    if clean(text) != title {
        draft = draft.newborn(
            id,
            IncidentEvent::Noted {
                text: clean(text),
                quoted: None,
            },
        );
    }
    for event in afterwards::opening(plan, Opens::Declared, severity, 1, case.env.now) {
        draft = draft.newborn(id, event);
    }
    if case.chat.can_make_topics() {
        draft = draft.effect(Effect::MakeTopic(id));
    }
    draft.effect(Effect::PostCard(id))
}

fn recent<'a>(case: &Case<'a>) -> Option<&'a Incident> {
    let since = case.env.now - Duration::minutes(SAME_WITHIN_MINUTES);
    // What really happens during a drill is no part of it.
    let recent =
        |it: &&Incident| it.lifecycle.open().is_some() && it.declared_at > since && !it.is_drill();
    // Whoever declares in an incident's topic, or under its card, means that one.
    let here = case.pointed_at().filter(recent);
    here.or_else(|| case.chat.open_incidents().filter(recent).last())
}

/// Splits `P1 key leaked`: the first word is a severity where the plan has such a code.
fn read(plan: &Plan, text: &str) -> (Option<String>, String) {
    let text = clean(text);
    let (first, rest) = text
        .split_once(char::is_whitespace)
        .unwrap_or((text.as_str(), ""));
    let code = first.trim_end_matches([':', ',', '-', '–']);
    match plan
        .severities
        .iter()
        .find(|severity| severity.code.eq_ignore_ascii_case(code))
    {
        Some(severity) => (Some(severity.code.clone()), rest.trim().to_owned()),
        None => (None, text),
    }
}

impl<'a> Case<'a> {
    /// The plan that this chat declares under.
    pub(super) fn plan(&self) -> Result<&'a Plan, Refusal> {
        self.env
            .plans
            .of_chat(self.chat)
            .map(AsRef::as_ref)
            .ok_or(Refusal::UnknownWord {
                verb: self.verb,
                what: "plan",
                word: self.chat.settings.plan.clone().unwrap_or_default(),
                known: Vec::new(),
            })
    }
}
