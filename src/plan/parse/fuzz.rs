//! Broken files never panic, and every problem points inside the file.

use super::parse;
use super::tests::MINIMAL;
use crate::plan::{Problem, shipped};
use proptest::prelude::*;

/// One act of vandalism.
#[derive(Clone, Debug)]
enum Damage {
    Cut { at: usize, length: usize },
    Repeat { at: usize, length: usize },
    Insert { at: usize, text: String },
    End { at: usize },
    SwapLines { first: usize, second: usize },
}

fn damage() -> impl Strategy<Value = Damage> {
    let pieces = prop::sample::select(vec![
        "\"",
        "'",
        "[",
        "]",
        "[[",
        "]]",
        "=",
        "{",
        "}",
        "\n",
        "\"\"\"",
        "#",
        ",",
        "${",
        "$1",
        "\\",
        "\u{202e}",
        "é🔴",
        "\r",
        "0",
        "-1",
        "1e999",
        "true",
        "nan",
        "99999999999999999999",
        "2027-13-45",
        "\u{0}",
        ".",
        "[phase]",
    ]);
    prop_oneof![
        (any::<usize>(), 0..200_usize).prop_map(|(at, length)| Damage::Cut { at, length }),
        (any::<usize>(), 0..200_usize).prop_map(|(at, length)| Damage::Repeat { at, length }),
        (any::<usize>(), pieces).prop_map(|(at, text)| Damage::Insert {
            at,
            text: text.to_owned()
        }),
        (any::<usize>(), ".{0,8}").prop_map(|(at, text)| Damage::Insert { at, text }),
        any::<usize>().prop_map(|at| Damage::End { at }),
        (any::<usize>(), any::<usize>())
            .prop_map(|(first, second)| Damage::SwapLines { first, second }),
    ]
}

fn place(source: &str, at: usize) -> usize {
    let mut place = at % (source.len() + 1);
    while !source.is_char_boundary(place) {
        place -= 1;
    }
    place
}

fn apply(mut source: String, damage: Damage) -> String {
    match damage {
        Damage::Cut { at, length } => {
            let from = place(&source, at);
            let to = place(&source, (from + length).min(source.len()));
            source.replace_range(from..to.max(from), "");
        }
        Damage::Repeat { at, length } => {
            let from = place(&source, at);
            let to = place(&source, (from + length).min(source.len())).max(from);
            let piece = source[from..to].to_owned();
            source.insert_str(to, &piece);
        }
        Damage::Insert { at, text } => source.insert_str(place(&source, at), &text),
        Damage::End { at } => source.truncate(place(&source, at)),
        Damage::SwapLines { first, second } => {
            let mut lines: Vec<&str> = source.lines().collect();
            if !lines.is_empty() {
                let count = lines.len();
                lines.swap(first % count, second % count);
            }
            source = lines.join("\n");
        }
    }
    source
}

fn points_inside(source: &str, problem: &Problem) -> bool {
    // A line may end at the very end of the file.
    let Some(line) = source.split('\n').nth(problem.line.wrapping_sub(1)) else {
        return false;
    };
    (1..=line.chars().count() + 1).contains(&problem.column) && !problem.message.is_empty()
}

fn check(source: &str) -> Result<(), TestCaseError> {
    if let Err(problems) = parse(source) {
        prop_assert!(!problems.is_empty());
        for problem in &problems {
            prop_assert!(
                points_inside(source, problem),
                "{problem} is outside of\n{source}"
            );
        }
        let mut sorted = problems.clone();
        sorted.sort();
        prop_assert_eq!(sorted, problems);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_small_plan(damages in prop::collection::vec(damage(), 1..6)) {
        check(&damages.into_iter().fold(MINIMAL.to_owned(), apply))?;
    }

    #[test]
    fn any_text(text in "(?s).{0,300}") {
        check(&text)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_shipped_plan(which in 0..2_usize, damages in prop::collection::vec(damage(), 1..8)) {
        check(&damages.into_iter().fold(shipped()[which].1.to_owned(), apply))?;
    }
}
