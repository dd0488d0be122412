//! What follows a command's name: words, people, dates.

use std::borrow::Cow;

use chrono::{Days, NaiveDate};

use super::super::incoming::{EntityKind, MessageIn};
use super::{Directory, person};
use crate::incident::{IncidentId, UserId, Whom};

/// What is left of a command's text while it is taken apart.
pub(super) struct Arguments<'a> {
    message: &'a MessageIn,
    rest: Cow<'a, str>,
    people: &'a dyn Directory,
    named: Option<IncidentId>,
    /// People without a public name, mentioned by a link: as written, and who it is.
    links: Vec<(String, Whom)>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(message: &'a MessageIn, rest: &'a str, people: &'a dyn Directory) -> Self {
        let text = message.text.as_deref().unwrap_or_default();
        let links = message
            .entities
            .iter()
            .filter_map(|entity| match &entity.kind {
                EntityKind::TextMention(seen) => {
                    let written = text.get(entity.range.clone())?.to_owned();
                    Some((written, Whom::Known(person(seen))))
                }
                _ => None,
            })
            .filter(|(written, _)| !written.is_empty())
            .collect();
        Self {
            message,
            rest: Cow::Borrowed(rest.trim()),
            people,
            named: None,
            links,
        }
    }

    pub(super) fn message(&self) -> &'a MessageIn {
        self.message
    }

    pub(super) fn rest(&self) -> &str {
        self.rest.trim()
    }

    pub(super) fn text(&self) -> String {
        self.rest().to_owned()
    }

    pub(super) fn peek(&self) -> &str {
        self.rest().split_whitespace().next().unwrap_or_default()
    }

    /// Takes the first word.
    pub(super) fn word(&mut self) -> String {
        let word = self.peek().to_owned();
        let rest = self.rest()[word.len()..].trim().to_owned();
        self.rest = Cow::Owned(rest);
        word
    }

    /// Takes an incident id that stands first: the command is about that incident.
    pub(super) fn take_incident(&mut self) {
        if self.named.is_none()
            && let Ok(id) = self.peek().parse()
        {
            self.word();
            self.named = Some(id);
        }
    }

    /// The incident that the command names.
    pub(super) fn named(&self) -> Option<IncidentId> {
        self.named
    }

    /// Whether an id with a slip stands first: better asked than taken for the current incident.
    pub(super) fn begins_like_an_id(&self) -> bool {
        let first = self.peek().to_ascii_uppercase();
        first.starts_with("SEC-") || first.starts_with("DRILL-")
    }

    /// Takes the person that is mentioned, or named by id, or replied to.
    pub(super) fn person(&mut self) -> Option<Whom> {
        self.mentioned()
            .or_else(|| self.by_id())
            .or_else(|| self.replied_to())
    }

    /// Takes the first mention out of the text.
    pub(super) fn mentioned(&mut self) -> Option<Whom> {
        let linked = self
            .links
            .iter()
            .position(|(written, _)| self.rest.contains(written.as_str()));
        if let Some(index) = linked {
            let (written, whom) = self.links.remove(index);
            self.cut(&written);
            return Some(whom);
        }
        let word = self
            .rest()
            .split_whitespace()
            .find(|word| is_mention(word))?
            .to_owned();
        self.cut(&word);
        let name = word
            .trim_start_matches('@')
            .trim_end_matches([',', '.', ';', ':']);
        Some(match self.people.by_username(name) {
            Some(person) => Whom::ByName(person),
            None => Whom::Unknown(format!("@{name}")),
        })
    }

    fn by_id(&mut self) -> Option<Whom> {
        let id = |word: &str| word.parse::<i64>().ok().filter(|id| *id > 0);
        let word = self
            .rest()
            .split_whitespace()
            .find(|word| id(word).is_some())?
            .to_owned();
        let number = id(&word)?;
        self.cut(&word);
        Some(match self.people.by_id(UserId(number)) {
            Some(person) => Whom::Known(person),
            None => Whom::Unknown(word),
        })
    }

    fn replied_to(&self) -> Option<Whom> {
        let author = self.message.reply.as_ref()?.from.as_ref()?;
        (!author.is_bot).then(|| Whom::Known(person(author)))
    }

    /// Takes `backup @somebody`.
    pub(super) fn backup(&mut self) -> Option<Whom> {
        let text = self.rest().to_owned();
        let at = text.to_lowercase().rfind(" backup ")?;
        // Lower case may differ in length for a few letters: then there is no such boundary.
        let (before, after) = (text.get(..at)?, text.get(at + " backup ".len()..)?);
        self.rest = Cow::Owned(after.to_owned());
        let whom = self.mentioned().or_else(|| self.by_id());
        self.rest = Cow::Owned(before.to_owned());
        whom
    }

    /// Takes a date that stands last: `2026-12-01`, `today`, `tomorrow`, `3d`, `2w`, also after "due" or "by".
    pub(super) fn due(&mut self) -> Option<NaiveDate> {
        let text = self.rest().to_owned();
        let last = text.split_whitespace().next_back()?;
        let sent = chrono::DateTime::from_timestamp(self.message.date, 0)?.date_naive();
        let date = date(last, sent)?;
        let mut rest = text[..text.len() - last.len()].trim_end();
        for word in ["due", "by", "due:"] {
            let cut = rest
                .len()
                .checked_sub(word.len())
                .filter(|at| rest.is_char_boundary(*at));
            if let Some(at) = cut.filter(|at| rest[*at..].eq_ignore_ascii_case(word))
                && (at == 0 || rest[..at].ends_with(char::is_whitespace))
            {
                rest = rest[..at].trim_end();
            }
        }
        self.rest = Cow::Owned(rest.to_owned());
        Some(date)
    }

    fn cut(&mut self, written: &str) {
        let text = self.rest.replacen(written, " ", 1);
        let mut words = text
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        let first = words.next().unwrap_or_default();
        let joined = words.fold(first, |all, line| format!("{all}\n{line}"));
        self.rest = Cow::Owned(joined.trim().to_owned());
    }
}

fn is_mention(word: &str) -> bool {
    word.strip_prefix('@')
        .is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn date(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    match word.to_lowercase().as_str() {
        "today" => return Some(today),
        "tomorrow" => return today.checked_add_days(Days::new(1)),
        _ => {}
    }
    if let Ok(date) = NaiveDate::parse_from_str(word, "%Y-%m-%d") {
        return Some(date);
    }
    let (number, days) = match word.strip_suffix('d') {
        Some(number) => (number, 1),
        None => (word.strip_suffix('w')?, 7),
    };
    let count: u64 = number.parse().ok().filter(|count| *count <= 520)?;
    today.checked_add_days(Days::new(count * days))
}
