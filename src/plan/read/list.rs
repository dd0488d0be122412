//! Steps as they stand in a list: groups, ways back, retries.

use super::steps::{Scope, action};
use super::{Kind, Section, values};
use crate::plan::{Action, FileChange, FileOperation, Step, StepKind};

/// All steps of a procedure or credential, in order.
pub(super) fn steps(entry: &Section<'_>, scope: &Scope, most: usize) -> Vec<Step> {
    let sections = entry.need_sections("step", most);
    // A way back may depend on a step that stands after its own.
    let names: Vec<&str> = sections
        .iter()
        .map(|it| it.get("name").and_then(|name| name.get_ref().as_str()))
        .map(|name| name.unwrap_or_default().trim())
        .collect();
    let mut steps: Vec<Step> = Vec::with_capacity(sections.len());
    for section in &sections {
        let mut step = step(section, scope, &names);
        step.group = group(section, &steps);
        step.needs = needs(section, &step, &steps);
        steps.push(step);
    }
    steps
}

/// The group's name; its steps stand next to each other.
fn group(entry: &Section<'_>, before: &[Step]) -> Option<String> {
    let (name, offset) = entry.text_at("group")?;
    if !values::is_id(&name) {
        entry.book.wrong_hint(
            offset,
            "this cannot be the name of a group",
            "1 to 32 small letters a-z, digits and underscores",
        );
    }
    let used = before.iter().any(|it| it.group.as_ref() == Some(&name));
    let next_to = before.last().and_then(|it| it.group.as_ref()) == Some(&name);
    if used && !next_to {
        entry.book.wrong_hint(
            offset,
            "steps of a group must stand next to each other",
            "move them together, or give the groups different names",
        );
    }
    Some(name)
}

/// The earlier step that must be done first, by its name or number.
fn needs(entry: &Section<'_>, own: &Step, before: &[Step]) -> Option<u32> {
    const HINT: &str = "name a step that stands before this one, or give its number";
    let offset = entry.place("needs");
    let found = if entry.text_is("needs") {
        let (name, _) = entry.text_at("needs")?;
        let found = before.iter().position(|it| it.name == name);
        if found.is_none() {
            let message = format!("no step before this one is called `{name}`");
            entry.book.wrong_hint(offset, message, HINT);
        }
        found?
    } else {
        let number = usize::try_from(entry.number("needs", 1..=40)?).ok()?;
        if number > before.len() {
            let message = format!("step {number} does not stand before this one");
            entry.book.wrong_hint(offset, message, HINT);
            return None;
        }
        number - 1
    };
    if own.group.is_some() && before[found].group == own.group {
        entry.book.wrong_hint(
            offset,
            "steps of a group begin together, so one cannot need another",
            "take one of them out of the group",
        );
    }
    u32::try_from(found + 1).ok()
}

/// The step without which there is nothing to take back, by its name or number: any of the list.
fn only_after(undo: &Section<'_>, names: &[&str]) -> Option<u32> {
    const HINT: &str = "name a step of the same list, or give its number";
    let offset = undo.place("needs");
    let found = if undo.text_is("needs") {
        let (name, _) = undo.text_at("needs")?;
        let found = names.iter().position(|it| *it == name);
        if found.is_none() {
            let message = format!("no step is called `{name}`");
            undo.book.wrong_hint(offset, message, HINT);
        }
        found? + 1
    } else {
        let number = usize::try_from(undo.number("needs", 1..=40)?).ok()?;
        if number > names.len() {
            let message = format!("there is no step {number}");
            undo.book.wrong_hint(offset, message, HINT);
            return None;
        }
        number
    };
    u32::try_from(found).ok()
}

/// How often it is tried again, and after which pause.
fn retries(entry: &Section<'_>, idempotent: bool) -> (u32, u32) {
    let retries = entry.number("retries", 0..=10).unwrap_or(0);
    let wait = entry.seconds("retry_wait", 5);
    if retries > 0 && !idempotent {
        entry.book.wrong_hint(
            entry.place("retries"),
            "a step that is tried again could happen twice",
            "add idempotent = true if that does no harm, or leave `retries` out",
        );
    }
    (u32::try_from(retries).unwrap_or(0), wait)
}

/// How often the state before a file step is put back again by itself, should that fail.
const BACK_AGAIN: u32 = 2;

/// The way back of a file step, where the plan names none: the state before it is kept.
fn way_back(step: &Step) -> Option<Box<Step>> {
    let Action::File(change) = &step.action else {
        return None;
    };
    change.change.is_kept().then(|| {
        Box::new(Step {
            name: step.name.clone(),
            action: Action::File(FileChange {
                change: FileOperation::Restore,
                with: None,
                ..change.clone()
            }),
            idempotent: true,
            timeout_seconds: step.timeout_seconds,
            by_hand: Some(format!("Put {} back as it was before.", change.path)),
            undo: None,
            check: None,
            revert_after: None,
            group: None,
            needs: None,
            retries: BACK_AGAIN,
            retry_wait_seconds: 5,
        })
    })
}

/// The probe that tells whether the step is done. What only looks, waits or tells has nothing to settle.
fn check(entry: &Section<'_>, action: &Action) -> Option<String> {
    let check = entry.refer("check", &[Kind::Probe])?;
    let settles = matches!(
        action.kind(),
        StepKind::Http | StepKind::Command | StepKind::File | StepKind::Sql | StepKind::Service
    );
    if !settles || !action.acts() {
        entry.book.wrong_hint(
            entry.place("check"),
            "this step changes nothing, so there is nothing to settle",
            "`check` names the probe that is green once a change is done; leave it out here",
        );
    }
    Some(check)
}

/// One step. Only those that stand in a list can be in a group.
fn step(entry: &Section<'_>, scope: &Scope, names: &[&str]) -> Step {
    let action = action(entry, scope);
    let undo = entry.section("undo").map(|undo| {
        let mut back = step(&undo, scope, names);
        back.needs = only_after(&undo, names);
        if back.needs.is_some() && entry.has("revert_after") {
            undo.book.wrong_hint(
                undo.place("needs"),
                "what takes itself back after a time does so whatever else happened",
                "leave `needs` out here, or `revert_after`",
            );
        }
        Box::new(back)
    });
    let idempotent = entry.flag("idempotent");
    let (retries, retry_wait_seconds) = retries(entry, idempotent);
    let revert_after = entry.minutes("revert_after");
    let check = check(entry, &action);
    let mut step = Step {
        name: entry.need_short("name", 100),
        action,
        idempotent,
        timeout_seconds: entry.seconds("timeout", 30),
        by_hand: entry.text("by_hand"),
        undo,
        check,
        revert_after,
        group: None,
        needs: None,
        retries,
        retry_wait_seconds,
    };
    if step.undo.is_none() {
        step.undo = way_back(&step);
    }
    if revert_after.is_some() && step.undo.is_none() {
        entry.book.wrong_hint(
            entry.place("revert_after"),
            "nothing says how this step is taken back",
            "add undo = { name = \"…\", kind = \"…\" }",
        );
    }
    // What was there before belongs to one run: the next one would put the state of the one before it back, not the usual one.
    let restores =
        |it: &Step| matches!(&it.action, Action::File(it) if it.change == FileOperation::Restore);
    if revert_after.is_some() && step.undo.as_deref().is_some_and(restores) {
        entry.book.wrong_hint(
            entry.place("revert_after"),
            "what takes itself back needs a way back that is the same whoever ran it before",
            "add undo = { name = \"…\", kind = \"file\", … } with change = \"remove\" or \"write\"",
        );
    }
    step
}
