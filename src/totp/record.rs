//! What is known of one person's second factor. All of it is sealed, not only the secret.

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::{CONFIRM_MINUTES, Check, FAILURES, TotpError, lock, seal};

/// So many recovery codes are given out.
pub const RECOVERY_CODES: usize = 10;

/// Letters of recovery codes: none that is taken for another.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// Letters of one code: 60 bits.
const LENGTH: usize = 12;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Shown, not confirmed.
    Pending,
    /// In force.
    Active,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) stage: Stage,
    pub(super) secret: Vec<u8>,
    /// When it was begun, then when it was confirmed; UTC microseconds.
    since: i64,
    /// The step of the last code that was taken: none of it or before is taken again.
    pub(super) last_step: u64,
    failures: u32,
    /// No code is taken until then, UTC microseconds.
    locked_until: i64,
    /// Recovery codes that are left: salt and hash of each.
    pub(super) recovery: Vec<(Vec<u8>, Vec<u8>)>,
    /// Recovery codes that nobody has seen yet.
    #[serde(default)]
    pub(super) fresh: Vec<String>,
}

/// A recovery code with its salt, on its way into a record.
pub(super) struct Fresh {
    code: String,
    salt: [u8; 16],
}

/// Random recovery codes.
pub(super) fn fresh_codes() -> Result<Vec<Fresh>, TotpError> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let letters: Vec<char> = seal::random::<LENGTH>()?
                .iter()
                .map(|byte| char::from(LETTERS[usize::from(byte % 32)]))
                .collect();
            let parts: Vec<String> = letters.chunks(4).map(|it| it.iter().collect()).collect();
            Ok(Fresh {
                code: parts.join("-"),
                salt: seal::random()?,
            })
        })
        .collect()
}

impl Record {
    pub(super) fn new(secret: Vec<u8>, now: DateTime<Utc>) -> Self {
        Self {
            stage: Stage::Pending,
            secret,
            since: now.timestamp_micros(),
            last_step: 0,
            failures: 0,
            locked_until: 0,
            recovery: Vec::new(),
            fresh: Vec::new(),
        }
    }

    pub(super) fn since(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_micros(self.since).unwrap_or(DateTime::UNIX_EPOCH)
    }

    /// Whether a first code is awaited.
    pub(super) fn is_pending(&self, now: DateTime<Utc>) -> bool {
        self.stage == Stage::Pending && now - self.since() < Duration::minutes(CONFIRM_MINUTES)
    }

    /// The first code was right: it is spent, and the recovery codes can be shown.
    pub(super) fn activate(&mut self, step: u64, codes: &[Fresh], now: DateTime<Utc>) {
        self.stage = Stage::Active;
        self.since = now.timestamp_micros();
        self.recovery = codes
            .iter()
            .map(|it| (it.salt.to_vec(), hash(&it.salt, &it.code)))
            .collect();
        self.fresh = codes.iter().map(|it| it.code.clone()).collect();
        self.passed(step);
    }

    pub(super) fn locked(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let until = DateTime::from_timestamp_micros(self.locked_until)?;
        (until > now).then_some(until)
    }

    /// Until when codes are refused, where they were not before.
    pub(super) fn newly_locked(&self, before: &Self) -> Option<DateTime<Utc>> {
        let until = Some(self.locked_until).filter(|it| *it > before.locked_until)?;
        DateTime::from_timestamp_micros(until)
    }

    pub(super) fn passed(&mut self, step: u64) {
        self.last_step = step;
        self.failures = 0;
        self.locked_until = 0;
    }

    pub(super) fn failed(&mut self, now: DateTime<Utc>) -> Check {
        self.failures += 1;
        if self.failures < FAILURES {
            return Check::Wrong {
                left: FAILURES - self.failures,
            };
        }
        // After the lock there are as many tries again.
        self.failures = 0;
        let until = now + lock();
        self.locked_until = until.timestamp_micros();
        Check::Locked { until }
    }

    /// Takes a recovery code, if it is one. Every one is compared, whether or not an earlier one fits.
    pub(super) fn spend_recovery(&mut self, code: &str) -> bool {
        let mut found = None;
        for (index, (salt, kept)) in self.recovery.iter().enumerate() {
            if bool::from(hash(salt, code).ct_eq(kept)) {
                found = Some(index);
            }
        }
        found.map(|index| self.recovery.remove(index)).is_some()
    }
}

/// However it was typed: letter case, blanks and hyphens aside.
fn hash(salt: &[u8], code: &str) -> Vec<u8> {
    let typed: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let mut sum = Sha256::new();
    sum.update(salt);
    sum.update(typed.as_bytes());
    sum.finalize().to_vec()
}
