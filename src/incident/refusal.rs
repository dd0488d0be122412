//! Why not, and what to do about it. Every refusal names the verb; state refusals name the state.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use chrono::{DateTime, Utc};

use super::ids::IncidentId;
use super::lifecycle::StateName;
use super::people::{Identity, Permission, Person};
use super::policy::Changed;
use super::request::Outcome;
use super::saga::{Choice, Hindrance};
use crate::plan::ParameterKind;

/// What keeps an incident from ending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfinished {
    /// A run that goes on by itself, also one with a step that takes itself back later.
    Run { run: u32 },
    /// A run that stands until somebody decides.
    Stuck { run: u32 },
    /// A request that waits for an answer until then.
    Request { request: u32, until: DateTime<Utc> },
    /// A lever about to be pulled.
    Countdown { request: u32 },
}

impl std::fmt::Display for Unfinished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run { run } | Self::Stuck { run } => write!(f, "run {run}"),
            Self::Request { request, .. } | Self::Countdown { request } => write!(f, "R{request}"),
        }
    }
}

/// A command that is not carried out.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The person may not do this.
    #[error("{verb} needs {needs:?}, the person is {has:?}")]
    NotAllowed {
        verb: &'static str,
        needs: Permission,
        has: Permission,
    },
    /// Hidden or borrowed voices never act.
    #[error("{verb} refused for {identity:?}")]
    NotAPerson {
        verb: &'static str,
        identity: Identity,
    },
    /// Whoever left the chat has no say there.
    #[error("{verb} by somebody who left")]
    LeftTheChat { verb: &'static str },
    /// A command above T1 in a caption.
    #[error("{verb} does not act from a caption")]
    NotInACaption { verb: &'static str },
    /// The chat is not in use yet.
    #[error("{verb} in an unclaimed chat")]
    NotClaimed { verb: &'static str },
    /// Private chats have no incidents of their own.
    #[error("{verb} belongs in a group")]
    GroupOnly { verb: &'static str },
    /// No open incident here.
    #[error("{verb}: no incident is open")]
    NothingOpen { verb: &'static str },
    /// Several are open and none was named.
    #[error("{verb}: which of {open:?}?")]
    WhichIncident {
        verb: &'static str,
        open: Vec<IncidentId>,
    },
    /// No such incident in this chat.
    #[error("{verb}: {id} is not known here")]
    UnknownIncident { verb: &'static str, id: IncidentId },
    /// An incident called a duplicate of itself.
    #[error("{verb}: {id} cannot be a duplicate of itself")]
    DuplicateOfItself { verb: &'static str, id: IncidentId },
    /// The incident's state does not allow the verb.
    #[error("{verb} refused: {id} is {state}")]
    WrongState {
        verb: &'static str,
        id: IncidentId,
        state: StateName,
    },
    /// The gate of the phase is open.
    #[error("{verb} refused: {id} in {phase} still needs {items:?} {facts:?}")]
    GateOpen {
        verb: &'static str,
        id: IncidentId,
        phase: String,
        /// Running number and text of each missing item.
        items: Vec<(u32, String)>,
        /// Missing facts.
        facts: Vec<String>,
    },
    /// This is the last phase: close it.
    #[error("{verb} refused: {id} is in its last phase, {phase}")]
    LastPhase {
        verb: &'static str,
        id: IncidentId,
        phase: String,
    },
    /// This is the first phase.
    #[error("{verb} refused: {id} is in its first phase, {phase}")]
    FirstPhase {
        verb: &'static str,
        id: IncidentId,
        phase: String,
    },
    /// Something in the incident is not over yet: a run, or a request that waits.
    #[error("{verb} refused: in {id}, {open} is not over")]
    NotOver {
        verb: &'static str,
        id: IncidentId,
        open: Unfinished,
    },
    /// Something is in the way of a lever: it would be refused once everybody has agreed.
    #[error("{verb} refused: {hindrance:?}")]
    InTheWay {
        verb: &'static str,
        hindrance: Hindrance,
    },
    /// A drill would get mixed up with what is open.
    #[error("{verb} refused: {id} is open")]
    NoDrillNow { verb: &'static str, id: IncidentId },
    /// `/close` before the last phase.
    #[error("{verb} refused: {id} is in {phase}, not in its last phase")]
    NotLastPhase {
        verb: &'static str,
        id: IncidentId,
        phase: String,
    },
    /// A button of an earlier phase.
    #[error("{verb} refused: {id} is in {phase} already")]
    PhaseMovedOn {
        verb: &'static str,
        id: IncidentId,
        phase: String,
    },
    /// No such item in the plan.
    #[error("{verb}: no item {item}")]
    UnknownItem {
        verb: &'static str,
        item: String,
        last: u32,
    },
    /// The item is not in a state for this.
    #[error("{verb} refused: item {number} is {state}")]
    ItemState {
        verb: &'static str,
        number: u32,
        state: &'static str,
    },
    /// The item says that there is a severity, and there is none; `codes` are to choose from.
    #[error("{verb} refused: item {number} needs a severity")]
    NoSeverityYet {
        verb: &'static str,
        number: u32,
        codes: Vec<String>,
    },
    /// A gate item is skipped by a commander only.
    #[error("{verb}: item {number} guards the next phase")]
    GuardsTheGate { verb: &'static str, number: u32 },
    /// No such word in the plan; `known` lists what there is.
    #[error("{verb}: {what} {word:?} unknown")]
    UnknownWord {
        verb: &'static str,
        what: &'static str,
        word: String,
        known: Vec<String>,
    },
    /// Nobody of that name was seen.
    #[error("{verb}: nobody called {name} was seen")]
    UnknownPerson { verb: &'static str, name: String },
    /// A reason is missing.
    #[error("{verb}: the reason is missing")]
    ReasonMissing { verb: &'static str },
    /// A text is missing: shows the usage.
    #[error("{verb}: how it is used")]
    Usage { verb: &'static str },
    /// Neither text nor a file: nothing that could be stored.
    #[error("{verb}: neither text nor a file")]
    NothingToStore { verb: &'static str },
    /// A value does not fit its field.
    #[error("{verb}: {field} wants {wants}")]
    BadValue {
        verb: &'static str,
        field: String,
        wants: &'static str,
    },
    /// A text is too long to be kept.
    #[error("{verb}: longer than {max} characters")]
    TooLong { verb: &'static str, max: usize },
    /// The question was answered before, or lapsed.
    #[error("{verb}: the question is gone")]
    QuestionGone { verb: &'static str },
    /// Somebody else was asked.
    #[error("{verb}: somebody else was asked")]
    NotYourQuestion { verb: &'static str },
    /// The command came too late to be still meant.
    #[error("{verb}: it came too late")]
    Stale { verb: &'static str },
    /// A code of the second factor is needed first.
    #[error("{verb}: the second factor's code is missing")]
    CodeNeeded { verb: &'static str },
    /// The plan wants a second factor, and this person has none.
    #[error("{verb}: the plan demands a second factor")]
    EnrolFirst { verb: &'static str },
    /// Whoever could approve left or was removed only now: nobody is alone by that.
    #[error("{verb}: nobody is alone before {until}")]
    NotAloneYet {
        verb: &'static str,
        until: DateTime<Utc>,
    },
    /// Too many wrong codes.
    #[error("{verb}: locked until {until}")]
    Locked {
        verb: &'static str,
        until: DateTime<Utc>,
    },
    /// Two levers in one message.
    #[error("{verb}: one lever at a time")]
    TwoLevers { verb: &'static str },
    /// The same is asked for already.
    #[error("{verb}: R{request} asks for the same")]
    AlreadyAsked { verb: &'static str, request: u32 },
    /// There is no such request here.
    #[error("{verb}: no request R{request}")]
    UnknownRequest { verb: &'static str, request: u32 },
    /// The request has had its one outcome.
    #[error("{verb}: R{request} is over")]
    RequestOver {
        verb: &'static str,
        request: u32,
        outcome: Outcome,
    },
    /// A button of another message.
    #[error("{verb}: not the button of R{request}")]
    WrongButton { verb: &'static str, request: u32 },
    /// The asker is one of the two already.
    #[error("{verb}: R{request} is your own")]
    OwnRequest { verb: &'static str, request: u32 },
    /// Only the asker confirms it, or is shown its number.
    #[error("{verb}: R{request} is somebody else's")]
    OnlyTheAsker {
        verb: &'static str,
        request: u32,
        asker: Person,
    },
    /// They agreed already.
    #[error("{verb}: agreed to R{request} already")]
    AgreedAlready { verb: &'static str, request: u32 },
    /// The asker granted them so recently that they do not count as a second person.
    #[error("{verb}: granted by the asker of R{request}")]
    GrantedByAsker {
        verb: &'static str,
        request: u32,
        asker: Person,
        until: DateTime<Utc>,
    },
    /// Answered with no number.
    #[error("{verb}: R{request} needs its number")]
    NumberMissing { verb: &'static str, request: u32 },
    /// It counts down: it can only be stopped.
    #[error("{verb}: R{request} counts down")]
    CountingDown { verb: &'static str, request: u32 },
    /// The name of the procedure must be typed, and a reason.
    #[error("{verb}: type {wants}")]
    TypedName {
        verb: &'static str,
        wants: String,
        /// How the whole command is typed.
        usage: String,
    },
    /// Only fail-safe procedures run by break-glass.
    #[error("{verb}: {procedure} is not fail-safe")]
    NotFailSafe {
        verb: &'static str,
        procedure: String,
    },
    /// Only an owner goes without waiting for anybody; `usage` is the way for everybody else.
    #[error("{verb}: only owners break the glass")]
    OwnersBreakTheGlass { verb: &'static str, usage: String },
    /// A parameter does not look as it must.
    #[error("{verb}: {name} wants {kind:?}")]
    BadParameter {
        verb: &'static str,
        name: String,
        kind: ParameterKind,
    },
    /// A parameter was given twice, or the procedure has none of that name.
    #[error("{verb}: no parameter {name}")]
    UnknownParameter {
        verb: &'static str,
        name: String,
        known: Vec<String>,
    },
    /// Something changed between asking and doing.
    #[error("{verb}: {changed:?} changed")]
    Changed {
        verb: &'static str,
        changed: Changed,
    },
    /// The run is not in a state for this; `state` is `over`, `aborted`, `under_way` or `elsewhere`.
    #[error("{verb} refused: run {run} is {state}")]
    RunState {
        verb: &'static str,
        run: u32,
        state: &'static str,
    },
    /// Nothing can be decided about this step now.
    #[error("{verb} refused: step {step} of run {run} waits for nobody")]
    StepWaitsForNobody {
        verb: &'static str,
        run: u32,
        step: u32,
    },
    /// It cannot be decided so; `can` lists what can.
    #[error("{verb} refused: step {step} of run {run} takes {can:?}")]
    StepTakes {
        verb: &'static str,
        run: u32,
        step: u32,
        can: Vec<Choice>,
    },
    /// No run waits, or none is under way.
    #[error("{verb}: no run")]
    NoRun { verb: &'static str },
    /// Several could be meant: each is shown as it would be typed.
    #[error("{verb}: which of {steps:?}?")]
    WhichStep {
        verb: &'static str,
        /// Run and number of each step.
        steps: Vec<(u32, u32)>,
    },
    /// The log is not whole: nothing that needs trust in it is done from chat.
    #[error("{verb} refused: the log was changed from outside")]
    LogBroken { verb: &'static str },
    /// Only an administrator is told who the others are.
    #[error("{verb} refused: the bot is no administrator")]
    BotIsNoAdministrator { verb: &'static str },
    /// Owners cannot be granted or revoked in chat.
    #[error("{verb}: owners are set on the host")]
    OwnersAreSettings { verb: &'static str },
}

impl Refusal {
    /// What the refused person would have needed, where that is the reason: such refusals are recorded.
    pub fn needs(&self) -> Option<Permission> {
        match self {
            Self::NotAllowed { needs, .. } => Some(*needs),
            Self::GuardsTheGate { .. } => Some(Permission::Commander),
            Self::OwnersBreakTheGlass { .. } => Some(Permission::Owner),
            _ => None,
        }
    }

    /// The request that somebody tried to answer without being the one who may, and why not: such attempts are recorded.
    pub fn about_request(&self) -> Option<(u32, &'static str)> {
        match self {
            Self::OwnRequest { request, .. } => Some((*request, "own_request")),
            Self::OnlyTheAsker { request, .. } => Some((*request, "only_the_asker")),
            Self::GrantedByAsker { request, .. } => Some((*request, "granted_by_asker")),
            Self::WrongButton { request, .. } => Some((*request, "wrong_button")),
            _ => None,
        }
    }
}
