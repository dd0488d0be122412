//! Looks through small text files for secrets, in memory: nothing of them is kept.

use super::{Failed, Hands, of_telegram, recorded};
use crate::incident::{FileIn, Request};
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
        let found: Option<Request> = leaks::in_file(&String::from_utf8_lossy(&content), file);
        match found {
            Some(leak) => recorded(self.house.secret_seen(chat, leak).await),
            None => Ok(()),
        }
    }
}
