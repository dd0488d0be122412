use std::collections::BTreeSet;

use super::{Filler, Place};
use crate::actions::testing::{Bench, CANARY};
use crate::secret::Secret;
use proptest::prelude::*;

fn fill(bench: &Bench, text: &str, place: Place) -> Result<String, String> {
    let connection = &bench.plan.connections[3];
    let target = bench.targets().find(connection, &BTreeSet::new()).unwrap();
    Filler {
        target: &target,
        values: &bench.values,
        generated: Some(Secret::new("new\"secret")),
    }
    .fill(text, place)
}

#[test]
fn everything_is_put_in() {
    let mut bench = Bench::new();
    bench.param("x", "1 & 2");
    for (text, place, filled) in [
        (
            "${incident.id} ${now} ${since}",
            Place::Text,
            "SEC-2026-007 2026-02-17T14:00:00Z 2026-02-16T14:00:00Z",
        ),
        (
            "Bearer ${secret.T_TOKEN}",
            Place::Header,
            "Bearer canary-5f2a-never-seen",
        ),
        (
            "/a/${param.x}?b=${param.x}",
            Place::Url,
            "/a/1%20%26%202?b=1%20%26%202",
        ),
        (
            "{\"a\":\"${generated}\"}",
            Place::Json,
            "{\"a\":\"new\\\"secret\"}",
        ),
        ("a=${generated}", Place::Form, "a=new%22secret"),
        ("releases/${param.x}", Place::Path, "releases/1 & 2"),
        ("$5 {} $", Place::Text, "$5 {} $"),
    ] {
        assert_eq!(fill(&bench, text, place).as_deref(), Ok(filled));
    }
}

#[test]
fn what_would_be_more_than_data_is_refused() {
    let mut bench = Bench::new();
    bench.param("option", "--output=/etc/passwd");
    bench.param("climb", "../..");
    bench.param("up", "..");
    bench.param("json", "1,\"admin\":true");
    bench.param("line", "a\r\nx-evil: 1");
    for (text, place, why) in [
        ("${param.option}", Place::Argument, "taken for an option"),
        ("${secret.T_TOKEN}", Place::Argument, "would be seen"),
        ("/${secret.T_TOKEN}", Place::Url, "would be seen"),
        ("x/${param.climb}", Place::Path, "no name of a file"),
        ("${param.up}", Place::Path, "no name of a file"),
        ("{\"n\":${param.json}}", Place::Json, "must stand in quotes"),
        ("${param.line}", Place::Header, "cannot stand in a header"),
        ("${param.nothing}", Place::Text, "nothing stands for"),
        ("${secret.PATH}", Place::Text, "nothing stands for"),
        (
            "${secret.TELOXIDE_TOKEN}",
            Place::Text,
            "nothing stands for",
        ),
        ("${env.PATH}", Place::Text, "nothing stands for"),
        ("${param.up", Place::Text, "not closed"),
        ("{\"a\":", Place::Json, "no JSON"),
    ] {
        let said = fill(&bench, text, place).unwrap_err();
        assert!(said.contains(why), "{text}: {said}");
        assert!(!said.contains(CANARY));
    }
}

#[test]
fn what_was_put_in_is_not_read_again() {
    let mut bench = Bench::new();
    bench.param("x", "${secret.T_TOKEN}");
    let filled = fill(&bench, "${param.x}", Place::Text);
    assert_eq!(filled.as_deref(), Ok("${secret.T_TOKEN}"));
}

proptest! {
    /// Whatever a value holds, the JSON around it stays what it was and the value arrives as it is.
    #[test]
    fn json_stays_json(value in any::<String>()) {
        let mut bench = Bench::new();
        bench.param("x", &value);
        let filled = fill(&bench, "{\"a\":\"<${param.x}>\",\"b\":[1,\"\\\"${param.x}\"]}", Place::Json).unwrap();
        let read: serde_json::Value = serde_json::from_str(&filled).unwrap();
        prop_assert_eq!(read, serde_json::json!({"a": format!("<{value}>"), "b": [1, format!("\"{value}")]}));
    }

    /// A value in a path stays one piece of it.
    #[test]
    fn a_path_keeps_its_pieces(value in any::<String>()) {
        let mut bench = Bench::new();
        bench.param("x", &value);
        let filled = fill(&bench, "/a/${param.x}/b", Place::Url).unwrap();
        prop_assert_eq!(filled.matches('/').count(), 3);
        prop_assert!(!filled.contains(['?', '#', '\\', ' ', '&']));
    }
}
