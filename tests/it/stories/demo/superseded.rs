//! What takes itself back, while later levers are about the same firewall.

use super::Play;

#[tokio::test(flavor = "multi_thread")]
async fn an_old_lockdown_does_not_open_the_firewall_under_a_later_one_that_is_kept() {
    let play = Play::of("tars").await;
    play.confirmed("/lockdown sessions were stolen").await;
    play.run(1, "unless somebody keeps it").await;
    play.harness.later(2).await;
    play.confirmed("/run unlock").await;
    play.over(2, "done").await;
    assert_eq!(play.status().await["firewall"], "usual rules");
    insta::assert_snapshot!(play.over(1, "done").await, @"
    ✅ Run 1 · Lockdown · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: sessions were stolen
    ✅ 1 Switch maintenance mode on
    ✅ 2 Capture the sessions before they end
    ✅ 3 End every session
    ✅ 4 Let only administrators' addresses in: superseded by run 2
    ✅ 5 Tell the team

    done
    ");
    play.harness.later(2).await;
    play.confirmed("/lockdown second").await;
    play.run(3, "unless somebody keeps it").await;
    play.bob().says("/step 3 4 done").await;
    play.over(3, "done").await;
    play.harness.later(7).await;
    assert_eq!(
        play.status().await["firewall"],
        "lockdown",
        "11 minutes after the first"
    );
    play.harness.later(11).await;
    assert_eq!(play.status().await["firewall"], "lockdown", "it was kept");
    let told = play.bob().says("/timeline").await;
    let said: Vec<&str> = told
        .lines()
        .filter(|it| it.contains("superseded"))
        .collect();
    insta::assert_snapshot!(said.join("\n"), @"14:03 Run 1, step 4 (Let only administrators' addresses in): superseded by run 2, it does not take itself back any more");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_lockdowns_that_nobody_keeps_end_once_with_the_later_one() {
    let play = Play::of("tars").await;
    play.confirmed("/lockdown sessions were stolen").await;
    play.run(1, "unless somebody keeps it").await;
    play.harness.later(5).await;
    play.confirmed("/lockdown again").await;
    play.run(2, "unless somebody keeps it").await;
    play.over(1, "done").await;
    play.harness.later(8).await;
    assert_eq!(
        play.status().await["firewall"],
        "lockdown",
        "13 minutes after the first"
    );
    play.harness.later(3).await;
    insta::assert_snapshot!(Play::from_step(&play.over(2, "done").await, 4), @"
    ✅ Run 2 · Lockdown · SEC-2026-001
    ↩️ 4 Let only administrators' addresses in: taken back
    ✅ 5 Tell the team
    done
    ");
    assert_eq!(play.status().await["firewall"], "usual rules");
    play.end().await;
}
