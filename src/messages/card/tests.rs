use crate::incident::{Command, ItemRef, Whom};
use crate::messages::testing::Room;

#[test]
fn dump() {
    for plan in ["tars", "jarvis"] {
        let mut room = Room::with(plan);
        let id = room.declare("Bob", "Signing key found in a public repository");
        println!("======== {plan}\n{}\n", room.card(id));
        let code = if plan == "tars" { "P0" } else { "P1" };
        println!("{}\n", room.answer("Bob", Command::Severity { code: code.into(), why: None }));
        room.pass(2);
        println!("{}\n", room.card(id));
        room.ok("Bob", Command::Ack);
        room.ok("Alice", Command::Role { role: "commander".into(), whom: Whom::Myself });
        room.pass(7);
        for _ in 0..6 {
            println!("{}\n", room.answer("Bob", Command::Next { force: None, from: None }));
            println!("{}\n", room.answer("Alice", Command::Next { force: Some("we know enough".into()), from: None }));
            room.pass(26);
            let first = room.chat.incidents[&id].phase().checklist[0].id.clone();
            room.ok("Bob", Command::Done(vec![ItemRef::Id(first)]));
            println!("{}\n", room.card(id));
        }
        for c in [Command::Status(crate::incident::StatusOf::Current), Command::Contacts, Command::Plan, Command::Procedures, Command::Playbook(None), Command::Playbook(Some("leaked_key".into())), Command::Timeline, Command::Todos, Command::Setup(crate::incident::Setup::Show), Command::Set { field: String::new(), value: String::new() }, Command::Role { role: String::new(), whom: Whom::Myself }, Command::Help, Command::Misused { verb: "skip".into() }, Command::Start, Command::WhoAmI, Command::Declare { text: "Key again".into() }] {
            { let s = format!("{c:?}"); println!("---- {s}\n{}\n", room.answer("Olivia", c)); }
        }
    }
}
