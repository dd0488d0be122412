//! Levers that one person pulls alone: nobody else could approve, or an owner breaks the glass.

use super::{asking, team};

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_alone_types_its_name() {
    let harness = asking().await;
    let room = harness.chat("War room");
    let owner = room.as_user("Olivia");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(owner.says("/restore").await, @"
    (👀 breakglass)
    🤖 🔐 R1 · Restore service
    For SEC-2026-001
    Olivia Owner asks for it 14:00 UTC.
    Touches: Web app, n8n workflows, Vercel project, Database
    Nobody else here could approve it, Olivia Owner. To do it alone, send /approve R1 restore why by 14:10 UTC. Then there are 30 s to stop it.
    [ Deny ]
    ");
    insta::assert_snapshot!(owner.says("/approve R1").await, @"🤖 (silent) Type the name “restore” exactly, and a reason behind it: /approve R1 restore why");
    insta::assert_snapshot!(owner.says("/approve R1 restore").await, @"🤖 (silent) Type the name “restore” exactly, and a reason behind it: /approve R1 restore why");
    insta::assert_snapshot!(owner.says("/approve R1 restore all checks are green").await, @"
    ✏️ 🔐 R1 · Restore service
    For SEC-2026-001
    Olivia Owner asks for it 14:00 UTC: all checks are green
    Touches: Web app, n8n workflows, Vercel project, Database
    ⏱ It begins in 30 s. Olivia Owner is alone with it and typed its name.
    Stop it with the button or /abort R1: Olivia Owner, or anybody who could approve.
    [ ✋ Stop it ]
    (👌 breakglass)
    ");
    harness.later(1).await;
    insta::assert_snapshot!(room.transcript_tail(3), @"
    (👌 breakglass)
    🤖 ⚠️ SEC-2026-001: run 1, Restore service, was begun by Olivia Owner alone, as nobody else could approve.
    Why: all checks are green
    🤖 ⚙️ Run 1 · Restore service · SEC-2026-001
    Olivia Owner · 14:01 UTC
    Why: all checks are green
    ⬜ 1 Resume the project at Vercel
    ⬜ 2 Begin with reading only
    ⬜ 3 Have the app connect anew
    ⬜ 4 Switch maintenance mode off
    ⬜ 5 The app answers
    ⬜ 6 Allow writing: core functions
    ⬜ 7 Have the app connect again
    ⬜ 8 Sign-in works
    ⬜ 9 Start the agent
    ⬜ 10 Start the workflows
    ⬜ 11 The webhook works
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_breaks_the_glass() {
    let harness = team().await;
    let room = harness.chat("War room");
    let owner = room.as_user("Olivia");
    insta::assert_snapshot!(room.as_user("Alice").says("/emergency_shutdown now emergency_shutdown it burns").await, @"🤖 Only an owner goes ahead without approval. Ask for it without now: /emergency_shutdown why");
    insta::assert_snapshot!(owner.says("/emergency_shutdown now it burns").await, @"🤖 Type the name “emergency_shutdown” exactly, and a reason behind it: /emergency_shutdown now emergency_shutdown why");
    insta::assert_snapshot!(owner.says("/restore now restore please").await, @"🤖 (silent) restore needs approval: only what the plan calls fail-safe goes without. Send it again without now.");
    insta::assert_snapshot!(owner.says("/emergency_shutdown now emergency_shutdown it burns").await, @"
    (👀 breakglass)
    🤖 🔐 R2 · Emergency shutdown
    For SEC-2026-001
    Olivia Owner asks for it 14:01 UTC: it burns
    Touches: Web app, n8n workflows, Vercel project
    🔨 Olivia Owner breaks the glass: it begins in 30 s, without anybody's approval.
    Stop it with the button or /abort R2: Olivia Owner, Alice Archer, or anybody who could approve.
    [ ✋ Stop it ]
    ");
    let message = room.message("R2").message_id;
    insta::assert_snapshot!(room.as_user("Bob").presses_on(message, "✋ Stop it").await, @"(alert) /abort needs an approver; you are a commander here. An owner can reply to you with /grant approver.");
    insta::assert_snapshot!(room.as_user("Alice").presses_on(message, "✋ Stop it").await, @"
    ✏️ 🔐 R2 · Emergency shutdown
    For SEC-2026-001
    Olivia Owner asks for it 14:01 UTC: it burns
    Touches: Web app, n8n workflows, Vercel project
    ✋ Stopped by Alice Archer 14:01 UTC, before it began.
    (toast) R2: it was stopped.
    ");
    owner
        .says("/emergency_shutdown now emergency_shutdown it still burns")
        .await;
    harness.later(1).await;
    insta::assert_snapshot!(room.transcript_tail(2), @"
    🤖 🔨 Olivia Owner broke the glass in SEC-2026-001: run 1, Emergency shutdown, without anybody's approval. A follow-up to review it is open.
    Why: it still burns
    🤖 ⚙️ Run 1 · Emergency shutdown · SEC-2026-001
    Olivia Owner · 14:02 UTC
    Why: it still burns
    ⬜ 1 Switch maintenance mode on
    ⬜ 2 Pause the project at Vercel
    ⬜ 3 Stop the workflows
    ⬜ 4 Stop the trading agent
    ⬜ 5 Tell the team
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/todos").await, @"
    🤖 (silent) Follow-ups of SEC-2026-001
    ⬜ 1 Review run 1: Olivia Owner broke the glass for “Emergency shutdown” — nobody yet
    /todo 1 @name 2026-03-01 gives it to somebody, /todo done 1 finishes it.
    ");
    harness.end().await;
}
