//! Items and phases.

use super::declared;

#[tokio::test(flavor = "multi_thread")]
async fn the_checklist_is_ticked_by_button_and_command() {
    let harness = declared().await;
    let room = harness.chat("War room");
    // Nobody is bound to the commander's contact: a person says that the team is told.
    room.as_user("Bob").says("/done 3").await;
    room.as_user("Bob").says("/next").await;
    insta::assert_snapshot!(room.as_user("Bob").presses("5 ✓").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Containment (2 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Stop the spread
    ✅ 5 Affected systems isolated — Bob Baker 14:00
    ⬜ 6 Evidence preserved
    ⬜ 7 Further access prevented
    ⬜ 8 Stakeholders told

    Next: Isolate what is hit · Keep the evidence · Keep them out
    Eradication needs 6 first.

    Isolate what is hit
    P0 and P1: at once, when production is compromised.
    • Close the affected API routes at Vercel (a firewall rule; pausing the project is the bigger hammer)
    • Revoke keys that leaked
    • End suspicious sessions
    • Block hostile addresses
    ✍ /set affected /set containment_started
    ⚙ Close API routes: /run disable_routes
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /collect
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /run tighten_limits
    Use a scenario
    Key exposed, database breach, unauthorized access and DDoS have a playbook each: /playbook.
    [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (toast) Ticked 5.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 5").await, @"(👌 breakglass)");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 7, 99").await, @"🤖 (silent) There is no item 99: they run from 1 to 20.");
    insta::assert_snapshot!(room.as_user("Bob").says("/done everything").await, @"
    🤖 (silent) /done <number>…
    The numbers stand on the card and run on through all phases.
    For example: /done 5 6
    ");
    insta::assert_snapshot!(room.as_user("Bob").briefly().says("/untick 5").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High …
    - ✅ 5 Affected systems isolated — Bob Baker 14:00
    + ⬜ 5 Affected systems isolated
    - Eradication needs 6 first.
    + Eradication needs 5 and 6 first.
    - [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    + [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    (👌 breakglass)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/untick 5").await, @"🤖 (silent) Item 5 is open: there is nothing to take back.");
    insta::assert_snapshot!(room.as_user("Bob").says("/skip 7").await, @"🤖 (silent) Please say why, it goes on record: /skip 8 no customers are concerned");
    insta::assert_snapshot!(room.as_user("Bob").briefly().says("/skip 7 nobody else had access").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High …
    - ⬜ 7 Further access prevented
    + ➖ 7 Further access prevented — not needed: nobody else had access
    - [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    + [ 5 ✓ ] [ 6 ✓ ] [ 8 ✓ ]
    (👌 breakglass)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/skip 6 no time").await, @"🤖 (silent) Item 6 guards the next phase, so only a commander skips it: /skip 6 why.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eradication_waits_for_the_evidence() {
    let harness = declared().await;
    let room = harness.chat("War room");
    // Nobody is bound to the commander's contact: a person says that the team is told.
    room.as_user("Bob").says("/done 3").await;
    insta::assert_snapshot!(room.as_user("Bob").presses("Next phase →").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Containment (2 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Stop the spread
    ⬜ 5 Affected systems isolated
    ⬜ 6 Evidence preserved
    ⬜ 7 Further access prevented
    ⬜ 8 Stakeholders told

    Next: Isolate what is hit · Keep the evidence · Keep them out
    Eradication needs 5 and 6 first.

    Isolate what is hit
    P0 and P1: at once, when production is compromised.
    • Close the affected API routes at Vercel (a firewall rule; pausing the project is the bigger hammer)
    • Revoke keys that leaked
    • End suspicious sessions
    • Block hostile addresses
    ✍ /set affected /set containment_started
    ⚙ Close API routes: /run disable_routes
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /collect
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /run tighten_limits
    Use a scenario
    Key exposed, database breach, unauthorized access and DDoS have a playbook each: /playbook.
    [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    🤖 ➡️ SEC-2026-001: Containment (2 of 5) begins, says Bob Baker. Stop the spread.
    (toast) SEC-2026-001 is in Containment now.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/next").await, @"🤖 (silent) Still open in Containment: Affected systems isolated (5), Evidence preserved (6). Tick them with /done 5 6, or a commander uses /next force why.");
    insta::assert_snapshot!(room.as_user("Bob").says("/next force it burns").await, @"🤖 (silent) Forcing a phase needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/next force").await, @"🤖 (silent) Please say why, it goes on record: /next force the evidence is lost for good");
    insta::assert_snapshot!(room.as_user("Olivia").says("/next force logs are on a dead disk").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Eradication (3 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contained 14:00 UTC, after less than a minute
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Get the threat out, all of it
    ⬜ 9 Root cause identified
    ⬜ 10 Threat removed
    ⬜ 11 System verified clean
    ⬜ 12 Patches applied
    Still open from before: 5, 6, 7, 8

    Next: Find the root cause · Remove the threat · Look for injected code
    Recovery needs 9, 10, 11 and /set root_cause first.

    Find the root cause
    ? How did they get in?
    ? Which weaknesses did they use?
    ? Which warning signs did we miss?
    ✍ /set root_cause /set attack_vector /set contributing_factors /set missed_signs /set root_cause_found
    Remove the threat
    • Delete malicious code and data
    • Close the holes that were used
    • Take out backdoors and whatever survives a restart
    • Patch what is affected
    ⚙ Patch and deploy: /run patch
    Look for injected code
    The searches list hits; a person judges each. No hit is good news.
    • Files that a Next.js app has no use for (.php, .jsp)
    • Files changed during the last day
    • Commits since the start, of every branch and author
    • Script tags in call summaries of the last day
    ⚙ Search for injected code: /run search_injected
    Make sure it is clean
    • Scan for further compromise
    • Rule out that they moved on to other systems
    • Check whether data left the house
    ✍ /set data_exposed /set data_types
    [ 9 ✓ ] [ 10 ✓ ] [ 11 ✓ ] [ 12 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (👌 breakglass)
    🤖 ➡️ SEC-2026-001: Eradication (3 of 5) begins, says Olivia Owner. Get the threat out, all of it.
    Forced before everything was there: logs are on a dead disk
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/back").await, @"🤖 (silent) Please say why, it goes on record: /back the attacker is still in");
    insta::assert_snapshot!(room.as_user("Bob").says("/back the attacker is still there").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Containment (2 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name

    Stop the spread
    ⬜ 5 Affected systems isolated
    ⬜ 6 Evidence preserved
    ⬜ 7 Further access prevented
    ⬜ 8 Stakeholders told

    Next: Isolate what is hit · Keep the evidence · Keep them out
    Eradication needs 5 and 6 first.

    Isolate what is hit
    P0 and P1: at once, when production is compromised.
    • Close the affected API routes at Vercel (a firewall rule; pausing the project is the bigger hammer)
    • Revoke keys that leaked
    • End suspicious sessions
    • Block hostile addresses
    ✍ /set affected /set containment_started
    ⚙ Close API routes: /run disable_routes
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /collect
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /run tighten_limits
    Use a scenario
    Key exposed, database breach, unauthorized access and DDoS have a playbook each: /playbook.
    [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (👌 breakglass)
    🤖 ↩️ SEC-2026-001 goes back to Containment, says Bob Baker: the attacker is still there
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_press_moves_nothing_twice() {
    let harness = declared().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/done 3").await;
    let card = room.card();
    let next = card
        .keyboard
        .iter()
        .flatten()
        .find(|it| it.text == "Next phase →")
        .expect("a button");
    let data = next.callback_data.clone().expect("it sends something");
    room.as_user("Bob").presses("Next phase →").await;
    insta::assert_snapshot!(room.as_user("Alice").presses_data(card.message_id, &data).await, @"(alert) SEC-2026-001 is in Containment already. The newest card shows where it stands.");
    harness.end().await;
}
