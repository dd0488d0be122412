//! Effects become outbox rows and timers of the same transaction.

mod answers;
mod levers;

use crate::incident::{
    Author, ChatKey, Command, Effect, Incident, IncidentId, Mark, Origin, Permission, Pull,
    Refusal, Request, Said, Timer, Topic, Via,
};
use crate::messages::outgoing::{Lane, Message, Outgoing, Place, Scope};
use crate::messages::{self, Rendered, View};
use crate::store::{self, NewOutbox, TimerChange, Unit};

/// A press can be answered for about 150 seconds.
const TOAST_SECONDS: i64 = 140;

/// Writes rows; answers go to the chat where the command was written.
pub(super) struct Rows<'a> {
    view: &'a View<'a>,
    answers_to: ChatKey,
    parked: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(view: &'a View<'a>, answers_to: ChatKey) -> Self {
        Self {
            view,
            answers_to,
            parked: 0,
        }
    }

    /// How many messages wait for this chat: `/status` shows it.
    pub(super) fn with_parked(self, parked: usize) -> Self {
        Self { parked, ..self }
    }

    #[expect(clippy::too_many_lines, reason = "one arm for each effect")]
    pub(super) fn effect(
        &self,
        unit: &mut Unit,
        effect: &Effect,
        author: &Author,
        request: &Request,
    ) {
        let origin = &request.origin;
        match effect {
            Effect::Acknowledge(mark, said) => self.acknowledge(unit, *mark, said, author, origin),
            Effect::Answer(said) => self.answer(unit, said, origin),
            Effect::AnswerAloud(said) => self.answer_aloud(unit, said, origin),
            Effect::Alert(said) => self.alert(unit, said, author, origin),
            Effect::ShowQuestion { incident, run } => self.show_question(unit, *incident, *run),
            Effect::PostRequest(number) => self.post_request(unit, *number, origin),
            Effect::ShowRequest(number) => self.show_request(unit, *number, origin),
            // These leave the house by themselves, after the commit.
            Effect::TellOfSecrets { incident, first } => {
                self.tell_of_secrets(unit, *incident, *first, origin);
            }
            Effect::TotpPicture(person) => {
                let picture = Outgoing::TotpPicture {
                    user: person.id.0,
                    account: person.name.clone(),
                };
                push(unit, self.answers_to, None, Lane::Incident, &picture);
            }
            Effect::RecoveryCodes(person) => {
                let codes = Outgoing::RecoveryCodes { user: person.id.0 };
                push(unit, self.answers_to, None, Lane::Incident, &codes);
            }
            Effect::DeleteMessages(ids) => {
                for message_id in ids.iter().copied() {
                    let delete = Outgoing::DeleteMessage { message_id };
                    push(unit, self.answers_to, None, Lane::Emergency, &delete);
                }
            }
            Effect::Execute { .. }
            | Effect::ListChoices { .. }
            | Effect::Rehearse { .. }
            | Effect::ResetTotp(_)
            | Effect::OfferCommands
            | Effect::SpendCode(_)
            | Effect::TellOwners(_) => {}
            Effect::Announce {
                incident,
                said,
                silent,
            } => {
                self.announce(unit, *incident, said, *silent);
            }
            Effect::MakeTopic(id) => self.make_topic(unit, *id),
            Effect::PostCard(id) => {
                let card = Outgoing::Card {
                    incident: id.to_string(),
                };
                self.tell(unit, Some(*id), Lane::Incident, &card);
            }
            Effect::Unpin(id) => {
                if let Some(card) = self.incident(*id).and_then(|it| it.card) {
                    let unpin = Outgoing::Unpin {
                        message_id: card.message_id,
                    };
                    self.tell(unit, Some(*id), Lane::Routine, &unpin);
                }
            }
            Effect::Report {
                incident,
                format: _,
            } => self.report(unit, *incident, origin),
            Effect::Store { incident, number } => {
                let store = Outgoing::Store {
                    incident: incident.to_string(),
                    number: *number,
                };
                self.tell(unit, Some(*incident), Lane::Incident, &store);
            }
            Effect::LookInto { incident, file } => {
                let look = Outgoing::LookInto(file.clone());
                self.tell(unit, Some(*incident), Lane::Incident, &look);
            }
            Effect::MakeExport { incident, number } => {
                let export = Outgoing::Export {
                    incident: incident.to_string(),
                    number: *number,
                    place: thread(origin),
                    reply_to: origin.message_id,
                };
                push(
                    unit,
                    self.answers_to,
                    Some(*incident),
                    Lane::Routine,
                    &export,
                );
            }
            Effect::SendExport { incident, export } => {
                self.send_export(unit, *incident, export, origin);
            }
            Effect::ListAdministrators => {
                self.tell(unit, None, Lane::Routine, &Outgoing::Administrators);
            }
            Effect::Leave => self.tell(unit, None, Lane::Routine, &Outgoing::Leave),
            // No row: the house hands it over once it is committed.
            Effect::Wake { at, timer } => unit.timers.push(TimerChange::Set(store::Timer {
                id: self.timer_id(timer),
                chat: self.view.chat.key.0,
                due: at.timestamp_micros(),
                kind: timer_kind(timer).to_owned(),
                body: timer_body(timer),
            })),
            Effect::Forget(timer) => unit.timers.push(TimerChange::Cancel(self.timer_id(timer))),
        }
    }

    pub(super) fn refusal(&self, unit: &mut Unit, refusal: &Refusal, request: &Request) {
        let origin = &request.origin;
        if let Some(press) = &origin.press {
            let text = messages::refusal_toast(self.view, refusal);
            self.toast(unit, press, text, true);
            return;
        }
        let rendered = messages::refusal(self.view, refusal);
        if let Command::Pull(pull) = &request.command
            && self.is_fail_safe(pull)
        {
            // Whoever wants everything stopped must not learn last that it was not.
            let message = Message {
                reply_to: origin.message_id,
                place: thread(origin),
                ..message(rendered)
            };
            let message = Outgoing::Message(message);
            return push(unit, self.answers_to, None, Lane::Emergency, &message);
        }
        self.reply(unit, rendered, origin);
    }

    /// As far as it can be told from the words alone.
    fn is_fail_safe(&self, pull: &Pull) -> bool {
        let name = match pull.verb {
            "run" => pull.words.split_whitespace().next().unwrap_or_default(),
            verb => verb,
        };
        let chat = self.view.chat;
        let plans = chat.incidents.values().map(|it| &it.plan);
        let plans = plans.chain(self.view.plans.of_chat(chat));
        plans
            .filter_map(|plan| plan.procedure(name))
            .any(|it| it.fail_safe)
    }

    /// A command that a message became by being edited.
    pub(super) fn edited(&self, unit: &mut Unit, origin: &Origin) {
        self.reply(unit, messages::edited_command(self.view), origin);
    }

    /// A press whose data nobody here wrote, or an older version did.
    pub(super) fn stale_press(&self, unit: &mut Unit, press: &str) {
        self.toast(unit, press, messages::stale_press(self.view), true);
    }

    fn acknowledge(
        &self,
        unit: &mut Unit,
        mark: Mark,
        said: &Said,
        author: &Author,
        origin: &Origin,
    ) {
        let Author::Person(actor) = author else {
            return;
        };
        if let Some(press) = &origin.press {
            self.toast(unit, press, messages::toast(self.view, said), false);
            return;
        }
        let Some(message_id) = origin.message_id.filter(|_| actor.via != Via::Reaction) else {
            return;
        };
        let reaction = Outgoing::Reaction {
            message_id,
            emoji: mark.emoji().to_owned(),
            fallback: Some(messages::toast(self.view, said)),
            place: thread(origin),
        };
        push(unit, self.answers_to, None, Lane::Incident, &reaction);
    }

    /// For one person's eyes where they pressed; a typed command is answered in a message.
    fn alert(&self, unit: &mut Unit, said: &Said, author: &Author, origin: &Origin) {
        if !matches!(author, Author::Person(_)) {
            return;
        }
        match &origin.press {
            Some(press) => self.toast(unit, press, messages::toast(self.view, said), true),
            None => self.reply(unit, messages::said(self.view, said), origin),
        }
    }

    fn make_topic(&self, unit: &mut Unit, id: IncidentId) {
        let Some(incident) = self.incident(id) else {
            return;
        };
        let name = crate::incident::one_line(&format!("{id} {}", incident.title), 100);
        let topic = Outgoing::Topic {
            incident: id.to_string(),
            name,
            icon: None,
        };
        self.tell(unit, Some(id), Lane::Incident, &topic);
    }

    /// Something that one person is told in private.
    pub(super) fn in_private(&self, unit: &mut Unit, chat: ChatKey, said: &Said) {
        let message = message(messages::said(self.view, said));
        push(unit, chat, None, Lane::Routine, &Outgoing::Message(message));
    }

    /// The commands that are offered while somebody types, by what they may do here; `None`: no list of their own.
    pub(super) fn offer(&self, unit: &mut Unit, scope: Scope, may: Option<Permission>) {
        let kind = self.view.chat.kind;
        let menu = |may| messages::command_menu(self.view.phrases, may, kind);
        let commands = may.map(menu).unwrap_or_default();
        let offer = Outgoing::Commands {
            scope,
            language: None,
            commands,
        };
        self.tell(unit, None, Lane::Routine, &offer);
    }

    fn tell(&self, unit: &mut Unit, incident: Option<IncidentId>, lane: Lane, outgoing: &Outgoing) {
        push(unit, self.view.chat.key, incident, lane, outgoing);
    }

    fn incident(&self, id: IncidentId) -> Option<&'a Incident> {
        self.view.chat.incidents.get(&id)
    }

    fn place(&self, id: IncidentId) -> Place {
        match self.incident(id).map(|incident| &incident.topic) {
            Some(Topic::Asked | Topic::Made(_)) => Place::Incident(id.to_string()),
            Some(Topic::None) | None => Place::General,
        }
    }

    fn timer_id(&self, timer: &Timer) -> String {
        let key = self.view.chat.key;
        match timer {
            Timer::Lapse(ask) => format!("lapse/{key}/{ask}"),
            Timer::LeaveUnclaimed => format!("leave/{key}"),
            Timer::Request(number) => format!("request/{key}/{number}"),
            Timer::Revert {
                incident,
                run,
                step,
            } => format!("revert/{incident}/{run}/{step}"),
        }
    }
}

fn timer_kind(timer: &Timer) -> &'static str {
    match timer {
        Timer::Lapse(_) => "lapse",
        Timer::LeaveUnclaimed => "leave_unclaimed",
        Timer::Request(_) => "request",
        Timer::Revert { .. } => "revert",
    }
}

fn timer_body(timer: &Timer) -> String {
    match timer {
        Timer::Lapse(number) | Timer::Request(number) => number.to_string(),
        Timer::LeaveUnclaimed => String::new(),
        Timer::Revert { incident, run, .. } => format!("{incident}/{run}"),
    }
}

fn message(rendered: Rendered) -> Message {
    Message {
        html: rendered.html,
        keyboard: rendered.keyboard,
        ..Message::default()
    }
}

/// New text for a message. As long as nobody knows whether it was delivered, what waits to be sent is revised; what is under
/// way is put right when it has come back.
fn edit(message: Option<i64>, tag: String, rendered: Rendered) -> Outgoing {
    let Rendered { html, keyboard } = rendered;
    match message {
        Some(message_id) => Outgoing::Edit {
            message_id,
            html,
            keyboard,
        },
        None => Outgoing::Revise {
            tag,
            html,
            keyboard,
        },
    }
}

/// The lane of what a run tells.
fn lane_of(incident: &Incident, run: u32) -> Lane {
    if super::runs::goes_first(incident, run) {
        Lane::Emergency
    } else {
        Lane::Incident
    }
}

fn thread(origin: &Origin) -> Place {
    origin.thread_id.map_or(Place::General, Place::Thread)
}

fn push(
    unit: &mut Unit,
    chat: ChatKey,
    incident: Option<IncidentId>,
    lane: Lane,
    outgoing: &Outgoing,
) {
    unit.outbox.push(NewOutbox {
        chat: Some(chat.0).filter(|key| *key != unit.chat),
        incident: incident.map(|id| id.to_string()),
        lane: lane.number(),
        body: outgoing.to_body(),
    });
}
