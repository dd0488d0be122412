//! Secrets are taken out of a message before anything else reads it: what goes on holds only the mark of what was there.

use std::ops::Range;

use super::commands;
use super::incoming::{ChatIn, ChatKind, MessageIn, PersonIn};
use crate::detect::secrets::{Found, redact, scan};
use crate::incident::{Command, LeakIn};

/// What was taken out: kinds, never contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leak {
    names: Vec<String>,
    fits: Vec<String>,
    messages: Vec<i64>,
}

/// Takes the secrets out of a message, and out of the message that it answers. `None`: there is none.
pub fn take_out(message: &mut MessageIn) -> Option<Leak> {
    let mut leak = Leak::default();
    if let Some(text) = &mut message.text {
        let found = scan(text);
        if !found.is_empty() {
            for entity in &mut message.entities {
                entity.range = moved(&entity.range, &found);
            }
            message.entities.retain(|entity| !entity.range.is_empty());
            leak.clean(text, &found, message.message_id);
        }
    }
    if let Some(name) = message.file.as_mut().and_then(|file| file.name.as_mut()) {
        let found = scan(name);
        leak.clean(name, &found, message.message_id);
    }
    // What is answered is kept by commands only; then its secrets are gone before that.
    if message.command().is_some()
        && let Some(reply) = message.reply.as_mut().map(AsMut::as_mut)
    {
        let from_a_person = reply.from.as_ref().is_none_or(|from| !from.is_bot);
        let texts = [
            reply.text.as_mut(),
            reply.file.as_mut().and_then(|file| file.name.as_mut()),
        ];
        for text in texts.into_iter().flatten() {
            let found = scan(text);
            if from_a_person {
                leak.clean(text, &found, reply.message_id);
            } else {
                *text = redact(text, &found);
            }
        }
    }
    leak.some()
}

/// The secrets of a text that is only looked at: an edited message.
pub fn look_at(text: &str, message_id: i64) -> Option<Leak> {
    let mut leak = Leak::default();
    leak.note(&scan(text), message_id);
    leak.some()
}

impl Leak {
    fn clean(&mut self, text: &mut String, found: &[Found], message_id: i64) {
        if !found.is_empty() {
            *text = redact(text, found);
            self.note(found, message_id);
        }
    }

    fn note(&mut self, found: &[Found], message_id: i64) {
        if found.is_empty() {
            return;
        }
        let fits = found.iter().flat_map(|it| it.rule.fits).copied();
        add(&mut self.fits, fits);
        add(&mut self.names, found.iter().map(Found::name));
        if !self.messages.contains(&message_id) {
            self.messages.push(message_id);
        }
    }

    fn some(self) -> Option<Self> {
        (!self.names.is_empty()).then_some(self)
    }

    /// What the house is told.
    pub fn command(self, chat: &ChatIn, author: Option<&PersonIn>) -> Command {
        Command::SecretSeen(LeakIn {
            names: self.names,
            fits: self.fits,
            messages: self.messages,
            author: author.map(commands::person),
            private: chat.kind == ChatKind::Private,
        })
    }
}

fn add<'a>(all: &mut Vec<String>, more: impl Iterator<Item = &'a str>) {
    for word in more {
        if !all.iter().any(|it| it == word) {
            all.push(word.to_owned());
        }
    }
}

/// Where a range lies once the findings are replaced by their marks; empty if it touches one.
fn moved(range: &Range<usize>, found: &[Found]) -> Range<usize> {
    let (mut start, mut end) = (range.start, range.end);
    for it in found {
        if it.range.start < range.end && range.start < it.range.end {
            return 0..0;
        }
        if it.range.end <= range.start {
            let mark = crate::detect::secrets::mark(it.name()).len();
            start = start + mark - it.range.len();
            end = end + mark - it.range.len();
        }
    }
    start..end
}

#[cfg(test)]
mod tests;
