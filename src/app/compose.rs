//! Letters of one chat become one unit: decided in order, committed together.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};

use chrono::{DateTime, Datelike, Utc};

use super::desk::TopicNow;
use super::letter::{ChatSeen, Letter, Outcome, Wanted};
use super::numbers::Numbers;
use super::requests::Afterwards;
use super::room::{LoadError, Room};
use super::rows::Rows;
use super::{Delivery, House, codec};
use crate::incident::{
    Actor, Author, By, Chat, ChatEvent, ChatKind, Command, Decision, Effect, Env, Event,
    IncidentEvent, IncidentId, Origin, Person, Plans, Recorded, Refusal, Request, Series, Standing,
    Via, apply, decide,
};
use crate::messages::View;
use crate::store::{self, CommitError, PinnedPlan, Unit};

/// How often a unit is decided anew when somebody else wrote first.
const ROUNDS: u32 = 8;

impl House {
    /// Handles one chat's letters, in order. Returns when everything is committed.
    pub async fn handle(&self, telegram_id: i64, letters: Vec<Letter>) -> Outcome {
        let room = self.room_by_telegram_id(telegram_id);
        let mut outcome = Outcome::default();
        let mut here = Vec::with_capacity(letters.len());
        // An owner may speak of another chat's incident: such a letter goes to that chat, in its turn.
        for letter in letters {
            let letter = self.take_code(letter).await;
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
                        tracing::error!(chat = room.key.0, "a chat cannot be loaded: {error}");
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

    async fn next_ids(
        &self,
        numbers: Option<&mut Numbers>,
    ) -> Result<IncidentId, store::ReadError> {
        let year = self.clock.now().year();
        match numbers {
            Some(numbers) => numbers.next(&self.ledger, Series::Security, year).await,
            // No letter of this unit can declare.
            None => Ok(IncidentId::security(year, u32::MAX)),
        }
    }

    /// The room of another chat whose incident an owner names.
    async fn elsewhere(&self, room: &Arc<Room>, letter: &Letter) -> Option<Arc<Room>> {
        let (Author::Person(actor), request) = letter.wanted.command()? else {
            return None;
        };
        let id = request.incident.filter(|_| actor.owner)?;
        let key = self.home_of(id).await?;
        if key == room.key {
            None
        } else {
            self.room_by_key(key)
        }
    }

    fn compose(
        &self,
        chat: Chat,
        room: &Room,
        from: &Room,
        letters: &[Letter],
        (next, parked): (IncidentId, usize),
    ) -> Result<Draft, Panicked> {
        let now = self.clock.now();
        let plans = self.plans();
        let mut draft = Draft {
            unit: Unit {
                chat: room.key.0,
                ..Unit::default()
            },
            changed: BTreeSet::new(),
            runs: BTreeSet::new(),
            seen: Vec::new(),
            last_id: None,
            resumes: false,
            afterwards: Vec::new(),
            started: Vec::new(),
            refused: Vec::new(),
            chat,
        };
        let codes = self.languages();
        let owners = self.owners();
        let mut next = next;
        for (index, letter) in letters.iter().enumerate() {
            let mut step = Step {
                house: self,
                room,
                from,
                plans: &plans,
                codes: &codes,
                owners: &owners,
                dice: self.dice.roll(letter.update_id),
                now,
                next,
                parked,
            };
            // A panic in the rules must cost one letter, not the process.
            let done = catch_unwind(AssertUnwindSafe(|| step.take(&mut draft, letter)));
            match done {
                Ok(Ok(())) => next = step.next,
                Ok(Err(why)) => return Err(Panicked { index, why }),
                Err(_) => {
                    return Err(Panicked {
                        index,
                        why: "the rules panicked".to_owned(),
                    });
                }
            }
        }
        Ok(draft)
    }

    /// Commits what was composed; what must leave the house leaves it now.
    async fn commit(
        &self,
        room: &Room,
        from: &Room,
        draft: Draft,
        numbers: Option<&mut Numbers>,
    ) -> Result<Chat, CommitError> {
        let Draft {
            mut unit,
            changed,
            runs,
            seen,
            last_id,
            resumes,
            afterwards,
            started,
            refused: _,
            chat,
        } = draft;
        if is_empty(&unit) {
            self.call(started);
            return Ok(chat);
        }
        let title = (chat.title.as_str(), chat.kind);
        unit.new_chats
            .extend((!room.is_registered()).then(|| row_of(room, title.0, title.1)));
        if from.key != room.key && !from.is_registered() {
            unit.new_chats.push(row_of(from, "", ChatKind::Private));
        }
        let timers_changed = !unit.timers.is_empty();
        let committed = self.ledger.commit(unit).await?;
        room.set_registered();
        from.set_registered();
        for (key, person) in seen {
            self.people.remember(key, &person);
        }
        if let (Some(numbers), Some(id)) = (numbers, last_id) {
            numbers.used(id);
        }
        if timers_changed {
            self.timers_changed.notify_one();
        }
        if resumes {
            self.deliver(Delivery::Resume { chat: room.key.0 });
        }
        for row in committed.outbox {
            self.deliver(Delivery::Row(row));
        }
        self.tell_of(&chat, &changed);
        self.see_to(afterwards).await;
        for (id, run) in runs {
            self.deliver(Delivery::CardChanged {
                chat: chat.key.0,
                incident: super::runs::progress_key(id, run),
            });
        }
        self.call(started);
        Ok(chat)
    }

    fn call(&self, calls: Vec<(IncidentId, u32)>) {
        for (incident, run) in calls {
            self.deliver(Delivery::Execute { incident, run });
        }
    }

    fn tell_of(&self, chat: &Chat, changed: &BTreeSet<IncidentId>) {
        if changed.is_empty() {
            return;
        }
        {
            let mut whereabouts = self
                .whereabouts
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            for incident in changed.iter().filter_map(|id| chat.incidents.get(id)) {
                whereabouts.insert(incident.id, (chat.key, TopicNow::of(incident)));
            }
        }
        for id in changed {
            self.deliver(Delivery::CardChanged {
                chat: chat.key.0,
                incident: id.to_string(),
            });
        }
    }

    pub(super) fn deliver(&self, delivery: Delivery) {
        if let Delivery::Execute { incident, run } = delivery {
            return self.calls.call(incident, run);
        }
        // The courier is gone only while the process ends; the rows stay in the ledger.
        let _ = self.out.send(delivery);
    }
}

/// A unit on its way to the ledger.
struct Draft {
    unit: Unit,
    /// The chat as it will be once the unit is committed.
    chat: Chat,
    changed: BTreeSet<IncidentId>,
    /// Runs whose progress changed.
    runs: BTreeSet<(IncidentId, u32)>,
    seen: Vec<(crate::incident::ChatKey, super::letter::PersonSeen)>,
    last_id: Option<IncidentId>,
    /// The bot may write here again.
    resumes: bool,
    /// What goes on outside once this is committed.
    afterwards: Vec<Afterwards>,
    /// Runs to execute once it is committed.
    started: Vec<(IncidentId, u32)>,
    /// What came past Telegram and is refused.
    refused: Vec<String>,
}

/// One letter broke the rules of the house itself.
struct Panicked {
    index: usize,
    why: String,
}

struct Step<'a> {
    house: &'a House,
    room: &'a Room,
    from: &'a Room,
    plans: &'a Plans,
    codes: &'a [&'a str],
    owners: &'a [Person],
    dice: [u8; 32],
    now: DateTime<Utc>,
    next: IncidentId,
    /// How many messages wait for this chat, where `/status` is to show it.
    parked: usize,
}

impl Step<'_> {
    fn take(&mut self, draft: &mut Draft, letter: &Letter) -> Result<(), String> {
        let before = weight(&draft.unit);
        self.note_sights(draft, letter)?;
        match &letter.wanted {
            Wanted::Command(command) => self.command(draft, &command.0, &command.1)?,
            Wanted::Leak { command, leak } => {
                if let Some(command) = command {
                    self.command(draft, &command.0, &command.1)?;
                }
                self.command(draft, &Author::Bot, leak)?;
            }
            Wanted::UnknownPress { press } => {
                let view = self.view(&draft.chat);
                Rows::new(&view, self.from.key).stale_press(&mut draft.unit, press);
            }
            Wanted::Nothing => {}
        }
        if let Some(timer) = &letter.timer {
            draft.unit.timers_done.push(timer.clone());
        }
        // Chatter leaves no trace; whatever leaves one must not be repeated.
        if weight(&draft.unit) > before {
            draft.unit.updates.extend(letter.update_id);
        }
        Ok(())
    }

    fn view<'v>(&'v self, chat: &'v Chat) -> View<'v> {
        self.house.view(chat, self.plans, self.now)
    }

    /// Who and what this update shows, where it is news.
    fn note_sights(&self, draft: &mut Draft, letter: &Letter) -> Result<(), String> {
        if let Some(shown) = letter
            .chat
            .as_ref()
            .filter(|_| self.from.key == self.room.key)
        {
            let ChatSeen {
                title,
                kind,
                forum,
                public,
            } = shown;
            let command = Command::Describe {
                title: crate::incident::one_line(title, 128),
                kind: *kind,
                forum: *forum,
                public: *public,
            };
            self.own(draft, command)?;
        }
        if let Some(seen) = &letter.person {
            let key = self.from.key;
            let known = draft.seen.iter().any(|(_, other)| other == seen);
            if !known && self.house.people.is_news(key, seen) {
                draft.unit.people.push(store::Person {
                    user_id: seen.person.id.0,
                    username: seen.person.username.clone(),
                    name: seen.person.name.clone(),
                    language: seen.language.clone(),
                    seen: self.now.timestamp_micros(),
                });
                let pair = (key.0, seen.person.id.0);
                if seen.left {
                    draft.unit.left.push(pair);
                } else {
                    draft.unit.members.push(pair);
                }
                draft.seen.push((key, seen.clone()));
            }
        }
        Ok(())
    }

    fn own(&self, draft: &mut Draft, command: Command) -> Result<(), String> {
        let request = Request {
            command,
            incident: None,
            origin: Origin::default(),
        };
        match decide(&draft.chat, &request, &Author::Bot, self.env()) {
            Ok(decision) => self.adopt(draft, decision, &Author::Bot, &request),
            Err(_) => Ok(()),
        }
    }

    fn env(&self) -> Env<'_> {
        Env {
            now: self.now,
            next_id: self.next,
            plans: self.plans,
            languages: self.codes,
            owners: self.owners,
            dice: self.dice,
        }
    }

    fn command(
        &mut self,
        draft: &mut Draft,
        author: &Author,
        request: &Request,
    ) -> Result<(), String> {
        if self.ignores(&draft.chat, author, request) {
            return Ok(());
        }
        let decided = decide(&draft.chat, request, author, self.env());
        let decided = match self.house.held_back(author, request) {
            Some(refusal) if decided.is_ok() => Err(refusal),
            _ => decided,
        };
        match decided {
            Ok(decision) => {
                self.adopt(draft, decision, author, request)?;
                if draft.last_id == Some(self.next) {
                    self.next.number += 1;
                }
                Ok(())
            }
            Err(refusal) => self.refuse(draft, &refusal, author, request),
        }
    }

    /// Things that get no answer at all.
    fn ignores(&self, chat: &Chat, author: &Author, request: &Request) -> bool {
        let Author::Person(actor) = author else {
            return false;
        };
        // Without an owner nobody can be trusted: the bot only shows people their ids.
        if self.house.setup.owners.is_empty() {
            return request.command != Command::WhoAmI;
        }
        // A reaction counts on a card only.
        actor.via == Via::Reaction && !points_at_card(chat, &request.origin)
    }

    fn adopt(
        &self,
        draft: &mut Draft,
        decision: Decision,
        author: &Author,
        request: &Request,
    ) -> Result<(), String> {
        for (by, event) in decision.events {
            self.append(draft, by, event)?;
        }
        let view = self.view(&draft.chat);
        let rows = Rows::new(&view, self.from.key).with_parked(self.parked);
        let afterwards = decision.effects.iter().filter_map(Afterwards::of);
        draft.afterwards.extend(afterwards);
        for effect in &decision.effects {
            if let Effect::Execute { incident, run } = effect {
                draft.started.push((*incident, *run));
            }
            rows.effect(&mut draft.unit, effect, author, request);
            if let Effect::TellOwners(said) = effect {
                let owners = self.house.owners_rooms();
                for key in &owners {
                    rows.in_private(&mut draft.unit, *key, said);
                }
                if owners.is_empty() {
                    tracing::warn!("no owner can be told in private: {said:?}");
                }
            }
        }
        Ok(())
    }

    fn append(&self, draft: &mut Draft, by: By, event: Event) -> Result<(), String> {
        let mut seq = draft.chat.version + 1;
        if let Event::Incident(id, what) = &event {
            seq = draft
                .chat
                .incidents
                .get(id)
                .map_or(0, |incident| incident.version)
                + 1;
            draft.changed.insert(*id);
            draft.runs.extend(what.run().map(|run| (*id, run)));
            if let IncidentEvent::Imported {
                run,
                seq: 1,
                record,
                ..
            } = what
            {
                let noted = super::host::note(*id, record);
                draft.unit.settings.push((super::host::setting(run), noted));
            }
            if let IncidentEvent::Declared { plan, .. } = what {
                draft.last_id = Some(*id);
                if let Some(source) = self.house.source(plan) {
                    draft.unit.plans.push(PinnedPlan {
                        revision: plan.clone(),
                        source,
                    });
                }
            }
        }
        let recorded = Recorded {
            at: self.now,
            by,
            event,
        };
        draft
            .unit
            .events
            .push(codec::write(self.room.key, seq, &recorded));
        if let Event::Chat(ChatEvent::BotStanding { standing }) = &recorded.event {
            draft.resumes = matches!(standing, Standing::Member | Standing::Administrator { .. });
        }
        if matches!(recorded.event, Event::Chat(ChatEvent::HomeChosen)) {
            draft
                .unit
                .settings
                .push(("home_chat".to_owned(), self.room.key.to_string()));
        }
        let grant = match &recorded.event {
            Event::Chat(ChatEvent::Granted { person, .. } | ChatEvent::Revoked { person, .. }) => {
                Some(person.id)
            }
            _ => None,
        };
        apply(&mut draft.chat, recorded, self.plans).map_err(|error| error.to_string())?;
        if let Some(person) = grant {
            Rows::new(&self.view(&draft.chat), self.room.key).offer_to(&mut draft.unit, person);
        }
        Ok(())
    }

    fn refuse(
        &self,
        draft: &mut Draft,
        refusal: &Refusal,
        author: &Author,
        request: &Request,
    ) -> Result<(), String> {
        let Author::Person(actor) = author else {
            tracing::warn!("an observation was refused: {refusal}");
            draft.refused.push(refusal.to_string());
            return Ok(());
        };
        if actor.via == Via::Reaction {
            return Ok(());
        }
        if let Some(needs) = refusal.needs().filter(|_| draft.chat.claimed) {
            let verb = request.command.verb().to_owned();
            let by = By::Person(actor.person.clone());
            self.append(draft, by, Event::Chat(ChatEvent::Refused { verb, needs }))?;
        }
        if let Some((request, why)) = refusal.about_request() {
            let by = By::Person(actor.person.clone());
            let why = why.to_owned();
            self.append(
                draft,
                by,
                Event::Chat(ChatEvent::RequestRefused { request, why }),
            )?;
        }
        if is_silent(refusal, actor, &draft.chat) {
            return Ok(());
        }
        let view = self.view(&draft.chat);
        Rows::new(&view, self.from.key).refusal(&mut draft.unit, refusal, request);
        Ok(())
    }
}

/// Refusals that nobody would read: in channels, and to other bots and automatic forwards.
fn is_silent(refusal: &Refusal, actor: &Actor, chat: &Chat) -> bool {
    let hidden_in_channel = chat.kind == ChatKind::Channel;
    let foreign_bot = matches!(
        refusal,
        Refusal::NotAPerson {
            identity: crate::incident::Identity::Bot | crate::incident::Identity::LinkedChannel,
            ..
        }
    );
    hidden_in_channel || (foreign_bot && actor.via != Via::Button)
}

fn points_at_card(chat: &Chat, origin: &Origin) -> bool {
    let message_id = origin.reply.as_ref().map(|reply| reply.message_id);
    message_id.is_some_and(|id| {
        chat.incidents
            .values()
            .any(|it| it.card.is_some_and(|card| card.message_id == id))
    })
}

fn may_declare(letter: &Letter) -> bool {
    letter.wanted.command().is_some_and(|(_, request)| {
        matches!(
            request.command,
            Command::Declare { .. }
                | Command::DeclareAnswer { .. }
                | Command::Lapse { .. }
                | Command::Pull(_)
                | Command::Approve { .. }
                | Command::AskAgain { .. }
                | Command::RequestDue { .. }
                | Command::HostLever { .. }
                | Command::HostImport { .. }
        )
    })
}

/// How many rows a unit has: grows with every trace that a letter leaves.
fn weight(unit: &Unit) -> usize {
    unit.events.len()
        + unit.outbox.len()
        + unit.timers.len()
        + unit.timers_done.len()
        + unit.people.len()
        + unit.members.len()
        + unit.left.len()
        + unit.chat_moves.len()
        + unit.cards.len()
        + unit.settings.len()
}

fn is_empty(unit: &Unit) -> bool {
    weight(unit) == 0
}

fn row_of(room: &Room, title: &str, kind: ChatKind) -> store::Chat {
    store::Chat {
        key: room.key.0,
        telegram_id: room.telegram_id(),
        title: title.to_owned(),
        kind: kind_word(kind).to_owned(),
    }
}

fn kind_word(kind: ChatKind) -> &'static str {
    match kind {
        ChatKind::Private => "private",
        ChatKind::Group => "group",
        ChatKind::Supergroup => "supergroup",
        ChatKind::Channel => "channel",
    }
}
