//! Everything is rotated: what is new is never shown, what is old is refused.

use std::os::unix::fs::PermissionsExt as _;

use reqwest::StatusCode;
use serde_json::json;

use super::Play;
use crate::harness::figure;

/// What a webhook of n8n gets from the demo with this secret.
async fn webhook(play: &Play, secret: &str) -> StatusCode {
    let url = format!("http://{}/api/webhooks/n8n", play.demo.address());
    let client = reqwest::Client::new();
    let asked = client.post(url).header("x-webhook-secret", secret);
    let answer = asked.json(&json!({})).send().await;
    answer.expect("the demo answers").status()
}

#[tokio::test(flavor = "multi_thread")]
async fn tars_rotates_everything() {
    let play = Play::of("tars").await;
    let setting = |name: &str| (play.demo.lookup())(name).expect("it is set");
    let old = setting("TARS_WEBHOOK_SECRET");
    assert_eq!(webhook(&play, &old).await, StatusCode::OK);
    insta::assert_snapshot!(play.approved("/rotate all the laptop was stolen").await, @"
    🔐 R2 · rotate every credential
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: the laptop was stolen
    Touches:
    • NextAuth secret: Signs everybody out, restarts the web app
    • n8n API key: Restarts the TARS agent, the old key dies
    • Anthropic API key: Restarts the TARS agent, the old key is disabled
    • Database password: Restarts the web app, the old password dies at once
    • SSH keys: Whoever signs in to the server
    • Webhook secrets: Restarts the web app, n8n is refused until it has the new secret
    • Telegram bot token: This bot's own token: it is away until it is restarted
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    ");
    insta::assert_snapshot!(play.run(1, "step 4, 8, 19, 24, 27").await.replace('\u{2060}', ""), @"
    ❓ Run 1 · Every credential · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the laptop was stolen
    🔄 It restarts me: I am away for a moment, then I go on.
    NextAuth secret · 3 of 3
    n8n API key · 0 of 4
    ✋ 4 Create a new key: In n8n's settings: create a new API key beside the old one and put it into N8N_API_KEY on the server, not into a chat. …
    ⬜ 5 Restart the agent
    ⬜ 6 See that the new key works, revoke the old one
    ⬜ 7 The agent runs
    Anthropic API key · 0 of 6
    ✋ 8 Create a new key: In the Anthropic console: create a new key and put it into ANTHROPIC_API_KEY on the server, not into a chat. Leave the …
    ⬜ 9 Restart the agent
    ⬜ 10 See that the new key works
    ⬜ 11 Disable the old key
    ⬜ 12 Note the new key's id
    ⬜ 13 The agent runs
    Database password · 5 of 5
    SSH keys · 0 of 1
    ✋ 19 Replace the keys: Create new keys, add them on the server and sign in with them, then remove the old ones from authorized_keys.
    Webhook secrets · 4 of 7
    ✅ 20 Put the new secret into the app's environment
    ✅ 21 Restart the app
    ✅ 22 The app takes the new secret
    ✅ 23 Lay the secret into a file for n8n
    ✋ 24 Give the secret to n8n and to breakglass: On the server, read SECURITY/rotation/webhook_secret in the TARS folder. Put it into the credential of the webhook work…
    ⬜ 25 Remove the file
    ⬜ 26 The file is gone
    Telegram bot token · 0 of 1
    ✋ 27 Get a new token from BotFather: Open @BotFather, send /revoke, then the bot's name as it shows it. Its answer holds the new token; the old one is dead …
    Waits for a decision about step 4, 8, 19, 24, 27: the buttons, or /step 1 4 done, retry, skip, undo.
    ");
    insta::assert_snapshot!(play.room().message("steps wait for a person").text.replace('\u{2060}', ""), @"
    ✋ Run 1 · Every credential: 5 steps wait for a person.

    ✋ 4 · Create a new key · n8n API key
    In n8n's settings: create a new API key beside the old one and put it into N8N_API_KEY on the server, not into a chat. If the old one is being misused, delete it first.
    Where: https://n8n.srv1378974.hstgr.cloud/settings
    /step 1 4 done|skip|undo

    ✋ 8 · Create a new key · Anthropic API key
    In the Anthropic console: create a new key and put it into ANTHROPIC_API_KEY on the server, not into a chat. Leave the old one for now; if it is being misused, /run disable_anthropic_key.
    Where: https://console.anthropic.com/settings/keys
    /step 1 8 done|skip|undo

    ✋ 19 · Replace the keys · SSH keys
    Create new keys, add them on the server and sign in with them, then remove the old ones from authorized_keys.
    /step 1 19 done|skip|undo

    ✋ 24 · Give the secret to n8n and to breakglass · Webhook secrets
    On the server, read SECURITY/rotation/webhook_secret in the TARS folder. Put it into the credential of the webhook workflow in n8n, and into TARS_WEBHOOK_SECRET of breakglass. Not into a chat. The file is removed next.
    Where: https://n8n.srv1378974.hstgr.cloud/settings
    /step 1 24 done|skip|undo

    Asked here next: 27 · Get a new token from BotFather
    ");
    // Who has to put the secret into n8n finds it in a file, as long as it is needed.
    let file = play
        .demo
        .root()
        .join("tars/SECURITY/rotation/webhook_secret");
    let laid = std::fs::read_to_string(&file).expect("the file that the text names");
    assert_eq!(laid, setting("TARS_WEBHOOK_SECRET"));
    let mode = std::fs::metadata(&file).expect("a file").permissions();
    assert_eq!(mode.mode() & 0o777, 0o600);
    let disabled = |play: &Play| {
        let asked = play.demo.asked();
        asked.iter().any(|it| it.body.contains("inactive"))
    };
    assert!(!disabled(&play), "the old key works until the new one does");
    play.by_hand(1).await;
    assert!(disabled(&play));
    assert!(!file.exists());
    let beside = std::fs::read_dir(file.parent().expect("a folder")).expect("readable");
    assert_eq!(beside.count(), 0, "nothing of the secret is kept beside it");
    let run = play.over(1, "done").await;
    insta::assert_snapshot!(run, @"
    ✅ Run 1 · Every credential · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the laptop was stolen
    NextAuth secret · 3 of 3
    n8n API key · 4 of 4
    Anthropic API key · 6 of 6
    Database password · 5 of 5
    SSH keys · 1 of 1
    Webhook secrets · 7 of 7
    Telegram bot token · 1 of 1

    done
    ");

    let new = setting("TARS_WEBHOOK_SECRET");
    assert_eq!(webhook(&play, &old).await, StatusCode::UNAUTHORIZED);
    assert_eq!(webhook(&play, &new).await, StatusCode::OK);
    let password = play.demo.password_of("tars_app").expect("it was set");
    insta::assert_snapshot!(play.bob().says("/rotate").await, @"
    🤖 (silent) Credentials of TARS incident response
    ✅ NextAuth secret (nextauth_secret): rotated 14:01 UTC, less than a minute ago
    ✅ n8n API key (n8n_api_key): rotated 14:01 UTC, less than a minute ago
    ✅ Anthropic API key (anthropic_api_key): rotated 14:01 UTC, less than a minute ago
    ✅ Database password (database_password): rotated 14:01 UTC, less than a minute ago
    ✅ SSH keys (ssh_keys): rotated 14:01 UTC, less than a minute ago
    ✅ Webhook secrets (webhook_secrets): rotated 14:01 UTC, less than a minute ago
    ✅ Telegram bot token (bot_token): rotated 14:01 UTC, less than a minute ago
    One at a time needs a press to confirm; /rotate all needs somebody to approve.
    ");
    let looked_at = play.nowhere(&[&new, &password]);
    figure(&format!(
        "rotate all of TARS: {} credentials, no new secret in {looked_at} bytes of chat, database and evidence",
        run.matches(" · ").count() - 3,
    ));
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_only_key_is_not_disabled_where_no_new_one_was_made() {
    let play = Play::of("tars").await;
    let disabled = || {
        let asked = play.demo.asked();
        asked.iter().any(|it| it.body.contains("inactive"))
    };
    play.confirmed("/rotate anthropic_api_key leaked").await;
    play.run(1, "about step 1:").await;
    play.bob().says("/step 1 1 skip").await;
    insta::assert_snapshot!(play.run(1, "about step 3:").await, @"
    ❓ Run 1 · Anthropic API key · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: leaked
    ➖ 1 Create a new key: In the Anthropic console: create a new key and put it into ANTHROPIC_API_KEY on the server, not into a chat. Leave the …
    ✅ 2 Restart the agent
    ✋ 3 See that the new key works: It needs step 1 first, which was not done: Create a new key
    ⬜ 4 Disable the old key
    ⬜ 5 Note the new key's id
    ⬜ 6 The agent runs
    Waits for a decision about step 3: the buttons, or /step 1 3 done, retry, skip, undo.
    ");
    assert!(!disabled());
    play.bob().says("/step 1 3 skip").await;
    insta::assert_snapshot!(play.run(1, "about step 4:").await, @"
    ❓ Run 1 · Anthropic API key · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: leaked
    ➖ 1 Create a new key: In the Anthropic console: create a new key and put it into ANTHROPIC_API_KEY on the server, not into a chat. Leave the …
    ✅ 2 Restart the agent
    ➖ 3 See that the new key works
    ✋ 4 Disable the old key: It needs step 3 first, which was not done: See that the new key works
    ⬜ 5 Note the new key's id
    ⬜ 6 The agent runs
    Waits for a decision about step 4: the buttons, or /step 1 4 done, retry, skip, undo.
    ");
    let asked = play.newest("the question", |it| {
        it.contains("waits for a person") || it.contains("Disable the old key")
    });
    insta::assert_snapshot!(asked.text, @"
    ✋ Run 1 · Anthropic API key: step 4 is held back, a person decides.
    4 · Disable the old key
    It needs step 3 first, which was not done: See that the new key works
    Anthropic console, API keys: revoke the old key.
    /step 1 4 retry|done|skip
    ");
    assert!(!disabled());
    // Whoever knows better decides it, but nothing does so by itself.
    play.bob().says("/step 1 4 skip").await;
    play.run(1, "about step 5:").await;
    assert!(!disabled(), "the key that there is works");
    play.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jarvis_rotates_everything() {
    let play = Play::of("jarvis").await;
    play.approved("/rotate all the laptop was stolen").await;
    play.run(1, "step 3, 13").await;
    play.by_hand(1).await;
    let run = play.over(1, "done").await;
    insta::assert_snapshot!(run, @"
    ✅ Run 1 · Every credential · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the laptop was stolen
    API keys · 2 of 2
    Bot tokens · 3 of 3
    Encryption keys · 2 of 2
    Database password · 5 of 5
    Wallet keys · 1 of 1

    done
    ");
    let password = play.demo.password_of("jarvis").expect("it was set");
    let rotated = std::fs::read_to_string(play.demo.root().join("jarvis/run/rotated"));
    insta::assert_snapshot!(rotated.expect("a record"), @"
    rotate_api_keys.py
    rotate_encryption_keys.py
    set_database_password.py
    ");
    insta::assert_snapshot!(play.bob().says("/rotate").await, @"
    🤖 (silent) Credentials of JARVIS incident response
    ✅ API keys (api_keys): rotated 14:01 UTC, less than a minute ago
    ✅ Bot tokens (bot_tokens): rotated 14:01 UTC, less than a minute ago
    ✅ Encryption keys (encryption_keys): rotated 14:01 UTC, less than a minute ago
    ✅ Database password (database_password): rotated 14:01 UTC, less than a minute ago
    ✅ Wallet keys (wallet_keys): rotated 14:01 UTC, less than a minute ago
    One at a time needs a press to confirm; /rotate all needs somebody to approve.
    ");
    let looked_at = play.nowhere(&[&password]);
    figure(&format!(
        "rotate all of JARVIS: {} credentials, no new secret in {looked_at} bytes of chat, database and evidence",
        run.matches(" · ").count() - 3,
    ));
    play.end().await;
}
