//! The queues of one chat, and whose turn it is among the chats.

use std::collections::{BTreeSet, HashMap, VecDeque};

use tokio::time::Instant;

use crate::messages::outgoing::{Keyboard, Lane, Message, Outgoing};
use crate::telegram::courier::Limits;
use crate::telegram::courier::cards::Card;
use crate::telegram::courier::job::Job;
use crate::telegram::courier::limits::Pace;

/// So many messages of a chat are remembered for the edits that they may get.
const REMEMBERED: usize = 32;

/// What stands in a queue.
pub(super) enum Item {
    Row(Box<Job>),
    Card(String),
}

impl Item {
    /// Whether it counts against Telegram's limits.
    pub(super) fn counts(&self) -> bool {
        match self {
            Self::Row(job) => job.counts(),
            Self::Card(_) => true,
        }
    }

    pub(super) fn makes_a_topic(&self) -> bool {
        matches!(self, Self::Row(job) if matches!(job.outgoing, Outgoing::Topic { .. }))
    }

    pub(super) fn is_card(&self) -> bool {
        matches!(self, Self::Card(_))
    }
}

/// One lane of a chat.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) items: VecDeque<Item>,
    /// It has its place among the ready or the sleeping.
    pub(super) turn: bool,
    /// Not before this, after failures.
    pub(super) until: Option<Instant>,
    pub(super) failures: u32,
}

/// One chat.
pub(super) struct Chat {
    pub(super) lanes: [Queue; 3],
    /// Exchanges under way: an urgent one, and one of the others. In order, one at a time; only urgent ones do not wait.
    pub(super) busy: [bool; 2],
    pub(super) pace: Pace,
    /// Not before this, by Telegram's own word (429).
    pub(super) until: Option<Instant>,
    /// The bot may not write here.
    pub(super) parked: Option<Parked>,
    /// How often that was found since something was last delivered.
    pub(super) refusals: u32,
    /// What messages show that were sent lately and may be edited, the oldest first.
    shown: VecDeque<(i64, Message)>,
}

/// Why the bot may not write in a chat.
pub(super) struct Parked {
    pub(super) why: String,
    pub(super) since: Instant,
    /// When it is tried again, whatever happens.
    pub(super) wakes: Instant,
}

impl Chat {
    pub(super) fn new(limits: &Limits, now: Instant) -> Self {
        Self {
            lanes: Default::default(),
            busy: [false; 2],
            pace: Pace::new(limits, now),
            until: None,
            parked: None,
            refusals: 0,
            shown: VecDeque::new(),
        }
    }

    /// When its first item may go, if that is not now.
    pub(super) fn may_go(
        &mut self,
        lane: usize,
        group: bool,
        limits: &Limits,
        now: Instant,
    ) -> Option<Instant> {
        let item = self.lanes[lane].items.front()?;
        let (counts, card) = (item.counts(), item.is_card());
        let until = self
            .until
            .max(self.lanes[lane].until)
            .filter(|until| *until > now);
        if until.is_some() || !counts || !limits.on {
            return until;
        }
        let lane = [Lane::Emergency, Lane::Incident, Lane::Routine][lane];
        self.pace
            .wait(limits, lane, card, group, now)
            .map(|wait| now + wait)
    }

    /// Takes away a first item that needs no exchange.
    pub(super) fn skip(&mut self, lane: usize, cards: &HashMap<String, Card>) -> Option<Item> {
        let items = &mut self.lanes[lane].items;
        let needless = match items.front()? {
            Item::Card(incident) => {
                let current = cards
                    .get(incident)
                    .is_some_and(|card| card.changed && card.queued == Some(lane));
                !current
            }
            Item::Row(job) => match &job.outgoing {
                Outgoing::Edit {
                    message_id,
                    html,
                    keyboard,
                } => {
                    let shown = self.shown.iter().find(|(id, _)| id == message_id);
                    let same =
                        shown.is_some_and(|(_, it)| it.html == *html && it.keyboard == *keyboard);
                    same || items.iter().skip(1).any(|later| edits(later, *message_id))
                }
                // Its message stood before it, and went out with it.
                Outgoing::Revise { .. } => true,
                _ => false,
            },
        };
        if needless { items.pop_front() } else { None }
    }

    /// What a message shows once it is there: an edit to the same costs nothing.
    pub(super) fn remember(&mut self, job: Job) {
        let (Outgoing::Message(message), Some(message_id)) = (job.outgoing, job.became) else {
            return;
        };
        if message.tag.is_some() {
            if self.shown.len() >= REMEMBERED {
                self.shown.pop_front();
            }
            self.shown.push_back((message_id, message));
        }
    }

    /// What a message shows is not known any more from the moment at which it is edited.
    pub(super) fn forget(&mut self, item: &Item) {
        if let Item::Row(job) = item
            && let Outgoing::Edit { message_id, .. } = &job.outgoing
        {
            self.shown.retain(|(id, _)| id != message_id);
        }
    }

    /// A first message that was revised while it waited goes out as it should look now. The revisions stay behind it: whatever
    /// becomes of this try, they are still there for the next one.
    pub(super) fn revise(&mut self, lane: usize) {
        let items = &mut self.lanes[lane].items;
        let Some(newest) = items.front().and_then(|first| {
            let tag = tag(first)?;
            let later = items.iter().skip(1).rev();
            later.filter_map(revision).find_map(|(of, html, keyboard)| {
                (of == tag).then(|| (html.to_owned(), keyboard.cloned()))
            })
        }) else {
            return;
        };
        if let Some(Item::Row(job)) = items.front_mut()
            && let Outgoing::Message(message) = &mut job.outgoing
        {
            (message.html, message.keyboard) = newest;
        }
    }
}

/// The tag of a message of which no part was sent yet.
fn tag(item: &Item) -> Option<&str> {
    let Item::Row(job) = item else {
        return None;
    };
    match &job.outgoing {
        Outgoing::Message(message) if job.part == 0 => message.tag.as_deref(),
        _ => None,
    }
}

fn revision(item: &Item) -> Option<(&str, &str, Option<&Keyboard>)> {
    let Item::Row(job) = item else {
        return None;
    };
    match &job.outgoing {
        Outgoing::Revise {
            tag,
            html,
            keyboard,
        } => Some((tag, html, keyboard.as_ref())),
        _ => None,
    }
}

fn edits(item: &Item, message: i64) -> bool {
    matches!(item, Item::Row(job) if matches!(job.outgoing, Outgoing::Edit { message_id, .. } if message_id == message))
}

/// Whose turn it is. Each lane of each chat has at most one place: among the ready, or among the sleeping.
#[derive(Default)]
pub(super) struct Turns {
    ready: [VecDeque<i64>; 3],
    sleeping: BTreeSet<(Instant, usize, i64)>,
}

impl Turns {
    /// Gives a lane with something to do a place among the ready, unless it has one.
    pub(super) fn wake(&mut self, queue: &mut Chat, chat: i64, lane: usize) {
        let slot = queue.busy[usize::from(lane != 0)];
        let queue = &mut queue.lanes[lane];
        if !queue.items.is_empty() && !queue.turn && !slot {
            queue.turn = true;
            self.ready[lane].push_back(chat);
        }
    }

    /// Lets a lane sleep.
    pub(super) fn sleep(&mut self, queue: &mut Chat, chat: i64, lane: usize, until: Instant) {
        queue.lanes[lane].turn = true;
        self.sleeping.insert((until, lane, chat));
    }

    pub(super) fn wake_sleepers(&mut self, now: Instant) {
        while let Some(first) = self
            .sleeping
            .first()
            .filter(|first| first.0 <= now)
            .copied()
        {
            self.sleeping.remove(&first);
            self.ready[first.1].push_back(first.2);
        }
    }

    pub(super) fn next(&mut self, lane: usize) -> Option<i64> {
        self.ready[lane].pop_front()
    }

    /// Gives a turn back that could not be used.
    pub(super) fn put_back(&mut self, lane: usize, chat: i64) {
        self.ready[lane].push_front(chat);
    }

    pub(super) fn next_waking(&self) -> Option<Instant> {
        self.sleeping.first().map(|first| first.0)
    }
}
