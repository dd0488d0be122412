//! Letters of one chat become one unit: decided in order, committed together.

mod draft;
mod leave;
mod silence;
mod step;

use std::sync::Arc;

use chrono::Datelike;

use self::draft::{Next, Panicked};
use super::House;
use super::letter::{Letter, Outcome};
use super::numbers::Numbers;
use super::room::{LoadError, Room};
use crate::incident::{
    Actor, Author, Chat, ChatKey, Command, Identity, IncidentId, Plans, Request, Series,
};
use crate::store::{self, CommitError};

/// How often a unit is decided anew when somebody else wrote first.
const ROUNDS: u32 = 8;
/// A request that ended so lately may still be the one that is meant.
const CALLED_HOURS: i64 = 1;

impl House {
    /// Handles one chat's letters, in order. Returns when everything is committed.
    pub async fn handle(&self, telegram_id: i64, letters: Vec<Letter>) -> Outcome {
        let room = self.room_by_telegram_id(telegram_id);
        let mut outcome = Outcome::default();
        let mut here = Vec::with_capacity(letters.len());
        // An owner may speak of another chat's incident: such a letter goes to that chat, in its turn.
        for letter in letters {
            let letter = self.take_code(letter).await;
            let letter = self.look_everywhere(letter).await;
            match self.elsewhere(&room, &letter).await {
                Some(other) => {
                    self.settle(&room, &room, std::mem::take(&mut here), &mut outcome)
                        .await;
                    self.settle(&other, &room, vec![letter], &mut outcome).await;
                }
                None => here.push(letter),
            }
        }
        self.settle(&room, &room, here, &mut outcome).await;
        outcome
    }

    /// Commits letters to `room`; answers go to `from`, where they were written.
    pub(super) async fn settle(
        &self,
        room: &Arc<Room>,
        from: &Arc<Room>,
        mut letters: Vec<Letter>,
        outcome: &mut Outcome,
    ) {
        let mut held = room.chat.lock().await;
        let mut rounds = 0;
        while !letters.is_empty() && outcome.unavailable.is_none() && rounds < ROUNDS {
            rounds += 1;
            let mut numbers = None;
            if letters.iter().any(may_declare) {
                numbers = Some(self.numbers.lock().await);
            }
            let chat = match held.take() {
                Some(chat) => chat,
                None => match self.load(room).await {
                    Ok(chat) => chat,
                    Err(LoadError::Read(error)) => {
                        outcome.unavailable = Some(error.to_string());
                        return;
                    }
                    // This chat cannot be understood: that must not stop the others.
                    Err(error) => {
                        self.unreadable(room, &error);
                        self.say_unreadable(from, &letters).await;
                        let ids = letters.iter().filter_map(|letter| letter.update_id);
                        outcome.broken.extend(ids.map(|id| (id, error.to_string())));
                        return;
                    }
                },
            };
            let next = match self.next_ids(numbers.as_deref_mut()).await {
                Ok(next) => next,
                Err(error) => {
                    outcome.unavailable = Some(error.to_string());
                    return;
                }
            };
            let parked = match self.waits(room, &letters).await {
                Ok(parked) => parked,
                Err(error) => {
                    outcome.unavailable = Some(error.to_string());
                    return;
                }
            };
            let draft = self.compose(chat, room, from, &letters, (next, parked));
            let draft = match draft {
                Ok(draft) => draft,
                Err(Panicked { index, why }) => {
                    let letter = letters.remove(index);
                    tracing::error!(
                        update = letter.update_id,
                        "a letter could not be handled: {why}"
                    );
                    if let Some(id) = letter.update_id {
                        outcome.broken.push((id, why));
                    }
                    continue;
                }
            };
            let (started, refused) = (draft.started.clone(), draft.refused.clone());
            match self.commit(room, from, draft, numbers.as_deref_mut()).await {
                Ok(chat) => {
                    *held = Some(chat);
                    outcome.started.extend(started);
                    outcome.refused.extend(refused);
                    return;
                }
                Err(CommitError::Repeat { updates, timers }) => {
                    letters.retain(|letter| {
                        letter.update_id.is_none_or(|id| !updates.contains(&id))
                            && letter.timer.as_ref().is_none_or(|id| !timers.contains(id))
                    });
                }
                Err(CommitError::Conflict { stream }) => {
                    tracing::debug!(stream, "somebody else wrote first; deciding again");
                    if let Some(numbers) = numbers.as_deref_mut() {
                        numbers.forget();
                    }
                }
                Err(CommitError::Unavailable(why)) => outcome.unavailable = Some(why),
                Err(CommitError::Bug(why)) => {
                    drop(numbers);
                    drop(held);
                    return self.one_by_one(room, from, letters, why, outcome).await;
                }
            }
        }
        if !letters.is_empty() && outcome.unavailable.is_none() {
            outcome.unavailable = Some("the chat changes faster than it can be decided".to_owned());
        }
    }

    /// One of several letters makes a unit that the ledger refuses: find it, spare the rest.
    async fn one_by_one(
        &self,
        room: &Arc<Room>,
        from: &Arc<Room>,
        letters: Vec<Letter>,
        why: String,
        outcome: &mut Outcome,
    ) {
        if let [letter] = letters.as_slice() {
            tracing::error!(
                update = letter.update_id,
                "the ledger refuses a unit: {why}"
            );
            if let Some(id) = letter.update_id {
                outcome.broken.push((id, why));
            }
            return;
        }
        for letter in letters {
            Box::pin(self.settle(room, from, vec![letter], outcome)).await;
        }
    }

    /// How many messages wait until the bot may write in the chat again: only the ledger knows, and only `/status` asks.
    async fn waits(&self, room: &Room, letters: &[Letter]) -> Result<usize, store::ReadError> {
        let shown = |letter: &Letter| {
            let command = letter.wanted.command();
            command.is_some_and(|(_, request)| matches!(request.command, Command::Status(_)))
        };
        if !letters.iter().any(shown) {
            return Ok(0);
        }
        Ok(self.ledger.parked(room.key.0).await?.len())
    }

    async fn next_ids(&self, numbers: Option<&mut Numbers>) -> Result<Next, store::ReadError> {
        let year = self.clock.now().year();
        let Some(numbers) = numbers else {
            // No letter of this unit can declare.
            let security = IncidentId::security(year, u32::MAX);
            let drill = IncidentId {
                series: Series::Drill,
                ..security
            };
            return Ok(Next { security, drill });
        };
        Ok(Next {
            security: numbers.next(&self.ledger, Series::Security, year).await?,
            drill: numbers.next(&self.ledger, Series::Drill, year).await?,
        })
    }

    /// The room of another chat whose incident an owner names.
    async fn elsewhere(&self, room: &Arc<Room>, letter: &Letter) -> Option<Arc<Room>> {
        let (Author::Person(actor), request) = letter.wanted.command()? else {
            return None;
        };
        let key = match request.incident {
            Some(id) if actor.owner => self.home_of(id).await?,
            Some(_) => return None,
            None => self.called_from(actor, request).await?,
        };
        if key == room.key {
            None
        } else {
            self.room_by_key(key)
        }
    }
}

impl House {
    /// The chat whose request an owner answers in private, to which they were called: a change of trust has no incident that
    /// they could name. Where a like number was lately asked for in two chats, neither is meant for sure.
    async fn called_from(&self, actor: &Actor, request: &Request) -> Option<ChatKey> {
        let alone = actor.owner && actor.private && actor.identity == Identity::Person;
        let (Command::Approve {
            request: number,
            nonce: None,
            ..
        }
        | Command::Deny {
            request: number,
            nonce: None,
        }) = &request.command
        else {
            return None;
        };
        let (me, now) = (actor.person.id, self.clock.now());
        let mut found = None;
        for room in self.all_rooms().into_iter().filter(|_| alone) {
            let called = |chat: &Chat, _: &Plans| {
                chat.requests.get(number).is_some_and(|it| {
                    let lately = now - it.at < chrono::Duration::hours(CALLED_HOURS);
                    it.called.iter().any(|one| one.id == me) && (it.waits_for().is_some() || lately)
                })
            };
            if !self.with_chat(&room, called).await.unwrap_or(false) {
                continue;
            }
            if found.replace(room.key).is_some() {
                return None;
            }
        }
        found
    }
}

fn may_declare(letter: &Letter) -> bool {
    letter.wanted.command().is_some_and(|(_, request)| {
        matches!(
            request.command,
            Command::Declare { .. }
                | Command::DeclareAnswer { .. }
                | Command::Lapse { .. }
                | Command::Pull(_)
                | Command::Drill { .. }
                | Command::Again { .. }
                | Command::Approve { .. }
                | Command::AskAgain { .. }
                | Command::RequestDue { .. }
                | Command::HostLever { .. }
                | Command::HostImport { .. }
        )
    })
}
