//! The notice to somebody who pasted secrets: one message for about a minute, a projection through the courier's cards.
//! Rendered when it is sent, it tells everything at once, and never stands in the way of what is more urgent.

use super::House;
use super::desk::CardNow;
use crate::incident::{ChatKey, IncidentId};
use crate::messages;
use crate::messages::outgoing::Place;

/// What the names of these notices begin with.
const PASTED: &str = "pasted/";

/// Which notice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Notice {
    /// Where the secrets were pasted.
    pub(super) chat: ChatKey,
    /// In which topic.
    pub(super) thread: Option<i64>,
    /// The incident whose timeline has it.
    pub(super) incident: IncidentId,
    /// The place in that of the first paste.
    pub(super) first: usize,
}

impl Notice {
    /// The name under which the courier knows it.
    pub(super) fn key(self) -> String {
        let Self {
            chat,
            thread,
            incident,
            first,
        } = self;
        format!("{PASTED}{chat}/{}/{incident}/{first}", thread.unwrap_or(0))
    }

    /// The notice behind a name of the courier.
    pub(super) fn read(key: &str) -> Option<Self> {
        let mut parts = key.strip_prefix(PASTED)?.split('/');
        let chat = ChatKey(parts.next()?.parse().ok()?);
        let thread: i64 = parts.next()?.parse().ok()?;
        Some(Self {
            chat,
            thread: Some(thread).filter(|it| *it != 0),
            incident: parts.next()?.parse().ok()?,
            first: parts.next()?.parse().ok()?,
        })
    }
}

impl House {
    /// A notice as it should look now.
    pub(super) async fn notice(&self, notice: Notice) -> Option<CardNow> {
        let room = self.room_by_key(self.home_of(notice.incident).await?)?;
        let shown = self.ledger.card(&notice.key()).await.ok().flatten();
        self.with_chat(&room, |chat, plans| {
            let view = self.view(chat, plans, self.clock.now());
            let incident = chat.incidents.get(&notice.incident)?;
            let pastes = incident.pasted_since(notice.first);
            Some(CardNow {
                chat: notice.chat.0,
                place: notice.thread.map_or(Place::General, Place::Thread),
                message_id: shown.and_then(|it| it.message_id),
                rendered: messages::pasted(&view, incident, &pastes)?,
                // Every change has a row of its own in the outbox: it is never behind unnoticed.
                version: i64::MAX,
                pin: false,
            })
        })
        .await
        .ok()
        .flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_found_by_its_name() {
        let incident = "SEC-2026-007".parse().expect("an id");
        for thread in [None, Some(31)] {
            let notice = Notice {
                chat: ChatKey(12),
                thread,
                incident,
                first: 40,
            };
            assert_eq!(Notice::read(&notice.key()), Some(notice));
        }
        for other in [
            "SEC-2026-007",
            "SEC-2026-007/2",
            "pasted/",
            "pasted/1/x/SEC-2026-007/3",
        ] {
            assert_eq!(Notice::read(other), None, "{other}");
        }
    }
}
