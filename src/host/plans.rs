//! Finds a plan when it is needed at once: a broken neighbour must not be in the way.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::plan::{self, Plan};

/// The plan cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The folder.
    #[error("BREAKGLASS_PLANS: {folder}: {why}")]
    Folder {
        /// Which.
        folder: PathBuf,
        /// Why.
        why: std::io::Error,
    },
    /// No such plan.
    #[error("there is no plan {asked:?}, only: {known}{broken}")]
    Unknown {
        /// What was asked for.
        asked: String,
        /// What there is.
        known: String,
        /// Files that have mistakes.
        broken: String,
    },
}

/// The plan of this id: from the folder, or one of those that are built in.
///
/// # Errors
/// What there is instead, and which files have mistakes.
pub fn find(folder: Option<&Path>, id: &str) -> Result<Arc<Plan>, PlanError> {
    let sources = match folder {
        Some(folder) => read(folder).map_err(|why| PlanError::Folder {
            folder: folder.to_owned(),
            why,
        })?,
        None => plan::shipped()
            .map(|(name, source)| (name.to_owned(), source.to_owned()))
            .to_vec(),
    };
    let (mut known, mut broken) = (Vec::new(), Vec::new());
    for (name, source) in sources {
        match plan::parse(&source) {
            Ok(plan) if plan.info.id == id => return Ok(Arc::new(plan)),
            Ok(plan) => known.push(plan.info.id),
            Err(_) => broken.push(name),
        }
    }
    let broken = if broken.is_empty() {
        String::new()
    } else {
        format!(
            "; with mistakes, see `breakglass plan check`: {}",
            broken.join(", ")
        )
    };
    Err(PlanError::Unknown {
        asked: id.to_owned(),
        known: known.join(", "),
        broken,
    })
}

fn read(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|it| it == "toml") {
            let source = std::fs::read_to_string(&path)?;
            files.push((path.display().to_string(), source));
        }
    }
    files.sort();
    Ok(files)
}
