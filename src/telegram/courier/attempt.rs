//! One try at one row: what is sent, and what each refusal of Telegram means for it.

use super::job::{After, Job};
use super::shared::Shared;
use super::text::{cut, escape, plain, split};
use super::{Desk, Returned, TopicState};
use crate::messages::outgoing::{Document, Lane, Message, Outgoing, Place, Scope};
use crate::store::Settlement;
use crate::telegram::api::{
    ApiError, BotCommand, CommandScope, EditMessage, LinkPreview, ReplyTo, SendDocument,
    SendMessage, Sent, markup,
};

/// A text of more parts than this is sent as a file.
const MOST_PARTS: usize = 4;
/// Telegram's limit for a caption, less room for the mark of a possible repeat.
const CAPTION: usize = 1024 - 160;
/// How often in a row a refusal is met with a simpler form before we give up.
const FORMS: usize = 6;
/// After so many failed tries a row that is no emergency is given up, if others were delivered meanwhile.
const MOST_TRIES: u32 = 30;

/// Tries to deliver a row.
pub(super) async fn attempt<D: Desk>(shared: &Shared<D>, job: &mut Job) -> After {
    let Some(chat_id) = shared
        .chat_id(job.row.chat)
        .or_else(|| needs_no_chat(&job.outgoing).then_some(0))
    else {
        return give_up(shared, job, "the chat is not known".into()).await;
    };
    let after = match job.outgoing.clone() {
        Outgoing::Message(message) => send_message(shared, job, &message).await,
        Outgoing::Document(document) => send_document(shared, job, &document).await,
        Outgoing::Edit {
            message_id,
            html,
            keyboard,
        } => {
            let keyboard = keyboard.as_ref();
            edit(shared, job, message_id, &html, keyboard).await
        }
        Outgoing::Topic {
            incident,
            name,
            icon,
        } => make_topic(shared, job, &incident, &name, icon.as_deref()).await,
        other => simple(shared, job, chat_id, &other).await,
    };
    match after {
        After::Done => shared.delivered(),
        After::Again => {
            job.tries += 1;
            let since = *job.failing_since.get_or_insert_with(|| shared.monotonic());
            if job.lane != Lane::Emergency
                && job.tries >= MOST_TRIES
                && shared.delivered_since(since)
            {
                return park(shared, job, "Telegram failed on it again and again".into()).await;
            }
        }
        _ => {}
    }
    after
}

fn needs_no_chat(outgoing: &Outgoing) -> bool {
    matches!(
        outgoing,
        Outgoing::Commands {
            scope: Scope::Default
                | Scope::PrivateChats
                | Scope::GroupChats
                | Scope::ChatAdministrators,
            ..
        }
    )
}

async fn send_message<D: Desk>(shared: &Shared<D>, job: &mut Job, message: &Message) -> After {
    let parts = split(&message.html);
    if parts.len() > MOST_PARTS {
        return send_document(shared, job, &as_file(message)).await;
    }
    if !job.begin(shared).await {
        return After::Again;
    }
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
        let send = SendMessage {
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
        match shared.api.send_message(&send).await {
            Ok(sent) => return Ok(sent),
            Err(error) => simpler(shared, job, error, chat_id, thread).await?,
        }
    }
    Err(give_up(shared, job, "Telegram refuses it in every form".into()).await)
}

async fn send_document<D: Desk>(shared: &Shared<D>, job: &mut Job, document: &Document) -> After {
    if !job.begin(shared).await {
        return After::Again;
    }
    let caption = document
        .caption
        .as_deref()
        .map(|caption| cut(caption, CAPTION))
        .unwrap_or_default();
    for _ in 0..FORMS {
        let Some(chat_id) = shared.chat_id(job.row.chat) else {
            return give_up(shared, job, "the chat is not known".into()).await;
        };
        let thread = thread(shared, job, chat_id, &document.place);
        let caption = marked(shared, job, &caption, job.without.markup);
        let send = SendDocument {
            chat_id,
            name: &document.name,
            mime: &document.mime,
            content: &document.content,
            caption: (!caption.is_empty()).then_some(caption.as_str()),
            parse_mode: (!job.without.markup).then_some("HTML"),
            thread_id: thread,
            reply: document
                .reply_to
                .filter(|_| !job.without.reply)
                .map(ReplyTo::gently),
        };
        match shared.api.send_document(&send).await {
            Ok(sent) => {
                delivered(shared, job, Some(sent.message_id), document.tag.clone()).await;
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

/// What to leave out after a refusal; an error if that does not help.
async fn simpler<D: Desk>(
    shared: &Shared<D>,
    job: &mut Job,
    error: ApiError,
    chat_id: i64,
    thread: Option<i64>,
) -> Result<(), After> {
    let error = match job.failed(shared, error) {
        Ok(after) => return Err(after),
        Err(error) => error,
    };
    match error {
        ApiError::Migrated(to) => shared.moved(job.row.chat, chat_id, to).await,
        ApiError::ReplyGone(_) if !job.without.reply => job.without.reply = true,
        ApiError::CantParse(_) if !job.without.markup => {
            tracing::warn!(
                row = job.row.id,
                "Telegram cannot read the markup, sent as plain text: {error}"
            );
            job.without.markup = true;
        }
        ApiError::ThreadGone(_) if thread.is_some() && !job.without.topic => {
            job.without.topic = true;
            let incident = job.wants_topic_of().map(str::to_owned);
            if let Some(thread) = thread {
                shared
                    .thread_gone(job.row.chat, chat_id, thread, incident)
                    .await;
            }
        }
        ApiError::Forbidden(why) | ApiError::ChatGone(why) | ApiError::NoRights(why) => {
            return Err(After::Forbidden(why));
        }
        error => {
            // Buttons are the likeliest to be refused for themselves, then the rest: the words must arrive.
            let without = &mut job.without;
            if !without.keyboard {
                without.keyboard = true;
            } else if !(without.markup && without.reply && without.topic) {
                (without.markup, without.reply, without.topic) = (true, true, true);
            } else {
                return Err(give_up(shared, job, error.to_string()).await);
            }
            tracing::warn!(
                row = job.row.id,
                "Telegram refuses a message, sent in a simpler form: {error}"
            );
        }
    }
    Ok(())
}

async fn edit<D: Desk>(
    shared: &Shared<D>,
    job: &mut Job,
    message_id: i64,
    html: &str,
    keyboard: Option<&crate::messages::outgoing::Keyboard>,
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
                shared
                    .desk
                    .came_back(Returned::EditLost {
                        chat: job.row.chat,
                        message_id,
                    })
                    .await;
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

async fn make_topic<D: Desk>(
    shared: &Shared<D>,
    job: &mut Job,
    incident: &str,
    name: &str,
    icon: Option<&str>,
) -> After {
    if let TopicState::Thread(thread) = shared.desk.topic(incident) {
        // It was made and told before a crash; only the settlement was missing.
        shared.later(Settlement::Sent {
            id: job.row.id,
            message_id: Some(thread),
        });
        return After::Done;
    }
    if !job.begin(shared).await {
        return After::Again;
    }
    let name: String = name.chars().take(128).collect();
    let mut icon = icon;
    for _ in 0..FORMS {
        let Some(chat_id) = shared.chat_id(job.row.chat) else {
            return give_up(shared, job, "the chat is not known".into()).await;
        };
        let error = match shared.api.create_topic(chat_id, &name, icon).await {
            Ok(thread_id) => {
                let incident = incident.to_owned();
                shared
                    .desk
                    .came_back(Returned::TopicMade {
                        incident,
                        thread_id,
                    })
                    .await;
                shared.later(Settlement::Sent {
                    id: job.row.id,
                    message_id: Some(thread_id),
                });
                return After::Done;
            }
            Err(error) => error,
        };
        match job.failed(shared, error) {
            Ok(after) => return after,
            Err(ApiError::Migrated(to)) => shared.moved(job.row.chat, chat_id, to).await,
            Err(ApiError::Forbidden(why) | ApiError::ChatGone(why)) => {
                refused(shared, incident, why.clone()).await;
                shared.later(Settlement::Done { id: job.row.id });
                return After::Done;
            }
            Err(_) if icon.take().is_some() => {}
            Err(error) => {
                refused(shared, incident, error.to_string()).await;
                shared.later(Settlement::Done { id: job.row.id });
                return After::Done;
            }
        }
    }
    refused(shared, incident, "the group moves on and on".into()).await;
    give_up(shared, job, "the group moves on and on".into()).await
}

async fn refused<D: Desk>(shared: &Shared<D>, incident: &str, why: String) {
    shared
        .desk
        .came_back(Returned::TopicRefused {
            incident: incident.to_owned(),
            why,
        })
        .await;
}

/// What may be repeated freely, and whose refusal concerns nothing else.
async fn simple<D: Desk>(
    shared: &Shared<D>,
    job: &mut Job,
    mut chat_id: i64,
    outgoing: &Outgoing,
) -> After {
    let chat = job.row.chat;
    for _ in 0..FORMS {
        let Err(error) = tell(shared, chat, chat_id, outgoing).await else {
            break;
        };
        match job.failed(shared, error) {
            Ok(after) => return after,
            Err(ApiError::Migrated(to)) => {
                shared.moved(chat, chat_id, to).await;
                chat_id = to;
                continue;
            }
            Err(error) => {
                tracing::info!(row = job.row.id, "Telegram refuses: {error}");
                if let Outgoing::Pin { message_id } = outgoing {
                    let why = error.to_string();
                    shared
                        .desk
                        .came_back(Returned::PinRefused {
                            chat,
                            message_id: *message_id,
                            why,
                        })
                        .await;
                }
                break;
            }
        }
    }
    shared.later(Settlement::Done { id: job.row.id });
    After::Done
}

async fn tell<D: Desk>(
    shared: &Shared<D>,
    chat: i64,
    chat_id: i64,
    outgoing: &Outgoing,
) -> Result<(), ApiError> {
    let api = &shared.api;
    match outgoing {
        Outgoing::RenameTopic { thread_id, name } => {
            let name: String = name.chars().take(128).collect();
            api.rename_topic(chat_id, *thread_id, &name).await
        }
        Outgoing::CloseTopic { thread_id } => api.close_topic(chat_id, *thread_id).await,
        Outgoing::ReopenTopic { thread_id } => api.reopen_topic(chat_id, *thread_id).await,
        Outgoing::Pin { message_id } => api.pin(chat_id, *message_id).await,
        Outgoing::Unpin { message_id } => api.unpin(chat_id, *message_id).await,
        Outgoing::DeleteMessage { message_id } => api.delete_message(chat_id, *message_id).await,
        Outgoing::Commands {
            scope,
            language,
            commands,
        } => {
            let list: Vec<BotCommand<'_>> = commands
                .iter()
                .map(|(command, description)| BotCommand {
                    command,
                    description,
                })
                .collect();
            api.set_commands(&list, command_scope(scope, chat_id), language.as_deref())
                .await
        }
        Outgoing::Leave => api.leave_chat(chat_id).await,
        Outgoing::Administrators => {
            let ids = api
                .administrators(chat_id)
                .await?
                .into_iter()
                .map(|one| one.user_id)
                .collect();
            shared
                .desk
                .came_back(Returned::Administrators { chat, ids })
                .await;
            Ok(())
        }
        // These have their own ways.
        Outgoing::Message(_)
        | Outgoing::Edit { .. }
        | Outgoing::Card { .. }
        | Outgoing::Toast { .. }
        | Outgoing::Reaction { .. }
        | Outgoing::Document(_)
        | Outgoing::Topic { .. } => Ok(()),
    }
}

fn command_scope(scope: &Scope, chat_id: i64) -> CommandScope {
    match scope {
        Scope::Default => CommandScope::Default,
        Scope::PrivateChats => CommandScope::AllPrivateChats,
        Scope::GroupChats => CommandScope::AllGroupChats,
        Scope::ChatAdministrators => CommandScope::AllChatAdministrators,
        Scope::Chat => CommandScope::Chat { chat_id },
        Scope::AdministratorsOf => CommandScope::ChatAdministrators { chat_id },
        Scope::Member(user_id) => CommandScope::ChatMember {
            chat_id,
            user_id: *user_id,
        },
    }
}

/// Pins a new message, once: a pin is pleasant, not needed.
pub(super) async fn pin<D: Desk>(shared: &Shared<D>, chat: i64, message_id: i64) {
    let Some(chat_id) = shared.chat_id(chat) else {
        return;
    };
    let mut pinned = shared.api.pin(chat_id, message_id).await;
    if pinned.as_ref().is_err_and(|error| error.is_temporary()) {
        tokio::time::sleep(shared.limits.first_pause).await;
        pinned = shared.api.pin(chat_id, message_id).await;
    }
    if let Err(error) = pinned {
        shared
            .desk
            .came_back(Returned::PinRefused {
                chat,
                message_id,
                why: error.to_string(),
            })
            .await;
    }
}

/// The topic a message goes to; none for the chat itself.
fn thread<D: Desk>(shared: &Shared<D>, job: &Job, chat_id: i64, place: &Place) -> Option<i64> {
    if job.without.topic {
        return None;
    }
    topic_of(shared, chat_id, place)
}

/// The topic of a place, unless it is known to be gone.
pub(super) fn topic_of<D: Desk>(shared: &Shared<D>, chat_id: i64, place: &Place) -> Option<i64> {
    let thread = match place {
        Place::General => None,
        Place::Thread(thread) => Some(*thread),
        Place::Incident(incident) => match shared.desk.topic(incident) {
            TopicState::Thread(thread) => Some(thread),
            TopicState::None | TopicState::Waiting => None,
        },
    };
    thread.filter(|thread| !shared.thread_is_gone(chat_id, *thread))
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

async fn give_up<D: Desk>(shared: &Shared<D>, job: &Job, why: String) -> After {
    tracing::error!(row = job.row.id, "a delivery is given up: {why}");
    shared.later(Settlement::Dropped {
        id: job.row.id,
        why: why.clone(),
    });
    shared
        .desk
        .came_back(Returned::Undeliverable {
            row: job.row.clone(),
            why,
        })
        .await;
    After::Done
}

async fn park<D: Desk>(shared: &Shared<D>, job: &Job, why: String) -> After {
    tracing::error!(row = job.row.id, "a delivery is parked: {why}");
    shared.later(Settlement::Parked {
        id: job.row.id,
        why: why.clone(),
    });
    shared
        .desk
        .came_back(Returned::Undeliverable {
            row: job.row.clone(),
            why,
        })
        .await;
    After::Done
}

/// The ordinary message that a reaction becomes where reactions are off.
pub(super) fn instead_of_reaction(message_id: i64, fallback: &str, place: &Place) -> Outgoing {
    Outgoing::Message(Message {
        html: escape(fallback),
        reply_to: Some(message_id),
        place: place.clone(),
        silent: true,
        ..Message::default()
    })
}
