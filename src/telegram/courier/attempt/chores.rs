//! Topics, pins, command lists and the other small things.

use super::{FORMS, give_up};
use crate::messages::outgoing::{Outgoing, Scope};
use crate::store::Settlement;
use crate::telegram::api::{ApiError, BotCommand, CommandScope};
use crate::telegram::courier::job::{After, Job};
use crate::telegram::courier::shared::Shared;
use crate::telegram::courier::{Desk, Returned, TopicState};

pub(super) async fn make_topic<D: Desk>(
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
pub(super) async fn simple<D: Desk>(
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
            }
            Err(error) => {
                tracing::info!(row = job.row.id, "Telegram refuses: {error}");
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
            let scope = command_scope(scope, chat_id);
            if list.is_empty() {
                return api.delete_commands(scope, language.as_deref()).await;
            }
            api.set_commands(&list, scope, language.as_deref()).await
        }
        Outgoing::TotpPicture { user, account } => {
            match shared.desk.totp_picture(chat, *user, account).await {
                Some((picture, caption)) => {
                    api.send_private_picture(chat_id, picture, &caption).await
                }
                None => Ok(()),
            }
        }
        Outgoing::RecoveryCodes { user } => {
            if let Some(html) = shared.desk.recovery_codes(chat, *user).await {
                api.send_private(chat_id, &html).await?;
                shared
                    .desk
                    .came_back(Returned::RecoveryShown { user: *user })
                    .await;
            }
            Ok(())
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
        | Outgoing::File(_)
        | Outgoing::Store { .. }
        | Outgoing::LookInto(_)
        | Outgoing::Export { .. }
        | Outgoing::Topic { .. }
        | Outgoing::Revise { .. } => Ok(()),
    }
}

fn command_scope(scope: &Scope, chat_id: i64) -> CommandScope {
    match scope {
        Scope::Chat => CommandScope::Chat { chat_id },
        Scope::AdministratorsOf => CommandScope::ChatAdministrators { chat_id },
        Scope::Member(user_id) => CommandScope::ChatMember {
            chat_id,
            user_id: *user_id,
        },
    }
}
