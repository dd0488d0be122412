//! Toasts and reactions: cheap receipts that never wait behind messages.

use super::Desk;
use super::attempt::instead_of_reaction;
use super::job::{After, Job};
use super::shared::Shared;
use crate::messages::outgoing::{Outgoing, Place};
use crate::store::Settlement;
use crate::telegram::api::{AnswerCallback, ApiError};

/// Telegram's limit for a toast.
const TOAST: usize = 200;

/// Tries to deliver a toast or a reaction.
pub(super) async fn attempt<D: Desk>(shared: &Shared<D>, job: &mut Job) -> After {
    let after = match &job.outgoing {
        Outgoing::Toast {
            callback_id,
            text,
            alert,
            until,
        } => toast(shared, callback_id, text, *alert, *until).await,
        Outgoing::Reaction {
            message_id,
            emoji,
            fallback,
            place,
        } => {
            let reacted = react(shared, job.row.chat, *message_id, emoji).await;
            match (reacted, fallback) {
                (Err(ApiError::ReactionRefused(_) | ApiError::NoRights(_)), Some(fallback)) => {
                    let place: &Place = place;
                    let message = instead_of_reaction(*message_id, fallback, place);
                    job.outgoing = message;
                    return After::Requeue;
                }
                (reacted, _) => reacted,
            }
        }
        _ => Ok(()),
    };
    match after {
        Err(ApiError::RetryAfter(wait)) => After::ChatWaits(wait),
        Err(error) if error.is_temporary() => {
            job.tries += 1;
            After::Again
        }
        after => {
            if let Err(error) = after {
                tracing::debug!(row = job.row.id, "a receipt was refused: {error}");
            }
            shared.later(Settlement::Done { id: job.row.id });
            After::Done
        }
    }
}

async fn toast<D: Desk>(
    shared: &Shared<D>,
    callback_id: &str,
    text: &str,
    alert: bool,
    until: i64,
) -> Result<(), ApiError> {
    if shared.clock.micros() > until {
        return Ok(());
    }
    let short: String;
    let text = if text.encode_utf16().count() > TOAST {
        // Every character that needs two units is counted as two.
        let mut room = TOAST - 1;
        let fits = |c: &char| {
            let fits = c.len_utf16() <= room;
            room = room.saturating_sub(c.len_utf16());
            fits
        };
        short = text.chars().take_while(fits).chain(['…']).collect();
        &short
    } else {
        text
    };
    shared
        .api
        .answer_callback(&AnswerCallback {
            callback_query_id: callback_id,
            text,
            show_alert: alert,
        })
        .await
}

async fn react<D: Desk>(
    shared: &Shared<D>,
    chat: i64,
    message_id: i64,
    emoji: &str,
) -> Result<(), ApiError> {
    let Some(mut chat_id) = shared.chat_id(chat) else {
        return Ok(());
    };
    if shared.reactions_are_off(chat) {
        return Err(ApiError::ReactionRefused("reactions are off here".into()));
    }
    for _ in 0..3 {
        match shared.api.react(chat_id, message_id, emoji).await {
            Err(ApiError::Migrated(to)) => {
                shared.moved(chat, chat_id, to).await;
                chat_id = to;
            }
            Err(error @ ApiError::ReactionRefused(_)) => {
                shared.reactions_off(chat);
                return Err(error);
            }
            other => return other,
        }
    }
    Ok(())
}
