//! Closed vocabularies: enums whose variants have one spelling, in plans, chat and storage.

/// Defines an enum with a snake case name per variant, the list of all of them and a lookup.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vmeta])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Every variant, in the order of its definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The spelling in plans, chat and storage.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The variant that is spelled so, letter case aside.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.name().eq_ignore_ascii_case(name))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.name())
            }
        }

        impl $crate::plan::Word for $name {
            const WORDS: &'static [&'static str] = &[$($text,)+];

            fn read(name: &str) -> Option<Self> {
                // Plans spell a word exactly, so that a file has one form.
                match name {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

/// A word of a closed vocabulary, as the plan reader needs it.
pub trait Word: Sized + Copy {
    /// All spellings.
    const WORDS: &'static [&'static str];

    /// The value that is spelled exactly so.
    fn read(name: &str) -> Option<Self>;
}
