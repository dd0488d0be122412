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

pub(super) fn owner() -> Author {
    actor(OWNER, Via::Text)
}

pub(super) fn declare(told: &mut Told, text: &str) -> IncidentId {
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
fn nobody_ticks_a_severity_that_there_is_not() {
    let mut told = Told::claimed();
    let id = declare(&mut told, "something is off");
    let assigned = || ItemRef::Id("severity_assigned".to_owned());
    let open = |told: &Told| {
        !told.chat.incidents[&id]
            .items
            .contains_key("severity_assigned")
    };
    let refusal = told
        .ask(&owner(), Command::Done(vec![assigned()]), Some(id))
        .expect_err("there is none");
    assert!(matches!(&refusal, Refusal::NoSeverityYet { codes, .. } if codes.len() == 4));
    assert!(open(&told));
    let (code, why) = ("P2".to_owned(), None);
    told.ask(&owner(), Command::Severity { code, why }, Some(id))
        .expect("chosen");
    assert!(!open(&told));
    // Once there is one, it is an item like any other.
    told.ask(&owner(), Command::Untick(assigned()), Some(id))
        .expect("opened again");
    told.ask(&owner(), Command::Done(vec![assigned()]), Some(id))
        .expect("ticked by hand");
    assert!(!open(&told));
}

fn posted(told: &mut Told, id: IncidentId) {
    let card = Command::CardPosted {
        message_id: 70 + i64::from(id.number),
        thread_id: None,
    };
    told.ask(&Author::Bot, card, Some(id)).expect("observed");
}

fn is_notified(told: &Told, id: IncidentId) -> bool {
    told.chat.incidents[&id].items.contains_key("team_notified")
}

fn commander() -> Command {
    Command::Contact {
        contact: "incident_commander".to_owned(),
        whom: Whom::Known(person(3)),
        backup: None,
    }
}

#[test]
fn the_team_is_not_notified_while_somebody_is_unknown() {
    let mut told = Told::claimed();
    let id = declare(&mut told, "P1 key leaked");
    posted(&mut told, id);
    assert!(!is_notified(&told, id), "nobody knows the commander");
    told.ask(&owner(), commander(), None).expect("bound");
    assert!(is_notified(&told, id));
    // Now that they are known, the card's delivery is enough again.
    let id = declare(&mut told, "P1 another key leaked");
    assert!(!is_notified(&told, id));
    posted(&mut told, id);
    assert!(is_notified(&told, id));
}

#[test]
fn the_team_is_notified_once_the_role_is_held() {
    let mut told = Told::claimed();
    let id = declare(&mut told, "P1 key leaked");
    posted(&mut told, id);
    let role = |role: &str| Command::Role {
        role: role.to_owned(),
        whom: Whom::Myself,
    };
    told.ask(&owner(), role("investigator"), Some(id))
        .expect("given");
    assert!(!is_notified(&told, id));
    told.ask(&owner(), role("ic"), Some(id)).expect("given");
    assert!(is_notified(&told, id));
}

#[test]
fn a_worse_severity_may_name_somebody_who_is_unknown() {
    let mut told = Told::claimed();
    let id = declare(&mut told, "something is off");
    posted(&mut told, id);
    assert!(
        !is_notified(&told, id),
        "without a severity nobody knows who must be told"
    );
    let severity = |code: &str| Command::Severity {
        code: code.to_owned(),
        why: None,
    };
    told.ask(&owner(), severity("P3"), Some(id))
        .expect("chosen");
    assert!(is_notified(&told, id), "P3 names nobody");
    told.ask(&owner(), severity("P1"), Some(id))
        .expect("raised");
    assert!(!is_notified(&told, id));
    let by_hand = Command::Done(vec![ItemRef::Id("team_notified".to_owned())]);
    told.ask(&owner(), by_hand, Some(id)).expect("by hand");
    assert!(is_notified(&told, id));
    // Those of P0 are everybody; what a person ticked stays.
    told.ask(&owner(), severity("P0"), Some(id))
        .expect("raised");
    told.ask(&owner(), severity("P1"), Some(id))
        .expect("lowered");
    assert!(is_notified(&told, id));
}

#[test]
fn an_incident_is_no_duplicate_of_itself() {
    let mut told = Told::claimed();
    let id = declare(&mut told, "P2 odd logins");
    let kind = CancelAs::DuplicateOf(id);
    let why = "the same".to_owned();
    let refused = told.ask(&owner(), Command::Cancel { kind, why }, Some(id));
    let refusal = refused.expect_err("it is the only one");
    assert!(matches!(refusal, Refusal::DuplicateOfItself { id: of, .. } if of == id));
    assert!(told.chat.incidents[&id].lifecycle.open().is_some());
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
    // A word that the policy does not know is no command, for anybody: nothing is shown of it.
    for author in [&stranger, &owner()] {
        let decision = told.ask(author, misused("hack"), None).expect("an answer");
        let word = "hack".to_owned();
        assert_eq!(
            decision.effects,
            [Effect::Answer(Said::NoSuchCommand { word })]
        );
    }
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
        log_changed: false,
        elsewhere: None,
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
    for effect in [Effect::OfferCommands, Effect::ListAdministrators] {
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
