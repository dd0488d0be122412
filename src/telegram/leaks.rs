//! Secrets are taken out of a message before anything else reads it: what goes on holds only the mark of what was there.

use std::collections::HashSet;
use std::ops::Range;

use super::commands;
use super::incoming::{ChatIn, ChatKind, FileIn as FileSent, FileKind, MessageIn, PersonIn, What};
use crate::app::Wanted;
use crate::detect::secrets::{Found, redact, scan};
use crate::incident::{Command, FileIn, LeakIn, Origin, Request, SecretIn};

/// What was taken out: kinds, never contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leak {
    found: Vec<SecretIn>,
    messages: Vec<i64>,
    message_id: Option<i64>,
    thread_id: Option<i64>,
}

/// Takes the secrets out of a message, and out of the message that it answers. `None`: there is none.
pub fn take_out(message: &mut MessageIn) -> Option<Leak> {
    let mut leak = Leak::at(message.message_id, message.thread_id);
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

/// The secrets of a message as it was edited: it is only looked at.
pub fn in_edit(what: &What) -> Option<Leak> {
    let What::Edited {
        message_id,
        thread_id,
        text: Some(text),
        ..
    } = what
    else {
        return None;
    };
    let mut leak = Leak::at(*message_id, *thread_id);
    leak.note(text, &scan(text), *message_id);
    leak.some()
}

/// Larger files are not looked into.
pub const TEXT_MAX: usize = 256 * 1024;

/// Endings of files that people paste secrets in.
const TEXTS: [&str; 30] = [
    "cfg",
    "conf",
    "config",
    "csv",
    "env",
    "go",
    "ini",
    "js",
    "json",
    "key",
    "log",
    "md",
    "pem",
    "php",
    "properties",
    "ps1",
    "py",
    "rb",
    "rs",
    "sh",
    "sql",
    "tf",
    "tfvars",
    "toml",
    "ts",
    "txt",
    "xml",
    "yaml",
    "yml",
    "bak",
];

/// Whether a file that was sent is worth looking into: a small text.
fn is_small_text(file: &FileSent) -> bool {
    let small = file
        .size
        .and_then(|it| usize::try_from(it).ok())
        .is_some_and(|it| it <= TEXT_MAX);
    let mime = file.mime.as_deref().unwrap_or_default();
    let name = file.name.as_deref().unwrap_or_default().to_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let known = TEXTS.contains(&ending) || name.starts_with(".env");
    let text = mime.starts_with("text/") || mime == "application/json";
    small && file.kind == FileKind::Document && (known || text)
}

/// The file of a message, if it is worth looking into.
pub fn to_look_into(message: &MessageIn) -> Option<FileIn> {
    let file = message.file.as_ref().filter(|it| is_small_text(it))?;
    Some(FileIn {
        file_id: file.file_id.clone(),
        message_id: message.message_id,
        thread_id: message.thread_id,
        author: message.from.as_ref().map(commands::person),
        private: message.chat.kind == ChatKind::Private,
    })
}

/// The secrets of a file's text, as a leak of the message that it came with.
pub fn in_file(text: &str, file: &FileIn, evidence: Option<u32>) -> Option<Request> {
    let mut leak = Leak::at(file.message_id, file.thread_id);
    leak.note(text, &scan(text), file.message_id);
    let leak = leak.some()?;
    Some(Request {
        command: Command::SecretSeen(LeakIn {
            found: leak.found,
            messages: leak.messages,
            author: file.author.clone(),
            private: file.private,
            evidence,
        }),
        incident: None,
        origin: Origin {
            message_id: Some(file.message_id),
            thread_id: file.thread_id,
            ..Origin::default()
        },
    })
}

impl Leak {
    fn at(message_id: i64, thread_id: Option<i64>) -> Self {
        Self {
            message_id: Some(message_id),
            thread_id,
            ..Self::default()
        }
    }

    fn clean(&mut self, text: &mut String, found: &[Found], message_id: i64) {
        self.note(text, found, message_id);
        if !found.is_empty() {
            *text = redact(text, found);
        }
    }

    fn note(&mut self, text: &str, found: &[Found], message_id: i64) {
        if found.is_empty() {
            return;
        }
        let mut values = HashSet::new();
        for it in found {
            let new = values.insert(text.get(it.range.clone()));
            self.add(it.name(), it.fits(text), u32::from(new));
        }
        if !self.messages.contains(&message_id) {
            self.messages.push(message_id);
        }
    }

    fn add(&mut self, name: &str, fits: Vec<String>, count: u32) {
        let alike = |it: &&mut SecretIn| it.name == name && it.fits == fits;
        match self.found.iter_mut().find(alike) {
            Some(it) => it.count += count,
            None => self.found.push(SecretIn {
                name: name.to_owned(),
                fits,
                count,
            }),
        }
    }

    fn some(self) -> Option<Self> {
        (!self.found.is_empty()).then_some(self)
    }

    /// The command that the message may be, and the leak after it: a `/declare` may open the incident that it belongs to.
    pub fn beside(self, wanted: Wanted, chat: &ChatIn, author: Option<&PersonIn>) -> Wanted {
        let command = match wanted {
            Wanted::Command(command) => Some(command),
            _ => None,
        };
        let leak = LeakIn {
            found: self.found,
            messages: self.messages,
            author: author.map(commands::person),
            private: chat.kind == ChatKind::Private,
            evidence: None,
        };
        let request = Request {
            command: Command::SecretSeen(leak),
            incident: command.as_ref().and_then(|it| it.1.incident),
            origin: Origin {
                message_id: self.message_id,
                thread_id: self.thread_id,
                // A command may name its incident by the card that it answers.
                reply: command.as_ref().and_then(|it| it.1.origin.reply.clone()),
                ..Origin::default()
            },
        };
        Wanted::Leak {
            command,
            leak: Box::new(request),
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
