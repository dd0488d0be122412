//! What is written down: notes, facts, evidence, severity, follow-ups.

use super::declared;

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
    insta::assert_snapshot!(room.as_user("Bob").says("/set colour red").await, @"🤖 (silent) I know no field “colour”. There is: started, first_suspicious, alert_triggered, detected, confirmed, containment_started, contained, root_cause_found, remediation_complete and 28 more: /set lists them.");
    insta::assert_snapshot!(room.as_user("Bob").says("/evidence").await, @"🤖 (silent) Reply to the message or file that you want to keep with /evidence what it shows, or send a file with that as its caption.");
    let photo = telegram_sandbox::Say::text("/evidence the console")
        .photo(b"not really a picture".to_vec());
    insta::assert_snapshot!(room.as_user("Alice").briefly().sends(photo).await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High …
    + 🔒 E1 photo · SHA-256 fe1a4ab1…
    (✍ breakglass)
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"
    🤖 (silent) Timeline of SEC-2026-001 · times in UTC
    14:00 Declared as P1 High: key leaked — Bob Baker
    14:00 ✅ 1 Incident logged
    14:00 ✅ 2 Severity assigned
    14:00 ✅ 4 Timeline started
    14:00 The team was told: the card stands in the chat
    14:00 the key was public for 3 days — Bob Baker
    14:00 Start of the trouble: 16 Feb 23:30 UTC — Bob Baker
    14:00 Systems affected: n8n workflows, Payments — Bob Baker
    14:00 📎 E1 the console — Alice Archer
    14:00 🔒 E1 stored, 20 B, SHA-256 fe1a4ab1…
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn severity_goes_up_by_anybody_and_down_by_a_commander() {
    let harness = declared().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").briefly().says("/severity P0 customers are affected").await, @"
    ✏️ 🔴 SEC-2026-001 · P0 Critical …
    - 🟠 SEC-2026-001 · P1 High
    + 🔴 SEC-2026-001 · P0 Critical
    - ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    - ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    + ⏳ Respond by 14:15 UTC · 14 min left at 14:00
    + ⏳ Contain by 15:00 UTC · 59 min left at 14:00
    - 🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name
    + 🔔 Everyone on the team
    - ⬜ 3 Team notified
    + ✅ 3 Team notified — 14:00
    - Containment needs 3 first.
    + Nothing holds you back: the next phase is Containment.
    - [ 3 ✓ ]
    (👌 breakglass)
    🤖 🔴 SEC-2026-001 goes up from P1 High to P0 Critical, says Bob Baker.
    Why: customers are affected
    Tell all stakeholders at once.
    🔔 Everyone on the team
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/severity P3").await, @"🤖 (silent) Lowering the severity needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    insta::assert_snapshot!(room.as_user("Bob").says("/severity P9").await, @"🤖 (silent) I know no severity “P9”. There is: P0 Critical, P1 High, P2 Medium, P3 Low.");
    insta::assert_snapshot!(room.as_user("Olivia").briefly().says("/severity P2 only a test key").await, @"
    ✏️ 🟡 SEC-2026-001 · P2 Medium …
    - 🔴 SEC-2026-001 · P0 Critical
    + 🟡 SEC-2026-001 · P2 Medium
    - ⏳ Respond by 14:15 UTC · 14 min left at 14:00
    - ⏳ Contain by 15:00 UTC · 59 min left at 14:00
    + ⏳ Respond by 18:00 UTC · 3 h 59 min left at 14:00
    - 🔔 Everyone on the team
    - Call the team
    - P0 and P1 need the Incident Commander.
    - • Notify the Incident Commander
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
