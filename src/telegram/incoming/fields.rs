//! Reading JSON that somebody else may change tomorrow: a field that is missing or of another type is simply not there.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Error, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object's fields, each still as text. Nothing is parsed before it is asked for, so unknown fields cost nothing and
/// cannot fail, however deep they nest.
pub(super) struct Fields<'a>(Vec<(Key<'a>, &'a RawValue)>);

impl<'a> Fields<'a> {
    /// Reads an object.
    pub(super) fn read(text: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The names of the fields, in order.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| &*key.0)
    }

    /// True if the field is there and not `null`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.raw(name).is_some()
    }

    /// A number.
    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.plain(name)
    }

    /// True only if the field is `true`.
    pub(super) fn yes(&self, name: &str) -> bool {
        self.raw(name) == Some("true")
    }

    /// A text; NUL and halves of surrogate pairs become U+FFFD.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        let raw = self.raw(name)?;
        let text = serde_json::from_str::<String>(raw)
            .ok()
            .or_else(|| broken_text(raw))?;
        Some(if text.contains('\0') {
            text.replace('\0', "\u{fffd}")
        } else {
            text
        })
    }

    /// An object.
    pub(super) fn object(&self, name: &str) -> Option<Fields<'a>> {
        self.raw(name).and_then(|raw| Self::read(raw).ok())
    }

    /// The objects of a list; its other items are left out.
    pub(super) fn list(&self, name: &str) -> Vec<Fields<'a>> {
        let items: Vec<&'a RawValue> = self
            .raw(name)
            .and_then(|raw| serde_json::from_str(raw).ok())
            .unwrap_or_default();
        items
            .into_iter()
            .filter_map(|item| Self::read(item.get()).ok())
            .collect()
    }

    fn plain<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    fn raw(&self, name: &str) -> Option<&'a str> {
        // The last one wins where a name stands twice, as in most readers.
        let (_, value) = self.0.iter().rev().find(|(key, _)| key.0 == name)?;
        let text = value.get().trim();
        (text != "null").then_some(text)
    }
}

impl<'a> Deserialize<'a> for Fields<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'a> Visitor<'a> for Collect {
            type Value = Fields<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::with_capacity(12);
                while let Some(entry) = map.next_entry()? {
                    fields.push(entry);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

/// A field's name, borrowed where it holds no escapes.
struct Key<'a>(Cow<'a, str>);

impl<'a> Deserialize<'a> for Key<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl<'a> Visitor<'a> for Name {
            type Value = Key<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a field's name")
            }

            fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }

            fn visit_borrowed_bytes<E: Error>(self, bytes: &'a [u8]) -> Result<Self::Value, E> {
                Ok(Key(String::from_utf8_lossy(bytes)))
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(String::from_utf8_lossy(bytes).into_owned())))
            }
        }
        deserializer.deserialize_bytes(Name)
    }
}

/// A JSON string that holds half a surrogate pair, which Rust's strings cannot.
fn broken_text(raw: &str) -> Option<String> {
    struct Bytes(Vec<u8>);
    impl<'de> Deserialize<'de> for Bytes {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Take;
            impl Visitor<'_> for Take {
                type Value = Bytes;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a text")
                }

                fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                    Ok(Bytes(bytes.to_vec()))
                }
            }
            deserializer.deserialize_bytes(Take)
        }
    }
    if !raw.starts_with('"') {
        return None;
    }
    let Bytes(mut bytes) = serde_json::from_str(raw).ok()?;
    // serde_json writes half a pair as the three bytes ED A0..BF xx; one U+FFFD is three bytes too, and one UTF-16 unit.
    for at in 0..bytes.len().saturating_sub(2) {
        if bytes[at] == 0xED && bytes[at + 1] >= 0xA0 {
            bytes[at..at + 3].copy_from_slice("\u{fffd}".as_bytes());
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}
