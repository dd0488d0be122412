//! Why the bot cannot start, or cannot go on.

use crate::app;
use crate::evidence::export::seal::SealError;
use crate::evidence::vault::VaultError;
use crate::store::{OpenError, ReadError};
use crate::telegram::pump;

/// The bot cannot start, or cannot go on. One line that says what to change.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error("DATABASE_URL: {0}")]
    Database(#[from] OpenError),
    /// The folder of evidence.
    #[error("BREAKGLASS_EVIDENCE_DIR: {0}")]
    Evidence(#[from] VaultError),
    /// Exports cannot be encrypted.
    #[error("BREAKGLASS_AGE_RECIPIENTS: {0}")]
    Seal(#[from] SealError),
    /// A plan.
    #[error("BREAKGLASS_PLANS: {0}")]
    Plan(#[from] app::PlansError),
    /// The plans folder.
    #[error("BREAKGLASS_PLANS: {folder}: {why}")]
    Plans {
        /// Which folder.
        folder: String,
        /// What is wrong with it.
        why: String,
    },
    /// The built-in texts.
    #[error("the texts cannot be read: {0}")]
    Texts(String),
    /// The texts that replace them: where, and what is wrong.
    #[error("BREAKGLASS_MESSAGES: {0}")]
    Messages(String),
    /// Telegram refuses the token.
    #[error(
        "Telegram refuses the bot token: check TELOXIDE_TOKEN, or ask @BotFather for a new one"
    )]
    Token,
    /// Telegram cannot be reached at all.
    #[error("{url} cannot be reached: {why}")]
    Telegram {
        /// The server.
        url: String,
        /// Why, without the token.
        why: String,
    },
    /// The address is taken.
    #[error("BREAKGLASS_LISTEN: {address} cannot be used: {why}")]
    Listen {
        /// The address.
        address: String,
        /// Why.
        why: String,
    },
    /// The outbox.
    #[error(transparent)]
    Outbox(#[from] ReadError),
    /// The intake ended.
    #[error(transparent)]
    Pump(#[from] pump::PumpError),
    /// Telegram does not take the webhook.
    #[error("the webhook could not be set: {why}")]
    Webhook {
        /// It may be taken later.
        passes: bool,
        /// Telegram's words.
        why: String,
    },
    /// A part ended that should not.
    #[error("a part of the bot ended: {0}")]
    Part(String),
}

impl StartError {
    /// Whether it may pass by itself, or by something that is done outside of the settings: a disk, a network, a server. A
    /// database that somebody else holds is none of these: two bots must never work on one.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Database(error) => matches!(
                error,
                OpenError::Unreadable { .. }
                    | OpenError::ReadOnly
                    | OpenError::DiskFull
                    | OpenError::NotADatabase { .. }
                    | OpenError::Unreachable(_)
                    | OpenError::Other(_)
            ),
            Self::Evidence(error) => error.is_temporary(),
            Self::Webhook { passes, .. } => *passes,
            Self::Outbox(_) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_helps_against_disks_and_networks_and_never_against_another_bot() {
        let path = || "/srv/x.db".to_owned();
        let why = || "why".to_owned();
        for passes in [
            OpenError::DiskFull,
            OpenError::ReadOnly,
            OpenError::NotADatabase { path: path() },
            OpenError::Unreadable {
                path: path(),
                why: why(),
            },
            OpenError::Unreachable(why()),
        ] {
            assert!(StartError::from(passes).may_pass());
        }
        for stays in [
            OpenError::InUse { path: path() },
            OpenError::Locked,
            OpenError::InMemory,
            OpenError::BadAddress(why()),
            OpenError::NewerSchema(9),
            OpenError::WrongPassword(why()),
            OpenError::NoDatabase(why()),
        ] {
            assert!(!StartError::from(stays).may_pass());
        }
        assert!(!StartError::Token.may_pass());
    }
}
