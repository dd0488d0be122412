use super::super::super::command::{Command, ItemRef, Origin, Request};
use super::super::super::event::{Event, FileRef};
use super::super::super::ids::IncidentId;
use super::super::super::people::{By, Permission};
use super::super::super::state::{ItemState, Run};
use super::super::{Author, Env, decide};
use super::*;
use crate::incident::{Lever, Mode, Warrant, saga};
use crate::messages::testing::Room;
use crate::plan::{Plan, Revision};
use std::collections::BTreeMap;
use std::sync::Arc;

const HASH: &str = "ab";

/// A room with an incident in which Bob kept one file. No procedure of the plan gathers evidence.
fn kept() -> (Room, IncidentId) {
    let mut room = Room::with("tars");
    let mut plan = Plan::clone(&room.plans.installed["tars"]);
    plan.procedures.retain(|it| it.id != "collect");
    plan.revision = Revision::of("without collect");
    room.plans.install(Arc::new(plan));
    kept_in(room)
}

fn kept_in(mut room: Room) -> (Room, IncidentId) {
    let id = room.declare("Bob", "P1 Key leaked");
    let own = Some(Quoted {
        message_id: 5,
        author: None,
        written_at: None,
        text: String::new(),
        file: Some(FileRef {
            file_id: "F".into(),
            unique_id: "U".into(),
            name: "log.txt".into(),
            size: None,
        }),
    });
    let about = "the log".to_owned();
    let effects = room.ok("Bob", Command::Evidence { about, own });
    let store = Effect::Store {
        incident: id,
        number: 1,
    };
    assert!(effects.contains(&store), "{effects:?}");
    (room, id)
}

fn told(room: &mut Room, id: IncidentId, news: Preserved) -> Vec<Effect> {
    room.does(&Author::Bot, Command::Preserved(news), Some(id))
        .expect("the bot may tell")
}

fn stored() -> Preserved {
    Preserved::Stored {
        number: 1,
        sha256: HASH.into(),
        size: 3,
    }
}

fn preserved(room: &Room, id: IncidentId) -> bool {
    let items = &room.chat.incidents[&id].items;
    matches!(
        items.get("evidence_preserved"),
        Some(ItemState::Ticked { .. })
    )
}

#[test]
fn evidence_counts_once_it_is_stored_and_is_told_once() {
    let (mut room, id) = kept();
    assert!(!preserved(&room, id));
    told(&mut room, id, stored());
    assert!(preserved(&room, id));
    let before = room.chat.incidents[&id].clone();
    assert!(matches!(
        before.evidence[0].kept,
        Kept::Stored { size: 3, .. }
    ));
    // After a kill an errand may be run twice, and fail the second time.
    told(&mut room, id, stored());
    let why = NotStored::Gone;
    let effects = told(&mut room, id, Preserved::Failed { number: 1, why });
    assert!(effects.is_empty(), "{effects:?}");
    assert_eq!(room.chat.incidents[&id], before);
}

#[test]
fn where_a_procedure_gathers_everything_a_single_piece_says_nothing_yet() {
    let (mut room, id) = kept_in(Room::with("tars"));
    told(&mut room, id, stored());
    let some = Preserved::Collected {
        run: 1,
        sha256: HASH.into(),
        file: "run-1-manifest.json".into(),
        gathered: 1,
        failed: 0,
    };
    told(&mut room, id, some);
    assert!(!preserved(&room, id));
    // A person may say so all the same, and it is theirs.
    let items = vec![ItemRef::Id("evidence_preserved".into())];
    room.ok("Bob", Command::Done(items));
    assert!(preserved(&room, id));
}

#[test]
fn evidence_is_preserved_once_every_collector_kept_its_piece() {
    use saga::Progress::{Done, Failed, Succeeded};
    for (procedure, progress, counts) in [
        ("collect", Succeeded, true),
        ("collect", Failed, false),
        // A person's word for a collector that failed.
        ("collect", Done, false),
        ("lockdown", Succeeded, false),
    ] {
        let (room, id) = kept_in(Room::with("tars"));
        let plan = &room.chat.incidents[&id].plan;
        let lever = Lever::Procedure {
            id: procedure.into(),
            parameters: BTreeMap::new(),
        };
        let state = saga::StepState {
            attempts: 1,
            tries: 1,
            progress,
            at: room.now,
            fact: None,
            summary: String::new(),
            code: None,
            looked: None,
            decided: None,
            kept: false,
            take_back: false,
            superseded: None,
        };
        let steps = saga::steps(&lever, plan).into_iter();
        let steps = steps.map(|it| (it.key, state.clone())).collect();
        let run = Run {
            number: 1,
            lever,
            fingerprint: String::new(),
            mode: Mode::Live,
            warrant: Warrant::Confirmed,
            asked_by: By::Bot,
            approved_by: Vec::new(),
            why: None,
            at: room.now,
            steps,
            aborted: None,
            withheld: None,
            question: None,
            ended: None,
            message: None,
            version: 1,
        };
        let shown = format!("{procedure} {progress:?}");
        assert_eq!(super::super::runs::preserves(&run, plan), counts, "{shown}");
    }
}

#[test]
fn what_is_not_stored_is_told_to_the_team_and_does_not_count() {
    let (mut room, id) = kept();
    let why = NotStored::TooLarge;
    let effects = told(&mut room, id, Preserved::Failed { number: 1, why });
    assert!(
        matches!(effects[..], [Effect::Announce { silent: false, .. }]),
        "{effects:?}"
    );
    assert!(!preserved(&room, id));
}

#[test]
fn a_collection_counts_if_nothing_of_it_failed() {
    for (gathered, failed, counts) in [(12, 0, true), (11, 1, false), (0, 0, false)] {
        let (mut room, id) = kept();
        let news = Preserved::Collected {
            run: 1,
            sha256: HASH.into(),
            file: "run-1-manifest.json".into(),
            gathered,
            failed,
        };
        told(&mut room, id, news.clone());
        told(&mut room, id, news);
        assert_eq!(room.chat.incidents[&id].collections.len(), 1);
        assert_eq!(preserved(&room, id), counts, "{gathered} {failed}");
    }
}

fn export(number: u32, size: u64) -> Preserved {
    Preserved::Exported(Export {
        number,
        file: "x.zip".into(),
        path: "/srv/x.zip".into(),
        sha256: HASH.into(),
        size,
        encrypted: false,
    })
}

#[test]
fn an_export_records_what_it_reads_before_it_does() {
    let (mut room, id) = kept();
    told(&mut room, id, stored());
    room.ok("Alice", Command::Export);
    let last = room.chat.incidents[&id].timeline.last().cloned();
    let last = last.expect("an event").event;
    let read = IncidentEvent::EvidenceRead {
        what: "E1".into(),
        why: "export 1".into(),
        export: Some(1),
    };
    assert_eq!(last, Event::Incident(id, read));
    // A second one, asked for before the first is made, is another.
    let effects = room.ok("Alice", Command::Export);
    let second = Effect::MakeExport {
        incident: id,
        number: 2,
    };
    assert!(effects.contains(&second), "{effects:?}");
}

#[test]
fn an_export_is_brought_once_or_told_to_the_owners() {
    let (mut room, id) = kept();
    room.ok("Alice", Command::Export);
    let sent = told(&mut room, id, export(1, SEND_MAX));
    assert!(matches!(sent[..], [Effect::SendExport { .. }]), "{sent:?}");
    assert!(told(&mut room, id, export(1, SEND_MAX)).is_empty());
    assert!(told(&mut room, id, Preserved::NotExported { number: 1 }).is_empty());
    let large = told(&mut room, id, export(2, SEND_MAX + 1));
    assert!(
        matches!(large[..], [Effect::Answer(_), Effect::TellOwners(_)]),
        "{large:?}"
    );
    let failed = told(&mut room, id, Preserved::NotExported { number: 3 });
    assert!(matches!(failed[..], [Effect::Answer(_)]), "{failed:?}");
}

#[test]
fn nobody_but_the_bot_says_what_became_of_evidence() {
    let (mut room, id) = kept();
    for name in ["Olivia", "Alice", "Bob"] {
        let who = Room::who(name);
        let refused = room.does(&who, Command::Preserved(stored()), Some(id));
        assert!(
            matches!(refused, Err(Refusal::NotAllowed { .. })),
            "{name}: {refused:?}"
        );
    }
    let refused = room.does(&Room::who("Bob"), Command::Export, Some(id));
    assert!(matches!(
        refused,
        Err(Refusal::NotAllowed {
            needs: Permission::Commander,
            ..
        })
    ));
}

#[test]
fn a_message_is_kept_word_for_word_and_an_empty_one_not_at_all() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P1 Key leaked");
    let keep = |text: &str| {
        let request = Request {
            command: Command::Evidence {
                about: String::new(),
                own: None,
            },
            incident: Some(id),
            origin: Origin {
                reply: Some(Quoted {
                    message_id: 9,
                    author: None,
                    written_at: None,
                    text: text.to_owned(),
                    file: None,
                }),
                ..Origin::default()
            },
        };
        let env = Env {
            now: room.now,
            next_id: IncidentId::security(2026, 9),
            plans: &room.plans,
            languages: &["en"],
            owners: &[],
            dice: [7; 32],
            log_changed: false,
            elsewhere: None,
        };
        decide(&room.chat, &request, &Room::who("Bob"), env).map(|it| it.events)
    };
    let text = " pay\u{202e}moc.live\u{200b} \n";
    let events = keep(text).expect("kept");
    let Event::Incident(_, IncidentEvent::EvidenceKept { quoted, .. }) = &events[0].1 else {
        panic!("{events:?}");
    };
    assert_eq!(quoted.text, text);
    let refused = keep("\u{200b} ");
    assert!(
        matches!(refused, Err(Refusal::NothingToStore { .. })),
        "{refused:?}"
    );
}
