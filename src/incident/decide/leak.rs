//! Secrets were pasted while an incident is open: they are removed, and count as leaked.

use std::collections::BTreeMap;

use super::super::command::{FileIn, LeakIn};
use super::super::effect::Effect;
use super::super::event::{Event, IncidentEvent, Standing};
use super::super::state::Incident;
use super::Case;
use super::draft::Draft;
use crate::plan::Plan;

/// Outside of an incident the bot keeps nothing and says nothing: what people write there is theirs.
pub(super) fn seen(case: &Case<'_>, leak: &LeakIn) -> Draft {
    let Some(incident) = concerned(case).filter(|_| case.chat.claimed) else {
        return case.draft();
    };
    let means = Means::of(&incident.plan, leak);
    let told = |event: &Event| is_told(event, leak, &means);
    if incident.timeline.iter().any(|it| told(&it.event)) {
        return case.draft();
    }
    let may = leak.private || may_delete(case.chat.standing);
    let deleted = may && leak.evidence.is_none();
    let first = incident.notice_of(leak.author.as_ref(), case.env.now);
    let mut credentials = means.credentials.into_iter();
    let mut procedures = means.procedures.into_iter();
    let event = IncidentEvent::SecretRemoved {
        names: means.names,
        messages: leak.messages.clone(),
        author: leak.author.clone(),
        credential: credentials.next(),
        credentials: credentials.collect(),
        procedure: procedures.next(),
        procedures: procedures.collect(),
        unmatched: means.unmatched,
        secrets: leak.found.iter().map(|it| it.count).sum(),
        deleted,
        evidence: leak.evidence,
    };
    let mut draft = case.draft().incident(incident, event);
    if deleted {
        draft = draft.effect(Effect::DeleteMessages(leak.messages.clone()));
    }
    let incident = incident.id;
    draft.effect(Effect::TellOfSecrets { incident, first })
}

/// A small text file is looked into while an incident is open, and only then.
pub(super) fn file(case: &Case<'_>, file: &FileIn) -> Draft {
    match concerned(case).filter(|_| case.chat.claimed) {
        Some(incident) => case.draft().effect(Effect::LookInto {
            incident: incident.id,
            file: file.clone(),
        }),
        None => case.draft(),
    }
}

/// The incident that the message belongs to; of several open ones the newest, for a leak concerns them all.
fn concerned<'a>(case: &Case<'a>) -> Option<&'a Incident> {
    let named = case
        .incident()
        .ok()
        .filter(|it| it.lifecycle.open().is_some());
    named.or_else(|| case.chat.open_incidents().last())
}

fn may_delete(standing: Standing) -> bool {
    matches!(
        standing,
        Standing::Administrator {
            can_delete: true,
            ..
        }
    )
}

/// What the plan has for the secrets of a leak, each once.
#[derive(Default)]
struct Means {
    names: Vec<String>,
    credentials: Vec<String>,
    procedures: Vec<String>,
    unmatched: BTreeMap<String, u32>,
}

impl Means {
    /// Each secret is looked up by itself: what one is says nothing of the next.
    fn of(plan: &Plan, leak: &LeakIn) -> Self {
        let mut means = Self::default();
        for secret in &leak.found {
            add(&mut means.names, &secret.name);
            let credential = plan.credential_for(&secret.fits);
            let procedure = plan.revocation_for(&secret.fits);
            if let Some(it) = credential {
                add(&mut means.credentials, &it.id);
            }
            if let Some(it) = procedure {
                add(&mut means.procedures, &it.id);
            }
            // The same value twice is one to revoke.
            if credential.is_none() && procedure.is_none() && secret.count > 0 {
                *means.unmatched.entry(secret.name.clone()).or_default() += secret.count;
            }
        }
        means
    }
}

fn add(all: &mut Vec<String>, word: &str) {
    if !all.iter().any(|it| it == word) {
        all.push(word.to_owned());
    }
}

/// The same message again: somebody answers it, or edits it, and nothing is to be done that was not told.
fn is_told(event: &Event, leak: &LeakIn, means: &Means) -> bool {
    let Event::Incident(_, event) = event else {
        return false;
    };
    event.pasted().is_some_and(|it| {
        let unmatched = |name: &String| it.unmatched.iter().any(|(told, _)| told == name);
        it.evidence == leak.evidence
            && leak.messages.iter().all(|id| it.messages.contains(id))
            && means.names.iter().all(|name| it.names.contains(name))
            && hold(&it.credentials, &means.credentials)
            && hold(&it.procedures, &means.procedures)
            && means.unmatched.keys().all(unmatched)
    })
}

fn hold(told: &[&str], ids: &[String]) -> bool {
    ids.iter().all(|id| told.contains(&id.as_str()))
}
