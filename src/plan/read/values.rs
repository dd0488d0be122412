//! Small values: spans of time, ids, near misses.

/// Minutes of a span such as `15m`, `4h`, `2d`, `1w`.
pub(super) fn minutes(text: &str) -> Option<u32> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let factor = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        "w" => 7 * 24 * 60,
        _ => return None,
    };
    plain_number(digits)?
        .checked_mul(factor)
        .filter(|minutes| *minutes <= 10 * 366 * 24 * 60)
}

/// Seconds of a span such as `30s` or `5m`, at most a day.
pub(super) fn seconds(text: &str) -> Option<u32> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    plain_number(digits)?
        .checked_mul(factor)
        .filter(|seconds| *seconds <= 24 * 3600)
}

fn plain_number(digits: &str) -> Option<u32> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// Whether a text may be an id: `[a-z0-9_]{1,32}`. Ids travel in button payloads.
pub(super) fn is_id(text: &str) -> bool {
    (1..=32).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a text may be a severity code: a letter, then letters or digits, at most 8.
pub(super) fn is_code(text: &str) -> bool {
    text.len() <= 8
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Whether a text may be the name of an environment variable.
pub(super) fn is_variable(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// The most similar known word, if it is similar enough to be a slip.
pub(super) fn closest<'k>(wanted: &str, known: &[&'k str]) -> Option<&'k str> {
    // Longer words cannot be slips of an id, and the comparison is quadratic.
    if wanted.chars().count() > 64 {
        return None;
    }
    let wanted = wanted.to_lowercase();
    let limit = (wanted.chars().count() / 3).clamp(1, 4);
    known
        .iter()
        .map(|word| (distance(&wanted, &word.to_lowercase()), *word))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// Edits, counting a swap of neighbours as one.
fn distance(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for row in 1..=left.len() {
        let mut current = vec![row];
        for column in 1..=right.len() {
            let change = usize::from(left[row - 1] != right[column - 1]);
            let mut best = (last[column] + 1)
                .min(current[column - 1] + 1)
                .min(last[column - 1] + change);
            if row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1]
            {
                best = best.min(before_last[column - 2] + 1);
            }
            current.push(best);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_of_time() {
        assert_eq!(minutes("15m"), Some(15));
        assert_eq!(minutes("4h"), Some(240));
        assert_eq!(minutes("1w"), Some(10_080));
        for wrong in [
            "",
            "m",
            "15",
            "1.5h",
            "-3m",
            "+3m",
            "4 h",
            "9999999999m",
            "99w9",
            "3é",
        ] {
            assert_eq!(minutes(wrong), None, "{wrong}");
        }
        assert_eq!(seconds("30s"), Some(30));
        assert_eq!(seconds("2d"), None);
    }

    #[test]
    fn slips_are_found_and_strangers_are_not() {
        assert_eq!(
            closest("lokdown", &["lockdown", "restore"]),
            Some("lockdown")
        );
        assert_eq!(closest("ttile", &["title", "id"]), Some("title"));
        assert_eq!(closest("elephant", &["title", "id"]), None);
    }

    #[test]
    fn ids_fit_into_buttons() {
        assert!(is_id("evidence_preserved"));
        for wrong in ["", "Evidence", "a-b", "ä", &"x".repeat(33)] {
            assert!(!is_id(wrong), "{wrong}");
        }
    }
}
