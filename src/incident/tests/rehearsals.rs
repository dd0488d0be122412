//! Drills and dry runs: what is real stays apart from what is played.

use super::*;

fn owner() -> Author {
    actor(OWNER, Via::Text)
}

fn says(told: &mut Told, command: Command) -> Result<Decision, Refusal> {
    told.ask(&owner(), command, None)
}

fn drill(told: &mut Told, name: &str) -> Result<Decision, Refusal> {
    let name = Some(name.to_owned());
    says(told, Command::Drill { name })
}

fn declare(told: &mut Told, text: &str) -> IncidentId {
    let text = text.to_owned();
    says(told, Command::Declare { text }).expect("declared");
    IncidentId::security(2026, told.next - 1)
}

fn pull(verb: &'static str, words: &str) -> Command {
    Command::Pull(Pull {
        verb,
        words: words.to_owned(),
    })
}

fn open_drill(told: &Told) -> &Incident {
    let mut open = told.chat.open_incidents();
    open.find(|it| it.is_drill()).expect("a drill")
}

#[test]
fn a_drill_has_an_id_and_a_severity_of_its_own() {
    let mut told = Told::claimed();
    drill(&mut told, "api key leak").expect("begun");
    let incident = open_drill(&told);
    assert_eq!(incident.id.to_string(), "DRILL-2026-001");
    assert_eq!(incident.drill.as_deref(), Some("key_leak"));
    assert_eq!(incident.severity.as_deref(), Some("P0"));
    let refusal = drill(&mut told, "ddos_attack").expect_err("one at a time");
    assert!(matches!(refusal, Refusal::NoDrillNow { id, .. } if id.is_drill()));
    let refusal = drill(&mut told, "moon").expect_err("no such drill");
    assert!(matches!(refusal, Refusal::UnknownWord { .. }));
}

#[test]
fn levers_pulled_in_it_are_rehearsed() {
    let mut told = Told::claimed();
    drill(&mut told, "key_leak").expect("begun");
    says(&mut told, pull("verify", "")).expect("pulled");
    says(&mut told, pull("collect", "")).expect("pulled");
    let modes = |told: &Told| -> Vec<Mode> {
        let runs = open_drill(told).runs.iter();
        runs.map(|it| it.mode).collect()
    };
    assert_eq!(modes(&told), [Mode::Drill, Mode::Drill]);
    assert!(told.chat.incidents.keys().all(|it| it.is_drill()));
    let (run, id) = (open_drill(&told).runs[0].number, open_drill(&told).id);
    let leave = policy::approval(&told.chat, id, run, &[person(OWNER)], told.now);
    assert_eq!(leave.expect("leave").mode(), Mode::Drill);
}

#[test]
fn what_is_real_does_not_vanish_in_a_drill() {
    let mut told = Told::claimed();
    // Asked for while nothing was open; then somebody begins a drill, and only then it is confirmed.
    says(&mut told, pull("lockdown", "for real")).expect("asked");
    drill(&mut told, "key_leak").expect("begun");
    let confirmed = Command::Approve {
        request: 1,
        words: String::new(),
        nonce: None,
    };
    says(&mut told, confirmed).expect("confirmed");
    let real = IncidentId::security(2026, 2);
    assert_eq!(told.chat.incidents[&real].runs[0].mode, Mode::Live);
    assert!(open_drill(&told).runs.is_empty());
}

#[test]
fn a_declaration_during_a_drill_is_an_incident_of_its_own() {
    let mut told = Told::claimed();
    drill(&mut told, "key_leak").expect("begun");
    let real = declare(&mut told, "P1 key leaked, no drill");
    assert!(told.chat.incidents.contains_key(&real), "nobody is asked");
    // Stopping everything without naming an incident is about the real one, however mild it is.
    let asked = pull("emergency_shutdown", "now emergency_shutdown it burns");
    says(&mut told, asked).expect("the glass is broken");
    assert_eq!(told.chat.requests[&1].form.incident, Some(real));
}

#[test]
fn no_drill_while_something_burns() {
    let mut told = Told::claimed();
    let real = declare(&mut told, "P1 key leaked");
    let refusal = drill(&mut told, "key_leak").expect_err("it burns");
    assert!(matches!(refusal, Refusal::NoDrillNow { id, .. } if id == real));
    says(&mut told, Command::Drill { name: None }).expect("the list is always there");
    for _ in 0..4 {
        let force = Some("to get there".to_owned());
        says(&mut told, Command::Next { force, from: None }).expect("forced");
    }
    drill(&mut told, "key_leak").expect("only the report is missing");
}

#[test]
fn a_dry_run_pulls_nothing() {
    let mut told = Told::claimed();
    for (verb, words) in [
        ("emergency_shutdown", "dry"),
        ("rollback", "DRY"),
        ("rollback", "dry 1a2b3c4 what if"),
        ("run", "block_address dry"),
        ("rotate", "all dry"),
        ("collect", "dry"),
    ] {
        let decision = says(&mut told, pull(verb, words)).expect("played");
        let rehearses = |it: &Effect| matches!(it, Effect::Rehearse { .. });
        assert_eq!(decision.effects.len(), 1, "{verb} {words}");
        assert!(decision.effects.iter().all(rehearses), "{verb} {words}");
        let kinds: Vec<_> = decision.events.iter().map(|(_, it)| it).collect();
        assert!(
            matches!(kinds[..], [Event::Chat(ChatEvent::Rehearsed { .. })]),
            "{kinds:?}"
        );
    }
    assert!(told.chat.incidents.is_empty() && told.chat.requests.is_empty());
    // Behind the reason it is part of the reason.
    says(&mut told, pull("lockdown", "stay dry")).expect("asked");
    assert_eq!(told.chat.requests.len(), 1);
    let refusal = told.ask(&actor(3, Via::Text), pull("lockdown", "dry"), None);
    assert!(matches!(refusal, Err(Refusal::NotAllowed { .. })));
}
