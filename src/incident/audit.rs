//! What an audit is about: who was let do what, who was not, and what was done with it. The rest of the work stands in the timeline.

use super::chat::Chat;
use super::event::{ChatEvent, Event, IncidentEvent, Recorded};

/// So many entries of the chat's own stream are at hand; the ledger has all.
pub const LOG: usize = 500;

/// Whether it belongs into an audit. What a later version brings does, unless it is named here.
pub fn is_audited(event: &Event) -> bool {
    match event {
        Event::Chat(event) => !matches!(
            event,
            ChatEvent::Described { .. }
                | ChatEvent::BotStanding { .. }
                | ChatEvent::AdministratorsListed { .. }
                | ChatEvent::Asked { .. }
                | ChatEvent::Answered { .. }
                | ChatEvent::RequestShown { .. }
                | ChatEvent::RequestMoved { .. }
                | ChatEvent::Left { .. }
                | ChatEvent::Returned { .. }
        ),
        Event::Incident(_, event) => !matches!(
            event,
            IncidentEvent::AlsoReported { .. }
                | IncidentEvent::Acknowledged
                | IncidentEvent::ItemTicked { .. }
                | IncidentEvent::ItemUnticked { .. }
                | IncidentEvent::PhaseEntered { forced: None, .. }
                | IncidentEvent::PhaseReturned { .. }
                | IncidentEvent::Noted { .. }
                | IncidentEvent::FactRecorded { .. }
                | IncidentEvent::FollowUpAdded { .. }
                | IncidentEvent::FollowUpAssigned { .. }
                | IncidentEvent::FollowUpDone { .. }
                | IncidentEvent::CardPosted { .. }
                | IncidentEvent::CardLost
                | IncidentEvent::TopicMade { .. }
                | IncidentEvent::TopicRefused { .. }
                | IncidentEvent::ProgressPosted { .. }
                | IncidentEvent::ProgressLost { .. }
        ),
    }
}

/// The last `count` entries of the chat's stream and of all its incidents, newest last, and how many there are before them.
pub fn audited(chat: &Chat, count: usize) -> (Vec<&Recorded>, usize) {
    let incidents = chat.incidents.values().flat_map(|it| &it.timeline);
    let mut all: Vec<&Recorded> = chat
        .log
        .iter()
        .chain(incidents.filter(|it| is_audited(&it.event)))
        .collect();
    // Stable: what happened at one moment stays in the order of its stream.
    all.sort_by_key(|it| it.at);
    let earlier = all.len().saturating_sub(count);
    (all.split_off(earlier), earlier)
}

/// Remembers an event of the chat's own stream.
pub(super) fn remember(chat: &mut Chat, recorded: Recorded) {
    if is_audited(&recorded.event) {
        if chat.log.len() >= LOG {
            chat.log.pop_front();
        }
        chat.log.push_back(recorded);
    }
}
