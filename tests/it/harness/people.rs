//! Who stands where on the stage, and what they do.

use std::fmt::Write as _;

use telegram_sandbox::{Entry, MessageId, Say};

use super::Harness;
use super::sight::{show, visible};

/// A chat on the stage.
#[derive(Clone, Copy)]
pub struct Stand<'a> {
    pub(super) harness: &'a Harness,
    pub(super) chat: i64,
    pub(super) thread: Option<MessageId>,
}

impl<'a> Stand<'a> {
    pub fn id(&self) -> i64 {
        self.chat
    }

    pub fn topic(self, thread: MessageId) -> Self {
        Self {
            thread: Some(thread),
            ..self
        }
    }

    pub fn as_user(self, name: &str) -> Voice<'a> {
        Voice {
            stand: self,
            user: self.harness.person(name),
            brief: false,
        }
    }

    /// The newest message of the bot whose text contains `part`.
    pub fn message(&self, part: &str) -> Entry {
        let all = self.harness.control.transcript(self.chat);
        let found = all
            .into_iter()
            .rev()
            .find(|entry| entry.is_bot && entry.text.contains(part));
        found.unwrap_or_else(|| panic!("no message of the bot says {part:?}"))
    }

    /// The last messages as people see them.
    pub fn transcript_tail(&self, count: usize) -> String {
        let all = self.harness.control.transcript(self.chat);
        let mut text = String::new();
        for entry in all.iter().skip(all.len().saturating_sub(count)) {
            show(&mut text, entry, None);
        }
        visible(text.trim_end())
    }

    /// The newest card.
    pub fn card(&self) -> Entry {
        let all = self.harness.control.transcript(self.chat);
        let found = all
            .into_iter()
            .rev()
            .find(|entry| entry.is_bot && is_card(entry));
        found.expect("a card stands in the chat")
    }

    /// The newest card as people see it.
    pub fn card_text(&self) -> String {
        let mut text = String::new();
        show(&mut text, &self.card(), None);
        text
    }

    fn messages_with(&self, part: &str) -> usize {
        let all = self.harness.control.transcript(self.chat);
        let ours = all.iter().filter(|entry| entry.is_bot);
        ours.filter(|entry| entry.text.contains(part)).count()
    }

    pub fn messages_of_the_bot(&self) -> usize {
        let all = self.harness.control.transcript(self.chat);
        all.iter()
            .filter(|entry| entry.is_bot && entry.service.is_none())
            .count()
    }
}

pub(super) fn is_card(entry: &Entry) -> bool {
    entry
        .text
        .lines()
        .take(3)
        .any(|line| (line.contains("SEC-") || line.contains("DRILL-")) && line.contains(" · "))
        && !entry.keyboard.is_empty()
}

/// A person in a chat.
#[derive(Clone, Copy)]
pub struct Voice<'a> {
    stand: Stand<'a>,
    user: i64,
    /// Edited cards are shown by their changed lines.
    brief: bool,
}

impl Voice<'_> {
    /// Cards that are edited are shown by their changed lines only: for a story that has shown its card.
    pub fn briefly(self) -> Self {
        Self {
            brief: true,
            ..self
        }
    }

    /// Says something and returns what people see because of it.
    pub async fn says(self, text: &str) -> String {
        self.sends(Say::text(text)).await
    }

    pub async fn sends(self, say: Say) -> String {
        let Stand {
            harness,
            chat,
            thread,
        } = self.stand;
        // Telegram's clock and the bot's show the same, unless a story says when something was written.
        let mut say = say;
        say.date = say.date.or(Some(harness.clock.now().timestamp()));
        let say = match thread {
            Some(thread) => say.in_thread(thread),
            None => say,
        };
        self.watching(|| {
            harness.control.send(chat, self.user, say);
            None
        })
        .await
    }

    /// Says something that Telegram had kept for a while.
    pub async fn said(self, seconds_ago: i64, text: &str) -> String {
        let date = self.stand.harness.clock.now().timestamp() - seconds_ago;
        let mut say = Say::text(text);
        say.date = Some(date);
        self.sends(say).await
    }

    /// Replies to a message.
    pub async fn replies(self, to: MessageId, text: &str) -> String {
        self.sends(Say::text(text).reply_to(to)).await
    }

    /// Says something that is answered a little later, by a new message with this text in it; returns that message.
    pub async fn says_until(self, text: &str, part: &str) -> String {
        let Stand { harness, .. } = self.stand;
        let count = || self.stand.messages_with(part);
        let before = count();
        self.says(text).await;
        harness.until(|| count() > before).await;
        harness.quiet().await;
        visible(&self.stand.message(part).text)
    }

    /// Presses a button of the newest card by its label.
    pub async fn presses(self, label: &str) -> String {
        let card = self.stand.card();
        self.presses_on(card.message_id, label).await
    }

    pub async fn presses_on(self, message: MessageId, label: &str) -> String {
        let Stand { harness, chat, .. } = self.stand;
        self.watching(|| {
            let pressed = harness
                .control
                .press_button(chat, self.user, message, label);
            Some(pressed.unwrap_or_else(|error| panic!("{label:?} cannot be pressed: {error}")))
        })
        .await
    }

    /// Sends callback data that no button need carry: hostile clients do.
    pub async fn presses_data(self, message: MessageId, data: &str) -> String {
        let Stand { harness, chat, .. } = self.stand;
        self.watching(|| Some(harness.control.press(chat, self.user, message, data)))
            .await
    }

    pub async fn reacts(self, message: MessageId, emoji: &str) -> String {
        let Stand { harness, chat, .. } = self.stand;
        self.watching(|| {
            harness.control.react(chat, self.user, message, emoji);
            None
        })
        .await
    }

    async fn watching(self, act: impl FnOnce() -> Option<String>) -> String {
        let Stand { harness, .. } = self.stand;
        let before = harness.everything();
        let press = act();
        harness.quiet().await;
        let toast = press.and_then(|press| harness.control.toast(&press));
        let mut seen = harness.news(&before, self.brief);
        if let Some(toast) = toast.filter(|toast| !toast.text.is_empty()) {
            let kind = if toast.show_alert { "alert" } else { "toast" };
            let _ = writeln!(seen, "({kind}) {}", toast.text);
        }
        visible(seen.trim_end())
    }
}
