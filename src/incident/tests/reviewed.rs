//! Single rules, each with the case that it is there for.

use super::*;

fn standing(told: &mut Told, standing: Standing) -> Decision {
    let command = Command::BotStanding { standing, by: None };
    told.ask(&Author::Bot, command, None).expect("observed")
}

fn administrator() -> Standing {
    Standing::Administrator {
        can_pin: true,
        can_manage_topics: false,
        can_delete: false,
    }
}

fn owner() -> Author {
    actor(OWNER, Via::Text)
}

fn declare(told: &mut Told, text: &str) -> IncidentId {
    let text = text.to_owned();
    told.now += Duration::minutes(11);
    told.ask(&owner(), Command::Declare { text }, None)
        .expect("declared");
    IncidentId::security(2026, told.next - 1)
}

#[test]
fn administrators_count_only_while_the_bot_is_one() {
    let mut told = Told::claimed();
    standing(&mut told, Standing::Member);
    let on = Command::Setup(Setup::Admins(true));
    let refusal = told.ask(&owner(), on.clone(), None).expect_err("a member");
    assert!(matches!(refusal, Refusal::BotIsNoAdministrator { .. }));
    let decision = standing(&mut told, administrator());
    assert!(decision.effects.contains(&Effect::ListAdministrators));
    told.ask(&owner(), on, None).expect("an administrator");
    let ids = BTreeSet::from([UserId(2)]);
    told.ask(&Author::Bot, Command::Administrators { ids }, None)
        .expect("observed");
    let has = |told: &Told| policy::standing(&told.chat, &[], UserId(2));
    assert_eq!(has(&told), Permission::Commander);
    standing(&mut told, Standing::Member);
    assert_eq!(has(&told), Permission::Responder);
}

#[test]
fn usage_is_shown_to_those_who_may_use_it() {
    let mut told = Told::claimed();
    let everybody = Setup::Responders { everybody: false };
    told.ask(&owner(), Command::Setup(everybody), None)
        .expect("set up");
    let stranger = actor(4, Via::Text);
    let misused = |verb: &str| Command::Misused { verb: verb.into() };
    for word in ["done", "rotate", "restore", "setup", "audit", "status"] {
        let refusal = told
            .ask(&stranger, misused(word), None)
            .expect_err("a stranger");
        assert!(
            matches!(refusal, Refusal::NotAllowed { verb, .. } if verb == word),
            "{refusal:?}"
        );
        told.ask(&owner(), misused(word), None).expect("an owner");
    }
    told.ask(&stranger, misused("hack"), None)
        .expect("no such command");
    let about = Some("done".to_owned());
    told.ask(&stranger, Command::Help { about }, None)
        .expect("help is open");
}

#[test]
fn times_that_cannot_be_are_refused() {
    let mut told = Told::claimed();
    declare(&mut told, "P1 x");
    let set = |told: &mut Told, value: &str| {
        let (field, value) = ("started".to_owned(), value.to_owned());
        told.ask(&owner(), Command::Set { field, value }, None)
    };
    for value in ["2026-02-17 14:30", "2016-02-17 14:00", "2062-02-17 14:00"] {
        let refusal = set(&mut told, value).expect_err(value);
        assert!(matches!(
            refusal,
            Refusal::BadValue {
                wants: "likely-time",
                ..
            }
        ));
    }
    for value in ["now", "14:15", "2025-03-01 10:00"] {
        set(&mut told, value).expect(value);
    }
}

#[test]
fn two_duplicates_of_each_other_do_not_both_end() {
    let mut told = Told::claimed();
    let [a, b, c] = ["P1 a", "P1 b", "P1 c"].map(|text| declare(&mut told, text));
    let cancel = |told: &mut Told, id, other| {
        let (kind, why) = (CancelAs::DuplicateOf(other), "same".to_owned());
        told.ask(&owner(), Command::Cancel { kind, why }, Some(id))
    };
    cancel(&mut told, a, b).expect("b is open");
    let refusal = cancel(&mut told, b, a).expect_err("a circle");
    assert!(matches!(refusal, Refusal::WrongState { id, .. } if id == a));
    cancel(&mut told, c, a).expect("a is handled as b");
    let ended = &told.chat.incidents[&c].lifecycle;
    assert!(
        matches!(ended, Lifecycle::Cancelled(it) if it.kind == Cancellation::DuplicateOf(b)),
        "{ended:?}"
    );
}

#[test]
fn a_declaration_in_a_topic_is_asked_about_that_incident() {
    let mut told = Told::claimed();
    let here = declare(&mut told, "P1 here");
    let made = Command::TopicMade { thread_id: 77 };
    told.ask(&Author::Bot, made, Some(here)).expect("observed");
    let separate = Command::Declare {
        text: "P1 there".to_owned(),
    };
    told.ask(&owner(), separate, None).expect("asked");
    let answer = Command::DeclareAnswer {
        ask: None,
        separate: true,
    };
    told.ask(&owner(), answer, None).expect("declared");
    let request = Request {
        command: Command::Declare {
            text: "P1 again".to_owned(),
        },
        incident: None,
        origin: Origin {
            thread_id: Some(77),
            ..Origin::default()
        },
    };
    let env = Env {
        now: told.now,
        next_id: IncidentId::security(2026, told.next),
        plans: &told.plans,
        languages: &["en"],
        owners: &[person(OWNER)],
        dice: [7; 32],
    };
    let decision = decide(&told.chat, &request, &owner(), env).expect("asked");
    let asked = decision.events.iter().any(|(_, event)| {
        matches!(event, Event::Chat(ChatEvent::Asked { question: Question::SameIncident { incident, .. }, .. })
            if *incident == here)
    });
    assert!(asked, "{:?}", decision.events);
}

#[test]
fn a_chat_that_moved_gets_its_menus_anew() {
    let mut told = Told::claimed();
    let grant = Command::Grant {
        permission: Permission::Commander,
        whom: Whom::Known(person(2)),
    };
    told.ask(&owner(), grant, None).expect("granted");
    let moved = Command::Migrated {
        from: -1,
        to: -1001,
    };
    let decision = told.ask(&Author::Bot, moved, None).expect("observed");
    for effect in [
        Effect::OfferCommands,
        Effect::OfferCommandsTo(UserId(2)),
        Effect::ListAdministrators,
    ] {
        assert!(decision.effects.contains(&effect), "{effect:?}");
    }
}

/// Bob reports `text` a minute after the owner declared a P1; nobody answers the question.
fn left_unanswered(text: &str) -> (Told, Decision, DateTime<Utc>) {
    let mut told = Told::claimed();
    declare(&mut told, "P1 key leaked");
    told.now += Duration::minutes(1);
    let reported = told.now;
    let text = text.to_owned();
    let bob = actor(3, Via::Text);
    let asked = told
        .ask(&bob, Command::Declare { text }, None)
        .expect("asked");
    told.now += Duration::minutes(10);
    told.ask(&Author::Bot, Command::Lapse { ask: 1 }, None)
        .expect("lapsed");
    assert!(told.chat.asks.is_empty());
    (told, asked, reported)
}

#[test]
fn a_worse_report_that_nobody_answers_for_keeps_its_reporter() {
    let (told, asked, reported) = left_unanswered("P0 customers lose money");
    let aloud = |it: &Effect| matches!(it, Effect::AnswerAloud(Said::Ask { .. }));
    assert!(asked.effects.iter().any(aloud), "{:?}", asked.effects);
    let incident = &told.chat.incidents[&IncidentId::security(2026, 2)];
    assert_eq!(incident.declared_by, By::Person(person(3)));
    assert_eq!(incident.declared_at, reported);
    assert!(incident.participants().contains(&UserId(3)));
    let opened = incident.lifecycle.open().expect("open");
    assert_eq!(opened.since, reported + Duration::minutes(10));
    let answered = told.log.last().expect("an event");
    assert_eq!(
        (&answered.by, &answered.event),
        (&By::Bot, &Event::Chat(ChatEvent::Answered { ask: 1 }))
    );
}

#[test]
fn a_report_that_joins_an_incident_says_whose_it_was_and_when() {
    let (told, asked, reported) = left_unanswered("P2 odd requests");
    let quiet = |it: &Effect| matches!(it, Effect::Answer(Said::Ask { .. }));
    assert!(asked.effects.iter().any(quiet), "{:?}", asked.effects);
    let incident = &told.chat.incidents[&IncidentId::security(2026, 1)];
    let again = incident.timeline.iter().find_map(|it| match &it.event {
        Event::Incident(_, IncidentEvent::AlsoReported { reported_at, .. }) => {
            Some((&it.by, *reported_at))
        }
        _ => None,
    });
    assert_eq!(again, Some((&By::Person(person(3)), Some(reported))));
}

#[test]
fn reports_of_an_older_version_are_read() {
    let old = r#"{"event":"also_reported","title":"odd"}"#;
    let read: IncidentEvent = serde_json::from_str(old).expect("read");
    let title = "odd".to_owned();
    let reported_at = None;
    assert_eq!(read, IncidentEvent::AlsoReported { title, reported_at });
}

const ASSIGNED: &str = "actions_assigned";

/// In the last phase of an incident, with the rule of each item left to the facts.
fn at_the_end() -> (Told, IncidentId) {
    let mut told = Told::claimed();
    let id = declare(&mut told, "P1 key leaked");
    while told.chat.incidents[&id].next_phase().is_some() {
        next(&mut told);
    }
    (told, id)
}

fn next(told: &mut Told) {
    let (force, from) = (Some("a test".to_owned()), None);
    told.ask(&owner(), Command::Next { force, from }, None)
        .expect("forced");
}

fn follow_up(told: &mut Told, whole: bool) {
    let command = Command::Todo {
        text: "scan the repositories".to_owned(),
        owner: whole.then_some(Whom::Myself),
        due: whole.then(|| start().date_naive()),
    };
    told.ask(&owner(), command, None).expect("added");
}

/// What the plan itself wants done gets an owner and a date, too.
fn assign_all(told: &mut Told, id: IncidentId) {
    let all = told.chat.incidents[&id].follow_ups.clone();
    for it in all
        .iter()
        .filter(|it| it.owner.is_none() || it.due.is_none())
    {
        let command = Command::TodoAssign {
            number: it.number,
            owner: Whom::Myself,
            due: Some(start().date_naive()),
        };
        told.ask(&owner(), command, None).expect("assigned");
    }
}

fn report(told: &mut Told) {
    let format = "md".to_owned();
    told.ask(&owner(), Command::Report { format }, None)
        .expect("written");
}

fn is_ticked(told: &Told, id: IncidentId, item: &str) -> bool {
    let state = told.chat.incidents[&id].items.get(item);
    matches!(state, Some(ItemState::Ticked { .. }))
}

/// The ids of the items that a fact ticks.
fn bound_to(told: &Told, id: IncidentId, tick: plan::AutoTick) -> Vec<(usize, String)> {
    let items = told.chat.incidents[&id].plan.items();
    items
        .filter(|(.., item)| item.auto == Some(tick))
        .map(|(_, phase, item)| (phase, item.id.clone()))
        .collect()
}

#[test]
fn what_belongs_to_the_end_is_not_ticked_before_it() {
    let mut told = Told::claimed();
    let id = declare(&mut told, "P1 key leaked");
    let mut late = bound_to(&told, id, plan::AutoTick::ReportCompleted);
    late.extend(bound_to(&told, id, plan::AutoTick::ActionItemsAssigned));
    assert!(late.len() >= 2, "{late:?}");
    let last = told.chat.incidents[&id].plan.phases.len() - 1;
    for here in 0..=last {
        assign_all(&mut told, id);
        follow_up(&mut told, true);
        report(&mut told);
        for (phase, item) in &late {
            let ticked = is_ticked(&told, id, item);
            assert_eq!(ticked, *phase <= here, "{item} in phase {here}");
        }
        if here < last {
            next(&mut told);
        }
    }
}

#[test]
fn a_follow_up_without_owner_or_date_takes_the_tick_of_the_fact_back() {
    let (mut told, id) = at_the_end();
    assign_all(&mut told, id);
    follow_up(&mut told, true);
    assert!(is_ticked(&told, id, ASSIGNED));
    follow_up(&mut told, false);
    assert!(!is_ticked(&told, id, ASSIGNED));
    let by = told.log.last().map(|it| &it.by);
    assert_eq!(by, Some(&By::Bot));
    // Once it has both, the fact holds again.
    assign_all(&mut told, id);
    assert!(is_ticked(&told, id, ASSIGNED));
}

#[test]
fn a_tick_by_hand_stays() {
    let (mut told, id) = at_the_end();
    let by_hand = Command::Done(vec![ItemRef::Id(ASSIGNED.to_owned())]);
    told.ask(&owner(), by_hand, None).expect("ticked");
    follow_up(&mut told, false);
    assert!(is_ticked(&told, id, ASSIGNED));
}

#[test]
fn nobody_sends_the_list_of_all_chats() {
    let mut told = Told::claimed();
    let (open, unread) = (Vec::new(), 0);
    let list = Command::StatusEverywhere { open, unread };
    let refusal = told
        .ask(&owner(), list, None)
        .expect_err("not even an owner");
    assert!(matches!(refusal, Refusal::NotAllowed { .. }), "{refusal:?}");
}

/// What people do about follow-ups, and about the item that says that they are given out.
fn about_follow_ups() -> impl Strategy<Value = Command> {
    let item = || ItemRef::Id(ASSIGNED.to_owned());
    let text = "look again".to_owned();
    prop_oneof![
        3 => (proptest::option::of(Just(Whom::Myself)), due())
            .prop_map(move |(owner, due)| Command::Todo { text: text.clone(), owner, due }),
        3 => (1_u32..8, due())
            .prop_map(|(number, due)| Command::TodoAssign { number, owner: Whom::Myself, due }),
        2 => (1_u32..8).prop_map(|number| Command::TodoDone { number }),
        1 => Just(Command::Done(vec![item()])),
        1 => Just(Command::Untick(item())),
    ]
}

proptest! {
    #[test]
    fn a_fact_ticks_only_while_it_holds(
        sequence in proptest::collection::vec(about_follow_ups(), 1..24)
    ) {
        let (mut told, id) = at_the_end();
        for command in sequence {
            // Some are refused: there is no such follow-up, nothing to untick.
            let _ = told.ask(&owner(), command, None);
            let incident = &told.chat.incidents[&id];
            let given = |it: &FollowUp| it.done || (it.owner.is_some() && it.due.is_some());
            if let Some(ItemState::Ticked { by: By::Bot, .. }) = incident.items.get(ASSIGNED) {
                prop_assert!(incident.follow_ups.iter().all(given), "{:?}", incident.follow_ups);
            }
        }
        let mut replayed = Chat::new(ChatKey(1));
        for recorded in told.log {
            apply(&mut replayed, recorded, &told.plans).expect("the log can be folded");
        }
        prop_assert_eq!(replayed, told.chat);
    }
}

#[test]
fn a_contact_is_bound_by_the_short_word_of_its_role() {
    let mut told = Told::claimed();
    for (word, contact) in [
        ("ic", "incident_commander"),
        ("Incident Commander", "incident_commander"),
        ("comms", "communications"),
        ("legal", "legal"),
    ] {
        let bind = Command::Contact {
            contact: word.to_owned(),
            whom: Whom::Known(person(2)),
            backup: None,
        };
        told.ask(&owner(), bind, None).expect(word);
        assert!(told.chat.contacts.contains_key(contact), "{word}");
    }
    let bind = Command::Contact {
        contact: "remediator".to_owned(),
        whom: Whom::Myself,
        backup: None,
    };
    let refusal = told
        .ask(&owner(), bind, None)
        .expect_err("no contact is called so");
    assert!(matches!(refusal, Refusal::UnknownWord { .. }));
}
