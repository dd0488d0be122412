//! People, messages and files that a command speaks of.

use crate::incident::{FileRef, Person, Quoted, UserId};
use crate::telegram::incoming::{FileIn, MessageIn, PersonIn, ReplyIn};

/// A person as the domain knows them.
pub fn person(seen: &PersonIn) -> Person {
    let name = crate::incident::one_line(&seen.name, 64);
    let name = if name.is_empty() {
        format!("id {}", seen.id)
    } else {
        name
    };
    Person {
        id: UserId(seen.id),
        name,
        username: seen.username.clone(),
    }
}

/// The message that is replied to, as it would be kept.
pub fn quoted(reply: &ReplyIn) -> Quoted {
    Quoted {
        message_id: reply.message_id,
        author: reply.from.as_ref().map(person),
        written_at: chrono::DateTime::from_timestamp(reply.date, 0).filter(|_| reply.date > 0),
        text: reply.text.clone().unwrap_or_default(),
        file: reply.file.as_ref().map(file),
    }
}

fn file(seen: &FileIn) -> FileRef {
    FileRef {
        file_id: seen.file_id.clone(),
        unique_id: seen.unique_id.clone(),
        name: seen
            .name
            .clone()
            .unwrap_or_else(|| format!("{:?}", seen.kind).to_lowercase()),
        size: seen.size,
    }
}

/// The message's own file: `/evidence` as the caption of a photo.
pub(super) fn own_file(message: &MessageIn) -> Option<Quoted> {
    let seen = message.file.as_ref()?;
    Some(Quoted {
        message_id: message.message_id,
        author: message.from.as_ref().map(person),
        written_at: chrono::DateTime::from_timestamp(message.date, 0),
        text: String::new(),
        file: Some(file(seen)),
    })
}
