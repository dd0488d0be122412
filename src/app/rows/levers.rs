//! What levers, runs and pasted secrets show to the team.

use super::super::pasted::Notice;
use super::super::{requests, runs};
use super::{Rows, edit, lane_of, message, push, thread};
use crate::incident::{IncidentId, Origin, Said};
use crate::messages;
use crate::messages::outgoing::{Lane, Message, Outgoing};
use crate::store::Unit;

impl Rows<'_> {
    /// The message that shows a request. Its id comes back, so that later changes edit it.
    pub(super) fn post_request(&self, unit: &mut Unit, number: u32, origin: &Origin) {
        let Some(request) = self.view.chat.requests.get(&number) else {
            return;
        };
        let place = match request.form.incident {
            Some(id) => self.place(id),
            None => thread(origin),
        };
        let message = Message {
            place,
            tag: Some(requests::tag(number)),
            ..message(messages::request(self.view, request))
        };
        let incident = request.form.incident;
        self.tell(unit, incident, Lane::Emergency, &Outgoing::Message(message));
    }

    pub(super) fn show_request(&self, unit: &mut Unit, number: u32, origin: &Origin) {
        let Some(request) = self.view.chat.requests.get(&number) else {
            return;
        };
        // A button of it was pressed: then it stands there, even if a kill kept us from learning so.
        let pressed = origin.message_id.filter(|_| origin.press.is_some());
        let rendered = messages::request(self.view, request);
        let tag = requests::tag(number);
        let edit = edit(request.message.or(pressed), tag, rendered);
        self.tell(unit, request.form.incident, Lane::Emergency, &edit);
    }

    /// Buttons of what is decided do not stay.
    pub(super) fn show_question(&self, unit: &mut Unit, id: IncidentId, run: u32) {
        let found = self.incident(id).and_then(|it| Some((it, it.run(run)?)));
        let Some((incident, run)) = found else {
            return;
        };
        let rendered = messages::question(self.view, incident, run);
        let tag = runs::question_tag(id, run.number);
        let edit = edit(run.question, tag, rendered);
        self.tell(unit, Some(id), lane_of(incident, run.number), &edit);
    }

    /// To the whole team.
    pub(super) fn announce(&self, unit: &mut Unit, id: IncidentId, said: &Said, silent: bool) {
        let tag = match said {
            Said::StepAsks { run, .. } => Some(runs::question_tag(id, *run)),
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
    pub(super) fn tell_of_secrets(
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
}
