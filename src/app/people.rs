//! Who was seen, and where: for `@name`, and so that a row is written only when something changed.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::letter::PersonSeen;
use crate::incident::{ChatKey, Person, UserId};
use crate::store::{Ledger, ReadError};

/// People as last seen.
#[derive(Debug, Default)]
pub struct People(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    by_id: HashMap<UserId, (Person, Option<String>)>,
    by_username: HashMap<String, UserId>,
    members: HashSet<(ChatKey, UserId)>,
}

impl People {
    /// Whether this sight of somebody tells anything new: then it belongs into the ledger.
    pub fn is_news(&self, chat: ChatKey, seen: &PersonSeen) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let same = known
            .by_id
            .get(&seen.person.id)
            .is_some_and(|(person, language)| *person == seen.person && *language == seen.language);
        !same || known.members.contains(&(chat, seen.person.id)) == seen.left
    }

    /// Whether somebody was seen in a chat, and did not leave it.
    pub fn is_member(&self, chat: ChatKey, id: UserId) -> bool {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.members.contains(&(chat, id))
    }

    /// Remembers who belongs to a chat, as the ledger has it.
    pub fn belong(&self, chat: ChatKey, members: impl Iterator<Item = UserId>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.members.extend(members.map(|id| (chat, id)));
    }

    /// Remembers a sight, after it was committed.
    pub fn remember(&self, chat: ChatKey, seen: &PersonSeen) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.keep(seen.person.clone(), seen.language.clone());
        if seen.left {
            known.members.remove(&(chat, seen.person.id));
        } else {
            known.members.insert((chat, seen.person.id));
        }
    }

    /// Looks people up in the ledger who are named but not remembered, so that reading needs no waiting.
    ///
    /// # Errors
    /// When the ledger cannot be read.
    pub async fn look_up(
        &self,
        ledger: &Ledger,
        usernames: &[String],
        ids: &[UserId],
    ) -> Result<(), ReadError> {
        for username in usernames {
            if self.by_username(username).is_none()
                && let Some(found) = ledger.person_by_username(username).await?
            {
                self.keep(found);
            }
        }
        for id in ids {
            if self.by_id(*id).is_none()
                && let Some(found) = ledger.person(id.0).await?
            {
                self.keep(found);
            }
        }
        Ok(())
    }

    fn keep(&self, found: crate::store::Person) {
        let person = Person {
            id: UserId(found.user_id),
            name: found.name,
            username: found.username,
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .keep(person, found.language);
    }

    /// By `name` of `@name`, letter case aside.
    pub fn by_username(&self, username: &str) -> Option<Person> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let id = known.by_username.get(&username.to_lowercase())?;
        known.by_id.get(id).map(|(person, _)| person.clone())
    }

    /// By numeric id.
    pub fn by_id(&self, id: UserId) -> Option<Person> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.by_id.get(&id).map(|(person, _)| person.clone())
    }
}

impl Known {
    fn keep(&mut self, person: Person, language: Option<String>) {
        // A name may have changed hands: it leads to whoever was seen with it last.
        if let Some((before, _)) = self.by_id.get(&person.id)
            && let Some(old) = before.username.as_ref().map(|name| name.to_lowercase())
            && self.by_username.get(&old) == Some(&person.id)
        {
            self.by_username.remove(&old);
        }
        if let Some(username) = &person.username {
            self.by_username.insert(username.to_lowercase(), person.id);
        }
        self.by_id.insert(person.id, (person, language));
    }
}
