use crate::incident::{Command, ItemRef};
use crate::messages::testing::Room;

#[test]
fn dump() {
    for plan in ["tars", "jarvis"] {
        let mut room = Room::with(plan);
        let id = room.declare("Bob", "P1 <b>Key</b> leaked | in [a](http://x.org) *repo*");
        room.pass(3);
        room.ok("Bob", Command::Ack);
        room.ok("Bob", Command::Note { text: "# not a heading".into() });
        let first = room.chat.incidents[&id].phase().checklist[0].id.clone();
        room.ok("Bob", Command::Done(vec![ItemRef::Id(first)]));
        room.ok("Alice", Command::Next { force: Some("we know enough".into()), from: None });
        println!("{}", super::markdown(&room.view(), &room.chat.incidents[&id]).1);
    }
}
