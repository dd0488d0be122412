use std::collections::BTreeSet;

use super::*;
use crate::incident::saga::every_fact;
use crate::messages::testing::{Room, well_formed};

#[test]
fn every_fact_has_its_words() {
    let room = Room::with("tars");
    let view = room.view();
    let mut seen = BTreeSet::new();
    for fact in every_fact() {
        for beside in ["", "it <b>broke</b>"] {
            let said = came_to(view.phrases, Some(&fact), beside, 120);
            well_formed(said.as_str()).unwrap();
            let plain = step_said(view.phrases, Some(&fact), beside);
            assert!(
                !plain.is_empty() && !plain.contains("fact-"),
                "{fact:?}: {plain}"
            );
            assert!(
                beside.is_empty() || plain.ends_with(beside) || plain.contains("printed"),
                "{plain}"
            );
            if beside.is_empty() {
                assert!(seen.insert(plain.clone()), "two facts say {plain:?}");
            }
        }
    }
}

#[test]
fn what_has_no_fact_says_what_was_said() {
    let room = Room::with("tars");
    let view = room.view();
    assert_eq!(step_said(view.phrases, None, "rehearsed"), "rehearsed");
}
