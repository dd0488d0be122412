//! Commands that came late: they are kept, and carried out once whoever sent them presses.

use chrono::Duration;

use super::super::again::Again;
use super::super::command::Command;
use super::super::effect::{Effect, Mark, Said, Timer};
use super::super::event::{ChatEvent, Question};
use super::super::refusal::Refusal;
use super::draft::Draft;
use super::{Author, Case, declare, route};
use crate::incident::policy;

/// So long the button works.
const KEPT_MINUTES: i64 = 10;

/// Keeps a command that came late, and asks. What would be refused is refused at once.
pub(super) fn offer(case: &Case<'_>, command: &Command) -> Result<Draft, Refusal> {
    let stale = Refusal::Stale { verb: case.verb };
    let again = Again::of(command).ok_or_else(|| stale.clone())?;
    // A press that may be old is pressed again: its button still stands there.
    if case.origin.press.is_some() {
        return Err(stale);
    }
    let punctual = Case {
        late: false,
        old: false,
        ..*case
    };
    route(&punctual, command)?;
    // What it was about when it was written, whatever is declared until the press.
    let about = case.named.or_else(|| {
        let incident = case.incident_or_last().ok();
        incident.map(|it| it.id)
    });
    let ask = case.chat.asked + 1;
    let question = Question::StillMeant {
        command: again,
        incident: about,
    };
    let at = case.env.now + Duration::minutes(KEPT_MINUTES);
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

/// The press on such a button: the command is decided on as if it came now, and the question is spent.
pub(super) fn answer(case: &Case<'_>, ask: u32, yes: bool) -> Result<Draft, Refusal> {
    let fits = |it: &Question| matches!(it, Question::StillMeant { .. });
    let (_, asked) = declare::waiting(case, Some(ask), fits)?;
    let (Question::StillMeant { command, incident }, Author::Person(actor)) =
        (&asked.question, case.author)
    else {
        return Err(Refusal::QuestionGone { verb: case.verb });
    };
    let draft = if yes {
        let command = command.command();
        // Whoever sent it may have lost the permission meanwhile.
        let has = policy::authorise(case.chat, actor, &command)?;
        let meant = Case {
            has,
            named: *incident,
            verb: command.verb(),
            ..*case
        };
        route(&meant, &command)?
    } else {
        case.draft().acknowledge(Mark::Done, Said::LeftAsItWas)
    };
    Ok(draft
        .chat(ChatEvent::Answered { ask })
        .effect(Effect::Forget(Timer::Lapse(ask))))
}
