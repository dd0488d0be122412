//! A request for a lever, or for a change of trust: asked by one person, agreed to by another, spent once.

#![expect(missing_docs, reason = "the docs of a variant name its fields")]

use chrono::{DateTime, Duration, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::ids::{IncidentId, UserId};
use super::lever::{Lever, Warrant, hex};
use super::people::Person;
use super::policy::Changed;
use crate::plan::Plan;

/// A confirming press must come within this time.
pub(super) const CONFIRM_MINUTES: i64 = 2;
/// Somebody must approve within this time.
pub(super) const APPROVE_MINUTES: i64 = 10;
/// So long can a lever be stopped that one person pulls alone.
pub(super) const ABORT_SECONDS: i64 = 30;
/// A countdown that ends this much too late, because the bot was down, runs nothing any more.
pub(super) const LATE_MINUTES: i64 = 5;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum About {
    /// A lever is pulled.
    Lever(Lever),
    /// Trust changes.
    Trust(TrustChange),
}

/// A change of trust that nobody makes alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
pub enum TrustChange {
    /// Somebody becomes approver.
    GrantApprover { person: Person },
    /// An approver gets another permission, a lower one.
    Lower {
        person: Person,
        to: super::Permission,
    },
    /// An approver loses the grant.
    RevokeApprover { person: Person },
    /// The chat follows a plan that asks for fewer approvals.
    Plan { plan: String, revision: String },
    /// Somebody's second factor is taken away.
    TotpReset { person: Person },
}

impl TrustChange {
    /// The word that is typed where it is changed alone.
    pub fn word(&self) -> &'static str {
        match self {
            Self::GrantApprover { .. } | Self::Lower { .. } => "grant",
            Self::RevokeApprover { .. } => "revoke",
            Self::Plan { .. } => "setup",
            Self::TotpReset { .. } => "totp",
        }
    }
}

impl About {
    /// What is typed where somebody does it alone: the procedure's id, or the command's word.
    pub fn typed(&self) -> &str {
        match self {
            Self::Lever(Lever::Procedure { id, .. }) => id,
            Self::Lever(Lever::Rotate { .. }) => "rotate",
            Self::Trust(change) => change.word(),
        }
    }

    /// SHA-256 (hex) over what would be done. `None`: the plan does not have it.
    pub fn fingerprint(&self, plan: &Plan) -> Option<String> {
        match self {
            Self::Lever(lever) => lever.fingerprint(plan),
            Self::Trust(change) => {
                let text = serde_json::to_string(change).ok()?;
                Some(hex(&Sha256::digest(text)))
            }
        }
    }

    /// The lever, if it is one.
    pub fn lever(&self) -> Option<&Lever> {
        match self {
            Self::Lever(lever) => Some(lever),
            Self::Trust(_) => None,
        }
    }
}

/// What a request holds fast: it covers this and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bound {
    /// What exactly, by [`About::fingerprint`].
    pub fingerprint: String,
    /// The plan revision that it was read from.
    pub plan: String,
    /// The version of the rules.
    pub policy: u32,
}

/// What a request waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "stage", rename_all = "snake_case")]
pub enum Stage {
    /// For a confirming press by the asker.
    Confirm { until: DateTime<Utc>, then: Then },
    /// For somebody else.
    Approve { until: DateTime<Utc> },
    /// For the asker, who is alone, to type its name and a reason.
    Name { until: DateTime<Utc> },
    /// For the last moment in which it can be stopped.
    Countdown {
        until: DateTime<Utc>,
        warrant: Warrant,
    },
}

/// What follows a confirming press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// It runs.
    Run,
    /// It is asked for as if it had just been typed: the command came late.
    Ask,
    /// The owner's countdown begins: the break-glass command came late.
    BreakGlass,
}

impl Stage {
    /// How long it waits.
    pub fn until(&self) -> DateTime<Utc> {
        match self {
            Self::Confirm { until, .. }
            | Self::Approve { until }
            | Self::Name { until }
            | Self::Countdown { until, .. } => *until,
        }
    }

    pub(super) fn confirm(now: DateTime<Utc>, then: Then) -> Self {
        let until = now + Duration::minutes(CONFIRM_MINUTES);
        Self::Confirm { until, then }
    }

    pub(super) fn approve(now: DateTime<Utc>) -> Self {
        let until = now + Duration::minutes(APPROVE_MINUTES);
        Self::Approve { until }
    }

    pub(super) fn name(now: DateTime<Utc>) -> Self {
        let until = now + Duration::minutes(APPROVE_MINUTES);
        Self::Name { until }
    }

    pub(super) fn countdown(now: DateTime<Utc>, warrant: Warrant) -> Self {
        let until = now + Duration::seconds(ABORT_SECONDS);
        Self::Countdown { until, warrant }
    }
}

/// The one end of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// It was done; a lever has a run.
    Approved {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        incident: Option<IncidentId>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        run: Option<u32>,
    },
    /// Somebody said no.
    Denied,
    /// Nobody answered in time.
    Expired,
    /// Somebody picked a wrong number.
    WrongPick,
    /// It was stopped before it began.
    Aborted,
    /// Something had changed when it was to be done.
    Refused { changed: Changed },
}

/// What is fixed when a request is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// R1, R2, R3 … within the chat.
    pub number: u32,
    /// What is asked for.
    pub about: About,
    /// The incident that it belongs to; none yet where a press has to declare one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// In the asker's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// What it covers.
    pub bound: Bound,
    /// Carried by its buttons, so that no other button answers it.
    pub nonce: String,
    /// What only the asker is shown.
    pub digits: u8,
    /// Among what the approver picks.
    pub choices: [u8; 3],
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeverRequest {
    /// What is fixed.
    pub form: Form,
    /// Who asked.
    pub asked_by: Person,
    /// When.
    pub at: DateTime<Utc>,
    /// The message that shows it, once it is delivered.
    pub message: Option<i64>,
    /// Who may approve it, as far as known when it was asked: they are called.
    pub called: Vec<Person>,
    /// How many people must agree, the asker included.
    pub needs: u32,
    /// Who agreed so far.
    pub approved_by: Vec<Person>,
    /// What it waits for, or how it ended.
    pub state: RequestState,
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RequestState {
    /// It waits.
    Waiting(Stage),
    /// It is spent.
    Spent {
        outcome: Outcome,
        at: DateTime<Utc>,
        by: Option<Person>,
    },
}

impl LeverRequest {
    /// R1, R2 …
    pub fn number(&self) -> u32 {
        self.form.number
    }

    /// What it waits for; nothing once it is spent.
    pub fn waits_for(&self) -> Option<&Stage> {
        match &self.state {
            RequestState::Waiting(stage) => Some(stage),
            RequestState::Spent { .. } => None,
        }
    }

    /// How it ended.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.state {
            RequestState::Waiting(_) => None,
            RequestState::Spent { outcome, .. } => Some(outcome),
        }
    }

    /// Whether it can be asked for again as it was: nobody said no to it.
    pub fn can_be_renewed(&self) -> bool {
        matches!(
            self.outcome(),
            Some(Outcome::Expired | Outcome::Refused { .. })
        )
    }

    /// Whether a button carries this request's own nonce.
    pub fn has_nonce(&self, nonce: &str) -> bool {
        self.form.nonce.as_bytes().ct_eq(nonce.as_bytes()).into()
    }

    /// Whether this person asked.
    pub fn is_of(&self, id: UserId) -> bool {
        self.asked_by.id == id
    }
}

/// What chance decides about a request.
pub(super) struct Cast {
    pub(super) nonce: String,
    pub(super) digits: u8,
    pub(super) choices: [u8; 3],
}

/// Reads a nonce and three different two-digit numbers from dice, one of them the right one.
pub(super) fn cast(dice: &[u8; 32]) -> Cast {
    let nonce = hex(&dice[..4]);
    let mut choices = [0_u8; 3];
    for index in 0..3 {
        let at = 4 + index * 2;
        let drawn = u16::from_le_bytes([dice[at], dice[at + 1]]) % 90;
        let mut number = 10 + u8::try_from(drawn).unwrap_or(0);
        // The next free one, where two dice show the same.
        while choices[..index].contains(&number) {
            number = if number == 99 { 10 } else { number + 1 };
        }
        choices[index] = number;
    }
    Cast {
        nonce,
        digits: choices[usize::from(dice[10]) % 3],
        choices,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_different_and_have_two_digits() {
        let mut dice = [0_u8; 32];
        for seed in 0..=255_u8 {
            dice[4..11].fill(seed);
            let cast = cast(&dice);
            let [a, b, c] = cast.choices;
            assert!(a != b && b != c && a != c, "{:?}", cast.choices);
            assert!(cast.choices.iter().all(|it| (10..=99).contains(it)));
            assert!(cast.choices.contains(&cast.digits));
            assert_eq!(cast.nonce.len(), 8);
        }
    }
}
