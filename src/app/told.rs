//! What was said lately to those who may do nothing here: the same again is worth no message, and no event.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};

use crate::incident::{ChatKey, UserId};

/// For so long nothing is said twice.
const MINUTES: i64 = 10;
/// However many strangers come: so much is said to them in one chat in that time, and kept in memory for all chats.
const PER_CHAT: usize = 40;
const AT_ALL: usize = 4096;
/// So many edited messages are remembered.
const EDITS: usize = 1024;

/// Something that is not said again.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Saying {
    /// To a stranger; to nobody in particular where it is for the whole chat.
    Stranger {
        chat: ChatKey,
        whom: Option<UserId>,
        what: &'static str,
    },
    /// That an edited message does not act.
    Edit { chat: ChatKey, message: i64 },
}

/// What was said lately, in bounded memory. A restart forgets it.
#[derive(Debug, Default)]
pub(super) struct Told(Mutex<Lately>);

#[derive(Debug, Default)]
struct Lately {
    strangers: HashMap<Saying, DateTime<Utc>>,
    edits: VecDeque<Saying>,
}

impl Told {
    /// Whether silence is better: it was said already, or too much was.
    pub(super) fn is_enough(&self, saying: &Saying, now: DateTime<Utc>) -> bool {
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Saying::Stranger { chat, .. } = saying else {
            return lately.edits.contains(saying);
        };
        let lately = &mut lately.strangers;
        if lately.get(saying).is_some_and(|at| is_recent(*at, now)) {
            return true;
        }
        if lately.len() >= AT_ALL {
            lately.retain(|_, at| is_recent(*at, now));
        }
        let here = |(told, at): &(&Saying, &DateTime<Utc>)| {
            matches!(told, Saying::Stranger { chat: there, .. } if there == chat)
                && is_recent(**at, now)
        };
        lately.len() >= AT_ALL || lately.iter().filter(here).count() >= PER_CHAT
    }

    /// Remembers what was said, once it is committed.
    pub(super) fn remember(&self, said: Vec<Saying>, now: DateTime<Utc>) {
        if said.is_empty() {
            return;
        }
        let mut lately = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for saying in said {
            if matches!(saying, Saying::Stranger { .. }) {
                lately.strangers.insert(saying, now);
            } else {
                lately.edits.push_back(saying);
            }
        }
        let more = lately.edits.len().saturating_sub(EDITS);
        lately.edits.drain(..more);
    }
}

/// The clock may have jumped either way.
fn is_recent(at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    (now - at).abs() < Duration::minutes(MINUTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(chat: i64, whom: i64) -> Saying {
        Saying::Stranger {
            chat: ChatKey(chat),
            whom: Some(UserId(whom)),
            what: "refused",
        }
    }

    fn at(minutes: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::minutes(minutes)
    }

    #[test]
    fn the_same_is_said_again_after_ten_minutes_only() {
        let told = Told::default();
        assert!(!told.is_enough(&to(1, 1), at(0)));
        told.remember(vec![to(1, 1)], at(0));
        assert!(told.is_enough(&to(1, 1), at(9)));
        assert!(!told.is_enough(&to(1, 2), at(9)) && !told.is_enough(&to(2, 1), at(9)));
        assert!(!told.is_enough(&to(1, 1), at(10)));
        assert!(
            !told.is_enough(&to(1, 1), at(-10)),
            "the clock was put back"
        );
    }

    #[test]
    fn many_strangers_neither_flood_a_chat_nor_the_memory() {
        let told = Told::default();
        let mut answered = 0;
        for whom in 0..1000 {
            if !told.is_enough(&to(1, whom), at(0)) {
                told.remember(vec![to(1, whom)], at(0));
                answered += 1;
            }
        }
        assert_eq!(answered, PER_CHAT);
        for chat in 2..10_000 {
            if !told.is_enough(&to(chat, 1), at(1)) {
                told.remember(vec![to(chat, 1)], at(1));
            }
        }
        assert_eq!(told.0.lock().unwrap().strangers.len(), AT_ALL);
        assert!(!told.is_enough(&to(10_001, 1), at(11)));
        assert!(told.0.lock().unwrap().strangers.len() < AT_ALL);
    }

    #[test]
    fn only_the_newest_edits_are_remembered() {
        let told = Told::default();
        let edit = |message| Saying::Edit {
            chat: ChatKey(1),
            message,
        };
        let count = i64::try_from(EDITS).unwrap();
        told.remember((0..=count).map(edit).collect(), at(0));
        assert!(!told.is_enough(&edit(0), at(0)));
        assert!(told.is_enough(&edit(1), at(5000)) && told.is_enough(&edit(count), at(5000)));
    }
}
