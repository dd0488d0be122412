//! Down by two, and up again with checks; locked down and unlocked.

use super::{Play, steps};
use crate::harness::figure;

/// A text with the lines that contain `part`, which stand together, in the order of their letters.
fn in_order(text: &str, part: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    let first = lines.iter().position(|it| it.contains(part));
    let last = lines.iter().rposition(|it| it.contains(part));
    if let (Some(first), Some(last)) = (first, last) {
        lines[first..=last].sort_unstable();
    }
    lines.join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_take_tars_down_and_bring_it_back() {
    let play = Play::of("tars").await;
    assert_eq!(play.word("tars").await, "UP");
    let before = play.demo.count();
    insta::assert_snapshot!(play.approved("/emergency_shutdown the key is public").await, @"
    🔐 R2 · Emergency shutdown
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the key is public
    Touches: Web app, n8n workflows, Vercel project
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    ");
    let run = play.over(1, "done").await;
    insta::assert_snapshot!(run, @"
    ✅ Run 1 · Emergency shutdown · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the key is public
    ✅ 1 Switch maintenance mode on
    ✅ 2 Pause the project at Vercel
    ✅ 3 Stop the workflows
    ✅ 4 Stop the trading agent
    ✅ 5 Tell the team

    done
    ");
    assert_eq!(play.page().await.0, 503);
    assert_eq!(play.word("tars").await, "DOWN");
    assert_eq!(play.word("jarvis").await, "UP", "that is another plan's");
    insta::assert_snapshot!(play.shown("tars").await, @"
    DOWN
    ✗ API
    ✗ Agent
    ✗ Web
    ✗ n8n workflows
    Database: writable
    Rate limits: usual
    Sessions: 4
    Users: 4
    Visitors: find nothing: it is down
    Firewall: usual rules
    ");
    insta::assert_snapshot!(play.requests(before), @"POST /v1/projects/prj_demo/pause?teamId=team_demo");
    insta::assert_snapshot!(play.room().transcript_tail(4), @"
    🤖 🔐 R2 · Emergency shutdown
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the key is public
    Touches: Web app, n8n workflows, Vercel project
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    🤖 ✅ Run 1 · Emergency shutdown · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the key is public
    ✅ 1 Switch maintenance mode on
    ✅ 2 Pause the project at Vercel
    ✅ 3 Stop the workflows
    ✅ 4 Stop the trading agent
    ✅ 5 Tell the team

    done
    🤖 🚨 Security incident
    Severity: P1 High
    Status: INVESTIGATING
    Incident Commander: still open
    Summary: Signing key in a public repository
    What we are doing: Emergency shutdown, Incident logged, Severity assigned, Timeline started
    Systems affected: still open
    Impact on users: still open
    ETA for resolution: still open
    Next update: 15:01 UTC
    🤖 (silent) ✅ Run 1 · Emergency shutdown: done, 5 of 5 steps, in less than a minute. SEC-2026-001
    /restore takes it back.
    ");
    let down = play.demo.count();

    insta::assert_snapshot!(play.approved("/restore the key is revoked").await, @"
    🔐 R3 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the key is revoked
    Touches: Web app, n8n workflows, Vercel project, Database
    ✅ Approved by Alice Archer 14:01 UTC. Run 2 of SEC-2026-001 has begun.
    ");
    let back = play.over(2, "done").await;
    insta::assert_snapshot!(back, @"
    ✅ Run 2 · Restore service · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the key is revoked
    ✅ 1 Resume the project at Vercel
    ✅ 2 Begin with reading only
    ✅ 3 Have the app connect anew
    ✅ 4 Switch maintenance mode off
    ✅ 5 The app answers
    ✅ 6 Allow writing: core functions
    ✅ 7 Have the app connect again
    ✅ 8 Sign-in works
    ✅ 9 Start the agent
    ✅ 10 Start the workflows
    ✅ 11 The webhook works

    done
    ");
    assert_eq!(play.page().await.0, 200);
    insta::assert_snapshot!(play.shown("tars").await, @"
    UP
    Database: writable
    Rate limits: usual
    Sessions: 5
    Users: 4
    Visitors: come in freely
    Firewall: usual rules
    ");
    insta::assert_snapshot!(play.requests(down), @"
    POST /v1/projects/prj_demo/unpause?teamId=team_demo
    GET /
    POST /api/auth/signin
    POST /api/webhooks/n8n
    ");
    // Both stop at the same time: whichever is first.
    let timeline = play.room().as_user("Bob").says("/timeline").await;
    insta::assert_snapshot!(in_order(&timeline, "Run 1, step"), @"
    🤖 (silent) Timeline of SEC-2026-001 · times in UTC
    14:01 Declared as P1 High: Signing key in a public repository — Bob Baker
    14:01 ✅ 1 Incident logged
    14:01 ✅ 2 Severity assigned
    14:01 ✅ 4 Timeline started
    14:01 The team was told: the card stands in the chat
    14:01 R2: Emergency shutdown asked for: the key is public — Bob Baker
    14:01 R2 approved — Alice Archer
    14:01 Run 1 began: Emergency shutdown, asked for by Bob Baker, approved by Alice Archer
    14:01 ✅ Run 1, step 1 done: Switch maintenance mode on: MAINTENANCE_MODE: written
    14:01 ✅ Run 1, step 2 done: Pause the project at Vercel: answered 200
    14:01 ✅ Run 1, step 3 done: Stop the workflows: n8n is inactive
    14:01 ✅ Run 1, step 4 done: Stop the trading agent: tars-agent is inactive
    14:01 ✅ Run 1, step 5 done: Tell the team
    14:01 Run 1 · Emergency shutdown: done
    14:01 R3: Restore service asked for: the key is revoked — Bob Baker
    14:01 R3 approved — Alice Archer
    14:01 Run 2 began: Restore service, asked for by Bob Baker, approved by Alice Archer
    14:01 ✅ Run 2, step 1 done: Resume the project at Vercel: answered 200
    14:01 ✅ Run 2, step 2 done: Begin with reading only: done
    14:01 ✅ Run 2, step 3 done: Have the app connect anew: 2 rows
    14:01 ✅ Run 2, step 4 done: Switch maintenance mode off: MAINTENANCE_MODE: removed; what was there before is kept
    14:01 ✅ Run 2, step 5 done: The app answers: answered 200
    14:01 ✅ Run 2, step 6 done: Allow writing: core functions: done
    14:01 ✅ Run 2, step 7 done: Have the app connect again: 2 rows
    14:01 ✅ Run 2, step 8 done: Sign-in works: answered 200
    14:01 ✅ Run 2, step 9 done: Start the agent: tars-agent is active
    14:01 ✅ Run 2, step 10 done: Start the workflows: n8n is active
    14:01 ✅ Run 2, step 11 done: The webhook works: answered 200
    14:01 Run 2 · Restore service: done
    ");
    figure(&format!(
        "emergency shutdown and restore of TARS: {} steps run, {} requests counted by the demo",
        steps(&run) + steps(&back),
        play.demo.count() - before,
    ));
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_admins_take_jarvis_down_and_bring_it_back() {
    let play = Play::of("jarvis").await;
    let before = play.demo.count();
    insta::assert_snapshot!(play.approved("/emergency_shutdown the treasury is signing").await, @"
    🔐 R2 · Emergency shutdown
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the treasury is signing
    Touches: Treasury, API, Telegram bot, Twitter bot
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    ");
    let run = play.over(1, "done").await;
    insta::assert_snapshot!(run, @"
    ✅ Run 1 · Emergency shutdown · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the treasury is signing
    ✅ 1 Ask the API to shut down
    ✅ 2 Trigger the program's own shutdown
    ✅ 3 Set the kill switch
    ✅ 4 Stop the Telegram bot
    ✅ 5 Stop the Twitter bot
    ✅ 6 Tell the team

    done
    ");
    assert_eq!(play.word("jarvis").await, "DOWN");
    assert_eq!(play.word("tars").await, "UP", "that is another plan's");
    insta::assert_snapshot!(play.shown("jarvis").await, @"
    DOWN
    ✗ API
    ✗ Telegram bot
    ✗ Twitter bot
    Rate limits: usual
    Revoked keys: 0
    Sessions: 2
    Firewall: usual rules
    ");
    assert!(play.demo.root().join("jarvis/run/KILL_SWITCH").exists());
    insta::assert_snapshot!(play.requests(before), @"POST /admin/emergency-shutdown");

    insta::assert_snapshot!(play.approved("/restore the wallet is new").await, @"
    🔐 R3 · Restore service
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the wallet is new
    Touches: API, Database, Telegram bot, Twitter bot
    ✅ Approved by Alice Archer 14:01 UTC. Run 2 of SEC-2026-001 has begun.
    ");
    let back = play.run(2, "⏳ 12 Give it a moment").await;
    insta::assert_snapshot!(back, @"
    ⚙️ Run 2 · Restore service · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the wallet is new
    ✅ 1 The system is whole
    ✅ 2 Begin with reading only
    ✅ 3 Start the API
    ✅ 4 The API reads
    ✅ 5 Allow writing
    ✅ 6 Have the API connect anew
    ✅ 7 The API is healthy with writing
    ✅ 8 Start the Telegram bot
    ✅ 9 The Telegram bot runs
    ✅ 10 Start the Twitter bot
    ✅ 11 The Twitter bot runs
    ⏳ 12 Give it a moment
    ⬜ 13 Take the kill switch away
    ⬜ 14 The API is healthy
    ");
    play.harness.later(1).await;
    let back = play.over(2, "done").await;
    insta::assert_snapshot!(back, @"
    ✅ Run 2 · Restore service · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the wallet is new
    ✅ 1 The system is whole
    ✅ 2 Begin with reading only
    ✅ 3 Start the API
    ✅ 4 The API reads
    ✅ 5 Allow writing
    ✅ 6 Have the API connect anew
    ✅ 7 The API is healthy with writing
    ✅ 8 Start the Telegram bot
    ✅ 9 The Telegram bot runs
    ✅ 10 Start the Twitter bot
    ✅ 11 The Twitter bot runs
    ✅ 12 Give it a moment
    ✅ 13 Take the kill switch away
    ✅ 14 The API is healthy

    done
    ");
    assert_eq!(play.word("jarvis").await, "UP");
    assert!(!play.demo.root().join("jarvis/run/KILL_SWITCH").exists());
    figure(&format!(
        "emergency shutdown and restore of JARVIS: {} steps run, {} requests counted by the demo",
        steps(&run) + steps(&back),
        play.demo.count() - before,
    ));
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lockdown_of_tars_ends_sessions_after_they_were_captured() {
    let play = Play::of("tars").await;
    play.confirmed("/lockdown sessions were stolen").await;
    let run = play.run(1, "unless somebody keeps it").await;
    insta::assert_snapshot!(run, @"
    ⚙️ Run 1 · Lockdown · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: sessions were stolen
    ✅ 1 Switch maintenance mode on
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ✅ 4 Let only administrators' addresses in: takes itself back at 14:11 UTC unless somebody keeps it
    ✅ 5 Tell the team
    Is it right? /step 1 4 done keeps it, /step 1 4 undo takes it back now.
    ");
    insta::assert_snapshot!(play.shown("tars").await, @"
    MAINTENANCE
    ✗ API
    ✗ Web
    Database: writable
    Rate limits: usual
    Sessions: 0
    Users: 4
    Visitors: see that it is under maintenance
    Firewall: lockdown
    ");
    insta::assert_snapshot!(play.room().message("🚨").text, @"
    🚨 Security incident
    Severity: P1 High
    Status: INVESTIGATING
    Incident Commander: still open
    Summary: Signing key in a public repository
    What we are doing: Lockdown, Incident logged, Severity assigned, Timeline started
    Systems affected: still open
    Impact on users: still open
    ETA for resolution: still open
    Next update: 15:01 UTC
    ");
    let flag = std::fs::read_to_string(play.demo.root().join("tars/MAINTENANCE_MODE"));
    insta::assert_snapshot!(flag.expect("the flag"), @"SEC-2026-001 2026-02-19T14:01:00Z");
    let kept = play.kept();
    assert_eq!(kept.len(), 1, "{kept:?}");
    let (_, sessions) = &kept[0];
    assert_eq!(sessions.matches("user_agent").count(), 4, "{sessions}");
    assert!(!sessions.contains("demo-token-"), "{sessions}");
    play.bob().says("/step 1 4 done").await;
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Lockdown · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: sessions were stolen
    ✅ 1 Switch maintenance mode on
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ✅ 4 Let only administrators' addresses in
    ✅ 5 Tell the team

    done
    ");
    play.harness.later(11).await;
    assert_eq!(play.status().await["firewall"], "lockdown", "it was kept");

    play.confirmed("/run unlock the sessions are gone").await;
    insta::assert_snapshot!(play.over(2, "done").await, @"
    ✅ Run 2 · End the lockdown · SEC-2026-001
    Bob Baker · 14:12 UTC
    Why: the sessions are gone
    ✅ 1 Load the usual firewall rules
    ✅ 2 Switch maintenance mode off

    done
    ");
    insta::assert_snapshot!(play.shown("tars").await, @"
    UP
    Database: writable
    Rate limits: usual
    Sessions: 0
    Users: 4
    Visitors: come in freely
    Firewall: usual rules
    ");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lockdown_of_jarvis_can_be_taken_back() {
    let play = Play::of("jarvis").await;
    play.confirmed("/lockdown somebody is inside").await;
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Lockdown · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: somebody is inside
    ✅ 1 Switch emergency rate limits on
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ✅ 4 Stop the Telegram bot
    ✅ 5 Stop the Twitter bot
    ✅ 6 Tell the team

    done
    ");
    insta::assert_snapshot!(play.shown("jarvis").await, @"
    DEGRADED
    ✗ Telegram bot
    ✗ Twitter bot
    Rate limits: emergency
    Revoked keys: 0
    Sessions: 0
    Firewall: usual rules
    ");
    play.confirmed("/run unlock they are out").await;
    insta::assert_snapshot!(play.over(2, "done").await, @"
    ✅ Run 2 · End the lockdown · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: they are out
    ✅ 1 Switch emergency rate limits off
    ✅ 2 Start the Telegram bot
    ✅ 3 Start the Twitter bot

    done
    ");
    insta::assert_snapshot!(play.shown("jarvis").await, @"
    UP
    Rate limits: usual
    Revoked keys: 0
    Sessions: 0
    Firewall: usual rules
    ");
    play.end().await;
}
