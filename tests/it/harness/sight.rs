//! What everybody sees, as text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use telegram_sandbox::{Entry, MessageId};

use super::people::is_card;
use super::{Harness, brief};

/// Marks that nobody sees, made visible: right-to-left text stands between ⟨ and ⟩, and a ~ keeps a name or word inactive.
pub(super) fn visible(text: &str) -> String {
    text.replace('\u{2068}', "⟨")
        .replace('\u{2069}', "⟩")
        .replace('\u{2060}', "~")
}

pub(super) type Seen = BTreeMap<(i64, MessageId), Entry>;

impl Harness {
    pub(super) fn everything(&self) -> Seen {
        let all = self
            .control
            .chats()
            .into_iter()
            .flat_map(|chat| self.control.transcript(chat));
        all.map(|entry| ((entry.chat, entry.message_id), entry))
            .collect()
    }

    /// What people see now that they did not see before.
    pub(super) fn news(&self, before: &Seen, brief: bool) -> String {
        let mut news = String::new();
        let now = self.everything();
        for (key, entry) in &now {
            if before.get(key) != Some(entry) {
                match before.get(key) {
                    Some(old) if brief && is_edited_card(old, entry) => {
                        let _ = writeln!(news, "{}", brief::changed(old, entry));
                    }
                    old => show(&mut news, entry, old),
                }
            }
        }
        for (key, entry) in before {
            if !now.contains_key(key) {
                let _ = writeln!(
                    news,
                    "(deleted) {}",
                    entry.text.lines().next().unwrap_or_default()
                );
            }
        }
        news
    }
}

fn is_edited_card(old: &Entry, new: &Entry) -> bool {
    let edited = old.text != new.text || old.keyboard != new.keyboard;
    edited && is_card(old) && is_card(new) && old.reactions == new.reactions
}

/// One message as a person sees it: what is new about it.
pub(super) fn show(news: &mut String, entry: &Entry, before: Option<&Entry>) {
    if let Some(text) = &entry.service_text {
        let _ = writeln!(news, "— {text}");
        return;
    }
    let marks = |entry: &Entry| -> Vec<String> {
        entry
            .reactions
            .iter()
            .map(|it| format!("{} {}", it.emoji, it.by_name))
            .collect()
    };
    let same_text =
        before.is_some_and(|old| old.text == entry.text && old.keyboard == entry.keyboard);
    if entry.is_bot && !same_text {
        let head = match (before.is_some(), entry.silent) {
            (true, _) => "✏️",
            (false, true) => "🤖 (silent)",
            (false, false) => "🤖",
        };
        let _ = writeln!(news, "{head} {}", entry.text);
        for row in &entry.keyboard {
            let labels: Vec<_> = row
                .iter()
                .map(|button| format!("[ {} ]", button.text))
                .collect();
            let _ = writeln!(news, "{}", labels.join(" "));
        }
        if let Some(file) = &entry.file {
            let _ = writeln!(news, "📎 {}", file.name);
        }
    }
    let (old, new) = (before.map(marks).unwrap_or_default(), marks(entry));
    if old != new {
        for mark in new.iter().filter(|mark| !old.contains(mark)) {
            let _ = writeln!(news, "({mark})");
        }
    }
}
