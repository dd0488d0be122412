//! Both plans, from declaration to closing.

use std::time::Duration;

use super::driver::Screen;
use super::page::Page;
use super::{tell, watch};
use crate::harness::Harness;

/// Time passes for everybody.
async fn later(harness: &Harness, minutes: u64) {
    harness.control.advance(Duration::from_secs(minutes * 60));
    harness.later(minutes).await;
}

async fn ticks(page: &Page<'_>, items: impl IntoIterator<Item = u32>) {
    for item in items {
        page.presses(&format!("{item} ✓")).await;
        page.card_shows(&format!("✅ {item} ")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tars_is_walked_from_declaration_to_closing() {
    tell(async |page, driver, harness| {
        page.becomes("Bob").await;
        page.opens_chat("War room").await;
        page.says("/declare P1 Signing key found in a public repository")
            .await;
        page.card_shows("Signing key found in a public repository")
            .await;
        page.card_shows("Identification").await;
        page.pinned("SEC-").await;
        page.becomes("Alice").await;
        page.presses("👀 I see it").await;
        page.card_shows("Seen by Alice").await;
        page.says("/role commander").await;
        page.card_shows("Incident Commander: Alice").await;
        page.goes_to_the_card().await;
        page.picture("tars-1-declared").await;
        later(harness, 6).await;
        page.presses("Next phase →").await;

        page.card_shows("Containment").await;
        page.becomes("Bob").await;
        page.says("The key is in commit 4f2a91, public for 3 days")
            .await;
        page.replies("commit 4f2a91", "/evidence the commit with the key")
            .await;
        ticks(page, [6]).await;
        page.card_shows("✅ 6 ").await;
        page.becomes("Alice").await;
        ticks(page, [5]).await;
        page.toasted("Ticked 5").await;
        page.goes_to_the_card().await;
        page.picture("tars-2-containment").await;
        page.click("//*[@id='theme']").await;
        page.picture("dark").await;
        page.click("//*[@id='theme']").await;
        let place = page.run("return location.hash", vec![]).await;
        let phone = Page::open(
            driver,
            harness,
            Screen::Phone,
            place.as_str().unwrap_or_default(),
        )
        .await;
        watch(phone, async |phone| {
            phone.card_shows("Containment").await;
            phone.goes_to_the_card().await;
            phone.picture("phone").await;
        })
        .await;
        later(harness, 8).await;
        ticks(page, [7, 8]).await;
        page.presses("Next phase →").await;
        page.card_shows("Eradication").await;
        later(harness, 9).await;

        page.becomes("Bob").await;
        page.says("/set root_cause A key was committed by mistake")
            .await;
        ticks(page, [10, 11]).await;
        page.goes_to_the_card().await;
        page.picture("tars-3-eradication").await;
        ticks(page, [12]).await;
        page.presses("Next phase →").await;

        page.card_shows("Recovery").await;
        ticks(page, 13..=16).await;
        page.goes_to_the_card().await;
        page.picture("tars-4-recovery").await;
        page.presses("Next phase →").await;

        page.card_shows("Post-incident").await;
        page.becomes("Olivia").await;
        page.says("/report").await;
        page.sees(".md").await;
        page.card_shows("✅ 17 ").await;
        page.says("/todo Scan all repositories for keys @bob 2026-12-15")
            .await;
        page.goes_to_the_card().await;
        page.picture("tars-5-post-incident").await;
        ticks(page, [18, 19, 20]).await;
        page.presses("Close it").await;
        page.sees("-001 is closed").await;
        page.sees("· P1 High · closed").await;
        page.toasted("is closed").await;
        page.picture("tars-5-closed").await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jarvis_is_walked_from_declaration_to_closing() {
    tell(async |page, _, harness| {
        page.becomes("Olivia").await;
        page.opens_chat("Incident forum").await;
        page.says("/setup plan jarvis").await;
        page.becomes("Bob").await;
        page.says("/declare P1 Treasury wallet signs what nobody asked for")
            .await;
        page.opens_topic().await;
        page.card_shows("Treasury wallet").await;
        page.card_shows("Containment").await;
        page.pinned("SEC-").await;
        page.presses("👀 I see it").await;
        page.says("/role commander").await;
        ticks(page, [1, 2]).await;
        page.goes_to_the_card().await;
        page.picture("jarvis-1-containment").await;
        later(harness, 11).await;
        ticks(page, [3, 4]).await;
        page.presses("Next phase →").await;

        page.card_shows("Assessment").await;
        page.becomes("Alice").await;
        page.says("/set affected treasury").await;
        page.says("Outgoing transfer 0x9f3c at 13:52, not ours")
            .await;
        page.replies("0x9f3c", "/evidence the transfer").await;
        ticks(page, 6..=8).await;
        page.goes_to_the_card().await;
        page.picture("jarvis-2-assessment").await;
        page.presses("Next phase →").await;

        page.card_shows("Notification").await;
        ticks(page, [10]).await;
        page.goes_to_the_card().await;
        page.picture("jarvis-3-notification").await;
        page.presses("Next phase →").await;

        page.card_shows("Remediation").await;
        later(harness, 12).await;
        page.says("/set root_cause The signing service took requests without a token")
            .await;
        ticks(page, 12..=14).await;
        page.goes_to_the_card().await;
        page.picture("jarvis-4-remediation").await;
        page.presses("Next phase →").await;

        page.card_shows("Recovery").await;
        page.becomes("Bob").await;
        ticks(page, 15..=20).await;
        page.goes_to_the_card().await;
        page.picture("jarvis-5-recovery").await;
        page.presses("Next phase →").await;

        page.card_shows("Post-incident").await;
        page.becomes("Olivia").await;
        page.says("/report").await;
        ticks(page, [21, 23]).await;
        page.presses("Close it").await;
        page.sees("is closed").await;
        page.sees("· P1 Critical · closed").await;
        page.click("//*[@id='jump']").await;
        page.picture("jarvis-6-closed").await;
    })
    .await;
}
