//! What there is to choose from for a parameter, read from what a collector printed.

use serde_json::{Map, Value};

use super::parameters::check;
use crate::incident::command::{Found, Offer};
use crate::incident::decide::Case;
use crate::incident::decide::draft::Draft;
use crate::incident::effect::Said;
use crate::incident::text::one_line;
use crate::plan::{Parameter, ParameterKind};

/// So many are offered; the newest stand first.
const OFFERED: usize = 10;
/// Characters of what is said about one.
const ABOUT_MAX: usize = 60;
/// Columns of a table that name a thing, where none has the parameter's own name.
const NAMING: [&str; 3] = ["usename", "name", "id"];

/// The collector has answered, or it could not be asked.
pub(in crate::incident::decide) fn found(case: &Case<'_>, found: &Found) -> Draft {
    let plan = case.incident().ok().filter(|_| case.named.is_some());
    let plan = match plan {
        Some(incident) => Some(incident.plan.as_ref()),
        None => case.plan().ok(),
    };
    let procedure = plan.and_then(|plan| plan.procedure(&found.procedure));
    let parameter = procedure.and_then(|it| {
        let mut all = it.parameters.iter();
        all.find(|it| it.name == found.parameter)
    });
    let offers = match (&found.output, parameter) {
        (Ok(output), Some(parameter)) => Ok(offers(parameter, output)),
        (Err(why), _) => Err(one_line(why, 200)),
        (Ok(_), None) => Ok(Vec::new()),
    };
    case.answer(Said::Choices {
        incident: case.named,
        procedure: found.procedure.clone(),
        parameter: found.parameter.clone(),
        given: found.given.clone(),
        offers,
    })
}

/// Every value in what was printed that the parameter's declaration allows. Whatever is chosen is checked by it again.
fn offers(parameter: &Parameter, output: &str) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for line in output.lines() {
        let offer = match serde_json::from_str::<Value>(line) {
            Ok(Value::Object(row)) => of_row(parameter, &row),
            _ => of_line(parameter.kind, line),
        };
        let Some(offer) = offer else { continue };
        if offers.iter().all(|it| it.value != offer.value) {
            offers.push(offer);
        }
    }
    // A listing of files has no order: the newest name comes first, as names begin with their day.
    if parameter.kind == ParameterKind::Backup {
        offers.sort_by(|a, b| (&b.about, &b.value).cmp(&(&a.about, &a.value)));
    }
    offers.truncate(OFFERED);
    offers
}

/// `1a2b3c4 Release`, or `2026-02-16 14:00 20480 dev.db`.
fn of_line(kind: ParameterKind, line: &str) -> Option<Offer> {
    let mut words = line.split_whitespace();
    let last = kind == ParameterKind::Backup;
    let word = if last {
        words.next_back()
    } else {
        words.next()
    }?;
    let rest: Vec<&str> = words.collect();
    // A file name with blanks in it would be taken for its last word: before a name stand day, time and size only.
    let figure = |word: &&str| word.starts_with(|letter: char| letter.is_ascii_digit());
    if last && !rest.iter().all(figure) {
        return None;
    }
    Some(Offer {
        value: check(kind, word)?,
        about: one_line(&rest.join(" "), ABOUT_MAX),
    })
}

fn of_row(parameter: &Parameter, row: &Map<String, Value>) -> Option<Offer> {
    let mut names = std::iter::once(parameter.name.as_str()).chain(NAMING);
    let (key, value) = names.find_map(|name| Some((name, row.get(name)?)))?;
    let others = row
        .iter()
        .filter(|(name, value)| name.as_str() != key && !value.is_null())
        .map(|(name, value)| format!("{name} {}", shown(value)));
    Some(Offer {
        value: check(parameter.kind, &shown(value))?,
        about: one_line(&others.collect::<Vec<_>>().join(", "), ABOUT_MAX),
    })
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, kind: ParameterKind) -> Parameter {
        Parameter {
            name: name.to_owned(),
            label: String::new(),
            kind,
            required: true,
            choices: None,
            example: None,
        }
    }

    fn read(name: &str, kind: ParameterKind, output: &str) -> Vec<String> {
        let offers = offers(&parameter(name, kind), output);
        let shown = |it: &Offer| format!("{} | {}", it.value, it.about);
        offers.iter().map(shown).collect()
    }

    #[test]
    fn only_what_the_declaration_allows_is_offered() {
        let log = "1a2b3c4 Release\n9f8e7d6 <b>Fix</b>\nHEAD main\n--exec=sh x\n1a2b3c4 again\n";
        assert_eq!(
            read("commit", ParameterKind::Commit, log),
            ["1a2b3c4 | Release", "9f8e7d6 | <b>Fix</b>"]
        );
        let files = "2026-02-15 10:00 5 a.db\n2026-02-16 09:00 7 b.db\n2026-02-17 09:00 7 ../c.db\n2026-02-17 09:00 7 a d.db\n";
        assert_eq!(
            read("backup", ParameterKind::Backup, files),
            ["b.db | 2026-02-16 09:00 7", "a.db | 2026-02-15 10:00 5"]
        );
    }

    #[test]
    fn a_row_is_named_by_its_column() {
        let rows =
            "{\"key_hash\":\"a1\",\"owner\":\"bob\",\"revoked\":0}\n{\"key_hash\":\"a b\"}\n{}\n";
        assert_eq!(
            read("key_hash", ParameterKind::Name, rows),
            ["a1 | owner bob, revoked 0"]
        );
        let rows =
            "{\"pid\":1,\"usename\":\"app\",\"state\":null}\n{\"pid\":2,\"usename\":\"app\"}\n";
        assert_eq!(read("role", ParameterKind::Name, rows), ["app | pid 1"]);
    }

    #[test]
    fn ten_are_enough() {
        let many: Vec<String> = (0..40).map(|it| format!("{it:07x} x")).collect();
        let many = many.join("\n");
        assert_eq!(read("commit", ParameterKind::Commit, &many).len(), 10);
    }
}
