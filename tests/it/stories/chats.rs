//! Claiming groups, setting them up, moving with them.

use telegram_sandbox::{NewChat, Say};

use crate::harness::{Harness, Stage};

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_claims_by_adding_the_bot() {
    let harness = Harness::with(Stage {
        outside: true,
        ..Stage::default()
    })
    .await;
    let room = harness.chat("War room");
    harness.control.add_bot(room.id(), harness.world.owner);
    harness.quiet().await;
    insta::assert_snapshot!(harness.transcript(room.id()), @"
    — Olivia joined the group
    — Alice joined the group
    — Bob joined the group
    — Olivia Owner added breakglass
    🤖 (silent) Ready. This group follows “TARS incident response”, times are in UTC, and every member is a responder.
    When something happens: /declare what you see. /setup changes the settings, /help lists everything.
    Make me an administrator who may pin messages and manage topics, so that each incident keeps its card in sight.
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclaimed_group_is_left_after_an_hour() {
    let mut harness = Harness::with(Stage {
        outside: true,
        ..Stage::default()
    })
    .await;
    let id = harness.control.add_chat(NewChat::group("Somebody else's"));
    harness.add_chat("Somebody else's", id);
    harness.control.join(id, harness.world.outsider);
    harness.control.add_bot(id, harness.world.outsider);
    harness.quiet().await;
    let theirs = harness.chat("Somebody else's");
    insta::assert_snapshot!(harness.transcript(id), @"
    — Mallory joined the group
    — Mallory Moss added breakglass
    🤖 (silent) I am here for a team that has set me up. If one of my owners sends /start within an hour, I stay; otherwise I leave.
    ");
    insta::assert_snapshot!(theirs.as_user("Mallory").says("/declare P0 let me in").await, @"🤖 (silent) This group is not in use yet: one of my owners has to send /start here first.");
    insta::assert_snapshot!(theirs.as_user("Mallory").says("/start").await, @"");
    harness.later(61).await;
    assert_eq!(harness.control.bot_status(id), "left");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_owner_the_bot_only_tells_people_their_ids() {
    let harness = Harness::with(Stage {
        without_owner: true,
        ..Stage::default()
    })
    .await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/declare P0 x").await, @"");
    let whoami = room.as_user("Bob").says("/whoami").await;
    assert!(
        whoami.contains(&harness.person("Bob").to_string()),
        "{whoami}"
    );
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_three_commands() {
    let harness = Harness::start().await;
    let alone = harness.chat("Mallory");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/start").await, @"🤖 (silent) I run a team's incident response plan in its group. /whoami shows your id. Add me to your group, and an owner sends /start there.");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/help").await, @"
    🤖 (silent) I run a team's incident response plan. I act for the people of the team only; if you belong to it, ask one of its owners to add you.

    Always
    /start — Begin here
    /help [command] — What you can do here
    /whoami — Your id and what you may do
    ");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/status").await, @"🤖 (silent) Commands belong in your team's group: send /status there. If you are not in the team yet, ask an owner in that group to reply to you with /grant responder.");
    insta::assert_snapshot!(alone.as_user("Mallory").says("/status SEC-2026-001").await, @"");
    harness.later(10).await;
    insta::assert_snapshot!(alone.as_user("Mallory").says("/hack").await, @"🤖 (silent) There is no command /hack. /help lists what you can do here.");
    harness.end().await;
}

/// A slip of the finger is asked about where it can only be meant for this bot, and only to the team.
#[tokio::test(flavor = "multi_thread")]
async fn a_slip_in_a_command_is_asked_about() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/don 3").await, @"🤖 (silent) There is no /don. Did you mean /done?");
    insta::assert_snapshot!(room.as_user("Bob").says("/don@other_bot 3").await, @"");
    insta::assert_snapshot!(room.as_user("Bob").says("/weather Berlin").await, @"");
    room.as_user("Olivia")
        .says("/setup responders granted")
        .await;
    insta::assert_snapshot!(room.as_user("Bob").says("/dome 3").await, @"");
    harness.end().await;
}

/// Somebody of a team who writes to the bot in private is no stranger: they are told where to go, each time.
#[tokio::test(flavor = "multi_thread")]
async fn who_belongs_to_a_team_is_sent_there_from_private() {
    let harness = Harness::start().await;
    harness
        .chat("War room")
        .as_user("Alice")
        .says("I am on call")
        .await;
    let own = harness.chat("Alice");
    own.as_user("Alice").says("/start").await;
    let first = own.as_user("Alice").says("/declare P0 x").await;
    let again = own.as_user("Alice").says("/declare P0 keys leaked").await;
    assert_eq!(first, again, "never silence");
    insta::assert_snapshot!(again, @"🤖 (silent) /declare belongs in your team's group. You belong to War room: send it there.");
    insta::assert_snapshot!(own.as_user("Alice").says("/status").await, @"🤖 (silent) /status belongs in your team's group. You belong to War room: send it there.");
    insta::assert_snapshot!(own.as_user("Alice").says("/whoami").await, @"
    🤖 (silent) Alice Archer
    Id 1000002
    responder in War room
    ");
    let stranger = harness.chat("Mallory");
    stranger.as_user("Mallory").says("/start").await;
    insta::assert_snapshot!(stranger.as_user("Mallory").says("/whoami").await, @"
    🤖 (silent) Mallory Moss
    Id 1000004 · stranger here
    ");
    insta::assert_snapshot!(stranger.as_user("Mallory").says("/status").await, @"🤖 (silent) Commands belong in your team's group: send /status there. If you are not in the team yet, ask an owner in that group to reply to you with /grant responder.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn owners_see_every_incident_from_their_private_chat() {
    let harness = Harness::start().await;
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/declare P1 key leaked")
        .await;
    let alone = harness.chat("Olivia");
    insta::assert_snapshot!(alone.as_user("Olivia").says("/status SEC-2026-001").await, @"
    🤖 (silent) 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00
    Containment needs 3 first.
    ");
    let elsewhere = harness.chat("Incident forum");
    elsewhere
        .as_user("Bob")
        .says("/declare <b>odd</b> logins")
        .await;
    insta::assert_snapshot!(alone.as_user("Olivia").says("/status").await, @"
    🤖 (silent) 2 incidents are open
    🟠 SEC-2026-001 · P1 High · War room
    key leaked
    ⚪ SEC-2026-002 · no severity yet · Incident forum
    <b>odd</b> logins

    Name one to see it here: /status SEC-2026-001
    ");
    // Nobody else learns anything there, and a group shows its own incidents only.
    insta::assert_snapshot!(harness.chat("Bob").as_user("Bob").says("/status all").await, @"🤖 (silent) /status belongs in your team's group. You belong to Incident forum and War room: send it there.");
    let shown = elsewhere.as_user("Olivia").says("/status all").await;
    assert!(!shown.contains("SEC-2026-001"), "{shown}");
    let cancelled = "/cancel SEC-2026-001 false_alarm a drill";
    harness
        .chat("War room")
        .as_user("Olivia")
        .says(cancelled)
        .await;
    elsewhere
        .as_user("Olivia")
        .says("/cancel SEC-2026-002 false_alarm a drill")
        .await;
    insta::assert_snapshot!(alone.as_user("Olivia").says("/status all").await, @"🤖 (silent) No incident is open in any of my groups.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_is_set_up_step_by_step() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/setup plan jarvis").await, @"🤖 (silent) /setup is for owners; you are a responder here. Owners are set on the machine that runs me.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup").await, @"
    🤖 (silent) Settings of this chat
    Plan: TARS incident response (/setup plan jarvis | tars)
    Language: en (/setup language en)
    Times: UTC (/setup timezone Europe/Berlin)
    Administrators: no special rights (/setup admins on makes them commanders)
    Responders: every member (/setup responders granted)
    Alarms about the installation: not here (/setup home)
    My rights: pinning, topics, deleting
    Granted: nobody yet (/grant commander as a reply to a person)
    ");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup plan jarvis").await, @"(👌 breakglass)");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup plan saturn").await, @"🤖 (silent) I know no plan “saturn”. There is: jarvis, tars.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup timezone europe/berlin").await, @"(👌 breakglass)");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup timezone Atlantis").await, @"🤖 (silent) I know no time zone “Atlantis”. For example: UTC, Europe/Berlin, America/New_York.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/language xx").await, @"🤖 (silent) I know no language “xx”. There is: en.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/setup responders granted").await, @"(👌 breakglass)");
    insta::assert_snapshot!(room.as_user("Bob").says("/declare P1 x").await, @"🤖 (silent) /declare is for the team. If you belong to it, ask an owner to reply to you with /grant responder.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/declare P1 wallet drained").await, @"
    (👀 breakglass)
    🤖 🔴 SEC-2026-001 · P1 Critical
    wallet drained
    Containment (1 of 6) · open since 15:00 CET
    ⏳ Respond by 15:05 CET · 4 min left at 15:00
    ⏳ Contain by 16:00 CET · 59 min left at 15:00
    👤 Nobody is Incident Lead yet: /role lead takes it
    🔔 Everyone on the team

    Stop the damage that is going on
    ⬜ 1 Damage stopped: what is hit is shut down or cut off
    ⬜ 2 Compromised keys revoked
    ⬜ 3 Suspicious addresses blocked, limits tightened
    ⬜ 4 Affected bots stopped

    First moves
    1. Contain: stop the damage
    2. Assess: find out how far it goes
    3. Notify: tell those who must know
    4. Remediate: mend it
    5. Recover: back to normal
    6. Document: keep a record of everything
    Assessment needs 1 first.

    Treasury (critical)
    Trigger the emergency shutdown at once: /emergency_shutdown here, the admin endpoint, or the program on the host.
    ✍ /set affected /set containment_started
    ⚙ Emergency shutdown: /emergency_shutdown
    API
    • Revoke the compromised API keys
    • Put suspicious addresses on the blocklist of firewall or WAF
    • Switch the emergency rate limits on
    ⚙ Revoke an API key: /run revoke_key
    Bots
    Stop the Telegram and the Twitter bot by their units.
    ⚙ Stop the bots: /run stop_bots
    [ 1 ✓ ] [ 2 ✓ ] [ 3 ✓ ] [ 4 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_becomes_a_supergroup_keeps_everything() {
    let mut harness = Harness::start().await;
    let room = harness.chat("War room").id();
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/declare P1 key leaked")
        .await;
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/note before the move")
        .await;
    let moved = harness.control.migrate_to_supergroup(room);
    harness.add_chat("War room (super)", moved);
    harness.quiet().await;
    insta::assert_snapshot!(harness.transcript(moved), @"
    — “War room” was a group before
    🤖 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

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
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    ");
    let room = harness.chat("War room (super)");
    insta::assert_snapshot!(room.as_user("Alice").says("/note after the move").await, @"(✍ breakglass)");
    insta::assert_snapshot!(room.as_user("Alice").says("/timeline").await, @"
    🤖 (silent) Timeline of SEC-2026-001 · times in UTC
    14:00 Declared as P1 High: key leaked — Bob Baker
    14:00 ✅ 1 Incident logged
    14:00 ✅ 2 Severity assigned
    14:00 ✅ 4 Timeline started
    14:00 The team was told: the card stands in the chat
    14:00 before the move — Bob Baker
    14:00 The team was told: the card stands in the chat
    14:00 after the move — Alice Archer
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_press_on_the_old_card_does_no_harm() {
    let mut harness = Harness::start().await;
    let old = harness.chat("War room").id();
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/declare P1 key leaked")
        .await;
    let card = harness.chat("War room").card().message_id;
    let moved = harness.control.migrate_to_supergroup(old);
    harness.add_chat("War room (super)", moved);
    harness.quiet().await;
    for restart in [false, true] {
        if restart {
            harness.restart().await;
        }
        let data = "1:p:s2026.1:";
        harness.control.press(old, harness.world.owner, card, data);
        harness.quiet().await;
        let room = harness.chat("War room (super)");
        let status = room.as_user("Bob").says("/status").await;
        assert!(
            status.contains("SEC-2026-001"),
            "after a restart: {restart}: {status}"
        );
    }
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bot_that_was_removed_must_be_brought_back_by_an_owner() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("I own this").await;
    room.as_user("Bob").says("/declare P1 key leaked").await;
    harness.control.kick_bot(room.id(), harness.world.outsider);
    harness.quiet().await;
    harness.control.add_bot(room.id(), harness.person("Bob"));
    harness.quiet().await;
    // It asks for an owner, and does not leave a team alone with what is open.
    let shown = harness.transcript(room.id());
    let back = shown.lines().rev().take(2).collect::<Vec<_>>();
    insta::assert_snapshot!(back.into_iter().rev().collect::<Vec<_>>().join("\n"), @"
    🤖 I was removed while SEC-2026-001 was open, and it still is. An owner must send /start here before anything goes on.
    Olivia Owner
    ");
    harness.later(120).await;
    assert_ne!(harness.control.bot_status(room.id()), "left");
    insta::assert_snapshot!(room.as_user("Bob").says("/status").await, @"🤖 (silent) This group is not in use yet: one of my owners has to send /start here first.");
    // What was open when it was removed is open still, with a card in sight.
    insta::assert_snapshot!(room.as_user("Olivia").says("/start").await, @"
    🤖 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Response overdue: it was due by 15:00 UTC · 1 h over at 16:00
    ⏳ Containment overdue: it was due by 16:00 UTC · less than a minute over at 16:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

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
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    🤖 (silent) Ready. This group follows “TARS incident response”, times are in UTC, and every member is a responder.
    When something happens: /declare what you see. /setup changes the settings, /help lists everything.
    Make me an administrator who may pin messages and manage topics, so that each incident keeps its card in sight.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/status").await, @"
    🤖 (silent) 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Response overdue: it was due by 15:00 UTC · 1 h over at 16:00
    ⏳ Containment overdue: it was due by 16:00 UTC · less than a minute over at 16:00
    👤 Nobody is Incident Commander yet: /role ic takes it

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00
    Containment needs 3 first.
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_changes_nothing() {
    let mut harness = Harness::start().await;
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/declare P1 key leaked")
        .await;
    let before = harness.chat("War room").card_text();
    harness.restart().await;
    assert_eq!(harness.chat("War room").card_text(), before);
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 5").await, @"(👌 breakglass)");
    let say = Say::text("/note as an answer").reply_to(room.card().message_id);
    insta::assert_snapshot!(room.as_user("Bob").sends(say).await, @"(✍ breakglass)");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn status_counts_what_waits_and_forgets_what_was_dropped() {
    use breakglass::store::{NewOutbox, Settlement, Unit};
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let ledger = harness.house().ledger();
    let chats = ledger.chats().await.expect("chats");
    let key = chats
        .iter()
        .find(|it| it.telegram_id == room.id())
        .expect("the war room")
        .key;
    let unit = Unit {
        chat: key,
        outbox: vec![NewOutbox {
            chat: None,
            incident: None,
            lane: 0,
            body: "{}".to_owned(),
        }],
        ..Unit::default()
    };
    let id = ledger.commit(unit).await.expect("committed").outbox[0].id;
    let why = "test".to_owned();
    let waits = "could not be delivered";
    ledger
        .settle(vec![Settlement::Parked {
            id,
            why: why.clone(),
        }])
        .await
        .expect("settled");
    let status = room.as_user("Bob").says("/status").await;
    assert!(status.contains(waits), "{status}");
    // The right came back without a word from Telegram, or the row was given up: nothing waits any more.
    ledger
        .settle(vec![Settlement::Dropped { id, why }])
        .await
        .expect("settled");
    let status = room.as_user("Bob").says("/status").await;
    assert!(!status.contains(waits), "{status}");
    harness.end().await;
}
