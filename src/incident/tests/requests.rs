//! The life of a request: one end, whatever happens and in whatever order.

mod chaos;
mod supersede;

use super::*;
use crate::incident::policy::approval;

const FIRST: i64 = 2;
const SECOND: i64 = 3;
const ASKER: i64 = 4;
const COMMANDER: i64 = 5;

/// A claimed chat with two approvers of long standing and two commanders.
fn team() -> Told {
    let mut told = Told::claimed();
    told.give(FIRST, Permission::Approver);
    told.give(SECOND, Permission::Approver);
    told.give(ASKER, Permission::Commander);
    told.give(COMMANDER, Permission::Commander);
    told.now += Duration::days(2);
    told
}

impl Told {
    /// As if it had been granted in the usual way.
    fn give(&mut self, id: i64, permission: Permission) {
        let event = Event::Chat(ChatEvent::Granted {
            person: person(id),
            permission,
        });
        self.happens(By::Person(person(OWNER)), event);
    }

    fn happens(&mut self, by: By, event: Event) {
        let at = self.now;
        let recorded = Recorded { at, by, event };
        self.log.push(recorded.clone());
        apply(&mut self.chat, recorded, &self.plans).expect("it can be folded");
    }

    fn adopt(&mut self, decision: &Decision) {
        for (by, event) in &decision.events {
            self.happens(by.clone(), event.clone());
        }
    }

    /// The incident comes to rest, as no command lets it while something is open.
    fn ends(&mut self) {
        let kind = Cancellation::FalseAlarm;
        let why = "ours".to_owned();
        let event = IncidentEvent::Cancelled { kind, why };
        let id = IncidentId::security(2026, 1);
        self.happens(By::Bot, Event::Incident(id, event));
    }

    fn says(&mut self, who: i64, command: Command) -> Result<Decision, Refusal> {
        self.ask(&actor(who, Via::Text), command, None)
    }

    fn pulls(&mut self, who: i64, verb: &'static str, words: &str) -> Result<Decision, Refusal> {
        self.says(who, pull(verb, words))
    }

    fn approves(&mut self, who: i64, words: &str) -> Result<Decision, Refusal> {
        let request = self.chat.requested;
        self.says(who, approve(request, words))
    }

    fn last(&self) -> &LeverRequest {
        &self.chat.requests[&self.chat.requested]
    }

    fn digits(&self) -> String {
        self.last().form.digits.to_string()
    }

    fn due(&mut self) -> Decision {
        let request = self.chat.requested;
        self.ask(&Author::Bot, Command::RequestDue { request }, None)
            .expect("a timer is never refused")
    }

    fn runs(&self) -> Vec<&Run> {
        self.chat
            .incidents
            .values()
            .flat_map(|it| &it.runs)
            .collect()
    }
}

fn pull(verb: &'static str, words: &str) -> Command {
    Command::Pull(Pull {
        verb,
        words: words.to_owned(),
    })
}

fn approve(request: u32, words: &str) -> Command {
    Command::Approve {
        request,
        words: words.to_owned(),
        nonce: None,
    }
}

fn deny(request: u32) -> Command {
    Command::Deny {
        request,
        nonce: None,
    }
}

fn executes(decision: &Decision) -> usize {
    let runs = decision.effects.iter();
    runs.filter(|it| matches!(it, Effect::Execute { .. }))
        .count()
}

#[test]
fn two_people_pull_a_destructive_lever() {
    let mut told = team();
    told.pulls(ASKER, "emergency_shutdown", "it burns")
        .expect("asked");
    // No incident needed: it is declared at the top severity, and the request belongs to it.
    let incident = told.chat.open_incidents().next().expect("declared").clone();
    assert_eq!(incident.severity.as_deref(), Some("P0"));
    assert_eq!(told.last().form.incident, Some(incident.id));
    assert_eq!(told.last().called.len(), 3, "both approvers and the owner");
    let digits = told.digits();
    assert!(matches!(
        told.approves(ASKER, &digits),
        Err(Refusal::OwnRequest { .. })
    ));
    assert!(matches!(
        told.approves(COMMANDER, &digits),
        Err(Refusal::NotAllowed {
            needs: Permission::Approver,
            ..
        })
    ));
    assert!(matches!(
        told.approves(FIRST, "soon"),
        Err(Refusal::NumberMissing { .. })
    ));
    let decision = told.approves(FIRST, &digits).expect("approved");
    assert_eq!(executes(&decision), 1);
    let run = told.runs()[0].clone();
    assert_eq!(run.warrant, Warrant::Approved);
    assert_eq!(run.approved_by, [person(FIRST)]);
    assert_eq!(run.asked_by, By::Person(person(ASKER)));
    let owners = [person(OWNER)];
    let given = approval(&told.chat, incident.id, run.number, &owners, told.now);
    assert_eq!(
        given.expect("everything still holds").fingerprint(),
        run.fingerprint
    );
    assert!(matches!(
        told.approves(SECOND, &digits),
        Err(Refusal::RequestOver { .. })
    ));
}

#[test]
fn a_wrong_pick_cancels() {
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    let form = &told.last().form;
    let wrong = form.choices.iter().find(|it| **it != form.digits);
    let wrong = wrong.expect("three numbers").to_string();
    let decision = told.approves(FIRST, &wrong).expect("it is spent");
    assert_eq!(executes(&decision), 0);
    assert_eq!(told.last().outcome(), Some(&Outcome::WrongPick));
    let digits = told.digits();
    assert!(told.approves(SECOND, &digits).is_err());
    assert!(told.runs().is_empty());
}

#[test]
fn whoever_was_granted_by_the_asker_today_does_not_count() {
    let mut told = Told::claimed();
    told.give(FIRST, Permission::Approver);
    told.now += Duration::hours(1);
    told.give(SECOND, Permission::Commander);
    // The owner granted the only approver an hour ago: the owner is still alone.
    told.pulls(OWNER, "restore", "").expect("asked");
    assert!(matches!(told.last().waits_for(), Some(Stage::Name { .. })));
    told.says(OWNER, deny(1)).expect("denied");
    // For somebody else's request they count at once.
    told.pulls(SECOND, "restore", "").expect("asked");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    // A day later they count for the owner, too.
    told.now += Duration::hours(24);
    told.pulls(OWNER, "restore", "again").expect("asked");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    assert_eq!(told.runs().len(), 2);
}

#[test]
fn an_answer_of_the_freshly_granted_is_refused_by_name() {
    let mut told = team();
    told.pulls(OWNER, "restore", "").expect("asked");
    told.give(COMMANDER, Permission::Approver);
    let digits = told.digits();
    assert!(matches!(
        told.approves(COMMANDER, &digits),
        Err(Refusal::GrantedByAsker { .. })
    ));
}

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
        }),
    );
    told.happens(
        By::Bot,
        Event::Chat(ChatEvent::Left {
            user: UserId(SECOND),
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
            ChatEvent::Left { user }
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

#[test]
fn a_reversible_lever_takes_a_press_of_its_asker() {
    let mut told = team();
    told.pulls(ASKER, "lockdown", "").expect("asked");
    assert!(told.chat.incidents.is_empty(), "a slip declares nothing");
    assert!(matches!(
        told.approves(COMMANDER, ""),
        Err(Refusal::OnlyTheAsker { .. })
    ));
    assert!(matches!(
        told.pulls(ASKER, "lockdown", ""),
        Err(Refusal::AlreadyAsked { .. })
    ));
    told.pulls(COMMANDER, "lockdown", "")
        .expect("another's slip holds nobody up");
    told.says(ASKER, approve(1, "")).expect("confirmed");
    assert_eq!(told.runs().len(), 1);
    assert_eq!(told.runs()[0].warrant, Warrant::Confirmed);
    // Only looking needs no press.
    let decision = told.pulls(ASKER, "collect", "").expect("runs");
    assert_eq!(executes(&decision), 1);
    // Two minutes, then it lapses; it may be asked for again.
    told.pulls(ASKER, "rotate", "n8n_api_key").expect("asked");
    told.now += Duration::minutes(2);
    told.approves(ASKER, "").expect("it lapses at the press");
    assert_eq!(told.last().outcome(), Some(&Outcome::Expired));
    let again = Command::AskAgain {
        request: told.chat.requested,
        nonce: told.last().form.nonce.clone(),
    };
    told.says(ASKER, again).expect("asked again");
    told.approves(ASKER, "").expect("confirmed");
    assert_eq!(told.runs().len(), 3);
}

#[test]
fn what_changed_meanwhile_is_not_done() {
    // The asker lost the right.
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    told.happens(
        By::Person(person(OWNER)),
        Event::Chat(ChatEvent::Revoked {
            person: person(ASKER),
            permission: Permission::Commander,
        }),
    );
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("it is spent");
    let refused = Outcome::Refused {
        changed: Changed::Asker,
    };
    assert_eq!(told.last().outcome(), Some(&refused));
    // The incident ended.
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    told.ends();
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("it is spent");
    let refused = Outcome::Refused {
        changed: Changed::IncidentEnded,
    };
    assert_eq!(told.last().outcome(), Some(&refused));
    assert!(told.runs().is_empty());
    // An approver who left does not count, and does not hold the last one up.
    let mut told = Told::claimed();
    told.give(FIRST, Permission::Approver);
    told.now += Duration::days(2);
    let left = Command::AdministratorIs {
        user: UserId(FIRST),
        yes: false,
        left: true,
    };
    told.ask(&Author::Bot, left, None).expect("noticed");
    told.now += Duration::days(1);
    told.pulls(OWNER, "restore", "").expect("asked");
    assert!(matches!(told.last().waits_for(), Some(Stage::Name { .. })));
}

#[test]
fn a_run_is_looked_at_again_before_it_acts() {
    let owners = [person(OWNER)];
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    let id = told.chat.open_incidents().next().expect("open").id;
    assert!(approval(&told.chat, id, 1, &owners, told.now).is_ok());
    assert!(
        approval(&told.chat, id, 2, &owners, told.now).is_err(),
        "no such run"
    );
    let mut revoked = told.chat.clone();
    revoked.grants.remove(&UserId(FIRST));
    assert!(approval(&revoked, id, 1, &owners, told.now).is_err());
    let mut left = told.chat.clone();
    left.gone.insert(UserId(FIRST));
    assert!(approval(&left, id, 1, &owners, told.now).is_err());
    told.ends();
    assert!(approval(&told.chat, id, 1, &owners, told.now).is_err());
}

#[test]
fn trust_takes_two() {
    let mut told = team();
    let whom = Whom::Known(person(COMMANDER));
    let permission = Permission::Approver;
    told.says(
        OWNER,
        Command::Grant {
            permission,
            whom: whom.clone(),
        },
    )
    .expect("asked");
    assert_eq!(
        told.chat.grants[&UserId(COMMANDER)].permission,
        Permission::Commander
    );
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    let grant = told.chat.grants[&UserId(COMMANDER)].clone();
    assert_eq!(
        (grant.permission, grant.by),
        (Permission::Approver, Some(UserId(OWNER)))
    );
    told.says(OWNER, Command::Revoke { whom }).expect("asked");
    assert!(told.chat.grants.contains_key(&UserId(COMMANDER)));
    let digits = told.digits();
    told.approves(SECOND, &digits).expect("approved");
    assert!(!told.chat.grants.contains_key(&UserId(COMMANDER)));
    assert!(told.chat.incidents.is_empty(), "trust is no incident");
}

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

/// Ends a run, and takes a step back.
fn stopping() -> [Command; 2] {
    [
        Command::AbortRun {
            run: Some(1),
            why: "wrong one".to_owned(),
        },
        Command::Step {
            run: Some(1),
            step: None,
            choice: Choice::Undo,
        },
    ]
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

impl Told {
    fn decide(&self, who: i64, command: Command, origin: Origin) -> Result<Decision, Refusal> {
        let author = if who == 0 {
            Author::Bot
        } else {
            actor(who, Via::Text)
        };
        let request = Request {
            command,
            incident: None,
            origin,
        };
        let env = Env {
            now: self.now,
            next_id: IncidentId::security(2026, self.next),
            plans: &self.plans,
            languages: &["en"],
            owners: &[person(OWNER)],
            dice: [7; 32],
            log_changed: false,
        };
        decide(&self.chat, &request, &author, env)
    }

    /// The version of every stream: what a commit is checked against.
    fn versions(&self) -> (u64, Vec<u64>) {
        let incidents = self.chat.incidents.values().map(|it| it.version);
        (self.chat.version, incidents.collect())
    }
}

#[test]
fn a_plan_may_ask_for_more_than_two() {
    let mut told = team();
    let id = told.plans.default.clone();
    let mut plan = plan::Plan::clone(&told.plans.installed[&id]);
    for procedure in &mut plan.procedures {
        procedure.approvals = 3;
    }
    told.plans.install(Arc::new(plan));
    told.pulls(ASKER, "restore", "").expect("asked");
    assert_eq!(told.last().needs, 3);
    let digits = told.digits();
    let decision = told.approves(FIRST, &digits).expect("agreed");
    assert_eq!(executes(&decision), 0);
    assert!(matches!(
        told.approves(FIRST, &digits),
        Err(Refusal::AgreedAlready { .. })
    ));
    let decision = told.approves(OWNER, &digits).expect("agreed");
    assert_eq!(executes(&decision), 1);
    let approved_by = told.runs()[0].approved_by.clone();
    assert_eq!(approved_by, [person(FIRST), person(OWNER)]);
    // Somebody who agreed lost the right before the last one did.
    told.pulls(ASKER, "rollback", "1a2b3c4 2026-02-17.db")
        .expect("asked");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("agreed");
    let by = By::Person(person(OWNER));
    let (person, permission) = (person(FIRST), Permission::Approver);
    told.happens(
        by,
        Event::Chat(ChatEvent::Revoked {
            person: person.clone(),
            permission,
        }),
    );
    told.approves(SECOND, &digits).expect("it is spent");
    let changed = Changed::Approver { person };
    assert_eq!(told.last().outcome(), Some(&Outcome::Refused { changed }));
    // A T2 procedure for which the plan wants three takes no mere press.
    told.pulls(ASKER, "lockdown", "").expect("asked");
    assert!(matches!(
        told.last().waits_for(),
        Some(Stage::Approve { .. })
    ));
}

#[test]
fn a_plan_that_asks_for_less_takes_two() {
    let mut told = team();
    let id = told.plans.default.clone();
    let mut lax = plan::Plan::clone(&told.plans.installed[&id]);
    lax.info.id = "lax".to_owned();
    let restore = lax.procedures.iter_mut().find(|it| it.id == "restore");
    restore.expect("TARS restores").approvals = 1;
    told.plans.install(Arc::new(lax));
    let chosen = |plan: &str| Command::Setup(Setup::Plan(plan.to_owned()));
    told.says(OWNER, chosen("lax")).expect("asked");
    assert_eq!(told.chat.settings.plan, None);
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    assert_eq!(told.chat.settings.plan.as_deref(), Some("lax"));
    told.says(OWNER, chosen(&id)).expect("the way back is free");
    assert_eq!(told.chat.settings.plan.as_deref(), Some(id.as_str()));
}

#[test]
fn what_is_in_the_way_of_a_lever_is_said_when_it_is_asked_for() {
    let mut told = team();
    told.says(
        OWNER,
        Command::Declare {
            text: "P0 it burns".to_owned(),
        },
    )
    .expect("declared");
    let id = IncidentId::security(2026, 1);
    let plan = told.chat.incidents[&id].plan.clone();
    let lever = Lever::Procedure {
        id: "restore".to_owned(),
        parameters: std::collections::BTreeMap::new(),
    };
    let step = crate::incident::saga::steps(&lever, &plan)
        .into_iter()
        .find(|it| it.step.action.acts())
        .expect("a step that acts")
        .key;
    told.happens(
        By::Bot,
        Event::Incident(
            id,
            IncidentEvent::RunStarted {
                run: 1,
                fingerprint: lever.fingerprint(&plan).expect("it is known"),
                lever,
                mode: Mode::Live,
                warrant: Warrant::Approved,
                asked_by: By::Person(person(ASKER)),
                approved_by: vec![person(FIRST)],
                why: None,
            },
        ),
    );
    told.happens(
        By::Bot,
        Event::Incident(
            id,
            IncidentEvent::StepStarted {
                run: 1,
                step,
                attempt: 1,
            },
        ),
    );
    let refused = told.pulls(ASKER, "restore", "again").expect_err("busy");
    let busy = Hindrance::Busy {
        incident: id,
        run: 1,
    };
    assert_eq!(
        refused,
        Refusal::InTheWay {
            verb: "restore",
            hindrance: busy
        }
    );
    told.pulls(ASKER, "emergency_shutdown", "it burns")
        .expect("stopping things waits for nobody");
}

#[test]
fn one_message_asks_about_a_run_however_many_steps_wait() {
    use crate::incident::saga::{self, Next, StepReport, StepStatus};
    let mut told = team();
    let text = "P0 it burns".to_owned();
    told.says(OWNER, Command::Declare { text })
        .expect("declared");
    let id = IncidentId::security(2026, 1);
    let plan = told.chat.incidents[&id].plan.clone();
    let lever = Lever::Rotate {
        credentials: plan.credentials.iter().map(|it| it.id.clone()).collect(),
    };
    let started = IncidentEvent::RunStarted {
        run: 1,
        fingerprint: lever.fingerprint(&plan).expect("it is known"),
        lever,
        mode: Mode::Live,
        warrant: Warrant::Approved,
        asked_by: By::Person(person(ASKER)),
        approved_by: vec![person(FIRST)],
        why: None,
    };
    told.happens(By::Bot, Event::Incident(id, started));
    let (mut asked, mut edited) = (0, 0);
    let mut count = |decision: &Decision| {
        for effect in &decision.effects {
            match effect {
                Effect::Announce {
                    said: Said::StepAsks { .. },
                    ..
                } => asked += 1,
                Effect::ShowQuestion { .. } => edited += 1,
                _ => {}
            }
        }
        (asked, edited)
    };
    let waiting = loop {
        let run = told.runs()[0].clone();
        let steps = match saga::next(&run, &plan, told.now) {
            Next::Start(steps) => steps,
            Next::Ask { steps, .. } => break steps,
            other => panic!("{other:?}"),
        };
        let begun = Command::StepsBegun {
            run: 1,
            steps: steps.clone(),
        };
        told.ask(&Author::Bot, begun, Some(id)).expect("begun");
        for step in steps {
            let report = StepReport {
                status: StepStatus::ByHand,
                ..StepReport::succeeded()
            };
            let over = Command::StepOver {
                run: 1,
                step,
                attempt: 1,
                report,
            };
            count(&told.ask(&Author::Bot, over, Some(id)).expect("over"));
        }
    };
    assert!(waiting.len() > 2, "{waiting:?}");
    let run = told.runs()[0].clone();
    let first = saga::number(&run.lever, &plan, &waiting[0]);
    let skips = Command::Step {
        run: Some(1),
        step: Some(StepRef {
            number: first.expect("its number"),
            undo: false,
        }),
        choice: Choice::Skip,
    };
    let decided = told.says(OWNER, skips).expect("decided");
    assert_eq!(count(&decided), (1, waiting.len()));
}

#[test]
fn a_rotation_goes_on_after_the_restart_that_it_causes() {
    use crate::incident::saga::{self, Next, StepReport};
    let mut told = team();
    let text = "P0 it burns".to_owned();
    told.says(OWNER, Command::Declare { text })
        .expect("declared");
    let id = IncidentId::security(2026, 1);
    let mut plan = (*told.chat.incidents[&id].plan).clone();
    let restart = crate::plan::Action::Service {
        connection: "host".to_owned(),
        unit: "breakglass".to_owned(),
        change: crate::plan::ServiceChange::Restart,
    };
    let credential = &mut plan.credentials[0];
    credential.restarts_bot = true;
    credential.check = Some(plan.probes[0].id.clone());
    credential.steps.truncate(1);
    credential.steps[0].action = restart;
    credential.steps[0].idempotent = true;
    let lever = Lever::Rotate {
        credentials: vec![credential.id.clone()],
    };
    let plan = std::sync::Arc::new(plan);
    told.chat.incidents.get_mut(&id).expect("it is open").plan = plan.clone();
    let started = IncidentEvent::RunStarted {
        run: 1,
        fingerprint: lever.fingerprint(&plan).expect("it is known"),
        lever,
        mode: Mode::Live,
        warrant: Warrant::Confirmed,
        asked_by: By::Person(person(ASKER)),
        approved_by: Vec::new(),
        why: None,
    };
    for cut_off_in_order in [true, false] {
        told.happens(By::Bot, Event::Incident(id, started.clone()));
        told.chat
            .incidents
            .get_mut(&id)
            .expect("it is open")
            .runs
            .drain(..1 - usize::from(cut_off_in_order));
        let run = told.runs()[0].clone();
        let Next::Start(steps) = saga::next(&run, &plan, told.now) else {
            panic!("it begins");
        };
        let step = steps[0].clone();
        let begun = Command::StepsBegun { run: 1, steps };
        told.ask(&Author::Bot, begun, Some(id)).expect("begun");
        let ended = if cut_off_in_order {
            Command::StepOver {
                run: 1,
                step: step.clone(),
                attempt: 1,
                report: StepReport::interrupted(),
            }
        } else {
            Command::RunResumed { run: 1 }
        };
        told.ask(&Author::Bot, ended, Some(id)).expect("over");
        let run = told.runs()[0].clone();
        // Not the restart again: its check.
        let Next::Start(steps) = saga::next(&run, &plan, told.now) else {
            panic!("it goes on");
        };
        assert_eq!(steps[0].index, step.index + 1);
    }
}
