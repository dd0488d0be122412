//! Nobody else is there, or nobody is waited for.

use super::*;

#[test]
fn alone_it_takes_the_name_a_reason_and_thirty_seconds() {
    let mut told = Told::claimed();
    told.pulls(OWNER, "restore", "").expect("asked");
    for (words, what) in [
        ("", "nothing"),
        ("restore", "no reason"),
        ("Restore x", "a slip"),
    ] {
        let refused = told.approves(OWNER, words);
        assert!(matches!(refused, Err(Refusal::TypedName { .. })), "{what}");
    }
    told.approves(OWNER, "restore all is clean").expect("typed");
    assert!(told.runs().is_empty());
    assert!(matches!(
        told.approves(OWNER, "restore x"),
        Err(Refusal::CountingDown { .. })
    ));
    assert!(told.due().events.is_empty(), "the countdown still runs");
    told.now += Duration::seconds(30);
    assert_eq!(executes(&told.due()), 1);
    assert_eq!(told.runs()[0].warrant, Warrant::SinglePerson);
    assert_eq!(told.runs()[0].why.as_deref(), Some("all is clean"));
    assert!(told.due().events.is_empty(), "only once");
}

#[test]
fn an_owner_who_left_still_counts_and_is_called_in_private() {
    let mut told = team();
    told.happens(
        By::Bot,
        Event::Chat(ChatEvent::Left {
            user: UserId(OWNER),
            by: None,
        }),
    );
    told.happens(
        By::Bot,
        Event::Chat(ChatEvent::Left {
            user: UserId(SECOND),
            by: None,
        }),
    );
    told.now += Duration::days(2);
    let decision = told.pulls(FIRST, "restore", "").expect("asked");
    assert!(matches!(
        told.last().waits_for(),
        Some(Stage::Approve { .. })
    ));
    let incident = told.last().form.incident;
    assert_eq!(told.last().called, vec![person(OWNER)]);
    let call = Effect::TellOwners(Said::OwnersCalled {
        request: 1,
        incident,
    });
    assert!(decision.effects.contains(&call), "{decision:?}");
    // They answer from their private chat, by the incident's id.
    let owner = match actor(OWNER, Via::Text) {
        Author::Person(actor) => Author::Person(Actor {
            private: true,
            ..actor
        }),
        other => other,
    };
    let digits = told.digits();
    let decision = told.ask(&owner, approve(1, &digits), incident);
    assert_eq!(executes(&decision.expect("approved")), 1);
}

#[test]
fn a_countdown_begins_nothing_once_the_log_was_changed() {
    let mut told = team();
    let words = "now emergency_shutdown it burns";
    told.pulls(OWNER, "emergency_shutdown", words)
        .expect("it counts down");
    told.now += Duration::seconds(31);
    let request = Request {
        command: Command::RequestDue { request: 1 },
        incident: None,
        origin: Origin::default(),
    };
    let env = Env {
        now: told.now,
        next_id: IncidentId::security(2026, told.next),
        plans: &told.plans,
        languages: &["en"],
        owners: &[person(OWNER)],
        dice: [7; 32],
        log_changed: true,
        elsewhere: None,
    };
    let decision = decide(&told.chat, &request, &Author::Bot, env).expect("decided");
    assert_eq!(executes(&decision), 0);
    told.adopt(&decision);
    let changed = Changed::Log;
    let outcome = Outcome::Refused { changed };
    assert_eq!(told.last().outcome(), Some(&outcome));
}

#[test]
fn nobody_becomes_alone_by_removing_others() {
    for revoked in [true, false] {
        let mut told = Told::claimed();
        told.give(FIRST, Permission::Approver);
        told.now += Duration::days(2);
        let (user, permission) = (UserId(FIRST), Permission::Approver);
        let event = if revoked {
            let person = person(FIRST);
            ChatEvent::Revoked { person, permission }
        } else {
            let by = Some(UserId(OWNER));
            ChatEvent::Left { user, by }
        };
        told.happens(By::Person(person(OWNER)), Event::Chat(event));
        let until = told.now + Duration::hours(24);
        told.now += Duration::hours(23);
        let refused = told.pulls(OWNER, "restore", "");
        let verb = "restore";
        assert_eq!(refused, Err(Refusal::NotAloneYet { verb, until }));
        // Never in the way of the fail-safe.
        let words = "now emergency_shutdown it burns";
        told.pulls(OWNER, "emergency_shutdown", words)
            .expect("it counts down");
        told.now += Duration::hours(1);
        told.pulls(OWNER, "restore", "").expect("alone by now");
        assert!(matches!(told.last().waits_for(), Some(Stage::Name { .. })));
    }
}

#[test]
fn an_owner_breaks_the_glass() {
    let mut told = team();
    for words in ["now", "now shutdown it burns", "now emergency_shutdown"] {
        let refused = told.pulls(OWNER, "emergency_shutdown", words);
        assert!(matches!(refused, Err(Refusal::TypedName { .. })), "{words}");
    }
    assert!(matches!(
        told.pulls(FIRST, "emergency_shutdown", "now emergency_shutdown x"),
        Err(Refusal::OwnersBreakTheGlass { .. })
    ));
    assert!(matches!(
        told.pulls(OWNER, "restore", "now restore x"),
        Err(Refusal::NotFailSafe { .. })
    ));
    let words = "now emergency_shutdown it burns";
    told.pulls(OWNER, "emergency_shutdown", words)
        .expect("it counts down");
    assert!(told.runs().is_empty());
    told.now += Duration::seconds(31);
    let decision = told.due();
    assert_eq!(executes(&decision), 1);
    assert!(decision.effects.iter().any(|it| matches!(
        it,
        Effect::Announce {
            silent: false,
            said: Said::PulledAlone { .. },
            ..
        }
    )));
    let incident = told.chat.open_incidents().next().expect("declared");
    assert_eq!(told.runs()[0].warrant, Warrant::BreakGlass);
    let review = incident.follow_ups.last().expect("a review");
    assert!(review.text.starts_with("Review run 1"), "{}", review.text);

    // Stopped in time, by anybody who could approve.
    told.pulls(OWNER, "lockdown", "now lockdown again")
        .expect("it counts down");
    let request = told.chat.requested;
    let abort = Command::Abort {
        request,
        nonce: None,
    };
    assert!(told.says(COMMANDER, abort.clone()).is_err());
    told.says(FIRST, abort).expect("stopped");
    told.now += Duration::seconds(31);
    assert!(told.due().events.is_empty());
    assert_eq!(told.last().outcome(), Some(&Outcome::Aborted));
    assert_eq!(told.runs().len(), 1);
}

#[test]
fn a_countdown_that_ends_hours_late_runs_nothing() {
    let mut told = team();
    let words = "now lockdown why";
    told.pulls(OWNER, "lockdown", words)
        .expect("it counts down");
    told.now += Duration::hours(2);
    assert_eq!(executes(&told.due()), 0);
    assert_eq!(told.last().outcome(), Some(&Outcome::Expired));
}

/// Nobody waits a night for somebody who went by themselves, or whom somebody else removed.
#[test]
fn whoever_did_not_remove_the_others_is_alone_at_once() {
    for (by, held) in [
        (Some(FIRST), false),
        (Some(ASKER), false),
        (Some(OWNER), true),
        // Nobody can tell who it was.
        (None, true),
    ] {
        let mut told = Told::claimed();
        told.give(FIRST, Permission::Approver);
        told.now += Duration::days(2);
        let (user, by) = (UserId(FIRST), by.map(UserId));
        let left = Command::AdministratorIs {
            user,
            yes: false,
            left: true,
            by,
        };
        told.ask(&Author::Bot, left, None).expect("seen");
        let verb = "restore";
        let until = told.now + Duration::hours(24);
        let asked = told.pulls(OWNER, "restore", "");
        assert_eq!(asked.is_err(), held, "{by:?}");
        if held {
            assert_eq!(asked, Err(Refusal::NotAloneYet { verb, until }));
            continue;
        }
        told.says(OWNER, approve(1, "restore all is clean"))
            .expect("it counts down");
        told.now += Duration::seconds(31);
        assert_eq!(executes(&told.due()), 1);
    }
}
