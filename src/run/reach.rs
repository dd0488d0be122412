//! Reaching Telegram: at the start, and for as long as it takes where the bot has something to do without it.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use super::serve::WEBHOOK_PATH;
use super::{StartError, telegram_error};
use crate::app::House;
use crate::config::{Settings, Webhook};
use crate::incident::{ChatKind, Permission};
use crate::messages;
use crate::telegram::api::{Api, ApiError, Me};
use crate::telegram::pump;

/// How long the first answer may take where the admin endpoint waits for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pauses between tries: they double.
pub(super) const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

/// Who the bot is. None: Telegram cannot be reached, and the admin endpoint is a reason to go on.
pub(super) async fn first(api: &Api, settings: &Settings) -> Result<Option<Me>, StartError> {
    let answer = if settings.admin_token.is_some() {
        let late = Err(ApiError::Timeout { maybe_done: true });
        let asked = tokio::time::timeout(PATIENCE, api.get_me()).await;
        asked.unwrap_or(late)
    } else {
        api.get_me().await
    };
    match answer {
        Ok(me) => Ok(Some(me)),
        Err(error) if settings.admin_token.is_some() && error.is_temporary() => {
            let url = &settings.telegram.api_url;
            tracing::error!(
                "{url} cannot be reached: {error}; the admin endpoint, timers and runs go on without it, and it is tried again"
            );
            Ok(None)
        }
        Err(error) => Err(refused(settings, error)),
    }
}

/// Tells Telegram what the bot offers and how it wants its updates.
pub(super) async fn greet(api: &Api, house: &House, settings: &Settings) -> Result<(), StartError> {
    offer_commands(api, house).await;
    match &settings.telegram.webhook {
        Some(hook) => set_webhook(api, hook).await,
        None => {
            // A webhook that is still set would refuse every poll.
            if let Err(error) = api.delete_webhook().await {
                tracing::warn!("an old webhook could not be removed: {error}");
            }
            Ok(())
        }
    }
}

/// Asks until Telegram answers and takes the greeting, or `stop` becomes true.
pub(super) async fn reach(
    api: &Api,
    house: &Arc<House>,
    settings: &Settings,
    mut stop: watch::Receiver<bool>,
) -> Result<(), StartError> {
    let (mut pause, longest) = PAUSES;
    loop {
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.wait_for(|stop| *stop) => return Ok(()),
        }
        pause = (pause * 2).min(longest);
        match api.get_me().await {
            Ok(me) => {
                house.meet(me.username);
                match greet(api, house, settings).await {
                    Ok(()) => break,
                    Err(error) if error.may_pass() => tracing::warn!("{error}"),
                    Err(error) => return Err(error),
                }
            }
            Err(error) if error.is_temporary() => {
                tracing::warn!("Telegram cannot be reached yet: {error}");
            }
            Err(error) => return Err(refused(settings, error)),
        }
    }
    tracing::warn!("Telegram is reached: @{} is listening", house.bot());
    Ok(())
}

fn refused(settings: &Settings, error: ApiError) -> StartError {
    match error {
        ApiError::Unauthorized | ApiError::NotFound(_) => StartError::Token,
        error => telegram_error(settings, error.to_string()),
    }
}

async fn set_webhook(api: &Api, hook: &Webhook) -> Result<(), StartError> {
    let base = hook.url.trim_end_matches('/');
    let url = format!("{base}/telegram/{WEBHOOK_PATH}");
    let set = api.set_webhook(&url, hook.secret.expose(), 40, &pump::ALLOWED);
    set.await.map_err(|error| StartError::Webhook {
        passes: error.is_temporary(),
        why: error.to_string(),
    })
}

/// What strangers and private chats are offered while typing.
async fn offer_commands(api: &Api, house: &House) {
    for language in house.languages() {
        let phrases = house.phrases(Some(language));
        let menu = messages::command_menu(&phrases, Permission::Stranger, ChatKind::Private);
        // Telegram knows two letters only: `pt` for `pt-BR`.
        let code = language.split('-').next().filter(|it| *it != "en");
        if code.is_some_and(|it| it.len() != 2) {
            continue;
        }
        if let Err(error) = crate::telegram::desk::offer(api, &menu, code).await {
            tracing::warn!("the command list could not be set: {error}");
        }
    }
}
