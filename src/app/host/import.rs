//! Runs that the journal kept come into the timeline, or at least to somebody's knowledge.

use std::sync::{Arc, PoisonError};

use super::super::House;
use super::super::room::Room;
use super::{HostRefusal, mark, setting, unreadable};
use crate::incident::{Command, HostRecord, HostRun, HostSource, IncidentId};
use crate::messages;
use crate::messages::outgoing::{Lane, Message, Outgoing};
use crate::store::{NewOutbox, Unit};

/// What became of a run from the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostImport {
    /// It is on the timeline now.
    Imported,
    /// It was there before.
    Known,
}

impl House {
    /// Brings a run from the journal into the timeline, once.
    ///
    /// # Errors
    /// Why it must stay in the journal.
    pub async fn import_from_host(&self, run: HostRun) -> Result<HostImport, HostRefusal> {
        let Some(HostRecord::Intent {
            door, chat, plan, ..
        }) = run.entries.first().map(|entry| &entry.record)
        else {
            return Err(HostRefusal::Refused("it has no beginning".to_owned()));
        };
        let known = self.ledger.setting(&setting(&run.id)).await;
        if known.map_err(unreadable)?.is_some() {
            return Ok(HostImport::Known);
        }
        let source = HostSource {
            door: *door,
            ticket: None,
        };
        let mark = mark(&setting(&run.id));
        let mut last = HostRefusal::NoChat;
        for room in self.rooms_for_import(*chat, plan).await? {
            let command = Command::HostImport { run: run.clone() };
            let done = self.commit_host(&room, command, &source, Some(mark));
            match done.await {
                Ok(_) => return Ok(HostImport::Imported),
                Err(HostRefusal::Refused(why)) => last = HostRefusal::Refused(why),
                Err(refusal) => return Err(refusal),
            }
        }
        self.tell_owners_of(&run).await;
        Err(last)
    }

    /// Where a run from the journal can go, the best place first: the chat that was named (it may be gone by now), the home
    /// chat, those that work with the plan, any other. A team must learn of it, even the wrong one.
    async fn rooms_for_import(
        &self,
        chat: Option<i64>,
        plan: &str,
    ) -> Result<Vec<Arc<Room>>, HostRefusal> {
        let home = self.home().await.map_err(unreadable)?;
        let named = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            chat.and_then(|id| rooms.by_telegram_id.get(&id).map(|room| room.key))
        };
        let mut found = Vec::new();
        for room in self.all_rooms() {
            // A chat that cannot be read is none.
            let Ok(Some(its)) = self.plan_in_use(&room).await else {
                continue;
            };
            let rank = if named == Some(room.key) {
                0
            } else if home == Some(room.key.0) {
                1
            } else if its == plan {
                2
            } else {
                3
            };
            found.push((rank, room));
        }
        found.sort_by_key(|(rank, _)| *rank);
        Ok(found.into_iter().map(|(_, room)| room).collect())
    }

    /// No chat can take a run from the journal: at least the owners are told, once.
    async fn tell_owners_of(&self, run: &HostRun) {
        let Some(HostRecord::Intent {
            plan, lever, why, ..
        }) = run.entries.first().map(|entry| &entry.record)
        else {
            return;
        };
        let told = format!("journal-told/{}", run.id);
        if !matches!(self.ledger.setting(&told).await, Ok(None)) {
            return;
        }
        let rooms = self.owners_rooms();
        let Some(first) = rooms.first() else {
            return;
        };
        let html = messages::host_run_homeless(&self.phrases(None), lever.word(), plan, why);
        let mut unit = Unit {
            chat: first.0,
            settings: vec![(told, String::new())],
            ..Unit::default()
        };
        for room in &rooms {
            let message = Outgoing::Message(Message {
                html: html.clone(),
                ..Message::default()
            });
            unit.outbox.push(NewOutbox {
                chat: Some(room.0).filter(|key| *key != unit.chat),
                incident: None,
                lane: Lane::Emergency.number(),
                body: message.to_body(),
            });
        }
        match self.ledger.commit(unit).await {
            Ok(committed) => {
                for row in committed.outbox {
                    self.deliver(crate::app::Delivery::Row(row));
                }
            }
            Err(error) => tracing::error!("the owners cannot be told of a run: {error}"),
        }
    }
}

/// What the ledger notes of a run from the journal: the incident, then what was asked for.
pub(in crate::app) fn note(incident: IncidentId, record: &HostRecord) -> String {
    match record {
        HostRecord::Intent {
            chat, plan, lever, ..
        } => {
            let chat = chat.map_or("home".to_owned(), |id| id.to_string());
            format!("{incident} {} {plan} {chat}", lever.word())
        }
        _ => incident.to_string(),
    }
}
