//! What the bot itself observes: its standing, migrations, deliveries, timers.

use chrono::Duration;

use super::super::command::Command;
use super::super::effect::{Effect, Said, Timer};
use super::super::event::{ChatEvent, ChatKind, IncidentEvent, Standing};
use super::super::people::{Actor, By, Permission};
use super::super::policy;
use super::super::refusal::Refusal;
use super::draft::Draft;
use super::{Case, chat, declare, leak, runs, totp};

/// How long the bot waits in a group that nobody claims.
const UNCLAIMED_MINUTES: i64 = 60;

pub(super) fn observe(case: &Case<'_>, command: &Command) -> Result<Draft, Refusal> {
    match command {
        Command::Describe {
            title,
            kind,
            forum,
            public,
        } => Ok(describe(case, title, *kind, *forum, *public)),
        Command::BotStanding { standing, by } => Ok(standing_changed(case, *standing, by.as_ref())),
        Command::Migrated { from, to } => Ok(migrated(case, *from, *to)),
        Command::Administrators { ids } => {
            if case.chat.administrators == *ids {
                return Ok(case.draft());
            }
            Ok(case
                .draft()
                .chat(ChatEvent::AdministratorsListed { ids: ids.clone() }))
        }
        Command::AdministratorIs { .. } => member_changed(case, command),
        Command::Joined { users } => {
            let back = users.iter().filter(|user| case.chat.gone.contains(user));
            Ok(back.fold(case.draft(), |draft, user| {
                draft.chat(ChatEvent::Returned { user: *user })
            }))
        }
        Command::CardPosted {
            message_id,
            thread_id,
        } => {
            let incident = case.incident()?;
            let event = IncidentEvent::CardPosted {
                message_id: *message_id,
                thread_id: *thread_id,
            };
            Ok(case.draft().incident(incident, event))
        }
        Command::CardLost => {
            let incident = case.incident()?;
            let mut draft = case.draft();
            if incident.card.is_some() {
                draft = draft.incident(incident, IncidentEvent::CardLost);
                if incident.lifecycle.open().is_some() {
                    draft = draft.effect(Effect::PostCard(incident.id));
                }
            }
            Ok(draft)
        }
        Command::TopicMade { thread_id } => {
            let incident = case.incident()?;
            Ok(case.draft().incident(
                incident,
                IncidentEvent::TopicMade {
                    thread_id: *thread_id,
                },
            ))
        }
        Command::TopicRefused { why } => {
            let incident = case.incident()?;
            Ok(case
                .draft()
                .incident(incident, IncidentEvent::TopicRefused { why: why.clone() }))
        }
        Command::StepsBegun { .. }
        | Command::StepOver { .. }
        | Command::RunResumed { .. }
        | Command::RunHeldUp { .. }
        | Command::RunOver { .. }
        | Command::RunWake { .. }
        | Command::StepNotifies { .. }
        | Command::ProgressPosted { .. }
        | Command::ProgressLost { .. } => runs::observe(case, command),
        Command::Lapse { ask } => declare::lapsed(case, *ask),
        Command::TotpSays(said) => Ok(totp::says(case, said)),
        Command::FactorChanged { person, change } => {
            Ok(case.draft().chat(ChatEvent::FactorChanged {
                person: person.clone(),
                change: *change,
            }))
        }
        Command::FileSeen(file) => Ok(leak::file(case, file)),
        Command::SecretSeen(leak) => Ok(leak::seen(case, leak)),
        // Whoever works on an incident here would lose it: an owner is asked for instead.
        Command::LeaveUnclaimed
            if case.chat.claimed || case.chat.open_incidents().next().is_some() =>
        {
            Ok(case.draft())
        }
        Command::LeaveUnclaimed => Ok(case
            .draft()
            .chat(ChatEvent::Unclaimed {
                why: "nobody claimed it within an hour".to_owned(),
            })
            .effect(Effect::Leave)),
        _ => Err(Refusal::Usage { verb: case.verb }),
    }
}

/// Somebody became an administrator, is none any more, left or came back.
fn member_changed(case: &Case<'_>, command: &Command) -> Result<Draft, Refusal> {
    let Command::AdministratorIs {
        user,
        yes,
        left,
        by,
    } = *command
    else {
        return Err(Refusal::Usage { verb: case.verb });
    };
    let mut draft = case.draft();
    let mut ids = case.chat.administrators.clone();
    let changed = if yes {
        ids.insert(user)
    } else {
        ids.remove(&user)
    };
    if changed {
        draft = draft.chat(ChatEvent::AdministratorsListed { ids });
    }
    let gone = case.chat.gone.contains(&user);
    // Only those are remembered whose going matters: they could approve.
    let granted = case.chat.grants.contains_key(&user);
    let counts = granted || case.env.owners.iter().any(|it| it.id == user);
    Ok(match (left, gone) {
        (true, false) if counts => draft.chat(ChatEvent::Left { user, by }),
        (false, true) => draft.chat(ChatEvent::Returned { user }),
        _ => draft,
    })
}

fn describe(case: &Case<'_>, title: &str, kind: ChatKind, forum: bool, public: bool) -> Draft {
    let chat = case.chat;
    if (chat.title.as_str(), chat.kind, chat.forum, chat.public) == (title, kind, forum, public) {
        return case.draft();
    }
    case.draft().chat(ChatEvent::Described {
        title: title.to_owned(),
        kind,
        forum,
        public,
    })
}

/// Added, promoted, muted or removed. Whoever did it is the author: an owner claims by adding.
fn standing_changed(case: &Case<'_>, standing: Standing, by: Option<&Actor>) -> Draft {
    let chat = case.chat;
    if chat.standing == standing {
        return case.draft();
    }
    let mut draft = case.draft();
    if let Some(actor) = by {
        draft = draft.by(By::Person(actor.person.clone()));
    }
    draft = draft.chat(ChatEvent::BotStanding { standing });
    if chat.kind == ChatKind::Private {
        return draft;
    }
    let was_there = !matches!(chat.standing, Standing::Gone | Standing::Unknown);
    match standing {
        // Whoever brings the bot back must be an owner again.
        Standing::Gone | Standing::Unknown => draft.chat(ChatEvent::Unclaimed {
            why: "the bot was removed".to_owned(),
        }),
        Standing::Member | Standing::Muted | Standing::Administrator { .. } => {
            let promoted =
                !chat.bot_administers() && matches!(standing, Standing::Administrator { .. });
            if chat.claimed && promoted {
                // What was known may be old: only administrators are told of changes.
                return draft.effect(Effect::ListAdministrators);
            }
            if chat.claimed || was_there {
                return draft;
            }
            if by.is_some_and(|actor| policy::permission(chat, actor) >= Permission::Owner) {
                return chat::claimed(case, draft);
            }
            let open = case.chat.open_incidents().next();
            if let Some((first, said)) = open.zip(chat::removed_while_open(case)) {
                return draft.effect(Effect::Announce {
                    incident: first.id,
                    said,
                    silent: false,
                });
            }
            let at = case.env.now + Duration::minutes(UNCLAIMED_MINUTES);
            draft
                .effect(Effect::Answer(Said::NotClaimed))
                .effect(Effect::Wake {
                    at,
                    timer: Timer::LeaveUnclaimed,
                })
        }
    }
}

/// Message ids start anew in a supergroup: every open incident gets a new card there.
fn migrated(case: &Case<'_>, from: i64, to: i64) -> Draft {
    let mut draft = case
        .draft()
        .chat(ChatEvent::Migrated { from, to })
        // Telegram keeps the menus by chat id, too.
        .effect(Effect::OfferCommands)
        .effect(Effect::ListAdministrators);
    for incident in case.chat.open_incidents() {
        draft = draft.effect(Effect::PostCard(incident.id));
    }
    for request in case.chat.requests.values() {
        if request.waits_for().is_some() {
            draft = draft.effect(Effect::PostRequest(request.number()));
        }
    }
    draft
}
