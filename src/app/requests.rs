//! Requests outside the rules: which message shows one, and what starts when one is granted.

use std::sync::Arc;

use super::room::Room;
use super::runs::Work;
use super::{House, Outcome};
use crate::incident::{Chat, ChatKey, Command, Effect, IncidentId, Origin, Person, UserId};

/// Marks the message that shows a request, so that its id comes back.
const TAG: &str = "request/";

/// What leaves the house once it is committed, besides messages.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Afterwards {
    /// Small work beside the runs, for where it was asked.
    Errand(Work, Option<IncidentId>, Box<Origin>),
}

impl Afterwards {
    pub(super) fn of(effect: &Effect, origin: &Origin) -> Option<Self> {
        let errand = |work, incident| Some(Self::Errand(work, incident, Box::new(origin.clone())));
        match effect {
            Effect::ListChoices {
                incident,
                procedure,
                parameter,
                given,
            } => {
                let work = Work::Choices {
                    procedure: procedure.clone(),
                    parameter: parameter.clone(),
                    given: given.clone(),
                };
                errand(work, *incident)
            }
            Effect::Rehearse { incident, lever } => {
                errand(Work::Rehearse(lever.clone()), *incident)
            }
            _ => None,
        }
    }
}

/// The tag of a request's message.
pub(super) fn tag(request: u32) -> String {
    format!("{TAG}{request}")
}

impl House {
    /// A tagged message was delivered to a chat: if it shows a request, its answers are taken there.
    pub async fn delivered(&self, chat: i64, tag: &str, message_id: i64) -> Outcome {
        if let Some((id, run)) = super::runs::questioned(tag) {
            let command = Command::ProgressPosted {
                run,
                message_id,
                question: true,
            };
            return self.tell(id, command).await;
        }
        let number = tag.strip_prefix(TAG).and_then(|it| it.parse().ok());
        let Some(request) = number else {
            return Outcome::default();
        };
        let command = Command::RequestShown {
            request,
            message_id,
        };
        self.to_chat(ChatKey(chat), command).await
    }

    /// The owners, as far as their names are known.
    pub(super) fn owners(&self) -> Vec<Person> {
        let named = |id: &UserId| {
            self.people.by_id(*id).unwrap_or_else(|| Person {
                id: *id,
                name: String::new(),
                username: None,
            })
        };
        self.setup.owners.iter().map(named).collect()
    }

    /// Does what is left to be done once a decision is committed.
    pub(super) fn see_to(
        &self,
        afterwards: Vec<Afterwards>,
        chat: &Chat,
        rooms: (&Arc<Room>, &Arc<Room>),
    ) {
        for next in afterwards {
            match next {
                Afterwards::Errand(work, incident, origin) => {
                    self.send_on((work, incident), chat, rooms, *origin);
                }
            }
        }
    }
}
