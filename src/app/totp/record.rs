//! What happens to second factors goes on record: in the person's own chat, and wherever they can do what it guards.

use std::sync::{Arc, PoisonError};

use crate::app::{House, Room, host};
use crate::incident::{ChatKey, Command, FactorChange, Permission, Person, UserId};
use crate::totp::{News, Note};

impl House {
    /// Puts on record what was noted and is not there yet: by this bot, which may have been killed meanwhile, and on the
    /// host. To be called at start; later it is looked at whenever second factors matter.
    pub async fn note_factors(&self) {
        let Some(totp) = self.totp() else {
            return;
        };
        let noted = match totp.notes().await {
            Ok(Some(noted)) => noted,
            Ok(None) => return,
            Err(error) => return tracing::error!("one-time codes: {error}"),
        };
        for note in &noted.notes {
            if !self.put_on_record(note).await {
                return;
            }
        }
        if let Err(error) = totp.noted(&noted).await {
            tracing::error!("one-time codes: {error}");
        }
    }

    /// False: the ledger takes nothing at present.
    async fn put_on_record(&self, note: &Note) -> bool {
        let id = UserId(note.user);
        let person = self.people.by_id(id).unwrap_or_else(|| Person {
            id,
            name: String::new(),
            username: None,
        });
        let change = match note.news {
            News::Enrolled => FactorChange::Enrolled,
            News::Locked(until) => FactorChange::Locked { until },
            News::ResetOnHost => FactorChange::ResetOnHost,
        };
        let mut chats = self.rooms_of_trust(id).await;
        let own = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_telegram_id.get(&id.0).map(|it| it.key)
        };
        chats.extend(own.filter(|own| !chats.contains(own)));
        for chat in chats {
            let command = Command::FactorChanged {
                person: person.clone(),
                change,
            };
            // Notes of an earlier version have no name of their own.
            let named = note.id != note.user.to_string();
            let mark = named.then(|| host::mark(&format!("totp/{}/{chat}", note.id)));
            if let Some(why) = self.to_chat_once(chat, command, mark).await.unavailable {
                let user = id.0;
                tracing::error!(
                    user,
                    "{change:?} of a second factor is not on record: {why}"
                );
                return false;
            }
        }
        true
    }

    /// The chats in which somebody may do what a second factor guards.
    pub(super) async fn rooms_of_trust(&self, id: UserId) -> Vec<ChatKey> {
        let rooms: Vec<Arc<Room>> = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_key.values().cloned().collect()
        };
        let owner = self.setup.owners.contains(&id);
        let mut found = Vec::new();
        for room in rooms {
            let trusted = self.with_chat(&room, |chat, _| {
                let granted = chat
                    .grants
                    .get(&id)
                    .is_some_and(|it| it.permission >= Permission::Commander);
                let administers = chat.has_commanding_administrator(id);
                chat.claimed && (owner || granted || administers)
            });
            if trusted.await.unwrap_or(false) {
                found.push(room.key);
            }
        }
        found
    }
}
