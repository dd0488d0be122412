//! The life of a request.

use crate::incident::chat::Chat;
use crate::incident::event::{ChatEvent, Recorded};
use crate::incident::request::{LeverRequest, RequestState};

pub(super) fn apply(chat: &mut Chat, event: &ChatEvent, recorded: &Recorded) {
    let by = recorded.by.person();
    match event {
        ChatEvent::Requested {
            form,
            stage,
            needs,
            called,
        } => {
            chat.requested = chat.requested.max(form.number);
            let Some(asked_by) = by else { return };
            let request = LeverRequest {
                form: (**form).clone(),
                asked_by: asked_by.clone(),
                at: recorded.at,
                message: None,
                called: called.clone(),
                needs: *needs,
                approved_by: Vec::new(),
                state: RequestState::Waiting(stage.clone()),
            };
            chat.requests.insert(form.number, request);
        }
        ChatEvent::RequestShown {
            request,
            message_id,
        } => {
            if let Some(it) = chat.requests.get_mut(request) {
                it.message = Some(*message_id);
            }
        }
        ChatEvent::RequestMoved {
            request,
            stage,
            incident,
            why,
            needs,
            called,
        } => {
            if let Some(it) = waiting(chat, *request) {
                it.state = RequestState::Waiting(stage.clone());
                it.form.incident = it.form.incident.or(*incident);
                if why.is_some() {
                    it.form.why.clone_from(why);
                }
                it.needs = *needs;
                it.called.clone_from(called);
            }
        }
        ChatEvent::RequestAgreed { request } => {
            if let (Some(it), Some(person)) = (waiting(chat, *request), by) {
                it.approved_by.push(person.clone());
            }
        }
        ChatEvent::RequestEnded { request, outcome } => {
            if let Some(it) = waiting(chat, *request) {
                it.state = RequestState::Spent {
                    outcome: outcome.clone(),
                    at: recorded.at,
                    by: by.cloned(),
                };
            }
        }
        _ => {}
    }
}

/// A spent request never changes again.
fn waiting(chat: &mut Chat, request: u32) -> Option<&mut LeverRequest> {
    chat.requests
        .get_mut(&request)
        .filter(|it| it.waits_for().is_some())
}
