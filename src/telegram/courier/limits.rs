//! How fast to send: Telegram's limits, kept from our side so that a 429 stays the exception.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

use crate::messages::outgoing::Lane;

/// Telegram counts a group's messages by the minute.
const MINUTE: Duration = Duration::from_mins(1);

/// How fast to send, and how long to pause after failures.
#[derive(Clone, Debug, PartialEq)]
pub struct Limits {
    /// False lifts the limits on sending (for measurements); pauses stay.
    pub on: bool,
    /// Sends a second over all chats.
    pub overall: f64,
    /// How many of those are kept free for emergencies.
    pub overall_reserve: f64,
    /// Sends a second into one chat.
    pub per_chat: f64,
    /// How many may go at once before that counts.
    pub burst: f64,
    /// Sends a minute into one group.
    pub per_minute: usize,
    /// How many of those are kept free for emergencies.
    pub minute_reserve: usize,
    /// How many more are kept free from routine.
    pub routine_reserve: usize,
    /// Edits of cards that may go at once in a chat.
    pub card_burst: f64,
    /// Edits of cards a second in a chat after that, so that a busy incident still leaves room to speak.
    pub card_rate: f64,
    /// Exchanges under way at once, besides toasts and reactions.
    pub in_flight: usize,
    /// Toasts and reactions under way at once.
    pub quick_in_flight: usize,
    /// The first pause after a failure; it doubles.
    pub first_pause: Duration,
    /// The longest pause after failures.
    pub longest_pause: Duration,
    /// How long a chat in which the bot may not write is left alone before it is tried again: a right that was given back to
    /// all members comes without a word from Telegram. It doubles.
    pub parked_pause: Duration,
    /// The longest of these pauses.
    pub longest_parked_pause: Duration,
    /// How soon such a chat is tried again if something was heard from it, or is new for it. It doubles up to `parked_pause`.
    pub heard_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            on: true,
            overall: 29.0,
            overall_reserve: 5.0,
            per_chat: 1.0,
            burst: 4.0,
            per_minute: 20,
            minute_reserve: 4,
            routine_reserve: 3,
            card_burst: 4.0,
            card_rate: 0.2,
            in_flight: 64,
            quick_in_flight: 64,
            first_pause: Duration::from_secs(1),
            longest_pause: MINUTE,
            parked_pause: MINUTE / 4,
            longest_parked_pause: MINUTE * 15,
            heard_pause: Duration::from_secs(1),
        }
    }
}

impl Limits {
    /// No limits on sending, for measurements against a server that has none.
    pub fn lifted() -> Self {
        Self {
            on: false,
            ..Self::default()
        }
    }
}

/// Tokens that fill up with time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bucket {
    tokens: f64,
    size: f64,
    rate: f64,
    at: Instant,
}

impl Bucket {
    pub(super) fn full(size: f64, rate: f64, now: Instant) -> Self {
        Self {
            tokens: size,
            size,
            rate,
            at: now,
        }
    }

    /// How long until there is a token beyond `reserve`.
    pub(super) fn wait(&mut self, reserve: f64, now: Instant) -> Option<Duration> {
        self.tokens = (self.tokens
            + now.saturating_duration_since(self.at).as_secs_f64() * self.rate)
            .min(self.size);
        self.at = now;
        let missing = reserve + 1.0 - self.tokens;
        // A hair of missing token is rounding, not a reason to wait.
        (missing > 1e-6)
            .then(|| Duration::from_secs_f64(missing / self.rate) + Duration::from_millis(1))
    }

    pub(super) fn take(&mut self) {
        // What does not ask first (reactions) may run into debt, but not so far that others starve.
        self.tokens = (self.tokens - 1.0).max(-self.size);
    }
}

/// What was sent into one chat lately.
#[derive(Debug)]
pub(super) struct Pace {
    bucket: Bucket,
    cards: Bucket,
    minute: VecDeque<Instant>,
}

impl Pace {
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            bucket: Bucket::full(limits.burst, limits.per_chat, now),
            cards: Bucket::full(limits.card_burst, limits.card_rate, now),
            minute: VecDeque::new(),
        }
    }

    /// How long this must wait. `group` tells groups from private chats.
    pub(super) fn wait(
        &mut self,
        limits: &Limits,
        lane: Lane,
        card: bool,
        group: bool,
        now: Instant,
    ) -> Option<Duration> {
        let mut wait = self.bucket.wait(0.0, now);
        if card && lane != Lane::Emergency {
            wait = wait.max(self.cards.wait(0.0, now));
        }
        if group {
            while self
                .minute
                .front()
                .is_some_and(|at| now.saturating_duration_since(*at) >= MINUTE)
            {
                self.minute.pop_front();
            }
            let kept = match lane {
                Lane::Emergency => 0,
                Lane::Incident => limits.minute_reserve,
                Lane::Routine => limits.minute_reserve + limits.routine_reserve,
            };
            let room = limits.per_minute.saturating_sub(kept).max(1);
            if self.minute.len() >= room {
                let frees = self.minute[self.minute.len() - room] + MINUTE;
                wait = wait.max(Some(
                    frees.saturating_duration_since(now) + Duration::from_millis(5),
                ));
            }
        }
        wait
    }

    pub(super) fn take(&mut self, card: bool, now: Instant) {
        self.bucket.take();
        if card {
            self.cards.take();
        }
        self.minute.push_back(now);
    }
}
