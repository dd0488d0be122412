//! Looks through small text files for secrets, in memory: nothing of them is kept.

use super::{Failed, Hands, of_telegram, recorded};
use crate::evidence::vault::Stored;
use crate::incident::{Evidence, FileIn, IncidentId, Request};
use crate::telegram::api::Download;
use crate::telegram::leaks::{self, TEXT_MAX};

/// It is larger than Telegram said.
struct TooLarge;

impl Hands {
    /// Looks into a file, and reports the secrets in it. An error: try again.
    pub(super) async fn look_into(
        &self,
        chat: i64,
        file: &FileIn,
        last: bool,
    ) -> Result<(), String> {
        let mut content = Vec::new();
        let taken = |piece: &[u8]| {
            content.extend_from_slice(piece);
            if content.len() > TEXT_MAX {
                Err(TooLarge)
            } else {
                Ok(())
            }
        };
        match self.api.download(&file.file_id, taken).await {
            Ok(()) => {}
            Err(Download::Taker(TooLarge)) => return Ok(()),
            Err(Download::Telegram(error)) => {
                return match of_telegram(&error) {
                    Failed::Now(why, _) if !last => Err(why),
                    Failed::Now(..) | Failed::Forever(_) => {
                        tracing::warn!(chat, "a file could not be looked into: {error}");
                        Ok(())
                    }
                };
            }
        }
        let found: Option<Request> = leaks::in_file(&String::from_utf8_lossy(&content), file, None);
        match found {
            Some(leak) => recorded(self.house.secret_seen(chat, leak).await),
            None => Ok(()),
        }
    }

    /// Looks into a file that was just stored as evidence. It stays as it is, but people must know.
    pub(super) async fn look_into_evidence(
        &self,
        id: IncidentId,
        piece: &Evidence,
        stored: &Stored,
    ) -> Result<(), String> {
        // The text of a message holds no secret any more.
        let Some(file) = &piece.quoted.file else {
            return Ok(());
        };
        if stored.size > TEXT_MAX as u64 {
            return Ok(());
        }
        let Some(content) = self.house.evidence_file(&stored.sha256).await else {
            return Ok(());
        };
        let Ok(text) = String::from_utf8(content) else {
            return Ok(());
        };
        let file = FileIn {
            file_id: file.file_id.clone(),
            message_id: piece.quoted.message_id,
            thread_id: None,
            author: piece.quoted.author.clone(),
            private: false,
        };
        let Some(leak) = leaks::in_file(&text, &file, Some(piece.number)) else {
            return Ok(());
        };
        recorded(self.house.secret_in_evidence(id, leak).await)
    }
}
