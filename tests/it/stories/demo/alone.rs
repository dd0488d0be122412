//! Nobody else is there: whoever owns it acts alone, with a name to type and half a minute to stop it.

use super::Play;
use crate::harness::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_breaks_the_glass_and_the_demo_goes_down() {
    let play = Play::of("tars").await;
    let olivia = play.room().as_user("Olivia");
    olivia
        .says("/emergency_shutdown now emergency_shutdown nobody answers the phone")
        .await;
    assert_eq!(play.word("tars").await, "UP", "there is time to stop it");
    play.harness.later(1).await;
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Emergency shutdown · SEC-2026-001
    Olivia Owner · 14:02 UTC
    Why: nobody answers the phone
    ✅ 1 Switch maintenance mode on
    ✅ 2 Pause the project at Vercel
    ✅ 3 Stop the workflows
    ✅ 4 Stop the trading agent
    ✅ 5 Tell the team

    done
    ");
    assert_eq!(play.word("tars").await, "DOWN");
    insta::assert_snapshot!(play.room().message("🔨").text, @"
    🔨 Olivia Owner broke the glass in SEC-2026-001: run 1, Emergency shutdown, without anybody's approval. A follow-up to review it is open.
    Why: nobody answers the phone
    ");
    insta::assert_snapshot!(olivia.says("/todos").await, @"
    🤖 (silent) Follow-ups of SEC-2026-001
    ⬜ 1 Review run 1: Olivia Owner broke the glass for “Emergency shutdown” — nobody yet
    /todo 1 @name 2026-03-01 gives it to somebody, /todo done 1 finishes it.
    ");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_of_one_pulls_both_levers() {
    let play = Play::empty("jarvis", Stage::default()).await;
    let olivia = play.room().as_user("Olivia");
    // No incident is open: the lever declares one.
    olivia
        .says("/emergency_shutdown the treasury is signing")
        .await;
    insta::assert_snapshot!(play.room().message("R1 ·").text, @"
    🔐 R1 · Emergency shutdown
    For SEC-2026-001
    Olivia Owner asks for it 14:00 UTC: the treasury is signing
    Touches: Treasury, API, Telegram bot, Twitter bot
    Nobody else here could approve it, Olivia Owner. To do it alone, send /approve R1 emergency_shutdown why by 14:10 UTC. Then there are 30 s to stop it.
    ");
    olivia
        .says("/approve R1 emergency_shutdown the treasury is signing")
        .await;
    assert_eq!(play.word("jarvis").await, "UP", "there is time to stop it");
    play.harness.later(1).await;
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Emergency shutdown · SEC-2026-001
    Olivia Owner · 14:01 UTC
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
    insta::assert_snapshot!(play.room().message("alone, as").text, @"
    ⚠️ SEC-2026-001: run 1, Emergency shutdown, was begun by Olivia Owner alone, as nobody else could approve.
    Why: the treasury is signing
    ");
    olivia.says("/restore the wallet is new").await;
    olivia.says("/approve R2 restore the wallet is new").await;
    play.harness.later(1).await;
    play.run(2, "⏳ 12 Give it a moment").await;
    play.harness.later(1).await;
    insta::assert_snapshot!(play.over(2, "done").await, @"
    ✅ Run 2 · Restore service · SEC-2026-001
    Olivia Owner · 14:02 UTC
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
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stopped_in_time_touches_nothing() {
    let play = Play::empty("tars", Stage::default()).await;
    let olivia = play.room().as_user("Olivia");
    let before = play.demo.count();
    olivia.says("/emergency_shutdown it burns").await;
    olivia.says("/approve R1 emergency_shutdown it burns").await;
    let asked = play.room().message("R1 ·");
    olivia.presses_on(asked.message_id, "✋ Stop it").await;
    play.harness.later(2).await;
    insta::assert_snapshot!(play.room().message("R1 ·").text, @"
    🔐 R1 · Emergency shutdown
    For SEC-2026-001
    Olivia Owner asks for it 14:00 UTC: it burns
    Touches: Web app, n8n workflows, Vercel project
    ✋ Stopped by Olivia Owner 14:00 UTC, before it began.
    ");
    assert_eq!(play.word("tars").await, "UP");
    assert_eq!(play.demo.count(), before, "not one request");
    play.end().await;
}
