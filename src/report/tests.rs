use crate::incident::{Command, ItemRef};
use crate::messages::testing::Room;

#[test]
fn what_people_wrote_has_no_effect_in_the_report() {
    for plan in ["tars", "jarvis"] {
        let mut room = Room::with(plan);
        let id = room.declare("Bob", "P1 <b>Key</b> leaked | in [a](http://x.org) *repo*");
        room.pass(3);
        room.ok(
            "Bob",
            Command::Note {
                text: "# not a heading".into(),
            },
        );
        let first = room.chat.incidents[&id].phase().checklist[0].id.clone();
        room.ok("Bob", Command::Done(vec![ItemRef::Id(first)]));
        let (name, text) = super::markdown(&room.view(), &room.chat.incidents[&id]);
        assert_eq!(name, "SEC-2026-007-report.md");
        assert!(text.starts_with(r"# "), "{text}");
        assert!(
            text.contains(r"\<b\>Key\</b\> leaked \| in \[a\](http:\//x.org) \*repo\*"),
            "{text}"
        );
        assert!(text.contains(r"\# not a heading"), "{text}");
        assert!(text.contains("not recorded"), "{text}");
    }
}
