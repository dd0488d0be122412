//! Text from people, made fit to be kept: nothing visible is lost, nothing invisible steers.

/// Replaces what could confuse a reader or a database: NUL and other controls, and the marks that
/// turn the writing direction around or hide text. Line breaks and tabs stay.
pub fn clean(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '\n' | '\t' => Some(c),
            '\0' => Some('\u{FFFD}'),
            c if is_invisible(c) => None,
            c => Some(c),
        })
        .collect::<String>()
        .trim()
        .to_owned()
}

/// Controls, bidirectional overrides and isolates, zero-width space, word joiner, soft hyphen, BOM. The zero-width joiner is
/// none of them: emoji of several people and some scripts need it.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{200B}'
                | '\u{200E}'
                | '\u{200F}'
                | '\u{202A}'..='\u{202E}'
                | '\u{2060}'..='\u{2069}'
                | '\u{FEFF}'
                | '\u{00AD}'
                | '\u{061C}'
        )
}

/// The same as [`clean`], on one line, at most `max` characters, with `…` where something was cut.
pub fn one_line(text: &str, max: usize) -> String {
    let cleaned = clean(text);
    let mut line = String::with_capacity(cleaned.len().min(max * 4));
    for word in cleaned.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if line.chars().count() <= max {
        return line;
    }
    let mut cut: String = line.chars().take(max.saturating_sub(1)).collect();
    cut.push('…');
    cut
}
