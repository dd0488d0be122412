//! The front door for Telegram: a batch of raw updates becomes letters, chat by chat.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::join_all;

use super::incoming::{Incoming, What};
use super::pump::{BatchOutcome, Handler, Notice, RawUpdate, SetAside};
use super::schema::{self, Routed, Schema};
use crate::app::{House, Letter, Noticed, Outcome};

/// Handles updates by putting them through the house's door.
pub struct Front {
    house: Arc<House>,
    schema: Schema,
}

impl Front {
    /// A front door; checks the routes.
    pub fn new(house: Arc<House>) -> Self {
        let schema = schema::schema();
        schema::check(&schema);
        Self { house, schema }
    }

    /// Chats in parallel, in order inside a chat.
    async fn deliver(&self, letters: Letters, outcome: &mut BatchOutcome) {
        let each = letters
            .into_iter()
            .map(|(chat, letters)| self.house.handle(chat, letters));
        for done in join_all(each).await {
            add(outcome, done);
        }
    }
}

type Letters = Vec<(i64, Vec<Letter>)>;

/// Letters by chat, in the order in which the chats were first heard.
#[derive(Default)]
struct Sorted {
    letters: Letters,
    place: HashMap<i64, usize>,
}

impl Sorted {
    fn add(&mut self, chat: i64, letter: Letter) {
        let next = self.letters.len();
        let place = *self.place.entry(chat).or_insert(next);
        if place == next {
            self.letters.push((chat, Vec::new()));
        }
        self.letters[place].1.push(letter);
    }

    fn take(&mut self) -> Letters {
        self.place.clear();
        std::mem::take(&mut self.letters)
    }
}

/// Chats from which an update came, each once; and whether Telegram said in it that the bot may write there.
#[derive(Default)]
struct Heard(HashMap<i64, bool>);

impl Heard {
    fn listen(&mut self, incoming: &Incoming) {
        let said = match &incoming.what {
            What::BotMembership { chat, status, .. } => {
                status.may_write().then_some((chat.id, true))
            }
            what => what.chat().map(|chat| (chat, false)),
        };
        if let Some((chat, may_write)) = said {
            *self.0.entry(chat).or_default() |= may_write;
        }
    }
}

impl Handler for Front {
    async fn handle(&self, batch: Vec<RawUpdate>) -> BatchOutcome {
        let mut outcome = BatchOutcome::default();
        let mut sorted = Sorted::default();
        let mut heard = Heard::default();
        for raw in batch {
            let incoming = match Incoming::read(&raw.raw) {
                Ok(incoming) => Incoming {
                    backlog: raw.backlog,
                    ..incoming
                },
                Err(error) => {
                    outcome.broken.push((raw.update_id, error.to_string()));
                    continue;
                }
            };
            heard.listen(&incoming);
            match schema::route(&self.schema, &self.house, incoming).await {
                Routed::Letter(chat, letter) => sorted.add(chat, *letter),
                Routed::Migrated { from, to } => {
                    // What was said before the move belongs to the old id.
                    self.deliver(sorted.take(), &mut outcome).await;
                    let moved = self.house.migrated(from, to, Some(raw.update_id)).await;
                    add(&mut outcome, moved);
                }
                Routed::Nothing => {}
            }
        }
        self.deliver(sorted.take(), &mut outcome).await;
        heard
            .0
            .into_iter()
            .for_each(|(chat, may_write)| self.house.heard(chat, may_write));
        if let Some(why) = outcome.unavailable.clone() {
            self.house.noticed(Noticed::Database { why });
        }
        outcome
    }

    async fn set_aside(&self, update: SetAside) -> Result<(), String> {
        let kept = crate::store::NewSetAside {
            update_id: update.update_id,
            kind: update.kind,
            reason: update.reason,
            body: update.redacted,
        };
        self.house.set_aside(kept).await
    }

    async fn notice(&self, notice: Notice) {
        match notice {
            Notice::AnotherReceiver(why) => self.house.noticed(Noticed::AnotherReceiver { why }),
            Notice::ReceiverGone => tracing::warn!("the bot receives its updates alone again"),
            // No message could say so: the log is what is left.
            Notice::Unreachable(why) => tracing::error!("Telegram cannot be reached: {why}"),
            Notice::Reachable => tracing::warn!("Telegram can be reached again"),
        }
    }
}

fn add(outcome: &mut BatchOutcome, done: Outcome) {
    outcome.broken.extend(done.broken);
    if done.unavailable.is_some() {
        outcome.unavailable = done.unavailable;
    }
}
