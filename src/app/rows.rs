//! Effects become outbox rows and timers of the same transaction.

use super::pasted::Notice;
use crate::incident::{
    Author, ChatKey, Command, Effect, Export, Incident, IncidentId, Mark, Origin, Permission, Pull,
    Refusal, Request, Said, Timer, Topic, Via,
};
use crate::messages::outgoing::{Document, FileOut, Lane, Message, Outgoing, Place, Scope};
use crate::messages::{self, Rendered, View};
use crate::report;
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

    /// The message that shows a request. Its id comes back, so that later changes edit it.
    fn post_request(&self, unit: &mut Unit, number: u32, origin: &Origin) {
        let Some(request) = self.view.chat.requests.get(&number) else {
            return;
        };
        let place = match request.form.incident {
            Some(id) => self.place(id),
            None => thread(origin),
        };
        let message = Message {
            place,
            tag: Some(super::requests::tag(number)),
            ..message(messages::request(self.view, request))
        };
        let incident = request.form.incident;
        self.tell(unit, incident, Lane::Emergency, &Outgoing::Message(message));
    }

    fn show_request(&self, unit: &mut Unit, number: u32, origin: &Origin) {
        let Some(request) = self.view.chat.requests.get(&number) else {
            return;
        };
        // A button of it was pressed: then it stands there, even if a kill kept us from learning so.
        let pressed = origin.message_id.filter(|_| origin.press.is_some());
        let rendered = messages::request(self.view, request);
        let tag = super::requests::tag(number);
        let edit = edit(request.message.or(pressed), tag, rendered);
        self.tell(unit, request.form.incident, Lane::Emergency, &edit);
    }

    /// Buttons of what is decided do not stay.
    fn show_question(&self, unit: &mut Unit, id: IncidentId, run: u32) {
        let found = self.incident(id).and_then(|it| Some((it, it.run(run)?)));
        let Some((incident, run)) = found else {
            return;
        };
        let rendered = messages::question(self.view, incident, run);
        let tag = super::runs::question_tag(id, run.number);
        let edit = edit(run.question, tag, rendered);
        self.tell(unit, Some(id), lane_of(incident, run.number), &edit);
    }

    /// To the whole team.
    fn announce(&self, unit: &mut Unit, id: IncidentId, said: &Said, silent: bool) {
        let tag = match said {
            Said::StepAsks { run, .. } => Some(super::runs::question_tag(id, *run)),
            _ => None,
        };
        let lane = match (said.run(), self.incident(id)) {
            (Some(run), Some(incident)) => lane_of(incident, run),
            _ => Lane::Incident,
        };
        let message = Message {
            place: self.place(id),
            silent,
            tag,
            ..message(messages::said(self.view, said))
        };
        self.tell(unit, Some(id), lane, &Outgoing::Message(message));
    }

    /// Behind everything else: it is long, it may come by the dozen, and the secret itself is gone already.
    fn tell_of_secrets(
        &self,
        unit: &mut Unit,
        incident: IncidentId,
        first: usize,
        origin: &Origin,
    ) {
        let notice = Notice {
            chat: self.answers_to,
            thread: origin.thread_id,
            incident,
            first,
        };
        let card = Outgoing::Card {
            incident: notice.key(),
        };
        push(unit, self.answers_to, Some(incident), Lane::Routine, &card);
    }

    fn answer(&self, unit: &mut Unit, said: &Said, origin: &Origin) {
        if let Some(press) = &origin.press {
            // Only stops the spinner: the answer comes as a message.
            self.toast(unit, press, String::new(), false);
        }
        let mut rendered = messages::said(self.view, said);
        if self.parked > 0 && matches!(said, Said::Status { .. } | Said::StatusAll { .. }) {
            rendered.html.push_str("\n\n");
            rendered
                .html
                .push_str(&messages::parked(self.view.phrases, self.parked));
        }
        self.reply(unit, rendered, origin);
    }

    /// Everybody hears it, and it does not wait behind what one person asked to see.
    fn answer_aloud(&self, unit: &mut Unit, said: &Said, origin: &Origin) {
        let pressed = origin.press.is_some();
        let message = Message {
            reply_to: origin.message_id.filter(|_| !pressed),
            place: thread(origin),
            ..message(messages::said(self.view, said))
        };
        let message = Outgoing::Message(message);
        push(unit, self.answers_to, None, Lane::Incident, &message);
    }

    fn reply(&self, unit: &mut Unit, rendered: Rendered, origin: &Origin) {
        let pressed = origin.press.is_some();
        let message = Message {
            reply_to: origin.message_id.filter(|_| !pressed),
            place: thread(origin),
            silent: true,
            ..message(rendered)
        };
        // What one person asked to see waits behind what all must see.
        push(
            unit,
            self.answers_to,
            None,
            Lane::Routine,
            &Outgoing::Message(message),
        );
    }

    fn toast(&self, unit: &mut Unit, press: &str, text: String, alert: bool) {
        let until = self.view.now + chrono::Duration::seconds(TOAST_SECONDS);
        let toast = Outgoing::Toast {
            callback_id: press.to_owned(),
            text,
            alert,
            until: until.timestamp_micros(),
        };
        push(unit, self.answers_to, None, Lane::Incident, &toast);
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

    fn report(&self, unit: &mut Unit, id: IncidentId, origin: &Origin) {
        let Some(incident) = self.incident(id) else {
            return;
        };
        if let Some(press) = &origin.press {
            self.toast(unit, press, String::new(), false);
        }
        let (name, content) = report::markdown(self.view, incident);
        let document = Document {
            name,
            mime: "text/markdown".to_owned(),
            content,
            caption: None,
            place: thread(origin),
            reply_to: origin.message_id.filter(|_| origin.press.is_none()),
            tag: None,
        };
        let document = Outgoing::Document(document);
        push(unit, self.answers_to, Some(id), Lane::Routine, &document);
    }

    fn send_export(&self, unit: &mut Unit, id: IncidentId, export: &Export, origin: &Origin) {
        let file = Outgoing::File(FileOut {
            incident: id.to_string(),
            file: export.file.clone(),
            sha256: export.sha256.clone(),
            caption: Some(messages::export_caption(self.view, id, export)),
            place: thread(origin),
            reply_to: origin.message_id,
        });
        push(unit, self.answers_to, Some(id), Lane::Routine, &file);
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
