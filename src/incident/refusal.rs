//! Why not, and what to do about it. Every refusal names the verb; state refusals name the state.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use super::ids::IncidentId;
use super::lifecycle::StateName;
use super::people::{Identity, Permission};

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
    /// The log is not whole: nothing that needs trust in it is done from chat.
    #[error("{verb} refused: the log was changed from outside")]
    LogBroken { verb: &'static str },
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
            _ => None,
        }
    }
}
