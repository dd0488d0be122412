//! The installed plans, and those that incidents are pinned to.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError};

use super::House;
use crate::incident::Plans;
use crate::plan::{self, Problem};
use crate::store::StoredEvent;

/// A plan's text and where it came from.
#[derive(Debug, Clone)]
pub struct PlanFile {
    /// For people: a path, or "built in".
    pub name: String,
    /// TOML.
    pub source: String,
}

/// A plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlansError {
    /// It has mistakes.
    #[error("{}", first_of(.name, .problems))]
    Bad {
        /// Which file.
        name: String,
        /// Every mistake.
        problems: Vec<Problem>,
    },
    /// Two files claim the same id.
    #[error("plans {first} and {second} have the same id {id}: give one of them another")]
    Twice {
        /// The id.
        id: String,
        /// A file.
        first: String,
        /// Another one.
        second: String,
    },
    /// There is none at all.
    #[error("no plan was found: put at least one .toml file into the plans folder")]
    None,
}

/// One line: the first mistake, and how to see the rest.
fn first_of(name: &str, problems: &[Problem]) -> String {
    let first = problems.first().map(ToString::to_string);
    let first = first.unwrap_or_default();
    // The TOML reader's own words may take several lines.
    let first = first.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut text = format!("plan {name}: {first}");
    if problems.len() > 1 {
        let all = problems.len();
        let _ = write!(
            text,
            "; `breakglass plan check {name}` shows all {all} mistakes"
        );
    }
    text
}

/// Plans that were read and found good, with their texts.
#[derive(Debug, Clone, Default)]
pub struct Installed {
    pub(super) plans: Plans,
    pub(super) sources: HashMap<String, String>,
}

impl Installed {
    /// The id of the only plan; none if there are several.
    pub fn only(&self) -> Option<String> {
        let mut ids = self.plans.installed.keys();
        ids.next().filter(|_| ids.next().is_none()).cloned()
    }
}

/// Reads and checks plans. The first one is the default.
///
/// # Errors
/// The first file that cannot be used, with every mistake in it.
pub fn install(files: Vec<PlanFile>) -> Result<Installed, PlansError> {
    let mut plans = Plans::default();
    let mut sources = HashMap::new();
    let mut names: HashMap<String, String> = HashMap::new();
    for file in files {
        let read = plan::parse(&file.source).map_err(|problems| PlansError::Bad {
            name: file.name.clone(),
            problems,
        })?;
        let id = read.info.id.clone();
        if let Some(first) = names.insert(id.clone(), file.name.clone()) {
            return Err(PlansError::Twice {
                id,
                first,
                second: file.name,
            });
        }
        if plans.default.is_empty() {
            plans.default = id;
        }
        sources.insert(read.revision.as_str().to_owned(), file.source);
        plans.install(Arc::new(read));
    }
    if plans.installed.is_empty() {
        Err(PlansError::None)
    } else {
        Ok(Installed { plans, sources })
    }
}

impl House {
    /// Makes sure that every revision that these events are pinned to can be used.
    pub(super) async fn bring_plans(
        &self,
        events: &[StoredEvent],
    ) -> Result<(), super::room::LoadError> {
        for event in events.iter().filter(|event| event.kind == "declared") {
            let Some(revision) = pinned(&event.body) else {
                continue;
            };
            if self.plans().revision(&revision).is_some() {
                continue;
            }
            let Some(source) = self.ledger.plan(&revision).await? else {
                continue;
            };
            let Ok(read) = plan::parse(&source) else {
                continue;
            };
            let mut plans = self.plans.write().unwrap_or_else(PoisonError::into_inner);
            let mut changed = Plans::clone(&plans);
            changed.pinned.insert(revision, Arc::new(read));
            *plans = Arc::new(changed);
        }
        Ok(())
    }

    /// The text of a revision, to be kept with the first incident that runs under it.
    pub(super) fn source(&self, revision: &str) -> Option<String> {
        let sources = self.sources.read().unwrap_or_else(PoisonError::into_inner);
        sources.get(revision).cloned()
    }
}

fn pinned(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    body.get("plan")?.as_str().map(str::to_owned)
}
