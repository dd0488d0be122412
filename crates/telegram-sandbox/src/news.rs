//! What changed since somebody last looked: collected under the lock, sent to the chat page after it.

use crate::model::{CallbackId, MessageId, UserId};

/// One change, by its keys; the content is read when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    Message {
        chat: i64,
        id: MessageId,
    },
    Deleted {
        chat: i64,
        id: MessageId,
    },
    Chat {
        id: i64,
    },
    User {
        id: UserId,
    },
    Toast {
        callback: CallbackId,
    },
    Typing {
        chat: i64,
        thread: Option<MessageId>,
    },
}

/// Collects changes while a page listens.
#[derive(Debug, Default)]
pub(crate) struct News {
    /// Whether anybody listens; without a listener nothing is kept.
    pub listening: bool,
    pub changes: Vec<Change>,
}

impl News {
    fn add(&mut self, change: Change) {
        if self.listening && self.changes.last() != Some(&change) {
            self.changes.push(change);
        }
    }

    pub fn message(&mut self, chat: i64, id: MessageId) {
        self.add(Change::Message { chat, id });
    }

    pub fn deleted(&mut self, chat: i64, id: MessageId) {
        self.add(Change::Deleted { chat, id });
    }

    pub fn chat(&mut self, id: i64) {
        self.add(Change::Chat { id });
    }

    pub fn user(&mut self, id: UserId) {
        self.add(Change::User { id });
    }

    pub fn toast(&mut self, callback: &CallbackId) {
        self.add(Change::Toast {
            callback: callback.clone(),
        });
    }

    pub fn typing(&mut self, chat: i64, thread: Option<MessageId>) {
        self.add(Change::Typing { chat, thread });
    }
}
