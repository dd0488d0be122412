//! Requests: made, answered, stopped, lapsed. Each has exactly one end.

mod answer;
mod due;

pub(super) use answer::{abort, approve, ask_again, deny, refreshed, show_number, shown};
pub(super) use due::due;

use super::super::effect::{Effect, Mark, Said, Timer};
use super::super::event::{ChatEvent, IncidentEvent};
use super::super::ids::{IncidentId, UserId};
use super::super::lever::Warrant;
use super::super::people::{Permission, Person, TotpState};
use super::super::policy;
use super::super::refusal::Refusal;
use super::super::request::{About, Bound, Form, LeverRequest, Outcome, Stage, Then, cast};
use super::super::state::Incident;
use super::draft::Draft;
use super::{Author, Case, declare};
use crate::plan::{Plan, SecondFactor};

/// What is asked for, with what it needs.
pub(super) struct Ask<'a> {
    pub(super) about: About,
    pub(super) plan: &'a Plan,
    pub(super) incident: Option<&'a Incident>,
    pub(super) why: Option<String>,
    /// How many people must agree, the asker included.
    pub(super) approvals: u32,
}

/// What a new request waits for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum First {
    /// A confirming press.
    Confirm(Then),
    /// Somebody else, or a typed name where there is nobody else.
    Agree,
    /// The end of an owner's countdown.
    BreakGlass,
}

/// A stage with the people it concerns.
pub(super) struct Opening {
    pub(super) stage: Stage,
    pub(super) needs: u32,
    pub(super) called: Vec<Person>,
}

/// What a request waits for first, and whom it calls.
pub(super) fn opening(
    case: &Case<'_>,
    first: First,
    asker: UserId,
    approvals: u32,
) -> Result<Opening, Refusal> {
    let now = case.env.now;
    let others = policy::could_approve(case.chat, case.env.owners, asker, now);
    let alone = |stage, called| Opening {
        stage,
        needs: 1,
        called,
    };
    Ok(match first {
        First::Confirm(then) => alone(Stage::confirm(now, then), Vec::new()),
        First::BreakGlass => alone(Stage::countdown(now, Warrant::BreakGlass), others),
        First::Agree if others.is_empty() => {
            policy::require(case.has, Permission::Approver, case.verb)?;
            case.alone(asker)?;
            alone(Stage::name(now), Vec::new())
        }
        First::Agree => {
            // Where the plan wants more people than there are, all there are must agree.
            let there = u32::try_from(others.len()).unwrap_or(u32::MAX);
            Opening {
                stage: Stage::approve(now),
                needs: approvals.min(there.saturating_add(1)).max(2),
                called: others,
            }
        }
    })
}

/// Makes a request.
pub(super) fn open(case: &Case<'_>, ask: Ask<'_>, first: First) -> Result<Draft, Refusal> {
    let asker = case.myself()?;
    match first {
        First::BreakGlass | First::Confirm(Then::BreakGlass) => {}
        First::Agree => case.second_factor()?,
        First::Confirm(_) => case.not_locked()?,
    }
    if let Some(waiting) = same(case, &ask.about, asker.id, first) {
        return Err(Refusal::AlreadyAsked {
            verb: case.verb,
            request: waiting.number(),
        });
    }
    let Opening {
        stage,
        needs,
        called,
    } = opening(case, first, asker.id, ask.approvals)?;
    let fingerprint = ask
        .about
        .fingerprint(ask.plan)
        .ok_or(Refusal::Usage { verb: case.verb })?;
    let number = case.chat.requested + 1;
    let (mut draft, mut incident) = (case.draft(), ask.incident.map(|it| it.id));
    // A press that is still to come may declare an incident, a typed slip does not.
    let settled = !matches!(stage, Stage::Confirm { .. }) || incident.is_some();
    if matches!(ask.about, About::Lever(_)) && settled {
        (draft, incident) = asked(case, draft, &ask, number, &stage);
    }
    let drawn = cast(&case.env.dice);
    let form = Form {
        number,
        about: ask.about,
        incident,
        why: ask.why,
        bound: Bound {
            fingerprint,
            plan: ask.plan.revision.as_str().to_owned(),
            policy: policy::VERSION,
        },
        nonce: drawn.nonce,
        digits: drawn.digits,
        choices: drawn.choices,
    };
    let wake = Effect::Wake {
        at: stage.until(),
        timer: Timer::Request(number),
    };
    let draft = call_absent(case, draft, &called, number, incident);
    // Whoever is alone still types its name: the code is spent there.
    let draft = match stage {
        Stage::Approve { .. } => case.spend_code(draft),
        _ => draft,
    };
    Ok(draft
        .chat(ChatEvent::Requested {
            form: Box::new(form),
            stage,
            needs,
            called,
        })
        .effect(Effect::PostRequest(number))
        .effect(wake)
        .acknowledge(Mark::Seen, Said::RequestOpen { request: number }))
}

/// Owners who are not in the chat see nothing of a request there: they are called in private.
fn call_absent(
    case: &Case<'_>,
    draft: Draft,
    called: &[Person],
    request: u32,
    incident: Option<IncidentId>,
) -> Draft {
    if called.iter().any(|it| case.chat.gone.contains(&it.id)) {
        draft.effect(Effect::TellOwners(Said::OwnersCalled { request, incident }))
    } else {
        draft
    }
}

/// The incident hears of it, and begins with it where none is open.
fn asked(
    case: &Case<'_>,
    draft: Draft,
    ask: &Ask<'_>,
    number: u32,
    stage: &Stage,
) -> (Draft, Option<IncidentId>) {
    let (draft, id) = incident_for(
        case,
        draft,
        ask.incident,
        ask.plan,
        &ask.about,
        ask.why.as_deref(),
    );
    let told = told(number, &ask.about, stage, ask.why.clone());
    let draft = tell(draft, ask.incident, id, told);
    (draft, Some(id))
}

/// What the incident's timeline says of a request at this stage.
pub(super) fn told(
    request: u32,
    about: &About,
    stage: &Stage,
    why: Option<String>,
) -> Option<IncidentEvent> {
    let lever = about.lever()?.clone();
    Some(match stage {
        Stage::Countdown { warrant, .. } => IncidentEvent::LeverCounting {
            request,
            lever,
            warrant: *warrant,
            why,
        },
        _ => IncidentEvent::LeverAsked {
            request,
            lever,
            why,
        },
    })
}

/// An event of an incident that may have begun in this same decision.
pub(super) fn tell(
    draft: Draft,
    known: Option<&Incident>,
    id: IncidentId,
    event: Option<IncidentEvent>,
) -> Draft {
    match (event, known) {
        (Some(event), Some(incident)) => draft.incident(incident, event),
        (Some(event), None) => draft.newborn(id, event),
        (None, _) => draft,
    }
}

/// No incident needed: a lever that is pulled without one declares it, at the plan's top severity.
pub(super) fn incident_for(
    case: &Case<'_>,
    draft: Draft,
    known: Option<&Incident>,
    plan: &Plan,
    about: &About,
    why: Option<&str>,
) -> (Draft, IncidentId) {
    if let Some(incident) = known {
        return (draft, incident.id);
    }
    let title = why.map_or_else(|| named(plan, about), str::to_owned);
    let severity = plan.top_severity().map(|it| it.code.clone());
    let what = declare::What {
        severity: severity.as_deref(),
        text: &title,
        drill: None,
    };
    let draft = declare::begun(case, draft, plan, &what);
    (draft, case.env.next_id)
}

/// What is asked for, by its name in the plan.
fn named(plan: &Plan, about: &About) -> String {
    let id = about.typed();
    let found = plan.procedures.iter().find(|it| it.id == id);
    found.map_or_else(|| id.to_owned(), |it| it.name.clone())
}

/// A request for the same that waits: the asker's own, or one that others can answer.
fn same<'a>(
    case: &Case<'a>,
    about: &About,
    asker: UserId,
    first: First,
) -> Option<&'a LeverRequest> {
    case.chat.requests.values().rev().find(|it| {
        let stage = it.waits_for().filter(|stage| case.env.now < stage.until());
        let in_the_way = match stage {
            None => false,
            Some(Stage::Countdown { .. }) => true,
            // Nothing holds an owner up who breaks the glass.
            Some(_) if first == First::BreakGlass => false,
            Some(Stage::Approve { .. }) => true,
            Some(Stage::Confirm { .. } | Stage::Name { .. }) => it.is_of(asker),
        };
        in_the_way && it.form.about == *about
    })
}

/// The one end of a request, where nothing came of it.
pub(super) fn ended(
    case: &Case<'_>,
    draft: Draft,
    request: &LeverRequest,
    outcome: Outcome,
) -> Draft {
    let number = request.number();
    let incident = request
        .form
        .incident
        .and_then(|id| case.chat.incidents.get(&id));
    let lever = request.form.about.lever().cloned();
    let mut draft = draft.chat(ChatEvent::RequestEnded {
        request: number,
        outcome: outcome.clone(),
    });
    // Nothing in an incident changes once it is at rest.
    if let (Some(incident), Some(lever)) =
        (incident.filter(|it| it.lifecycle.open().is_some()), lever)
    {
        draft = draft.incident(
            incident,
            IncidentEvent::LeverEnded {
                request: number,
                lever,
                outcome,
            },
        );
    }
    draft
        .effect(Effect::Forget(Timer::Request(number)))
        .effect(Effect::ShowRequest(number))
}

impl<'a> Case<'a> {
    /// Whether nobody else could approve, and none could a short while ago.
    pub(super) fn alone(&self, asker: UserId) -> Result<(), Refusal> {
        match policy::not_alone_until(self.chat, asker, self.env.now) {
            None => Ok(()),
            Some(until) => Err(Refusal::NotAloneYet {
                verb: self.verb,
                until,
            }),
        }
    }

    /// T3: the code of whoever has a second factor.
    pub(super) fn second_factor(&self) -> Result<(), Refusal> {
        match self.author {
            Author::Person(actor) => policy::second_factor(actor, self.verb, self.demands_codes()),
            Author::Bot | Author::Host(_) => Ok(()),
        }
    }

    /// Whether the chat's plan, or one that an open incident runs under, wants everybody to have a second factor.
    fn demands_codes(&self) -> bool {
        let open = self.chat.open_incidents().map(|it| it.plan.as_ref());
        let mut plans = open.chain(self.plan().ok());
        plans.any(|plan| plan.levers.totp == SecondFactor::Required)
    }

    /// A code that came counts once.
    pub(super) fn spend_code(&self, draft: Draft) -> Draft {
        match self.author {
            Author::Person(actor) if actor.totp == TotpState::Passed => {
                draft.effect(Effect::SpendCode(actor.person.id))
            }
            _ => draft,
        }
    }

    /// T2: no code, but no lock either.
    pub(super) fn not_locked(&self) -> Result<(), Refusal> {
        match self.second_factor() {
            Err(Refusal::CodeNeeded { .. } | Refusal::EnrolFirst { .. }) => Ok(()),
            other => other,
        }
    }

    /// A request of this chat. A button must be its own, and stand under its own message.
    pub(super) fn request(
        &self,
        number: u32,
        nonce: Option<&str>,
    ) -> Result<&'a LeverRequest, Refusal> {
        let verb = self.verb;
        let request = number;
        let found = self
            .chat
            .requests
            .get(&number)
            .ok_or(Refusal::UnknownRequest { verb, request })?;
        let pressed = self.origin.press.is_some();
        let elsewhere =
            pressed && found.message.is_some() && found.message != self.origin.message_id;
        let foreign = nonce.map_or(pressed, |nonce| !found.has_nonce(nonce));
        if elsewhere || foreign {
            return Err(Refusal::WrongButton { verb, request });
        }
        Ok(found)
    }
}
