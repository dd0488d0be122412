//! Finds commands, mentions, hashtags and links in plain text.

use super::Entity;

/// A word character in the sense of Telegram's own patterns.
fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Entities that Telegram finds by itself in a message's text, in order.
pub(crate) fn detect(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    if !text.contains(['/', '@', '#', ':']) {
        return found;
    }
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    let mut offset = 0;
    while at < chars.len() {
        let before = at.checked_sub(1).map(|place| chars[place]);
        let hit = match chars[at] {
            '/' => command(&chars, at, before).map(|length| ("bot_command", length)),
            '@' => mention(&chars, at, before).map(|length| ("mention", length)),
            '#' => hashtag(&chars, at, before).map(|length| ("hashtag", length)),
            'h' | 'H' => link(&chars, at, before).map(|length| ("url", length)),
            _ => None,
        };
        let step = hit.map_or(1, |(_, length)| length);
        let units: usize = chars[at..at + step].iter().map(|c| c.len_utf16()).sum();
        if let Some((kind, _)) = hit {
            found.push(Entity::new(kind, offset, units));
        }
        offset += units;
        at += step;
    }
    found
}

/// How many characters from `at` on satisfy a test.
fn run(chars: &[char], at: usize, test: fn(char) -> bool) -> usize {
    chars[at..].iter().take_while(|c| test(**c)).count()
}

fn command(chars: &[char], at: usize, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|c| word(c) || matches!(c, '/' | '<' | '>')) {
        return None;
    }
    let name = run(chars, at + 1, name_char);
    if !(1..=64).contains(&name) {
        return None;
    }
    let mut end = at + 1 + name;
    if chars.get(end) == Some(&'@') {
        let bot = run(chars, end + 1, name_char);
        if (3..=32).contains(&bot) {
            end += 1 + bot;
        }
    }
    let follows = chars.get(end).copied();
    (!follows.is_some_and(|c| word(c) || matches!(c, '/' | '<' | '>'))).then_some(end - at)
}

fn mention(chars: &[char], at: usize, before: Option<char>) -> Option<usize> {
    if before.is_some_and(word) {
        return None;
    }
    let name = run(chars, at + 1, name_char);
    let whole = !chars.get(at + 1 + name).is_some_and(|c| word(*c));
    ((3..=32).contains(&name) && whole).then_some(name + 1)
}

fn hashtag(chars: &[char], at: usize, before: Option<char>) -> Option<usize> {
    if before.is_some_and(word) {
        return None;
    }
    let name = run(chars, at + 1, word);
    let letters = chars[at + 1..at + 1 + name].iter().any(|c| !c.is_numeric());
    ((1..=256).contains(&name) && letters).then_some(name + 1)
}

fn link(chars: &[char], at: usize, before: Option<char>) -> Option<usize> {
    if before.is_some_and(word) {
        return None;
    }
    let starts = |scheme: &str| {
        scheme.chars().enumerate().all(|(place, c)| {
            chars
                .get(at + place)
                .is_some_and(|other| other.eq_ignore_ascii_case(&c))
        })
    };
    if !starts("https://") && !starts("http://") {
        return None;
    }
    let mut length = chars[at..]
        .iter()
        .take_while(|c| !c.is_whitespace() && !matches!(c, '<' | '>' | '"'))
        .count();
    while length > 0
        && matches!(
            chars[at + length - 1],
            '.' | ',' | ';' | ':' | '!' | '?' | ')' | '\''
        )
    {
        length -= 1;
    }
    (length > 10).then_some(length)
}
