//! Telegram's HTML: everything from outside is escaped on its way in, so that markup is only ever ours.

use std::fmt;

use fluent_bundle::FluentValue;

use crate::incident::{clean, one_line};

/// Characters that a name may take on a phone's line.
pub const NAME_MAX: usize = 40;
/// Characters that somebody's text may take inside a sentence.
pub const LINE_MAX: usize = 300;

/// Text in Telegram's HTML. Only made by escaping, or by putting such texts together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Html(String);

impl Html {
    /// Our own markup: never for anything that came from outside.
    pub(crate) fn own(markup: impl Into<String>) -> Self {
        Self(markup.into())
    }

    /// Any text, escaped and nothing else.
    pub fn escaped(text: &str) -> Self {
        Self(escape(text))
    }

    /// The markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The markup, as it is sent.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Bold, but for the parts that must not be (Telegram's code entities stand alone).
    pub fn bold(&self) -> Self {
        let bold = format!("<b>{}</b>", self.0)
            .replace("<code>", "</b><code>")
            .replace("</code>", "</code><b>");
        Self(bold.replace("<b></b>", ""))
    }

    /// The same without markup, for toasts.
    pub fn plain(&self) -> String {
        plain(&self.0)
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What can be put into a phrase: raw text is escaped on the way, numbers choose plurals.
pub trait Argument {
    /// As Fluent takes it.
    fn argument(self) -> FluentValue<'static>;
}

impl Argument for &str {
    fn argument(self) -> FluentValue<'static> {
        line(self, LINE_MAX).argument()
    }
}

impl Argument for &String {
    fn argument(self) -> FluentValue<'static> {
        self.as_str().argument()
    }
}

impl Argument for Html {
    fn argument(self) -> FluentValue<'static> {
        FluentValue::String(self.0.into())
    }
}

impl Argument for &Html {
    fn argument(self) -> FluentValue<'static> {
        FluentValue::String(self.0.clone().into())
    }
}

impl Argument for u32 {
    fn argument(self) -> FluentValue<'static> {
        FluentValue::from(self)
    }
}

impl Argument for usize {
    fn argument(self) -> FluentValue<'static> {
        FluentValue::from(self)
    }
}

impl Argument for i64 {
    fn argument(self) -> FluentValue<'static> {
        FluentValue::from(self)
    }
}

/// Escapes what HTML would take for markup.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        push_escaped(&mut escaped, letter);
    }
    escaped
}

fn push_escaped(to: &mut String, letter: char) {
    match letter {
        '&' => to.push_str("&amp;"),
        '<' => to.push_str("&lt;"),
        '>' => to.push_str("&gt;"),
        '"' => to.push_str("&quot;"),
        _ => to.push(letter),
    }
}

/// Somebody's text on one line of at most `max` characters.
pub fn line(text: &str, max: usize) -> Html {
    Html(isolate(&harmless(&one_line(text, max))))
}

/// A text of the plan on one line: escaped, but its addresses and commands work.
pub fn ours(text: &str, max: usize) -> Html {
    Html(isolate(&escape(&one_line(text, max))))
}

/// Somebody's text with its line breaks, cut to `max` characters.
pub fn block(text: &str, max: usize) -> Html {
    let cleaned = clean(text);
    let mut kept: String = cleaned.chars().take(max).collect();
    if kept.len() < cleaned.len() {
        kept.pop();
        kept.push('…');
    }
    Html(isolate(&harmless(&kept)))
}

/// Wraps text that holds right-to-left letters, so that it turns nothing around it.
pub fn isolate(text: &str) -> String {
    if text.chars().any(is_right_to_left) {
        format!("\u{2068}{text}\u{2069}")
    } else {
        text.to_owned()
    }
}

fn is_right_to_left(letter: char) -> bool {
    matches!(letter,
        '\u{0590}'..='\u{08FF}' | '\u{FB1D}'..='\u{FDFF}' | '\u{FE70}'..='\u{FEFF}'
        | '\u{10800}'..='\u{10FFF}' | '\u{1E800}'..='\u{1EFFF}')
}

/// Escaped, and without anything that Telegram would make active: addresses, paths and commands stand as code, where a tap
/// copies them exactly, nobody is led away and nothing is sent; an `@name` calls nobody.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        if is_address(word) || is_path(word) {
            out.push_str("<code>");
            out.push_str(&escape(word));
            out.push_str("</code>");
        } else if let Some((command, rest)) = split_command(word) {
            out.push_str("<code>");
            out.push_str(command);
            out.push_str("</code>");
            push_word(&mut out, rest);
        } else {
            push_word(&mut out, word);
        }
        out.push_str(&piece[word.len()..]);
    }
    out
}

fn push_word(out: &mut String, word: &str) {
    let mut before = None;
    let mut letters = word.chars().peekable();
    while let Some(letter) = letters.next() {
        push_escaped(out, letter);
        // So Telegram reads them: not inside a word, and no command after `/`, `<` or `>`.
        let inside = before.is_some_and(|it: char| {
            it.is_alphanumeric() || (letter == '/' && matches!(it, '/' | '<' | '>'))
        });
        let name = letters
            .peek()
            .is_some_and(|next| next.is_alphanumeric() || *next == '_');
        if matches!(letter, '@' | '/') && name && !inside {
            out.push('\u{2060}');
        }
        before = Some(letter);
    }
}

/// `/revoke,` is a command, with what follows it.
fn split_command(word: &str) -> Option<(&str, &str)> {
    let name = word.strip_prefix('/')?;
    let end = name
        .find(|it: char| !(it.is_ascii_alphanumeric() || it == '_'))
        .unwrap_or(name.len());
    (end > 0).then(|| word.split_at(end + 1))
}

/// `/var/log/app.log`, which must be copied as it is.
fn is_path(word: &str) -> bool {
    word.strip_prefix('/')
        .is_some_and(|rest| rest.contains('/'))
}

/// `https://x.org/y`, `evil.example`, `a@b.org`, `t.me/x`: what Telegram would turn into a link.
fn is_address(word: &str) -> bool {
    if word.contains("://") {
        return true;
    }
    let trimmed = word.trim_matches(|c: char| !c.is_alphanumeric());
    let host = trimmed.rsplit_once('@').map_or(trimmed, |(_, host)| host);
    let host = host.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let labels: Vec<&str> = host.split('.').collect();
    let Some((last, rest)) = labels.split_last() else {
        return false;
    };
    let label = |text: &&str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_alphanumeric() || c == '-' || c == '_')
    };
    !rest.is_empty()
        && rest.iter().all(label)
        && last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic)
}

/// The text that a reader sees, without markup.
pub fn plain(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = if rest.starts_with('<') { '>' } else { ';' };
        let Some(stop) = rest.find(end) else { break };
        match &rest[..=stop] {
            "&lt;" => out.push('<'),
            "&gt;" => out.push('>'),
            "&amp;" => out.push('&'),
            "&quot;" => out.push('"'),
            _ => {}
        }
        rest = &rest[stop + 1..];
    }
    out.push_str(rest);
    out
}

/// How Telegram counts a message: UTF-16 units of what a reader sees.
pub fn visible_len(html: &str) -> usize {
    plain(html).chars().map(char::len_utf16).sum()
}

#[cfg(test)]
mod tests;
