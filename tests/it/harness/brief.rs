//! An edited card by what changed on it: a card is long, and a story that shows it whole each time hides what happened.

use similar::{Algorithm, ChangeTag, DiffOp, capture_diff_slices};
use telegram_sandbox::Entry;

/// The card's first line, then `-` what went and `+` what came, buttons included.
pub(super) fn changed(before: &Entry, after: &Entry) -> String {
    let (old, new) = (lines(before), lines(after));
    let mut said = vec![format!("✏️ {} …", new.first().map_or("", String::as_str))];
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    let changes = ops
        .iter()
        .flat_map(|op: &DiffOp| op.iter_changes(&old, &new));
    for change in changes {
        let mark = match change.tag() {
            ChangeTag::Equal => continue,
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        said.push(format!("{mark} {}", change.value()));
    }
    said.join("\n")
}

fn lines(card: &Entry) -> Vec<String> {
    let rows = card.keyboard.iter().map(|row| {
        let labels = row.iter().map(|button| format!("[ {} ]", button.text));
        labels.collect::<Vec<_>>().join(" ")
    });
    card.text.lines().map(str::to_owned).chain(rows).collect()
}
