//! The arrows of the house: who may use whom. Read from the sources, so that a forbidden one fails here.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and what it may use of the crate. Edges may use the clock and secrets; pure modules may not.
const ALLOWED: &[(&str, &[&str])] = &[
    ("plan", &[]),
    ("incident", &["plan"]),
    ("detect", &["plan", "incident"]),
    ("messages", &["incident", "plan"]),
    ("report", &["messages", "incident", "plan"]),
    ("store", &[]),
    (
        "actions",
        &["plan", "incident", "secret", "clock", "panics"],
    ),
    ("evidence", &["incident", "plan", "secret", "clock"]),
    ("totp", &["secret", "clock", "store"]),
    ("journal", &["incident"]),
    ("host", &["actions", "clock", "incident", "journal", "plan"]),
    ("web", &["app", "incident", "secret", "clock"]),
    ("clock", &[]),
    ("secret", &[]),
    ("panics", &[]),
    ("config", &["incident", "secret", "evidence", "totp"]),
    (
        "app",
        &[
            "plan", "incident", "messages", "report", "store", "actions", "evidence", "clock",
            "totp", "secret", "panics",
        ],
    ),
    (
        "telegram",
        &[
            "app", "detect", "incident", "messages", "store", "evidence", "clock", "secret",
            "panics",
        ],
    ),
    (
        "run",
        &[
            "app", "actions", "incident", "messages", "plan", "store", "evidence", "telegram",
            "clock", "config", "totp", "host", "journal", "web", "secret", "panics",
        ],
    ),
    (
        "sandbox",
        &[
            "run", "config", "incident", "evidence", "secret", "clock", "totp",
        ],
    ),
    (
        "cli",
        &[
            "run", "sandbox", "config", "plan", "store", "evidence", "clock", "totp", "host",
            "journal", "incident", "actions", "panics",
        ],
    ),
];

/// What the pure part may not even name.
const IMPURE: &[&str] = &[
    "tokio", "sqlx", "reqwest", "axum", "teloxide", "async fn", "Utc::now", "std::fs", "rand::",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the sources are there") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

/// The module that a file of `src` belongs to: its first folder or its own name.
fn module(path: &Path) -> String {
    let first = path
        .components()
        .next()
        .expect("a component")
        .as_os_str()
        .to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules that a source uses: `crate::x…`, and the heads of `crate::{x, y::z}`.
fn used(source: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for part in source.split("crate::").skip(1) {
        let names = match part.strip_prefix('{') {
            Some(list) => list
                .split('}')
                .next()
                .unwrap_or_default()
                .split(',')
                .collect(),
            None => vec![part],
        };
        for name in names {
            let word: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                .collect();
            if !word.is_empty() {
                used.insert(word);
            }
        }
    }
    used
}

#[test]
fn nothing_points_the_wrong_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    for file in &files {
        let inside = file.strip_prefix(&root).expect("below src");
        let from = module(inside);
        if from == "lib" || from == "main" {
            continue;
        }
        let Some(may) = allowed.get(from.as_str()) else {
            wrong.push(format!(
                "{}: {from} is not in the list of modules",
                inside.display()
            ));
            continue;
        };
        let is_test = inside
            .components()
            .any(|it| it.as_os_str() == "tests.rs" || it.as_os_str() == "tests");
        let text = fs::read_to_string(file).expect("readable");
        let text = if is_test { String::new() } else { text };
        for name in used(&text)
            .iter()
            .filter(|name| allowed.contains_key(name.as_str()))
        {
            if *name != from && !may.contains(&name.as_str()) {
                wrong.push(format!("{}: {from} may not use {name}", inside.display()));
            }
        }
        if matches!(
            from.as_str(),
            "plan" | "incident" | "detect" | "messages" | "report"
        ) {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for word in IMPURE.iter().filter(|word| code.contains(**word)) {
                wrong.push(format!(
                    "{}: {from} is pure and may not use {word}",
                    inside.display()
                ));
            }
        }
    }
    crate::harness::figure(&format!("arrows: {} files read", files.len()));
    assert!(files.len() > 50 && wrong.is_empty(), "{}", wrong.join("\n"));
}
