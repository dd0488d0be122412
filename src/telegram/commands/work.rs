//! The work on an incident, as it is typed.

use super::{Arguments, misused};
use crate::incident::{CancelAs, Choice, Command, IncidentId, ItemRef, StepRef, Whom};

pub(super) fn role(arguments: &mut Arguments<'_>) -> Command {
    let whom = arguments.person().unwrap_or(Whom::Myself);
    Command::Role {
        role: arguments.text(),
        whom,
    }
}

pub(super) fn severity(arguments: &mut Arguments<'_>) -> Command {
    let code = arguments.word();
    let why = Some(arguments.text()).filter(|why| !why.is_empty());
    Command::Severity { code, why }
}

/// `2`, `2 3`, `2,3`, `#2`: running numbers. An error where something else stands.
pub(super) fn items(arguments: &Arguments<'_>) -> Option<Vec<ItemRef>> {
    let words = arguments
        .rest()
        .split([' ', ',', ';', '\n', '\t'])
        .filter(|word| !word.is_empty());
    let items: Option<Vec<ItemRef>> = words.map(item).collect();
    items.filter(|items| !items.is_empty())
}

fn item(word: &str) -> Option<ItemRef> {
    let number = word.trim_start_matches('#').parse().ok();
    // An id without its dashes is no item: the refusal says what was meant.
    let slip = || IncidentId::meant_by(word).map(|_| ItemRef::Id(word.to_owned()));
    number.map(ItemRef::Number).or_else(slip)
}

pub(super) fn untick(arguments: &mut Arguments<'_>) -> Command {
    item(&arguments.word()).map_or_else(misused("untick"), Command::Untick)
}

pub(super) fn skip(arguments: &mut Arguments<'_>) -> Command {
    match item(&arguments.word()) {
        Some(item) => Command::Skip {
            item,
            why: arguments.text(),
        },
        None => misused("skip")(),
    }
}

/// The reason after `force`; empty where the reason is missing, none where nothing is forced. An error where something else stands: a reason without `force`, or a slip.
pub(super) fn forced(arguments: &mut Arguments<'_>) -> Result<Option<String>, ()> {
    match arguments.word().to_lowercase().as_str() {
        "" => Ok(None),
        "force" => Ok(Some(arguments.text())),
        _ => Err(()),
    }
}

/// `/step [run] [step] done|retry|skip|undo`
pub(super) fn step(arguments: &mut Arguments<'_>) -> Command {
    let mut numbers = Vec::new();
    while let Ok(number) = arguments.peek().trim_start_matches('#').parse::<u32>() {
        arguments.word();
        numbers.push(number);
    }
    let choice = Choice::from_word(&arguments.word());
    let (Some(choice), true, true) = (choice, arguments.rest().is_empty(), numbers.len() <= 2)
    else {
        return misused("step")();
    };
    Command::Step {
        run: numbers.first().copied(),
        step: numbers.get(1).map(|number| StepRef {
            number: *number,
            undo: false,
        }),
        choice,
    }
}

pub(super) fn set(arguments: &mut Arguments<'_>) -> Command {
    let field = arguments.word().trim_end_matches([':', '=']).to_owned();
    Command::Set {
        field,
        value: arguments.text(),
    }
}

pub(super) fn todo(arguments: &mut Arguments<'_>) -> Command {
    let first = arguments.peek().to_owned();
    if first.eq_ignore_ascii_case("done") {
        arguments.word();
        let number = arguments.word().trim_start_matches('#').parse();
        return match number {
            Ok(number) if arguments.rest().is_empty() => Command::TodoDone { number },
            _ => misused("todo")(),
        };
    }
    let owner = arguments.mentioned();
    let due = arguments.due();
    match (first.trim_start_matches('#').parse(), owner) {
        // `/todo 3 @bob 2026-12-01` gives an existing one to somebody.
        (Ok(number), Some(owner)) if arguments.rest().trim_start_matches('#') == first => {
            Command::TodoAssign { number, owner, due }
        }
        (_, owner) => Command::Todo {
            text: arguments.text(),
            owner,
            due,
        },
    }
}

pub(super) fn cancel(arguments: &mut Arguments<'_>) -> Command {
    let kind = match arguments.word().to_lowercase().as_str() {
        "false_alarm" | "false-alarm" => {
            arguments.take_incident();
            if arguments.begins_like_an_id() {
                return misused("cancel")();
            }
            CancelAs::FalseAlarm
        }
        "duplicate" => {
            if arguments.peek().eq_ignore_ascii_case("of") {
                arguments.word();
            }
            match arguments.word().parse() {
                Ok(other) => CancelAs::DuplicateOf(other),
                Err(_) => return misused("cancel")(),
            }
        }
        _ => return misused("cancel")(),
    };
    Command::Cancel {
        kind,
        why: arguments.text(),
    }
}
