//! Pressed buttons, mapped to the domain's commands. The data is hostile until it is read.

use crate::incident::{Command, IncidentId, ItemRef, StatusOf, StepRef, Whom};
use crate::messages::press::{Answer, Press};

/// Reads what a button sends. `None`: nobody here wrote that, or an older version did.
pub fn read(data: &str) -> Option<(Command, Option<IncidentId>)> {
    Some(match Press::decode(data)? {
        Press::Tick { incident, item } => (Command::Done(vec![ItemRef::Id(item)]), Some(incident)),
        Press::Untick { incident, item } => (Command::Untick(ItemRef::Id(item)), Some(incident)),
        Press::Next {
            incident,
            from_phase,
        } => (
            Command::Next {
                force: None,
                from: Some(from_phase),
            },
            Some(incident),
        ),
        Press::Close { incident } => (Command::Close { force: None }, Some(incident)),
        Press::Ack { incident } => (Command::Ack, Some(incident)),
        Press::Severity { incident, code } => {
            (Command::Severity { code, why: None }, Some(incident))
        }
        Press::Role { incident, role } => (
            Command::Role {
                role,
                whom: Whom::Myself,
            },
            Some(incident),
        ),
        Press::Playbook { incident, name } => (Command::Playbook(name), incident),
        Press::Drill { name } => (Command::Drill { name: Some(name) }, None),
        Press::Timeline { incident } => (Command::Timeline, Some(incident)),
        Press::Status { incident } | Press::Refresh { incident } => {
            (Command::Status(StatusOf::Current), Some(incident))
        }
        Press::Step {
            incident,
            run,
            step,
            undo,
            choice,
        } => (
            Command::Step {
                run: Some(run),
                step: Some(StepRef { number: step, undo }),
                choice,
            },
            Some(incident),
        ),
        Press::Declare { ask, separate } => (
            Command::DeclareAnswer {
                ask: Some(ask),
                separate,
            },
            None,
        ),
        Press::Request {
            request,
            nonce,
            answer,
        } => (answered(request, nonce, answer), None),
        Press::Again { ask, yes } => (Command::Again { ask, yes }, None),
        Press::Grant { ask, yes } => (
            Command::GrantAnswer {
                ask: Some(ask),
                yes,
            },
            None,
        ),
    })
}

fn answered(request: u32, nonce: String, answer: Answer) -> Command {
    let approve = |words: String, nonce| Command::Approve {
        request,
        words,
        nonce: Some(nonce),
    };
    match answer {
        Answer::Confirm => approve(String::new(), nonce),
        Answer::Pick(number) => approve(number.to_string(), nonce),
        Answer::Number => Command::ShowNumber { request, nonce },
        Answer::Deny => Command::Deny {
            request,
            nonce: Some(nonce),
        },
        Answer::Abort => Command::Abort {
            request,
            nonce: Some(nonce),
        },
        Answer::Again => Command::AskAgain { request, nonce },
        Answer::Preview => Command::Preview { request, nonce },
    }
}
