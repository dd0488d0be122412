//! One try at one row: what is sent, and what each refusal of Telegram means for it.

mod chores;
mod words;

use self::chores::{make_topic, simple};
use self::words::{edit, send_document, send_file, send_message};
use super::job::{After, Job};
use super::shared::Shared;
use super::text::escape;
use super::{Desk, Returned, TopicState};
use crate::messages::outgoing::{Lane, Message, Outgoing, Place};
use crate::store::Settlement;
use crate::telegram::api::ApiError;

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
    let Some(chat_id) = shared.chat_id(job.row.chat) else {
        return give_up(shared, job, "the chat is not known".into()).await;
    };
    let after = match job.outgoing.clone() {
        Outgoing::Message(message) => send_message(shared, job, &message).await,
        Outgoing::Document(document) => send_document(shared, job, &document).await,
        Outgoing::File(file) => send_file(shared, job, &file).await,
        Outgoing::Store { .. } | Outgoing::LookInto(_) | Outgoing::Export { .. } => {
            give_up(shared, job, "errands are not the courier's".into()).await
        }
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

/// Pins a new message, once: a pin is pleasant, not needed.
pub(super) async fn pin<D: Desk>(shared: &Shared<D>, chat: i64, message_id: i64) {
    let Some(chat_id) = shared.chat_id(chat) else {
        return;
    };
    let mut pinned = shared.api.pin(chat_id, message_id).await;
    if pinned.as_ref().is_err_and(ApiError::is_temporary) {
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

async fn give_up<D: Desk>(shared: &Shared<D>, job: &Job, why: String) -> After {
    if job.lane == Lane::Emergency {
        // Never abandoned: it stays where people can see it.
        return park(shared, job, why).await;
    }
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
