//! What was typed, and what it means.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::*;
use crate::incident::policy;
use crate::incident::{CancelAs, Choice, ItemRef, Pull, StepRef};
use crate::telegram::incoming::{Incoming, What};

struct Known(HashMap<&'static str, Person>);

impl Directory for Known {
    fn by_username(&self, username: &str) -> Option<Person> {
        self.0.get(username.to_lowercase().as_str()).cloned()
    }

    fn by_id(&self, id: UserId) -> Option<Person> {
        self.0.values().find(|person| person.id == id).cloned()
    }
}

fn bob() -> Person {
    Person {
        id: UserId(70_001),
        name: "Bob".into(),
        username: Some("bob".into()),
    }
}

fn alice() -> Person {
    Person {
        id: UserId(70_002),
        name: "Alice".into(),
        username: Some("alice".into()),
    }
}

fn message(text: &str, more: &Value) -> MessageIn {
    let mut message = json!({
        "message_id": 5, "date": 1_771_336_800, "text": text,
        "chat": {"id": -1, "type": "group", "title": "War room"},
        "from": {"id": 70_002, "is_bot": false, "first_name": "Alice", "username": "alice"}
    });
    for (name, value) in more.as_object().expect("an object") {
        message[name] = value.clone();
    }
    let raw = json!({"update_id": 1, "message": message}).to_string();
    match Incoming::read(&raw).expect("readable").what {
        What::Message(message) => *message,
        other => panic!("{other:?}"),
    }
}

fn command(text: &str) -> Option<Command> {
    read_with(text, &json!({})).map(|read| read.command)
}

fn read_with(text: &str, more: &Value) -> Option<Read> {
    let people = Known([("bob", bob()), ("alice", alice())].into());
    read(&message(text, more), "breakglass_bot", &people)
}

#[test]
fn commands_are_read_whatever_white_space_and_case_they_have() {
    let declared = Some(Command::Declare {
        text: "P1 key leaked".into(),
    });
    for text in [
        "/declare P1 key leaked",
        "/declare\nP1 key leaked",
        "/declare\u{a0}P1 key leaked",
        "/DECLARE@Breakglass_Bot   P1 key leaked ",
    ] {
        assert_eq!(command(text), declared, "{text:?}");
    }
    assert_eq!(command("/declare@another_bot P1 x"), None);
    assert_eq!(command("declare P1"), None);
    assert_eq!(command("/declared P1"), None);
    assert_eq!(command("/readiness"), None, "a later version brings it");
}

#[test]
fn levers_and_answers_are_read() {
    let pull = |verb, words: &str| {
        Some(Command::Pull(Pull {
            verb,
            words: words.to_owned(),
        }))
    };
    assert_eq!(
        command("/emergency_shutdown now emergency_shutdown it burns"),
        pull("emergency_shutdown", "now emergency_shutdown it burns")
    );
    assert_eq!(command("/rotate"), pull("rotate", ""));
    assert_eq!(
        command("/run block_address 203.0.113.7"),
        pull("run", "block_address 203.0.113.7")
    );
    for text in ["/lockdown /restore", "/restore\n/ROLLBACK@x 1a2b3c4"] {
        let read = command(text);
        assert!(matches!(read, Some(Command::TwoLevers { .. })), "{text}");
    }
    assert_eq!(
        command("/lockdown the path /etc/passwd was read"),
        pull("lockdown", "the path /etc/passwd was read")
    );
    for text in ["/approve R7 42", "/approve r7  42", "/approve 7 42"] {
        let approve = Command::Approve {
            request: 7,
            words: "42".into(),
            nonce: None,
        };
        assert_eq!(command(text), Some(approve), "{text}");
    }
    let deny = Command::Deny {
        request: 7,
        nonce: None,
    };
    assert_eq!(command("/deny R7"), Some(deny));
    for text in [
        "/approve",
        "/approve it",
        "/deny -1",
        "/abort R",
        "/abort R99999999999",
    ] {
        let read = command(text);
        assert!(matches!(read, Some(Command::Misused { .. })), "{text}");
    }
}

#[test]
fn an_id_may_stand_first() {
    let read = read_with("/done sec-2026-007 2, 3", &json!({})).expect("read");
    assert_eq!(read.incident, Some(IncidentId::security(2026, 7)));
    assert_eq!(
        read.command,
        Command::Done(vec![ItemRef::Number(2), ItemRef::Number(3)])
    );
    // Without its dashes it is none, and no item either: the core says what was meant.
    assert_eq!(
        command("/done SEC2026003 5"),
        Some(Command::Done(vec![
            ItemRef::Id("SEC2026003".into()),
            ItemRef::Number(5)
        ]))
    );
    assert_eq!(
        command("/done two"),
        Some(Command::Misused {
            verb: "done".into()
        })
    );
}

#[test]
fn people_are_found_by_name_reply_link_or_id() {
    let role = |whom| {
        Some(Command::Role {
            role: "investigator".into(),
            whom,
        })
    };
    assert_eq!(command("/role investigator"), role(Whom::Myself));
    assert_eq!(
        command("/role investigator @Bob"),
        role(Whom::ByName(bob()))
    );
    assert_eq!(
        command("/role @nobody investigator"),
        role(Whom::Unknown("@nobody".into()))
    );
    assert_eq!(
        command("/role investigator 70001"),
        role(Whom::Known(bob()))
    );
    let reply = json!({"reply_to_message": {"message_id": 4, "date": 1, "text": "hm",
        "from": {"id": 70_001, "is_bot": false, "first_name": "Bob", "username": "bob"}}});
    let read = read_with("/role investigator", &reply).expect("read");
    assert_eq!(Some(read.command), role(Whom::Known(bob())));
    let link = json!({"entities": [{"type": "text_mention", "offset": 19, "length": 8,
        "user": {"id": 9, "is_bot": false, "first_name": "Ann", "last_name": "Lee"}}]});
    let read = read_with("/role investigator Ann L 😀", &link).expect("read");
    assert!(
        matches!(read.command, Command::Role { whom: Whom::Known(person), .. } if person.id == UserId(9))
    );
}

#[test]
fn follow_ups_have_an_owner_and_a_date() {
    let day = |text: &str| text.parse::<chrono::NaiveDate>().ok();
    let todo = |text: &str, owner, due| {
        Some(Command::Todo {
            text: text.into(),
            owner,
            due,
        })
    };
    let bobs = Some(Whom::ByName(bob()));
    assert_eq!(command("/todo scan repos"), todo("scan repos", None, None));
    assert_eq!(
        command("/todo scan repos @bob 2026-03-01"),
        todo("scan repos", bobs.clone(), day("2026-03-01"))
    );
    assert_eq!(
        command("/todo scan repos @bob by tomorrow"),
        todo("scan repos", bobs.clone(), day("2026-02-18"))
    );
    assert_eq!(
        command("/todo scan 3d"),
        todo("scan", None, day("2026-02-20"))
    );
    assert_eq!(
        command("/todo done 3"),
        Some(Command::TodoDone { number: 3 })
    );
    let assigned = Command::TodoAssign {
        number: 3,
        owner: Whom::ByName(bob()),
        due: day("2026-03-01"),
    };
    assert_eq!(command("/todo 3 @bob 2026-03-01"), Some(assigned));
}

#[test]
fn contacts_may_have_a_backup() {
    let read = command("/contact legal @bob backup @alice");
    let backup = Some(Whom::ByName(alice()));
    let wanted = Command::Contact {
        contact: "legal".into(),
        whom: Whom::ByName(bob()),
        backup,
    };
    assert_eq!(read, Some(wanted));
    assert_eq!(
        command("/contact legal"),
        Some(Command::Misused {
            verb: "contact".into()
        })
    );
}

#[test]
fn endings_say_why() {
    let cancel = |kind, why: &str| {
        Some(Command::Cancel {
            kind,
            why: why.into(),
        })
    };
    assert_eq!(
        command("/cancel false_alarm a test"),
        cancel(CancelAs::FalseAlarm, "a test")
    );
    let other = CancelAs::DuplicateOf(IncidentId::security(2026, 1));
    assert_eq!(
        command("/cancel duplicate of SEC-2026-001 same"),
        cancel(other, "same")
    );
    assert_eq!(
        command("/cancel"),
        Some(Command::Misused {
            verb: "cancel".into()
        })
    );
    assert_eq!(
        command("/close force no more"),
        Some(Command::Close {
            force: Some("no more".into())
        })
    );
    assert_eq!(
        command("/next"),
        Some(Command::Next {
            force: None,
            from: None
        })
    );
    assert_eq!(
        command("/next force"),
        Some(Command::Next {
            force: Some(String::new()),
            from: None
        })
    );
}

#[test]
fn a_slip_never_acts_on_another_incident() {
    let misused = |verb: &str| Some(Command::Misused { verb: verb.into() });
    assert_eq!(command("/next SEC-2026-01x"), misused("next"));
    assert_eq!(command("/close SEC-2O26-001"), misused("close"));
    assert_eq!(command("/close because done"), misused("close"));
    assert_eq!(
        command("/cancel false_alarm SEC-2026-0x4 nothing"),
        misused("cancel")
    );
    let read = read_with("/cancel false_alarm SEC-2026-004 nothing", &json!({})).expect("read");
    assert_eq!(read.incident, Some(IncidentId::security(2026, 4)));
    let read = read_with("/declare SEC-2026-003 came back", &json!({})).expect("read");
    assert_eq!(read.incident, None, "the id belongs to what is declared");
    let text = "SEC-2026-003 came back".to_owned();
    assert_eq!(read.command, Command::Declare { text });
}

#[test]
fn setup_is_one_step_at_a_time() {
    let setup = |setup| Some(Command::Setup(setup));
    assert_eq!(command("/setup"), setup(Setup::Show));
    assert_eq!(
        command("/setup plan jarvis"),
        setup(Setup::Plan("jarvis".into()))
    );
    assert_eq!(command("/setup admins on"), setup(Setup::Admins(true)));
    assert_eq!(
        command("/setup responders granted"),
        setup(Setup::Responders { everybody: false })
    );
    assert_eq!(
        command("/setup admins maybe"),
        Some(Command::Misused {
            verb: "setup".into()
        })
    );
    assert_eq!(command("/language en"), setup(Setup::Language("en".into())));
}

#[test]
fn every_listed_command_is_described() {
    let listed: Vec<String> = Name::bot_commands()
        .into_iter()
        .map(|it| it.command)
        .collect();
    let described: Vec<&str> = crate::messages::command_names().collect();
    for name in &listed {
        assert!(
            described.contains(&name.trim_start_matches('/')),
            "{name} has no description"
        );
    }
    assert_eq!(listed.len(), described.len());
}

#[test]
fn runs_are_decided_about_by_number_or_without() {
    let step = |run, step: Option<u32>, choice| {
        let step = step.map(|number| StepRef {
            number,
            undo: false,
        });
        Some(Command::Step { run, step, choice })
    };
    assert_eq!(
        command("/step 3 2 retry"),
        step(Some(3), Some(2), Choice::Retry)
    );
    assert_eq!(command("/step 3 DONE"), step(Some(3), None, Choice::Done));
    assert_eq!(command("/step undo"), step(None, None, Choice::Undo));
    let misused = Some(Command::Misused {
        verb: "step".into(),
    });
    for text in [
        "/step",
        "/step 3",
        "/step 3 2 1 done",
        "/step 3 maybe",
        "/step 3 done now",
    ] {
        assert_eq!(command(text), misused, "{text}");
    }
    let abort = |run, why: &str| {
        Some(Command::AbortRun {
            run,
            why: why.into(),
        })
    };
    assert_eq!(command("/abort"), abort(None, ""));
    assert_eq!(command("/abort 3"), abort(Some(3), ""));
    assert_eq!(
        command("/abort #3 wrong system"),
        abort(Some(3), "wrong system")
    );
    assert_eq!(command("/abort wrong system"), abort(None, "wrong system"));
}

#[test]
fn the_policy_knows_every_command() {
    let names: Vec<String> = Name::bot_commands()
        .into_iter()
        .map(|it| it.command.trim_start_matches('/').to_owned())
        .collect();
    assert!(names.len() > 40, "{names:?}");
    for name in &names {
        let found = policy::tier_of_word(name).map(|(word, _)| word);
        assert_eq!(found, Some(name.as_str()), "/{name} has no tier");
    }
    for word in crate::messages::command_names() {
        assert!(names.iter().any(|name| name == word), "/{word} is not read");
    }
    assert_eq!(policy::tier_of_word("hack"), None);
}

#[test]
fn one_slip_is_understood_and_a_foreign_word_is_not() {
    for (word, meant) in [
        ("don", "done"),
        ("donee", "done"),
        ("dome", "done"),
        ("decalre", "declare"),
        ("delare", "declare"),
        ("emergency_shutdwn", "emergency_shutdown"),
    ] {
        assert_eq!(nearest(word).as_deref(), Some(meant), "{word}");
    }
    for word in [
        "", "d", "ru", "ban", "mute", "weather", "decl", "one", "dnoee", "дone",
    ] {
        assert_eq!(nearest(word), None, "{word}");
    }
}
