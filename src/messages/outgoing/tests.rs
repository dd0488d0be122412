//! What is promised of it.

use super::*;

#[test]
fn a_body_is_compact_and_comes_back_whole() {
    let message = Outgoing::Message(Message {
        html: "Hello".into(),
        keyboard: Some(Keyboard(vec![vec![
            Button::press("2 ✓", "1:d:2").styled(Style::Success),
        ]])),
        place: Place::Incident("SEC-2026-001".into()),
        ..Message::default()
    });
    let body = message.to_body();
    assert_eq!(
        body,
        r#"{"t":"message","html":"Hello","keyboard":[[{"n":"2 ✓","d":"1:d:2","s":"success"}]],"place":{"incident":"SEC-2026-001"}}"#
    );
    assert_eq!(Outgoing::from_body(&body).unwrap(), message);
}

#[test]
fn every_kind_comes_back_whole() {
    for outgoing in [
        Outgoing::Edit {
            message_id: 1,
            html: "x".into(),
            keyboard: None,
        },
        Outgoing::Card {
            incident: "SEC-2026-001".into(),
        },
        Outgoing::Toast {
            callback_id: "9".into(),
            text: String::new(),
            alert: true,
            until: 5,
        },
        Outgoing::Reaction {
            message_id: 1,
            emoji: "👌".into(),
            fallback: Some("Done.".into()),
            place: Place::Thread(3),
        },
        Outgoing::Document(Document {
            name: "r.md".into(),
            ..Document::default()
        }),
        Outgoing::Topic {
            incident: "SEC-2026-001".into(),
            name: "n".into(),
            icon: None,
        },
        Outgoing::Unpin { message_id: 2 },
        Outgoing::File(FileOut {
            incident: "SEC-2026-001".into(),
            ..FileOut::default()
        }),
        Outgoing::Commands {
            scope: Scope::Member(7),
            language: Some("en".into()),
            commands: vec![("ack".into(), "x".into())],
        },
        Outgoing::Leave,
        Outgoing::Administrators,
    ] {
        assert_eq!(Outgoing::from_body(&outgoing.to_body()).unwrap(), outgoing);
    }
}

#[test]
fn errands_are_told_by_the_beginning_of_their_body() {
    let store = Outgoing::Store {
        incident: "SEC-2026-001".into(),
        number: 2,
    };
    let export = Outgoing::Export {
        incident: "SEC-2026-001".into(),
        number: 1,
        place: Place::Thread(3),
        reply_to: Some(4),
    };
    let look = Outgoing::LookInto(FileIn {
        file_id: "f".into(),
        message_id: 5,
        thread_id: None,
        author: None,
        private: false,
    });
    for errand in [store, export, look] {
        let body = errand.to_body();
        assert!(Outgoing::is_errand(&body), "{body}");
        assert_eq!(Outgoing::from_body(&body).unwrap(), errand);
    }
    assert!(!Outgoing::is_errand(&Outgoing::Leave.to_body()));
}

#[test]
fn lanes_are_ordered_by_urgency() {
    assert!(Lane::Emergency < Lane::Incident && Lane::Incident < Lane::Routine);
    for lane in [Lane::Emergency, Lane::Incident, Lane::Routine] {
        assert_eq!(Lane::of(lane.number()), lane);
    }
}
