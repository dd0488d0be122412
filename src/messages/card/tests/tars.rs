use insta::assert_snapshot;

use crate::incident::{Command, Whom};
use crate::messages::testing::Room;

#[test]
#[expect(clippy::too_many_lines, reason = "a card for each phase")]
fn a_whole_incident_of_tars_on_its_card() {
    let mut room = Room::with("tars");
    let id = room.declare("Bob", "Signing key found in a public repository");
    assert_snapshot!(room.card(id), @"
    ⚪ <b>SEC-2026-007 · no severity yet</b>
    <b>Signing key found in a public repository</b>
    Identification (1 of 5) · open since 14:00 UTC
    👤 Nobody is Incident Commander yet: <code>/role ic</code> takes it
    How bad is it? Choose below, or <code>/severity CODE</code>.

    <b>Make sure that it is real, and how bad it is</b>
    ✅ 1 Incident logged — 14:00
    ⬜ 2 Severity assigned
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00

    <b>First moves</b>
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Containment needs 2 and 3 first.

    <blockquote expandable><b>Take the alert in</b>
    • Put the incident on record
    • Note date and time, who reported it and what they saw first
    ✍ <code>/set reporter</code> <code>/set summary</code> <code>/set started</code> <code>/set alert_triggered</code> <code>/set how_detected</code>
    <b>First look</b>
    ? What happened: which symptoms are there?
    ? Since when?
    ? Where: which systems?
    ? Who is hit: users, data, systems?
    ✍ <code>/set symptoms</code> <code>/set started</code> <code>/set affected</code> <code>/set users_affected</code>
    <b>How bad</b>
    • Choose a severity from P0 to P3
    • Decide whether to escalate
    <b>Call the team</b>
    P0 and P1 need the Incident Commander.
    • Notify the Incident Commander
    <b>Give out roles</b>
    • Investigator, communicator, remediator</blockquote>
    [ 🔴 P0 Critical ] [ 🟠 P1 High ]
    [ 🟡 P2 Medium ] [ 🟢 P3 Low ]
    [ 3 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    ");
    room.pass(2);
    room.ok(
        "Bob",
        Command::Severity {
            code: "p0".into(),
            why: None,
        },
    );
    room.ok("Bob", Command::Ack);
    room.ok("Alice", Command::Ack);
    room.ok(
        "Alice",
        Command::Role {
            role: "commander".into(),
            whom: Whom::Myself,
        },
    );
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P0 Critical</b>
    <b>Signing key found in a public repository</b>
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Contain by 15:00 UTC · 58 min left at 14:02
    👤 Incident Commander: Alice
    👀 Seen by Alice and Bob

    <b>Make sure that it is real, and how bad it is</b>
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:02
    ✅ 3 Team notified — 14:02
    ✅ 4 Timeline started — 14:00

    <b>First moves</b>
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Nothing holds you back: the next phase is Containment.

    <blockquote expandable><b>Take the alert in</b>
    • Put the incident on record
    • Note date and time, who reported it and what they saw first
    ✍ <code>/set reporter</code> <code>/set summary</code> <code>/set started</code> <code>/set alert_triggered</code> <code>/set how_detected</code>
    <b>First look</b>
    ? What happened: which symptoms are there?
    ? Since when?
    ? Where: which systems?
    ? Who is hit: users, data, systems?
    ✍ <code>/set symptoms</code> <code>/set started</code> <code>/set affected</code> <code>/set users_affected</code>
    <b>How bad</b>
    • Choose a severity from P0 to P3
    • Decide whether to escalate
    <b>Call the team</b>
    P0 and P1 need the Incident Commander.
    • Notify the Incident Commander
    <b>Give out roles</b>
    • Investigator, communicator, remediator</blockquote>
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P0 Critical</b>
    <b>Signing key found in a public repository</b>
    Containment (2 of 5) · open since 14:00 UTC
    ⏳ Contain by 15:00 UTC · 44 min left at 14:16
    👤 Incident Commander: Alice
    👀 Seen by Alice and Bob

    <b>Stop the spread</b>
    ⬜ 5 Affected systems isolated
    ⬜ 6 Evidence preserved
    ⬜ 7 Further access prevented
    ⬜ 8 Stakeholders told

    <b>Next:</b> Isolate what is hit · Keep the evidence · Keep them out
    Eradication needs 5 and 6 first.

    <blockquote expandable><b>Isolate what is hit</b>
    P0 and P1: at once, when production is compromised.
    • Close the affected API routes at Vercel (a firewall rule; pausing the project is the bigger hammer)
    • Revoke keys that leaked
    • End suspicious sessions
    • Block hostile addresses
    ✍ <code>/set affected</code> <code>/set containment_started</code>
    ⚙ Close API routes: <code>/run disable_routes</code>
    <b>Keep the evidence</b>
    Before logs rotate and before sessions are ended.
    • Logs with a time stamp in the name
    • A dump of the database
    • The state of the repository
    ⚙ Collect evidence: <code>/collect</code>
    <b>Keep them out</b>
    • Rotate leaked credentials now
    • Let only listed addresses in for a while
    • Tighten the rate limits
    • Switch maintenance mode on if that is what it takes
    ⚙ Tighten rate limits: <code>/run tighten_limits</code>
    <b>Use a scenario</b>
    Key exposed, database breach, unauthorized access and DDoS have a playbook each: /playbook.</blockquote>
    [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P0 Critical</b>
    <b>Signing key found in a public repository</b>
    Eradication (3 of 5) · open since 14:00 UTC
    ⏳ Contained 14:30 UTC, after 30 min
    👤 Incident Commander: Alice
    👀 Seen by Alice and Bob

    <b>Get the threat out, all of it</b>
    ⬜ 9 Root cause identified
    ⬜ 10 Threat removed
    ⬜ 11 System verified clean
    ⬜ 12 Patches applied

    <b>Next:</b> Find the root cause · Remove the threat · Look for injected code
    Recovery needs 9, 10, 11 and <code>/set root_cause</code> first.

    <blockquote expandable><b>Find the root cause</b>
    ? How did they get in?
    ? Which weaknesses did they use?
    ? Which warning signs did we miss?
    ✍ <code>/set root_cause</code> <code>/set attack_vector</code> <code>/set contributing_factors</code> <code>/set missed_signs</code> <code>/set root_cause_found</code>
    <b>Remove the threat</b>
    • Delete malicious code and data
    • Close the holes that were used
    • Take out backdoors and whatever survives a restart
    • Patch what is affected
    ⚙ Patch and deploy: <code>/run patch</code>
    <b>Look for injected code</b>
    The searches list hits; a person judges each. No hit is good news.
    • Files that a Next.js app has no use for (.php, .jsp)
    • Files changed during the last day
    • Commits since the start, of every branch and author
    • Script tags in call summaries of the last day
    ⚙ Search for injected code: <code>/run search_injected</code>
    <b>Make sure it is clean</b>
    • Scan for further compromise
    • Rule out that they moved on to other systems
    • Check whether data left the house
    ✍ <code>/set data_exposed</code> <code>/set data_types</code></blockquote>
    [ 9 ✓ ] [ 10 ✓ ] [ 11 ✓ ] [ 12 ✓ ]
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P0 Critical</b>
    <b>Signing key found in a public repository</b>
    Recovery (4 of 5) · open since 14:00 UTC
    ⏳ Contained 14:30 UTC, after 30 min
    👤 Incident Commander: Alice
    👀 Seen by Alice and Bob

    <b>Back to normal, safely</b>
    ⬜ 13 Services restored
    ⬜ 14 All credentials rotated
    ⬜ 15 Functionality verified
    ⬜ 16 Monitoring enhanced

    <b>Next:</b> Restore the systems · Rotate every credential · Watch more closely
    Post-incident needs 13 and 15 first.

    <blockquote expandable><b>Restore the systems</b>
    • Go back to a clean backup where needed
    • Deploy the applications again
    • See that every service runs
    ⚙ Restore service: <code>/restore</code>
    <b>Rotate every credential</b>
    NEXTAUTH_SECRET, N8N_API_KEY, ANTHROPIC_API_KEY, database passwords, SSH keys, webhook secrets.
    ⚙ Rotate every credential: <code>/rotate all</code>
    <b>Watch more closely</b>
    • More logging
    • New alerts for this kind of attack
    • Look more often for a while
    <b>Open up in steps</b>
    • Reading only
    • Then the core functions
    • Then everything
    • Watch closely for 24 to 48 hours
    ✍ <code>/set recovery_confirmed</code> <code>/set downtime</code>
    <b>Prove that it works</b>
    Sign-in, API with a token, webhook with its secret, counts of users and products.
    ⚙ Verify recovery: <code>/verify</code></blockquote>
    [ 13 ✓ ] [ 14 ✓ ] [ 15 ✓ ] [ 16 ✓ ]
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P0 Critical</b>
    <b>Signing key found in a public repository</b>
    Post-incident (5 of 5) · open since 14:00 UTC
    ⏳ Contained 14:30 UTC, after 30 min
    👤 Incident Commander: Alice
    👀 Seen by Alice and Bob

    <b>Learn from it and get better</b>
    ⬜ 17 Incident report completed
    ⬜ 18 Lessons learned documented
    ⬜ 19 Action items assigned
    ⬜ 20 Stakeholders informed of the outcome

    <b>Next:</b> Write the report · Meet and learn · Agree on actions
    Closing needs 17 and 19 first.

    <blockquote expandable><b>Write the report</b>
    • The timeline
    • The root cause
    • The impact
    • How well the response worked
    ✍ <code>/set impact</code> <code>/set users_affected</code> <code>/set data_exposed</code> <code>/set financial_impact</code> <code>/set downtime</code>
    ⚙ Write the report: <code>/run report</code>
    <b>Meet and learn</b>
    ? What went well?
    ? What went poorly?
    ? What would we do another way?
    ? What prevents a repeat?
    ✍ <code>/set went_well</code> <code>/set went_poorly</code> <code>/set differently</code> <code>/set preventive</code>
    <b>Agree on actions</b>
    • Policies that change
    • Controls that are added
    • Documentation to update
    • Training to schedule
    <b>Talk to customers</b>
    Where they are concerned.
    • Say openly what happened
    • Explain what it means for them
    • Tell what was done about it
    • Tell what prevents a repeat</blockquote>
    [ 17 ✓ ] [ 18 ✓ ] [ 19 ✓ ] [ 20 ✓ ]
    [ Playbooks ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    ✅ <b>SEC-2026-007 · P0 Critical · closed</b>
    <b>Signing key found in a public repository</b>
    Closed 15:12 UTC, after 1 h 12 min
    Led by Alice
    6 follow-ups are still open: /todos
    <code>/report SEC-2026-007</code> writes the report, <code>/reopen SEC-2026-007 why</code> takes it up again.
    ");
}
