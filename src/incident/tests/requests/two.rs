//! Two people, or more, where that is asked.

use super::*;

#[test]
fn two_people_pull_a_destructive_lever() {
    let mut told = team();
    told.pulls(ASKER, "emergency_shutdown", "it burns")
        .expect("asked");
    // No incident needed: it is declared at the top severity, and the request belongs to it.
    let incident = told.chat.open_incidents().next().expect("declared").clone();
    assert_eq!(incident.severity.as_deref(), Some("P0"));
    assert_eq!(told.last().form.incident, Some(incident.id));
    assert_eq!(told.last().called.len(), 3, "both approvers and the owner");
    let digits = told.digits();
    assert!(matches!(
        told.approves(ASKER, &digits),
        Err(Refusal::OwnRequest { .. })
    ));
    assert!(matches!(
        told.approves(COMMANDER, &digits),
        Err(Refusal::NotAllowed {
            needs: Permission::Approver,
            ..
        })
    ));
    assert!(matches!(
        told.approves(FIRST, "soon"),
        Err(Refusal::NumberMissing { .. })
    ));
    let decision = told.approves(FIRST, &digits).expect("approved");
    assert_eq!(executes(&decision), 1);
    let run = told.runs()[0].clone();
    assert_eq!(run.warrant, Warrant::Approved);
    assert_eq!(run.approved_by, [person(FIRST)]);
    assert_eq!(run.asked_by, By::Person(person(ASKER)));
    let owners = [person(OWNER)];
    let given = approval(&told.chat, incident.id, run.number, &owners, told.now);
    assert_eq!(
        given.expect("everything still holds").fingerprint(),
        run.fingerprint
    );
    assert!(matches!(
        told.approves(SECOND, &digits),
        Err(Refusal::RequestOver { .. })
    ));
}

#[test]
fn a_wrong_pick_cancels() {
    let mut told = team();
    told.pulls(ASKER, "restore", "").expect("asked");
    let form = &told.last().form;
    let wrong = form.choices.iter().find(|it| **it != form.digits);
    let wrong = wrong.expect("three numbers").to_string();
    let decision = told.approves(FIRST, &wrong).expect("it is spent");
    assert_eq!(executes(&decision), 0);
    assert_eq!(told.last().outcome(), Some(&Outcome::WrongPick));
    let digits = told.digits();
    assert!(told.approves(SECOND, &digits).is_err());
    assert!(told.runs().is_empty());
}

#[test]
fn whoever_was_granted_by_the_asker_today_does_not_count() {
    let mut told = Told::claimed();
    told.give(FIRST, Permission::Approver);
    told.now += Duration::hours(1);
    told.give(SECOND, Permission::Commander);
    // The owner granted the only approver an hour ago: the owner is still alone.
    told.pulls(OWNER, "restore", "").expect("asked");
    assert!(matches!(told.last().waits_for(), Some(Stage::Name { .. })));
    told.says(OWNER, deny(1)).expect("denied");
    // For somebody else's request they count at once.
    told.pulls(SECOND, "restore", "").expect("asked");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    // A day later they count for the owner, too.
    told.now += Duration::hours(24);
    told.pulls(OWNER, "restore", "again").expect("asked");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    assert_eq!(told.runs().len(), 2);
}

#[test]
fn an_answer_of_the_freshly_granted_is_refused_by_name() {
    let mut told = team();
    told.pulls(OWNER, "restore", "").expect("asked");
    told.give(COMMANDER, Permission::Approver);
    let digits = told.digits();
    assert!(matches!(
        told.approves(COMMANDER, &digits),
        Err(Refusal::GrantedByAsker { .. })
    ));
}

#[test]
fn a_reversible_lever_takes_a_press_of_its_asker() {
    let mut told = team();
    told.pulls(ASKER, "lockdown", "").expect("asked");
    assert!(told.chat.incidents.is_empty(), "a slip declares nothing");
    assert!(matches!(
        told.approves(COMMANDER, ""),
        Err(Refusal::OnlyTheAsker { .. })
    ));
    assert!(matches!(
        told.pulls(ASKER, "lockdown", ""),
        Err(Refusal::AlreadyAsked { .. })
    ));
    told.pulls(COMMANDER, "lockdown", "")
        .expect("another's slip holds nobody up");
    told.says(ASKER, approve(1, "")).expect("confirmed");
    assert_eq!(told.runs().len(), 1);
    assert_eq!(told.runs()[0].warrant, Warrant::Confirmed);
    // Only looking needs no press.
    let decision = told.pulls(ASKER, "collect", "").expect("runs");
    assert_eq!(executes(&decision), 1);
    // Two minutes, then it lapses; it may be asked for again.
    told.pulls(ASKER, "rotate", "n8n_api_key").expect("asked");
    told.now += Duration::minutes(2);
    told.approves(ASKER, "").expect("it lapses at the press");
    assert_eq!(told.last().outcome(), Some(&Outcome::Expired));
    let again = Command::AskAgain {
        request: told.chat.requested,
        nonce: told.last().form.nonce.clone(),
    };
    told.says(ASKER, again).expect("asked again");
    told.approves(ASKER, "").expect("confirmed");
    assert_eq!(told.runs().len(), 3);
}

#[test]
fn trust_takes_two() {
    let mut told = team();
    let whom = Whom::Known(person(COMMANDER));
    let permission = Permission::Approver;
    told.says(
        OWNER,
        Command::Grant {
            permission,
            whom: whom.clone(),
        },
    )
    .expect("asked");
    assert_eq!(
        told.chat.grants[&UserId(COMMANDER)].permission,
        Permission::Commander
    );
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    let grant = told.chat.grants[&UserId(COMMANDER)].clone();
    assert_eq!(
        (grant.permission, grant.by),
        (Permission::Approver, Some(UserId(OWNER)))
    );
    told.says(OWNER, Command::Revoke { whom }).expect("asked");
    assert!(told.chat.grants.contains_key(&UserId(COMMANDER)));
    let digits = told.digits();
    told.approves(SECOND, &digits).expect("approved");
    assert!(!told.chat.grants.contains_key(&UserId(COMMANDER)));
    assert!(told.chat.incidents.is_empty(), "trust is no incident");
}

#[test]
fn a_plan_may_ask_for_more_than_two() {
    let mut told = team();
    let id = told.plans.default.clone();
    let mut plan = plan::Plan::clone(&told.plans.installed[&id]);
    for procedure in &mut plan.procedures {
        procedure.approvals = 3;
    }
    told.plans.install(Arc::new(plan));
    told.pulls(ASKER, "restore", "").expect("asked");
    assert_eq!(told.last().needs, 3);
    let digits = told.digits();
    let decision = told.approves(FIRST, &digits).expect("agreed");
    assert_eq!(executes(&decision), 0);
    assert!(matches!(
        told.approves(FIRST, &digits),
        Err(Refusal::AgreedAlready { .. })
    ));
    let decision = told.approves(OWNER, &digits).expect("agreed");
    assert_eq!(executes(&decision), 1);
    let approved_by = told.runs()[0].approved_by.clone();
    assert_eq!(approved_by, [person(FIRST), person(OWNER)]);
    // Somebody who agreed lost the right before the last one did.
    told.pulls(ASKER, "rollback", "1a2b3c4 2026-02-17.db")
        .expect("asked");
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("agreed");
    let by = By::Person(person(OWNER));
    let (person, permission) = (person(FIRST), Permission::Approver);
    told.happens(
        by,
        Event::Chat(ChatEvent::Revoked {
            person: person.clone(),
            permission,
        }),
    );
    told.approves(SECOND, &digits).expect("it is spent");
    let changed = Changed::Approver { person };
    assert_eq!(told.last().outcome(), Some(&Outcome::Refused { changed }));
    // A T2 procedure for which the plan wants three takes no mere press.
    told.pulls(ASKER, "lockdown", "").expect("asked");
    assert!(matches!(
        told.last().waits_for(),
        Some(Stage::Approve { .. })
    ));
}

#[test]
fn a_plan_that_asks_for_less_takes_two() {
    let mut told = team();
    let id = told.plans.default.clone();
    let mut lax = plan::Plan::clone(&told.plans.installed[&id]);
    lax.info.id = "lax".to_owned();
    let restore = lax.procedures.iter_mut().find(|it| it.id == "restore");
    restore.expect("TARS restores").approvals = 1;
    told.plans.install(Arc::new(lax));
    let chosen = |plan: &str| Command::Setup(Setup::Plan(plan.to_owned()));
    told.says(OWNER, chosen("lax")).expect("asked");
    assert_eq!(told.chat.settings.plan, None);
    let digits = told.digits();
    told.approves(FIRST, &digits).expect("approved");
    assert_eq!(told.chat.settings.plan.as_deref(), Some("lax"));
    told.says(OWNER, chosen(&id)).expect("the way back is free");
    assert_eq!(told.chat.settings.plan.as_deref(), Some(id.as_str()));
}
