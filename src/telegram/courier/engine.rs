//! The courier's one decision maker: queues, whose turn it is, and what a try's outcome means for the queue.

mod outcomes;
mod queues;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

use self::queues::{Chat, Item, Turns};
use super::cards::{Card, CardAfter, Shown, show};
use super::job::{After, Job};
use super::limits::Bucket;
use super::shared::{LoadNow, Shared};
use super::{Desk, Returned, TopicState, attempt, quick};
use crate::messages::outgoing::{Lane, Outgoing};
use crate::store::{OutboxRow, Settlement};

/// How long an emergency waits for its topic to be made.
const URGENT_TOPIC: Duration = Duration::from_secs(3);
/// How long anything waits for a topic that nobody is making.
const LOST_TOPIC: Duration = Duration::from_secs(2);
/// How soon a message looks again whether its topic is there.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long a stop waits for what is under way.
const STOPPING: Duration = Duration::from_secs(5);

/// What the courier is told.
pub(super) enum Order {
    Rows(Vec<OutboxRow>),
    Card {
        chat: i64,
        incident: String,
        lane: Lane,
    },
    Resume(i64),
    Heard(i64),
    Idle(oneshot::Sender<()>),
    Stop(oneshot::Sender<()>),
}

/// What came out of a task.
enum Finished {
    Row {
        job: Box<Job>,
        after: After,
    },
    Card {
        chat: i64,
        incident: String,
        shown: Shown,
        rows: Vec<i64>,
        after: CardAfter,
    },
    Quick {
        job: Box<Job>,
        after: After,
    },
}

/// Whose slot a task takes, for the case that it panics.
enum Slot {
    Queue {
        chat: i64,
        lane: usize,
        incident: Option<String>,
    },
    Quick,
}

pub(super) struct Engine<D> {
    shared: Arc<Shared<D>>,
    orders: mpsc::UnboundedReceiver<Order>,
    again: mpsc::WeakUnboundedSender<Order>,
    load: Arc<LoadNow>,
    tasks: JoinSet<Finished>,
    slots: HashMap<Id, Slot>,
    chats: HashMap<i64, Chat>,
    cards: HashMap<String, Card>,
    /// Incidents whose topic is being made, and when something first waited for it.
    topics: HashMap<String, usize>,
    turns: Turns,
    /// When chats in which the bot may not write are tried again.
    parked: BTreeSet<(Instant, i64)>,
    overall: Bucket,
    in_flight: usize,
    quick: VecDeque<Box<Job>>,
    quick_later: BTreeMap<(Instant, i64), Box<Job>>,
    quick_in_flight: usize,
    /// Everything that is queued or under way.
    waiting: usize,
    idle: Vec<oneshot::Sender<()>>,
}

impl<D: Desk> Engine<D> {
    pub(super) fn new(
        shared: Arc<Shared<D>>,
        orders: mpsc::UnboundedReceiver<Order>,
        again: mpsc::WeakUnboundedSender<Order>,
        load: Arc<LoadNow>,
    ) -> Self {
        let overall = Bucket::full(shared.limits.overall, shared.limits.overall, Instant::now());
        Self {
            shared,
            orders,
            again,
            load,
            tasks: JoinSet::new(),
            slots: HashMap::new(),
            chats: HashMap::new(),
            cards: HashMap::new(),
            topics: HashMap::new(),
            turns: Turns::default(),
            parked: BTreeSet::new(),
            overall,
            in_flight: 0,
            quick: VecDeque::new(),
            quick_later: BTreeMap::new(),
            quick_in_flight: 0,
            waiting: 0,
            idle: Vec::new(),
        }
    }

    /// Runs until it is stopped or nobody can give orders any more.
    pub(super) async fn run(mut self) {
        loop {
            let next = self.start_what_may(Instant::now());
            self.load.waiting.store(self.waiting, Ordering::Relaxed);
            if self.waiting == 0 && !self.idle.is_empty() {
                self.tell_idle();
            }
            let alarm = next.unwrap_or_else(|| Instant::now() + Duration::from_hours(1));
            tokio::select! {
                order = self.orders.recv() => match order {
                    Some(Order::Stop(tell)) => {
                        self.stop().await;
                        let _ = tell.send(());
                        return;
                    }
                    None => return self.stop().await,
                    Some(order) => self.obey(order).await,
                },
                Some(done) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => self.finished(done),
                () = tokio::time::sleep_until(alarm) => {}
            }
            // Everything that has happened meanwhile is taken in before anything new goes out.
            while let Some(done) = self.tasks.try_join_next_with_id() {
                self.finished(done);
            }
        }
    }

    async fn stop(mut self) {
        let finish = async {
            while let Some(done) = self.tasks.join_next_with_id().await {
                self.finished(done);
            }
        };
        // What does not come to its end in time stays noted as being sent, and is marked when it is sent again.
        let _ = tokio::time::timeout(STOPPING, finish).await;
        self.shared.settler.flush().await;
    }

    fn tell_idle(&mut self) {
        let waiting = std::mem::take(&mut self.idle);
        let settler = self.shared.settler.clone();
        tokio::spawn(async move {
            settler.flush().await;
            for tell in waiting {
                let _ = tell.send(());
            }
        });
    }

    async fn obey(&mut self, order: Order) {
        match order {
            Order::Rows(rows) => rows.into_iter().for_each(|row| self.take_in(row)),
            Order::Card {
                chat,
                incident,
                lane,
            } => self.card_changed(chat, incident, lane as usize, None),
            Order::Resume(chat) => self.resume(chat).await,
            Order::Heard(chat) => self.try_soon(chat),
            Order::Idle(tell) => self.idle.push(tell),
            // Handled by the loop.
            Order::Stop(_) => {}
        }
    }

    fn take_in(&mut self, row: OutboxRow) {
        let outgoing = match Outgoing::from_body(&row.body) {
            Ok(outgoing) => outgoing,
            Err(error) => return self.unreadable(row, &error),
        };
        let lane = Lane::of(row.lane) as usize;
        match &outgoing {
            Outgoing::Card { incident } => {
                let (chat, id, incident) = (row.chat, row.id, incident.clone());
                return self.card_changed(chat, incident, lane, Some(id));
            }
            Outgoing::Toast { .. } | Outgoing::Reaction { .. } => {
                self.waiting += 1;
                return self.quick.push_back(Box::new(Job::new(row, outgoing)));
            }
            Outgoing::Topic { incident, .. } => {
                *self.topics.entry(incident.clone()).or_default() += 1;
            }
            _ => {}
        }
        // A topic goes before whatever waits for it.
        let lane = if matches!(outgoing, Outgoing::Topic { .. }) {
            0
        } else {
            lane
        };
        self.enqueue(row.chat, lane, Item::Row(Box::new(Job::new(row, outgoing))));
    }

    fn unreadable(&self, row: OutboxRow, error: &serde_json::Error) {
        let why = format!("its body cannot be read: {error}");
        tracing::error!(row = row.id, "a delivery is given up: {why}");
        self.shared.later(Settlement::Dropped {
            id: row.id,
            why: why.clone(),
        });
        let shared = Arc::clone(&self.shared);
        tokio::spawn(async move {
            shared
                .desk
                .came_back(Returned::Undeliverable { row, why })
                .await;
        });
    }

    fn card_changed(&mut self, chat: i64, incident: String, lane: usize, row: Option<i64>) {
        let card = self.cards.entry(incident.clone()).or_default();
        card.chat = chat;
        // Whoever is in a hurry takes the others along.
        let lane = if card.changed {
            card.lane.min(lane)
        } else {
            lane
        };
        (card.changed, card.lane) = (true, lane);
        card.rows.extend(row);
        if !card.under_way && card.queued.is_none_or(|queued| queued > lane) {
            card.queued = Some(lane);
            self.enqueue(chat, lane, Item::Card(incident));
        }
    }

    fn enqueue(&mut self, chat: i64, lane: usize, item: Item) {
        let now = Instant::now();
        let limits = &self.shared.limits;
        let queue = self
            .chats
            .entry(chat)
            .or_insert_with(|| Chat::new(limits, now));
        if let Some(parked) = &queue.parked {
            let (why, said) = (parked.why.clone(), matches!(item, Item::Row(_)));
            self.park_item(item, &why);
            if said {
                self.try_soon(chat);
            }
            return;
        }
        if item.makes_a_topic() {
            // Whatever stands there may be waiting for it.
            queue.lanes[lane].items.push_front(item);
        } else {
            queue.lanes[lane].items.push_back(item);
        }
        self.waiting += 1;
        self.turns.wake(queue, chat, lane);
    }

    /// Starts everything that may go now and returns when to look again.
    fn start_what_may(&mut self, now: Instant) -> Option<Instant> {
        self.start_quick(now);
        self.turns.wake_sleepers(now);
        self.try_parked(now);
        let mut again = None;
        'lanes: for lane in 0..3 {
            while let Some(chat) = self.turns.next(lane) {
                // An emergency does not wait for a free slot.
                let full = self.in_flight >= self.shared.limits.in_flight && lane != 0;
                let wait = if full {
                    Some(Duration::from_hours(1))
                } else {
                    self.overall_wait(lane, now)
                };
                if let Some(wait) = wait {
                    self.turns.put_back(lane, chat);
                    again = Some(now + wait);
                    break 'lanes;
                }
                self.start(chat, lane, now);
            }
        }
        let quick = self.quick_later.keys().next().map(|(at, _)| *at);
        let parked = self.parked.first().map(|(at, _)| *at);
        [again, quick, parked, self.turns.next_waking()]
            .into_iter()
            .flatten()
            .min()
    }

    fn overall_wait(&mut self, lane: usize, now: Instant) -> Option<Duration> {
        if !self.shared.limits.on {
            return None;
        }
        let reserve = if lane == 0 {
            0.0
        } else {
            self.shared.limits.overall_reserve
        };
        self.overall.wait(reserve, now)
    }

    /// Gives a chat's lane its turn: it starts its first item, or sleeps until it may.
    fn start(&mut self, chat: i64, lane: usize, now: Instant) {
        let Some(queue) = self.chats.get_mut(&chat) else {
            return;
        };
        queue.lanes[lane].turn = false;
        if queue.busy[usize::from(lane != 0)] || queue.parked.is_some() {
            return;
        }
        // Cards that were shown by way of another lane, and edits that a later one replaces, need no exchange.
        while let Some(skipped) = queue.skip(lane, &self.cards) {
            self.waiting -= 1;
            if let Item::Row(job) = skipped {
                let id = job.row.id;
                self.shared.later(Settlement::Done { id });
            }
        }
        queue.revise(lane);
        let group = self.shared.chat_id(chat).is_none_or(|id| id < 0);
        let until = queue
            .may_go(lane, group, &self.shared.limits, now)
            .or_else(|| match queue.lanes[lane].items.front()? {
                Item::Card(incident) => self.cards.get(incident)?.rests_until(now),
                Item::Row(_) => None,
            })
            .or_else(|| {
                let topic = match queue.lanes[lane].items.front_mut()? {
                    Item::Row(job) => job.topic_wait()?,
                    Item::Card(incident) => (
                        incident.as_str(),
                        &mut self.cards.get_mut(incident)?.waiting_since,
                    ),
                };
                waits_for_topic(&*self.shared, &self.topics, topic, lane)
                    .then_some(now + LOOK_AGAIN)
            });
        if let Some(until) = until {
            return self.turns.sleep(queue, chat, lane, until);
        }
        let Some(item) = queue.lanes[lane].items.pop_front() else {
            return;
        };
        queue.forget(&item);
        if self.shared.limits.on && item.counts() {
            queue.pace.take(item.is_card(), now);
            self.overall.take();
        }
        queue.busy[usize::from(lane != 0)] = true;
        self.in_flight += 1;
        self.spawn(chat, lane, item);
    }

    fn spawn(&mut self, chat: i64, lane: usize, item: Item) {
        let shared = Arc::clone(&self.shared);
        let (handle, incident) = match item {
            Item::Row(mut job) => {
                let task = async move {
                    let after = attempt::attempt(&shared, &mut job).await;
                    Finished::Row { job, after }
                };
                (self.tasks.spawn(task), None)
            }
            Item::Card(incident) => {
                let card = self.cards.entry(incident.clone()).or_default();
                (card.changed, card.queued, card.under_way) = (false, None, true);
                (card.waiting_since, card.taken_up) = (None, Some(Instant::now()));
                let rows = std::mem::take(&mut card.rows);
                let mut shown = card.shown.clone();
                let name = incident.clone();
                let task = async move {
                    let after = show(&shared, &incident, &mut shown).await;
                    Finished::Card {
                        chat,
                        incident,
                        shown,
                        rows,
                        after,
                    }
                };
                (self.tasks.spawn(task), Some(name))
            }
        };
        self.slots.insert(
            handle.id(),
            Slot::Queue {
                chat,
                lane,
                incident,
            },
        );
    }

    fn start_quick(&mut self, now: Instant) {
        while let Some(entry) = self
            .quick_later
            .first_entry()
            .filter(|entry| entry.key().0 <= now)
        {
            self.quick.push_back(entry.remove());
        }
        while self.quick_in_flight < self.shared.limits.quick_in_flight {
            let Some(mut job) = self.quick.pop_front() else {
                break;
            };
            if matches!(job.outgoing, Outgoing::Reaction { .. }) && self.shared.limits.on {
                self.overall.take();
            }
            let shared = Arc::clone(&self.shared);
            let handle = self.tasks.spawn(async move {
                let after = quick::attempt(&shared, &mut job).await;
                Finished::Quick { job, after }
            });
            self.slots.insert(handle.id(), Slot::Quick);
            self.quick_in_flight += 1;
        }
    }
}

/// Whether something for an incident's topic waits until that is made.
fn waits_for_topic<D: Desk>(
    shared: &Shared<D>,
    topics: &HashMap<String, usize>,
    (incident, since): (&str, &mut Option<Instant>),
    lane: usize,
) -> bool {
    if shared.desk.topic(incident) != TopicState::Waiting {
        return false;
    }
    let waited = since.get_or_insert_with(Instant::now).elapsed();
    match (topics.contains_key(incident), lane) {
        (true, 0) => waited < URGENT_TOPIC,
        (true, _) => true,
        (false, _) => waited < LOST_TOPIC,
    }
}
