//! Roles, acknowledgements, contacts, grants.

use crate::harness::Harness;

#[tokio::test(flavor = "multi_thread")]
async fn a_reaction_on_the_card_acknowledges() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let card = room.card().message_id;
    insta::assert_snapshot!(room.as_user("Alice").reacts(card, "👀").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    👀 Seen by Alice Archer

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Containment needs 3 first.

    Take the alert in
    • Put the incident on record
    • Note date and time, who reported it and what they saw first
    ✍ /set reporter /set summary /set started /set alert_triggered /set how_detected
    First look
    ? What happened: which symptoms are there?
    ? Since when?
    ? Where: which systems?
    ? Who is hit: users, data, systems?
    ✍ /set symptoms /set started /set affected /set users_affected
    How bad
    • Choose a severity from P0 to P3
    • Decide whether to escalate
    Call the team
    P0 and P1 need the Incident Commander.
    • Notify the Incident Commander
    Give out roles
    • Investigator, communicator, remediator
    [ 3 ✓ ]
    [ Playbooks ] [ Next phase → ]
    (👀 Alice Archer)
    ");
    insta::assert_snapshot!(room.as_user("Alice").says("/ack").await, @"(👀 breakglass)");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_reactions_are_off_a_short_reply_stands_in() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    harness.control.reactions_allowed(room.id(), false);
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Bob").says("/note from the log").await, @"🤖 (silent) Noted.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_are_taken_and_given() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Bob").says("/role").await, @"
    🤖 (silent) Roles in SEC-2026-001
    Incident Commander: nobody
    Investigator: nobody
    Communicator: nobody
    Remediator: nobody
    Take one with a button, or give it: /role remediator @name. Roles carry no authority.
    [ Incident Commander ] [ Investigator ]
    [ Communicator ] [ Remediator ]
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/role commander").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Incident Commander: Bob Baker
    🔔 Bob Baker

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ✅ 3 Team notified — 14:00
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Nothing holds you back: the next phase is Containment.

    Take the alert in
    • Put the incident on record
    • Note date and time, who reported it and what they saw first
    ✍ /set reporter /set summary /set started /set alert_triggered /set how_detected
    First look
    ? What happened: which symptoms are there?
    ? Since when?
    ? Where: which systems?
    ? Who is hit: users, data, systems?
    ✍ /set symptoms /set started /set affected /set users_affected
    How bad
    • Choose a severity from P0 to P3
    • Decide whether to escalate
    Call the team
    P0 and P1 need the Incident Commander.
    • Notify the Incident Commander
    Give out roles
    • Investigator, communicator, remediator
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (🫡 breakglass)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/role investigator @alice").await, @"🤖 (silent) I have not seen @~alice here. Ask them to write one message, or reply to a message of theirs with the command.");
    insta::assert_snapshot!(room.as_user("Bob").says("/role gardener").await, @"🤖 (silent) I know no role “gardener”. There is: commander, investigator, communicator, remediator.");
    insta::assert_snapshot!(room.as_user("Bob").says("/role investigator @nobody_here").await, @"🤖 (silent) I have not seen @~nobody_here here. Ask them to write one message, or reply to a message of theirs with the command.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_are_bound_by_a_commander() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Alice").says("/whoami").await;
    insta::assert_snapshot!(room.as_user("Bob").says("/contact legal @alice").await, @"🤖 (silent) /contact needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/contact legal @alice backup @olivia").await, @"(👌 breakglass)");
    insta::assert_snapshot!(room.as_user("Bob").says("/contacts").await, @"
    🤖 (silent) The team
    Incident Commander: Owner · nobody bound yet, /contact incident_commander @name · backup Technical Lead — Has the final decision
    Technical Lead: TARS Agent · nobody bound yet, /contact technical_lead @name · Telegram — Investigates and remediates
    Communications: nobody bound yet, /contact communications @name — Notifies stakeholders
    Legal: Alice Archer · backup Olivia Owner — Compliance and reports to authorities

    Outside
    Anthropic Support: support@anthropic.com — An API key is compromised
    Vercel Support: support@vercel.com — Trouble with the infrastructure
    n8n Support: support@n8n.io — A workflow is compromised
    Hosting Provider — The server is compromised; filtering upstream
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn trust_is_given_by_owners_only() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Alice").says("/whoami").await;
    let bobs = room.as_user("Bob").says("hello").await;
    assert_eq!(bobs, "");
    let hello = harness
        .control
        .transcript(room.id())
        .pop()
        .expect("hello")
        .message_id;
    insta::assert_snapshot!(room.as_user("Bob").says("/grant approver @alice").await, @"🤖 (silent) /grant is for owners; you are a responder here. Owners are set on the machine that runs me.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/grant approver @alice").await, @"
    🤖 (silent) Is this the right person?
    Alice Archer · id 1000002
    They would become approver here. User names change hands, the id does not.
    [ Yes, grant it ] [ No ]
    ");
    let question = room.message("Alice").message_id;
    insta::assert_snapshot!(room.as_user("Bob").presses_on(question, "Yes, grant it").await, @"(alert) /grant is for owners; you are a responder here. Owners are set on the machine that runs me.");
    insta::assert_snapshot!(room.as_user("Olivia").presses_on(question, "Yes, grant it").await, @"
    🤖 🔐 R1 · make Alice Archer (1000002) an approver
    Olivia Owner asks for it 14:00 UTC.
    Nobody else here could approve it, Olivia Owner. To do it alone, send /approve R1 grant why by 14:10 UTC. Then there are 30 s to stop it.
    [ Deny ]
    (toast) R1 waits for an answer.
    ");
    insta::assert_snapshot!(room.as_user("Olivia").replies(hello, "/grant commander").await, @"🤖 (silent) Bob Baker is commander here now.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/grant owner @alice").await, @"🤖 (silent) Owners are set on the machine that runs me, in BREAKGLASS_OWNERS. In chat you grant responder, commander or approver.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/grant commander @ghost").await, @"🤖 (silent) I have not seen @~ghost here. Ask them to write one message, or reply to a message of theirs with the command.");
    insta::assert_snapshot!(room.as_user("Bob").says("/whoami").await, @"
    🤖 (silent) Bob Baker
    Id 1000003 · commander here
    ");
    insta::assert_snapshot!(room.as_user("Olivia").says("/revoke @alice").await, @"🤖 (silent) Alice Archer (id 1000002) holds no grant here: nothing was revoked. /setup shows who holds one.");
    insta::assert_snapshot!(room.as_user("Alice").says("/close").await, @"🤖 (silent) /close needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_count_once_it_is_set_up() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    harness.control.promote(
        room.id(),
        harness.person("Alice"),
        telegram_sandbox::Rights::ALL,
    );
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Alice").says("/cancel false_alarm test").await, @"🤖 (silent) /cancel needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup admins on").await, @"(👌 breakglass)");
    insta::assert_snapshot!(room.as_user("Alice").says("/cancel false_alarm test").await, @"
    ✏️ ⚪ SEC-2026-001 · false alarm
    key leaked
    Called off 14:00 UTC: test
    (👌 breakglass)
    🤖 ⚪ SEC-2026-001 was a false alarm: test
    ");
    harness.end().await;
}
