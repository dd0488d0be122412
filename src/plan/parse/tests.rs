use super::parse;
use crate::plan::shipped;

/// All problems of a text, one per line.
fn problems(source: &str) -> String {
    let Err(problems) = parse(source) else {
        return "no problem".to_owned();
    };
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

#[test]
fn shipped_plans_are_without_a_mistake() {
    for (id, source) in shipped() {
        assert_eq!(problems(source), "no problem", "{id}");
    }
}
