//! A text that must never be seen: tokens, passwords, webhook secrets.

use std::fmt;
use std::sync::Arc;

use subtle::ConstantTimeEq;

/// A secret text. Its `Debug` and `Display` show nothing of it; [`Secret::expose`] is the only way in.
#[derive(Clone)]
pub struct Secret(Arc<str>);

impl Secret {
    /// Wraps a secret text.
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        Self(text.into())
    }

    /// The text itself, for the one place that sends or compares it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Compares in constant time, so that an answer's delay tells nothing about how much was right.
    /// Only the length can be learnt.
    pub fn matches(&self, other: &[u8]) -> bool {
        self.0.as_bytes().ct_eq(other).into()
    }

    /// True if the secret is the empty text.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// `text` with every occurrence of the secret replaced. For texts that come from libraries and
    /// servers, which may repeat what they were given.
    pub fn scrub(&self, text: String) -> String {
        if self.0.len() >= 4 && text.contains(&*self.0) {
            text.replace(&*self.0, "[secret]")
        } else {
            text
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn shows_nothing() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?}"), "[secret] [secret]");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn compares_whole_texts() {
        let secret = Secret::new("hunter2");
        assert!(secret.matches(b"hunter2"));
        assert!(!secret.matches(b"hunter"));
        assert!(!secret.matches(b"hunter22"));
        assert!(!secret.matches(b"Hunter2"));
        assert!(!secret.matches(b""));
    }

    #[test]
    fn scrubs_texts_of_others() {
        let secret = Secret::new("42:canary");
        assert_eq!(
            secret.scrub("GET /bot42:canary/getMe".into()),
            "GET /bot[secret]/getMe"
        );
    }
}
