//! Ids, references and typed values of a section.

use super::book::{Kind, suggestion};
use super::section::{Section, clipped, type_of, whole};
use super::values;
use crate::plan::rules::links;
use crate::plan::{FactField, Minutes, Word};
use chrono::NaiveDate;
use std::collections::BTreeMap;
use toml::de::DeValue;

impl Section<'_> {
    /// The section's own id, which is recorded.
    pub(super) fn id(&self, kind: Kind) -> String {
        let (id, offset) = self.need_text_at("id");
        if id.is_empty() {
            return id;
        }
        if !values::is_id(&id) {
            self.book.wrong_hint(
                offset,
                format!("`{}` cannot be an id", clipped(&id)),
                "an id has 1 to 32 small letters a-z, digits and underscores",
            );
        }
        self.book.define(kind, &id, offset);
        id
    }

    /// A reference, if there is one.
    pub(super) fn refer(&self, key: &'static str, kinds: &[Kind]) -> Option<String> {
        let (id, offset) = self.text_at(key)?;
        self.book.mention(kinds, &id, offset);
        Some(id)
    }

    /// A reference that must be there.
    pub(super) fn need_refer(&self, key: &'static str, kinds: &[Kind]) -> String {
        if !self.has(key) {
            self.lacks(key, "\"…\"");
        }
        self.refer(key, kinds).unwrap_or_default()
    }

    /// References.
    pub(super) fn refers(&self, key: &'static str, kinds: &[Kind]) -> Vec<String> {
        let ids = self.texts_at(key);
        for (id, offset) in &ids {
            self.book.mention(kinds, id, *offset);
        }
        ids.into_iter().map(|(id, _)| id).collect()
    }

    /// Names of fact fields.
    pub(super) fn facts(&self, key: &'static str) -> Vec<String> {
        let names = self.texts_at(key);
        for (name, offset) in &names {
            if FactField::read(name).is_none() {
                let message = format!("there is no fact `{}`", clipped(name));
                self.book
                    .wrong_hint(*offset, message, suggestion(name, FactField::WORDS));
            }
        }
        names.into_iter().map(|(name, _)| name).collect()
    }

    /// A word of a closed vocabulary, if there is one.
    pub(super) fn word<W: Word>(&self, key: &'static str) -> Option<W> {
        let (text, offset) = self.text_at(key)?;
        let word = W::read(&text);
        if word.is_none() {
            let message = format!("`{key}` cannot be `{}`", clipped(&text));
            self.book
                .wrong_hint(offset, message, suggestion(&text, W::WORDS));
        }
        word
    }

    /// A word that must be there.
    pub(super) fn need_word<W: Word>(&self, key: &'static str) -> Option<W> {
        if !self.has(key) {
            self.lacks(
                key,
                &format!("\"{}\"", W::WORDS.first().copied().unwrap_or("…")),
            );
        }
        self.word(key)
    }

    /// A span of time, if there is one.
    pub(super) fn minutes(&self, key: &'static str) -> Option<Minutes> {
        self.span(
            key,
            values::minutes,
            "such as \"15m\", \"4h\", \"2d\" or \"1w\"",
        )
        .map(Minutes)
    }

    /// A span of time that must be there.
    pub(super) fn need_minutes(&self, key: &'static str) -> Minutes {
        if !self.has(key) {
            self.lacks(key, "\"15m\"");
        }
        self.minutes(key).unwrap_or(Minutes(0))
    }

    /// Seconds, or the usual number.
    pub(super) fn seconds(&self, key: &'static str, usual: u32) -> u32 {
        self.span(
            key,
            values::seconds,
            "such as \"30s\" or \"5m\", at most \"24h\"",
        )
        .unwrap_or(usual)
    }

    fn span(&self, key: &'static str, read: fn(&str) -> Option<u32>, hint: &str) -> Option<u32> {
        let value = self.get(key)?;
        let span = value.get_ref().as_str().and_then(read);
        if span.is_none() {
            let message = match value.get_ref().as_str() {
                Some(text) => format!("`{key}` is `{}`, which is no span of time", clipped(text)),
                None => format!(
                    "`{key}` is {}, but must be a span of time",
                    type_of(value.get_ref())
                ),
            };
            self.book.wrong_hint(value.span().start, message, hint);
        }
        span
    }

    /// A date, if there is one.
    pub(super) fn date(&self, key: &'static str) -> Option<NaiveDate> {
        let value = self.get(key)?;
        let date = value
            .get_ref()
            .as_datetime()
            .filter(|moment| moment.time.is_none())
            .and_then(|moment| moment.date)
            .and_then(|date| {
                NaiveDate::from_ymd_opt(i32::from(date.year), date.month.into(), date.day.into())
            });
        if date.is_none() {
            self.wrong_type(key, value, "a date", Some("write it bare: 2026-05-17"));
        }
        date
    }

    /// A date that must be there.
    pub(super) fn need_date(&self, key: &'static str) -> NaiveDate {
        if !self.has(key) {
            self.lacks(key, "2026-05-17");
        }
        self.date(key).unwrap_or_default()
    }

    /// A yes or no; absent means no.
    pub(super) fn flag(&self, key: &'static str) -> bool {
        let Some(value) = self.get(key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.wrong_type(key, value, "true or false", None);
            false
        })
    }

    /// A whole number inside a range, if there is one.
    pub(super) fn number(
        &self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Option<i64> {
        let value = self.get(key)?;
        let number = whole(value.get_ref());
        let inside = number.filter(|number| range.contains(number));
        if inside.is_none() {
            let wanted = format!("a whole number from {} to {}", range.start(), range.end());
            if number.is_some() {
                self.book
                    .wrong(value.span().start, format!("`{key}` must be {wanted}"));
            } else {
                self.wrong_type(key, value, &wanted, None);
            }
        }
        inside
    }

    /// Whole numbers inside a range; absent means none.
    pub(super) fn numbers(
        &self,
        key: &'static str,
        range: std::ops::RangeInclusive<i64>,
    ) -> Vec<i64> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(
                key,
                value,
                "a list of numbers",
                Some("put it in brackets: [200]"),
            );
            return Vec::new();
        };
        let mut numbers = Vec::new();
        for entry in list {
            match whole(entry.get_ref()).filter(|number| range.contains(number)) {
                Some(number) => numbers.push(number),
                None => self.book.wrong(
                    entry.span().start,
                    format!(
                        "`{key}` holds whole numbers from {} to {}",
                        range.start(),
                        range.end()
                    ),
                ),
            }
        }
        numbers
    }

    /// A number above zero that must be there.
    pub(super) fn need_amount(&self, key: &'static str) -> f64 {
        let Some(value) = self.get(key) else {
            self.lacks(key, "5");
            return 0.0;
        };
        let number = match value.get_ref() {
            DeValue::Integer(number) if number.radix() == 10 => number.as_str().parse().ok(),
            DeValue::Float(number) => number.as_str().parse().ok(),
            _ => None,
        };
        match number {
            Some(number) if f64::is_finite(number) && number >= 0.0 => number,
            _ => {
                self.wrong_type(key, value, "a number of at least 0", None);
                0.0
            }
        }
    }

    /// An address of a document, if there is one.
    pub(super) fn link(&self, key: &'static str) -> Option<String> {
        let (link, offset) = self.text_at(key)?;
        if let Err((message, hint)) = links::check(&link) {
            self.book
                .wrong_hint(offset, format!("`{key}` {message}"), hint);
        }
        Some(link)
    }

    /// Texts by name; absent means none.
    pub(super) fn pairs(&self, key: &'static str) -> BTreeMap<String, (String, usize)> {
        let Some(value) = self.get(key) else {
            return BTreeMap::new();
        };
        let Some(table) = value.get_ref().as_table() else {
            self.wrong_type(
                key,
                value,
                "a table of texts",
                Some("such as { name = \"value\" }"),
            );
            return BTreeMap::new();
        };
        let mut pairs = BTreeMap::new();
        for (name, entry) in table {
            match entry.get_ref().as_str() {
                Some(text) => {
                    pairs.insert(
                        name.get_ref().to_string(),
                        (text.to_owned(), entry.span().start),
                    );
                }
                None => self.unquoted(name.get_ref(), entry),
            }
        }
        pairs
    }
}
