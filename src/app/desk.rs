//! What the courier asks of the house, and what it brings back.

use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Utc};

use super::letter::{Letter, Outcome, Wanted};
use super::pasted::Notice;
use super::room::{LoadError, Room};
use super::{Delivery, House};
use crate::incident::{
    Author, Chat, ChatKey, Command, Incident, IncidentId, Lifecycle, Origin, Plans, Request, Topic,
    UserId,
};
use crate::messages::outgoing::Place;
use crate::messages::{self, Rendered, View};
use crate::store::{self, Unit};

/// An incident's topic, as far as the courier must know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicNow {
    /// None: the chat itself.
    None,
    /// It is being made: wait.
    Waiting,
    /// Its id.
    Thread(i64),
}

impl TopicNow {
    pub(super) fn of(incident: &Incident) -> Self {
        match incident.topic {
            Topic::None => Self::None,
            Topic::Asked => Self::Waiting,
            Topic::Made(thread) => Self::Thread(thread),
        }
    }
}

/// A card as it should look now.
#[derive(Debug, Clone, PartialEq)]
pub struct CardNow {
    /// The chat's key.
    pub chat: i64,
    /// Where it belongs.
    pub place: Place,
    /// The message to edit; none: post a new one.
    pub message_id: Option<i64>,
    /// Text and buttons.
    pub rendered: Rendered,
    /// The version of the incident that it shows.
    pub version: i64,
    /// A new card is pinned.
    pub pin: bool,
}

impl House {
    /// Telegram's id of a chat.
    pub fn telegram_id(&self, chat: i64) -> Option<i64> {
        self.room_by_key(ChatKey(chat))
            .map(|room| room.telegram_id())
    }

    /// The incident's topic. Not known (yet): the chat itself.
    pub fn topic(&self, incident: &str) -> TopicNow {
        let Some((id, _)) = super::runs::read_key(incident) else {
            return TopicNow::None;
        };
        let whereabouts = self
            .whereabouts
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        whereabouts.get(&id).map_or(TopicNow::None, |it| it.topic)
    }

    /// The card as it should look now; none for an incident that is not known, or whose card is not
    /// wanted any more.
    pub async fn card(&self, incident: &str) -> Option<CardNow> {
        if let Some(notice) = Notice::read(incident) {
            return self.notice(notice).await;
        }
        let (id, run) = super::runs::read_key(incident)?;
        let room = self.room_by_key(self.home_of(id).await?)?;
        if let Some(run) = run {
            return self.progress(&room, id, run).await;
        }
        self.with_chat(&room, |chat, plans| {
            let view = self.view(chat, plans, self.clock.now());
            let incident = chat.incidents.get(&id)?;
            let message_id = incident.card.map(|card| card.message_id);
            // An ended incident whose card was never posted, or went with a migration, gets no new one.
            let open = matches!(incident.lifecycle, Lifecycle::Open(_));
            if message_id.is_none() && !open {
                return None;
            }
            let place = match incident.topic {
                Topic::None => Place::General,
                Topic::Asked | Topic::Made(_) => Place::Incident(id.to_string()),
            };
            Some(CardNow {
                chat: chat.key.0,
                place,
                message_id,
                rendered: messages::card(&view, incident),
                version: i64::try_from(incident.version).unwrap_or(i64::MAX),
                pin: true,
            })
        })
        .await
        .ok()
        .flatten()
    }

    /// A card was posted: the team has been told.
    pub async fn card_posted(
        &self,
        incident: &str,
        message_id: i64,
        thread_id: Option<i64>,
    ) -> Outcome {
        let command = match super::runs::read_key(incident) {
            Some((_, Some(run))) => Command::ProgressPosted {
                run,
                message_id,
                question: false,
            },
            _ => Command::CardPosted {
                message_id,
                thread_id,
            },
        };
        self.about(incident, command).await
    }

    /// The card's message shows this version and text now: so a restart need not edit it again.
    pub async fn card_shows(&self, card: store::Card) {
        let unit = Unit {
            chat: card.chat,
            cards: vec![card],
            ..Unit::default()
        };
        if let Err(error) = self.ledger.commit(unit).await {
            tracing::debug!("what a card shows could not be kept, it may be edited again: {error}");
        }
    }

    /// The incident's topic exists.
    pub async fn topic_made(&self, incident: &str, thread_id: i64) -> Outcome {
        self.about(incident, Command::TopicMade { thread_id }).await
    }

    /// No topic: the chat itself is used.
    pub async fn topic_refused(&self, incident: &str, why: String) -> Outcome {
        self.about(incident, Command::TopicRefused { why }).await
    }

    /// The card's message is gone: a new one is posted.
    pub async fn card_lost(&self, incident: &str) -> Outcome {
        let command = match super::runs::read_key(incident) {
            Some((_, Some(run))) => Command::ProgressLost { run },
            _ => Command::CardLost,
        };
        self.about(incident, command).await
    }

    /// Who administers a chat.
    pub async fn administrators(&self, chat: i64, ids: Vec<i64>) -> Outcome {
        let ids = ids.into_iter().map(UserId).collect();
        self.to_chat(ChatKey(chat), Command::Administrators { ids })
            .await
    }

    /// Telegram gave a chat a new id. Told twice and more: only the first time counts.
    pub async fn migrated(&self, from: i64, to: i64, update_id: Option<i64>) -> Outcome {
        let known = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_telegram_id.get(&from).cloned()
        };
        let Some(room) = known else {
            return Outcome::default();
        };
        if room.telegram_id() == to || self.lives_there(&room, to).await {
            return Outcome::default();
        }
        if let Err(error) = self.move_room(&room, from, to).await {
            return Outcome {
                unavailable: Some(error.to_string()),
                ..Outcome::default()
            };
        }
        let mut letter = own(Command::Migrated { from, to }, None);
        letter.update_id = update_id;
        let mut outcome = Outcome::default();
        self.settle(&room, &room, vec![letter], &mut outcome).await;
        outcome
    }

    async fn move_room(
        &self,
        room: &Arc<Room>,
        from: i64,
        to: i64,
    ) -> Result<(), store::CommitError> {
        if !room.is_registered() {
            self.rename_room(room, from, to);
            return Ok(());
        }
        let mut unit = Unit {
            chat: room.key.0,
            ..Unit::default()
        };
        // Somebody may have spoken in the supergroup before we heard of the move: that young chat makes way.
        let young = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms
                .by_telegram_id
                .get(&to)
                .filter(|other| other.key != room.key)
                .cloned()
        };
        if let Some(young) = young.filter(|young| young.is_registered()) {
            let nowhere = i64::MIN + young.key.0;
            unit.chat_moves.push(store::ChatMove {
                key: young.key.0,
                telegram_id: nowhere,
            });
            young.move_to(nowhere);
        }
        unit.chat_moves.push(store::ChatMove {
            key: room.key.0,
            telegram_id: to,
        });
        self.ledger.commit(unit).await?;
        self.rename_room(room, from, to);
        Ok(())
    }

    /// Whether another chat that is in use has this id already: then the move is old news.
    async fn lives_there(&self, room: &Room, to: i64) -> bool {
        let other = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_telegram_id.get(&to).cloned()
        };
        let Some(other) = other.filter(|other| other.key != room.key && other.is_registered())
        else {
            return false;
        };
        let in_use = |chat: &Chat, _: &Plans| chat.claimed || !chat.incidents.is_empty();
        self.with_chat(&other, in_use).await.unwrap_or(true)
    }

    /// Loads every chat, so that the courier finds where each incident lives without waiting.
    pub async fn warm_up(&self) {
        let rooms: Vec<Arc<Room>> = {
            let rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
            rooms.by_key.values().cloned().collect()
        };
        for room in rooms {
            if let Err(error) = self.with_chat(&room, |_, _| ()).await {
                self.unreadable(&room, &error);
            }
        }
    }

    fn rename_room(&self, room: &Arc<Room>, from: i64, to: i64) {
        let mut rooms = self.rooms.lock().unwrap_or_else(PoisonError::into_inner);
        // A late press may still name the old id: it leads here too.
        rooms.by_telegram_id.insert(from, Arc::clone(room));
        room.move_to(to);
        rooms.by_telegram_id.insert(to, Arc::clone(room));
    }

    /// The small mark on a message that may be a repeat.
    pub fn possible_repeat_mark(&self, chat: i64) -> String {
        messages::possible_repeat(&self.phrases_in(chat))
    }

    /// Cards that are behind their incident: a kill left them so, or Telegram was away for long.
    pub async fn stale_cards(&self) -> Result<(), store::ReadError> {
        for card in self.ledger.stale_cards("incident/").await? {
            self.deliver(Delivery::CardChanged {
                chat: card.chat,
                urgent: false,
                incident: card.incident,
            });
        }
        Ok(())
    }

    /// Where an incident lives.
    pub(super) async fn home_of(&self, id: IncidentId) -> Option<ChatKey> {
        {
            let whereabouts = self
                .whereabouts
                .read()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some(known) = whereabouts.get(&id) {
                return Some(known.chat);
            }
        }
        let stream = super::codec::incident_stream(id);
        self.ledger
            .chat_of_stream(&stream)
            .await
            .ok()
            .flatten()
            .map(ChatKey)
    }

    /// Looks at a chat as it is now.
    pub(super) async fn with_chat<T>(
        &self,
        room: &Room,
        look: impl FnOnce(&Chat, &Plans) -> T,
    ) -> Result<T, LoadError> {
        let mut held = room.chat.lock().await;
        if held.is_none() {
            *held = Some(self.load(room).await?);
        }
        let plans = self.plans();
        let chat = held.get_or_insert_with(|| Chat::new(room.key));
        Ok(look(chat, &plans))
    }

    pub(super) fn view<'v>(
        &'v self,
        chat: &'v Chat,
        plans: &'v Plans,
        now: DateTime<Utc>,
    ) -> View<'v> {
        let language = chat
            .settings
            .language
            .as_deref()
            .unwrap_or(&self.setup.language);
        View {
            chat,
            plans,
            phrases: self.languages.phrases(language),
            now,
            bot: self.bot(),
        }
    }

    pub(super) async fn about(&self, incident: &str, command: Command) -> Outcome {
        let Some((id, _)) = super::runs::read_key(incident) else {
            return Outcome::default();
        };
        self.tell(id, command).await
    }

    /// Something that the bot itself has to say about an incident.
    pub(super) async fn tell(&self, id: IncidentId, command: Command) -> Outcome {
        let Some(room) = self.home_of(id).await.and_then(|key| self.room_by_key(key)) else {
            return Outcome::default();
        };
        let mut outcome = Outcome::default();
        self.settle(&room, &room, vec![own(command, Some(id))], &mut outcome)
            .await;
        outcome
    }

    pub(super) async fn to_chat(&self, key: ChatKey, command: Command) -> Outcome {
        self.to_chat_once(key, command, None).await
    }

    /// The same under a mark: what was committed under it before is not said again.
    pub(super) async fn to_chat_once(
        &self,
        key: ChatKey,
        command: Command,
        mark: Option<i64>,
    ) -> Outcome {
        let mut outcome = Outcome::default();
        if let Some(room) = self.room_by_key(key) {
            let letter = Letter {
                update_id: mark,
                ..own(command, None)
            };
            self.settle(&room, &room, vec![letter], &mut outcome).await;
        }
        outcome
    }
}

fn own(command: Command, incident: Option<IncidentId>) -> Letter {
    let request = Request {
        command,
        incident,
        origin: Origin::default(),
    };
    Letter {
        update_id: None,
        timer: None,
        chat: None,
        person: None,
        wanted: Wanted::Command(Box::new((Author::Bot, request))),
    }
}
