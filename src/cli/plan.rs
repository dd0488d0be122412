//! `breakglass plan check|show`: what a plan file says, and what is wrong with it.

use std::path::Path;

use crate::plan::{self, Plan, Problem};

/// Reports every mistake of a plan file with line and column. Fails if there is one.
pub(super) fn check(file: &Path) -> Result<(), String> {
    let plan = load(file)?;
    println!("{}", praise(file, &plan));
    Ok(())
}

/// Prints what a plan file, or a built-in plan, says.
pub(super) fn show(file: &Path) -> Result<(), String> {
    print!("{}", plan::describe(&load(file)?));
    Ok(())
}

/// The plan of a file; of a built-in plan, if there is no such file.
fn load(file: &Path) -> Result<Plan, String> {
    let source = match std::fs::read_to_string(file) {
        Ok(source) => source,
        Err(error) => match built_in(file) {
            Some(source) => source.to_owned(),
            None => return Err(unreadable(file, &error)),
        },
    };
    plan::parse(&source).map_err(|problems| complaint(file, &problems))
}

fn built_in(name: &Path) -> Option<&'static str> {
    let name = name.to_str()?;
    plan::shipped()
        .into_iter()
        .find(|(id, _)| *id == name)
        .map(|(_, source)| source)
}

fn unreadable(file: &Path, error: &std::io::Error) -> String {
    let known: Vec<&str> = plan::shipped().iter().map(|(id, _)| *id).collect();
    format!(
        "{} cannot be read: {error} (built in are: {})",
        file.display(),
        known.join(", ")
    )
}

fn complaint(file: &Path, problems: &[Problem]) -> String {
    let mut text = match problems.len() {
        1 => format!("{} has 1 mistake", file.display()),
        count => format!("{} has {count} mistakes", file.display()),
    };
    for problem in problems {
        text.push_str("\n  ");
        text.push_str(&problem.to_string());
    }
    text
}

fn praise(file: &Path, plan: &Plan) -> String {
    format!(
        "{} is fine: {}, {} severities, {} phases, {} checklist items, {} playbooks, {} procedures\nrevision {}",
        file.display(),
        plan.info.title,
        plan.severities.len(),
        plan.phases.len(),
        plan.items().count(),
        plan.playbooks.len(),
        plan.procedures.len(),
        plan.revision,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn file(content: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().expect("a temporary file");
        file.write_all(content.as_bytes())
            .expect("it can be written");
        file
    }

    #[test]
    fn every_mistake_is_listed() {
        let file = file("[plan]\nid = \"X y\"\n");
        let text = check(file.path()).expect_err("it is wrong");
        assert!(text.contains("mistakes\n  line 1, column 1: "), "{text}");
        assert!(
            text.contains("line 2, column 6: `X y` cannot be an id (hint: "),
            "{text}"
        );
    }

    #[test]
    fn built_in_plans_go_by_their_name() {
        let plan = load(Path::new("jarvis")).expect("it is built in");
        assert_eq!(plan.info.id, "jarvis");
        assert!(praise(Path::new("jarvis"), &plan).contains("4 severities, 6 phases"));
    }

    #[test]
    fn a_file_that_is_not_there() {
        let text = check(Path::new("no/such/plan.toml")).expect_err("it is not there");
        assert!(
            text.starts_with("no/such/plan.toml cannot be read: "),
            "{text}"
        );
        assert!(text.ends_with("(built in are: tars, jarvis)"), "{text}");
    }
}
