//! Late, wrong or stopping presses.

use super::*;

#[test]
fn late_commands_are_not_run() {
    let mut told = team();
    let sent_at = Some(told.now - Duration::seconds(61));
    let origin = Origin {
        sent_at,
        ..Origin::default()
    };
    let decision = told.decide(ASKER, pull("emergency_shutdown", ""), origin.clone());
    told.adopt(&decision.expect("a fresh button"));
    assert!(told.chat.incidents.is_empty());
    let then = Then::Ask;
    assert!(
        matches!(told.last().waits_for(), Some(Stage::Confirm { then: it, .. }) if *it == then)
    );
    told.approves(ASKER, "").expect("confirmed");
    assert!(matches!(
        told.last().waits_for(),
        Some(Stage::Approve { .. })
    ));
    let digits = told.digits();
    let stale = told.decide(FIRST, approve(1, &digits), origin.clone());
    assert!(matches!(stale, Err(Refusal::Stale { .. })));
    // Saying no and writing down are never too late.
    told.decide(FIRST, deny(1), origin.clone()).expect("denied");
    let text = "seen".to_owned();
    told.decide(ASKER, Command::Note { text }, origin.clone())
        .expect("noted");
    // A late change of trust gets a button, too.
    let granted = |permission| Command::Grant {
        permission,
        whom: Whom::Known(person(9)),
    };
    let asked = told.decide(OWNER, granted(Permission::Commander), origin.clone());
    told.adopt(&asked.expect("a fresh button"));
    assert!(!told.chat.grants.contains_key(&UserId(9)));
    assert_eq!(told.chat.asks.len(), 1);
    let decision = told.decide(OWNER, granted(Permission::Approver), origin.clone());
    told.adopt(&decision.expect("a fresh button"));
    assert!(matches!(
        told.last().waits_for(),
        Some(Stage::Confirm { .. })
    ));
    told.approves(OWNER, "").expect("confirmed");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    assert_eq!(
        told.chat.grants[&UserId(9)].permission,
        Permission::Approver
    );
    // A press that may have waited only draws the message anew.
    let nonce = told.last().form.nonce.clone();
    let origin = Origin {
        press: Some("1".into()),
        backlog: true,
        ..Origin::default()
    };
    let pressed = Command::Approve {
        request: 1,
        words: digits,
        nonce: Some(nonce),
    };
    let decision = told.decide(FIRST, pressed, origin).expect("refreshed");
    assert!(decision.events.is_empty());
    assert!(decision.effects.contains(&Effect::ShowRequest(1)));
}

#[test]
fn a_button_answers_its_own_request_only() {
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    let shown = Command::RequestShown {
        request: 1,
        message_id: 50,
    };
    told.ask(&Author::Bot, shown, None).expect("shown");
    let (digits, nonce) = (told.digits(), told.last().form.nonce.clone());
    let press = |message_id, nonce: &str| {
        let origin = Origin {
            press: Some("1".into()),
            message_id: Some(message_id),
            ..Origin::default()
        };
        let nonce = Some(nonce.to_owned());
        (
            Command::Approve {
                request: 1,
                words: digits.clone(),
                nonce,
            },
            origin,
        )
    };
    for (message_id, nonce) in [(51, nonce.as_str()), (50, "00000000"), (50, "")] {
        let (command, origin) = press(message_id, nonce);
        let refused = told.decide(FIRST, command, origin);
        assert!(matches!(refused, Err(Refusal::WrongButton { .. })));
    }
    let (command, origin) = press(50, &nonce);
    assert_eq!(
        executes(&told.decide(FIRST, command, origin).expect("approved")),
        1
    );
}

#[test]
fn stopping_is_never_too_late() {
    let now = team().now;
    let sent = Some(now - Duration::minutes(5));
    for command in stopping() {
        for (backlog, pressed) in [(false, false), (true, true)] {
            let stale = policy::is_stale(&command, sent, backlog, pressed, now);
            assert!(!stale, "{command:?}");
        }
    }
    let retry = Command::Step {
        run: Some(1),
        step: None,
        choice: Choice::Retry,
    };
    assert!(policy::is_stale(&retry, sent, false, false, now));
}
