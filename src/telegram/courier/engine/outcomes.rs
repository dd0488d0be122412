//! What the outcome of a try means for the queues.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::task::{Id, JoinError};
use tokio::time::Instant;

use super::queues::{Item, Parked};
use super::{Engine, Finished, Order, Slot};
use crate::messages::outgoing::Outgoing;
use crate::panics;
use crate::store::Settlement;
use crate::telegram::courier::cards::{CardAfter, Shown};
use crate::telegram::courier::job::{After, Job};
use crate::telegram::courier::{Desk, Returned};

impl<D: Desk> Engine<D> {
    pub(super) fn finished(&mut self, done: Result<(Id, Finished), JoinError>) {
        let (id, finished) = match done {
            Ok((id, finished)) => (id, Some(finished)),
            Err(error) => {
                let how = panics::broken(&error);
                tracing::error!("a delivery broke off, the ledger still has it: {how}");
                (error.id(), None)
            }
        };
        let Some(slot) = self.slots.remove(&id) else {
            return;
        };
        let now = Instant::now();
        match slot {
            Slot::Quick => self.quick_in_flight -= 1,
            Slot::Queue {
                chat,
                lane,
                incident,
            } => {
                self.in_flight -= 1;
                if let Some(queue) = self.chats.get_mut(&chat) {
                    queue.busy[usize::from(lane != 0)] = false;
                }
                if let (None, Some(incident)) = (&finished, incident) {
                    self.cards.remove(&incident);
                }
                match finished {
                    Some(Finished::Row { job, after }) => {
                        self.row_finished(chat, lane, job, after, now);
                    }
                    Some(Finished::Card {
                        chat,
                        incident,
                        shown,
                        rows,
                        after,
                    }) => {
                        self.card_finished(chat, lane, incident, shown, rows, after, now);
                    }
                    Some(Finished::Quick { .. }) => {}
                    None => self.waiting -= 1,
                }
                if let Some(queue) = self.chats.get_mut(&chat) {
                    (0..3).for_each(|lane| self.turns.wake(queue, chat, lane));
                }
                return;
            }
        }
        match finished {
            Some(Finished::Quick { job, after }) => self.quick_finished(job, &after, now),
            _ => self.waiting -= 1,
        }
    }

    fn row_finished(&mut self, chat: i64, lane: usize, job: Box<Job>, after: After, now: Instant) {
        let over = !matches!(after, After::Again | After::ChatWaits(_));
        if let (Outgoing::Topic { incident, .. }, true) = (&job.outgoing, over)
            && let Some(count) = self.topics.get_mut(incident)
        {
            *count -= 1;
            if *count == 0 {
                self.topics.remove(incident);
            }
        }
        let pause = self.pause(chat, lane, over);
        let Some(queue) = self.chats.get_mut(&chat) else {
            return;
        };
        match after {
            After::Done | After::Requeue => {
                (queue.lanes[lane].failures, queue.refusals) = (0, 0);
                queue.remember(*job);
                self.waiting -= 1;
            }
            After::Again => {
                queue.lanes[lane].until = Some(now + pause);
                queue.lanes[lane].items.push_front(Item::Row(job));
            }
            After::ChatWaits(wait) => {
                queue.until = queue.until.max(Some(now + wait));
                queue.lanes[lane].items.push_front(Item::Row(job));
            }
            After::Forbidden(why) => {
                queue.lanes[lane].items.push_front(Item::Row(job));
                self.park(chat, &why);
            }
        }
    }

    #[allow(clippy::too_many_arguments)] // the parts of one finished task
    fn card_finished(
        &mut self,
        chat: i64,
        lane: usize,
        incident: String,
        shown: Shown,
        rows: Vec<i64>,
        after: CardAfter,
        now: Instant,
    ) {
        self.waiting -= 1;
        let done = matches!(after, CardAfter::Done);
        let pause = self.pause(chat, lane, done);
        let card = self.cards.entry(incident.clone()).or_default();
        (card.under_way, card.shown) = (false, shown);
        if done {
            for id in rows {
                self.shared.later(Settlement::Done { id });
            }
        } else {
            card.rows.extend(rows);
            card.lane = if card.changed {
                card.lane.min(lane)
            } else {
                lane
            };
            card.changed = true;
        }
        let (changed, next) = (card.changed, card.lane);
        let mut shut = false;
        if let Some(queue) = self.chats.get_mut(&chat) {
            match after {
                CardAfter::Done => (queue.lanes[lane].failures, queue.refusals) = (0, 0),
                CardAfter::Again => queue.lanes[lane].until = Some(now + pause),
                CardAfter::ChatWaits(wait) => queue.until = queue.until.max(Some(now + wait)),
                CardAfter::Forbidden(why) => {
                    shut = true;
                    self.park(chat, &why);
                }
            }
        }
        // In a chat that is shut it stays marked as changed, and is shown when that is resumed.
        if changed && !shut {
            // The newest state goes out with the next turn.
            self.card_changed(chat, incident, next, None);
        }
    }

    fn quick_finished(&mut self, mut job: Box<Job>, after: &After, now: Instant) {
        match after {
            After::Done | After::Forbidden(_) => self.waiting -= 1,
            After::Again => {
                let pause = doubled(
                    self.shared.limits.first_pause / 4,
                    job.tries,
                    self.shared.limits.longest_pause,
                );
                self.quick_later.insert((now + pause, job.row.id), job);
            }
            After::ChatWaits(wait) => {
                self.quick_later.insert((now + *wait, job.row.id), job);
            }
            After::Requeue => {
                self.waiting -= 1;
                job.tries = 0;
                let (chat, lane) = (job.row.chat, job.lane as usize);
                self.enqueue(chat, lane, Item::Row(job));
            }
        }
    }

    /// How long a lane pauses after a failure; it doubles each time.
    fn pause(&mut self, chat: i64, lane: usize, success: bool) -> Duration {
        let limits = &self.shared.limits;
        let Some(queue) = self.chats.get_mut(&chat) else {
            return limits.first_pause;
        };
        if success {
            return Duration::ZERO;
        }
        let failures = &mut queue.lanes[lane].failures;
        *failures = failures.saturating_add(1);
        // Not everybody at the same moment, when Telegram comes back.
        doubled(limits.first_pause, *failures, limits.longest_pause)
            .mul_f64(rand::random_range(0.85..1.0))
    }

    /// The bot may not write in this chat: everything for it is kept aside.
    fn park(&mut self, chat: i64, why: &str) {
        let Some(queue) = self.chats.get_mut(&chat) else {
            return;
        };
        // The exchange beside it may have found the same.
        if queue.parked.is_none() {
            let limits = &self.shared.limits;
            let since = Instant::now();
            queue.refusals = queue.refusals.saturating_add(1);
            let pause = doubled(
                limits.parked_pause,
                queue.refusals,
                limits.longest_parked_pause,
            );
            let wakes = since + pause;
            self.parked.insert((wakes, chat));
            queue.parked = Some(Parked {
                why: why.to_owned(),
                since,
                wakes,
            });
            self.load.parked_chats.fetch_add(1, Ordering::Relaxed);
            if queue.refusals == 1 {
                tracing::warn!(chat, "the bot may not write in a chat: {why}");
                let (shared, why) = (Arc::clone(&self.shared), why.to_owned());
                tokio::spawn(async move {
                    shared
                        .desk
                        .came_back(Returned::ChatForbidden { chat, why })
                        .await;
                });
            }
        }
        let items: Vec<Item> = queue
            .lanes
            .iter_mut()
            .flat_map(|lane| lane.items.drain(..))
            .collect();
        self.waiting -= items.len();
        for item in items {
            self.park_item(item, why);
        }
    }

    pub(super) fn park_item(&mut self, item: Item, why: &str) {
        match item {
            Item::Row(job) => {
                if let Outgoing::Topic { incident, .. } = &job.outgoing {
                    self.topics.remove(incident);
                }
                self.shared.later(Settlement::Parked {
                    id: job.row.id,
                    why: why.to_owned(),
                });
            }
            // It stays marked as changed and is shown after the chat has been resumed.
            Item::Card(incident) => {
                if let Some(card) = self.cards.get_mut(&incident) {
                    card.queued = None;
                }
            }
        }
    }

    /// Somebody spoke in a chat in which the bot may not write, or there is something new for it: it is tried again soon, but
    /// not at each word.
    pub(super) fn try_soon(&mut self, chat: i64) {
        let limits = &self.shared.limits;
        let Some(queue) = self.chats.get_mut(&chat) else {
            return;
        };
        let Some(parked) = &mut queue.parked else {
            return;
        };
        let pause = doubled(limits.heard_pause, queue.refusals, limits.parked_pause);
        let soon = parked.since + pause;
        if parked.wakes > soon {
            self.parked.remove(&(parked.wakes, chat));
            self.parked.insert((soon, chat));
            parked.wakes = soon;
        }
    }

    /// Chats in which the bot might not write, and whose pause is over.
    pub(super) fn try_parked(&mut self, now: Instant) {
        while let Some(first) = self.parked.first().filter(|(at, _)| *at <= now).copied() {
            self.parked.remove(&first);
            if let Some(orders) = self.again.upgrade() {
                let _ = orders.send(Order::Resume(first.1));
            }
        }
    }

    pub(super) async fn resume(&mut self, chat: i64) {
        self.shared.settler.flush().await;
        let rows = match self.shared.ledger.parked(chat).await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(chat, "what is parked cannot be read at present: {error}");
                let again = self.again.clone();
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(5)).await;
                    if let Some(orders) = again.upgrade() {
                        let _ = orders.send(Order::Resume(chat));
                    }
                });
                return;
            }
        };
        if let Some(queue) = self.chats.get_mut(&chat)
            && let Some(parked) = queue.parked.take()
        {
            self.parked.remove(&(parked.wakes, chat));
            self.load.parked_chats.fetch_sub(1, Ordering::Relaxed);
        }
        for row in rows {
            self.shared.later(Settlement::Waiting {
                id: row.id,
                attempts: 0,
            });
            self.take_in(row);
        }
        let cards = self
            .cards
            .iter()
            .filter(|(_, card)| card.chat == chat && card.changed && card.queued.is_none());
        let cards: Vec<(String, usize)> = cards
            .map(|(incident, card)| (incident.clone(), card.lane))
            .collect();
        for (incident, lane) in cards {
            self.card_changed(chat, incident, lane, None);
        }
    }
}

fn doubled(first: Duration, times: u32, longest: Duration) -> Duration {
    first
        .saturating_mul(2_u32.saturating_pow(times.saturating_sub(1).min(16)))
        .min(longest)
}
