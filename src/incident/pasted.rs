//! Secrets that were pasted: one notice tells a person about all of about a minute.

use chrono::{DateTime, TimeDelta, Utc};

use super::event::{Event, IncidentEvent, Recorded};
use super::ids::UserId;
use super::people::Person;
use super::state::Incident;

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
