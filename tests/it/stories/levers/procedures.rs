//! What can be run, and what each needs before it is.

use super::team;
use telegram_sandbox::Say;

#[tokio::test(flavor = "multi_thread")]
async fn a_reversible_lever_takes_a_press() {
    let harness = team().await;
    let room = harness.chat("War room");
    insta::assert_snapshot!(room.as_user("Bob").says("/lockdown sessions were stolen").await, @"
    (👀 breakglass)
    🤖 🔐 R2 · Lockdown
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: sessions were stolen
    Touches: Web app, Every session, Firewall of the server
    Bob Baker, press to go on, or send /approve R2. It lapses at 14:03 UTC.
    [ Yes, go on ] [ Deny ]
    [ Dry run ]
    ");
    let message = room.message("R2").message_id;
    insta::assert_snapshot!(room.as_user("Alice").presses_on(message, "Yes, go on").await, @"(alert) Only Bob Baker can answer that: R2 is theirs. You can still /deny R2 if you could approve.");
    insta::assert_snapshot!(room.as_user("Bob").briefly().presses_on(message, "Yes, go on").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High …
    + ⚙️ Run 1 · Lockdown: 0 of 5 steps
    ✏️ 🔐 R2 · Lockdown
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: sessions were stolen
    Touches: Web app, Every session, Firewall of the server
    ✅ Confirmed by Bob Baker 14:01 UTC. Run 1 of SEC-2026-001 has begun.
    🤖 ⚙️ Run 1 · Lockdown · SEC-2026-001
    Bob Baker · 14:01 UTC
    Why: sessions were stolen
    ⬜ 1 Switch maintenance mode on
    ⬜ 2 Capture the sessions before they end
    ⬜ 3 End every session
    ⬜ 4 Let only administrators' addresses in
    ⬜ 5 Tell the team
    (toast) Run 1 of SEC-2026-001 has begun.
    ");
    insta::assert_snapshot!(room.as_user("Bob").presses_data(message, "1:q:2:00000000-ok").await, @"(alert) That button does not belong to R2 as it stands now. Use its newest message, or /approve R2 NUMBER.");
    insta::assert_snapshot!(room.as_user("Bob").briefly().says("/collect").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High …
    + ⚙️ Run 2 · Collect evidence: 0 of 2 steps
    (👌 breakglass)
    🤖 ⚙️ Run 2 · Collect evidence · SEC-2026-001
    Bob Baker · 14:01 UTC
    ⬜ 1 Open the incident's workspace
    ⬜ 2 Gather logs, database, repository, network
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/rotate").await, @"
    🤖 (silent) Credentials of TARS incident response
    ⬜ NextAuth secret (nextauth_secret): never rotated here
    ⬜ n8n API key (n8n_api_key): never rotated here
    ⬜ Anthropic API key (anthropic_api_key): never rotated here
    ⬜ Database password (database_password): never rotated here
    ⬜ SSH keys (ssh_keys): never rotated here
    ⬜ Webhook secrets (webhook_secrets): never rotated here
    ⬜ Telegram bot token (bot_token): never rotated here
    One at a time needs a press to confirm; /rotate all needs somebody to approve.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/rotate n8n_api_key").await, @"
    (👀 breakglass)
    🤖 🔐 R3 · rotate n8n API key
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC.
    Touches:
    • n8n API key: Restarts the TARS agent, the old key dies
    Bob Baker, press to go on, or send /approve R3. It lapses at 14:03 UTC.
    [ Yes, go on ] [ Deny ]
    [ Dry run ]
    ");
    insta::assert_snapshot!(room.as_user("Bob").briefly().says("/approve R3").await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High …
    + ⚙️ Run 3 · n8n API key: 0 of 4 steps
    ✏️ 🔐 R3 · rotate n8n API key
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC.
    Touches:
    • n8n API key: Restarts the TARS agent, the old key dies
    ✅ Confirmed by Bob Baker 14:01 UTC. Run 3 of SEC-2026-001 has begun.
    (👌 breakglass)
    🤖 ⚙️ Run 3 · n8n API key · SEC-2026-001
    Bob Baker · 14:01 UTC
    ⬜ 1 Create a new key
    ⬜ 2 Restart the agent
    ⬜ 3 See that the new key works, revoke the old one
    ⬜ 4 The agent runs
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/rotate all the laptop was stolen").await, @"
    (👀 breakglass)
    🤖 🔐 R4 · rotate every credential
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
    Olivia Owner and Alice Archer may approve it, until 14:11 UTC.
    Approve: ask Bob Baker for the number and pick it below, or send /approve R4 NUMBER. A wrong one cancels it.
    [ 88 ] [ 81 ] [ 21 ]
    [ I asked: show number ] [ Deny ]
    [ Dry run ]
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn half_a_lever_says_what_is_missing() {
    let harness = team().await;
    let room = harness.chat("War room");
    let bob = room.as_user("Bob");
    insta::assert_snapshot!(bob.says("/rollback").await, @"
    🤖 (silent) Rollback needs more before it can run:
    • Last good commit: commit=1a2b3c4
    • Verified backup: backup=2026-02-17.db
    For example: /rollback 1a2b3c4 2026-02-17.db
    What there is to choose from is being looked up.
    ");
    insta::assert_snapshot!(bob.says("/rollback HEAD").await, @"🤖 (silent) commit must be a commit hash, 7 to 64 hex digits. For example: commit=1a2b3c4");
    insta::assert_snapshot!(bob.says("/rollback branch=main").await, @"🤖 (silent) There is no branch to give here, or it was given twice. There is: commit, backup.");
    insta::assert_snapshot!(bob.says("/run").await, @"🤖 (silent) Use it like this: /run block_address 203.0.113.7 it scans us");
    insta::assert_snapshot!(bob.says("/run format_c").await, @"🤖 (silent) I know no procedure “format_c”. There is: emergency_shutdown, lockdown, unlock, restore, rollback, patch, collect, search_injected, verify and 26 more: /procedures.");
    insta::assert_snapshot!(bob.says("/run block_address 0.0.0.0/0").await, @"🤖 (silent) address must be an IPv4 or IPv6 address, or a network that is not too wide. For example: address=203.0.113.7");
    insta::assert_snapshot!(bob.says("/rotate moon").await, @"🤖 (silent) I know no credential “moon”. There is: nextauth_secret, n8n_api_key, anthropic_api_key, database_password, ssh_keys, webhook_secrets, bot_token.");
    insta::assert_snapshot!(bob.says("/lockdown /restore").await, @"🤖 (silent) One lever at a time: that message holds two. Send each as a message of its own.");
    insta::assert_snapshot!(bob.says("/approve").await, @"
    🤖 (silent) /approve <request> [number]
    The asker has the number and tells it to you. Your own request: confirm it, or where you are alone type the name and why, as its message says.
    For example: /approve R7 42
    Who may: commander and above.
    ");
    insta::assert_snapshot!(room.as_user("Mallory").says("/lockdown").await, @"🤖 /lockdown needs a commander; you are a responder here. An owner can reply to you with /grant commander.");
    let mut forwarded = Say::text("/lockdown");
    forwarded.forwarded = true;
    insta::assert_snapshot!(bob.sends(forwarded).await, @"🤖 Forwarded messages never act. Type /lockdown yourself.");
    insta::assert_snapshot!(bob.says("/run block_address 203.0.113.7 it scans us").await, @"
    (👀 breakglass)
    🤖 🔐 R2 · Block an address
    For SEC-2026-001
    Bob Baker asks for it 14:01 UTC: it scans us
    Address or network: 203.0.113.7
    Touches: Firewall of the server
    Bob Baker, press to go on, or send /approve R2. It lapses at 14:03 UTC.
    [ Yes, go on ] [ Deny ]
    [ Dry run ]
    ");
    harness.end().await;
}
