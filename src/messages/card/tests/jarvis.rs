use insta::assert_snapshot;

use crate::incident::{Command, Whom};
use crate::messages::testing::Room;

#[test]
#[expect(clippy::too_many_lines, reason = "a card for each phase")]
fn a_whole_incident_of_jarvis_on_its_card() {
    let mut room = Room::with("jarvis");
    let id = room.declare("Bob", "Signing key found in a public repository");
    assert_snapshot!(room.card(id), @"
    ⚪ <b>SEC-2026-007 · no severity yet</b>
    <b>Signing key found in a public repository</b>
    Containment (1 of 6) · open since 14:00 UTC
    👤 Nobody is Incident Lead yet: <code>/role lead</code> takes it
    How bad is it? Choose below, or <code>/severity CODE</code>.

    <b>Stop the damage that is going on</b>
    ⬜ 1 Damage stopped: what is hit is shut down or cut off
    ⬜ 2 Compromised keys revoked
    ⬜ 3 Suspicious addresses blocked, limits tightened
    ⬜ 4 Affected bots stopped

    <b>First moves</b>
    1. Contain: stop the damage
    2. Assess: find out how far it goes
    3. Notify: tell those who must know
    4. Remediate: mend it
    5. Recover: back to normal
    6. Document: keep a record of everything
    Assessment needs 1 first.

    <blockquote expandable><b>Treasury (critical)</b>
    Trigger the emergency shutdown at once: /emergency_shutdown here, the admin endpoint, or the program on the host.
    ✍ <code>/set affected</code> <code>/set containment_started</code>
    ⚙ Emergency shutdown: <code>/emergency_shutdown</code>
    <b>API</b>
    • Revoke the compromised API keys
    • Put suspicious addresses on the blocklist of firewall or WAF
    • Switch the emergency rate limits on
    ⚙ Revoke an API key: <code>/run revoke_key</code>
    <b>Bots</b>
    Stop the Telegram and the Twitter bot by their units.
    ⚙ Stop the bots: <code>/run stop_bots</code></blockquote>
    [ 🔴 P1 Critical ] [ 🟠 P2 High ]
    [ 🟡 P3 Medium ] [ 🟢 P4 Low ]
    [ 1 ✓ ] [ 2 ✓ ] [ 3 ✓ ] [ 4 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    ");
    room.pass(2);
    room.ok(
        "Bob",
        Command::Severity {
            code: "p1".into(),
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
    🔴 <b>SEC-2026-007 · P1 Critical</b>
    <b>Signing key found in a public repository</b>
    Containment (1 of 6) · open since 14:00 UTC
    ⏳ Contain by 15:00 UTC · 58 min left at 14:02
    👤 Incident Lead: Alice
    👀 Seen by Alice and Bob

    <b>Stop the damage that is going on</b>
    ⬜ 1 Damage stopped: what is hit is shut down or cut off
    ⬜ 2 Compromised keys revoked
    ⬜ 3 Suspicious addresses blocked, limits tightened
    ⬜ 4 Affected bots stopped

    <b>First moves</b>
    1. Contain: stop the damage
    2. Assess: find out how far it goes
    3. Notify: tell those who must know
    4. Remediate: mend it
    5. Recover: back to normal
    6. Document: keep a record of everything
    Assessment needs 1 first.

    <blockquote expandable><b>Treasury (critical)</b>
    Trigger the emergency shutdown at once: /emergency_shutdown here, the admin endpoint, or the program on the host.
    ✍ <code>/set affected</code> <code>/set containment_started</code>
    ⚙ Emergency shutdown: <code>/emergency_shutdown</code>
    <b>API</b>
    • Revoke the compromised API keys
    • Put suspicious addresses on the blocklist of firewall or WAF
    • Switch the emergency rate limits on
    ⚙ Revoke an API key: <code>/run revoke_key</code>
    <b>Bots</b>
    Stop the Telegram and the Twitter bot by their units.
    ⚙ Stop the bots: <code>/run stop_bots</code></blockquote>
    [ 1 ✓ ] [ 2 ✓ ] [ 3 ✓ ] [ 4 ✓ ]
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P1 Critical</b>
    <b>Signing key found in a public repository</b>
    Assessment (2 of 6) · open since 14:00 UTC
    ⏳ Contained 14:16 UTC, after 16 min
    👤 Incident Lead: Alice
    👀 Seen by Alice and Bob

    <b>Find out what happened</b>
    ⬜ 5 What was compromised is on record
    ⬜ 6 How far it goes is on record: users, time, data
    ⬜ 7 Clear whether the attacker is still there
    ⬜ 8 Evidence preserved

    <b>Next:</b> What was compromised? · How did it happen? · How far does it go?
    Notification needs 8 first.

    <blockquote expandable><b>What was compromised?</b>
    ? API keys?
    ? User data?
    ? Wallet keys?
    ? Bot tokens?
    ✍ <code>/set affected</code> <code>/set data_types</code>
    <b>How did it happen?</b>
    ? Was a vulnerability exploited?
    ? Did a credential leak?
    ? Was somebody talked into it (social engineering)?
    ? Somebody from inside?
    ✍ <code>/set attack_vector</code> <code>/set root_cause</code> <code>/set contributing_factors</code> <code>/set how_detected</code>
    <b>How far does it go?</b>
    ? How many users?
    ? Over which time?
    ? Which data was accessed?
    ✍ <code>/set users_affected</code> <code>/set records</code> <code>/set data_exposed</code> <code>/set first_suspicious</code> <code>/set started</code>
    <b>Is it still going on?</b>
    ? Is it still active?
    ? Is the attacker still there?
    ✍ <code>/set ongoing</code> <code>/set confirmed</code>
    <b>Collect evidence</b>
    • Logs of the last 24 hours
    • Audit log of the database, same time
    • Network connections
    • List of processes
    • Messages of the kernel
    ⚙ Collect evidence: <code>/collect</code></blockquote>
    [ 5 ✓ ] [ 6 ✓ ] [ 7 ✓ ] [ 8 ✓ ]
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P1 Critical</b>
    <b>Signing key found in a public repository</b>
    Notification (3 of 6) · open since 14:00 UTC
    ⏳ Contained 14:16 UTC, after 16 min
    👤 Incident Lead: Alice
    👀 Seen by Alice and Bob

    <b>Tell those who must know</b>
    ✅ 9 The people of this severity are told — 14:02
    ⬜ 10 Decided: users, authorities, partners

    <b>Next:</b> Inside · The alert · Outside, if required
    Nothing holds you back: the next phase is Remediation.

    <blockquote expandable><b>Inside</b>
    P1 everybody at once · P2 Security Lead and Engineering Manager · P3 Security Lead · P4 document and track.
    <b>The alert</b>
    Severity, time detected, status, summary, impact, actions taken, next steps, lead and contact.
    ✍ <code>/set summary</code> <code>/set impact</code>
    <b>Outside, if required</b>
    Decide each of the three.
    ? Users: is personal data exposed?
    ? Authorities: does the law ask for it?
    ? Partners: is their data affected?</blockquote>
    [ 10 ✓ ]
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P1 Critical</b>
    <b>Signing key found in a public repository</b>
    Remediation (4 of 6) · open since 14:00 UTC
    ⏳ Contained 14:16 UTC, after 16 min
    👤 Incident Lead: Alice
    👀 Seen by Alice and Bob

    <b>Mend the weakness</b>
    ⬜ 11 Root cause on record
    ⬜ 12 API keys, tokens, encryption keys, passwords rotated
    ⬜ 13 Dependencies updated, patches applied, deployed
    ⬜ 14 Logging, monitoring, firewall, controls strengthened

    <b>Next:</b> Rotate credentials · Patch · Strengthen the defenses
    Recovery needs 13 and <code>/set root_cause</code> first.

    <blockquote expandable><b>Rotate credentials</b>
    API keys, bot tokens (new ones from BotFather), encryption keys, database passwords.
    ⚙ Rotate every credential: <code>/rotate all</code>
    <b>Patch</b>
    • Update the dependencies
    • Apply the security patches
    • Deploy again
    ✍ <code>/set root_cause</code> <code>/set root_cause_found</code> <code>/set remediation_complete</code>
    ⚙ Patch and deploy: <code>/run patch</code>
    <b>Strengthen the defenses</b>
    • More logging
    • More monitoring
    • Newer firewall rules
    • New security controls</blockquote>
    [ 11 ✓ ] [ 12 ✓ ] [ 13 ✓ ] [ 14 ✓ ]
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P1 Critical</b>
    <b>Signing key found in a public repository</b>
    Recovery (5 of 6) · open since 14:00 UTC
    ⏳ Contained 14:16 UTC, after 16 min
    👤 Incident Lead: Alice
    👀 Seen by Alice and Bob

    <b>Return to normal operation</b>
    ⬜ 15 Vulnerability patched
    ⬜ 16 Credentials rotated
    ⬜ 17 No sign of the attacker
    ⬜ 18 Monitoring enhanced
    ⬜ 19 Backups verified
    ⬜ 20 Integrity checked, services started in order, healthy

    <b>Next:</b> Before anything starts · Start in order
    Post-incident needs 15, 17 and 20 first.

    <blockquote expandable><b>Before anything starts</b>
    The first five points of the checklist come before the services.
    <b>Start in order</b>
    • Check the integrity of the system
    • Start the API, then the Telegram bot, then the Twitter bot
    • Check the health endpoint
    • Watch closely for 24 hours
    ✍ <code>/set recovery_confirmed</code> <code>/set downtime</code>
    ⚙ Restore service: <code>/restore</code></blockquote>
    [ 15 ✓ ] [ 16 ✓ ] [ 17 ✓ ] [ 18 ✓ ]
    [ 19 ✓ ] [ 20 ✓ ]
    [ Playbooks ] [ Next phase → ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    🔴 <b>SEC-2026-007 · P1 Critical</b>
    <b>Signing key found in a public repository</b>
    Post-incident (6 of 6) · open since 14:00 UTC
    ⏳ Contained 14:16 UTC, after 16 min
    👤 Incident Lead: Alice
    👀 Seen by Alice and Bob

    <b>Learn and do better</b>
    ⬜ 21 Post-mortem held within 48 hours
    ⬜ 22 Incident report completed
    ⬜ 23 Action items have owner, due date and status

    <b>Next:</b> Post-mortem · Report
    Closing needs 22 and 23 first.

    <blockquote expandable><b>Post-mortem</b>
    Within 48 hours of the resolution.
    • Timeline of events
    • What went well
    • What could be better
    • Action items
    ✍ <code>/set went_well</code> <code>/set went_poorly</code> <code>/set preventive</code>
    <b>Report</b>
    Fill what is still open, then /report.
    ✍ <code>/set direct_losses</code> <code>/set remediation_costs</code> <code>/set business_impact</code> <code>/set records</code> <code>/set data_types</code>
    ⚙ Write the report: <code>/run report</code></blockquote>
    [ 21 ✓ ] [ 22 ✓ ] [ 23 ✓ ]
    [ Playbooks ]
    ");
    room.finish_phase(id);
    assert_snapshot!(room.card(id), @"
    ✅ <b>SEC-2026-007 · P1 Critical · closed</b>
    <b>Signing key found in a public repository</b>
    Closed 15:26 UTC, after 1 h 26 min
    Led by Alice
    4 follow-ups are still open: /todos
    <code>/report SEC-2026-007</code> writes the report, <code>/reopen SEC-2026-007 why</code> takes it up again.
    ");
}
