//! The door for levers that come past Telegram: the admin endpoint, and runs that the journal kept.

mod import;

use std::sync::{Arc, PoisonError};

use sha2::{Digest, Sha256};

use super::House;
use super::letter::{Letter, Outcome, Wanted};
use super::room::Room;
use crate::incident::{
    Author, Chat, Command, HostRecord, HostSource, Incident, IncidentId, Origin, Plans, Request,
    attempt_id, policy,
};
use crate::plan::Plan;

pub use import::HostImport;
pub(super) use import::note;

/// A fail-safe procedure, asked for past Telegram.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPull {
    /// Telegram's id of the chat; none: the home chat.
    pub chat: Option<i64>,
    /// The plan that the asker has in mind: refused where the chat works with another.
    pub plan: Option<String>,
    /// The procedure.
    pub procedure: String,
    /// Why.
    pub why: String,
    /// Who.
    pub source: HostSource,
}

/// A run that was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostStarted {
    /// The incident that it belongs to.
    pub incident: IncidentId,
    /// Its number there; 0 for one that the journal brought in.
    pub run: u32,
    /// The plan that it follows.
    pub plan: String,
    /// The procedure.
    pub procedure: String,
    /// This very request had started it before.
    pub repeat: bool,
}

/// Why nothing was started, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostRefusal {
    /// No chat was named and none stands out.
    #[error(
        "several chats or none could be meant: name the chat or the plan, or send /setup home in one"
    )]
    NoChat,
    /// The chat is not in use.
    #[error("chat {0} is not in use here: name another, or send /start there")]
    UnknownChat(i64),
    /// The chat works with another plan.
    #[error("the chat works with the plan {is}, not {asked}: name that plan, or another chat")]
    OtherPlan {
        /// What was asked for.
        asked: String,
        /// What it works with.
        is: String,
    },
    /// Only fail-safe procedures run from here.
    #[error("{procedure} does not run from here, only: {known}")]
    NotFailSafe {
        /// What was asked for.
        procedure: String,
        /// What does.
        known: String,
    },
    /// A reason is missing.
    #[error("give a reason: it goes on the timeline")]
    NoReason,
    /// The key that makes a repeat recognisable belongs to another request.
    #[error(
        "nothing was started: this Idempotency-Key was used for {0}; send another request with a key of its own"
    )]
    OtherRequest(String),
    /// The rules refuse it.
    #[error("refused: {0}")]
    Refused(String),
    /// The ledger takes nothing at present.
    #[error("the ledger cannot be written: {0}")]
    Unavailable(String),
}

impl House {
    /// Starts a fail-safe procedure at once. Returns when that is committed.
    ///
    /// # Errors
    /// Why not; [`HostRefusal::Unavailable`] when the ledger is the reason.
    pub async fn pull_from_host(&self, pull: HostPull) -> Result<HostStarted, HostRefusal> {
        if pull.why.trim().is_empty() {
            return Err(HostRefusal::NoReason);
        }
        let room = self.host_room(pull.chat, pull.plan.as_deref()).await;
        // Nobody waits a second time for a ledger that does not answer.
        if let Err(HostRefusal::Unavailable(why)) = room {
            return Err(HostRefusal::Unavailable(why));
        }
        if let Some(started) = self.started_before(&pull, room.as_ref().ok()).await? {
            return Ok(started);
        }
        let room = room?;
        let checked = |chat: &Chat, plans: &Plans| check(chat, plans, &pull);
        self.with_chat(&room, checked).await.map_err(unreadable)??;
        let command = Command::HostLever {
            procedure: pull.procedure.clone(),
            why: pull.why.clone(),
        };
        let mark = pull.source.ticket.as_deref().map(mark);
        let outcome = self.commit_host(&room, command, &pull.source, mark).await?;
        let fresh = outcome.started.first().copied();
        let found = match fresh {
            Some((incident, run)) => {
                let found =
                    |chat: &Chat, _: &Plans| started(chat.incidents.get(&incident)?, run, false);
                self.with_chat(&room, found).await.map_err(unreadable)?
            }
            // The same request at the same time was faster.
            None => self.started_before(&pull, Some(&room)).await?,
        };
        found.ok_or_else(|| HostRefusal::Unavailable("the log says why".to_owned()))
    }

    /// The run that this very request started before. Its key with another chat, plan or procedure is refused: "done" must
    /// never be said of something that was not.
    async fn started_before(
        &self,
        pull: &HostPull,
        wanted: Option<&Arc<Room>>,
    ) -> Result<Option<HostStarted>, HostRefusal> {
        let Some(ticket) = &pull.source.ticket else {
            return Ok(None);
        };
        for attempt in 1.. {
            let id = attempt_id(ticket, attempt);
            let noted = self.ledger.setting(&setting(&id)).await;
            let Some(noted) = noted.map_err(unreadable)? else {
                break;
            };
            let before = imported_before(&noted, pull)?;
            // One that was cut off has not happened.
            let over = self.ledger.setting(&over(&id)).await;
            if over.map_err(unreadable)?.is_some() {
                return Ok(Some(before));
            }
        }
        for room in self.all_rooms() {
            let found = |chat: &Chat, _: &Plans| {
                let mut incidents = chat.incidents.values();
                incidents.find_map(|it| {
                    let run = it.run_by_ticket(&pull.source)?;
                    started(it, run.number, true)
                })
            };
            // A chat that cannot be read keeps nobody from pulling a lever in another one.
            let Some(found) = self.with_chat(&room, found).await.ok().flatten() else {
                continue;
            };
            let here = wanted.map_or(pull.chat.is_none(), |it| it.key == room.key);
            return if here && pull.asks_for(&found.plan, &found.procedure) {
                Ok(Some(found))
            } else {
                Err(HostRefusal::OtherRequest(format!(
                    "run {} of {}: {} in chat {}",
                    found.run,
                    found.incident,
                    found.procedure,
                    room.telegram_id()
                )))
            };
        }
        Ok(None)
    }

    pub(super) fn all_rooms(&self) -> Vec<Arc<Room>> {
        let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = rooms.by_key.values().cloned().collect();
        all.sort_by_key(|room| room.key);
        all
    }

    /// The plan that a pull would follow.
    pub async fn plan_for_host(&self, chat: Option<i64>) -> Option<String> {
        let room = self.host_room(chat, None).await.ok()?;
        let plan = |chat: &Chat, plans: &Plans| Some(followed(chat, plans)?.info.id.clone());
        self.with_chat(&room, plan).await.ok()?
    }

    async fn commit_host(
        &self,
        room: &Arc<Room>,
        command: Command,
        source: &HostSource,
        mark: Option<i64>,
    ) -> Result<Outcome, HostRefusal> {
        let request = Request {
            command,
            incident: None,
            origin: Origin::default(),
        };
        let letter = Letter {
            update_id: mark,
            timer: None,
            chat: None,
            person: None,
            wanted: Wanted::Command(Box::new((Author::Host(source.clone()), request))),
        };
        let mut outcome = Outcome::default();
        self.settle(room, room, vec![letter], &mut outcome).await;
        if let Some(why) = outcome.unavailable {
            return Err(HostRefusal::Unavailable(why));
        }
        if let Some((_, why)) = outcome.broken.pop() {
            return Err(HostRefusal::Unavailable(why));
        }
        match outcome.refused.pop() {
            Some(why) => Err(HostRefusal::Refused(why)),
            None => Ok(outcome),
        }
    }

    /// The chat that is named, else the home chat, else the only one in use that works with the plan.
    async fn host_room(
        &self,
        chat: Option<i64>,
        plan: Option<&str>,
    ) -> Result<Arc<Room>, HostRefusal> {
        if let Some(id) = chat {
            let room = {
                let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
                rooms.by_telegram_id.get(&id).cloned()
            };
            let room = room.ok_or(HostRefusal::UnknownChat(id))?;
            return match self.plan_in_use(&room).await? {
                Some(_) => Ok(room),
                None => Err(HostRefusal::UnknownChat(id)),
            };
        }
        let home = self.home().await.map_err(unreadable)?;
        let mut fitting = Vec::new();
        for room in self.all_rooms() {
            let Some(its) = self.plan_in_use(&room).await? else {
                continue;
            };
            let fits = plan.is_none_or(|asked| asked == its);
            if home == Some(room.key.0) && fits {
                return Ok(room);
            }
            if fits {
                fitting.push(room);
            }
        }
        match fitting.pop() {
            Some(only) if fitting.is_empty() => Ok(only),
            _ => Err(HostRefusal::NoChat),
        }
    }

    /// The plan that a chat works with; none where it is not in use.
    async fn plan_in_use(&self, room: &Room) -> Result<Option<String>, HostRefusal> {
        let its = |chat: &Chat, plans: &Plans| {
            let plan = plans.of_chat(chat).map(|plan| plan.info.id.clone());
            plan.filter(|_| chat.claimed)
        };
        self.with_chat(room, its).await.map_err(unreadable)
    }
}

/// The plan of the newest open incident, else the chat's.
fn followed<'a>(chat: &'a Chat, plans: &'a Plans) -> Option<&'a Arc<Plan>> {
    let open = chat.open_incidents().filter(|it| !it.is_drill());
    let newest = open.max_by_key(|it| (it.declared_at, it.id));
    newest.map(|it| &it.plan).or_else(|| plans.of_chat(chat))
}

fn check(chat: &Chat, plans: &Plans, pull: &HostPull) -> Result<(), HostRefusal> {
    let plan = followed(chat, plans).ok_or(HostRefusal::NoChat)?;
    if let Some(asked) = pull.plan.as_ref().filter(|asked| **asked != plan.info.id) {
        return Err(HostRefusal::OtherPlan {
            asked: asked.clone(),
            is: plan.info.id.clone(),
        });
    }
    match policy::host_lever(plan, &pull.procedure) {
        Ok(_) => Ok(()),
        Err(crate::incident::Refusal::UnknownWord { known, .. }) => Err(HostRefusal::NotFailSafe {
            procedure: crate::incident::one_line(&pull.procedure, 64),
            known: known.join(", "),
        }),
        Err(refusal) => Err(HostRefusal::Refused(refusal.to_string())),
    }
}

impl HostPull {
    /// Whether a run of this procedure by this plan is what it asks for.
    fn asks_for(&self, plan: &str, procedure: &str) -> bool {
        self.procedure == procedure && self.plan.as_deref().is_none_or(|asked| asked == plan)
    }

    /// Whether this run from the journal is what it asks for.
    ///
    /// # Errors
    /// What that run was.
    pub fn is_of_journal(&self, intent: &HostRecord) -> Result<(), String> {
        match intent {
            HostRecord::Intent {
                chat, plan, lever, ..
            } if *chat == self.chat && self.asks_for(plan, lever.word()) => Ok(()),
            HostRecord::Intent { plan, lever, .. } => {
                Err(format!("{} of the plan {plan}", lever.word()))
            }
            _ => Ok(()),
        }
    }
}

fn started(incident: &Incident, run: u32, repeat: bool) -> Option<HostStarted> {
    let procedure = incident.run(run)?.lever.word().to_owned();
    Some(HostStarted {
        incident: incident.id,
        run,
        plan: incident.plan.info.id.clone(),
        procedure,
        repeat,
    })
}

/// This very request was carried out without the ledger, and has come in from the journal since.
fn imported_before(noted: &str, pull: &HostPull) -> Result<HostStarted, HostRefusal> {
    let mut words = noted.split(' ');
    let incident = words.next().and_then(|id| id.parse().ok());
    let incident: IncidentId =
        incident.ok_or_else(|| HostRefusal::Unavailable(format!("{noted:?} is no incident")))?;
    let procedure = words.next().unwrap_or(&pull.procedure);
    let plan = words.next().or(pull.plan.as_deref()).unwrap_or_default();
    let chat = words.next().map(|chat| chat.parse().ok());
    if !pull.asks_for(plan, procedure) || chat.is_some_and(|chat| chat != pull.chat) {
        let was = format!("{procedure} of the plan {plan} in {incident}");
        return Err(HostRefusal::OtherRequest(was));
    }
    Ok(HostStarted {
        incident,
        run: 0,
        plan: plan.to_owned(),
        procedure: procedure.to_owned(),
        repeat: true,
    })
}

fn unreadable(error: impl std::fmt::Display) -> HostRefusal {
    HostRefusal::Unavailable(error.to_string())
}

/// Where the ledger notes that a run from the journal is on a timeline.
pub(super) fn setting(run: &str) -> String {
    format!("journal/{run}")
}

/// Where the ledger notes that a run from the journal came to its end.
pub(super) fn over(run: &str) -> String {
    format!("journal-over/{run}")
}

/// A ticket as the ledger keeps it beside Telegram's update ids, which are positive.
pub(super) fn mark(ticket: &str) -> i64 {
    let sum = Sha256::digest(ticket);
    let mut head = [0; 8];
    head.copy_from_slice(&sum[..8]);
    -(i64::from_be_bytes(head) & i64::MAX).max(1)
}
