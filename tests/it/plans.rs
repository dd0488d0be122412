//! The shipped plans carry everything that the two source documents ask for.
//!
//! The committed inventory (`plan_inventory.toml`) says what and where. Where the documents
//! themselves are at hand, in a folder `shared/plans` beside the repository, every line of them is
//! held against the inventory too.

use std::collections::BTreeMap;
use std::path::PathBuf;

use breakglass::plan::{parse, shipped};
use serde_json::Value;

/// How the line begins, the path into the plan, what must stand there.
type Entry = (String, String, String);

fn inventory() -> BTreeMap<String, Vec<Entry>> {
    toml::from_str(include_str!("plan_inventory.toml")).expect("the inventory is TOML")
}

/// The loaded plans as JSON values by id.
fn plans() -> BTreeMap<&'static str, Value> {
    let load = |(id, source)| {
        let plan = parse(source).expect("a shipped plan is without a mistake");
        (
            id,
            serde_json::to_value(plan).expect("a plan is plain data"),
        )
    };
    shipped().into_iter().map(load).collect()
}

/// Follows a path: keys, positions, or what an entry of a list is called.
fn find<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    // Titles may hold a slash, so the longest segment that fits wins.
    if path.is_empty() {
        return Some(value);
    }
    let ends = path
        .match_indices('/')
        .map(|(end, _)| end)
        .chain([path.len()]);
    let ends: Vec<usize> = ends.collect();
    ends.into_iter().rev().find_map(|end| {
        let below = child(value, &path[..end])?;
        find(below, path.get(end + 1..).unwrap_or_default())
    })
}

fn child<'v>(value: &'v Value, segment: &str) -> Option<&'v Value> {
    match value {
        Value::Object(fields) => fields.get(segment),
        Value::Array(list) => {
            let called = |entry: &&Value| {
                ["id", "code", "title", "label", "metric", "name"]
                    .iter()
                    .any(|key| entry.get(key).and_then(Value::as_str) == Some(segment))
            };
            list.iter()
                .find(called)
                .or_else(|| list.get(segment.parse::<usize>().ok()?))
        }
        _ => None,
    }
}

/// What is wrong with an entry, if anything.
fn missing(plan: &Value, (line, path, needle): &Entry) -> Option<String> {
    let Some(found) = find(plan, path) else {
        return Some(format!("{line}: there is no {path}"));
    };
    let text = match found {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let holds = text.to_lowercase().contains(&needle.to_lowercase());
    (!holds).then(|| format!("{line}: {path} does not say {needle:?} but {text}"))
}

#[test]
fn nothing_of_the_documents_is_dropped() {
    let (plans, inventory) = (plans(), inventory());
    let mut wrong = Vec::new();
    let mut counts = Vec::new();
    for (list, entries) in &inventory {
        assert!(!entries.is_empty(), "{list} is empty");
        counts.push(format!("{list} {}", entries.len()));
        for entry in entries {
            let (plan, entry) = if list == "missed" {
                let (plan, path) = entry
                    .1
                    .split_once('/')
                    .expect("a path begins with the plan");
                (plan, (entry.0.clone(), path.to_owned(), entry.2.clone()))
            } else {
                (list.trim_end_matches("_more"), entry.clone())
            };
            wrong.extend(missing(&plans[plan], &entry).map(|text| format!("{plan}: {text}")));
        }
    }
    crate::harness::figure(&format!("inventory entries: {}", counts.join(", ")));
    assert!(
        wrong.is_empty(),
        "{} entries fail:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_inventory_notices_what_is_dropped() {
    let entries = inventory();
    let mut plan = plans().remove("tars").expect("it is shipped");
    let playbooks = plan["playbooks"].as_array_mut().expect("a list");
    playbooks.retain(|playbook| playbook["id"] != "ddos");
    let wrong: Vec<String> = entries["tars"]
        .iter()
        .filter_map(|entry| missing(&plan, entry))
        .collect();
    assert!(wrong.len() >= 5, "only {wrong:?}");
    assert!(wrong.iter().all(|text| text.contains("ddos")), "{wrong:?}");
}

/// The lines of a document that ask for something, without their markup.
fn lines(document: &str) -> Vec<String> {
    document.lines().map(str::trim).filter_map(asking).collect()
}

fn asking(line: &str) -> Option<String> {
    let digits = line.len()
        - line
            .trim_start_matches(|letter: char| letter.is_ascii_digit())
            .len();
    let hashes = line.len() - line.trim_start_matches('#').len();
    let rest = if (1..=6).contains(&hashes) {
        line[hashes..].strip_prefix(' ')?
    } else if let Some(rest) = line.strip_prefix("- ") {
        rest
    } else if digits > 0 {
        line[digits..].strip_prefix(". ")?
    } else if let Some(rest) = line.strip_prefix('|') {
        // The rule below a table's head asks for nothing.
        if line.chars().all(|letter| "|-: ".contains(letter)) {
            return None;
        }
        rest
    } else {
        return None;
    };
    Some(rest.replace("**", "").replace("[ ] ", "").trim().to_owned())
}

/// The documents, if they are at hand.
fn document(name: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/plans");
    let found = std::fs::read_to_string(folder.join(name)).ok();
    if found.is_none() {
        crate::harness::figure(&format!(
            "SKIPPED: {name} is not in {}, so only the inventory was checked",
            folder.display()
        ));
    }
    found
}

#[test]
fn every_line_of_the_documents_is_in_the_inventory() {
    let inventory = inventory();
    for plan in ["tars", "jarvis"] {
        let Some(text) = document(&format!("{plan}-incident-response-plan.md")) else {
            continue;
        };
        let (lines, entries) = (lines(&text), &inventory[plan]);
        // In step: a line without an entry, or an entry without a line, shows at its place.
        for (index, line) in lines.iter().enumerate() {
            let entry = entries
                .get(index)
                .unwrap_or_else(|| panic!("{plan}: no entry for {line:?}"));
            assert!(
                line.contains(&entry.0),
                "{plan}: entry {index} is about {:?}, the document's line is {line:?}",
                entry.0
            );
        }
        assert_eq!(lines.len(), entries.len(), "{plan}: entries without a line");
        crate::harness::figure(&format!(
            "{plan}: {} lines of the document, each with its entry",
            lines.len()
        ));
    }
}

#[test]
fn every_small_item_is_in_the_inventory() {
    let Some(text) = document("easily-missed.md") else {
        return;
    };
    let entries = &inventory()["missed"];
    let items: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("- "))
        .collect();
    for item in &items {
        assert!(
            entries.iter().any(|entry| item.starts_with(&entry.0)),
            "no entry for {item:?}"
        );
    }
    crate::harness::figure(&format!(
        "easily missed: {} items, {} places",
        items.len(),
        entries.len()
    ));
}

/// What a step says, with its way back.
fn steps_of(plan: &Value, list: &str) -> Vec<(String, Vec<Value>)> {
    let entries = plan[list].as_array().expect("a list");
    let named = |it: &Value| it["id"].as_str().expect("an id").to_owned();
    let steps = |it: &Value| it["steps"].as_array().expect("steps").clone();
    entries.iter().map(|it| (named(it), steps(it))).collect()
}

#[test]
fn a_secret_that_a_person_carries_lies_in_a_file_that_goes_again() {
    let mut carried = 0;
    for (id, plan) in plans() {
        for (credential, steps) in steps_of(&plan, "credentials") {
            let made = steps
                .iter()
                .any(|it| it.to_string().contains("${generated}"));
            for (index, step) in steps.iter().enumerate() {
                if !made || step["action"]["kind"] != "manual" {
                    continue;
                }
                let text = step["action"]["text"].as_str().expect("a text");
                let laid = steps[..index].iter().find(|it| {
                    it["action"]["change"] == "write" && it["action"]["with"] == "${generated}"
                });
                let laid = laid.unwrap_or_else(|| panic!("{id} {credential}: where is it? {text}"));
                let path = laid["action"]["path"].as_str().expect("a path");
                assert!(text.contains(path), "{id} {credential}: {text}");
                let then: Vec<&str> = steps[index..]
                    .iter()
                    .filter(|it| it["action"]["path"] == path)
                    .filter_map(|it| it["action"]["change"].as_str())
                    .collect();
                assert_eq!(then, ["remove", "absent"], "{id} {credential}");
                carried += 1;
            }
        }
    }
    assert!(carried >= 1);
}

#[test]
fn a_database_password_is_tried_before_a_rotation_counts() {
    for (id, plan) in plans() {
        let rotations = steps_of(&plan, "credentials");
        let (_, steps) = rotations
            .iter()
            .find(|it| it.0 == "database_password")
            .expect("one");
        let set = steps
            .iter()
            .position(|it| it.to_string().contains("ALTER ROLE"));
        let tried = steps
            .iter()
            .position(|it| it["action"]["sign_in"]["password"] == "${generated}");
        assert!(set.is_some() && set < tried, "{id}: {set:?} {tried:?}");
    }
}

/// Whether a step of a rotation ends what the old secret opens, while the new one is another thing beside it.
fn ends_the_old_one(step: &Value) -> bool {
    let name = step["name"].as_str().expect("a name").to_lowercase();
    let ends = ["disable", "revoke", "delete", "remove"];
    let told = ends.iter().any(|it| name.contains(it)) && name.contains(" old ");
    let sent = step["action"].to_string().to_lowercase();
    told || sent.contains("inactive") || sent.contains("\"method\":\"delete\"")
}

#[test]
fn an_old_key_is_only_ended_once_the_new_one_is_there_and_works() {
    let mut ended = Vec::new();
    for (id, plan) in plans() {
        for (credential, steps) in steps_of(&plan, "credentials") {
            let name = |it: &Value| it["name"].as_str().expect("a name").to_owned();
            let needed = |it: &Value| {
                let number = it["needs"].as_u64().and_then(|it| usize::try_from(it).ok());
                number.map(|it| steps[it - 1].clone())
            };
            for step in steps.iter().filter(|it| ends_the_old_one(it)) {
                let chain: Vec<String> = std::iter::successors(Some(step.clone()), needed)
                    .map(|it| name(&it))
                    .collect();
                ended.push(format!("{id} {credential}: {}", chain.join(" < ")));
            }
        }
    }
    assert_eq!(
        ended,
        [
            "tars n8n_api_key: See that the new key works, revoke the old one < Create a new key",
            "tars anthropic_api_key: Disable the old key < See that the new key works < Create a new key",
        ]
    );
}

#[test]
fn an_old_key_goes_after_the_new_one_works() {
    let tars = &plans()["tars"];
    for credential in ["anthropic_api_key", "n8n_api_key"] {
        let rotations = steps_of(tars, "credentials");
        let (_, steps) = rotations.iter().find(|it| it.0 == credential).expect("one");
        let first = |word: &str| {
            let holds = |it: &Value| {
                let name = it["name"].as_str().expect("a name");
                name.to_lowercase().contains(word)
            };
            steps.iter().position(holds).unwrap_or(usize::MAX)
        };
        let old = first("old key").min(first("old one"));
        let (new, works) = (first("create a new key"), first("works"));
        assert!(
            new < works && works <= old,
            "{credential}: {new} {works} {old}"
        );
    }
}

#[test]
fn botfather_is_told_in_exact_words() {
    for (plan, credential) in [("tars", "bot_token"), ("jarvis", "bot_tokens")] {
        let steps = &plans()[plan]["credentials"];
        let steps = find(steps, credential).expect("it is there")["steps"].to_string();
        for word in ["@BotFather", "/revoke", "new token", "not into a chat"] {
            assert!(steps.contains(word), "{plan} lacks {word}");
        }
    }
}

#[test]
fn checks_after_a_start_are_tried_again_and_stops_go_together() {
    for (id, plan) in plans() {
        let procedures = steps_of(&plan, "procedures");
        let mut grouped = 0;
        for (procedure, steps) in &procedures {
            let mut started = false;
            for step in steps {
                let action = &step["action"];
                let starts = action["change"] == "start" || action["change"] == "restart";
                grouped += u32::from(!step["group"].is_null());
                let checks = action["kind"] == "probe" && action["probe"] != "counts_users";
                let again = step["retries"].as_u64().expect("a number");
                assert!(
                    !(started && checks) || again > 0,
                    "{id} {procedure}: {} may come too early",
                    step["name"]
                );
                started |= starts;
            }
        }
        assert!(grouped >= 4, "{id}: {grouped}");
    }
}
