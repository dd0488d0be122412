//! A step fails: a person decides with a button, and the run goes on.

use super::Play;

/// Whether a unit of the demo can be started and stopped.
fn broken(play: &Play, unit: &str, is: bool) {
    let file = play.demo.root().join(format!("units/{unit}.broken"));
    if is {
        std::fs::write(file, "").expect("broken");
    } else {
        std::fs::remove_file(file).expect("mended");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_goes_on_past_a_failure_and_says_what_is_missing() {
    let play = Play::of("tars").await;
    broken(&play, "n8n", true);
    play.approved("/emergency_shutdown the key is public").await;
    insta::assert_snapshot!(play.run(1, "\n\n").await, @"
    ⚠️ Run 1 · Emergency shutdown · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the key is public
    ✅ 1 Switch maintenance mode on
    ✅ 2 Pause the project at Vercel
    ❌ 3 Stop the workflows: systemctl stop n8n ended with 1: systemctl: Job for n8n.service canceled.
    ✅ 4 Stop the trading agent
    ✅ 5 Tell the team

    ended, with steps missing
    ");
    insta::assert_snapshot!(play.room().transcript_tail(1), @"
    🤖 ⚠️ Run 1 · Emergency shutdown went to its end: 4 of 5 steps are done. SEC-2026-001
    Not done: Stop the workflows
    /restore takes it back.
    ");
    assert_eq!(play.word("tars").await, "DOWN");
    assert_eq!(play.status().await["tars"]["parts"]["n8n workflows"], true);
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_stands_until_somebody_decides() {
    let play = Play::of("jarvis").await;
    play.approved("/emergency_shutdown the treasury is signing")
        .await;
    play.over(1, "done").await;
    broken(&play, "jarvis-api", true);
    play.approved("/restore the wallet is new").await;
    insta::assert_snapshot!(play.run(2, "Waits for").await, @"
    ❓ Run 2 · Restore service · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the wallet is new
    ✅ 1 The system is whole
    ✅ 2 Begin with reading only
    ❌ 3 Start the API: systemctl start jarvis-api ended with 1: systemctl: Job for jarvis-api.service failed because the control process exite…
    ⬜ 4 The API reads
    ⬜ 5 Allow writing
    ⬜ 6 Have the API connect anew
    ⬜ 7 The API is healthy with writing
    ⬜ 8 Start the Telegram bot
    ⬜ 9 The Telegram bot runs
    ⬜ 10 Start the Twitter bot
    ⬜ 11 The Twitter bot runs
    ⬜ 12 Give it a moment
    ⬜ 13 Take the kill switch away
    ⬜ 14 The API is healthy
    Waits for a decision about step 3: the buttons, or /step 2 3 done, retry, skip, undo.
    ");
    let asked = play.room().message("stands");
    insta::assert_snapshot!(play.room().transcript_tail(1), @"
    🤖 ❌ Run 2 · Restore service stands: step 3 failed, and nothing can be taken back by itself.
    3 · Start the API
    systemctl start jarvis-api ended with 1: systemctl: Job for jarvis-api.service failed because the control process exited with error code.
    /step 2 3 retry|done|skip|undo
    [ 3 · Again ] [ 3 · Done ] [ 3 · Skip ]
    [ 🛑 3 · Stop here ]
    ");
    // Again, with the fault still there.
    play.bob().presses_on(asked.message_id, "3 · Again").await;
    play.run(2, "Waits for").await;
    assert_eq!(play.word("jarvis").await, "DOWN");
    // Somebody mended it and pressed again: everything after it is done too.
    broken(&play, "jarvis-api", false);
    broken(&play, "jarvis-twitter-bot", true);
    let asked = play.room().message("stands");
    play.bob().presses_on(asked.message_id, "3 · Again").await;
    insta::assert_snapshot!(play.run(2, "about step 10").await, @"
    ❓ Run 2 · Restore service · SEC-2026-001
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
    ❌ 10 Start the Twitter bot: systemctl start jarvis-twitter-bot ended with 1: systemctl: Job for jarvis-twitter-bot.service failed because the contr…
    ⬜ 11 The Twitter bot runs
    ⬜ 12 Give it a moment
    ⬜ 13 Take the kill switch away
    ⬜ 14 The API is healthy
    Waits for a decision about step 10: the buttons, or /step 2 10 done, retry, skip, undo.
    ");
    // Somebody started it by hand.
    broken(&play, "jarvis-twitter-bot", false);
    std::fs::write(
        play.demo.root().join("units/jarvis-twitter-bot"),
        "active\n",
    )
    .expect("started");
    let asked = play.room().message("stands");
    play.bob().presses_on(asked.message_id, "10 · Done").await;
    play.run(2, "⏳ 12").await;
    play.harness.later(1).await;
    insta::assert_snapshot!(play.over(2, "done").await, @"
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
    ✅ 10 Start the Twitter bot: done by hand
    ✅ 11 The Twitter bot runs
    ✅ 12 Give it a moment
    ✅ 13 Take the kill switch away
    ✅ 14 The API is healthy

    done
    ");
    assert_eq!(play.word("jarvis").await, "UP");
    play.end().await;
}
