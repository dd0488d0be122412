use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::incident::{HostRecord, IncidentEvent};

/// One of each kind, and of each kind inside of it.
#[expect(clippy::too_many_lines, reason = "one of each kind")]
pub(crate) fn every() -> Vec<StepFact> {
    let text = |it: &str| it.to_owned();
    let ip: IpAddr = "10.1.2.3".parse().unwrap();
    let variable = || "APP_URL".to_owned();
    let day = NaiveDate::from_ymd_opt(2027, 11, 24).unwrap();
    let mut all = vec![
        StepFact::NotSetUp {
            missing: vec![text("TARS_HOST"), text("TARS_TOKEN")],
        },
        StepFact::NotBegun,
        StepFact::CutOff,
        StepFact::NotDone { millis: 30_000 },
        StepFact::NoAnswer { millis: 500 },
        StepFact::NoEnd,
        StepFact::Broke,
        StepFact::MustNotChange,
        StepFact::OutputLost,
        StepFact::Waited { seconds: 600 },
        StepFact::Exit {
            program: text("sh"),
            code: 3,
        },
        StepFact::Printed {
            program: text("sh"),
            code: 0,
            wanted: text("ok"),
        },
        StepFact::Printed {
            program: text("git"),
            code: 0,
            wanted: String::new(),
        },
        StepFact::PrintedUnread {
            program: text("sh"),
            code: 0,
        },
        StepFact::NotStarted {
            program: text("sh"),
        },
        StepFact::Killed {
            program: text("sh"),
            signal: 9,
        },
        StepFact::NoFolder {
            variable: variable(),
        },
        StepFact::Unit {
            unit: text("n8n"),
            state: text("inactive"),
        },
        StepFact::UnitUnknown { unit: text("n8n") },
        StepFact::Unexpected {
            status: 503,
            expected: vec![200, 204],
        },
        StepFact::WithoutText { status: 200 },
        StepFact::Elsewhere {
            status: 302,
            host: None,
        },
        StepFact::Elsewhere {
            status: 302,
            host: Some(text("evil.example")),
        },
        StepFact::Gateway { status: 502 },
        StepFact::NotReachable,
        StepFact::NoWholeAnswer,
        StepFact::BadPath,
        StepFact::BadHeader {
            name: text("X-Token"),
        },
        StepFact::Rows { count: 1 },
        StepFact::Rows { count: 3 },
        StepFact::RowsChanged { count: 1 },
        StepFact::RowsChanged { count: 3 },
        StepFact::Figure { number: text("7") },
        StepFact::StatementDone,
        StepFact::NotOpened {
            database: text("The users"),
        },
        StepFact::NothingCommitted,
        StepFact::CommitFailed,
        StepFact::CommitUnknown,
        StepFact::AnyPassword { role: text("app") },
        StepFact::PortOpen { port: 443 },
        StepFact::CertificateGood { days: 14 },
        StepFact::CertificateEnds { left: -1, day },
        StepFact::CertificateEnds { left: 4, day },
        StepFact::CertificateEndsWithin { days: 14 },
    ];
    for (kept, missing) in [(1, 0), (3, 0), (1, 2), (3, 2)] {
        all.push(StepFact::Gathered { kept, missing });
    }
    for millis in [None, Some(3000)] {
        all.extend([
            StepFact::Stopped {
                program: text("sh"),
                millis,
            },
            StepFact::UnitStill {
                unit: text("n8n"),
                state: text("deactivating"),
                millis,
            },
            StepFact::PortClosed { port: 443, millis },
        ]);
    }
    let cuts = [
        Cut::Rest,
        Cut::BrokeOff,
        Cut::Late { millis: 30_000 },
        Cut::Stopped,
    ];
    let cuts = cuts.into_iter().map(Some).chain([None]);
    all.extend(cuts.map(|cut| StepFact::Answered { status: 200, cut }));
    let closed = [
        Closed::NotResolved,
        Closed::Late,
        Closed::NoAddress,
        Closed::Never { ip },
        Closed::Private {
            ip,
            variable: variable(),
        },
        Closed::Outside {
            ip,
            variable: variable(),
        },
        Closed::PlainHttp {
            variable: variable(),
        },
    ];
    all.extend(closed.map(|why| StepFact::Address {
        host: text("app.example"),
        why,
    }));
    let wanted = [Wanted::Http, Wanted::Https, Wanted::Host, Wanted::Database];
    all.extend(wanted.map(|wanted| StepFact::BadAddress {
        variable: variable(),
        wanted,
    }));
    for bound in [Bound::AtLeast { least: 4 }, Bound::AtMost { most: 2 }] {
        all.extend([true, false].map(|rows| StepFact::OutOfBounds {
            number: text("3"),
            rows,
            bound,
        }));
    }
    let files = [
        FileFact::Written,
        FileFact::Swapped,
        FileFact::Removed,
        FileFact::Copied,
        FileFact::Read { bytes: 4096 },
        FileFact::AsBefore,
        FileFact::NothingKept,
        FileFact::There,
        FileFact::NotThere,
        FileFact::WasNotThere,
        FileFact::ThereAlready,
        FileFact::Outside,
        FileFact::Link,
        FileFact::NotPlain,
        FileFact::IsFolder,
        FileFact::Taken,
        FileFact::Missing,
        FileFact::Refused,
        FileFact::BrokeOff,
    ];
    all.extend(files.map(|what| StepFact::File {
        path: text("app/.env"),
        what,
    }));
    all
}

fn ended(fact: &Value) -> Value {
    let mut body = json!({
        "event": "step_ended", "run": 1, "attempt": 1, "status": "failed", "summary": "as told",
        "step": { "part": "restore", "index": 0 }, "code": 3,
    });
    if !fact.is_null() {
        body["fact"] = fact.clone();
    }
    body
}

fn fact_of(event: IncidentEvent) -> Option<StepFact> {
    match event {
        IncidentEvent::StepEnded { fact, summary, .. } => {
            assert_eq!(summary, "as told");
            fact
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_fact_comes_back_out_of_an_event() {
    for fact in every() {
        let body = ended(&serde_json::to_value(&fact).unwrap());
        let event: IncidentEvent = serde_json::from_value(body.clone()).unwrap();
        assert_eq!(serde_json::to_value(&event).unwrap()["fact"], body["fact"]);
        assert_eq!(fact_of(event), Some(fact.clone()));
        assert_eq!(fact.changed(str::to_owned), Some(fact));
    }
}

#[test]
fn an_event_from_before_there_were_facts_is_read_and_written_as_it_was() {
    let event: IncidentEvent = serde_json::from_value(ended(&Value::Null)).unwrap();
    let written = serde_json::to_string(&event).unwrap();
    assert!(!written.contains("fact"), "{written}");
    let again: IncidentEvent = serde_json::from_str(&written).unwrap();
    assert_eq!(again, event);
    assert_eq!(fact_of(event), None);
}

#[test]
fn every_text_of_a_fact_can_be_changed() {
    for fact in every() {
        let asked = std::cell::RefCell::new(Vec::new());
        fact.changed(|text| {
            asked.borrow_mut().push(text.to_owned());
            text.to_owned()
        });
        let written = serde_json::to_string(&fact).unwrap();
        // Every quoted value, but not the names of fields.
        let texts = written.matches('"').count() / 2 - written.matches("\":").count();
        assert_eq!(asked.borrow().len(), texts, "{written}");
    }
    let fact = StepFact::Exit {
        program: "hunter22".into(),
        code: 1,
    };
    let hidden = fact.changed(|text| text.replace("hunter22", "[secret]"));
    let program = "[secret]".to_owned();
    assert_eq!(hidden, Some(StepFact::Exit { program, code: 1 }));
}

proptest! {
    #[test]
    fn what_a_later_version_writes_breaks_no_event(
        kind in "[a-z_]{1,20}",
        field in "[a-z]{1,8}",
        value in prop_oneof![Just(json!(null)), Just(json!(-1)), Just(json!("x")), Just(json!([1, {}]))],
    ) {
        for fact in [
            json!({ "fact": kind, field.clone(): value.clone() }),
            json!({ "fact": "exit", "program": value.clone() }),
            json!({ "fact": "file", "path": "x", "what": kind }),
            value.clone(),
        ] {
            let event: IncidentEvent = serde_json::from_value(ended(&fact)).unwrap();
            if let Some(known) = fact_of(event) {
                prop_assert_eq!(Some(&serde_json::to_value(known).unwrap()["fact"]), fact.get("fact"));
            }
            let record = json!({
                "record": "ended", "step": { "part": "p", "index": 0 }, "name": "n",
                "outcome": "failed", "summary": "as told", "fact": fact,
            });
            let record: HostRecord = serde_json::from_value(record).unwrap();
            prop_assert!(matches!(record, HostRecord::Ended { .. }), "not an end");
        }
    }
}
