//! One-time codes, as people meet them: in private.

use breakglass::secret::Secret;
use breakglass::totp::Key;

use crate::harness::{Harness, Stage, figure};

fn key() -> Key {
    let text = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef";
    Key::read(&Secret::new(text)).expect("a key")
}

async fn stage() -> Harness {
    let stage = Stage {
        secret_key: Some(key()),
        ..Stage::default()
    };
    Harness::with(stage).await
}

/// What an authenticator app would show now, from the secret in the caption.
fn app(harness: &Harness, typed: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(typed).expect("Base32");
    let app = totp_rs::Builder::new()
        .with_secret(secret)
        .build()
        .expect("an app");
    let now = u64::try_from(harness.clock.now().timestamp()).expect("after 1970");
    app.generate(now).to_string()
}

fn typed(text: &str) -> String {
    let word = |it: &&str| {
        it.len() == 32
            && it
                .bytes()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    text.split_whitespace()
        .find(word)
        .expect("a secret")
        .to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_enrols_uses_a_code_and_loses_the_phone() {
    let harness = stage().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Olivia").says("/totp").await, @"🤖 (silent) One-time codes stay between us: send /totp to me in private.");
    let own = harness.chat("Olivia");
    own.as_user("Olivia").says("/start").await;
    let shown = own.as_user("Olivia").says("/totp").await;
    let secret = typed(&shown);
    insta::assert_snapshot!(shown.replace(&secret, "SECRET"), @"
    🤖 Scan this with an authenticator app, or type in SECRET
    Then send me the code that the app shows: /totp 123456
    This works for 15 minutes. Delete this message afterwards.
    📎 picture.png
    ");
    insta::assert_snapshot!(own.as_user("Olivia").says("/totp 000000").await, @"🤖 (silent) That is not the code of this moment. Look at the app and send the one that it shows now; is your phone's clock right?");
    let first = app(&harness, &secret);
    let codes = own.as_user("Olivia").says(&format!("/totp {first}")).await;
    let is_code = |line: &&str| line.len() == 14 && line.matches('-').count() == 2;
    let recovery: Vec<&str> = codes.lines().map(str::trim).filter(is_code).collect();
    assert_eq!(recovery.len(), 10, "{codes}");
    let shown: Vec<&str> = codes
        .lines()
        .filter(|line| !is_code(&line.trim()))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @"
    🤖 Ten codes for the day on which the phone is gone. Each works once, in place of a code of the app. I show them only now: write them down, then delete this message.
    🤖 (silent) You have a second factor now: levers that cannot be taken back ask you for a code.
    ");
    insta::assert_snapshot!(own.as_user("Olivia").says(&format!("/totp {first}")).await, @"🤖 (silent) That code is wrong, or used already. 4 tries are left.");
    harness.later(1).await;
    let second = app(&harness, &secret);
    insta::assert_snapshot!(own.as_user("Olivia").says(&format!("/totp {second}")).await, @"🤖 (silent) That code is right.");
    insta::assert_snapshot!(own.as_user("Olivia").says(&format!("/totp {}", recovery[0].to_lowercase())).await, @"🤖 (silent) That code is right.");
    insta::assert_snapshot!(own.as_user("Olivia").says("/totp").await, @"🤖 (silent) You have a second factor since 14:00. 9 recovery codes are left.");
    for _ in 0..4 {
        own.as_user("Olivia").says("/totp 000000").await;
    }
    insta::assert_snapshot!(own.as_user("Olivia").says("/totp 000000").await, @"🤖 (silent) Too many wrong codes: I take none until 14:16 UTC. Break-glass works without one.");
    let third = app(&harness, &secret);
    insta::assert_snapshot!(own.as_user("Olivia").says(&format!("/totp {third}")).await, @"🤖 (silent) Too many wrong codes: I take none until 14:16 UTC. Break-glass works without one.");

    // The host takes it away while the bot runs.
    let reset = std::process::Command::new(env!("CARGO_BIN_EXE_breakglass"))
        .args(["totp", "reset", &harness.person("Olivia").to_string()])
        .env_clear()
        .env(
            "DATABASE_URL",
            format!("sqlite://{}", harness.database().display()),
        )
        .current_dir(harness.folder())
        .output()
        .expect("the program runs");
    assert!(reset.status.success(), "{reset:?}");
    insta::assert_snapshot!(own.as_user("Olivia").says("/totp 123456").await, @"🤖 (silent) You have no second factor yet. /totp begins.");
    // On record, in the group where it guards levers: what happened, once, and no code.
    insta::assert_snapshot!(room.as_user("Olivia").says("/audit").await, @"
    🤖 (silent) Audit · last 4 · times in UTC
    14:00 Chat taken into use — Olivia Owner
    14:00 🔑 Olivia Owner has a second factor now
    14:01 🔑 Too many wrong codes: the second factor of Olivia Owner is locked until 14:16
    14:01 🔑 The second factor of Olivia Owner was taken away on the host
    ");

    // Nothing of it is in the ledger's file, also not in messages that were sent. Looked at last: whoever closes a file of
    // SQLite's beside it takes its locks away, and another process would do harm.
    let mut looked_at = 0;
    for path in harness.files() {
        let bytes = std::fs::read(&path).expect("readable");
        looked_at += bytes.len();
        for secret in recovery.iter().copied().chain([secret.as_str()]) {
            let holds = bytes
                .windows(secret.len())
                .any(|it| it == secret.as_bytes());
            assert!(!holds, "the ledger holds a secret in the clear");
        }
    }
    figure(&format!(
        "one-time codes: no secret in {looked_at} bytes of database"
    ));
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_for_those_who_can_pull_levers() {
    let harness = stage().await;
    let room = harness.chat("War room");
    room.as_user("Alice").says("hello").await;
    let own = harness.chat("Alice");
    own.as_user("Alice").says("/start").await;
    insta::assert_snapshot!(own.as_user("Alice").says("/totp").await, @"🤖 (silent) /totp is for the team. If you belong to it, ask an owner to reply to you with /grant responder.");
    let grant = format!("/grant commander {}", harness.person("Alice"));
    room.as_user("Olivia").says(&grant).await;
    let shown = own.as_user("Alice").says("/totp").await;
    assert!(shown.contains(&typed(&shown)), "{shown}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nobody_enrols() {
    let harness = Harness::start().await;
    let own = harness.chat("Olivia");
    own.as_user("Olivia").says("/start").await;
    insta::assert_snapshot!(own.as_user("Olivia").says("/totp").await, @"🤖 (silent) One-time codes are not set up on this installation: it needs BREAKGLASS_SECRET_KEY.");
    insta::assert_snapshot!(own.as_user("Olivia").says("/totp 123456").await, @"🤖 (silent) You have no second factor yet. /totp begins.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_counts_for_one_lever() {
    let harness = stage().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/start").await;
    let own = harness.chat("Olivia");
    own.as_user("Olivia").says("/start").await;
    let secret = typed(&own.as_user("Olivia").says("/totp").await);
    let first = app(&harness, &secret);
    own.as_user("Olivia").says(&format!("/totp {first}")).await;
    harness.later(1).await;
    let needs = "send me its code in our private chat";
    let refused = room.as_user("Olivia").says("/restore all is clean").await;
    assert!(refused.contains(needs), "{refused}");
    let second = app(&harness, &secret);
    own.as_user("Olivia").says(&format!("/totp {second}")).await;
    let asked = room.as_user("Olivia").says("/restore all is clean").await;
    assert!(!asked.contains(needs), "{asked}");
    let typed = room.as_user("Olivia").says("/approve R1 restore").await;
    assert!(!typed.contains(needs), "{typed}");
    room.as_user("Olivia").says("/abort R1").await;
    let refused = room.as_user("Olivia").says("/restore all is clean").await;
    assert!(refused.contains(needs), "{refused}");
    harness.end().await;
}
