//! The stand-in's own clock: the machine's time plus whatever a test has added to it.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Time as the stand-in sees it. A test moves it forward with [`Clock::advance`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Clock {
    skew: Duration,
}

impl Clock {
    /// Time since 1970, with the added skew.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the stand-in's one look at the machine's clock"
    )]
    pub fn now(&self) -> Duration {
        let real = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        real + self.skew
    }

    /// The same in whole seconds: Telegram's `date`.
    pub fn unix(&self) -> i64 {
        i64::try_from(self.now().as_secs()).unwrap_or(i64::MAX)
    }

    pub fn advance(&mut self, by: Duration) {
        self.skew += by;
    }
}
