//! Telegram's HTML: everything from outside is escaped on its way in, so that markup is only ever ours.

mod typed;

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

/// A text of the plan on one line: escaped, but its addresses and commands work. A command with arguments is
/// code, to be copied whole, and so is what stands between backticks.
pub fn ours(text: &str, max: usize) -> Html {
    Html(isolate(&plans_own(&one_line(text, max), false)))
}

/// What the plan tells a person to do, on one line: its addresses work, but no command is sent by a tap while somebody reads.
pub fn guidance(text: &str, max: usize) -> Html {
    Html(isolate(&plans_own(&one_line(text, max), true)))
}

/// A text on one line of at most `max` characters, cut behind a word; and whether anything was.
pub fn whole_words(text: &str, max: usize) -> (String, bool) {
    let line = one_line(text, max);
    // It may have come here cut already.
    let Some(kept) = line.strip_suffix('…') else {
        return (line, false);
    };
    let kept = kept.trim_end();
    let kept = kept.rsplit_once(' ').map_or(kept, |(whole, _)| whole);
    let kept = kept.trim_end_matches([',', ';', ':']);
    (format!("{kept} …"), true)
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
    let mut rest = text;
    while !rest.is_empty() {
        rest = pass_bracket(&mut out, rest);
        if let Some(code) = inert(rest).or_else(|| Some(typed::command(rest)?.all)) {
            push_code(&mut out, code);
            rest = &rest[code.len()..];
        }
        let (word, behind) = split_word(rest);
        push_word(&mut out, word);
        rest = pass_space(&mut out, behind);
    }
    out
}

/// The same for the plan: what Telegram makes of addresses is meant, of paths it is not. `calm`: nor of any command.
fn plans_own(text: &str, calm: bool) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut rest = text;
    while !rest.is_empty() {
        rest = pass_bracket(&mut out, rest);
        if let Some((code, behind)) = ticked(rest) {
            push_code(&mut out, code);
            rest = behind;
        } else if is_path(split_word(rest).0) {
            let path = split_word(rest)
                .0
                .trim_end_matches(['.', ',', ';', ':', ')']);
            push_code(&mut out, path);
            rest = &rest[path.len()..];
        } else if let Some(it) = typed::command(rest).filter(|it| calm || it.has_arguments) {
            push_code(&mut out, it.all);
            rest = &rest[it.all.len()..];
        }
        let (word, behind) = split_word(rest);
        out.push_str(&escape(word));
        rest = pass_space(&mut out, behind);
    }
    out
}

/// What stands between backticks at the beginning, and what stands behind them.
fn ticked(text: &str) -> Option<(&str, &str)> {
    let (code, behind) = text.strip_prefix('`')?.split_once('`')?;
    (!code.trim().is_empty()).then_some((code, behind))
}

/// Takes over the bracket before a command or a code.
fn pass_bracket<'t>(out: &mut String, text: &'t str) -> &'t str {
    let behind = text
        .strip_prefix('(')
        .filter(|it| it.starts_with('`') || (it.starts_with('/') && !is_path(split_word(it).0)));
    if behind.is_some() {
        out.push('(');
    }
    behind.unwrap_or(text)
}

/// The address or path with which a text begins.
fn inert(text: &str) -> Option<&str> {
    let word = split_word(text).0;
    (is_address(word) || is_path(word)).then_some(word)
}

fn push_code(out: &mut String, code: &str) {
    out.push_str("<code>");
    out.push_str(&escape(code));
    out.push_str("</code>");
}

/// Up to the next space.
fn split_word(text: &str) -> (&str, &str) {
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// Takes over the spaces, and returns what stands behind them.
fn pass_space<'t>(out: &mut String, text: &'t str) -> &'t str {
    let behind = text.trim_start();
    out.push_str(&text[..text.len() - behind.len()]);
    behind
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
