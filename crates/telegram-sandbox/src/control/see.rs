//! What there is to see: transcripts, toasts, the history of calls.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::Control;
use crate::Toast;
use crate::entry::{Entry, entry};
use crate::history::Call;
use crate::model::{MessageId, UserId};

impl Control {
    /// Every message of a chat in order, as people see it now.
    pub fn transcript(&self, chat: i64) -> Vec<Entry> {
        let world = self.shared.lock();
        let place = world.chat(chat);
        place
            .messages
            .values()
            .map(|msg| entry(&world, place, msg))
            .collect()
    }

    /// One message as people see it now.
    pub fn message(&self, chat: i64, id: MessageId) -> Option<Entry> {
        let world = self.shared.lock();
        let place = world.chat(chat);
        place.messages.get(&id).map(|msg| entry(&world, place, msg))
    }

    /// Pinned messages, the newest pin last.
    pub fn pinned(&self, chat: i64) -> Vec<MessageId> {
        self.shared.lock().chat(chat).pinned.clone()
    }

    /// Topics of a forum: thread id, name, whether it is closed.
    pub fn topics(&self, chat: i64) -> Vec<(MessageId, String, bool)> {
        self.shared
            .lock()
            .chat(chat)
            .topics
            .iter()
            .map(|(id, topic)| (*id, topic.name.clone(), topic.closed))
            .collect()
    }

    /// The chats there are.
    pub fn chats(&self) -> Vec<i64> {
        self.shared.lock().chats.keys().copied().collect()
    }

    /// The bot's standing in a chat: `member`, `administrator`, `left`, `kicked`.
    pub fn bot_status(&self, chat: i64) -> &'static str {
        let world = self.shared.lock();
        world.chat(chat).standing(world.bot.id).name()
    }

    /// The bot's user id.
    pub fn bot_id(&self) -> UserId {
        self.shared.lock().bot.id
    }

    /// The answer to a press, once there is one.
    pub fn toast(&self, callback: &str) -> Option<Toast> {
        self.shared.lock().callbacks.get(callback)?.toast.clone()
    }

    /// A stored file's content.
    pub fn file_bytes(&self, file_id: &str) -> Option<Vec<u8>> {
        self.shared
            .lock()
            .files
            .get(file_id)
            .map(|file| file.bytes.as_ref().clone())
    }

    /// The bot's commands for a scope (`default`, `all_group_chats`, `chat -100…`, `chat_member -100… 7`) and a language (empty for any).
    pub fn commands(&self, scope: &str, language: &str) -> Option<Value> {
        self.shared
            .lock()
            .commands
            .get(&(scope.to_owned(), language.to_owned()))
            .cloned()
    }

    /// All lists of commands by scope and language.
    pub fn all_commands(&self) -> BTreeMap<(String, String), Value> {
        self.shared.lock().commands.clone()
    }

    /// The newest Bot API calls, oldest first; a ring of some thousands.
    pub fn history(&self) -> Vec<Call> {
        self.shared.lock().history.calls()
    }

    /// How many calls came, by method.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        self.shared.lock().history.counts()
    }

    /// Updates that wait for the bot.
    pub fn pending_updates(&self) -> usize {
        self.shared.lock().queue.len()
    }

    /// The offset that the bot has confirmed; the first `update_id` before that.
    pub fn confirmed_offset(&self) -> i64 {
        self.shared.lock().queue.confirmed()
    }

    /// Ticks after every change, so that a test can wait without sleeping.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.changed.subscribe()
    }

    /// Waits until a condition holds; `false` if the time ran out first.
    pub async fn wait_until(&self, timeout: Duration, holds: impl Fn(&Self) -> bool) -> bool {
        let mut changes = self.subscribe();
        let waiting = async {
            while !holds(self) {
                if changes.changed().await.is_err() {
                    return;
                }
            }
        };
        tokio::time::timeout(timeout, waiting).await.is_ok() && holds(self)
    }
}
