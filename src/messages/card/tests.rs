use crate::messages::testing::{Room, well_formed};

#[test]
fn a_fresh_card_is_well_formed() {
    for plan in ["tars", "jarvis"] {
        let mut room = Room::with(plan);
        let id = room.declare("Bob", "Key <leaked> & @everyone");
        well_formed(&room.card(id)).unwrap();
    }
}
