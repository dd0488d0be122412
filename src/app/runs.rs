//! The runner: executes what [`saga::next`] says is due, and writes down each step before and after.
//!
//! A run needs no memory here. Whoever starts the runner finds in the ledger what is not over and goes on from there.

mod errands;
mod execute;
mod floor;
mod task;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, mpsc, watch};
use tokio::task::JoinSet;

use super::desk::CardNow;
use super::room::Room;
use super::{Delivery, House};
use crate::actions::{Execute, Gather};
use crate::incident::{Chat, Event, Incident, IncidentEvent, IncidentId, Run, Topic};
use crate::messages;
use crate::messages::outgoing::Place;
use crate::panics;
pub(super) use errands::{Errand, Work};
pub(super) use floor::Floor;

/// Ended runs whose message is brought up to date after a restart.
const RECENT_HOURS: i64 = 24;

/// Who executes.
#[derive(Debug)]
pub struct Executors<L, R, G> {
    /// For real.
    pub live: L,
    /// In drills and dry runs: it has neither a client nor credentials.
    pub rehearsal: R,
    /// Gathers evidence, for real.
    pub gather: G,
}

/// A run of an incident.
pub(super) type Call = (IncidentId, u32);

/// What the runner is called for.
enum Called {
    /// A run that has something to do.
    Run(Call),
    /// Small work beside the runs.
    Errand(Box<Errand>),
}

/// Where the runner is called.
pub(super) struct Calls {
    into: mpsc::UnboundedSender<Called>,
    out: Mutex<Option<mpsc::UnboundedReceiver<Called>>>,
}

impl Calls {
    pub(super) fn new() -> Self {
        let (into, out) = mpsc::unbounded_channel();
        Self {
            into,
            out: Mutex::new(Some(out)),
        }
    }

    pub(super) fn call(&self, incident: IncidentId, run: u32) {
        // The receiver is gone only while the process ends; the run stays in the ledger.
        let _ = self.into.send(Called::Run((incident, run)));
    }

    pub(super) fn send_on(&self, errand: Errand) {
        // Whoever asked asks again after the restart.
        let _ = self.into.send(Called::Errand(Box::new(errand)));
    }

    fn take(&self) -> Option<mpsc::UnboundedReceiver<Called>> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        out.take()
    }
}

/// The name under which the courier knows the message of a run.
pub(super) fn progress_key(incident: IncidentId, run: u32) -> String {
    format!("{incident}/{run}")
}

/// Marks the message that asks about a run, so that its id comes back.
const QUESTION: &str = "question/";

/// The tag of the message that asks about a run.
pub(super) fn question_tag(incident: IncidentId, run: u32) -> String {
    format!("{QUESTION}{}", progress_key(incident, run))
}

/// The run whose question has this tag.
pub(super) fn questioned(tag: &str) -> Option<Call> {
    let (id, run) = read_key(tag.strip_prefix(QUESTION)?)?;
    Some((id, run?))
}

/// Whether what a run tells goes before everything else: its first word, what it asks, and its end. Where the run itself opened
/// the incident, the incident's card comes first; and a rehearsal is in nobody's way.
pub(super) fn goes_first(incident: &Incident, run: u32) -> bool {
    let first = incident.timeline.iter().find(|it| {
        let Event::Incident(_, event) = &it.event else {
            return false;
        };
        matches!(event, IncidentEvent::CardPosted { .. })
            || matches!(event, IncidentEvent::RunStarted { .. }) && event.run() == Some(run)
    });
    let card_stood = first.is_some_and(|it| {
        matches!(
            it.event,
            Event::Incident(_, IncidentEvent::CardPosted { .. })
        )
    });
    card_stood && !incident.is_drill()
}

/// Whether the message of a run is urgent now: it begins, or has come to its end. What happens between goes with the cards.
pub(super) fn is_urgent(chat: &Chat, id: IncidentId, run: u32) -> bool {
    let found = chat
        .incidents
        .get(&id)
        .and_then(|it| Some((it, it.run(run)?)));
    found.is_some_and(|(incident, it)| {
        (it.message.is_none() || it.is_over()) && goes_first(incident, run)
    })
}

/// The incident, and the run, behind a name of the courier.
pub(super) fn read_key(key: &str) -> Option<(IncidentId, Option<u32>)> {
    match key.split_once('/') {
        Some((id, run)) => Some((id.parse().ok()?, Some(run.parse().ok()?))),
        None => Some((key.parse().ok()?, None)),
    }
}

/// What all runs share.
struct Runner<L, R, G> {
    house: Arc<House>,
    executors: Executors<L, R, G>,
    stop: watch::Receiver<bool>,
}

impl House {
    /// Executes runs until `stop` becomes true, beginning with those that are not over. To be called once.
    pub async fn run_levers<L: Execute, R: Execute, G: Gather>(
        self: Arc<Self>,
        executors: Executors<L, R, G>,
        mut stop: watch::Receiver<bool>,
    ) {
        let Some(mut calls) = self.calls.take() else {
            tracing::error!("the runner of levers was started twice");
            return;
        };
        let open = self.look_around().await;
        let runner = Arc::new(Runner {
            house: self,
            executors,
            stop: stop.clone(),
        });
        let mut tasks: JoinSet<Call> = JoinSet::new();
        let mut errands: JoinSet<()> = JoinSet::new();
        let mut nudges: HashMap<Call, Arc<Notify>> = HashMap::new();
        let begin = |tasks: &mut JoinSet<Call>, call: Call| {
            let nudge = Arc::new(Notify::new());
            let runner = Arc::clone(&runner);
            tasks.spawn(runner.see_through(call, Arc::clone(&nudge)));
            nudge
        };
        // The oldest first: it keeps its targets.
        for call in open {
            if runner.enter(call).await {
                let nudge = Arc::new(Notify::new());
                nudges.insert(call, Arc::clone(&nudge));
                tasks.spawn(Arc::clone(&runner).resume(call, nudge));
            }
        }
        loop {
            tokio::select! {
                biased;
                Some(ended) = tasks.join_next() => match ended {
                    Ok(call) => drop(nudges.remove(&call)),
                    Err(error) => {
                        let how = panics::broken(&error);
                        tracing::error!("a run broke; it goes on after a restart: {how}");
                        nudges.retain(|_, nudge| Arc::strong_count(nudge) > 1);
                    }
                },
                _ = stop.wait_for(|stop| *stop) => break,
                Some(ended) = errands.join_next() => if let Err(error) = ended {
                    tracing::error!("an errand broke: {error}");
                },
                call = calls.recv() => match call {
                    Some(Called::Errand(errand)) => {
                        errands.spawn(Arc::clone(&runner).run_errand(*errand));
                    }
                    Some(Called::Run(call)) => match nudges.get(&call) {
                        Some(nudge) => nudge.notify_one(),
                        None => drop(nudges.insert(call, begin(&mut tasks, call))),
                    },
                    None => break,
                },
            }
        }
        errands.shutdown().await;
        // Each sees the stop by itself: it notes how its steps ended.
        while tasks.join_next().await.is_some() {}
    }

    /// What is under way or rested in the whole installation, and the runs that are not over.
    async fn look_around(&self) -> Vec<Call> {
        let rooms: Vec<Arc<Room>> = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_key.values().cloned().collect()
        };
        let now = self.clock.now();
        let mut open = Vec::new();
        let mut shown = Vec::new();
        for room in rooms {
            let looked = self.with_chat(&room, |chat, _| {
                let mut floor = self.floor.lock().unwrap_or_else(PoisonError::into_inner);
                for incident in chat.incidents.values() {
                    for run in &incident.runs {
                        floor.remember(incident, run, now);
                        let recent = run
                            .ended
                            .as_ref()
                            .is_none_or(|end| now - end.at < chrono::Duration::hours(RECENT_HOURS));
                        if recent {
                            shown.push((chat.key.0, incident.id, run.number, run.version));
                        }
                        if !run.is_over() {
                            open.push((incident.id, run.number));
                        }
                    }
                }
            });
            if let Err(error) = looked.await {
                tracing::error!(chat = room.key.0, "its runs cannot be read: {error}");
            }
        }
        for (chat, id, run, version) in shown {
            self.catch_up(chat, id, run, version).await;
        }
        open.sort();
        open
    }

    /// The message of a run that a kill left behind is brought up to date.
    async fn catch_up(&self, chat: i64, id: IncidentId, run: u32, version: u64) {
        let key = progress_key(id, run);
        let shown = self.ledger.card(&key).await.ok().flatten();
        let shown = shown.map(|card| card.shown_version);
        if shown.and_then(|it| u64::try_from(it).ok()) != Some(version) {
            self.deliver(Delivery::CardChanged {
                chat,
                urgent: false,
                incident: key,
            });
        }
    }

    /// The message of a run as it should look now.
    pub(super) async fn progress(&self, room: &Room, id: IncidentId, run: u32) -> Option<CardNow> {
        let show = |incident: &Incident, run: &Run, rendered, chat| CardNow {
            chat,
            place: match incident.topic {
                Topic::None => Place::General,
                Topic::Asked | Topic::Made(_) => Place::Incident(id.to_string()),
            },
            message_id: run.message,
            rendered,
            version: i64::try_from(run.version).unwrap_or(i64::MAX),
            pin: false,
        };
        self.with_chat(room, |chat, plans| {
            let view = self.view(chat, plans, self.clock.now());
            let incident = chat.incidents.get(&id)?;
            let run = incident.run(run)?;
            let rendered = messages::progress(&view, incident, run);
            Some(show(incident, run, rendered, chat.key.0))
        })
        .await
        .ok()
        .flatten()
    }
}
