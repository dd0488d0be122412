//! Works out, without I/O, what one transaction writes: which waiting units can go together, which have lost, and all their rows.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{
    chain,
    error::CommitError,
    ids::Ids,
    sql::{Value, clean},
    types::{
        Card, Chat, ChatMove, Committed, Head, NewEvent, OutboxRow, OutboxState, Person,
        Settlement, Timer, TimerChange, Unit,
    },
};

/// Something to write.
#[derive(Debug)]
pub(super) enum Work {
    Unit(Box<Unit>),
    Settle(Vec<Settlement>),
    /// Forget updates and finished deliveries older than this.
    Prune {
        updates: i64,
        outbox: i64,
    },
}

impl Work {
    /// The chat whose later units depend on this one; 0 for none.
    pub(super) fn chat(&self) -> i64 {
        match self {
            Self::Unit(unit) => unit.chat,
            Self::Settle(_) | Self::Prune { .. } => 0,
        }
    }
}

/// What a failed transaction has taught about the database.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub updates: HashSet<i64>,
    pub chat_keys: HashSet<i64>,
    pub chat_ids: HashSet<i64>,
    pub timers_gone: HashSet<String>,
}

/// The rows of one transaction, and what becomes of each piece of work.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// One entry per piece of work taken from the front of the queue.
    pub outcomes: Vec<Result<Committed, CommitError>>,
    /// Chats in which a unit has lost.
    pub tainted: HashSet<i64>,
    /// Ends of the streams once this is committed.
    pub heads: HashMap<String, Head>,
    pub chats: Vec<Value>,
    pub chat_updates: Vec<Chat>,
    pub chat_moves: Vec<ChatMove>,
    pub updates: Vec<Value>,
    pub timers_done: Vec<Value>,
    pub plans: BTreeMap<String, String>,
    pub people: BTreeMap<i64, Person>,
    /// True for joined, false for left.
    pub members: BTreeMap<(i64, i64), bool>,
    pub streams: Vec<Value>,
    pub events: Vec<Value>,
    pub outbox: Vec<Value>,
    /// None for cancelled.
    pub timers: BTreeMap<String, Option<Timer>>,
    pub cards: BTreeMap<String, Card>,
    pub settings: BTreeMap<String, String>,
    pub set_aside: Vec<Value>,
    pub settlements: Vec<Settlement>,
    pub prune: Option<(i64, i64)>,
    /// A row by which to see later whether this transaction was committed.
    pub witness: Option<Witness>,
    /// When it was worked out, UTC microseconds.
    pub at: i64,
    update_ids: HashSet<i64>,
    new_keys: HashSet<i64>,
    new_ids: HashSet<i64>,
    done: HashSet<String>,
}

/// A row that only this transaction can have written.
#[derive(Debug, Clone)]
pub(super) enum Witness {
    Outbox(i64),
    Event {
        stream: String,
        seq: i64,
        position: i64,
    },
    Update {
        id: i64,
        at: i64,
    },
}

/// Plans the work at the front of the queue, `limit` pieces at most.
pub(super) fn plan<'a>(
    queue: impl Iterator<Item = &'a Work>,
    limit: usize,
    heads: &HashMap<String, Head>,
    known: &Known,
    tainted: &HashSet<i64>,
    ids: &mut Ids,
    at: i64,
) -> Plan {
    let mut plan = Plan {
        at,
        ..Plan::default()
    };
    for work in queue.take(limit) {
        match work {
            Work::Settle(settlements) => plan.settlements.extend(settlements.iter().cloned()),
            Work::Prune { updates, outbox } => plan.prune = Some((*updates, *outbox)),
            Work::Unit(unit) => {
                if plan.must_wait(unit) {
                    break;
                }
                let verdict = if unit.chat != 0
                    && (tainted.contains(&unit.chat) || plan.tainted.contains(&unit.chat))
                {
                    Err(behind(unit.chat))
                } else {
                    plan.check(unit, heads, known)
                };
                match verdict {
                    Ok(()) => {
                        let committed = plan.take(unit, heads, ids);
                        plan.outcomes.push(Ok(committed));
                    }
                    Err(error) => {
                        if unit.chat != 0 {
                            plan.tainted.insert(unit.chat);
                        }
                        plan.outcomes.push(Err(error));
                    }
                }
                continue;
            }
        }
        plan.outcomes.push(Ok(Committed::default()));
    }
    plan
}

/// The error of a unit that was decided on top of one that is not there.
pub(super) fn behind(chat: i64) -> CommitError {
    CommitError::Conflict {
        stream: format!("chat/{chat}"),
    }
}

impl Plan {
    /// True if nothing is to be written.
    pub(super) fn is_idle(&self) -> bool {
        self.outcomes.iter().all(Result::is_err)
    }

    /// True for a unit whose effect depends on rows of this very transaction in a way that multi-row statements cannot follow.
    fn must_wait(&self, unit: &Unit) -> bool {
        let rare = !unit.chat_moves.is_empty() || !unit.chat_updates.is_empty();
        (rare && !self.outcomes.is_empty())
            || !self.chat_moves.is_empty()
            || !self.chat_updates.is_empty()
            || unit
                .timers_done
                .iter()
                .any(|id| self.timers.contains_key(id))
    }

    /// Whether the unit fits on top of the database as known and of the units before it.
    fn check(
        &self,
        unit: &Unit,
        heads: &HashMap<String, Head>,
        known: &Known,
    ) -> Result<(), CommitError> {
        let updates: Vec<i64> = unit
            .updates
            .iter()
            .copied()
            .filter(|id| known.updates.contains(id) || self.update_ids.contains(id))
            .collect();
        let timers: Vec<String> = unit
            .timers_done
            .iter()
            .filter(|id| known.timers_gone.contains(*id) || self.done.contains(*id))
            .cloned()
            .collect();
        if !updates.is_empty() || !timers.is_empty() {
            return Err(CommitError::Repeat { updates, timers });
        }
        for chat in &unit.new_chats {
            if known.chat_keys.contains(&chat.key)
                || known.chat_ids.contains(&chat.telegram_id)
                || self.new_keys.contains(&chat.key)
                || self.new_ids.contains(&chat.telegram_id)
            {
                return Err(behind(chat.key));
            }
        }
        if unit
            .chat_moves
            .iter()
            .any(|moved| known.chat_ids.contains(&moved.telegram_id))
        {
            return Err(behind(unit.chat));
        }
        let mut ends: HashMap<&str, i64> = HashMap::new();
        for event in &unit.events {
            let stream = event.stream.as_str();
            let end = ends.entry(stream).or_insert_with(|| {
                self.heads
                    .get(stream)
                    .or_else(|| heads.get(stream))
                    .map_or(0, |head| head.seq)
            });
            if event.seq != *end + 1 {
                return Err(CommitError::Conflict {
                    stream: event.stream.clone(),
                });
            }
            *end = event.seq;
        }
        Ok(())
    }

    /// Adds the rows of a unit that fits.
    fn take(&mut self, unit: &Unit, heads: &HashMap<String, Head>, ids: &mut Ids) -> Committed {
        for id in &unit.updates {
            // A unit may name the same update twice; that is no repeat.
            if self.update_ids.insert(*id) {
                self.updates.extend([(*id).into(), self.at.into()]);
                self.witness.get_or_insert(Witness::Update {
                    id: *id,
                    at: self.at,
                });
            }
        }
        for id in &unit.timers_done {
            if self.done.insert(id.clone()) {
                self.timers_done.push(id.as_str().into());
            }
        }
        self.take_chats(unit);
        let events = unit
            .events
            .iter()
            .map(|event| self.take_event(unit.chat, event, heads, ids))
            .collect();
        let outbox = self.take_outbox(unit, ids);
        for change in &unit.timers {
            match change {
                TimerChange::Set(timer) => {
                    self.timers.insert(timer.id.clone(), Some(timer.clone()))
                }
                TimerChange::Cancel(id) => self.timers.insert(id.clone(), None),
            };
        }
        self.plans.extend(
            unit.plans
                .iter()
                .map(|plan| (plan.revision.clone(), plan.source.clone())),
        );
        self.cards.extend(
            unit.cards
                .iter()
                .map(|card| (card.incident.clone(), card.clone())),
        );
        self.settings.extend(unit.settings.iter().cloned());
        for item in &unit.set_aside {
            self.set_aside.extend([
                ids.next().into(),
                item.update_id.into(),
                self.at.into(),
                item.kind.as_str().into(),
                item.reason.as_str().into(),
                item.body.as_str().into(),
            ]);
        }
        Committed { outbox, events }
    }

    fn take_chats(&mut self, unit: &Unit) {
        for chat in &unit.new_chats {
            self.new_keys.insert(chat.key);
            self.new_ids.insert(chat.telegram_id);
            self.chats.extend([
                chat.key.into(),
                chat.telegram_id.into(),
                chat.title.as_str().into(),
                chat.kind.as_str().into(),
            ]);
        }
        self.chat_updates.extend(unit.chat_updates.iter().cloned());
        self.chat_moves.extend(unit.chat_moves.iter().copied());
        self.people.extend(
            unit.people
                .iter()
                .map(|person| (person.user_id, person.clone())),
        );
        self.members
            .extend(unit.members.iter().map(|pair| (*pair, true)));
        self.members
            .extend(unit.left.iter().map(|pair| (*pair, false)));
    }

    fn take_event(
        &mut self,
        chat: i64,
        event: &NewEvent,
        heads: &HashMap<String, Head>,
        ids: &mut Ids,
    ) -> Head {
        let stream = clean(event.stream.clone());
        let kind = clean(event.kind.clone());
        let body = clean(event.body.clone());
        let before = self
            .heads
            .get(&event.stream)
            .or_else(|| heads.get(&event.stream));
        let prev = before.map_or_else(String::new, |head| head.hash.clone());
        // Another process may have a clock ahead of ours: positions of a stream must rise all the same.
        if let Some(head) = before {
            ids.above(head.position);
        }
        let head = Head {
            hash: chain::hash(&prev, &stream, event.seq, event.at, &kind, &body),
            stream: stream.clone(),
            seq: event.seq,
            position: ids.next(),
        };
        if event.seq == 1 {
            self.streams.extend([stream.as_str().into(), chat.into()]);
        }
        if !matches!(self.witness, Some(Witness::Outbox(_))) {
            self.witness = Some(Witness::Event {
                stream: stream.clone(),
                seq: event.seq,
                position: head.position,
            });
        }
        self.events.extend([
            Value::Text(stream),
            event.seq.into(),
            chat.into(),
            head.position.into(),
            event.at.into(),
            Value::Text(kind),
            Value::Text(body),
            Value::Text(prev),
            Value::Text(head.hash.clone()),
        ]);
        self.heads.insert(event.stream.clone(), head.clone());
        head
    }

    fn take_outbox(&mut self, unit: &Unit, ids: &mut Ids) -> Vec<OutboxRow> {
        let mut rows = Vec::with_capacity(unit.outbox.len());
        for item in &unit.outbox {
            let row = OutboxRow {
                id: ids.next(),
                chat: item.chat.unwrap_or(unit.chat),
                incident: item.incident.clone().map(clean),
                lane: item.lane,
                body: clean(item.body.clone()),
                state: OutboxState::Waiting,
                attempts: 0,
                at: self.at,
                message_id: None,
                error: None,
            };
            self.outbox.extend([
                row.id.into(),
                row.chat.into(),
                Value::MaybeText(row.incident.clone()),
                row.lane.into(),
                Value::Text(row.body.clone()),
                row.at.into(),
            ]);
            self.witness = Some(Witness::Outbox(row.id));
            rows.push(row);
        }
        rows
    }
}
