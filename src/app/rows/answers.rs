//! What whoever asked gets: messages, toasts, documents.

use super::{Rows, TOAST_SECONDS, message, push, thread};
use crate::incident::{Export, IncidentId, Origin, Said};
use crate::messages::outgoing::{Document, FileOut, Lane, Message, Outgoing};
use crate::messages::{self, Rendered};
use crate::report;
use crate::store::Unit;

impl Rows<'_> {
    pub(super) fn answer(&self, unit: &mut Unit, said: &Said, origin: &Origin) {
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
    pub(super) fn answer_aloud(&self, unit: &mut Unit, said: &Said, origin: &Origin) {
        let pressed = origin.press.is_some();
        let message = Message {
            reply_to: origin.message_id.filter(|_| !pressed),
            place: thread(origin),
            ..message(messages::said(self.view, said))
        };
        let message = Outgoing::Message(message);
        push(unit, self.answers_to, None, Lane::Incident, &message);
    }

    pub(super) fn reply(&self, unit: &mut Unit, rendered: Rendered, origin: &Origin) {
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

    pub(super) fn toast(&self, unit: &mut Unit, press: &str, text: String, alert: bool) {
        let until = self.view.now + chrono::Duration::seconds(TOAST_SECONDS);
        let toast = Outgoing::Toast {
            callback_id: press.to_owned(),
            text,
            alert,
            until: until.timestamp_micros(),
        };
        push(unit, self.answers_to, None, Lane::Incident, &toast);
    }

    pub(super) fn report(&self, unit: &mut Unit, id: IncidentId, origin: &Origin) {
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

    pub(super) fn send_export(
        &self,
        unit: &mut Unit,
        id: IncidentId,
        export: &Export,
        origin: &Origin,
    ) {
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
}
