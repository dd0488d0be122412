//! A second factor: without a fresh code nothing that cannot be taken back begins; break-glass never waits for one.

use breakglass::secret::Secret;
use breakglass::totp::Key;

use super::{Play, last};
use crate::harness::{Harness, Stage};

fn key() -> Key {
    let text = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
    Key::read(&Secret::new(text)).expect("a key")
}

/// What an authenticator app shows now.
fn app(harness: &Harness, secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("Base32");
    let app = totp_rs::Builder::new().with_secret(secret).build();
    let now = u64::try_from(harness.clock.now().timestamp()).expect("after 1970");
    app.expect("an app").generate(now).to_string()
}

/// Somebody enrols; the secret of their app.
async fn enrolled(play: &Play, name: &str) -> String {
    let own = play.harness.chat(name).as_user(name);
    own.says("/start").await;
    let shown = own.says("/totp").await;
    let mut words = shown.split_whitespace();
    let letters = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
    let secret = words.find(|it| it.len() == 32 && it.bytes().all(letters));
    let secret = secret.expect("a secret").to_owned();
    let code = app(&play.harness, &secret);
    let shown = own.says(&format!("/totp {code}")).await;
    assert!(shown.contains("second factor now"), "{shown}");
    secret
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approver_with_a_phone_needs_a_fresh_code_each_time() {
    let stage = Stage {
        secret_key: Some(key()),
        ..Stage::default()
    };
    let play = Play::with("tars", stage).await;
    let secret = enrolled(&play, "Alice").await;
    let (alice, own) = (play.room().as_user("Alice"), play.harness.chat("Alice"));
    play.harness.later(20).await;

    play.bob()
        .says("/emergency_shutdown the key is public")
        .await;
    let asked = play.room().message("R2 ·");
    let digits = play.number(&asked).await;
    insta::assert_snapshot!(alice.presses_on(asked.message_id, &digits).await, @"(alert) You have a second factor: send me its code in our private chat, /totp 123456, then do this again within a few minutes. A code counts for one lever.");
    assert_eq!(play.word("tars").await, "UP");
    let code = app(&play.harness, &secret);
    insta::assert_snapshot!(own.as_user("Alice").says(&format!("/totp {code}")).await, @"🤖 (silent) That code is right.");
    alice.presses_on(asked.message_id, &digits).await;
    play.over(1, "done").await;
    assert_eq!(play.word("tars").await, "DOWN");

    // The same code again is none, and after a while a second lever wants another one.
    insta::assert_snapshot!(own.as_user("Alice").says(&format!("/totp {code}")).await, @"🤖 (silent) That code is wrong, or used already. 4 tries are left.");
    play.harness.later(15).await;
    play.bob().says("/restore the key is revoked").await;
    let asked = play.room().message("R3 ·");
    let digits = play.number(&asked).await;
    insta::assert_snapshot!(alice.presses_on(asked.message_id, &digits).await, @"(alert) You have a second factor: send me its code in our private chat, /totp 123456, then do this again within a few minutes. A code counts for one lever.");
    assert_eq!(play.word("tars").await, "DOWN");
    let code = app(&play.harness, &secret);
    own.as_user("Alice").says(&format!("/totp {code}")).await;
    alice.presses_on(asked.message_id, &digits).await;
    play.over(2, "done").await;
    assert_eq!(play.word("tars").await, "UP");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn five_wrong_codes_lock_levers_but_never_break_glass() {
    let stage = Stage {
        secret_key: Some(key()),
        ..Stage::default()
    };
    let play = Play::with("tars", stage).await;
    enrolled(&play, "Olivia").await;
    let own = play.harness.chat("Olivia").as_user("Olivia");
    play.harness.later(20).await;
    for _ in 0..5 {
        own.says("/totp 000000").await;
    }
    let olivia = play.room().as_user("Olivia");
    insta::assert_snapshot!(last(&olivia.says("/lockdown sessions were stolen").await), @"🤖 Too many wrong codes came from you, so /lockdown waits until 14:36 UTC. Breaking the glass, denying and stopping still work.");
    insta::assert_snapshot!(last(&olivia.says("/restore it is over").await), @"🤖 (silent) Too many wrong codes came from you, so /restore waits until 14:36 UTC. Breaking the glass, denying and stopping still work.");
    insta::assert_snapshot!(last(&olivia.says("/note still here").await), @"(✍ breakglass)");
    assert_eq!(play.word("tars").await, "UP");
    insta::assert_snapshot!(last(&olivia.says("/emergency_shutdown now emergency_shutdown it burns").await), @"
    🤖 🔐 R2 · Emergency shutdown
    For SEC-2026-001
    Olivia Owner asks for it 14:21 UTC: it burns
    Touches: Web app, n8n workflows, Vercel project
    🔨 Olivia Owner breaks the glass: it begins in 30 s, without anybody's approval.
    Stop it with the button or /abort R2: Olivia Owner, Alice Archer, or anybody who could approve.
    [ ✋ Stop it ]
    ");
    play.harness.later(1).await;
    play.over(1, "done").await;
    assert_eq!(play.word("tars").await, "DOWN");
    play.end().await;
}

/// A plan may demand it of everybody: whoever has none gets one first.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_demands_codes_lets_nobody_without_one_pull_what_cannot_be_taken_back() {
    let plans = tempfile::tempdir().expect("a folder");
    let source = breakglass::plan::default_source();
    let source = source.replacen("[plan]", "[levers]\ntotp = \"required\"\n\n[plan]", 1);
    std::fs::write(plans.path().join("tars.toml"), source).expect("a plan");
    let stage = Stage {
        secret_key: Some(key()),
        plans: Some(plans.path().to_owned()),
        ..Stage::default()
    };
    let play = Play::with("tars", stage).await;
    insta::assert_snapshot!(last(&play.bob().says("/restore it is over").await), @"🤖 (silent) The plan wants a second factor for /restore, and you have none: send me /totp in our private chat, then do this again. Breaking the glass works without.");
    let bob = enrolled(&play, "Bob").await;
    play.harness.later(20).await;
    insta::assert_snapshot!(last(&play.bob().says("/restore it is over").await), @"🤖 (silent) You have a second factor: send me its code in our private chat, /totp 123456, then do this again within a few minutes. A code counts for one lever.");
    let code = app(&play.harness, &bob);
    let own = play.harness.chat("Bob").as_user("Bob");
    insta::assert_snapshot!(own.says(&format!("/totp {code}")).await, @"🤖 (silent) That code is right.");
    play.bob().says("/restore it is over").await;
    let asked = play.room().message("Restore service");
    let digits = play.number(&asked).await;
    let olivia = play.room().as_user("Olivia").briefly();
    // Whoever approves needs one as much.
    insta::assert_snapshot!(olivia.presses_on(asked.message_id, &digits).await, @"(alert) The plan wants a second factor for /approve, and you have none: send me /totp in our private chat, then do this again. Breaking the glass works without.");
    let phone = enrolled(&play, "Olivia").await;
    // What it was begun with is spent.
    insta::assert_snapshot!(olivia.presses_on(asked.message_id, &digits).await, @"(alert) You have a second factor: send me its code in our private chat, /totp 123456, then do this again within a few minutes. A code counts for one lever.");
    play.harness.later(1).await;
    let code = app(&play.harness, &phone);
    let private = play.harness.chat("Olivia").as_user("Olivia");
    insta::assert_snapshot!(private.says(&format!("/totp {code}")).await, @"🤖 (silent) That code is right.");
    olivia.presses_on(asked.message_id, &digits).await;
    play.over(1, "done").await;
    // Spent, for both of them.
    insta::assert_snapshot!(private.says(&format!("/totp {code}")).await, @"🤖 (silent) That code is wrong, or used already. 4 tries are left.");
    insta::assert_snapshot!(last(&play.bob().says("/restore once more").await), @"🤖 (silent) You have a second factor: send me its code in our private chat, /totp 123456, then do this again within a few minutes. A code counts for one lever.");
    // What can be taken back needs none.
    play.confirmed("/run tighten_limits").await;
    play.over(2, "done").await;
    play.end().await;
}
