//! Marks and alarms that belong to no command.

use super::Rendered;
use super::html::{NAME_MAX, line};
use super::phrases::{Phrases, say};
use super::view::View;

/// How much of other programs' words an alarm repeats.
const WORDS_MAX: usize = 200;

/// The mark (HTML) on a message that may have been sent before.
pub fn possible_repeat(phrases: &Phrases) -> String {
    phrases.word("possible-repeat").into_string()
}

/// The answer to a press whose data nobody here wrote, or an older version did.
pub fn stale_press(view: &View<'_>) -> String {
    view.phrases.word("stale-press").plain()
}

/// To whoever made a command of a message by editing it.
pub fn edited_command(view: &View<'_>) -> Rendered {
    view.phrases.word("edited-command").into()
}

/// How many messages could not be delivered to this chat and wait.
pub fn parked(phrases: &Phrases, count: usize) -> String {
    say!(phrases, "parked", count = count).into_string()
}

/// Something about the installation that its operator must learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Alarm<'a> {
    /// An update was set aside.
    SetAside {
        /// Its kind.
        kind: &'a str,
        /// Why it failed.
        why: &'a str,
    },
    /// Somebody else takes the bot's updates.
    AnotherReceiver {
        /// Telegram's words.
        why: &'a str,
    },
    /// The bot may not write in a chat.
    Parked {
        /// The chat's title.
        chat: &'a str,
        /// Telegram's words.
        why: &'a str,
    },
    /// A message was given up.
    Undelivered {
        /// The title of its chat.
        chat: &'a str,
        /// Why.
        why: &'a str,
    },
    /// The database took nothing.
    Database {
        /// Why.
        why: &'a str,
    },
    /// A chat cannot be loaded.
    Unreadable {
        /// Its title or id.
        chat: &'a str,
        /// Why.
        why: &'a str,
    },
    /// The journal cannot be brought in.
    Journal {
        /// Why.
        why: &'a str,
    },
    /// What is kept of this very chat cannot be read.
    UnreadableHere,
    /// The log was changed from outside.
    LogChanged {
        /// The first place.
        fault: &'a str,
        /// How many more.
        more: usize,
    },
}

/// An alarm (HTML) for the home chat.
pub fn alarm(phrases: &Phrases, alarm: &Alarm<'_>) -> String {
    let words = |why: &str| line(why, WORDS_MAX);
    let html = match *alarm {
        Alarm::SetAside { kind, why } => {
            say!(
                phrases,
                "set-aside",
                kind = line(kind, NAME_MAX),
                reason = words(why)
            )
        }
        Alarm::AnotherReceiver { why } => say!(phrases, "alarm-receiver", why = words(why)),
        Alarm::Parked { chat, why } => {
            say!(
                phrases,
                "alarm-parked",
                chat = line(chat, NAME_MAX),
                why = words(why)
            )
        }
        Alarm::Undelivered { chat, why } => {
            say!(
                phrases,
                "alarm-undelivered",
                chat = line(chat, NAME_MAX),
                why = words(why)
            )
        }
        Alarm::Database { why } => say!(phrases, "alarm-database", why = words(why)),
        Alarm::Unreadable { chat, why } => {
            say!(
                phrases,
                "alarm-unreadable",
                chat = line(chat, NAME_MAX),
                why = words(why)
            )
        }
        Alarm::Journal { why } => say!(phrases, "alarm-journal", why = words(why)),
        Alarm::UnreadableHere => phrases.word("alarm-unreadable-here"),
        Alarm::LogChanged { fault, more } => {
            say!(phrases, "log-broken-alarm", fault = fault, more = more)
        }
    };
    html.into_string()
}

/// To the owners in private: a lever was pulled without the ledger, and no chat can take it.
pub fn host_run_homeless(phrases: &Phrases, procedure: &str, plan: &str, why: &str) -> String {
    say!(
        phrases,
        "host-run-homeless",
        procedure = line(procedure, NAME_MAX),
        plan = line(plan, NAME_MAX),
        why = line(why, WORDS_MAX)
    )
    .into_string()
}
