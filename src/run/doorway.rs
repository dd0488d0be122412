//! The house as those see it who knock before it is open: the admin endpoint, and Telegram's webhook.

use std::sync::{Arc, OnceLock};

use crate::app::{HostPull, HostRefusal, HostStarted, House};
use crate::telegram::front::Front;
use crate::telegram::pump::{BatchOutcome, Handler, Notice, RawUpdate, SetAside};
use crate::web::Lever;

/// Why nothing is taken.
const SHUT: &str = "it could not be opened yet; the log says why";

/// Leads into the house once that is open.
pub(super) struct Doorway {
    inside: OnceLock<(Arc<House>, Arc<Front>)>,
    /// The only plan that there is: then nobody needs to name it.
    only_plan: Option<String>,
}

impl Doorway {
    pub(super) fn new(only_plan: Option<String>) -> Self {
        let inside = OnceLock::new();
        Self { inside, only_plan }
    }

    /// From now on it leads somewhere.
    pub(super) fn open(&self, house: Arc<House>, front: Arc<Front>) {
        // It is opened once: whoever opens it a second time has another house, which nobody enters.
        let _ = self.inside.set((house, front));
    }

    pub(super) fn house(&self) -> Option<&Arc<House>> {
        self.inside.get().map(|(house, _)| house)
    }

    fn front(&self) -> Option<&Arc<Front>> {
        self.inside.get().map(|(_, front)| front)
    }
}

impl Lever for Doorway {
    async fn pull(&self, pull: HostPull) -> Result<HostStarted, HostRefusal> {
        match self.house() {
            Some(house) => house.pull_from_host(pull).await,
            None if pull.why.trim().is_empty() => Err(HostRefusal::NoReason),
            None => Err(HostRefusal::Unavailable(SHUT.to_owned())),
        }
    }

    async fn plan_for(&self, chat: Option<i64>) -> Option<String> {
        match self.house() {
            Some(house) => house.plan_for_host(chat).await,
            None => self.only_plan.clone(),
        }
    }

    async fn is_ready(&self) -> bool {
        match self.house() {
            Some(house) => house.is_ready().await,
            None => false,
        }
    }
}

impl Handler for Doorway {
    async fn handle(&self, batch: Vec<RawUpdate>) -> BatchOutcome {
        match self.front() {
            Some(front) => front.handle(batch).await,
            None => BatchOutcome {
                unavailable: Some(SHUT.to_owned()),
                ..BatchOutcome::default()
            },
        }
    }

    async fn set_aside(&self, update: SetAside) -> Result<(), String> {
        match self.front() {
            Some(front) => front.set_aside(update).await,
            None => Err(SHUT.to_owned()),
        }
    }

    async fn notice(&self, notice: Notice) {
        if let Some(front) = self.front() {
            front.notice(notice).await;
        }
    }
}
