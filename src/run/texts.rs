//! The texts that people see: those that are built in, changed and extended by a folder.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use super::StartError;
use crate::incident::StepFact;
use crate::messages::{Languages, step_said};

/// The languages, with what lies in `folder` as `<language>/<name>.ftl` (documents: `.j2`).
///
/// # Errors
/// One line that names the file, and the line in it where that is known.
pub(super) fn languages(folder: Option<&Path>) -> Result<Languages, StartError> {
    let Some(folder) = folder else {
        return Languages::embedded(Vec::new())
            .map_err(|error| StartError::Texts(error.to_string()));
    };
    let named = folder.display();
    let overrides = read(folder).map_err(|why| StartError::Messages(format!("{named}{why}")))?;
    Languages::embedded(overrides).map_err(|problem| {
        let (language, file) = (problem.language, problem.file);
        StartError::Messages(format!("{named}/{language}/{file}: {}", problem.message))
    })
}

/// What came of a step in plain English, for the log, manifests and the host's terminal: no chat and no folder is asked
/// for its language there.
pub fn plainly(fact: Option<&StepFact>, beside: &str) -> String {
    static ENGLISH: LazyLock<Option<Languages>> = LazyLock::new(|| languages(None).ok());
    match &*ENGLISH {
        Some(languages) => step_said(languages.phrases("en"), fact, beside),
        None => beside.to_owned(),
    }
}

type Files = Vec<(String, String, String)>;

/// Language, file name and text of each; the error begins with where it is, seen from the folder.
fn read(folder: &Path) -> Result<Files, String> {
    let mut files = Files::new();
    for (language, path) in entries(folder).map_err(|why| format!(": {why}"))? {
        if !path.is_dir() {
            if is_text(&language) {
                return Err(format!(
                    "/{language}: texts lie in a folder of their language, such as en/{language}"
                ));
            }
            continue;
        }
        let inside = entries(&path).map_err(|why| format!("/{language}: {why}"))?;
        for (file, path) in inside.into_iter().filter(|(file, _)| is_text(file)) {
            let text =
                fs::read_to_string(&path).map_err(|why| format!("/{language}/{file}: {why}"))?;
            files.push((language.clone(), file, text));
        }
    }
    if files.is_empty() {
        return Err(": it holds no texts, such as en/short.ftl".to_owned());
    }
    Ok(files)
}

/// What lies in a folder, by name. Hidden things are none of ours.
fn entries(folder: &Path) -> Result<Vec<(String, std::path::PathBuf)>, std::io::Error> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            found.push((name, entry.path()));
        }
    }
    found.sort();
    Ok(found)
}

fn is_text(name: &str) -> bool {
    let kind = Path::new(name).extension();
    kind.is_some_and(|it| it == "ftl" || it == "j2")
}
