//! The page without a mouse.

use serde_json::json;

use super::page::Page;
use super::tell;

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
/// Alt and 2, then all keys up.
const ALT_2: &str = "\u{e00a}2\u{e000}";
const ESCAPE: &str = "\u{e00c}";

/// Tabs that lead all around the page, at most.
const ROUND: usize = 120;

#[tokio::test(flavor = "multi_thread")]
async fn an_item_is_ticked_by_keyboard_alone() {
    tell(async |page, _, _| {
        page.keys(ALT_2).await;
        let alice = "return document.getElementById('you-name').innerText === 'Alice'";
        page.until("Alt and 2 make one Alice", alice, vec![]).await;
        page.keys(ESCAPE).await;
        let writing = "return document.activeElement.id === 'composer'";
        page.until("Escape leads to the composer", writing, vec![])
            .await;
        page.keys("/declare P1 Signing key found in a public repository")
            .await;
        page.keys(ENTER).await;
        page.card_shows("Identification").await;

        // Nobody is bound to the commander's contact: a person says that the team is told.
        tabs_to(page, "3 ✓").await;
        page.keys(ENTER).await;
        page.card_shows("✅ 3 ").await;
        page.toasted("Ticked 3").await;
        tabs_to(page, "Next phase →").await;
        page.keys(ENTER).await;
        page.card_shows("Containment").await;
        tabs_to(page, "5 ✓").await;
        page.keys(ENTER).await;
        page.card_shows("✅ 5 ").await;
        page.toasted("Ticked 5").await;
        let focus = "return document.activeElement.closest('.row') !== null";
        page.until("the focus stays in the card", focus, vec![])
            .await;
    })
    .await;
}

/// Presses Tab until the focus is on the button with this label.
async fn tabs_to(page: &Page<'_>, label: &str) {
    let there = "const at = document.activeElement;
        return at.matches('.key') && at.innerText.trim() === arguments[0]";
    for _ in 0..ROUND {
        if page.run(there, vec![json!(label)]).await == json!(true) {
            return;
        }
        page.keys(TAB).await;
    }
    panic!("no number of tabs leads to {label:?}");
}
