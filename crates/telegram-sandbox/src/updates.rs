//! The queue of updates waiting for the bot.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

/// Telegram keeps updates for a day…
const KEPT: Duration = Duration::from_hours(24);
/// …but presses of buttons for about this long.
const PRESS_KEPT: Duration = Duration::from_secs(150);
/// Kinds that the bot gets only if it asks for them by name.
const ASKED_FOR_ONLY: [&str; 3] = ["chat_member", "message_reaction", "message_reaction_count"];
/// Updates that left the queue and can still be repeated by a test.
const REMEMBERED: usize = 1_000;

/// One update, serialised once.
#[derive(Debug, Clone)]
pub(crate) struct Queued {
    pub id: i64,
    pub kind: Arc<str>,
    /// The whole update as JSON.
    pub json: Arc<str>,
    pub at: Duration,
}

#[derive(Debug)]
pub(crate) struct UpdateQueue {
    next_id: i64,
    waiting: VecDeque<Queued>,
    gone: VecDeque<Queued>,
    allowed: Option<BTreeSet<String>>,
    confirmed: i64,
    /// Rises with every poll, so that an older one sees that it was replaced.
    pub poll: u64,
    /// Rises whenever somebody who waits for updates must look again.
    pub rings: u64,
    /// When old updates were last looked for.
    pruned: Duration,
    /// Webhook deliveries that run now.
    pub taken: BTreeSet<i64>,
}

impl UpdateQueue {
    pub fn new(first_id: i64) -> Self {
        Self {
            next_id: first_id,
            waiting: VecDeque::new(),
            gone: VecDeque::new(),
            allowed: None,
            confirmed: first_id,
            poll: 0,
            rings: 0,
            pruned: Duration::ZERO,
            taken: BTreeSet::new(),
        }
    }

    /// Whether the bot wants this kind.
    pub fn wants(&self, kind: &str) -> bool {
        match &self.allowed {
            Some(allowed) => allowed.contains(kind),
            None => !ASKED_FOR_ONLY.contains(&kind),
        }
    }

    /// An empty list means the default again; unspecified (`None`) keeps the setting.
    pub fn allow(&mut self, kinds: Option<Vec<String>>) {
        if let Some(kinds) = kinds {
            self.allowed = (!kinds.is_empty()).then(|| kinds.into_iter().collect());
        }
    }

    pub fn allowed(&self) -> Option<Vec<String>> {
        self.allowed
            .as_ref()
            .map(|set| set.iter().cloned().collect())
    }

    /// Queues `{"update_id": …, "<kind>": <payload>}` and returns its id.
    pub fn push(&mut self, kind: &str, payload: &str, at: Duration) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.rings += 1;
        let json: Arc<str> = format!("{{\"update_id\":{id},\"{kind}\":{payload}}}").into();
        self.waiting.push_back(Queued {
            id,
            kind: kind.into(),
            json,
            at,
        });
        id
    }

    /// Queues a hand-made update; `members` is the inside of the JSON object without `update_id`.
    pub fn push_raw(&mut self, kind: &str, members: &str, at: Duration) -> i64 {
        let id = self.next_id;
        self.next_id += 1;
        self.rings += 1;
        let comma = if members.is_empty() { "" } else { "," };
        let json: Arc<str> = format!("{{\"update_id\":{id}{comma}{members}}}").into();
        self.waiting.push_back(Queued {
            id,
            kind: kind.into(),
            json,
            at,
        });
        id
    }

    /// Puts an update back into the queue under the same id, as Telegram does when a confirmation was lost.
    pub fn repeat(&mut self, id: i64, at: Duration) -> bool {
        if self.waiting.iter().any(|queued| queued.id == id) {
            return true;
        }
        let Some(mut queued) = self.gone.iter().find(|queued| queued.id == id).cloned() else {
            return false;
        };
        queued.at = at;
        self.rings += 1;
        let place = self.waiting.partition_point(|other| other.id < id);
        self.waiting.insert(place, queued);
        true
    }

    /// Starts numbering elsewhere, as Telegram may after a week of silence.
    pub fn renumber(&mut self, next_id: i64) {
        self.next_id = next_id;
    }

    /// Ends every poll that waits and starts counting anew; returns the number of the poll that is valid now.
    pub fn new_poll(&mut self) -> u64 {
        self.poll += 1;
        self.rings += 1;
        self.poll
    }

    /// Drops what is too old; looks once a second at most, for the queue may be long.
    pub fn prune(&mut self, now: Duration) {
        if now.saturating_sub(self.pruned) < Duration::from_secs(1) {
            return;
        }
        self.pruned = now;
        let fresh = |queued: &Queued| {
            let kept = if &*queued.kind == "callback_query" {
                PRESS_KEPT
            } else {
                KEPT
            };
            now.saturating_sub(queued.at) < kept
        };
        if self.waiting.iter().any(|queued| !fresh(queued)) {
            self.waiting.retain(fresh);
        }
    }

    /// Confirms everything before `offset`; a negative one keeps only that many of the newest.
    pub fn confirm(&mut self, offset: i64) {
        if offset > 0 {
            while self
                .waiting
                .front()
                .is_some_and(|queued| queued.id < offset)
            {
                self.forget_first();
            }
            self.confirmed = offset;
        } else if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            while self.waiting.len() > keep {
                self.forget_first();
            }
        }
    }

    fn forget_first(&mut self) {
        if let Some(queued) = self.waiting.pop_front() {
            if self.gone.len() >= REMEMBERED {
                self.gone.pop_front();
            }
            self.gone.push_back(queued);
        }
    }

    /// The oldest waiting updates as a JSON array, and how many they are.
    pub fn batch(&self, limit: usize) -> (usize, String) {
        let take = self.waiting.len().min(limit);
        let size: usize = self
            .waiting
            .iter()
            .take(take)
            .map(|queued| queued.json.len() + 1)
            .sum();
        let mut out = String::with_capacity(size + 2);
        out.push('[');
        for (place, queued) in self.waiting.iter().take(take).enumerate() {
            if place > 0 {
                out.push(',');
            }
            out.push_str(&queued.json);
        }
        out.push(']');
        (take, out)
    }

    /// The next update for a webhook delivery; it stays queued until [`UpdateQueue::delivered`].
    pub fn take_for_delivery(&mut self) -> Option<Queued> {
        let queued = self
            .waiting
            .iter()
            .find(|queued| !self.taken.contains(&queued.id))?
            .clone();
        self.taken.insert(queued.id);
        Some(queued)
    }

    /// A delivery ended; an accepted update leaves the queue.
    pub fn delivered(&mut self, id: i64, accepted: bool) {
        self.taken.remove(&id);
        if accepted && let Some(place) = self.waiting.iter().position(|queued| queued.id == id) {
            if let Some(queued) = self.waiting.remove(place) {
                self.gone.push_back(queued);
            }
            self.confirmed = self.confirmed.max(id + 1);
        }
    }

    pub fn drop_pending(&mut self) {
        while !self.waiting.is_empty() {
            self.forget_first();
        }
    }

    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// The highest offset that the bot has confirmed.
    pub fn confirmed(&self) -> i64 {
        self.confirmed
    }
}
