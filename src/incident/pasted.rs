//! Secrets that were pasted: one notice tells a person about all of about a minute.

use chrono::{DateTime, TimeDelta, Utc};

use super::event::{Event, IncidentEvent, Recorded};
use super::ids::UserId;
use super::people::Person;
use super::state::Incident;

/// Secrets that were pasted, as an event of any age tells of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Pasted<'a> {
    /// What they are, each kind once.
    pub names: &'a [String],
    /// The messages that held them.
    pub messages: &'a [i64],
    /// Who wrote them, if Telegram says so.
    pub author: Option<&'a Person>,
    /// The plan's credentials that they are.
    pub credentials: Vec<&'a str>,
    /// The procedures that revoke them.
    pub procedures: Vec<&'a str>,
    /// What the plan has neither for, and how many of it.
    pub unmatched: Vec<(&'a str, u32)>,
    /// How many they are.
    pub secrets: usize,
    /// Whether the bot may delete the messages.
    pub deleted: bool,
    /// The piece of evidence that they stand in.
    pub evidence: Option<u32>,
}

impl IncidentEvent {
    /// The secrets that this event is about.
    pub fn pasted(&self) -> Option<Pasted<'_>> {
        let Self::SecretRemoved {
            names,
            messages,
            author,
            credential,
            credentials,
            procedure,
            procedures,
            unmatched,
            secrets,
            deleted,
            evidence,
        } = self
        else {
            return None;
        };
        let mut pasted = Pasted {
            names,
            messages,
            author: author.as_ref(),
            credentials: all(credential.as_ref(), credentials),
            procedures: all(procedure.as_ref(), procedures),
            unmatched: unmatched.iter().map(|(it, n)| (it.as_str(), *n)).collect(),
            secrets: usize::try_from(*secrets)
                .unwrap_or(usize::MAX)
                .max(names.len()),
            deleted: *deleted,
            evidence: *evidence,
        };
        // Older events do not say it; where they name nothing of the plan, it is all of them.
        if pasted.unmatched.is_empty() && !pasted.is_in_plan() {
            pasted.unmatched = names.iter().map(|it| (it.as_str(), 1)).collect();
        }
        Some(pasted)
    }
}

fn all<'a>(first: Option<&'a String>, more: &'a [String]) -> Vec<&'a str> {
    first.into_iter().chain(more).map(String::as_str).collect()
}

impl Pasted<'_> {
    fn is_in_plan(&self) -> bool {
        !self.credentials.is_empty() || !self.procedures.is_empty()
    }
}

/// What somebody pastes within this time is told in one notice.
const TOGETHER: TimeDelta = TimeDelta::seconds(60);

impl Incident {
    /// What one notice tells about: the pastes of one person, beginning with the event at this place of the timeline.
    pub fn pasted_since(&self, first: usize) -> Vec<&IncidentEvent> {
        let later = self.timeline.get(first..).unwrap_or_default();
        let Some((begun, author)) = later.first().and_then(paste) else {
            return Vec::new();
        };
        let theirs = later
            .iter()
            .filter(|it| paste(it).is_some_and(|(at, by)| by == author && at - begun <= TOGETHER));
        theirs
            .filter_map(|it| match &it.event {
                Event::Incident(_, event) => Some(event),
                Event::Chat(_) => None,
            })
            .collect()
    }

    /// The place of the event with which the notice begins that a paste of this person belongs to now. A paste that begins a
    /// new one has the place that the next event gets.
    pub(super) fn notice_of(&self, author: Option<&Person>, now: DateTime<Utc>) -> usize {
        let author = author.map(|it| it.id);
        let mut notice = None;
        for (place, recorded) in self.timeline.iter().enumerate() {
            if let Some((at, by)) = paste(recorded)
                && by == author
                && notice.is_none_or(|(begun, _)| at - begun > TOGETHER)
            {
                notice = Some((at, place));
            }
        }
        match notice {
            Some((begun, place)) if now - begun <= TOGETHER => place,
            _ => self.timeline.len(),
        }
    }
}

/// When secrets were pasted, and by whom.
fn paste(recorded: &Recorded) -> Option<(DateTime<Utc>, Option<UserId>)> {
    match &recorded.event {
        Event::Incident(_, IncidentEvent::SecretRemoved { author, .. }) => {
            Some((recorded.at, author.as_ref().map(|it| it.id)))
        }
        _ => None,
    }
}
