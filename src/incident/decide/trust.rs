//! Changes of trust: asked by an owner, agreed to by somebody else.

use super::super::command::Whom;
use super::super::effect::Effect;
use super::super::event::ChatEvent;
use super::super::people::Permission;
use super::super::policy::Changed;
use super::super::refusal::Refusal;
use super::super::request::{About, Then, TrustChange};
use super::Case;
use super::draft::Draft;
use super::requests::{self, Ask, First};
use crate::plan::{Plan, SecondFactor, Tier};

/// Two must agree, the asker included.
const APPROVALS: u32 = 2;

pub(super) fn ask(case: &Case<'_>, change: TrustChange) -> Result<Draft, Refusal> {
    let ask = Ask {
        about: About::Trust(change),
        plan: case.plan()?,
        incident: None,
        why: None,
        approvals: APPROVALS,
    };
    let first = if case.late {
        First::Confirm(Then::Ask)
    } else {
        First::Agree
    };
    requests::open(case, ask, first)
}

pub(super) fn reset_totp(case: &Case<'_>, whom: &Whom) -> Result<Draft, Refusal> {
    match whom {
        // A name may have changed hands.
        Whom::Known(person) => {
            let person = person.clone();
            ask(case, TrustChange::TotpReset { person })
        }
        Whom::Unknown(name) => Err(Refusal::UnknownPerson {
            verb: case.verb,
            name: name.clone(),
        }),
        Whom::ByName(_) | Whom::Myself => Err(Refusal::Usage { verb: case.verb }),
    }
}

/// Whether following `new` instead of `old` would let fewer people do something, or people without a second factor.
pub(super) fn asks_for_less(old: &Plan, new: &Plan) -> bool {
    let demands = |plan: &Plan| plan.levers.totp == SecondFactor::Required;
    if demands(old) && !demands(new) {
        return true;
    }
    let weight = |tier: Tier| match tier {
        Tier::T2 => 0,
        Tier::T3 => 1,
    };
    new.procedures.iter().any(|it| {
        old.procedures
            .iter()
            .find(|before| before.id == it.id)
            .is_some_and(|before| {
                it.approvals < before.approvals
                    || weight(it.tier) < weight(before.tier)
                    || (it.fail_safe && !before.fail_safe)
            })
    })
}

/// Whether the change can still be made: people and plans may have changed while it waited.
pub(super) fn still_makes_sense(case: &Case<'_>, change: &TrustChange) -> Result<(), Changed> {
    let is_approver = |id| {
        let grant = case.chat.grants.get(&id);
        grant.is_some_and(|it| it.permission >= Permission::Approver)
    };
    let holds = match change {
        TrustChange::GrantApprover { .. } | TrustChange::TotpReset { .. } => true,
        TrustChange::Lower { person, .. } | TrustChange::RevokeApprover { person } => {
            is_approver(person.id)
        }
        TrustChange::Plan { plan, revision } => {
            let installed = case.env.plans.installed.get(plan);
            installed.is_some_and(|it| it.revision.as_str() == revision)
        }
    };
    if holds { Ok(()) } else { Err(Changed::Plan) }
}

/// Makes the change; the draft speaks in the asker's name.
pub(super) fn apply(draft: Draft, change: &TrustChange) -> Draft {
    let granted = |draft: Draft, person: &super::super::people::Person, permission| {
        draft.chat(ChatEvent::Granted {
            person: person.clone(),
            permission,
        })
    };
    match change {
        TrustChange::GrantApprover { person } => granted(draft, person, Permission::Approver),
        TrustChange::Lower { person, to } => granted(draft, person, *to),
        TrustChange::RevokeApprover { person } => draft.chat(ChatEvent::Revoked {
            person: person.clone(),
            permission: Permission::Approver,
        }),
        TrustChange::Plan { plan, .. } => draft.chat(ChatEvent::PlanChosen { plan: plan.clone() }),
        TrustChange::TotpReset { person } => {
            draft
                .effect(Effect::ResetTotp(person.id))
                .chat(ChatEvent::TotpReset {
                    person: person.clone(),
                })
        }
    }
}
