//! Evidence as the house handles it: what is to be stored, and what became of it.

use std::io::Read;
use std::sync::PoisonError;

use super::House;
use super::letter::{Letter, Outcome};
use super::room::LoadError;
use crate::evidence::export::ExportError;
use crate::evidence::vault::{Vault, VaultError};
use crate::incident::{
    Chat, ChatKey, Command, Evidence, IncidentId, Kept, Origin, Preserved, Request,
};
use crate::messages::outgoing::{FileOut, Place};
use crate::panics;
use crate::store::ReadError;

/// Why an errand cannot be done now.
#[derive(Debug, thiserror::Error)]
pub enum ErrandError {
    /// The chat.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] ReadError),
    /// The ZIP.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// The vault.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The ledger does not tell at present where the incident lives.
    #[error("{0} is not found at present")]
    NotFound(IncidentId),
    /// The work itself broke.
    #[error("{0}")]
    Broken(String),
}

impl House {
    /// Where evidence lies.
    pub fn vault(&self) -> &Vault {
        &self.setup.vault
    }

    /// A piece of evidence that waits to be stored; none if it does not wait (any more).
    pub async fn to_be_stored(
        &self,
        incident: &str,
        number: u32,
    ) -> Result<Option<(IncidentId, Evidence)>, ErrandError> {
        let found = self
            .look(incident, |id, chat| {
                let incident = chat.incidents.get(&id)?;
                let waits = |it: &&Evidence| it.number == number && it.kept == Kept::Waiting;
                let piece = incident.evidence.iter().find(waits)?;
                Some((id, piece.clone()))
            })
            .await?;
        Ok(found.flatten())
    }

    /// What became of evidence comes in by the door.
    pub async fn preserved(&self, incident: &str, news: Preserved) -> Outcome {
        self.told(incident, None, Origin::default(), news).await
    }

    /// What became of an export; answers go to the chat and message that asked for it.
    pub async fn export_done(
        &self,
        incident: &str,
        asked_in: i64,
        origin: Origin,
        news: Preserved,
    ) -> Outcome {
        let from = Some(ChatKey(asked_in));
        self.told(incident, from, origin, news).await
    }

    /// Telegram refused an export: whoever asked for it is told, and the owners where it lies.
    pub async fn export_refused(&self, asked_in: i64, file: &FileOut) -> Outcome {
        let path = self.vault().root().join(&file.incident).join(&file.file);
        let path = std::path::absolute(&path).unwrap_or(path);
        let origin = Origin {
            message_id: file.reply_to,
            thread_id: match file.place {
                Place::Thread(thread) => Some(thread),
                Place::General | Place::Incident(_) => None,
            },
            ..Origin::default()
        };
        let path = path.display().to_string();
        let from = Some(ChatKey(asked_in));
        self.told(
            &file.incident,
            from,
            origin,
            Preserved::NotDelivered { path },
        )
        .await
    }

    /// A file that somebody sent to a chat held secrets.
    pub async fn secret_seen(&self, chat: i64, leak: Request) -> Outcome {
        let mut outcome = Outcome::default();
        if let Some(room) = self.room_by_key(ChatKey(chat)) {
            self.settle(&room, &room, vec![Letter::own(leak)], &mut outcome)
                .await;
        }
        outcome
    }

    /// A file that somebody stored as evidence holds secrets.
    pub async fn secret_in_evidence(&self, id: IncidentId, leak: Request) -> Outcome {
        match self.home_of(id).await {
            Some(key) => {
                let leak = Request {
                    incident: Some(id),
                    ..leak
                };
                self.secret_seen(key.0, leak).await
            }
            None => Outcome {
                unavailable: Some(ErrandError::NotFound(id).to_string()),
                ..Outcome::default()
            },
        }
    }

    async fn told(
        &self,
        incident: &str,
        from: Option<ChatKey>,
        origin: Origin,
        news: Preserved,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        let Ok(id) = incident.parse::<IncidentId>() else {
            return outcome;
        };
        let Some(room) = self.home_of(id).await.and_then(|key| self.room_by_key(key)) else {
            outcome.unavailable = Some(ErrandError::NotFound(id).to_string());
            return outcome;
        };
        let from = from.and_then(|key| self.room_by_key(key));
        let letter = Letter::own(Request {
            command: Command::Preserved(news),
            incident: Some(id),
            origin,
        });
        let from = from.as_ref().unwrap_or(&room);
        self.settle(&room, from, vec![letter], &mut outcome).await;
        outcome
    }

    /// What is in a file that the bot itself made, such as an export; none if it is not what it was.
    pub async fn evidence_file(&self, sha256: &str) -> Option<Vec<u8>> {
        let (vault, sha256) = (self.vault().clone(), sha256.to_owned());
        let read = tokio::task::spawn_blocking(move || {
            let (mut file, stored) = vault.content(&sha256)?;
            let mut content = Vec::with_capacity(usize::try_from(stored.size).unwrap_or(0));
            file.read_to_end(&mut content).map_err(VaultError::Source)?;
            Ok::<_, VaultError>(content)
        });
        match read.await {
            Ok(Ok(content)) => Some(content),
            Ok(Err(error)) => {
                tracing::error!("a file cannot be sent: {error}");
                None
            }
            Err(error) => {
                tracing::error!("a file cannot be read: {error}");
                None
            }
        }
    }

    /// The private chats of the owners who have written to the bot.
    pub(super) fn owners_rooms(&self) -> Vec<ChatKey> {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        self.setup
            .owners
            .iter()
            .filter_map(|id| rooms.by_telegram_id.get(&id.0))
            .filter(|room| room.is_registered())
            .map(|room| room.key)
            .collect()
    }

    pub(super) async fn look<T>(
        &self,
        incident: &str,
        look: impl FnOnce(IncidentId, &Chat) -> T,
    ) -> Result<Option<T>, ErrandError> {
        let Ok(id) = incident.parse::<IncidentId>() else {
            return Ok(None);
        };
        // Whoever asks holds a row about it: it is there, only the ledger does not answer.
        let home = self.home_of(id).await.and_then(|key| self.room_by_key(key));
        let room = home.ok_or(ErrandError::NotFound(id))?;
        let seen = self.with_chat(&room, |chat, _| look(id, chat)).await?;
        Ok(Some(seen))
    }
}

/// Work that waits for the disk.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ErrandError> + Send + 'static,
) -> Result<T, ErrandError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| ErrandError::Broken(panics::broken(&error).to_owned()))?
}
