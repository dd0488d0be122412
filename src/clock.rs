//! The only place that reads the time.
//!
//! Everything else is given a [`Clock`], or the time itself. There are two times: the wall clock, which people
//! read and which may jump, and the monotonic one, which waits are measured by.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use tokio::sync::watch;

/// A clock: the machine's, or a test's. Clones share the same time.
#[derive(Clone, Debug)]
pub struct Clock(Kind);

#[derive(Clone, Debug)]
enum Kind {
    System { start: Instant },
    Test(Arc<Hands>),
}

#[derive(Debug)]
struct Hands {
    /// Wall clock, microseconds UTC.
    wall: Mutex<i64>,
    /// Monotonic microseconds since the start.
    elapsed: watch::Sender<u64>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self(Kind::System {
            start: Instant::now(),
        })
    }

    /// A clock that stands still at `start` until it is told to move.
    pub fn test(start: DateTime<Utc>) -> Self {
        Self(Kind::Test(Arc::new(Hands {
            wall: Mutex::new(start.timestamp_micros()),
            elapsed: watch::Sender::new(0),
        })))
    }

    /// The wall clock.
    #[allow(clippy::disallowed_methods)] // the one place where the machine's time comes in
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Kind::System { .. } => Utc::now(),
            Kind::Test(hands) => {
                let wall = *hands.wall.lock().unwrap_or_else(PoisonError::into_inner);
                DateTime::from_timestamp_micros(wall).unwrap_or(DateTime::UNIX_EPOCH)
            }
        }
    }

    /// The wall clock in microseconds UTC, as the ledger keeps it.
    pub fn micros(&self) -> i64 {
        self.now().timestamp_micros()
    }

    /// Time since this clock was made, by the monotonic clock: it never jumps and never goes back.
    pub fn elapsed(&self) -> Duration {
        match &self.0 {
            Kind::System { start } => start.elapsed(),
            Kind::Test(hands) => Duration::from_micros(*hands.elapsed.borrow()),
        }
    }

    /// Waits by the monotonic clock.
    pub async fn sleep(&self, time: Duration) {
        match &self.0 {
            Kind::System { .. } => tokio::time::sleep(time).await,
            Kind::Test(hands) => {
                let until = self.elapsed() + time;
                let mut elapsed = hands.elapsed.subscribe();
                // The sender lives in `hands`, which we hold: waiting cannot fail.
                let _ = elapsed
                    .wait_for(|now| Duration::from_micros(*now) >= until)
                    .await;
            }
        }
    }

    /// Moves a test clock on, both hands, and wakes who waited. The machine's clock ignores it.
    pub fn advance(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        if let Kind::Test(hands) = &self.0 {
            self.jump(i64::try_from(micros).unwrap_or(i64::MAX));
            hands
                .elapsed
                .send_modify(|elapsed| *elapsed = elapsed.saturating_add(micros));
        }
    }

    /// Lets a test clock's wall hand jump by `micros`, as when somebody sets the machine's time.
    pub fn jump(&self, micros: i64) {
        if let Kind::Test(hands) = &self.0 {
            let mut wall = hands.wall.lock().unwrap_or_else(PoisonError::into_inner);
            *wall = wall.saturating_add(micros);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_test_clock_moves_when_told() {
        let clock = Clock::test(DateTime::UNIX_EPOCH);
        let waiting = tokio::spawn({
            let clock = clock.clone();
            async move { clock.sleep(Duration::from_secs(10)).await }
        });
        tokio::task::yield_now().await;
        clock.advance(Duration::from_secs(9));
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        clock.advance(Duration::from_secs(1));
        waiting.await.unwrap();
        assert_eq!(clock.now().timestamp(), 10);
    }

    #[test]
    fn a_jump_of_the_wall_clock_leaves_the_monotonic_one_alone() {
        let clock = Clock::test(DateTime::UNIX_EPOCH);
        clock.jump(3_600_000_000);
        assert_eq!(clock.now().timestamp(), 3600);
        assert_eq!(clock.elapsed(), Duration::ZERO);
    }
}
