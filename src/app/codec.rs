//! Events as the ledger keeps them: stream, kind and JSON.

use chrono::DateTime;
use serde::{Deserialize, Serialize};

use crate::incident::{By, ChatEvent, ChatKey, Event, IncidentEvent, IncidentId, Recorded};
use crate::store::{NewEvent, StoredEvent};

#[derive(Serialize)]
struct Out<'a, E> {
    by: &'a By,
    #[serde(flatten)]
    event: &'a E,
}

#[derive(Deserialize)]
struct In<E> {
    by: By,
    #[serde(flatten)]
    event: E,
}

/// The stream of an incident.
pub(super) fn incident_stream(id: IncidentId) -> String {
    format!("incident/{id}")
}

/// The stream of a chat.
pub(super) fn chat_stream(key: ChatKey) -> String {
    format!("chat/{key}")
}

/// Writes an event; `seq` is its number in its stream.
pub(super) fn write(key: ChatKey, seq: u64, recorded: &Recorded) -> NewEvent {
    let (stream, kind, body) = match &recorded.event {
        Event::Chat(event) => (chat_stream(key), event.kind(), body(&recorded.by, event)),
        Event::Incident(id, event) => (
            incident_stream(*id),
            event.kind(),
            body(&recorded.by, event),
        ),
    };
    NewEvent {
        stream,
        seq: i64::try_from(seq).unwrap_or(i64::MAX),
        at: recorded.at.timestamp_micros(),
        kind: kind.to_owned(),
        body,
    }
}

fn body<E: Serialize>(by: &By, event: &E) -> String {
    serde_json::to_string(&Out { by, event }).expect("strings, numbers and lists become JSON")
}

/// A row that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("ledger, stream {stream}, event {seq}: {why}")]
pub struct Unreadable {
    stream: String,
    seq: i64,
    why: String,
}

/// Reads an event back.
pub(super) fn read(stored: &StoredEvent) -> Result<Recorded, Unreadable> {
    let wrong = |why: String| Unreadable {
        stream: stored.stream.clone(),
        seq: stored.seq,
        why,
    };
    let at =
        DateTime::from_timestamp_micros(stored.at).ok_or_else(|| wrong("no such time".into()))?;
    let (by, event) = match stored.stream.split_once('/') {
        Some(("incident", id)) => {
            let id: IncidentId = id.parse().map_err(|_| wrong("not an incident id".into()))?;
            let read: In<IncidentEvent> =
                serde_json::from_str(&stored.body).map_err(|error| wrong(error.to_string()))?;
            (read.by, Event::Incident(id, read.event))
        }
        Some(("chat", _)) => {
            let read: In<ChatEvent> =
                serde_json::from_str(&stored.body).map_err(|error| wrong(error.to_string()))?;
            (read.by, Event::Chat(read.event))
        }
        _ => return Err(wrong("an unknown kind of stream".into())),
    };
    Ok(Recorded { at, by, event })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incident::{Person, UserId};

    #[test]
    fn an_event_comes_back_as_it_was_written() {
        let person = Person {
            id: UserId(7),
            name: "Ann".into(),
            username: Some("ann".into()),
        };
        let id = IncidentId::security(2026, 7);
        let events = [
            Event::Incident(
                id,
                IncidentEvent::Noted {
                    text: "<b>\u{202e}".into(),
                    quoted: None,
                },
            ),
            Event::Incident(id, IncidentEvent::Acknowledged),
            Event::Chat(ChatEvent::Claimed),
            Event::Chat(ChatEvent::AdministratorsListed {
                ids: [UserId(1), UserId(2)].into(),
            }),
        ];
        for event in events {
            let at = DateTime::from_timestamp_micros(1_700_000_000_000_001).expect("a moment");
            let recorded = Recorded {
                at,
                by: By::Person(person.clone()),
                event,
            };
            let new = write(ChatKey(3), 5, &recorded);
            let stored = StoredEvent {
                stream: new.stream,
                seq: new.seq,
                chat: 3,
                position: 1,
                at: new.at,
                kind: new.kind,
                body: new.body,
                prev: String::new(),
                hash: String::new(),
            };
            assert_eq!(read(&stored).expect("readable"), recorded);
        }
    }
}
