//! One letter: noted, decided, told.

use chrono::{DateTime, Utc};

use super::draft::{Draft, Next, begins_a_drill, weight};
use super::silence::{EDITED, RECORDED, REFUSED, is_silent};
use crate::app::letter::{ChatSeen, Letter, PersonSeen, Wanted};
use crate::app::menus::{self, Menus};
use crate::app::requests::Afterwards;
use crate::app::room::Room;
use crate::app::rows::Rows;
use crate::app::told::Saying;
use crate::app::{House, codec, host};
use crate::incident::saga::Elsewhere;
use crate::incident::{
    Actor, Author, By, Chat, ChatEvent, ChatKey, ChatKind, Command, Decision, Effect, Env, Event,
    HostRecord, IncidentEvent, IncidentId, Origin, Permission, Person, Plans, Recorded, Refusal,
    Request, UserId, Via, apply, decide, one_line,
};
use crate::messages::View;
use crate::messages::outgoing::Scope;
use crate::store::{self, PinnedPlan};
use crate::totp;

pub(super) struct Step<'a> {
    pub(super) house: &'a House,
    pub(super) room: &'a Room,
    pub(super) from: &'a Room,
    pub(super) plans: &'a Plans,
    pub(super) codes: &'a [&'a str],
    pub(super) owners: &'a [Person],
    pub(super) dice: [u8; 32],
    pub(super) now: DateTime<Utc>,
    pub(super) next: Next,
    /// How many messages wait for this chat, where `/status` is to show it.
    pub(super) parked: usize,
    /// What runs of other chats hold.
    pub(super) elsewhere: Elsewhere,
    /// The update whose letter is at hand.
    pub(super) update: Option<i64>,
}

impl Step<'_> {
    pub(super) fn take(&mut self, draft: &mut Draft, letter: &Letter) -> Result<(), String> {
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
            Wanted::EditedCommand(edited) => self.edited(draft, &edited.0, &edited.1),
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

    /// Once for each message: whoever goes on typing in it is not told again.
    fn edited(&self, draft: &mut Draft, actor: &Actor, origin: &Origin) {
        let in_use = draft.chat.claimed || draft.chat.kind == ChatKind::Private;
        let (Some(message), true) = (origin.message_id, in_use && !self.owners.is_empty()) else {
            return;
        };
        let saying = Saying::Edit {
            chat: self.room.key,
            message,
        };
        if self.was_told(draft, actor, EDITED) || self.is_enough(draft, saying) {
            return;
        }
        let view = self.view(&draft.chat);
        Rows::new(&view, self.from.key).edited(&mut draft.unit, origin);
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
                title: one_line(title, 128),
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
                self.remember(draft, seen);
            }
        }
        Ok(())
    }

    fn remember(&self, draft: &mut Draft, seen: &PersonSeen) {
        let key = self.from.key;
        let owner = key == self.room.key && self.house.is_owner(seen.person.id);
        let before = owner.then(|| self.menus(draft));
        draft.seen.push((key, seen.clone()));
        // An owner is here for the first time: their list of commands is their own.
        if let Some(before) = before {
            let changed = menus::differ(&before, &self.menus(draft));
            self.offer(draft, changed);
        }
    }

    fn own(&self, draft: &mut Draft, command: Command) -> Result<(), String> {
        let request = Request {
            command,
            incident: None,
            origin: Origin::default(),
        };
        match decide(
            &draft.chat,
            &request,
            &Author::Bot,
            self.env(self.next.security),
        ) {
            Ok(decision) => self.adopt(draft, decision, &Author::Bot, &request),
            Err(_) => Ok(()),
        }
    }

    fn env(&self, next_id: IncidentId) -> Env<'_> {
        Env {
            now: self.now,
            next_id,
            plans: self.plans,
            languages: self.codes,
            owners: self.owners,
            dice: self.dice,
            log_changed: self.house.log_changed(),
            elsewhere: Some(&self.elsewhere),
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
        let next = if begins_a_drill(&draft.chat, &request.command) {
            self.next.drill
        } else {
            self.next.security
        };
        let decided = decide(&draft.chat, request, author, self.env(next));
        let decided = match self.house.held_back(author, request) {
            Some(refusal) if decided.is_ok() => Err(refusal),
            _ => decided,
        };
        if decided.is_ok()
            && let Author::Person(actor) = author
            && request.origin.press.is_none()
            && self.was_told(draft, actor, request.command.verb())
        {
            return Ok(());
        }
        // Only once nothing else can end the letter: a repeat must not cost a code.
        match decided.and_then(|decision| self.code_spent(decision, request)) {
            Ok(decision) => {
                self.adopt(draft, decision, author, request)?;
                if draft.declared.last() == Some(&next) {
                    self.next.used(next);
                }
                Ok(())
            }
            Err(refusal) => self.refuse(draft, &refusal, author, request),
        }
    }

    /// A code counts once: whatever came with a spent one waits for the next.
    fn code_spent(&self, decision: Decision, request: &Request) -> Result<Decision, Refusal> {
        let spent = decision.effects.iter().all(|effect| match effect {
            Effect::SpendCode(user) => self.house.spend_code(*user, self.update),
            _ => true,
        });
        let verb = request.command.verb();
        spent
            .then_some(decision)
            .ok_or(Refusal::CodeNeeded { verb })
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
        let afterwards = decision
            .effects
            .iter()
            .filter_map(|effect| Afterwards::of(effect, &request.origin));
        draft.afterwards.extend(afterwards);
        for effect in &decision.effects {
            if let Effect::ResetTotp(user) = effect {
                draft.unit.settings.push(totp::taken_away(user.0));
            }
            if let Effect::Execute { incident, run } = effect {
                draft.started.push((*incident, *run));
            }
            rows.effect(&mut draft.unit, effect, author, request);
            if *effect == Effect::OfferCommands {
                for (scope, may) in self.menus(draft) {
                    rows.offer(&mut draft.unit, scope, Some(may));
                }
            }
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

    /// What Telegram is to offer in this chat.
    fn menus(&self, draft: &Draft) -> Menus {
        let key = self.room.key;
        let is_here = |id: &&UserId| {
            let seen = |(at, seen): &(ChatKey, PersonSeen)| {
                *at == key && seen.person.id == **id && !seen.left
            };
            self.house.people.is_member(key, **id) || draft.seen.iter().any(seen)
        };
        let owners = &self.house.setup.owners;
        let here: Vec<UserId> = owners.iter().filter(is_here).copied().collect();
        menus::of(&draft.chat, &here)
    }

    fn offer(&self, draft: &mut Draft, lists: Vec<(Scope, Option<Permission>)>) {
        let view = self.view(&draft.chat);
        let rows = Rows::new(&view, self.room.key);
        for (scope, may) in lists {
            rows.offer(&mut draft.unit, scope, may);
        }
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
                let noted = host::note(*id, record);
                draft.unit.settings.push((host::setting(run), noted));
            }
            if let IncidentEvent::Imported {
                run,
                record: HostRecord::Over { .. },
                ..
            } = what
            {
                draft.unit.settings.push((host::over(run), String::new()));
            }
            if let IncidentEvent::Declared { plan, .. } = what {
                draft.declared.push(*id);
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
        if matches!(recorded.event, Event::Chat(ChatEvent::HomeChosen)) {
            draft
                .unit
                .settings
                .push(("home_chat".to_owned(), self.room.key.to_string()));
        }
        let before = menus::concerns(&recorded.event).then(|| self.menus(draft));
        apply(&mut draft.chat, recorded, self.plans).map_err(|error| error.to_string())?;
        if let Some(before) = before {
            let changed = menus::differ(&before, &self.menus(draft));
            self.offer(draft, changed);
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
        if request.origin.press.is_none() && self.was_told(draft, actor, REFUSED) {
            return Ok(());
        }
        let recorded = refusal.needs().filter(|_| draft.chat.claimed);
        if let Some(needs) = recorded.filter(|_| !self.was_told(draft, actor, RECORDED)) {
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
