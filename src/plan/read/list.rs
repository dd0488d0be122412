//! Steps as they stand in a list: groups, ways back, retries.

use super::steps::{Scope, action};
use super::{Section, values};
use crate::plan::Step;

/// All steps of a procedure or credential, in order.
pub(super) fn steps(entry: &Section<'_>, scope: &Scope, most: usize) -> Vec<Step> {
    let sections = entry.need_sections("step", most);
    let mut steps: Vec<Step> = Vec::with_capacity(sections.len());
    for section in &sections {
        let mut step = step(section, scope);
        step.group = group(section, &steps);
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

/// One step. Only those that stand in a list can be in a group.
fn step(entry: &Section<'_>, scope: &Scope) -> Step {
    let action = action(entry, scope);
    let undo = entry
        .section("undo")
        .map(|undo| Box::new(step(&undo, scope)));
    let idempotent = entry.flag("idempotent");
    let (retries, retry_wait_seconds) = retries(entry, idempotent);
    let revert_after = entry.minutes("revert_after");
    if revert_after.is_some() && undo.is_none() {
        entry.book.wrong_hint(
            entry.place("revert_after"),
            "nothing says how this step is taken back",
            "add undo = { name = \"…\", kind = \"…\" }",
        );
    }
    Step {
        name: entry.need_short("name", 100),
        action,
        idempotent,
        timeout_seconds: entry.seconds("timeout", 30),
        by_hand: entry.text("by_hand"),
        undo,
        revert_after,
        group: None,
        retries,
        retry_wait_seconds,
    }
}
