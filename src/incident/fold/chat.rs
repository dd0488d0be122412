//! What an event changes about the chat: who may what, how it is set up, what is asked.

use chrono::{DateTime, Utc};

use super::super::chat::{Ask, Bound, Chat, Grant, Lost};
use super::super::event::{ChatEvent, Recorded, Standing};
use super::super::ids::UserId;
use super::super::people::Permission;
use super::super::state::Topic;
use super::requests;

pub(super) fn apply(chat: &mut Chat, event: &ChatEvent, recorded: &Recorded) {
    let asker = recorded.by.person();
    let lost = (asker.map(|it| it.id), recorded.at);
    match event {
        ChatEvent::Described {
            title,
            kind,
            forum,
            public,
        } => {
            chat.title.clone_from(title);
            chat.kind = *kind;
            chat.forum = *forum;
            chat.public = *public;
        }
        ChatEvent::BotStanding { standing } => chat.standing = *standing,
        ChatEvent::Claimed => chat.claimed = true,
        ChatEvent::Unclaimed { .. } => {
            chat.claimed = false;
            chat.standing = Standing::Gone;
        }
        // Message ids start anew in the supergroup: the old cards and topics are out of reach.
        ChatEvent::Migrated { .. } => {
            for incident in chat.incidents.values_mut() {
                incident.card = None;
                incident.topic = Topic::None;
            }
            for request in chat.requests.values_mut() {
                request.message = None;
            }
        }
        ChatEvent::PlanChosen { plan } => chat.settings.plan = Some(plan.clone()),
        ChatEvent::LanguageChosen { language } => chat.settings.language = Some(language.clone()),
        ChatEvent::TimezoneChosen { timezone } => chat.settings.timezone.clone_from(timezone),
        ChatEvent::AdminsCount { on } => chat.settings.admins_count = *on,
        ChatEvent::RespondersChosen { everybody } => {
            chat.settings.everybody_responds = Some(*everybody);
        }
        ChatEvent::HomeChosen => chat.settings.home = true,
        ChatEvent::AdministratorsListed { ids } => chat.administrators.clone_from(ids),
        ChatEvent::Granted { person, permission } => {
            note_lost(chat, person.id, *permission, lost);
            let grant = Grant {
                person: person.clone(),
                permission: *permission,
                by: asker.map(|person| person.id),
                at: recorded.at,
            };
            chat.grants.insert(person.id, grant);
            chat.gone.remove(&person.id);
        }
        ChatEvent::Revoked { person, .. } => {
            note_lost(chat, person.id, Permission::Stranger, lost);
            chat.grants.remove(&person.id);
        }
        ChatEvent::ContactBound {
            contact,
            person,
            backup,
        } => {
            let bound = Bound {
                person: person.clone(),
                backup: backup.clone(),
            };
            chat.contacts.insert(contact.clone(), bound);
        }
        ChatEvent::Asked { ask, question } => {
            chat.asked = chat.asked.max(*ask);
            if let Some(person) = asker {
                let waiting = Ask {
                    person: person.clone(),
                    question: question.clone(),
                    at: recorded.at,
                };
                chat.asks.insert(*ask, waiting);
            }
        }
        ChatEvent::Answered { ask } => {
            chat.asks.remove(ask);
        }
        ChatEvent::Refused { .. }
        | ChatEvent::Rehearsed { .. }
        | ChatEvent::RequestRefused { .. }
        | ChatEvent::TotpReset { .. }
        | ChatEvent::FactorChanged { .. } => {}
        ChatEvent::Left { user, by } => {
            note_lost(chat, *user, Permission::Stranger, (*by, recorded.at));
            chat.gone.insert(*user);
        }
        ChatEvent::Returned { user } => {
            chat.gone.remove(user);
            chat.lost.remove(user);
        }
        ChatEvent::Requested { .. }
        | ChatEvent::RequestShown { .. }
        | ChatEvent::RequestMoved { .. }
        | ChatEvent::RequestAgreed { .. }
        | ChatEvent::RequestEnded { .. } => requests::apply(chat, event, recorded),
    }
}

/// Remembers when somebody could approve for the last time.
fn note_lost(
    chat: &mut Chat,
    user: UserId,
    now: Permission,
    (by, at): (Option<UserId>, DateTime<Utc>),
) {
    let before = chat.grants.get(&user).map(|it| it.permission);
    if now >= Permission::Approver {
        chat.lost.remove(&user);
    } else if before >= Some(Permission::Approver) && !chat.gone.contains(&user) {
        chat.lost.insert(user, Lost { at, by });
    }
}
