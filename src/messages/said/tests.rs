use insta::assert_snapshot;

use super::*;
use crate::incident::{
    CancelAs, Choice, Command, Effect, Export, ItemRef, NotStored, OpenElsewhere, Permission,
    Question, Setup, StatusOf, UserId, Whom,
};
use crate::messages::html::visible_len;
use crate::messages::testing::{Room, person, well_formed};
use crate::plan::FactField;

fn acknowledgements(id: IncidentId) -> Vec<Said> {
    let bob = || person(3, "Bob");
    let set = |setting, value: &str| Said::SetUp {
        setting,
        value: value.into(),
    };
    vec![
        Said::Ticked {
            numbers: vec![2, 3],
        },
        Said::AlreadyTicked { numbers: vec![2] },
        Said::AlreadyTicked {
            numbers: vec![2, 3],
        },
        Said::Unticked { number: 2 },
        Said::Skipped { number: 2 },
        Said::Noted,
        Said::FactRecorded {
            field: FactField::RootCause,
        },
        Said::Acknowledged,
        Said::AlreadyAcknowledged,
        Said::RoleAssigned {
            role: "Investigator".into(),
            person: bob(),
        },
        Said::SeverityIs {
            incident: id,
            code: "P1".into(),
        },
        Said::PhaseIs {
            incident: id,
            phase: "containment".into(),
        },
        Said::FollowUpAdded { number: 3 },
        Said::FollowUpDone { number: 3 },
        Said::FollowUpAssigned {
            number: 3,
            owner: bob(),
        },
        Said::EvidenceKept { number: 2 },
        Said::ExportBegun,
        Said::AddedTo { incident: id },
        Said::Declared { incident: id },
        Said::Closed { incident: id },
        Said::Reopened { incident: id },
        Said::Cancelled { incident: id },
        Said::Granted {
            person: bob(),
            permission: Permission::Approver,
        },
        Said::Revoked {
            person: bob(),
            permission: Permission::Approver,
        },
        Said::ContactBound {
            contact: "Legal".into(),
            person: bob(),
            backup: None,
        },
        Said::ContactBound {
            contact: "Legal".into(),
            person: bob(),
            backup: Some(person(4, "Carol")),
        },
        Said::StepDecided {
            run: 3,
            step: 2,
            choice: Choice::Skip,
        },
        Said::RunAborted { run: 3 },
        Said::Unchanged,
        Said::LeftAsItWas,
        set("plan", "TARS"),
        set("language", "en"),
        set("timezone", "Europe/Berlin"),
        set("admins", "on"),
        set("admins", "off"),
        set("responders", "everybody"),
        set("responders", "granted"),
        set("home", "War room"),
    ]
}

#[test]
fn acknowledgements_are_short() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P0 Key leaked");
    let said: Vec<String> = acknowledgements(id)
        .iter()
        .map(|it| toast(&room.view(), it))
        .collect();
    assert!(said.iter().all(|it| it.chars().count() <= 100), "{said:?}");
    assert_snapshot!(said.join("\n"), @"
    Ticked 2, 3.
    2 was ticked already.
    2, 3 were ticked already.
    2 is open again.
    Skipped 2.
    Noted.
    Root cause recorded.
    Noted that you have seen it.
    You had acknowledged it already.
    Bob is Investigator now.
    SEC-2026-007 is P1 High now.
    SEC-2026-007 is in Containment now.
    Follow-up 3 added.
    Follow-up 3 is done.
    Follow-up 3 belongs to Bob now.
    Noted as evidence E2; it is being stored.
    The export is being made; it comes as a file.
    Added to SEC-2026-007: it counts as the same incident.
    SEC-2026-007 is declared.
    SEC-2026-007 is closed.
    SEC-2026-007 is open again.
    SEC-2026-007 is called off.
    Bob is approver here now.
    Bob is no longer approver here.
    Legal is Bob now.
    Legal is Bob now, with Carol as backup.
    Run 3, step 2: go on without it.
    Run 3 ends after the step that is under way.
    Nothing to change: it was so already.
    All right, left as it was.
    New incidents follow “TARS” from now on. Open ones keep their plan.
    The language is en now.
    Times are shown in Europe/Berlin now.
    Chat administrators count as commanders now.
    Chat administrators have no special rights with me any more.
    Every member of this chat is a responder now.
    Only people who were granted it are responders now.
    Alarms about this installation come here from now on.
    ");
}

#[test]
fn a_toast_only_points_to_a_long_answer() {
    let room = Room::with("tars");
    assert_eq!(
        toast(&room.view(), &Said::Plan),
        "The answer is in the chat."
    );
}

#[test]
fn the_team_is_told_shortly() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P1 Key leaked");
    let mut said = Vec::new();
    said.push(room.answer(
        "Bob",
        Command::Severity {
            code: "P0".into(),
            why: Some("customer data".into()),
        },
    ));
    said.push(room.answer(
        "Alice",
        Command::Severity {
            code: "P2".into(),
            why: None,
        },
    ));
    room.pass(20);
    said.push(room.answer(
        "Bob",
        Command::Next {
            force: None,
            from: None,
        },
    ));
    said.push(room.answer(
        "Alice",
        Command::Next {
            force: Some("evidence is lost".into()),
            from: None,
        },
    ));
    said.push(room.answer(
        "Bob",
        Command::Back {
            why: "still inside".into(),
        },
    ));
    for _ in 0..4 {
        room.finish_phase(id);
    }
    said.push(room.answer(
        "Alice",
        Command::Reopen {
            why: "used again".into(),
        },
    ));
    said.push(room.answer(
        "Alice",
        Command::Cancel {
            kind: CancelAs::FalseAlarm,
            why: "a test".into(),
        },
    ));
    assert_snapshot!(said.join("\n\n"), @r#"
    👌 SEC-2026-007 is P0 Critical now.
    → team: 🔴 SEC-2026-007 goes up from P1 High to <b>P0 Critical</b>, says Bob.
    Why: customer data
    Tell all stakeholders at once.
    🔔 <a href="tg://user?id=2">Alice</a>

    👌 SEC-2026-007 is P2 Medium now.
    → team: 🟡 SEC-2026-007 goes down from P0 Critical to <b>P2 Medium</b>, says Alice.

    👌 SEC-2026-007 is in Containment now.
    → team: ➡️ SEC-2026-007: <b>Containment</b> (2 of 5) begins, says Bob. Stop the spread.

    👌 SEC-2026-007 is in Eradication now.
    → team: ➡️ SEC-2026-007: <b>Eradication</b> (3 of 5) begins, says Alice. Get the threat out, all of it.
    Forced before everything was there: evidence is lost

    👌 SEC-2026-007 is in Containment now.
    → team: ↩️ SEC-2026-007 goes back to <b>Containment</b>, says Bob: still inside

    👌 SEC-2026-007 is open again.
    → team: 🔓 <b>SEC-2026-007 is open again</b> in Post-incident, says Alice: used again

    👌 SEC-2026-007 is called off.
    → team: ⚪ <b>SEC-2026-007 was a false alarm</b>: a test
    "#);
}

#[test]
fn questions_show_what_is_asked() {
    let mut room = Room::with("tars");
    room.declare("Bob", "P1 Key leaked");
    room.pass(4);
    let mut ask = |text: &str| room.answer("Bob", Command::Declare { text: text.into() });
    let (same, worse) = (ask("P2 Key in the log"), ask("P0 Key in use"));
    let question = Question::Grant {
        person: person(77, "Carol"),
        permission: Permission::Approver,
    };
    let grant =
        crate::messages::testing::shown(&said(&room.view(), &Said::Ask { ask: 2, question }));
    assert_snapshot!(format!("{same}\n\n{worse}\n\n{grant}"), @"
    SEC-2026-007 was opened 4 min ago: Key leaked
    Is yours the same incident?
    “Key in the log”
    Without an answer within 10 minutes it is added to SEC-2026-007.
    [ Same incident ] [ A separate one ]

    SEC-2026-007 was opened 4 min ago: Key leaked
    Is yours the same incident?
    “Key in use”
    Yours is more severe: without an answer within 10 minutes it becomes an incident of its own.
    [ Same incident ] [ A separate one ]

    Is this the right person?
    <b>Carol</b> · id <code>77</code>
    They would become approver here. User names change hands, the id does not.
    [ Yes, grant it ] [ No ]
    ");
}

#[test]
fn a_chat_begins_with_one_message() {
    let room = Room::with("tars");
    let whoami = |hidden| Said::WhoAmI {
        person: person(3, "Bob"),
        permission: Permission::Responder,
        hidden,
    };
    let all = [
        Said::Welcome,
        Said::Greeting,
        Said::NotClaimed,
        whoami(false),
        whoami(true),
    ];
    let all: Vec<String> = all.iter().map(|it| said(&room.view(), it).html).collect();
    assert_snapshot!(all.join("\n\n"), @"
    <b>Ready.</b> This group follows “TARS incident response”, times are in UTC, and every member is a responder.
    When something happens: <code>/declare what you see</code>. <code>/setup</code> changes the settings, <code>/help</code> lists everything.
    Make me an administrator who may pin messages and manage topics, so that each incident keeps its card in sight.

    I am ready. <code>/declare what you see</code> opens an incident, <code>/help</code> lists what you can do.

    I am here for a team that has set me up. If one of my owners sends <code>/start</code> within an hour, I stay; otherwise I leave.

    Bob
    Id <code>3</code> · responder here

    You are writing under a hidden identity, which may do nothing here. Its id is <code>3</code>. Write under your own name to see yours.
    ");
}

#[test]
fn what_became_of_evidence_says_what_to_do_now() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "P0 Key leaked");
    let failed = |why| Said::EvidenceNotStored {
        incident: id,
        number: 2,
        why,
    };
    let all = [
        failed(NotStored::TooLarge),
        failed(NotStored::Gone),
        failed(NotStored::Unreachable),
        failed(NotStored::Disk),
        Said::ExportTooLarge {
            incident: id,
            size: 61_499_999,
        },
        Said::ExportFailed { incident: id },
        Said::ExportOnHost {
            incident: id,
            path: "/srv/<evidence>/SEC-2026-007/x.zip".into(),
        },
        Said::ExportRefused { incident: id },
        Said::ExportKept {
            incident: id,
            path: "/srv/<evidence>/SEC-2026-007/x.zip".into(),
        },
    ];
    let mut all: Vec<String> = all.iter().map(|it| said(&room.view(), it).html).collect();
    let export = Export {
        number: 1,
        file: "SEC-2026-007-export-1.zip.age".into(),
        path: "/srv/x".into(),
        sha256: "ab".repeat(32),
        size: 9_000,
        encrypted: true,
    };
    all.push(crate::messages::export_caption(&room.view(), id, &export));
    assert_snapshot!(all.join("\n\n"), @"
    ⚠️ SEC-2026-007: evidence E2 is <b>not stored</b>: it is larger than the 20 MB that Telegram gives to bots.
    Save the file yourself where it is safe, and note its place: <code>/note E2 lies …</code>

    ⚠️ SEC-2026-007: evidence E2 is <b>not stored</b>: Telegram does not have it any more.
    Ask whoever has it to send it again, with <code>/evidence</code> as its caption.

    ⚠️ SEC-2026-007: evidence E2 is <b>not stored</b>: Telegram did not hand it over, however often I asked.
    Send <code>/evidence</code> again as a reply to it.

    ⚠️ SEC-2026-007: evidence E2 is <b>not stored</b>: the bot’s evidence folder takes nothing.
    Whoever runs the bot must free space or mend the folder (its log says more); then send <code>/evidence</code> again as a reply to it.

    The export of SEC-2026-007 has 61 MB: more than Telegram takes. It lies on the bot’s machine; the owners are told in private where.

    The export of SEC-2026-007 could not be made: the bot’s evidence folder takes nothing. Whoever runs the bot finds the reason in its log; then send <code>/export SEC-2026-007</code> again.

    📦 The export of SEC-2026-007 is too large for Telegram. On the bot’s machine it lies here:
    <code>/srv/&lt;evidence&gt;/SEC-2026-007/x.zip</code>

    The export of SEC-2026-007 is made, but Telegram did not take the file. It lies on the bot’s machine; the owners are told in private where.

    📦 Telegram did not take the export of SEC-2026-007; the log says why. On the bot’s machine it lies here:
    <code>/srv/&lt;evidence&gt;/SEC-2026-007/x.zip</code>

    📦 SEC-2026-007: everything that was recorded. VERIFY.html in it says how to check it.
    SHA-256 of this file: <code>abababababababababababababababababababababababababababababababab</code>
    Encrypted with age for those whom the installation names; they open it with <code>age --decrypt</code>.
    ");
}

/// Everything that can be asked, in both plans: whole HTML; nothing that a phone cannot show.
#[test]
fn every_answer_is_whole() {
    for plan in ["tars", "jarvis"] {
        let mut room = Room::with(plan);
        let id = room.declare("Bob", "Key <leaked>");
        room.ok(
            "Bob",
            Command::Set {
                field: "root_cause".into(),
                value: "a & b".into(),
            },
        );
        let item = ItemRef::Number(1);
        let _ = room.does(
            &Room::who("Alice"),
            Command::Skip {
                item,
                why: "x < y".into(),
            },
            None,
        );
        let playbooks: Vec<String> = room.chat.incidents[&id]
            .plan
            .playbooks
            .iter()
            .map(|it| it.id.clone())
            .collect();
        let mut commands = vec![
            (Command::Status(StatusOf::Current), 4_096),
            (Command::Status(StatusOf::All), 4_096),
            (Command::Contacts, 4_096),
            (Command::Plan, 2 * 4_096),
            (Command::Procedures, 2 * 4_096),
            (Command::Playbook(None), 4_096),
            (Command::Timeline, 4_096),
            (Command::Todos, 4_096),
            (
                Command::Pull(crate::incident::Pull {
                    verb: "rotate",
                    words: String::new(),
                }),
                4_096,
            ),
            (Command::Setup(Setup::Show), 4_096),
            (
                Command::Set {
                    field: String::new(),
                    value: String::new(),
                },
                4_096,
            ),
            (
                Command::Role {
                    role: String::new(),
                    whom: Whom::Myself,
                },
                4_096,
            ),
            (Command::Help { about: None }, 4_096),
            (Command::Drill { name: None }, 4_096),
        ];
        commands.extend(
            playbooks
                .into_iter()
                .map(|id| (Command::Playbook(Some(id)), 4_096)),
        );
        for (command, max) in commands {
            let shown = format!("{command:?}");
            let effects = room.ok("Olivia", command);
            let [Effect::Answer(answer)] = effects.as_slice() else {
                panic!("{shown}: {effects:?}")
            };
            let rendered = said(&room.view(), answer);
            well_formed(&rendered.html)
                .unwrap_or_else(|why| panic!("{plan} {shown}: {why}\n{}", rendered.html));
            let length = visible_len(&rendered.html);
            assert!((10..=max).contains(&length), "{plan} {shown}: {length}");
        }
    }
}

#[test]
fn a_name_never_calls_anybody_but_a_mention_does() {
    let alice = crate::incident::Person {
        id: UserId(2),
        name: "A <b> @bob".into(),
        username: None,
    };
    assert_eq!(name(&alice).as_str(), "A &lt;b&gt; @\u{2060}bob");
    assert_eq!(
        crate::messages::mention(&alice).as_str(),
        "<a href=\"tg://user?id=2\">A &lt;b&gt; @bob</a>"
    );
}

#[test]
fn an_owner_sees_what_is_open_in_all_groups() {
    let room = Room::with("tars");
    let list = |count: u32, unread| {
        let open = (1..=count).map(|number| OpenElsewhere {
            id: IncidentId::security(2026, number),
            severity: (number > 1).then(|| ("P1".to_owned(), "High".to_owned())),
            emoji: (number > 1).then(|| "🟠".to_owned()),
            title: if number > 2 {
                "<".repeat(300)
            } else {
                "Odd <b>logins</b>".to_owned()
            },
            chat: if number > 2 {
                "&".repeat(300)
            } else {
                "Ops & security".to_owned()
            },
        });
        let open = open.collect();
        crate::messages::testing::shown(&said(
            &room.view(),
            &Said::StatusEverywhere { open, unread },
        ))
    };
    assert_snapshot!(format!("{}\n\n{}", list(2, 1), list(0, 0)), @"
    2 incidents are open
    ⚪ <b>SEC-2026-001 · no severity yet</b> · Ops &amp; security
    Odd &lt;b&gt;logins&lt;/b&gt;
    🟠 <b>SEC-2026-002 · P1 High</b> · Ops &amp; security
    Odd &lt;b&gt;logins&lt;/b&gt;

    Name one to see it here: <code>/status SEC-2026-001</code>
    ⚠️ One group could not be read, so this list may lack something. The log says why.

    No incident is open in any of my groups.
    ");
    let many = list(30, 2);
    well_formed(&many).expect("markup");
    assert!(visible_len(&many) < 4096, "{}", visible_len(&many));
    assert!(many.contains("… and 10 more."), "{many}");
}

/// What collectors and steps print is text from outside, whatever stands in it.
#[test]
fn what_was_looked_up_or_played_is_only_text() {
    let room = Room::with("tars");
    let hostile = "<b>x</b> & \"y\" /lockdown";
    let offer = crate::incident::Offer {
        value: "1a2b3c4".into(),
        about: hostile.into(),
    };
    let choices = |offers| Said::Choices {
        incident: None,
        procedure: "rollback".into(),
        parameter: "commit".into(),
        given: [("backup".to_owned(), "a.db".to_owned())].into(),
        offers,
    };
    let parameters = [("commit".to_owned(), "1a2b3c4".to_owned())].into();
    let played = crate::incident::Played {
        step: crate::incident::StepKey {
            part: "rollback".into(),
            index: 0,
            undo: false,
            check: false,
        },
        name: hostile.into(),
        status: crate::incident::StepStatus::Failed,
        said: format!("rehearsed: would run ${{param.commit}} {hostile}"),
    };
    let all = [
        choices(Ok(vec![offer])),
        choices(Ok(Vec::new())),
        choices(Err(hostile.into())),
        Said::Rehearsed {
            incident: None,
            lever: crate::incident::Lever::Procedure {
                id: "rollback".into(),
                parameters,
            },
            steps: vec![played],
        },
    ];
    let shown: Vec<String> = all
        .iter()
        .map(|it| {
            let html = said(&room.view(), it).html;
            well_formed(&html).unwrap_or_else(|why| panic!("{why}\n{html}"));
            html
        })
        .collect();
    assert_snapshot!(shown.join("\n\n").replace('\u{2060}', "~"), @"
    <b>Rollback</b> · Last good commit:
    1. <code>/rollback 1a2b3c4 a.db</code> · &lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot; <code>/lockdown</code>

    There is nothing to choose from for “Last good commit”.
    Name one yourself: <code>/rollback 1a2b3c4 2026-02-17.db</code>

    I could not look up what there is for “Last good commit”: &lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot; <code>/lockdown</code>
    Name one yourself: <code>/rollback 1a2b3c4 2026-02-17.db</code>

    👓 <b>DRY RUN</b> · nothing outside is touched
    <b>Rollback</b> would do this:
    ⚠️ 1 &lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot; /lockdown: would run 1a2b3c4 &lt;b&gt;x&lt;/b&gt; &amp; &quot;y&quot; <code>/lockdown</code>
    For real: <code>/rollback 1a2b3c4 2026-02-17.db</code>
    ");
}
