//! A table of the file, read key by key.

use super::book::{Book, suggestion};
use std::cell::RefCell;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One table. Keys that nobody asked for are reported when it is dropped, so that no reader can
/// forget it.
pub(in crate::plan) struct Section<'b> {
    pub(super) book: &'b Book<'b>,
    table: &'b DeTable<'b>,
    /// Where its heading stands.
    pub(super) offset: usize,
    /// How to speak of it.
    name: String,
    asked: RefCell<Vec<&'static str>>,
}

impl<'b> Section<'b> {
    /// The document itself.
    pub(in crate::plan) fn root(book: &'b Book<'b>, table: &'b DeTable<'b>) -> Self {
        let asked = RefCell::default();
        Self {
            book,
            table,
            offset: 0,
            name: "the plan".to_owned(),
            asked,
        }
    }

    fn below(&self, key: &str, table: &'b DeTable<'b>, offset: usize) -> Self {
        let called = ["id", "code"]
            .iter()
            .find_map(|key| table.iter().find(|(found, _)| found.get_ref() == *key))
            .and_then(|(_, value)| value.get_ref().as_str());
        let name = match called {
            Some(id) => format!("{key} `{}`", clipped(id)),
            None => format!("this {key}"),
        };
        Self {
            book: self.book,
            table,
            offset,
            name,
            asked: RefCell::default(),
        }
    }

    /// The value of a key, if there is one.
    pub(super) fn get(&self, key: &'static str) -> Option<&'b Spanned<DeValue<'b>>> {
        self.asked.borrow_mut().push(key);
        self.table
            .iter()
            .find(|(found, _)| found.get_ref() == key)
            .map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub(super) fn has(&self, key: &'static str) -> bool {
        self.get(key).is_some()
    }

    /// Whether the key holds a text.
    pub(super) fn text_is(&self, key: &'static str) -> bool {
        self.get(key).is_some_and(|value| value.get_ref().is_str())
    }

    /// Where the value of a key begins, else the section.
    pub(super) fn place(&self, key: &'static str) -> usize {
        self.get(key)
            .map_or(self.offset, |value| value.span().start)
    }

    pub(super) fn lacks(&self, key: &'static str, example: &str) {
        let hint = format!("add {key} = {example}");
        self.book.absent(
            self.offset,
            format!("{} lacks `{key}`", self.name),
            Some(hint),
        );
    }

    pub(super) fn wrong_type(
        &self,
        key: &str,
        value: &Spanned<DeValue<'_>>,
        wanted: &str,
        hint: Option<&str>,
    ) {
        let message = format!(
            "`{key}` is {}, but must be {wanted}",
            type_of(value.get_ref())
        );
        match hint {
            Some(hint) => self.book.wrong_hint(value.span().start, message, hint),
            None => self.book.wrong(value.span().start, message),
        }
    }

    /// A text was wanted. What needs nothing but quotes is shown with them.
    pub(super) fn unquoted(&self, key: &str, value: &Spanned<DeValue<'_>>) {
        let single = matches!(
            value.get_ref(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_)
        );
        let written = self.book.written(value.span());
        let hint = single.then(|| format!("put it in quotes: \"{}\"", written.trim()));
        self.wrong_type(key, value, "a text in quotes", hint.as_deref());
    }

    /// A text, if there is one; never empty.
    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        self.text_at(key).map(|(text, _)| text)
    }

    /// The same with its place.
    pub(super) fn text_at(&self, key: &'static str) -> Option<(String, usize)> {
        let value = self.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.unquoted(key, value);
            return None;
        };
        if text.trim().is_empty() {
            self.book
                .wrong(value.span().start, format!("`{key}` is empty"));
            return None;
        }
        Some((text.trim().to_owned(), value.span().start))
    }

    /// A text that may be empty, with its place.
    pub(super) fn any_text_at(&self, key: &'static str) -> Option<(String, usize)> {
        let value = self.get(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.unquoted(key, value);
            return None;
        };
        Some((text.trim().to_owned(), value.span().start))
    }

    /// A text that must be there.
    pub(super) fn need_text(&self, key: &'static str) -> String {
        self.need_text_at(key).0
    }

    /// The same with its place.
    pub(super) fn need_text_at(&self, key: &'static str) -> (String, usize) {
        if !self.has(key) {
            self.lacks(key, "\"…\"");
        }
        self.text_at(key).unwrap_or_default()
    }

    /// A text of limited length that must be there.
    pub(super) fn need_short(&self, key: &'static str, limit: usize) -> String {
        let (text, offset) = self.need_text_at(key);
        self.check_length(key, &text, offset, limit);
        text
    }

    fn check_length(&self, key: &str, text: &str, offset: usize, limit: usize) {
        let length = text.chars().count();
        if length > limit {
            self.book.wrong_hint(
                offset,
                format!("`{key}` has {length} characters, more than {limit}"),
                "it is read on a telephone: say it shorter",
            );
        }
    }

    /// Texts; absent means none.
    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        self.texts_at(key)
            .into_iter()
            .map(|(text, _)| text)
            .collect()
    }

    /// Texts, at least one.
    pub(super) fn need_texts(&self, key: &'static str) -> Vec<String> {
        match self.get(key) {
            None => self.lacks(key, "[\"…\"]"),
            Some(value)
                if value
                    .get_ref()
                    .as_array()
                    .is_some_and(|list| list.is_empty()) =>
            {
                self.book
                    .wrong(value.span().start, format!("`{key}` must not be empty"));
            }
            Some(_) => {}
        }
        self.texts(key)
    }

    /// Texts with their places.
    pub(super) fn texts_at(&self, key: &'static str) -> Vec<(String, usize)> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            self.wrong_type(
                key,
                value,
                "a list of texts",
                Some("put it in brackets: [\"…\"]"),
            );
            return Vec::new();
        };
        let mut texts = Vec::new();
        for entry in list {
            match entry.get_ref().as_str() {
                Some(text) if text.trim().is_empty() => {
                    self.book
                        .wrong(entry.span().start, format!("`{key}` holds an empty text"));
                }
                Some(text) => texts.push((text.to_owned(), entry.span().start)),
                None => self.unquoted(key, entry),
            }
        }
        texts
    }

    /// A table, if there is one.
    pub(super) fn section(&self, key: &'static str) -> Option<Section<'b>> {
        let value = self.get(key)?;
        if let Some(table) = value.get_ref().as_table() {
            Some(self.below(key, table, value.span().start))
        } else {
            self.wrong_type(
                key,
                value,
                "a table",
                Some("head it with its name in brackets"),
            );
            None
        }
    }

    /// A table that must be there.
    pub(super) fn need_section(&self, key: &'static str) -> Option<Section<'b>> {
        if !self.has(key) {
            let hint = format!("add a part headed [{key}]");
            self.book.absent(
                self.offset,
                format!("{} lacks the part `{key}`", self.name),
                Some(hint),
            );
        }
        self.section(key)
    }

    /// Tables of one name; absent means none.
    pub(super) fn sections(&self, key: &'static str) -> Vec<Section<'b>> {
        let Some(value) = self.get(key) else {
            return Vec::new();
        };
        let Some(list) = value.get_ref().as_array() else {
            // While the file has syntax errors the brackets may only be unreadable.
            let message = format!(
                "`{key}` is {}, but must be a list of tables",
                type_of(value.get_ref())
            );
            let hint = format!("head each with double brackets: [[{key}]]");
            self.book.absent(value.span().start, message, Some(hint));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for entry in list {
            match entry.get_ref().as_table() {
                Some(table) => sections.push(self.below(key, table, entry.span().start)),
                None => self.wrong_type(key, entry, "a table", None),
            }
        }
        sections
    }

    /// Tables of one name, at least one and not too many.
    pub(super) fn need_sections(&self, key: &'static str, most: usize) -> Vec<Section<'b>> {
        if !self.has(key) {
            let hint = format!("add at least one, headed [[{key}]]");
            self.book.absent(
                self.offset,
                format!("{} has no {key}", self.name),
                Some(hint),
            );
        }
        let sections = self.sections(key);
        if let Some(first_too_many) = sections.get(most) {
            let message = format!("there are {} of {key}, more than {most}", sections.len());
            self.book.wrong(first_too_many.offset, message);
        }
        sections
    }
}

impl Drop for Section<'_> {
    fn drop(&mut self) {
        let asked = self.asked.get_mut();
        for (key, _) in self.table {
            if !asked.iter().any(|known| key.get_ref() == known) {
                asked.sort_unstable();
                asked.dedup();
                let message = format!("{} has no key `{}`", self.name, clipped(key.get_ref()));
                self.book
                    .wrong_hint(key.span().start, message, suggestion(key.get_ref(), asked));
            }
        }
    }
}

pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(super) fn type_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) | DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// The first 40 characters, so that a message stays a message.
pub(super) fn clipped(text: &str) -> String {
    text.chars().take(40).collect()
}

/// A suggestion from two vocabularies.
pub(super) fn suggest_either(wanted: &str, first: &[&str], second: &[&str]) -> String {
    let all: Vec<&str> = first.iter().chain(second).copied().collect();
    suggestion(wanted, &all)
}
