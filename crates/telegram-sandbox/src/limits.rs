//! How much a bot may send: Telegram's flood limits as far as they are known.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// Sends a second over all chats.
const OVERALL: f64 = 30.0;
/// A short burst into one chat; it refills by one a second.
const BURST: f64 = 5.0;
/// Sends a minute into one group.
const GROUP: usize = 20;
const MINUTE: Duration = Duration::from_mins(1);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    at: Duration,
}

impl Bucket {
    fn full(size: f64, at: Duration) -> Self {
        Self { tokens: size, at }
    }

    fn refill(&mut self, size: f64, rate: f64, now: Duration) {
        self.tokens = (self.tokens + now.saturating_sub(self.at).as_secs_f64() * rate).min(size);
        self.at = now;
    }
}

#[derive(Debug)]
pub(crate) struct Limits {
    pub on: bool,
    overall: Option<Bucket>,
    chats: HashMap<i64, Bucket>,
    groups: HashMap<i64, VecDeque<Duration>>,
}

impl Limits {
    pub fn new(on: bool) -> Self {
        Self {
            on,
            overall: None,
            chats: HashMap::new(),
            groups: HashMap::new(),
        }
    }

    /// Counts one send or edit into a chat, or says how many seconds to wait. Refused ones are not counted.
    pub fn take(&mut self, chat: i64, now: Duration) -> Result<(), u64> {
        if !self.on {
            return Ok(());
        }
        let overall = self
            .overall
            .get_or_insert_with(|| Bucket::full(OVERALL, now));
        overall.refill(OVERALL, OVERALL, now);
        let bucket = self
            .chats
            .entry(chat)
            .or_insert_with(|| Bucket::full(BURST, now));
        bucket.refill(BURST, 1.0, now);
        if overall.tokens < 1.0 || bucket.tokens < 1.0 {
            return Err(1);
        }
        if chat < 0 {
            let sent = self.groups.entry(chat).or_default();
            while sent
                .front()
                .is_some_and(|at| now.saturating_sub(*at) >= MINUTE)
            {
                sent.pop_front();
            }
            if let Some(first) = sent.front().filter(|_| sent.len() >= GROUP) {
                let left = MINUTE.saturating_sub(now.saturating_sub(*first));
                return Err(left.as_secs() + 1);
            }
            sent.push_back(now);
        }
        overall.tokens -= 1.0;
        bucket.tokens -= 1.0;
        Ok(())
    }
}
