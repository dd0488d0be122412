//! Literal secrets: a plan can be shared, so none may stand in it.

/// Beginnings of tokens that providers hand out, with the least length of such a token.
const BEGINNINGS: [(&str, usize); 16] = [
    ("sk-", 20),
    ("sk_live_", 16),
    ("rk_live_", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghs_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 16),
    ("xoxp-", 16),
    ("AKIA", 20),
    ("ASIA", 20),
    ("AIza", 30),
    ("npm_", 30),
    ("eyJ", 40),
    ("whsec_", 16),
];

/// Whether some word of the text looks like a literal secret.
pub(in crate::plan) fn found_in(text: &str) -> bool {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY") {
        return true;
    }
    text.split(|letter: char| letter.is_whitespace() || "\"'`,;=()<>[]{}".contains(letter))
        .any(|word| is_token(word) || has_password(word))
}

fn is_token(word: &str) -> bool {
    let known = BEGINNINGS.iter().any(|(beginning, least)| {
        word.len() >= *least && word.starts_with(beginning) && mixed(word)
    });
    known || is_bot_token(word) || is_random(word)
}

/// A Telegram bot token: digits, a colon, 35 characters.
fn is_bot_token(word: &str) -> bool {
    word.split_once(':').is_some_and(|(id, key)| {
        (6..=12).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_digit())
            && key.len() >= 30
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
    })
}

/// Long, without any structure that words have: letters of both cases and digits, or plain hex.
fn is_random(word: &str) -> bool {
    let hex = word.len() >= 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) && mixed(word);
    let dense = word.len() >= 32
        && word
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-_=".contains(&byte))
        && word.bytes().any(|byte| byte.is_ascii_lowercase())
        && word.bytes().any(|byte| byte.is_ascii_uppercase())
        && word.bytes().filter(u8::is_ascii_digit).count() >= 4;
    hex || dense
}

fn mixed(word: &str) -> bool {
    word.bytes().any(|byte| byte.is_ascii_digit())
        && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// `scheme://user:password@host` with something that is no placeholder for a password.
fn has_password(word: &str) -> bool {
    word.split_once("://")
        .and_then(|(_, rest)| rest.split('/').next())
        .and_then(|authority| authority.rsplit_once('@'))
        .and_then(|(user, _)| user.split_once(':'))
        .is_some_and(|(_, password)| !password.is_empty() && !password.starts_with('$'))
}
