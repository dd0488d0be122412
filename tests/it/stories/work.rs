//! Working through an incident.

use crate::harness::Harness;

async fn declared() -> Harness {
    let harness = Harness::start().await;
    harness
        .chat("War room")
        .as_user("Bob")
        .says("/declare P1 key leaked")
        .await;
    harness
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checklist_is_ticked_by_button_and_command() {
    let harness = declared().await;
    let room = harness.chat("War room");
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
    ⚙ Close API routes: /procedures
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /procedures
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /procedures
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
    insta::assert_snapshot!(room.as_user("Bob").says("/untick 5").await, @"
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
    ⚙ Close API routes: /procedures
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /procedures
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /procedures
    Use a scenario
    Key exposed, database breach, unauthorized access and DDoS have a playbook each: /playbook.
    [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (👌 breakglass)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/untick 5").await, @"🤖 (silent) Item 5 is open: there is nothing to take back.");
    insta::assert_snapshot!(room.as_user("Bob").says("/skip 7").await, @"🤖 (silent) Please say why, it goes on record: /skip 8 no customers are concerned");
    insta::assert_snapshot!(room.as_user("Bob").says("/skip 7 nobody else had access").await, @"
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
    ➖ 7 Further access prevented — not needed: nobody else had access
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
    ⚙ Close API routes: /procedures
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /procedures
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /procedures
    Use a scenario
    Key exposed, database breach, unauthorized access and DDoS have a playbook each: /playbook.
    [ 5 ✓ ] [ 6 ✓ ] [ 8 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (👌 breakglass)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/skip 6 no time").await, @"🤖 (silent) Item 6 guards the next phase, so only a commander skips it: /skip 6 why.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn eradication_waits_for_the_evidence() {
    let harness = declared().await;
    let room = harness.chat("War room");
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
    ⚙ Close API routes: /procedures
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /procedures
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /procedures
    Use a scenario
    Key exposed, database breach, unauthorized access and DDoS have a playbook each: /playbook.
    [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    🤖 ➡️ SEC-2026-001: Containment (2 of 5) begins, says Bob Baker. Stop the spread.
    (toast) SEC-2026-001 is in Containment now.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/next").await, @"🤖 (silent) Still open in Containment: Affected systems isolated (5), Evidence preserved (6). Tick them with /done 5 6, or a commander uses /next force why.");
    insta::assert_snapshot!(room.as_user("Bob").says("/next force it burns").await, @"🤖 (silent) /next needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
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
    Look for injected code
    The searches list hits; a person judges each. No hit is good news.
    • Files that a Next.js app has no use for (.php, .jsp)
    • Files changed during the last day
    • Commits since the start, of every branch and author
    • Script tags in call summaries of the last day
    ⚙ Search for injected code: /procedures
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
    ⚙ Close API routes: /procedures
    Keep the evidence
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: /procedures
    Keep them out
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: /procedures
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

#[tokio::test(flavor = "multi_thread")]
async fn notes_facts_and_evidence_are_kept() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/note the key was public for 3 days").await, @"(✍ breakglass)");
    insta::assert_snapshot!(room.as_user("Bob").says("/note").await, @"🤖 (silent) Use it like this: /note provider confirms the key was used from two addresses");
    insta::assert_snapshot!(room.as_user("Bob").says("/set").await, @"
    🤖 (silent) Recorded about SEC-2026-001. Add with /set field value.
    Nothing is recorded yet.
    Not recorded yet
    started — Start of the trouble
    first_suspicious — First suspicious activity
    alert_triggered — Alert
    detected — Detected
    confirmed — Confirmed
    containment_started — Containment begun
    contained — Contained
    root_cause_found — Root cause found
    remediation_complete — Fix complete
    recovery_confirmed — Back to normal
    reporter — Reported by
    detected_by — Detected by
    how_detected — How it was detected
    summary — Summary
    symptoms — Symptoms
    affected — Systems affected
    impact — Impact
    data_exposed — Data exposed
    data_types — Types of data
    records — Records
    users_affected — Users affected
    ongoing — Still going on
    root_cause — Root cause
    contributing_factors — Contributing factors
    attack_vector — Way in
    missed_signs — Missed warning signs
    financial_impact — Financial impact
    direct_losses — Direct losses
    remediation_costs — Cost of the fix
    business_impact — Effect on the business
    downtime — Downtime
    eta — Expected end
    rollback_target — Known good state
    went_well — What went well
    went_poorly — What went poorly
    differently — What we would do differently
    preventive — What prevents a repeat
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/set started yesterday 23:30").await, @"(✍ breakglass)");
    insta::assert_snapshot!(room.as_user("Bob").says("/set started soon").await, @"🤖 (silent) started must be a time. For example: /set started 14:05");
    insta::assert_snapshot!(room.as_user("Bob").says("/set affected n8n, payments").await, @"(✍ breakglass)");
    insta::assert_snapshot!(room.as_user("Bob").says("/set affected toaster").await, @"🤖 (silent) I know no system “toaster”. There is: app, database, n8n, anthropic, trading, payments, customers, server, repository.");
    insta::assert_snapshot!(room.as_user("Bob").says("/set colour red").await, @"🤖 (silent) I know no field “colour”. There is: started, first_suspicious, alert_triggered, detected, confirmed, containment_started, contained, root_cause_found, remediation_complete, recovery_confirmed, reporter, detected_by, how_detected, summary, symptoms, affected and 21 more.");
    insta::assert_snapshot!(room.as_user("Bob").says("/evidence").await, @"🤖 (silent) Reply to the message or file that you want to keep with /evidence what it shows, or send a file with that as its caption.");
    let photo = telegram_sandbox::Say::text("/evidence the console")
        .photo(b"not really a picture".to_vec());
    insta::assert_snapshot!(room.as_user("Alice").sends(photo).await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name
    🔒 E1 photo · SHA-256 fe1a4ab1…

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
    • Give out roles: investigator, communicator, remediator
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (✍ breakglass)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"
    🤖 (silent) Timeline of SEC-2026-001 · times in UTC
    14:00 Declared as P1 High: key leaked — Bob Baker
    14:00 ✅ 1 Incident logged
    14:00 ✅ 2 Severity assigned
    14:00 ✅ 4 Timeline started
    14:00 The team was told: the card stands in the chat
    14:00 ✅ 3 Team notified
    14:00 the key was public for 3 days — Bob Baker
    14:00 Start of the trouble: 16 Feb 23:30 UTC — Bob Baker
    14:00 Systems affected: n8n workflows, Payments — Bob Baker
    14:00 📎 E1 the console — Alice Archer
    14:00 🔒 E1 stored, 20 B, SHA-256 fe1a4ab1…
    14:00 ✅ 6 Evidence preserved
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn severity_goes_up_by_anybody_and_down_by_a_commander() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/severity P0 customers are affected").await, @"
    ✏️ 🔴 SEC-2026-001 · P0 Critical
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 14:15 UTC · 14 min left at 14:00
    ⏳ Contain by 15:00 UTC · 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 Everyone on the team

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
    • Give out roles: investigator, communicator, remediator
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (👌 breakglass)
    🤖 🔴 SEC-2026-001 goes up from P1 High to P0 Critical, says Bob Baker.
    Why: customers are affected
    Tell all stakeholders at once.
    🔔 Everyone on the team
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/severity P3").await, @"🤖 (silent) /severity needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Bob").says("/severity P9").await, @"🤖 (silent) I know no severity “P9”. There is: P0 Critical, P1 High, P2 Medium, P3 Low.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/severity P2 only a test key").await, @"
    ✏️ 🟡 SEC-2026-001 · P2 Medium
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 18:00 UTC · 3 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it

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
    Give out roles
    • Investigator, communicator, remediator
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    (👌 breakglass)
    🤖 (silent) 🟡 SEC-2026-001 goes down from P0 Critical to P2 Medium, says Olivia Owner.
    Why: only a test key
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn follow_ups_have_owners_and_dates() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/todo scan all repositories @alice 2026-03-01").await, @"🤖 (silent) I have not seen @~alice here. Ask them to write one message, or reply to a message of theirs with the command.");
    insta::assert_snapshot!(room.as_user("Bob").says("/todo").await, @"🤖 (silent) Use it like this: /todo rotate the staging keys @bob 2026-03-01");
    insta::assert_snapshot!(room.as_user("Bob").says("/todo done 1").await, @"🤖 (silent) I know no follow-up “1”.");
    insta::assert_snapshot!(room.as_user("Bob").says("/todo done 7").await, @"🤖 (silent) I know no follow-up “7”.");
    insta::assert_snapshot!(room.as_user("Bob").says("/todos").await, @"🤖 (silent) SEC-2026-001 has no follow-ups. Add one: /todo what is to be done @name date");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_called_off_and_taken_up_again() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/cancel false_alarm it was a test key").await, @"🤖 (silent) /cancel needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel").await, @"
    🤖 (silent) /cancel false_alarm <why>, or duplicate <ID> <why>
    For what turned out to be nothing, or is handled under another id.
    For example: /cancel false_alarm the scanner was ours
    Who may: commander and above.
    ");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel false_alarm").await, @"🤖 (silent) Please say why, it goes on record: /cancel false_alarm the scanner was ours");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel false_alarm it was a test key").await, @"
    ✏️ ⚪ SEC-2026-001 · false alarm
    key leaked
    Called off 14:00 UTC: it was a test key
    (👌 breakglass)
    🤖 ⚪ SEC-2026-001 was a false alarm: it was a test key
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/done 5").await, @"🤖 (silent) No incident is open here. /declare opens one.");
    insta::assert_snapshot!(room.as_user("Bob").says("/note SEC-2026-001 still true").await, @"🤖 (silent) SEC-2026-001 is called off, so nothing in it changes. A commander can take it up again with /reopen SEC-2026-001 why.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/reopen it was not a test key").await, @"
    (👌 breakglass)
    🤖 🔓 SEC-2026-001 is open again in Identification, says Olivia Owner: it was not a test key
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
    • Give out roles: investigator, communicator, remediator
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    — breakglass pinned a message
    ");
    insta::assert_snapshot!(room.as_user("Olivia").says("/reopen twice").await, @"🤖 (silent) SEC-2026-001 is still open: there is nothing to reopen.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/close").await, @"🤖 (silent) SEC-2026-001 is in Identification, and only the last phase can be closed. Go on with /next; if it was nothing, /cancel false_alarm why.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_duplicate_points_at_the_other_incident() {
    let harness = declared().await;
    let room = harness.chat("War room");
    harness.later(30).await;
    room.as_user("Alice")
        .says("/declare P2 odd requests with our key")
        .await;
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel SEC-2026-002 duplicate SEC-2026-009 same key").await, @"🤖 (silent) SEC-2026-009 is not known in this chat. /status all lists what is open here.");
    insta::assert_snapshot!(room.as_user("Olivia").says("/cancel SEC-2026-002 duplicate SEC-2026-001 same key").await, @"
    ✏️ ⚪ SEC-2026-002 · duplicate of SEC-2026-001
    odd requests with our key
    Called off 14:30 UTC: same key
    (👌 breakglass)
    🤖 ⚪ SEC-2026-002 goes on as SEC-2026-001: same key
    ");
    harness.end().await;
}
