//! Secrets that were pasted: what an event says of them, and what is told again.

use super::*;
use crate::incident::{LeakIn, SecretIn};

fn secret(name: &str, fits: &[&str]) -> SecretIn {
    SecretIn {
        name: name.to_owned(),
        fits: fits.iter().map(|it| (*it).to_owned()).collect(),
        count: 1,
    }
}

#[test]
fn removals_of_an_older_version_are_read_and_written_the_same() {
    for (old, unmatched) in [
        (
            r#"{"event":"secret_removed","names":["n8n API key","GitHub token"],"messages":[7],"credential":"n8n_api_key","deleted":true}"#,
            vec![],
        ),
        (
            r#"{"event":"secret_removed","names":["GitHub token","Stripe key"],"messages":[7],"deleted":false,"evidence":3}"#,
            vec![("GitHub token", 1), ("Stripe key", 1)],
        ),
    ] {
        let read: IncidentEvent = serde_json::from_str(old).expect("read");
        assert_eq!(serde_json::to_string(&read).expect("JSON"), old);
        let pasted = read.pasted().expect("a paste");
        assert_eq!((pasted.secrets, pasted.unmatched), (2, unmatched));
    }
}

#[test]
fn each_secret_of_a_message_is_looked_up_by_itself_and_told_once() {
    let mut told = Told::claimed();
    reviewed::declare(&mut told, "P1 key leaked");
    let mut leak = LeakIn {
        found: vec![
            secret("secret value", &["nextauth_secret", "nextauth"]),
            secret("n8n API key", &["n8n"]),
        ],
        messages: vec![7],
        author: None,
        private: true,
        evidence: None,
    };
    let seen = |told: &mut Told, leak: &LeakIn| {
        let command = Command::SecretSeen(leak.clone());
        let decision = told.ask(&Author::Bot, command, None).expect("seen");
        decision.events
    };
    assert_eq!(seen(&mut told, &leak).len(), 1);
    assert!(seen(&mut told, &leak).is_empty(), "it is told");
    // The kind is the same, but nobody heard of this one.
    leak.found.push(secret("secret value", &["stripe"]));
    let events = seen(&mut told, &leak);
    let (_, Event::Incident(_, event)) = &events[0] else {
        panic!("{events:?}");
    };
    let pasted = event.pasted().expect("a paste");
    assert_eq!(pasted.credentials, ["nextauth_secret", "n8n_api_key"]);
    assert_eq!(pasted.unmatched, [("secret value", 1)]);
    assert_eq!((pasted.names.len(), pasted.secrets), (2, 3));
}
