//! The second factor.

use super::*;

#[test]
fn a_plan_may_demand_a_second_factor_but_never_for_the_fail_safe() {
    let mut told = team();
    let id = told.plans.default.clone();
    let mut plan = plan::Plan::clone(&told.plans.installed[&id]);
    plan.levers.totp = plan::SecondFactor::Required;
    told.plans.install(Arc::new(plan));
    let verb = "restore";
    let refused = told.pulls(ASKER, verb, "");
    assert_eq!(refused, Err(Refusal::EnrolFirst { verb }));
    told.pulls(ASKER, "lockdown", "").expect("reversible");
    let words = "now emergency_shutdown it burns";
    told.pulls(OWNER, "emergency_shutdown", words)
        .expect("it counts down");
}

#[test]
fn a_second_factor_is_asked_for_where_it_matters() {
    let mut told = team();
    let with = |id, totp| match actor(id, Via::Text) {
        Author::Person(actor) => Author::Person(Actor { totp, ..actor }),
        other => other,
    };
    let until = told.now + Duration::minutes(15);
    let (needed, locked) = (TotpState::Needed, TotpState::Locked(until));
    let refused = told.ask(&with(ASKER, needed), pull("restore", ""), None);
    assert!(matches!(refused, Err(Refusal::CodeNeeded { .. })));
    let passed = with(ASKER, TotpState::Passed);
    let spent = Effect::SpendCode(UserId(ASKER));
    let decision = told.ask(&passed, pull("restore", ""), None).expect("asked");
    assert!(decision.effects.contains(&spent), "a code counts once");
    let digits = told.digits();
    let refused = told.ask(&with(FIRST, needed), approve(1, &digits), None);
    assert!(matches!(refused, Err(Refusal::CodeNeeded { .. })));
    // Reversible levers need no code, but nobody who guesses codes.
    told.ask(&with(ASKER, needed), pull("lockdown", ""), None)
        .expect("asked");
    for verb in ["lockdown", "collect", "restore"] {
        let refused = told.ask(&with(COMMANDER, locked), pull(verb, "now what"), None);
        assert!(refused.is_err(), "{verb}");
    }
    let refused = told.ask(&with(FIRST, locked), approve(1, &digits), None);
    assert!(matches!(refused, Err(Refusal::Locked { .. })));
    let text = "seen".to_owned();
    told.ask(
        &with(COMMANDER, locked),
        Command::Note { text },
        told.last().form.incident,
    )
    .expect("writing down is never locked");
    told.ask(&with(FIRST, locked), deny(1), None)
        .expect("denied");
    for command in stopping() {
        let refused = told.ask(&with(COMMANDER, locked), command.clone(), None);
        assert!(
            !matches!(refused, Err(Refusal::Locked { .. })),
            "{command:?}: {refused:?}"
        );
    }
    let words = "now emergency_shutdown it burns";
    told.ask(
        &with(OWNER, locked),
        pull("emergency_shutdown", words),
        None,
    )
    .expect("breaking the glass is never locked");
}

#[test]
fn a_plan_that_wants_no_second_factor_any_more_takes_two() {
    let mut told = team();
    let id = told.plans.default.clone();
    let mut strict = plan::Plan::clone(&told.plans.installed[&id]);
    strict.info.id = "strict".to_owned();
    strict.levers.totp = plan::SecondFactor::Required;
    told.plans.install(Arc::new(strict));
    let chosen = |plan: &str| Command::Setup(Setup::Plan(plan.to_owned()));
    told.says(OWNER, chosen("strict")).expect("more is free");
    assert_eq!(told.chat.settings.plan.as_deref(), Some("strict"));
    let verb = "setup";
    let refused = told.says(OWNER, chosen(&id));
    assert_eq!(refused, Err(Refusal::EnrolFirst { verb }));
    let with_code = match actor(OWNER, Via::Text) {
        Author::Person(actor) => Author::Person(Actor {
            totp: TotpState::Passed,
            ..actor
        }),
        other => other,
    };
    told.ask(&with_code, chosen(&id), None).expect("asked");
    assert_eq!(told.chat.settings.plan.as_deref(), Some("strict"));
    assert!(matches!(
        told.last().waits_for(),
        Some(Stage::Approve { .. })
    ));
}
