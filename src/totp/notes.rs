//! Notes of what happened to second factors, for the log, which the running bot alone writes. A note is written in one
//! transaction with what it tells of: a kill between the two loses neither.

use chrono::{DateTime, Utc};

use super::{Totp, TotpError, seal};

const NOTES: &str = "totp-resets";

/// What happened to somebody's second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// It was set up.
    Enrolled,
    /// Too many codes were wrong.
    Locked(DateTime<Utc>),
    /// It was taken away on the host.
    ResetOnHost,
}

/// A note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The same for ever, so that it goes on record once.
    pub id: String,
    /// Whose second factor.
    pub user: i64,
    /// What happened.
    pub news: News,
}

/// Notes that are not on record yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notes {
    /// In their order.
    pub notes: Vec<Note>,
    stored: String,
}

impl Note {
    fn line(user: i64, news: News) -> Result<String, TotpError> {
        let id = u64::from_be_bytes(seal::random()?);
        let news = match news {
            News::Enrolled => "enrolled".to_owned(),
            News::Locked(until) => format!("locked {}", until.timestamp_micros()),
            News::ResetOnHost => "reset".to_owned(),
        };
        Ok(format!("{user} {id:016x} {news}\n"))
    }

    fn read(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let user = words.next()?.parse().ok()?;
        // Earlier versions noted resets only, by the person's id alone.
        let Some(id) = words.next() else {
            return Some(Self {
                id: line.to_owned(),
                user,
                news: News::ResetOnHost,
            });
        };
        let news = match words.next()? {
            "enrolled" => News::Enrolled,
            "locked" => {
                let until = words.next()?.parse().ok()?;
                News::Locked(DateTime::from_timestamp_micros(until)?)
            }
            _ => News::ResetOnHost,
        };
        let id = id.to_owned();
        Some(Self { id, user, news })
    }
}

impl Totp {
    /// The setting of the notes, as it is and with one more.
    pub(super) async fn with_note(
        &self,
        user: i64,
        news: News,
    ) -> Result<(Option<String>, String), TotpError> {
        let before = self.register.get(NOTES).await?;
        let mut notes = before.clone().unwrap_or_default();
        notes.push_str(&Note::line(user, news)?);
        Ok((before, notes))
    }

    pub(super) const NOTES: &'static str = NOTES;

    /// What is not on record yet.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn notes(&self) -> Result<Option<Notes>, TotpError> {
        let stored = self.register.get(NOTES).await?;
        Ok(stored.map(|stored| Notes {
            notes: stored.lines().filter_map(Note::read).collect(),
            stored,
        }))
    }

    /// It is on record. What was added meanwhile stays.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn noted(&self, notes: &Notes) -> Result<(), TotpError> {
        for _ in 0..super::ROUNDS {
            let Some(stored) = self.register.get(NOTES).await? else {
                return Ok(());
            };
            // Somebody else took them off meanwhile.
            let Some(rest) = stored.strip_prefix(&notes.stored) else {
                return Ok(());
            };
            let rest = Some(rest).filter(|it| !it.is_empty());
            if self.register.swap(NOTES, Some(&stored), rest).await? {
                return Ok(());
            }
        }
        Err(super::busy())
    }
}
