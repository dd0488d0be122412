//! What facts tick at the end: follow-ups and the report.

use super::reviewed::{declare, owner};
use super::*;

const ASSIGNED: &str = "actions_assigned";

/// In the last phase of an incident, with the rule of each item left to the facts.
fn at_the_end() -> (Told, IncidentId) {
    let mut told = Told::claimed();
    let id = declare(&mut told, "P1 key leaked");
    while told.chat.incidents[&id].next_phase().is_some() {
        next(&mut told);
    }
    (told, id)
}

fn next(told: &mut Told) {
    let (force, from) = (Some("a test".to_owned()), None);
    told.ask(&owner(), Command::Next { force, from }, None)
        .expect("forced");
}

fn follow_up(told: &mut Told, whole: bool) {
    let command = Command::Todo {
        text: "scan the repositories".to_owned(),
        owner: whole.then_some(Whom::Myself),
        due: whole.then(|| start().date_naive()),
    };
    told.ask(&owner(), command, None).expect("added");
}

/// What the plan itself wants done gets an owner and a date, too.
fn assign_all(told: &mut Told, id: IncidentId) {
    let all = told.chat.incidents[&id].follow_ups.clone();
    for it in all
        .iter()
        .filter(|it| it.owner.is_none() || it.due.is_none())
    {
        let command = Command::TodoAssign {
            number: it.number,
            owner: Whom::Myself,
            due: Some(start().date_naive()),
        };
        told.ask(&owner(), command, None).expect("assigned");
    }
}

fn report(told: &mut Told) {
    let format = "md".to_owned();
    told.ask(&owner(), Command::Report { format }, None)
        .expect("written");
}

fn is_ticked(told: &Told, id: IncidentId, item: &str) -> bool {
    let state = told.chat.incidents[&id].items.get(item);
    matches!(state, Some(ItemState::Ticked { .. }))
}

/// The ids of the items that a fact ticks.
fn bound_to(told: &Told, id: IncidentId, tick: plan::AutoTick) -> Vec<(usize, String)> {
    let items = told.chat.incidents[&id].plan.items();
    items
        .filter(|(.., item)| item.auto == Some(tick))
        .map(|(_, phase, item)| (phase, item.id.clone()))
        .collect()
}

#[test]
fn what_belongs_to_the_end_is_not_ticked_before_it() {
    let mut told = Told::claimed();
    let id = declare(&mut told, "P1 key leaked");
    let mut late = bound_to(&told, id, plan::AutoTick::ReportCompleted);
    late.extend(bound_to(&told, id, plan::AutoTick::ActionItemsAssigned));
    assert!(late.len() >= 2, "{late:?}");
    let last = told.chat.incidents[&id].plan.phases.len() - 1;
    for here in 0..=last {
        assign_all(&mut told, id);
        follow_up(&mut told, true);
        report(&mut told);
        for (phase, item) in &late {
            let ticked = is_ticked(&told, id, item);
            assert_eq!(ticked, *phase <= here, "{item} in phase {here}");
        }
        if here < last {
            next(&mut told);
        }
    }
}

#[test]
fn a_follow_up_without_owner_or_date_takes_the_tick_of_the_fact_back() {
    let (mut told, id) = at_the_end();
    assign_all(&mut told, id);
    follow_up(&mut told, true);
    assert!(is_ticked(&told, id, ASSIGNED));
    follow_up(&mut told, false);
    assert!(!is_ticked(&told, id, ASSIGNED));
    let by = told.log.last().map(|it| &it.by);
    assert_eq!(by, Some(&By::Bot));
    // Once it has both, the fact holds again.
    assign_all(&mut told, id);
    assert!(is_ticked(&told, id, ASSIGNED));
}

#[test]
fn a_tick_by_hand_stays() {
    let (mut told, id) = at_the_end();
    let by_hand = Command::Done(vec![ItemRef::Id(ASSIGNED.to_owned())]);
    told.ask(&owner(), by_hand, None).expect("ticked");
    follow_up(&mut told, false);
    assert!(is_ticked(&told, id, ASSIGNED));
}

/// What people do about follow-ups, and about the item that says that they are given out.
fn about_follow_ups() -> impl Strategy<Value = Command> {
    let item = || ItemRef::Id(ASSIGNED.to_owned());
    let text = "look again".to_owned();
    prop_oneof![
        3 => (proptest::option::of(Just(Whom::Myself)), due())
            .prop_map(move |(owner, due)| Command::Todo { text: text.clone(), owner, due }),
        3 => (1_u32..8, due())
            .prop_map(|(number, due)| Command::TodoAssign { number, owner: Whom::Myself, due }),
        2 => (1_u32..8).prop_map(|number| Command::TodoDone { number }),
        1 => Just(Command::Done(vec![item()])),
        1 => Just(Command::Untick(item())),
    ]
}

proptest! {
    #[test]
    fn a_fact_ticks_only_while_it_holds(
        sequence in proptest::collection::vec(about_follow_ups(), 1..24)
    ) {
        let (mut told, id) = at_the_end();
        for command in sequence {
            // Some are refused: there is no such follow-up, nothing to untick.
            let _ = told.ask(&owner(), command, None);
            let incident = &told.chat.incidents[&id];
            let given = |it: &FollowUp| it.done || (it.owner.is_some() && it.due.is_some());
            if let Some(ItemState::Ticked { by: By::Bot, .. }) = incident.items.get(ASSIGNED) {
                prop_assert!(incident.follow_ups.iter().all(given), "{:?}", incident.follow_ups);
            }
        }
        let mut replayed = Chat::new(ChatKey(1));
        for recorded in told.log {
            apply(&mut replayed, recorded, &told.plans).expect("the log can be folded");
        }
        prop_assert_eq!(replayed, told.chat);
    }
}
