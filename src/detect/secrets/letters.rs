//! Classes of letters, runs of them, and what tells a random text from a written one.

/// Letters that a token is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Digit,
    Hex,
    Alnum,
    /// Letters, digits, `_`.
    Word,
    /// Letters, digits, `_`, `-`.
    Url,
    /// Letters, digits, `+`, `/`, `=`, `_`, `-`, `.`.
    Base64,
    /// Bitcoin's letters: no 0, O, I, l.
    Base58,
}

impl Class {
    pub(super) fn has(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Url => byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-',
            Self::Base64 => byte.is_ascii_alphanumeric() || b"+/=_-.".contains(&byte),
            Self::Base58 => byte.is_ascii_alphanumeric() && !b"0OIl".contains(&byte),
        }
    }

    /// How many letters of this class follow from `at` on.
    pub(super) fn run(self, text: &str, at: usize) -> usize {
        let rest = text.as_bytes().get(at..).unwrap_or_default();
        rest.iter().take_while(|byte| self.has(**byte)).count()
    }
}

/// Whether a token may begin here: no letter of a longer word stands before it.
pub(super) fn begins(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|it| it.bytes().next_back());
    before.is_none_or(|byte| !Class::Word.has(byte))
}

/// The places where `part` stands.
pub(super) fn places<'t>(text: &'t str, part: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(part).map(|(at, _)| at)
}

/// Words that stand where a secret would.
const PLACEHOLDERS: [&str; 14] = [
    "example",
    "xxxx",
    "****",
    "....",
    "your",
    "placeholder",
    "redacted",
    "dummy",
    "changeme",
    "abcdef123456",
    "1234567890ab",
    "removed",
    "<",
    "todo",
];

/// Whether somebody wrote this in place of a secret.
pub(super) fn is_placeholder(text: &str) -> bool {
    let lower = text.to_lowercase();
    PLACEHOLDERS.iter().any(|word| lower.contains(word))
}

/// Many different letters, no placeholder.
pub(super) fn is_varied(text: &str) -> bool {
    let least = (text.len() / 3).clamp(4, 9);
    distinct(text) >= least && !is_placeholder(text)
}

pub(super) fn distinct(text: &str) -> usize {
    let mut seen = [false; 256];
    for byte in text.bytes() {
        seen[usize::from(byte)] = true;
    }
    seen.iter().filter(|it| **it).count()
}

/// Lower case, upper case, digits: which of them stand in it.
pub(super) fn cases(text: &str) -> (bool, bool, bool) {
    (
        text.chars().any(char::is_lowercase),
        text.chars().any(char::is_uppercase),
        text.bytes().any(|byte| byte.is_ascii_digit()),
    )
}

/// Letters of both cases and digits, mixed as no word is.
pub(super) fn is_mixed(text: &str) -> bool {
    cases(text) == (true, true, true) && is_varied(text)
}

/// Shannon's entropy, bits for each byte.
pub(super) fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let all = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / all;
            -share * share.log2()
        })
        .sum()
}

/// Whether one of `words` (lower case) stands within `reach` bytes before `at`.
pub(super) fn near(text: &str, at: usize, reach: usize, words: &[&str]) -> bool {
    let from = text.floor_char_boundary(at.saturating_sub(reach));
    let before = text.get(from..at).unwrap_or_default().to_lowercase();
    words.iter().any(|word| before.contains(word))
}
