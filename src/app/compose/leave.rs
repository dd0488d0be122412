//! Commits what was composed; what must leave the house leaves it after that.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError};

use super::draft::{Draft, is_empty};
use crate::app::numbers::Numbers;
use crate::app::room::Room;
use crate::app::room::Whereabouts;
use crate::app::{Delivery, House, runs};
use crate::incident::{Chat, ChatKind, IncidentId};
use crate::store::{self, CommitError};

impl House {
    /// Commits what was composed; what must leave the house leaves it now.
    pub(super) async fn commit(
        &self,
        room: &Arc<Room>,
        from: &Arc<Room>,
        draft: Draft,
        numbers: Option<&mut Numbers>,
    ) -> Result<Chat, CommitError> {
        let Draft {
            mut unit,
            changed,
            runs,
            seen,
            told,
            declared,
            afterwards,
            started,
            refused: _,
            chat,
        } = draft;
        if is_empty(&unit) {
            self.call(started);
            return Ok(chat);
        }
        let title = (chat.title.as_str(), chat.kind);
        unit.new_chats
            .extend((!room.is_registered()).then(|| row_of(room, title.0, title.1)));
        if from.key != room.key && !from.is_registered() {
            unit.new_chats.push(row_of(from, "", ChatKind::Private));
        }
        let timers_changed = !unit.timers.is_empty();
        let committed = self.ledger.commit(unit).await?;
        room.set_registered();
        room.note_language(&chat);
        from.set_registered();
        self.told.remember(told, self.clock.now());
        for (key, person) in seen {
            self.people.remember(key, &person);
        }
        if let Some(numbers) = numbers {
            for id in declared {
                numbers.used(id);
            }
        }
        if timers_changed {
            self.timers_changed.notify_one();
        }
        for row in committed.outbox {
            self.deliver(Delivery::Row(row));
        }
        self.tell_of(&chat, &changed);
        self.see_to(afterwards, &chat, (room, from));
        for (id, run) in runs {
            self.deliver(Delivery::CardChanged {
                chat: chat.key.0,
                incident: runs::progress_key(id, run),
                urgent: runs::is_urgent(&chat, id, run),
            });
        }
        self.call(started);
        Ok(chat)
    }

    fn call(&self, calls: Vec<(IncidentId, u32)>) {
        for (incident, run) in calls {
            self.deliver(Delivery::Execute { incident, run });
        }
    }

    fn tell_of(&self, chat: &Chat, changed: &BTreeSet<IncidentId>) {
        if changed.is_empty() {
            return;
        }
        {
            let mut whereabouts = self
                .whereabouts
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            for incident in changed.iter().filter_map(|id| chat.incidents.get(id)) {
                whereabouts.insert(incident.id, Whereabouts::of(chat, incident));
            }
        }
        for id in changed {
            self.deliver(Delivery::CardChanged {
                chat: chat.key.0,
                incident: id.to_string(),
                urgent: false,
            });
        }
    }

    /// An update came from a chat (Telegram's id), committed by now: what could not be written there may be tried again. If
    /// Telegram said that the bot may write there, it is.
    pub fn heard(&self, telegram_id: i64, may_write: bool) {
        let room = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_telegram_id.get(&telegram_id).cloned()
        };
        let Some(room) = room.filter(|room| room.is_registered()) else {
            return;
        };
        let chat = room.key.0;
        self.deliver(if may_write {
            Delivery::Resume { chat }
        } else {
            Delivery::Heard { chat }
        });
    }

    pub(in crate::app) fn deliver(&self, delivery: Delivery) {
        if let Delivery::Execute { incident, run } = delivery {
            return self.calls.call(incident, run);
        }
        // The courier is gone only while the process ends; the rows stay in the ledger.
        let _ = self.out.send(delivery);
    }
}

fn row_of(room: &Room, title: &str, kind: ChatKind) -> store::Chat {
    store::Chat {
        key: room.key.0,
        telegram_id: room.telegram_id(),
        title: title.to_owned(),
        kind: kind_word(kind).to_owned(),
    }
}

fn kind_word(kind: ChatKind) -> &'static str {
    match kind {
        ChatKind::Private => "private",
        ChatKind::Group => "group",
        ChatKind::Supergroup => "supergroup",
        ChatKind::Channel => "channel",
    }
}
