//! What nobody knows is checked before anybody is asked.

use super::*;

/// A step with a check that the shipped plan has.
fn checked(step: Step) -> Step {
    Step {
        check: Some(PLAN.probes[0].id.clone()),
        ..step
    }
}

#[test]
fn an_unknown_outcome_is_checked_before_anybody_is_asked() {
    let mut play = Play::of(Stop, vec![checked(plain("a")), plain("b")]);
    assert_eq!(play.does("1", Unknown).due(), "start 1c");
    let key = play.key("1c");
    let look = step(&play.run.lever, &play.plan, &key).expect("a look");
    assert!(matches!(look.action, Action::Probe { .. }) && look.idempotent);
    assert_eq!(play.begin().due(), "wait");
    assert_eq!(play.ends("1c", Succeeded).due(), "start 2", "it is done");
    assert!(play.run.steps[&play.key("1")].is_fine());
    assert_eq!(play.does("2", Succeeded).due(), "end succeeded");
}

#[test]
fn what_is_not_done_is_begun_again_only_where_that_does_no_harm() {
    let mut play = Play::of(Stop, vec![checked(plain("a"))]);
    play.does("1", Unknown).does("1c", Failed);
    assert_eq!(play.due(), "ask 1", "it must not happen twice");

    let mut play = Play::of(Stop, vec![checked(again("a", 0))]);
    play.does("1", Unknown).does("1c", Failed);
    assert_eq!(play.due(), "start 1");
    play.does("1", Unknown);
    assert_eq!(play.due(), "start 1c", "each time it is looked at anew");
    assert_eq!(play.does("1c", Failed).due(), "ask 1", "but not for ever");
    assert_eq!(play.decide("1", Choice::Retry).due(), "start 1");
    assert_eq!(play.does("1", Unknown).due(), "start 1c");
}

#[test]
fn a_check_that_cannot_tell_leaves_it_to_a_person() {
    for said in [Unknown, ByHand] {
        let mut play = Play::of(Stop, vec![checked(plain("a"))]);
        play.does("1", Unknown).does("1c", said);
        assert_eq!(play.due(), "ask 1");
    }
}

#[test]
fn a_kill_is_checked_too_and_the_check_survives_one() {
    let mut play = Play::of(Stop, vec![checked(plain("a"))]);
    assert_eq!(play.begin().over("1", Unknown, true).due(), "start 1c");
    assert_eq!(play.begin().over("1c", Unknown, true).due(), "start 1c");
    assert_eq!(play.does("1c", Succeeded).due(), "end succeeded");
    // What may happen twice is not done twice for nothing.
    let mut play = Play::of(Stop, vec![checked(again("a", 0))]);
    assert_eq!(play.begin().over("1", Unknown, true).due(), "start 1c");
    assert_eq!(play.does("1c", Failed).due(), "start 1");
}

#[test]
fn a_way_back_is_checked_like_any_step() {
    let back = Step {
        undo: Some(Box::new(checked(plain("back")))),
        ..plain("a")
    };
    let mut play = Play::of(Stop, vec![back, plain("b")]);
    play.does("1", Succeeded).does("2", Failed);
    assert_eq!(play.due(), "undo 1u");
    assert_eq!(play.does("1u", Unknown).due(), "undo 1uc");
    assert_eq!(play.does("1uc", Succeeded).due(), "end undone");
}

#[test]
fn the_others_of_a_group_are_not_held_up() {
    let grouped = |step: Step| Step {
        group: Some("pair".to_owned()),
        ..step
    };
    let steps = vec![grouped(checked(plain("a"))), grouped(plain("b"))];
    let mut play = Play::of(Stop, steps);
    play.begin().ends("1", Unknown);
    assert_eq!(play.due(), "start 1c", "while 2 is under way");
    play.begin().ends("2", Succeeded).ends("1c", Succeeded);
    assert_eq!(play.due(), "end succeeded");
}
