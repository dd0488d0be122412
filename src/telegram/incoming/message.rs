//! Messages: text, entities, what they answer, files, service messages.

use std::ops::Range;

use super::fields::Fields;
use super::{
    ANONYMOUS_ADMIN, AS_CHANNEL, ChatIn, Identity, PersonIn, TELEGRAM_ITSELF, What, chat, person,
};

/// Longer text is cut: no command needs more, and nobody reads more.
const MAX_TEXT: usize = 64 * 1024;
/// Telegram allows about a hundred entities in a message.
const MAX_ENTITIES: usize = 100;

/// A message.
#[allow(clippy::struct_excessive_bools)] // Telegram's own flags, each its own fact
#[derive(Clone, Debug, PartialEq)]
pub struct MessageIn {
    /// Where.
    pub chat: ChatIn,
    /// Its id in the chat.
    pub message_id: i64,
    /// The topic, if it was sent in one.
    pub thread_id: Option<i64>,
    /// When, by Telegram's clock, Unix seconds.
    pub date: i64,
    /// Who, if a user sent it.
    pub from: Option<PersonIn>,
    /// The chat that it was sent as, if it was.
    pub sender_chat: Option<i64>,
    /// True for somebody else's words.
    pub forwarded: bool,
    /// True if it was sent through another bot.
    pub via_bot: bool,
    /// True if Telegram forwarded it from the linked channel.
    pub automatic_forward: bool,
    /// Its text or caption.
    pub text: Option<String>,
    /// True if the text is a file's caption.
    pub is_caption: bool,
    /// Commands and mentions in the text, in order.
    pub entities: Vec<Entity>,
    /// What it answers.
    pub reply: Option<Box<ReplyIn>>,
    /// Its file.
    pub file: Option<FileIn>,
    /// Who came in.
    pub new_members: Vec<PersonIn>,
    /// Who went.
    pub left_member: Option<PersonIn>,
}

/// A command or mention in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entity {
    /// What it is.
    pub kind: EntityKind,
    /// Where in the text, in bytes.
    pub range: Range<usize>,
}

/// The kinds of entities that matter to us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityKind {
    /// `/command`
    BotCommand,
    /// `@name`
    Mention,
    /// A person without a public name.
    TextMention(PersonIn),
}

/// The message that another one answers.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplyIn {
    /// Its id in the same chat.
    pub message_id: i64,
    /// Who sent it.
    pub from: Option<PersonIn>,
    /// Its text or caption.
    pub text: Option<String>,
    /// Its file.
    pub file: Option<FileIn>,
    /// When it was sent, Unix seconds; 0 if Telegram shows it no more.
    pub date: i64,
}

/// A file of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileIn {
    /// What it is.
    pub kind: FileKind,
    /// For downloading and sending again.
    pub file_id: String,
    /// The same for every bot and time.
    pub unique_id: String,
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its media type, if known.
    pub mime: Option<String>,
    /// Its size in bytes, if known.
    pub size: Option<i64>,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A document.
    Document,
    /// A photo; the largest size is taken.
    Photo,
    /// A video.
    Video,
    /// Music or another sound.
    Audio,
    /// A voice message.
    Voice,
    /// A round video.
    VideoNote,
    /// A GIF or a video without sound.
    Animation,
    /// A sticker.
    Sticker,
}

/// A command as it was typed: `/name@bot rest`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Typed<'a> {
    /// The name, as written.
    pub name: &'a str,
    /// The bot it is for, if it says so.
    pub bot: Option<&'a str>,
    /// What follows the white space.
    pub rest: &'a str,
}

impl MessageIn {
    /// The command that the text begins with. Any white space may follow it: people paste new lines and fancy blanks.
    pub fn command(&self) -> Option<Typed<'_>> {
        typed(self.text.as_deref()?)
    }

    /// As whom it was sent.
    pub fn identity(&self) -> Identity {
        let id = self.from.as_ref().map(|from| from.id);
        if self.automatic_forward || id == Some(TELEGRAM_ITSELF) {
            Identity::LinkedChannel
        } else if id == Some(ANONYMOUS_ADMIN) || self.sender_chat == Some(self.chat.id) {
            Identity::AnonymousAdmin
        } else if id == Some(AS_CHANNEL) || self.sender_chat.is_some() || id.is_none() {
            Identity::Channel
        } else if self.from.as_ref().is_some_and(|from| from.is_bot) {
            Identity::Bot
        } else if self.via_bot {
            Identity::ViaBot
        } else if self.forwarded {
            Identity::Forwarded
        } else {
            Identity::Person
        }
    }
}

/// The command that a text begins with.
pub fn typed(text: &str) -> Option<Typed<'_>> {
    // Pasted text and right-to-left keyboards put invisible things in front.
    let text =
        text.trim_start_matches(|c: char| c.is_whitespace() || crate::incident::is_invisible(c));
    let after = text.strip_prefix('/')?;
    let end = after.find(char::is_whitespace).unwrap_or(after.len());
    let (word, rest) = after.split_at(end);
    let (name, bot) = match word.split_once('@') {
        Some((name, bot)) => (name, Some(bot)),
        None => (word, None),
    };
    let fits = |word: &str| {
        !word.is_empty()
            && word.len() <= 64
            && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    (fits(name) && bot.is_none_or(fits)).then(|| Typed {
        name,
        bot,
        rest: rest.trim(),
    })
}

pub(super) fn read(message: &Fields<'_>) -> What {
    let Some(chat) = message.object("chat").and_then(|fields| chat(&fields)) else {
        return What::Ignored("a message without a chat");
    };
    if let Some(to) = message.number("migrate_to_chat_id") {
        return What::Migrated { from: chat.id, to };
    }
    if let Some(from) = message.number("migrate_from_chat_id") {
        return What::Migrated { from, to: chat.id };
    }
    let Some(message_id) = message.number("message_id") else {
        return What::Ignored("a message without an id");
    };
    let file = file(message);
    let (text, entities, is_caption) = match message.text("text") {
        Some(text) => (Some(text), message.list("entities"), false),
        None => (
            message.text("caption"),
            message.list("caption_entities"),
            true,
        ),
    };
    let text = text.map(cut);
    let entities = text
        .as_deref()
        .map(|text| read_entities(text, &entities))
        .unwrap_or_default();
    What::Message(Box::new(MessageIn {
        message_id,
        thread_id: message
            .number("message_thread_id")
            .filter(|_| message.yes("is_topic_message")),
        date: message.number("date").unwrap_or(0),
        from: message.object("from").and_then(|from| person(&from)),
        sender_chat: message
            .object("sender_chat")
            .and_then(|chat| chat.number("id")),
        forwarded: message.has("forward_origin") || message.has("forward_date"),
        via_bot: message.has("via_bot") || message.has("sender_business_bot"),
        automatic_forward: message.yes("is_automatic_forward"),
        is_caption: is_caption && text.is_some(),
        entities,
        reply: message
            .object("reply_to_message")
            .and_then(|reply| answered(&reply))
            .map(Box::new),
        file,
        new_members: message
            .list("new_chat_members")
            .iter()
            .filter_map(person)
            .collect(),
        left_member: message
            .object("left_chat_member")
            .and_then(|user| person(&user)),
        text,
        chat,
    }))
}

/// In a topic Telegram makes every message an answer to the topic's first one: that is no answer.
fn answered(reply: &Fields<'_>) -> Option<ReplyIn> {
    if reply.has("forum_topic_created") {
        return None;
    }
    Some(ReplyIn {
        message_id: reply.number("message_id")?,
        from: reply.object("from").and_then(|from| person(&from)),
        text: reply
            .text("text")
            .or_else(|| reply.text("caption"))
            .map(cut),
        file: file(reply),
        date: reply.number("date").unwrap_or(0),
    })
}

fn file(message: &Fields<'_>) -> Option<FileIn> {
    // An animation comes as a document too, for old clients: it goes first.
    let kinds = [
        ("animation", FileKind::Animation),
        ("document", FileKind::Document),
        ("video", FileKind::Video),
        ("audio", FileKind::Audio),
        ("voice", FileKind::Voice),
        ("video_note", FileKind::VideoNote),
        ("sticker", FileKind::Sticker),
    ];
    let one = kinds
        .into_iter()
        .find_map(|(name, kind)| file_of(&message.object(name)?, kind));
    one.or_else(|| {
        let sizes = message.list("photo");
        let largest = sizes.iter().max_by_key(|size| {
            (
                size.number("width").unwrap_or(0),
                size.number("file_size").unwrap_or(0),
            )
        })?;
        file_of(largest, FileKind::Photo)
    })
}

fn file_of(file: &Fields<'_>, kind: FileKind) -> Option<FileIn> {
    Some(FileIn {
        kind,
        file_id: file.text("file_id")?,
        unique_id: file.text("file_unique_id").unwrap_or_default(),
        name: file.text("file_name"),
        mime: file.text("mime_type"),
        size: file.number("file_size"),
    })
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_TEXT));
    text
}

fn read_entities(text: &str, entities: &[Fields<'_>]) -> Vec<Entity> {
    let mut read = Vec::new();
    for fields in entities.iter().take(MAX_ENTITIES) {
        let kind = match fields.text("type").as_deref() {
            Some("bot_command") => EntityKind::BotCommand,
            Some("mention") => EntityKind::Mention,
            Some("text_mention") => match fields.object("user").and_then(|user| person(&user)) {
                Some(person) => EntityKind::TextMention(person),
                None => continue,
            },
            _ => continue,
        };
        let range = fields
            .number("offset")
            .zip(fields.number("length"))
            .and_then(|(offset, length)| bytes_of(text, offset, length));
        if let Some(range) = range {
            read.push(Entity { kind, range });
        }
    }
    read.sort_by_key(|entity| entity.range.start);
    read
}

/// Bytes of a range that Telegram counts in UTF-16 units; none if it does not lie on characters of the text.
fn bytes_of(text: &str, offset: i64, length: i64) -> Option<Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(length).ok().filter(|length| *length > 0)?)?;
    let (mut units, mut from) = (0, None);
    for (at, c) in text.char_indices().chain([(text.len(), '\0')]) {
        if units == start {
            from = Some(at);
        }
        if units == end {
            return from.map(|from| from..at);
        }
        if units > end {
            return None;
        }
        units += c.len_utf16();
    }
    None
}
