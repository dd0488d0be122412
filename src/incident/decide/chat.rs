//! Claiming a chat and setting it up.

use chrono_tz::Tz;

use super::super::command::Setup;
use super::super::effect::{Effect, Mark, Said, Timer};
use super::super::event::{ChatEvent, ChatKind, IncidentEvent};
use super::super::people::{Permission, Person};
use super::super::refusal::Refusal;
use super::super::request::TrustChange;
use super::draft::Draft;
use super::{Case, trust};

#[expect(clippy::unnecessary_wraps, reason = "every command has one shape")]
pub(super) fn start(case: &Case<'_>) -> Result<Draft, Refusal> {
    if case.chat.kind == ChatKind::Private || case.chat.claimed {
        return Ok(case.answer(Said::Greeting));
    }
    if case.has < Permission::Owner {
        return Ok(case.answer(removed_while_open(case).unwrap_or(Said::NotClaimed)));
    }
    Ok(claimed(case, case.draft()))
}

/// What is said instead of a newcomer's words where the bot was removed with incidents open: only an owner can help.
pub(super) fn removed_while_open(case: &Case<'_>) -> Option<Said> {
    let incidents = case.open_ids();
    let here = |owner: &&Person| !case.chat.gone.contains(&owner.id);
    (!incidents.is_empty()).then(|| Said::RemovedWhileOpen {
        incidents,
        owners: case.env.owners.iter().filter(here).cloned().collect(),
    })
}

/// The group is in use from now on. What was open when the bot was removed is still open: each gets a card in sight.
pub(super) fn claimed(case: &Case<'_>, draft: Draft) -> Draft {
    let mut draft = draft
        .chat(ChatEvent::Claimed)
        .effect(Effect::Forget(Timer::LeaveUnclaimed))
        .effect(Effect::Answer(Said::Welcome))
        .effect(Effect::OfferCommands)
        .effect(Effect::ListAdministrators);
    for incident in case.chat.open_incidents() {
        if incident.card.is_some() {
            draft = draft.incident(incident, IncidentEvent::CardLost);
        }
        draft = draft.effect(Effect::PostCard(incident.id));
    }
    draft
}

pub(super) fn setup(case: &Case<'_>, setup: &Setup) -> Result<Draft, Refusal> {
    let (event, setting, value) = match setup {
        Setup::Show => return Ok(case.answer(Said::Setup)),
        Setup::Plan(word) => {
            let known = &case.env.plans.installed;
            let plan = known
                .get(&word.to_lowercase())
                .ok_or_else(|| Refusal::UnknownWord {
                    verb: case.verb,
                    what: "plan",
                    word: word.clone(),
                    known: known.keys().cloned().collect(),
                })?;
            let before = case.plan()?;
            if before.info.id != plan.info.id && trust::asks_for_less(before, plan) {
                let revision = plan.revision.as_str().to_owned();
                let plan = plan.info.id.clone();
                return trust::ask(case, TrustChange::Plan { plan, revision });
            }
            (
                ChatEvent::PlanChosen {
                    plan: plan.info.id.clone(),
                },
                "plan",
                plan.info.title.clone(),
            )
        }
        Setup::Language(word) => {
            let known = case.env.languages;
            let language = known.iter().find(|it| it.eq_ignore_ascii_case(word));
            let language = language.ok_or_else(|| Refusal::UnknownWord {
                verb: case.verb,
                what: "language",
                word: word.clone(),
                known: known.iter().map(|it| (*it).to_owned()).collect(),
            })?;
            let event = ChatEvent::LanguageChosen {
                language: (*language).to_owned(),
            };
            (event, "language", (*language).to_owned())
        }
        Setup::Timezone(word) => {
            let zone = timezone(word).ok_or_else(|| Refusal::UnknownWord {
                verb: case.verb,
                what: "timezone",
                word: word.clone(),
                known: ["UTC", "Europe/Berlin", "America/New_York"]
                    .map(str::to_owned)
                    .to_vec(),
            })?;
            (
                ChatEvent::TimezoneChosen {
                    timezone: zone.name().to_owned(),
                },
                "timezone",
                zone.name().to_owned(),
            )
        }
        Setup::Admins(true) if !case.chat.bot_administers() => {
            return Err(Refusal::BotIsNoAdministrator { verb: case.verb });
        }
        Setup::Admins(on) => {
            let value = if *on { "on" } else { "off" };
            (
                ChatEvent::AdminsCount { on: *on },
                "admins",
                value.to_owned(),
            )
        }
        Setup::Responders { everybody } => {
            let value = if *everybody { "everybody" } else { "granted" };
            (
                ChatEvent::RespondersChosen {
                    everybody: *everybody,
                },
                "responders",
                value.to_owned(),
            )
        }
        Setup::Home => (ChatEvent::HomeChosen, "home", case.chat.title.clone()),
    };
    let asks_for_admins = matches!(setup, Setup::Admins(true));
    let offers_anew = matches!(setup, Setup::Language(_));
    let mut draft = case
        .draft()
        .chat(event)
        .acknowledge(Mark::Done, Said::SetUp { setting, value });
    if asks_for_admins {
        draft = draft.effect(Effect::ListAdministrators);
    }
    if offers_anew {
        draft = draft.effect(Effect::OfferCommands);
    }
    Ok(draft)
}

fn timezone(word: &str) -> Option<Tz> {
    let wanted = word.trim().replace(' ', "_");
    chrono_tz::TZ_VARIANTS
        .iter()
        .copied()
        .find(|zone| zone.name().eq_ignore_ascii_case(&wanted))
}
