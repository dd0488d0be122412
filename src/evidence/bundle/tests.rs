use std::fs;

use super::*;
use crate::incident::{Person, UserId};
use crate::plan;

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_771_336_800 + second, 0).unwrap()
}

fn tars() -> plan::Plan {
    let (_, source) = plan::shipped()
        .into_iter()
        .find(|(name, _)| name.contains("tars"))
        .unwrap();
    plan::parse(source).unwrap()
}

fn good<'a>(kept: &'a [u8], whole: &'a str) -> Brought<'a> {
    Brought {
        ended: Ended::Succeeded,
        code: Some(0),
        summary: "done",
        kept,
        total: kept.len() as u64,
        sha256_of_all: Some(whole),
    }
}

#[test]
fn a_manifest_tells_all_and_what_failed_too() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(&folder.path().join("evidence")).unwrap();
    let plan = tars();
    let collector = |id: &str| plan.collectors.iter().find(|it| it.id == id).unwrap();
    let by = By::Person(Person {
        id: UserId(7),
        name: "Ann".into(),
        username: None,
    });
    let id = IncidentId::security(2026, 7);
    let mut gathering = Gathering::begin(vault.clone(), id, 3, "revision", by, at(0));
    let whole = "f".repeat(64);
    gathering.add(collector("sessions"), at(1), at(2), &good(b"[]", &whole));
    let cut = Brought {
        total: 100_000_000,
        ..good(b"the beginning", &whole)
    };
    gathering.add(collector("app_log"), at(1), at(3), &cut);
    let failed = Brought {
        ended: Ended::Failed,
        code: Some(1),
        summary: "web.log: permission denied",
        kept: b"",
        total: 0,
        sha256_of_all: None,
    };
    gathering.add(collector("web_log"), at(1), at(4), &failed);
    let by_hand = Brought {
        ended: Ended::ByHand,
        summary: "dump the database by hand",
        ..failed
    };
    gathering.add(collector("db_dump"), at(1), at(1), &by_hand);
    let entry = gathering.leave_out(collector("access_log"), at(4), "the bot was ended");
    assert_eq!(entry.error.as_deref(), Some("the bot was ended"));
    let bundle = gathering.finish(at(5)).unwrap();

    assert_eq!((bundle.manifest.succeeded, bundle.manifest.failed), (2, 3));
    let workspace = vault.workspace(id).unwrap();
    let text = fs::read_to_string(workspace.join(&bundle.file)).unwrap();
    assert_eq!(
        super::super::vault::sha256(text.as_bytes()),
        bundle.stored.sha256
    );
    let read: serde_json::Value = serde_json::from_str(&text).unwrap();
    let ids: Vec<&str> = read["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["collector"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        ["access_log", "app_log", "db_dump", "sessions", "web_log"]
    );
    let entry = |id: &str| {
        let all = read["entries"].as_array().unwrap().iter();
        all.clone()
            .find(|it| it["collector"] == id)
            .unwrap()
            .clone()
    };
    let log = entry("app_log");
    assert_eq!(log["truncated"], true);
    assert_eq!(log["size"], 13);
    assert_eq!(log["size_of_all"], 100_000_000);
    assert_eq!(log["sha256_of_all"], whole);
    assert_eq!(log["sha256"], super::super::vault::sha256(b"the beginning"));
    assert_eq!(entry("web_log")["error"], "web.log: permission denied");
    assert_eq!(entry("web_log")["code"], 1);
    assert!(entry("web_log")["sha256"].is_null());
    assert_eq!(entry("db_dump")["ended"], "by_hand");
    assert_eq!(entry("access_log")["ended"], "not_tried");
    assert!(entry("access_log")["request"].is_object());
    // The request stands there as in the plan, secrets by name.
    assert!(entry("sessions")["request"]["statement"].is_string());
    for line in ["app_log", "sessions"] {
        let file = entry(line)["file"].as_str().unwrap().to_owned();
        let content = fs::read(workspace.join(file)).unwrap();
        assert_eq!(entry(line)["sha256"], super::super::vault::sha256(&content));
    }
}

#[test]
fn an_output_that_cannot_be_stored_is_an_entry_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::open(&folder.path().join("evidence")).unwrap();
    let plan = tars();
    let id = IncidentId::security(2026, 7);
    // A file stands where the incident's folder belongs.
    fs::write(vault.root().join(id.to_string()), "x").unwrap();
    let mut gathering = Gathering::begin(vault, id, 1, "r", By::Bot, at(0));
    let whole = "f".repeat(64);
    let entry = gathering.add(&plan.collectors[0], at(1), at(2), &good(b"x", &whole));
    let error = entry.error.clone().unwrap();
    assert!(
        error.contains("could not be stored") && error.contains("a file is in the way"),
        "{error}"
    );
}
