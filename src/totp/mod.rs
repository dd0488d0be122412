//! One-time codes: the second factor of levers that cannot be taken back.
//!
//! Codes follow RFC 6238 (SHA-1, six digits, 30 seconds, one step of tolerance). What is known of a person is one setting of the ledger,
//! sealed with a key that is not in the ledger, and changed only from what it was: a code counts once, also when it comes twice
//! at the same moment, through two processes.

mod notes;
mod picture;
mod record;
mod seal;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Duration, Utc};
use totp_rs::{Algorithm, Builder};

use crate::secret::Secret;
use crate::store::{CommitError, ReadError, Register, Swap};

pub use notes::{News, Note, Notes};
pub use record::RECOVERY_CODES;
use record::{Record, Stage};
pub use seal::{Key, KeyError};

/// So many wrong codes in a row lock a person out of it.
pub const FAILURES: u32 = 5;
/// For so long.
pub const LOCKED_MINUTES: i64 = 15;
/// An enrolment that is not confirmed within this time lapses.
const CONFIRM_MINUTES: i64 = 15;
/// Seconds of a step.
const STEP: u64 = 30;
/// How often a change is tried again when somebody else was faster.
const ROUNDS: u32 = 16;

/// One-time codes of everybody.
#[derive(Clone)]
pub struct Totp {
    register: Register,
    key: Option<Key>,
    issuer: String,
}

/// What a code was good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// It is right, and is spent now.
    Passed,
    /// It is wrong, or spent.
    Wrong {
        /// Tries that are left before the lock.
        left: u32,
    },
    /// Too many were wrong: none is taken, not even a right one.
    Locked {
        /// Until then.
        until: DateTime<Utc>,
    },
    /// The person has no second factor.
    NotEnrolled,
}

/// How far a person is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// No key is set up: nobody can enrol.
    Off,
    /// The person has no second factor.
    NotEnrolled,
    /// The picture was shown; a first code is awaited.
    Pending,
    /// Enrolled.
    Enrolled {
        /// Since when.
        since: DateTime<Utc>,
        /// Recovery codes that are left.
        recovery: usize,
        /// No code is taken until then.
        locked: Option<DateTime<Utc>>,
    },
}

/// What an authenticator app needs to know. Shown once, in private.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// The address that the picture holds.
    pub address: Secret,
    /// The secret for typing in, in Base32.
    pub typed: Secret,
    /// The picture, PNG.
    pub picture: Vec<u8>,
}

/// What became of a first code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// Enrolled. The recovery codes can be shown once.
    Enrolled,
    /// The code is wrong.
    Wrong,
    /// Nothing waits for a code: `/totp` begins anew.
    NothingToConfirm,
}

/// It cannot be decided. Whoever asks is refused.
#[derive(Debug, thiserror::Error)]
pub enum TotpError {
    /// There is no key.
    #[error(
        "no key for one-time codes is set: set BREAKGLASS_SECRET_KEY or BREAKGLASS_SECRET_KEY_FILE"
    )]
    NoKey,
    /// It was sealed with another key.
    #[error(
        "it was sealed with key {stored}, the key that is set is {given}: set the old one again, or reset the person"
    )]
    OtherKey {
        /// Id of the key that it was sealed with.
        stored: String,
        /// Id of the key that is set.
        given: String,
    },
    /// Somebody changed it in the database, or moved it to another person.
    #[error(
        "what is stored of {0} was changed: reset the person on the host with `breakglass totp reset {0}`"
    )]
    Damaged(i64),
    /// The person is enrolled already.
    #[error("already enrolled")]
    AlreadyEnrolled,
    /// The database.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The database.
    #[error(transparent)]
    Write(#[from] CommitError),
    /// The machine gives no random numbers.
    #[error("the machine gives no random numbers")]
    NoRandomness,
    /// The picture, or the address in it.
    #[error("the picture cannot be made: {0}")]
    Picture(String),
}

/// What is stored of a person, as it was read: a change must begin there.
struct Held {
    stored: Option<String>,
    record: Option<Record>,
}

impl Totp {
    /// One-time codes in these settings. Without a key everybody is without a second factor, or refused if they have one.
    pub fn new(register: Register, key: Option<Key>, issuer: &str) -> Self {
        Self {
            register,
            key,
            // A colon ends the issuer in the address of the picture.
            issuer: issuer.replace(':', " "),
        }
    }

    /// Begins an enrolment, or begins it anew: what an authenticator app needs. It counts once it is confirmed.
    ///
    /// # Errors
    /// When the person is enrolled already, or nothing can be sealed or stored.
    pub async fn enrol(&self, user: i64, now: DateTime<Utc>) -> Result<(), TotpError> {
        let secret = seal::random::<20>()?;
        self.change(user, |record| match record {
            Some(it) if it.stage == Stage::Active => Err(TotpError::AlreadyEnrolled),
            _ => Ok(((), Some(Record::new(secret.to_vec(), now)))),
        })
        .await
    }

    /// What to show of an enrolment that waits for its first code. `None`: there is none.
    ///
    /// # Errors
    /// When it cannot be read or drawn.
    pub async fn enrolment(
        &self,
        user: i64,
        account: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Enrolment>, TotpError> {
        let Some(record) = self.held(user).await?.record else {
            return Ok(None);
        };
        if !record.is_pending(now) {
            return Ok(None);
        }
        let account = account.replace(':', " ");
        let account = if account.trim().is_empty() {
            user.to_string()
        } else {
            account
        };
        let codes = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_secret(record.secret.clone())
            .with_account_name(account)
            .with_issuer(Some(self.issuer.clone()))
            .build()
            .map_err(|error| TotpError::Picture(error.to_string()))?;
        let address = codes
            .to_url()
            .map_err(|error| TotpError::Picture(error.to_string()))?;
        Ok(Some(Enrolment {
            picture: picture::png(&address).map_err(TotpError::Picture)?,
            typed: Secret::new(codes.secret().to_base32()),
            address: Secret::new(address),
        }))
    }

    /// Takes the first code of an enrolment.
    ///
    /// # Errors
    /// When it cannot be decided.
    pub async fn confirm(
        &self,
        user: i64,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Confirmed, TotpError> {
        let recovery = record::fresh_codes()?;
        self.change(user, |held| {
            let Some(mut record) = held.filter(|it| it.is_pending(now)).cloned() else {
                return Ok((Confirmed::NothingToConfirm, held.cloned()));
            };
            Ok(match matching_step(&record.secret, code, now) {
                Some(step) => {
                    record.activate(step, &recovery, now);
                    (Confirmed::Enrolled, Some(record))
                }
                None => (Confirmed::Wrong, Some(record)),
            })
        })
        .await
    }

    /// The recovery codes of a fresh enrolment, as long as they were not taken off by [`Totp::recovery_shown`].
    ///
    /// # Errors
    /// When they cannot be read.
    pub async fn recovery_codes(&self, user: i64) -> Result<Vec<Secret>, TotpError> {
        let record = self.held(user).await?.record;
        let fresh = record.map(|it| it.fresh).unwrap_or_default();
        Ok(fresh.into_iter().map(Secret::new).collect())
    }

    /// The recovery codes were shown: from now on only their hashes are kept.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn recovery_shown(&self, user: i64) -> Result<(), TotpError> {
        self.change(user, |record| {
            let mut record = record.cloned();
            if let Some(it) = &mut record {
                it.fresh.clear();
            }
            Ok(((), record))
        })
        .await
    }

    /// Takes a code, of the app or a recovery code. A right one is spent, a wrong one is counted, before this returns.
    ///
    /// # Errors
    /// When it cannot be decided: refuse.
    pub async fn check(
        &self,
        user: i64,
        code: &str,
        now: DateTime<Utc>,
    ) -> Result<Check, TotpError> {
        self.change(user, |record| {
            let Some(record) = record.filter(|it| it.stage == Stage::Active) else {
                return Ok((Check::NotEnrolled, record.cloned()));
            };
            let mut record = record.clone();
            if let Some(until) = record.locked(now) {
                return Ok((Check::Locked { until }, Some(record)));
            }
            let step = matching_step(&record.secret, code, now).filter(|it| *it > record.last_step);
            if let Some(step) = step {
                record.passed(step);
                return Ok((Check::Passed, Some(record)));
            }
            if record.spend_recovery(code) {
                record.passed(record.last_step);
                return Ok((Check::Passed, Some(record)));
            }
            Ok((record.failed(now), Some(record)))
        })
        .await
    }

    /// How far a person is.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn status(&self, user: i64, now: DateTime<Utc>) -> Result<Status, TotpError> {
        let record = match self.held(user).await {
            Ok(held) => held.record,
            Err(TotpError::NoKey) => return Ok(Status::Off),
            Err(other) => return Err(other),
        };
        Ok(match record {
            None if self.key.is_none() => Status::Off,
            Some(it) if it.stage == Stage::Active => Status::Enrolled {
                since: it.since(),
                recovery: it.recovery.len(),
                locked: it.locked(now),
            },
            Some(it) if it.is_pending(now) => Status::Pending,
            _ => Status::NotEnrolled,
        })
    }

    /// Takes a person's second factor away on the host, and notes that. False: there was none.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn reset(&self, user: i64) -> Result<bool, TotpError> {
        // Whatever is stored goes, also what no key opens any more.
        for _ in 0..ROUNDS {
            let stored = self.register.get(&name(user)).await?;
            let Some(stored) = stored.filter(|it| !it.is_empty()) else {
                return Ok(false);
            };
            let (before, notes) = self.with_note(user, News::ResetOnHost).await?;
            let both = [
                Swap {
                    name: &name(user),
                    was: Some(&stored),
                    new: None,
                },
                Swap {
                    name: Self::NOTES,
                    was: before.as_deref(),
                    new: Some(&notes),
                },
            ];
            if self.register.swap_all(&both).await? {
                return Ok(true);
            }
        }
        Err(busy())
    }

    async fn held(&self, user: i64) -> Result<Held, TotpError> {
        let stored = self.register.get(&name(user)).await?;
        let record = match stored.as_deref() {
            // Empty: taken away by a decision, see [`taken_away`].
            None | Some("") => None,
            Some(stored) => Some(self.key()?.open(user, stored)?),
        };
        Ok(Held { stored, record })
    }

    fn key(&self) -> Result<&Key, TotpError> {
        self.key.as_ref().ok_or(TotpError::NoKey)
    }

    /// Changes what is stored of a person, from what it was: read again and decided again when somebody else was faster.
    async fn change<T>(
        &self,
        user: i64,
        decide: impl Fn(Option<&Record>) -> Result<(T, Option<Record>), TotpError>,
    ) -> Result<T, TotpError> {
        for _ in 0..ROUNDS {
            let held = self.held(user).await?;
            let (answer, next) = decide(held.record.as_ref())?;
            if next == held.record {
                return Ok(answer);
            }
            let news = held.record.as_ref().zip(next.as_ref()).and_then(news);
            let sealed = next.map(|it| self.key()?.seal(user, &it)).transpose()?;
            let own = name(user);
            let mut swaps = vec![Swap {
                name: &own,
                was: held.stored.as_deref(),
                new: sealed.as_deref(),
            }];
            let noted = match news {
                Some(news) => Some(self.with_note(user, news).await?),
                None => None,
            };
            swaps.extend(noted.as_ref().map(|(before, notes)| Swap {
                name: Self::NOTES,
                was: before.as_deref(),
                new: Some(notes),
            }));
            if self.register.swap_all(&swaps).await? {
                return Ok(answer);
            }
        }
        Err(busy())
    }
}

/// The setting that takes a person's second factor away, for the unit of the ledger that says so: both or neither.
pub fn taken_away(user: i64) -> (String, String) {
    (name(user), String::new())
}

/// What goes on record of a change.
fn news((before, after): (&Record, &Record)) -> Option<News> {
    if before.stage == Stage::Pending && after.stage == Stage::Active {
        return Some(News::Enrolled);
    }
    after.newly_locked(before).map(News::Locked)
}

fn name(user: i64) -> String {
    format!("totp/{user}")
}

fn busy() -> TotpError {
    CommitError::Unavailable("it changes faster than it can be decided".to_owned()).into()
}

/// The step whose code this is: the present one, the one before or the one after.
fn matching_step(secret: &[u8], code: &str, now: DateTime<Utc>) -> Option<u64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let codes = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(STEP)
        .with_skew(1)
        .with_secret(secret.to_vec())
        .build()
        .ok()?;
    codes.check(&digits, u64::try_from(now.timestamp()).ok()?)
}

/// For how long codes are refused after too many were wrong.
fn lock() -> Duration {
    Duration::minutes(LOCKED_MINUTES)
}
