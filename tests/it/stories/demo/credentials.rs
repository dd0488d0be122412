//! Everything is rotated: what is new is never shown, what is old is refused.

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
    ✅ Approved by Alice Archer 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    ");
    insta::assert_snapshot!(play.run(1, "step 4, 7, 13, 15").await, @"
    ❓ Run 1 · Every credential · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the laptop was stolen
    NextAuth secret · 3 of 3
    n8n API key · 0 of 2
    ✋ 4 Revoke the old token, create a new one: In n8n's settings: revoke the API token, create a new one, put it into N8N_API_KEY.
    ⬜ 5 Restart the agent
    Anthropic API key · 1 of 3
    ✅ 6 Disable the compromised key
    ✋ 7 Revoke the old key, create a new one: In the Anthropic console: revoke the compromised key, create a new one, put it into ANTHROPIC_API_KEY and its id into T…
    ⬜ 8 Restart the agent
    Database password · 4 of 4
    SSH keys · 0 of 1
    ✋ 13 Replace the keys: Create new keys, add them on the server and sign in with them, then remove the old ones from authorized_keys.
    Webhook secrets · 1 of 3
    ✅ 14 Put the new secret into the app's environment
    ✋ 15 Give the secret to the n8n workflow: In n8n: put the new secret into the credential that the webhook workflow uses.
    ⬜ 16 Webhook of n8n
    Waits for a decision about step 4, 7, 13, 15: the buttons, or /step 1 4 done, retry, skip, undo.
    ");
    insta::assert_snapshot!(play.room().message("step 7 needs a person").text, @"
    ✋ Run 1 · Every credential: step 4 needs a person.
    4 Revoke the old token, create a new one: In n8n's settings: revoke the API token, create a new one, put it into N8N_API_KEY.
    Where: https://n8n.srv1378974.hstgr.cloud/settings
    /step 1 4 done|skip|undo
    ✋ Run 1 · Every credential: step 7 needs a person.
    7 Revoke the old key, create a new one: In the Anthropic console: revoke the compromised key, create a new one, put it into ANTHROPIC_API_KEY and its id into TARS_ANTHROPIC_KEY_ID.
    Where: https://console.anthropic.com/settings/keys
    /step 1 7 done|skip|undo
    ✋ Run 1 · Every credential: step 13 needs a person.
    13 Replace the keys: Create new keys, add them on the server and sign in with them, then remove the old ones from authorized_keys.
    /step 1 13 done|skip|undo
    ✋ Run 1 · Every credential: step 15 needs a person.
    15 Give the secret to the n8n workflow: In n8n: put the new secret into the credential that the webhook workflow uses.
    Where: https://n8n.srv1378974.hstgr.cloud/settings
    /step 1 15 done|skip|undo
    ");
    play.by_hand(1).await;
    let run = play.over(1, "done").await;
    insta::assert_snapshot!(run, @"
    ✅ Run 1 · Every credential · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the laptop was stolen
    NextAuth secret · 3 of 3
    n8n API key · 2 of 2
    Anthropic API key · 3 of 3
    Database password · 4 of 4
    SSH keys · 1 of 1
    Webhook secrets · 3 of 3

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
async fn jarvis_rotates_everything() {
    let play = Play::of("jarvis").await;
    play.approved("/rotate all the laptop was stolen").await;
    play.run(1, "Waits for").await;
    play.by_hand(1).await;
    let run = play.over(1, "done").await;
    insta::assert_snapshot!(run, @"
    ✅ Run 1 · Every credential · SEC-2026-001
    Bob Baker, approved by Alice Archer · 14:01 UTC
    Why: the laptop was stolen
    API keys · 2 of 2
    Bot tokens · 3 of 3
    Encryption keys · 2 of 2
    Database password · 4 of 4
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
