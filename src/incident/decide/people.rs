//! Acknowledgements, roles, contacts and grants.

use super::super::command::Whom;
use super::super::effect::{Effect, Mark, Said, Timer};
use super::super::event::{ChatEvent, IncidentEvent, Question};
use super::super::people::{Permission, Person, Via};
use super::super::refusal::Refusal;
use super::super::request::TrustChange;
use super::draft::Draft;
use super::{Author, Case, declare, trust};
use crate::plan::AutoTick;

/// A grant by @name that nobody confirms lapses.
const CONFIRM_WITHIN_MINUTES: i64 = 10;

pub(super) fn acknowledge(case: &Case<'_>) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    let by_reaction = matches!(case.author, Author::Person(actor) if actor.via == Via::Reaction);
    let seen = incident.seen_by.contains_key(&case.myself()?.id);
    let draft = if seen {
        case.draft()
    } else {
        case.draft().incident(incident, IncidentEvent::Acknowledged)
    };
    // The reaction itself is visible to all: answering it would only be noise.
    if by_reaction {
        return Ok(draft);
    }
    let said = if seen {
        Said::AlreadyAcknowledged
    } else {
        Said::Acknowledged
    };
    Ok(draft.acknowledge(Mark::Seen, said))
}

pub(super) fn assign(case: &Case<'_>, role: &str, whom: &Whom) -> Result<Draft, Refusal> {
    let (incident, _) = case.open_incident()?;
    if role.trim().is_empty() {
        return Ok(case.answer(Said::Roles {
            incident: incident.id,
        }));
    }
    let found = incident
        .plan
        .role(role)
        .ok_or_else(|| Refusal::UnknownWord {
            verb: case.verb,
            what: "role",
            word: role.to_owned(),
            known: incident
                .plan
                .roles
                .iter()
                .map(|role| role.id.clone())
                .collect(),
        })?;
    let person = case.person(whom)?;
    if incident
        .roles
        .get(&found.id)
        .is_some_and(|holder| holder.id == person.id)
    {
        return Ok(case.acknowledge(Mark::Done, Said::Unchanged));
    }
    let commands = incident
        .plan
        .roles
        .first()
        .is_some_and(|first| first.id == found.id);
    let event = IncidentEvent::RoleAssigned {
        role: found.id.clone(),
        person: person.clone(),
    };
    let mut draft = case.draft().incident(incident, event);
    if commands {
        draft = draft.known(incident, AutoTick::CommanderAssigned);
    }
    Ok(draft.acknowledge(
        Mark::Assigned,
        Said::RoleAssigned {
            role: found.name.clone(),
            person,
        },
    ))
}

pub(super) fn bind_contact(
    case: &Case<'_>,
    contact: &str,
    whom: &Whom,
    backup: Option<&Whom>,
) -> Result<Draft, Refusal> {
    let plan = case.plan()?;
    let found = plan.contact_to_bind(contact).ok_or_else(|| {
        let internal = plan.contacts.iter().filter(|it| it.internal);
        Refusal::UnknownWord {
            verb: case.verb,
            what: "contact",
            word: contact.to_owned(),
            known: internal.map(|it| it.id.clone()).collect(),
        }
    })?;
    let person = case.person(whom)?;
    let backup = backup.map(|whom| case.person(whom)).transpose()?;
    let event = ChatEvent::ContactBound {
        contact: found.id.clone(),
        person: person.clone(),
        backup: backup.clone(),
    };
    let said = Said::ContactBound {
        contact: found.role.clone(),
        person,
        backup,
    };
    Ok(case.draft().chat(event).acknowledge(Mark::Done, said))
}

pub(super) fn grant(
    case: &Case<'_>,
    permission: Permission,
    whom: &Whom,
) -> Result<Draft, Refusal> {
    if matches!(permission, Permission::Owner | Permission::Stranger) {
        return Err(Refusal::OwnersAreSettings { verb: case.verb });
    }
    match whom {
        Whom::Known(person) => granted(case, person, permission),
        Whom::Myself => Err(Refusal::Usage { verb: case.verb }),
        Whom::Unknown(name) => Err(Refusal::UnknownPerson {
            verb: case.verb,
            name: name.clone(),
        }),
        // Usernames change hands: show the full name and the id before trusting.
        Whom::ByName(person) => {
            let ask = case.chat.asked + 1;
            let question = Question::Grant {
                person: person.clone(),
                permission,
            };
            let at = case.env.now + chrono::Duration::minutes(CONFIRM_WITHIN_MINUTES);
            Ok(case
                .draft()
                .chat(ChatEvent::Asked {
                    ask,
                    question: question.clone(),
                })
                .effect(Effect::Answer(Said::Ask { ask, question }))
                .effect(Effect::Wake {
                    at,
                    timer: Timer::Lapse(ask),
                }))
        }
    }
}

pub(super) fn grant_answer(case: &Case<'_>, ask: Option<u32>, yes: bool) -> Result<Draft, Refusal> {
    let (ask, waiting) = declare::waiting(case, ask, |q| matches!(q, Question::Grant { .. }))?;
    let Question::Grant { person, permission } = &waiting.question else {
        return Err(Refusal::QuestionGone { verb: case.verb });
    };
    let draft = if yes {
        granted(case, person, *permission)?
    } else {
        case.acknowledge(Mark::Done, Said::LeftAsItWas)
    };
    Ok(draft
        .chat(ChatEvent::Answered { ask })
        .effect(Effect::Forget(Timer::Lapse(ask))))
}

fn granted(case: &Case<'_>, person: &Person, permission: Permission) -> Result<Draft, Refusal> {
    let before = case
        .chat
        .grants
        .get(&person.id)
        .map(|grant| grant.permission);
    let said = Said::Granted {
        person: person.clone(),
        permission,
    };
    if before == Some(permission) {
        return Ok(case.answer(said));
    }
    // Who may approve is nobody's own decision, in either direction.
    let person = person.clone();
    if permission == Permission::Approver {
        return trust::ask(case, TrustChange::GrantApprover { person });
    }
    if before == Some(Permission::Approver) {
        let to = permission;
        return trust::ask(case, TrustChange::Lower { person, to });
    }
    Ok(case
        .draft()
        .chat(ChatEvent::Granted { person, permission })
        .effect(Effect::Answer(said)))
}

pub(super) fn revoke(case: &Case<'_>, whom: &Whom) -> Result<Draft, Refusal> {
    if *whom == Whom::Myself {
        return Err(Refusal::Usage { verb: case.verb });
    }
    let person = case.person(whom)?;
    let Some(grant) = case.chat.grants.get(&person.id) else {
        return Ok(case.answer(Said::NoGrant { person }));
    };
    let permission = grant.permission;
    if permission == Permission::Approver {
        return trust::ask(case, TrustChange::RevokeApprover { person });
    }
    Ok(case
        .draft()
        .chat(ChatEvent::Revoked {
            person: person.clone(),
            permission,
        })
        .effect(Effect::Answer(Said::Revoked { person, permission })))
}
