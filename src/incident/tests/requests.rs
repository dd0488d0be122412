//! The life of a request: one end, whatever happens and in whatever order.

mod again;
mod alone;
mod chaos;
mod factor;
mod late;
mod running;
mod supersede;
mod two;

use super::*;
use crate::incident::policy::approval;

const FIRST: i64 = 2;
const SECOND: i64 = 3;
const ASKER: i64 = 4;
const COMMANDER: i64 = 5;

/// A claimed chat with two approvers of long standing and two commanders.
fn team() -> Told {
    let mut told = Told::claimed();
    told.give(FIRST, Permission::Approver);
    told.give(SECOND, Permission::Approver);
    told.give(ASKER, Permission::Commander);
    told.give(COMMANDER, Permission::Commander);
    told.now += Duration::days(2);
    told
}

impl Told {
    /// As if it had been granted in the usual way.
    fn give(&mut self, id: i64, permission: Permission) {
        let event = Event::Chat(ChatEvent::Granted {
            person: person(id),
            permission,
        });
        self.happens(By::Person(person(OWNER)), event);
    }

    fn happens(&mut self, by: By, event: Event) {
        let at = self.now;
        let recorded = Recorded { at, by, event };
        self.log.push(recorded.clone());
        apply(&mut self.chat, recorded, &self.plans).expect("it can be folded");
    }

    fn adopt(&mut self, decision: &Decision) {
        for (by, event) in &decision.events {
            self.happens(by.clone(), event.clone());
        }
    }

    /// The incident comes to rest, as no command lets it while something is open.
    fn ends(&mut self) {
        let kind = Cancellation::FalseAlarm;
        let why = "ours".to_owned();
        let event = IncidentEvent::Cancelled { kind, why };
        let id = IncidentId::security(2026, 1);
        self.happens(By::Bot, Event::Incident(id, event));
    }

    fn says(&mut self, who: i64, command: Command) -> Result<Decision, Refusal> {
        self.ask(&actor(who, Via::Text), command, None)
    }

    fn pulls(&mut self, who: i64, verb: &'static str, words: &str) -> Result<Decision, Refusal> {
        self.says(who, pull(verb, words))
    }

    fn approves(&mut self, who: i64, words: &str) -> Result<Decision, Refusal> {
        let request = self.chat.requested;
        self.says(who, approve(request, words))
    }

    fn last(&self) -> &LeverRequest {
        &self.chat.requests[&self.chat.requested]
    }

    fn digits(&self) -> String {
        self.last().form.digits.to_string()
    }

    fn due(&mut self) -> Decision {
        let request = self.chat.requested;
        self.ask(&Author::Bot, Command::RequestDue { request }, None)
            .expect("a timer is never refused")
    }

    fn runs(&self) -> Vec<&Run> {
        self.chat
            .incidents
            .values()
            .flat_map(|it| &it.runs)
            .collect()
    }
}

fn pull(verb: &'static str, words: &str) -> Command {
    Command::Pull(Pull {
        verb,
        words: words.to_owned(),
    })
}

fn approve(request: u32, words: &str) -> Command {
    Command::Approve {
        request,
        words: words.to_owned(),
        nonce: None,
    }
}

fn deny(request: u32) -> Command {
    Command::Deny {
        request,
        nonce: None,
    }
}

fn executes(decision: &Decision) -> usize {
    let runs = decision.effects.iter();
    runs.filter(|it| matches!(it, Effect::Execute { .. }))
        .count()
}

/// Ends a run, and takes a step back.
fn stopping() -> [Command; 2] {
    [
        Command::AbortRun {
            run: Some(1),
            why: "wrong one".to_owned(),
        },
        Command::Step {
            run: Some(1),
            step: None,
            choice: Choice::Undo,
        },
    ]
}

impl Told {
    fn decide(&self, who: i64, command: Command, origin: Origin) -> Result<Decision, Refusal> {
        let author = if who == 0 {
            Author::Bot
        } else {
            actor(who, Via::Text)
        };
        let request = Request {
            command,
            incident: None,
            origin,
        };
        let env = Env {
            now: self.now,
            next_id: IncidentId::security(2026, self.next),
            plans: &self.plans,
            languages: &["en"],
            owners: &[person(OWNER)],
            dice: [7; 32],
            log_changed: false,
            elsewhere: None,
        };
        decide(&self.chat, &request, &author, env)
    }

    /// The version of every stream: what a commit is checked against.
    fn versions(&self) -> (u64, Vec<u64>) {
        let incidents = self.chat.incidents.values().map(|it| it.version);
        (self.chat.version, incidents.collect())
    }
}
