//! Sealing: ChaCha20-Poly1305, bound to the person whose record it is.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom, SystemRandom};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::TotpError;
use super::record::Record;
use crate::secret::Secret;

/// Bytes of a key.
const KEY: usize = 32;

/// The key that seals what is stored of everybody.
#[derive(Clone)]
pub struct Key {
    bytes: [u8; KEY],
    id: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({})", self.id)
    }
}

/// Not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "it needs 32 random bytes, as 64 hexadecimal digits or in Base64: `openssl rand -base64 32` makes one"
)]
pub struct KeyError;

/// What is stored.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// Id of the key.
    key: String,
    /// Base64.
    nonce: String,
    /// Base64.
    #[serde(rename = "sealed")]
    text: String,
}

impl Key {
    /// Reads a key from Base64 or hexadecimal digits.
    ///
    /// # Errors
    /// When it is no key of 32 bytes, or one without any randomness.
    pub fn read(text: &Secret) -> Result<Self, KeyError> {
        let text = text.expose().trim();
        let bytes = unhex(text)
            .or_else(|| {
                [STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD]
                    .iter()
                    .find_map(|engine| engine.decode(text).ok())
            })
            .ok_or(KeyError)?;
        let bytes: [u8; KEY] = bytes.try_into().map_err(|_| KeyError)?;
        // Forty zeros in a row come from a hurry, not from a generator.
        let mut seen = bytes.to_vec();
        seen.sort_unstable();
        seen.dedup();
        if seen.len() < 12 {
            return Err(KeyError);
        }
        Ok(Self::of(bytes))
    }

    /// A random key, for as long as the process lives.
    ///
    /// # Errors
    /// When the machine gives no random numbers.
    pub fn random() -> Result<Self, TotpError> {
        random().map(Self::of)
    }

    fn of(bytes: [u8; KEY]) -> Self {
        let mut sum = Sha256::new();
        sum.update(b"breakglass key id");
        sum.update(bytes);
        let first = sum
            .finalize()
            .first_chunk()
            .map_or(0, |it| u32::from_be_bytes(*it));
        let id = format!("{first:08x}");
        Self { bytes, id }
    }

    /// The key's id: tells which key something was sealed with, nothing of the key.
    pub fn id(&self) -> &str {
        &self.id
    }

    fn cipher(&self) -> LessSafeKey {
        let key = UnboundKey::new(&CHACHA20_POLY1305, &self.bytes).expect("the length is right");
        LessSafeKey::new(key)
    }

    pub(super) fn seal(&self, user: i64, record: &Record) -> Result<String, TotpError> {
        let nonce = random::<NONCE_LEN>()?;
        let mut bytes = serde_json::to_vec(record).expect("a plain record");
        self.cipher()
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                self.context(user),
                &mut bytes,
            )
            .map_err(|_| TotpError::NoRandomness)?;
        let sealed = Sealed {
            key: self.id.clone(),
            nonce: STANDARD.encode(nonce),
            text: STANDARD.encode(bytes),
        };
        Ok(serde_json::to_string(&sealed).expect("three texts"))
    }

    pub(super) fn open(&self, user: i64, stored: &str) -> Result<Record, TotpError> {
        let damaged = || TotpError::Damaged(user);
        let sealed: Sealed = serde_json::from_str(stored).map_err(|_| damaged())?;
        if sealed.key != self.id {
            return Err(TotpError::OtherKey {
                stored: sealed.key.chars().take(16).collect(),
                given: self.id.clone(),
            });
        }
        let nonce = STANDARD.decode(&sealed.nonce).map_err(|_| damaged())?;
        let mut bytes = STANDARD.decode(&sealed.text).map_err(|_| damaged())?;
        let nonce = Nonce::try_assume_unique_for_key(&nonce).map_err(|_| damaged())?;
        let plain = self
            .cipher()
            .open_in_place(nonce, self.context(user), &mut bytes)
            .map_err(|_| damaged())?;
        serde_json::from_slice(plain).map_err(|_| damaged())
    }

    /// What is sealed for one person opens for nobody else.
    fn context(&self, user: i64) -> Aad<Vec<u8>> {
        Aad::from(format!("breakglass totp 1/{}/{user}", self.id).into_bytes())
    }
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let whole = text.len() == 2 * KEY && text.bytes().all(|it| it.is_ascii_hexdigit());
    let byte = |at: usize| u8::from_str_radix(text.get(at..at + 2)?, 16).ok();
    whole
        .then(|| (0..KEY).map(|it| byte(2 * it)).collect())
        .flatten()
}

/// Random bytes of the machine.
pub(super) fn random<const N: usize>() -> Result<[u8; N], TotpError> {
    let mut bytes = [0; N];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| TotpError::NoRandomness)?;
    Ok(bytes)
}
