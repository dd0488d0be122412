//! The phrases of one language, and all languages that the bot speaks.

mod check;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use minijinja::Environment;
use unic_langid::LanguageIdentifier;

use super::html::Html;

/// Every file of the language that the program is written in.
const EN: &[(&str, &str)] = &[
    ("answers.ftl", include_str!("../../messages/en/answers.ftl")),
    ("card.ftl", include_str!("../../messages/en/card.ftl")),
    (
        "commands.ftl",
        include_str!("../../messages/en/commands.ftl"),
    ),
    ("facts.ftl", include_str!("../../messages/en/facts.ftl")),
    ("notices.ftl", include_str!("../../messages/en/notices.ftl")),
    ("plan.ftl", include_str!("../../messages/en/plan.ftl")),
    (
        "refusals.ftl",
        include_str!("../../messages/en/refusals.ftl"),
    ),
    (
        "requests.ftl",
        include_str!("../../messages/en/requests.ftl"),
    ),
    ("report.ftl", include_str!("../../messages/en/report.ftl")),
    (
        "report.md.j2",
        include_str!("../../messages/en/report.md.j2"),
    ),
    ("runs.ftl", include_str!("../../messages/en/runs.ftl")),
    ("short.ftl", include_str!("../../messages/en/short.ftl")),
    (
        "timeline.ftl",
        include_str!("../../messages/en/timeline.ftl"),
    ),
    (
        "verify.html.j2",
        include_str!("../../messages/en/verify.html.j2"),
    ),
    (
        "verify.md.j2",
        include_str!("../../messages/en/verify.md.j2"),
    ),
    ("words.ftl", include_str!("../../messages/en/words.ftl")),
];

/// A mistake in a language's files: where, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("messages/{language}/{file}: {message}")]
pub struct Problem {
    /// The language's code.
    pub language: String,
    /// The file's name.
    pub file: String,
    /// What is wrong.
    pub message: String,
}

/// One language's phrases. Cheap to share.
pub struct Phrases {
    code: String,
    bundle: FluentBundle<FluentResource>,
    documents: Environment<'static>,
}

impl fmt::Debug for Phrases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Phrases").field(&self.code).finish()
    }
}

/// All languages.
#[derive(Clone, Debug)]
pub struct Languages {
    known: BTreeMap<String, Arc<Phrases>>,
    english: Arc<Phrases>,
}

impl Languages {
    /// The built-in languages, changed and extended by `overrides`: language code, file name, text.
    ///
    /// A file of a built-in language may hold only the phrases that it changes; a new language needs all of them.
    ///
    /// # Errors
    /// The first mistake: a phrase that cannot be read, is missing, unknown, or speaks of other things than English.
    pub fn embedded(overrides: Vec<(String, String, String)>) -> Result<Self, Problem> {
        let mut sources: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        let built_in = EN
            .iter()
            .map(|(file, text)| ((*file).to_owned(), (*text).to_owned()));
        sources.insert("en".to_owned(), built_in.collect());
        for (language, file, text) in overrides {
            sources.entry(language).or_default().push((file, text));
        }
        let needed = check::shapes("en", EN.iter().map(|(file, text)| (*file, *text)))?;
        let mut known = BTreeMap::new();
        for (code, files) in sources {
            let phrases = Phrases::build(&code, &files, &needed)?;
            known.insert(code, Arc::new(phrases));
        }
        let english = known
            .get("en")
            .map(Arc::clone)
            .expect("English is built in");
        Ok(Self { known, english })
    }

    /// The same, borrowed.
    pub fn phrases(&self, code: &str) -> &Phrases {
        self.known.get(code).unwrap_or(&self.english)
    }

    /// The phrases of a language; English where it is not known.
    pub fn get(&self, code: &str) -> Arc<Phrases> {
        Arc::clone(self.known.get(code).unwrap_or(&self.english))
    }

    /// The codes of all languages, sorted.
    pub fn codes(&self) -> Vec<&str> {
        self.known.keys().map(String::as_str).collect()
    }
}

impl Phrases {
    fn build(
        code: &str,
        files: &[(String, String)],
        needed: &check::Shapes,
    ) -> Result<Self, Problem> {
        let problem = |file: &str, message: String| Problem {
            language: code.to_owned(),
            file: file.to_owned(),
            message,
        };
        let language: LanguageIdentifier = code.parse().map_err(|_| {
            problem(
                "",
                format!("{code:?} is not a language code such as `en` or `pt-BR`"),
            )
        })?;
        let mut bundle = FluentBundle::new_concurrent(vec![language]);
        // What comes from outside is isolated when it is escaped; marks around every number would only be noise.
        bundle.set_use_isolating(false);
        let mut documents = Environment::new();
        documents.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        documents.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        let found = check::shapes(
            code,
            files
                .iter()
                .map(|(file, text)| (file.as_str(), text.as_str())),
        )?;
        check::compare(code, needed, &found)?;
        for (file, text) in files {
            if check::is_document(file) {
                documents
                    .add_template_owned(file.clone(), text.clone())
                    .map_err(|error| problem(file, error.to_string()))?;
            } else if let Ok(resource) = FluentResource::try_new(text.clone()) {
                bundle.add_resource_overriding(resource);
            }
        }
        Ok(Self {
            code: code.to_owned(),
            bundle,
            documents,
        })
    }

    /// The language's code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// A document's template.
    ///
    /// # Errors
    /// When the language has no document of that name.
    pub fn document(&self, name: &str) -> Result<minijinja::Template<'_, '_>, minijinja::Error> {
        self.documents.get_template(name)
    }

    /// A phrase without arguments; `command-done.args` names an attribute.
    pub fn word(&self, key: &str) -> Html {
        self.render(key, None)
    }

    /// A phrase with its arguments filled in. Use the macro `say!`.
    pub(crate) fn filled<const N: usize>(
        &self,
        key: &str,
        args: [(&'static str, FluentValue<'static>); N],
    ) -> Html {
        self.render(key, Some(&FluentArgs::from_iter(args)))
    }

    fn render(&self, key: &str, args: Option<&FluentArgs<'_>>) -> Html {
        let (id, attribute) = key
            .split_once('.')
            .map_or((key, None), |(id, attribute)| (id, Some(attribute)));
        let message = self.bundle.get_message(id);
        let pattern = message.and_then(|message| match attribute {
            None => message.value(),
            Some(name) => message.get_attribute(name).map(|it| it.value()),
        });
        debug_assert!(pattern.is_some(), "no phrase {key}");
        let Some(pattern) = pattern else {
            return Html::own(super::html::escape(key));
        };
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, args, &mut errors);
        debug_assert!(errors.is_empty(), "phrase {key}: {errors:?}");
        Html::own(text)
    }

    /// Whether there is such a phrase.
    pub fn has(&self, key: &str) -> bool {
        let (id, attribute) = key
            .split_once('.')
            .map_or((key, None), |(id, attribute)| (id, Some(attribute)));
        self.bundle
            .get_message(id)
            .is_some_and(|message| match attribute {
                None => message.value().is_some(),
                Some(name) => message.get_attribute(name).is_some(),
            })
    }
}

/// `say!(phrases, "key", name = value)`: a phrase with arguments; raw text is escaped, see [`super::html::Argument`].
macro_rules! say {
    ($phrases:expr, $key:expr $(, $name:ident = $value:expr)* $(,)?) => {
        $phrases.filled(
            $key,
            [$((stringify!($name), $crate::messages::html::Argument::argument($value))),*],
        )
    };
}
pub(crate) use say;

#[cfg(test)]
mod tests;
