//! SQL that is put together at run time: many rows in one statement, and lists of keys. The only place that asserts built SQL to be safe:
//! the pieces are constants of this crate, values are always bound.
//!
//! Statements come in a few fixed sizes, so that their texts repeat and stay in sqlx's statement cache (100 per connection).

use std::{
    collections::HashMap,
    fmt::Write as _,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use sqlx::{
    Any, AnyConnection, Arguments, AssertSqlSafe, Row,
    any::{AnyArguments, AnyRow},
};

/// Rows per statement: as many of the largest as fit, then the smaller ones.
const SIZES: [usize; 8] = [128, 64, 32, 16, 8, 4, 2, 1];

/// A value to bind: one type per placeholder, because PostgreSQL keeps the type it was first prepared with.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Int(i64),
    Text(String),
    MaybeInt(Option<i64>),
    MaybeText(Option<String>),
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(value)
    }
}
impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::MaybeInt(value)
    }
}
impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(clean(value))
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(clean(value.to_owned()))
    }
}
impl From<Option<String>> for Value {
    fn from(value: Option<String>) -> Self {
        Self::MaybeText(value.map(clean))
    }
}

/// PostgreSQL refuses U+0000 in text: it becomes U+FFFD here, on both engines alike.
pub(super) fn clean(text: String) -> String {
    if text.contains('\0') {
        text.replace('\0', "\u{fffd}")
    } else {
        text
    }
}

/// Texts that were put together before, by statement, number of rows, and whether placeholders are numbered.
type Texts = HashMap<(Many, usize, bool), Arc<str>>;

/// A statement for many rows: the text before the rows, after them, and the columns of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Many {
    /// Text before the first row or key.
    pub head: &'static str,
    /// Text after the last one.
    pub tail: &'static str,
    /// Values per row; 0 means a plain list of keys instead of rows.
    pub width: usize,
}

impl Many {
    pub(super) const fn rows(head: &'static str, width: usize, tail: &'static str) -> Self {
        Self { head, tail, width }
    }

    pub(super) const fn keys(head: &'static str, tail: &'static str) -> Self {
        Self {
            head,
            tail,
            width: 0,
        }
    }

    /// Runs the statement over all values and returns the number of rows it touched.
    pub(super) async fn run(
        self,
        conn: &mut AnyConnection,
        values: Vec<Value>,
    ) -> sqlx::Result<u64> {
        let mut touched = 0;
        let numbered = numbered(conn);
        for (text, arguments) in self.pieces(values, numbered) {
            touched += sqlx::query_with::<Any, _>(AssertSqlSafe(text), arguments)
                .execute(&mut *conn)
                .await?
                .rows_affected();
        }
        Ok(touched)
    }

    /// Runs the statement over all values and returns the rows it answers.
    pub(super) async fn fetch(
        self,
        conn: &mut AnyConnection,
        values: Vec<Value>,
    ) -> sqlx::Result<Vec<AnyRow>> {
        let mut rows = Vec::new();
        let numbered = numbered(conn);
        for (text, arguments) in self.pieces(values, numbered) {
            rows.extend(
                sqlx::query_with::<Any, _>(AssertSqlSafe(text), arguments)
                    .fetch_all(&mut *conn)
                    .await?,
            );
        }
        Ok(rows)
    }

    fn pieces(
        self,
        values: Vec<Value>,
        numbered: bool,
    ) -> impl Iterator<Item = (Arc<str>, AnyArguments)> {
        let width = self.width.max(1);
        let mut left = values.len() / width;
        debug_assert_eq!(left * width, values.len(), "whole rows only");
        let mut values = values.into_iter();
        std::iter::from_fn(move || {
            let rows = *SIZES.iter().find(|size| **size <= left)?;
            left -= rows;
            Some((
                self.text(rows, numbered),
                bind(values.by_ref().take(rows * width), rows * width),
            ))
        })
    }

    /// The text for so many rows, made once.
    fn text(self, rows: usize, numbered: bool) -> Arc<str> {
        static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
        let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(
            texts
                .entry((self, rows, numbered))
                .or_insert_with(|| self.build(rows, numbered).into()),
        )
    }

    fn build(self, rows: usize, numbered: bool) -> String {
        let mut text = String::from(self.head);
        if self.width == 0 {
            text.push('(');
        }
        let mut number = 0;
        for row in 0..rows {
            text.push_str(if row == 0 { "" } else { "," });
            text.push_str(if self.width == 0 { "" } else { "(" });
            for column in 0..self.width.max(1) {
                number += 1;
                text.push_str(if column == 0 { "" } else { "," });
                if numbered {
                    write!(text, "${number}").expect("a string takes all");
                } else {
                    text.push('?');
                }
            }
            text.push_str(if self.width == 0 { "" } else { ")" });
        }
        if self.width == 0 {
            text.push(')');
        }
        text.push_str(self.tail);
        text
    }
}

/// Whether to number placeholders. PostgreSQL wants `$1`; to SQLite that is a name, which the driver looks up among all others for every
/// single value, so that half of the time of a large insert went there. A plain `?` has none.
fn numbered(conn: &AnyConnection) -> bool {
    conn.backend_name() != "SQLite"
}

/// The values as arguments.
pub(super) fn bind(values: impl IntoIterator<Item = Value>, count: usize) -> AnyArguments {
    let mut arguments = AnyArguments::default();
    arguments.reserve(count, 0);
    for value in values {
        match value {
            Value::Int(value) => arguments.add(value),
            Value::Text(value) => arguments.add(value),
            Value::MaybeInt(value) => arguments.add(value),
            Value::MaybeText(value) => arguments.add(value),
        }
        .expect("numbers and text can always be bound");
    }
    arguments
}

/// A column of a row; the error names it.
pub(super) fn get<'r, T>(row: &'r AnyRow, column: &'static str) -> sqlx::Result<T>
where
    T: sqlx::Decode<'r, Any> + sqlx::Type<Any>,
{
    row.try_get(column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_keys_are_numbered_by_hand() {
        let rows = Many::rows("INSERT INTO t (a, b) VALUES ", 2, " ON CONFLICT DO NOTHING");
        assert_eq!(
            rows.build(2, true),
            "INSERT INTO t (a, b) VALUES ($1,$2),($3,$4) ON CONFLICT DO NOTHING"
        );
        let keys = Many::keys("SELECT a FROM t WHERE a IN ", "");
        assert_eq!(keys.build(3, true), "SELECT a FROM t WHERE a IN ($1,$2,$3)");
        assert_eq!(keys.build(3, false), "SELECT a FROM t WHERE a IN (?,?,?)");
    }

    #[test]
    fn few_sizes_cover_any_number_of_rows() {
        let keys = Many::keys("k ", "");
        let sizes: Vec<usize> = keys
            .pieces(vec![Value::Int(1); 301], true)
            .map(|(_, arguments)| arguments.len())
            .collect();
        assert_eq!(sizes, [128, 128, 32, 8, 4, 1]);
        assert_eq!(keys.pieces(Vec::new(), true).count(), 0);
    }

    #[test]
    fn the_zero_character_is_replaced() {
        assert_eq!(clean("a\0b".to_owned()), "a\u{fffd}b");
        assert_eq!(clean("ab".to_owned()), "ab");
    }
}
