//! Who goes first when Telegram's limits make somebody wait, and what becomes of words that wait too long.

use std::time::Duration;

use telegram_sandbox::{Control, NewChat};

use crate::harness::{Harness, Stage, figure};

/// Far above what anything here takes, and below what it took when it waited behind the rest.
const SOON: Duration = Duration::from_secs(20);

async fn limited(without_levers: bool) -> Harness {
    Harness::with(Stage {
        limits: true,
        without_levers,
        ..Stage::default()
    })
    .await
}

/// How many messages of the bot have this in them.
fn count(control: &Control, chat: i64, part: &str) -> usize {
    let all = control.transcript(chat).into_iter();
    all.filter(|it| it.is_bot && it.text.contains(part)).count()
}

/// Put together here so that no scanner takes this file for a leak.
fn github(n: usize) -> String {
    format!("ghp_{}{n:02}", "CaNaRy0e5F6g7H8i9J0k1L2m3N4o5P6q7R")
}

#[tokio::test(flavor = "multi_thread")]
async fn pasted_secrets_do_not_silence_a_lever() {
    let harness = limited(false).await;
    let room = harness.chat("War room");
    let chat = room.id();
    room.as_user("Bob").says("/declare P1 key leaked").await;
    let bob = harness.person("Bob");
    for n in 0..25 {
        let line = format!("LINE {n}: {}", github(n));
        harness.control.says(chat, bob, &line);
    }
    let began = std::time::Instant::now();
    let gone = |control: &Control| {
        let all = control.transcript(chat);
        !all.iter().any(|it| it.text.starts_with("LINE "))
    };
    assert!(
        harness.control.wait_until(SOON, gone).await,
        "each is deleted at once"
    );
    let deleted = began.elapsed();
    let olivia = harness.person("Olivia");
    harness.control.says(chat, olivia, "/verify");
    let shown = |control: &Control| count(control, chat, "Run 1 · Verify recovery · SEC") == 1;
    assert!(
        harness.control.wait_until(SOON, shown).await,
        "the run is shown:\n{}",
        harness.transcript(chat)
    );
    // Its steps are set up for nobody here: a person ends it.
    harness.control.says(chat, olivia, "/abort 1 seen enough");
    let over =
        |control: &Control| count(control, chat, "🛑 Run 1 · Verify recovery was aborted") == 1;
    assert!(
        harness.control.wait_until(SOON, over).await,
        "its end is told:\n{}",
        harness.transcript(chat)
    );
    figure(&format!(
        "lanes: 25 pasted secrets deleted in {deleted:?}, the end of a run told {:?} after the paste",
        began.elapsed()
    ));
    let all_told = |control: &Control| count(control, chat, "25 messages of yours") == 1;
    assert!(
        harness.control.wait_until(SOON, all_told).await,
        "one notice, brought up to date:\n{}",
        harness.transcript(chat)
    );
    insta::assert_snapshot!(room.message("🔑").text, @"
    🔑 Bob Baker, 25 messages of yours held secrets (GitHub token). They are deleted here, and I kept nothing of them. Others may have read them: take them as leaked.
    Revoke each of them where it was issued, and put a new one where it is used.
    ");
    assert_eq!(count(&harness.control, chat, "🔑"), 1);
    let said = room.as_user("Alice").says("/timeline").await;
    let redactions = said.matches("Secret removed from a message of Bob").count();
    assert_eq!(redactions, 25, "{said}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_speaks_in_a_shut_chat_opens_it_again() {
    let mut harness = Harness::start().await;
    let chat = harness.control.add_chat(NewChat::supergroup("Night shift"));
    harness.add_chat("Night shift", chat);
    let (olivia, bob) = (harness.person("Olivia"), harness.person("Bob"));
    for person in [olivia, bob] {
        harness.control.join(chat, person);
    }
    harness.control.add_bot(chat, olivia);
    harness.quiet().await;
    let night = harness.chat("Night shift");
    night.as_user("Bob").says("/declare P1 key leaked").await;
    harness.control.writing_allowed(chat, false);
    assert_eq!(night.as_user("Bob").says("/contacts").await, "");
    // The right comes back without a word from Telegram: any word from the chat will do.
    harness.control.writing_allowed(chat, true);
    harness.control.says(chat, bob, "is it back?");
    let contacts = |control: &Control| count(control, chat, "The team") == 1;
    assert!(
        harness.control.wait_until(SOON, contacts).await,
        "the answer of a shut chat comes:\n{}",
        harness.transcript(chat)
    );
    // And what was parked when the bot ended goes out when it starts.
    harness.control.writing_allowed(chat, false);
    assert_eq!(night.as_user("Bob").says("/plan").await, "");
    harness.stop_bot().await;
    harness.control.writing_allowed(chat, true);
    harness.restart().await;
    let plan = |control: &Control| count(control, chat, "TARS incident response · version") == 1;
    assert!(
        harness.control.wait_until(SOON, plan).await,
        "it comes after a restart:\n{}",
        harness.transcript(chat)
    );
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_already_is_not_asked() {
    let harness = limited(true).await;
    let room = harness.chat("War room");
    let chat = room.id();
    let olivia = harness.person("Olivia");
    room.as_user("Olivia").says("/declare P1 key leaked").await;
    let credentials = [
        "nextauth_secret",
        "n8n_api_key",
        "anthropic_api_key",
        "database_password",
        "ssh_keys",
        "webhook_secrets",
        "bot_token",
    ];
    for name in credentials {
        harness
            .control
            .says(chat, olivia, &format!("/rotate {name}"));
    }
    for number in 1..=credentials.len() {
        harness
            .control
            .says(chat, olivia, &format!("/approve R{number}"));
    }
    let all = |control: &Control| {
        let asked = count(control, chat, "🔐 R");
        asked == credentials.len() && count(control, chat, "has begun") >= asked
    };
    assert!(
        harness
            .control
            .wait_until(Duration::from_mins(1), all)
            .await,
        "all are asked for and answered:\n{}",
        harness.transcript(chat)
    );
    let posted = harness.control.history().into_iter();
    let asking = posted.filter(|call| {
        let text = call.params["text"].as_str().unwrap_or_default();
        call.method == "sendMessage" && text.contains("press to go on")
    });
    let asking = asking.count();
    // The first few go out before anybody could answer.
    assert!(
        asking <= 5,
        "{asking} requests ask for a press after their runs have begun"
    );
    harness.end().await;
}
