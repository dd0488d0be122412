//! What `deny.toml` says of the dependencies, looked for in the packages that the lock file brings in.
//! `cargo deny check` knows more (advisories, duplicates); this needs no network and no other program.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--locked", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    read["packages"].as_array().expect("packages").clone()
}

fn rules() -> toml::Table {
    let text = include_str!("../../deny.toml");
    text.parse().expect("deny.toml is TOML")
}

/// Whether one of the alternatives of an SPDX expression is made of allowed licenses only.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    // `/` is an old way to write OR.
    let text = expression.replace('/', " OR ");
    let all = |part: &str| split(part, " AND ").into_iter().all(|it| one(it, allowed));
    split(&text, " OR ").into_iter().any(all)
}

fn one(part: &str, allowed: &BTreeSet<&str>) -> bool {
    let part = part.trim();
    match part.strip_prefix('(').and_then(|it| it.strip_suffix(')')) {
        Some(inner) => is_allowed(inner, allowed),
        None => allowed.contains(part),
    }
}

/// Splits outside of brackets only.
fn split<'t>(text: &'t str, by: &str) -> Vec<&'t str> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0_u32, 0);
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ' ' if depth == 0 && at >= from && text[at..].starts_with(by) => {
                parts.push(&text[from..at]);
                from = at + by.len();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

#[test]
fn every_package_keeps_the_rules_of_deny_toml() {
    let rules = rules();
    let licenses = rules["licenses"]["allow"].as_array().expect("a list");
    let allowed: BTreeSet<&str> = licenses.iter().filter_map(toml::Value::as_str).collect();
    let banned = rules["bans"]["deny"].as_array().expect("a list");
    let banned: BTreeSet<&str> = banned
        .iter()
        .filter_map(|it| it["crate"].as_str())
        .collect();
    assert!(banned.contains("openssl") && banned.contains("aws-lc-rs"));
    let packages = packages();
    assert!(packages.len() > 100, "{}", packages.len());
    let mut against = Vec::new();
    for package in &packages {
        let name = package["name"].as_str().expect("a name");
        if banned.contains(name) {
            against.push(format!("{name} is banned"));
        }
        match package["source"].as_str() {
            None | Some("registry+https://github.com/rust-lang/crates.io-index") => {}
            Some(source) => against.push(format!("{name} comes from {source}")),
        }
        let license = package["license"].as_str().unwrap_or("none");
        if !is_allowed(license, &allowed) {
            against.push(format!("{name} has the license {license}"));
        }
    }
    assert!(against.is_empty(), "{}", against.join("\n"));
}

#[test]
fn a_license_is_allowed_by_one_of_its_alternatives_and_all_of_its_parts() {
    let allowed = BTreeSet::from(["MIT", "Zlib"]);
    for good in [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "(GPL-3.0 OR MIT) AND Zlib",
        "MIT AND Zlib OR GPL-3.0",
    ] {
        assert!(is_allowed(good, &allowed), "{good}");
    }
    for bad in [
        "none",
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "(MIT AND GPL-3.0) OR ISC",
        "MIT-0",
        "",
    ] {
        assert!(!is_allowed(bad, &allowed), "{bad}");
    }
}
