//! Messages, documents and edits.

use super::{CAPTION, FORMS, MOST_PARTS, give_up, pin, simpler, topic_of};
use crate::messages::outgoing::{Document, FileOut, Keyboard, Message, Place};
use crate::store::Settlement;
use crate::telegram::api::{
    ApiError, EditMessage, LinkPreview, ReplyTo, SendDocument, SendMessage, Sent, markup,
};
use crate::telegram::courier::job::{After, Job, Without};
use crate::telegram::courier::shared::Shared;
use crate::telegram::courier::text::{cut, plain, split};
use crate::telegram::courier::{Desk, Returned};

pub(super) async fn send_message<D: Desk>(
    shared: &Shared<D>,
    job: &mut Job,
    message: &Message,
) -> After {
    let parts = split(&message.html);
    if parts.len() > MOST_PARTS {
        return send_document(shared, job, &as_file(message)).await;
    }
    if !job.begin(shared).await {
        return After::Again;
    }
    // One that may be a repeat bears a mark.
    let whole = parts.len() == 1 && job.unknown.is_none();
    let mut last = None;
    while let Some(part) = parts.get(job.part) {
        let is_last = job.part + 1 == parts.len();
        match send_part(shared, job, message, part, is_last).await {
            Ok(sent) => {
                last = Some(sent.message_id);
                job.part += 1;
                job.unknown = None;
            }
            Err(after) => return after,
        }
    }
    let plain = Without::default();
    job.became = last.filter(|_| whole && job.without == plain);
    delivered(shared, job, last, message.tag.clone()).await;
    if let (true, Some(message_id)) = (message.pin, last) {
        pin(shared, job.row.chat, message_id).await;
    }
    After::Done
}

/// Sends one part, in ever simpler forms as long as Telegram refuses it.
async fn send_part<D: Desk>(
    shared: &Shared<D>,
    job: &mut Job,
    message: &Message,
    html: &str,
    last: bool,
) -> Result<Sent, After> {
    for _ in 0..FORMS {
        let Some(chat_id) = shared.chat_id(job.row.chat) else {
            return Err(give_up(shared, job, "the chat is not known".into()).await);
        };
        let thread = thread(shared, job, chat_id, &message.place);
        let text = marked(shared, job, html, job.without.markup);
        let keyboard = message
            .keyboard
            .as_ref()
            .filter(|_| last && !job.without.keyboard);
        let request = SendMessage {
            chat_id,
            text: &text,
            parse_mode: (!job.without.markup).then_some("HTML"),
            message_thread_id: thread,
            reply_parameters: message
                .reply_to
                .filter(|_| job.part == 0 && !job.without.reply)
                .map(ReplyTo::gently),
            disable_notification: message.silent,
            link_preview_options: LinkPreview::OFF,
            reply_markup: keyboard.map(markup),
        };
        match shared.api.send_message(&request).await {
            Ok(sent) => return Ok(sent),
            Err(error) => simpler(shared, job, error, chat_id, thread).await?,
        }
    }
    Err(give_up(shared, job, "Telegram refuses it in every form".into()).await)
}

pub(super) async fn send_document<D: Desk>(
    shared: &Shared<D>,
    job: &mut Job,
    document: &Document,
) -> After {
    let parcel = Parcel {
        name: &document.name,
        mime: &document.mime,
        content: document.content.as_bytes(),
        caption: document.caption.as_deref(),
        place: &document.place,
        reply_to: document.reply_to,
        tag: document.tag.as_deref(),
    };
    send_parcel(shared, job, &parcel).await
}

/// A file of the incident's folder: only if it is still what it was.
pub(super) async fn send_file<D: Desk>(shared: &Shared<D>, job: &mut Job, file: &FileOut) -> After {
    let Some(content) = shared.desk.file(file).await else {
        return give_up(shared, job, format!("{} cannot be read", file.file)).await;
    };
    let parcel = Parcel {
        name: &file.file,
        mime: "application/octet-stream",
        content: &content,
        caption: file.caption.as_deref(),
        place: &file.place,
        reply_to: file.reply_to,
        tag: None,
    };
    send_parcel(shared, job, &parcel).await
}

/// A file on its way.
struct Parcel<'a> {
    name: &'a str,
    mime: &'a str,
    content: &'a [u8],
    caption: Option<&'a str>,
    place: &'a Place,
    reply_to: Option<i64>,
    tag: Option<&'a str>,
}

async fn send_parcel<D: Desk>(shared: &Shared<D>, job: &mut Job, document: &Parcel<'_>) -> After {
    if !job.begin(shared).await {
        return After::Again;
    }
    let caption = document
        .caption
        .map(|caption| cut(caption, CAPTION))
        .unwrap_or_default();
    for _ in 0..FORMS {
        let Some(chat_id) = shared.chat_id(job.row.chat) else {
            return give_up(shared, job, "the chat is not known".into()).await;
        };
        let thread = thread(shared, job, chat_id, document.place);
        let caption = marked(shared, job, &caption, job.without.markup);
        let request = SendDocument {
            chat_id,
            name: document.name,
            mime: document.mime,
            content: document.content,
            caption: (!caption.is_empty()).then_some(caption.as_str()),
            parse_mode: (!job.without.markup).then_some("HTML"),
            thread_id: thread,
            reply: document
                .reply_to
                .filter(|_| !job.without.reply)
                .map(ReplyTo::gently),
        };
        match shared.api.send_document(&request).await {
            Ok(sent) => {
                let tag = document.tag.map(str::to_owned);
                delivered(shared, job, Some(sent.message_id), tag).await;
                return After::Done;
            }
            Err(error) => {
                if let Err(after) = simpler(shared, job, error, chat_id, thread).await {
                    return after;
                }
            }
        }
    }
    give_up(shared, job, "Telegram refuses it in every form".into()).await
}

/// A text too long for messages: its beginning as the caption, all of it as a file.
fn as_file(message: &Message) -> Document {
    Document {
        name: "message.txt".into(),
        mime: "text/plain; charset=utf-8".into(),
        content: plain(&message.html),
        caption: Some(cut(&message.html, 600)),
        place: message.place.clone(),
        reply_to: message.reply_to,
        tag: message.tag.clone(),
    }
}

pub(super) async fn edit<D: Desk>(
    shared: &Shared<D>,
    job: &mut Job,
    message_id: i64,
    html: &str,
    keyboard: Option<&Keyboard>,
) -> After {
    let html = cut(html, 4096);
    for _ in 0..FORMS {
        let Some(chat_id) = shared.chat_id(job.row.chat) else {
            return give_up(shared, job, "the chat is not known".into()).await;
        };
        let text = if job.without.markup {
            plain(&html)
        } else {
            html.clone()
        };
        let edit = EditMessage {
            chat_id,
            message_id,
            text: &text,
            parse_mode: (!job.without.markup).then_some("HTML"),
            link_preview_options: LinkPreview::OFF,
            reply_markup: keyboard.filter(|_| !job.without.keyboard).map(markup),
        };
        let error = match shared.api.edit_message(&edit).await {
            Ok(()) | Err(ApiError::NotModified) => {
                shared.later(Settlement::Done { id: job.row.id });
                return After::Done;
            }
            Err(error) => error,
        };
        match error {
            ApiError::MessageGone(_) => {
                shared.later(Settlement::Done { id: job.row.id });
                return After::Done;
            }
            error => {
                if let Err(after) = simpler(shared, job, error, chat_id, None).await {
                    return after;
                }
            }
        }
    }
    give_up(shared, job, "Telegram refuses it in every form".into()).await
}

/// The topic a message goes to; none for the chat itself.
fn thread<D: Desk>(shared: &Shared<D>, job: &Job, chat_id: i64, place: &Place) -> Option<i64> {
    if job.without.topic {
        return None;
    }
    topic_of(shared, chat_id, place)
}

/// The text as it goes out: plain if the markup was refused, marked if it may be a repeat.
fn marked<D: Desk>(shared: &Shared<D>, job: &Job, html: &str, without_markup: bool) -> String {
    let mut text = html.to_owned();
    if job.unknown == Some(job.part) {
        if !text.is_empty() {
            text.push_str("\n\n");
        }
        text.push_str(&shared.desk.possible_repeat_mark(job.row.chat));
    }
    if without_markup { plain(&text) } else { text }
}

async fn delivered<D: Desk>(
    shared: &Shared<D>,
    job: &Job,
    message_id: Option<i64>,
    tag: Option<String>,
) {
    shared.later(Settlement::Sent {
        id: job.row.id,
        message_id,
    });
    if let Some(message_id) = message_id {
        shared
            .desk
            .came_back(Returned::Delivered {
                row_id: job.row.id,
                chat: job.row.chat,
                tag,
                message_id,
            })
            .await;
    }
}
