//! The hash chain of a stream.
//!
//! `hash = SHA-256(prev ‖ canonical(stream, seq, at, kind, body))`, written as 64 lower-case hexadecimal digits, where `prev` is the
//! hash of the event before it in the same stream (empty for the first). The canonical form is, field after field, the
//! length of the field in bytes as a decimal number, a colon, the field, a comma. `prev` is put in the same way, numbers are decimal:
//!
//! ```text
//! 64:<prev>,21:incident/SEC-2026-001,1:2,16:1772000000000000,5:noted,16:{"text":"hello"},
//! ```
//!
//! Lengths make the form unambiguous: no two events share one. Chat and position are not covered: a chat keeps its key for
//! ever, and the order inside a stream is its `seq`.

use sha2::{Digest, Sha256};

/// The hash of an event that follows one with the hash `prev` (empty for the first of its stream).
pub fn hash(prev: &str, stream: &str, seq: i64, at: i64, kind: &str, body: &str) -> String {
    let mut sum = Sha256::new();
    for field in [prev, stream, &seq.to_string(), &at.to_string(), kind, body] {
        sum.update(field.len().to_string());
        sum.update(":");
        sum.update(field);
        sum.update(",");
    }
    hex(&sum.finalize())
}

pub(super) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_form_is_what_is_hashed() {
        let text =
            "0:,21:incident/SEC-2026-001,1:1,16:1772000000000000,5:noted,16:{\"text\":\"hello\"},";
        assert_eq!(
            hash(
                "",
                "incident/SEC-2026-001",
                1,
                1_772_000_000_000_000,
                "noted",
                "{\"text\":\"hello\"}"
            ),
            hex(&Sha256::digest(text))
        );
    }

    #[test]
    fn moving_a_character_between_fields_changes_the_hash() {
        assert_ne!(
            hash("", "ab", 1, 1, "c", "d"),
            hash("", "a", 1, 1, "bc", "d")
        );
        assert_ne!(
            hash("", "s", 1, 11, "c", "d"),
            hash("", "s", 11, 1, "c", "d")
        );
    }
}
