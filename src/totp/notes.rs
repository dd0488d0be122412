//! Notes from the host's command line to the running bot, which alone writes the log: whose second factor was taken away.

use super::{ROUNDS, Totp, TotpError, busy};

const NOTES: &str = "totp-resets";

/// Resets that are not on record yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resets {
    /// Whose.
    pub users: Vec<i64>,
    stored: String,
}

impl Totp {
    /// Leaves a note for the bot that a person's second factor was taken away.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn leave_note(&self, user: i64) -> Result<(), TotpError> {
        for _ in 0..ROUNDS {
            let before = self.register.get(NOTES).await?;
            let mut notes = before.clone().unwrap_or_default();
            notes.push_str(&user.to_string());
            notes.push('\n');
            let was = before.as_deref();
            if self.register.swap(NOTES, was, Some(&notes)).await? {
                return Ok(());
            }
        }
        Err(busy())
    }

    /// What the host did that is not on record yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn notes(&self) -> Result<Option<Resets>, TotpError> {
        let stored = self.register.get(NOTES).await?;
        Ok(stored.map(|stored| Resets {
            users: stored.lines().filter_map(|it| it.parse().ok()).collect(),
            stored,
        }))
    }

    /// It is on record. What was added meanwhile stays.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn noted(&self, resets: &Resets) -> Result<(), TotpError> {
        for _ in 0..ROUNDS {
            let Some(stored) = self.register.get(NOTES).await? else {
                return Ok(());
            };
            let rest = stored.strip_prefix(&resets.stored).unwrap_or_default();
            let rest = Some(rest).filter(|it| !it.is_empty());
            if self.register.swap(NOTES, Some(&stored), rest).await? {
                return Ok(());
            }
        }
        Err(busy())
    }
}
