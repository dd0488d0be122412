//! Secrets pasted while an incident is open: gone from the chat, kept nowhere, and people know what to do.

use std::io::Write;
use std::sync::{Arc, Mutex};

use telegram_sandbox::{Rights, Say};

use crate::harness::{Harness, figure};

mod several;

/// Tokens that are looked for everywhere afterwards; put together here so that no scanner takes this file for a leak.
fn github() -> String {
    format!("ghp_{}", "CaNaRy0e5F6g7H8i9J0k1L2m3N4o5P6q7R81")
}

fn anthropic() -> String {
    format!(
        "sk-ant-{}",
        "api03-CaNaRy9fjQmZ8Lw3vRtY7uPa1Bc5De6Gh0IjKlMn"
    )
}

fn dsn() -> String {
    format!("postgres://app:{}@db.internal/prod", "CaNaRy-tr0ub4dor")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_secret_is_deleted_and_its_rotation_is_offered() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Bob").says(&format!("is it this one? {}", anthropic())).await, @"
    🤖 🔑 Bob Baker, your message held a secret (Anthropic API key). It is deleted here, and I kept nothing of it. Others may have read it: take it as leaked.
    Rotate Anthropic API key: /rotate anthropic_api_key
    ");
    insta::assert_snapshot!(room.as_user("Alice").says(&format!("/note they used {} from outside", dsn())).await, @"
    🤖 🔑 Alice Archer, your message held a secret (database password). It is deleted here, and I kept nothing of it. Others may have read it: take it as leaked.
    Rotate Database password: /rotate database_password
    ");
    insta::assert_snapshot!(room.as_user("Alice").sends(Say::text(&format!("/evidence config with {}", github())).document("env.txt", b"x".to_vec())).await, @"
    ✏️ 🟠 SEC-2026-001 · P1 High
    key leaked
    Identification (1 of 5) · open since 14:00 UTC
    ⏳ Respond by 15:00 UTC · 59 min left at 14:00
    ⏳ Contain by 16:00 UTC · 1 h 59 min left at 14:00
    👤 Nobody is Incident Commander yet: /role ic takes it
    🔔 To be told, but I do not know who it is: Incident Commander, /contact incident_commander @name
    🔒 E1 env.txt · SHA-256 2d711642…

    Make sure that it is real, and how bad it is
    ✅ 1 Incident logged — 14:00
    ✅ 2 Severity assigned — 14:00
    ⬜ 3 Team notified
    ✅ 4 Timeline started — 14:00

    First moves
    1. Write down what you see, when, and who reported it
    2. Choose a severity; P0 and P1 call the Incident Commander
    3. Give out roles: investigator, communicator, remediator
    4. Keep evidence before you change anything
    5. Stop the spread
    Containment needs 3 first.

    Take the alert in
    • Put the incident on record
    • Note date and time, who reported it and what they saw first
    ✍ /set reporter /set summary /set started /set alert_triggered /set how_detected
    First look
    ? What happened: which symptoms are there?
    ? Since when?
    ? Where: which systems?
    ? Who is hit: users, data, systems?
    ✍ /set symptoms /set started /set affected /set users_affected
    How bad
    • Choose a severity from P0 to P3
    • Decide whether to escalate
    Call the team
    P0 and P1 need the Incident Commander.
    • Notify the Incident Commander
    Give out roles
    • Investigator, communicator, remediator
    [ 3 ✓ ]
    [ 👀 I see it ] [ Playbooks ] [ Next phase → ]
    ✏️ 🔑 Alice Archer, 2 messages of yours held secrets (database password, GitHub token). They are deleted here, and I kept nothing of them. Others may have read them: take them as leaked.
    Rotate Database password: /rotate database_password
    The other one (GitHub token): revoke it where it was issued, and put a new one where it is used.
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("/timeline").await, @"
    🤖 (silent) Timeline of SEC-2026-001 · times in UTC
    14:00 Declared as P1 High: key leaked — Bob Baker
    14:00 ✅ 1 Incident logged
    14:00 ✅ 2 Severity assigned
    14:00 ✅ 4 Timeline started
    14:00 The team was told: the card stands in the chat
    14:00 🔑 Secret removed from a message of Bob Baker: Anthropic API key
    14:00 they used postgres://app:‹secret removed: database password›@db.internal/prod from outside — Alice Archer
    14:00 🔑 Secret removed from a message of Alice Archer: database password
    14:00 📎 E1 config with ‹secret removed: GitHub token› — Alice Archer
    14:00 🔑 Secret removed from a message of Alice Archer: GitHub token
    14:00 🔒 E1 stored, 1 B, SHA-256 2d711642…
    ");
    insta::assert_snapshot!(room.as_user("Bob").says("deployed 9fceb02d0ae598e95dc970b74767f19372d61af8").await, @"");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_notice_tells_a_person_about_a_minute() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    room.as_user("Bob")
        .says(&format!("one: {}", github()))
        .await;
    // Everybody has their own.
    room.as_user("Alice").says(&dsn()).await;
    insta::assert_snapshot!(room.as_user("Bob").says(&format!("two: {} {}", github(), anthropic())).await, @"
    ✏️ 🔑 Bob Baker, 2 messages of yours held secrets (GitHub token, Anthropic API key). They are deleted here, and I kept nothing of them. Others may have read them: take them as leaked.
    Rotate Anthropic API key: /rotate anthropic_api_key
    The others (GitHub token): revoke each where it was issued, and put a new one where it is used.
    ");
    let both = Say::text("and a file").document("a.env", format!("K={}\n", dsn()).into_bytes());
    insta::assert_snapshot!(room.as_user("Bob").sends(both).await, @"
    ✏️ 🔑 Bob Baker, 3 messages of yours held secrets (GitHub token, Anthropic API key, database password). They are deleted here, and I kept nothing of them. Others may have read them: take them as leaked.
    Rotate Anthropic API key: /rotate anthropic_api_key
    Rotate Database password: /rotate database_password
    The others (GitHub token): revoke each where it was issued, and put a new one where it is used.
    ");
    harness.later(2).await;
    let said = room
        .as_user("Bob")
        .says(&format!("three: {}", github()))
        .await;
    let told: Vec<&str> = said.lines().filter(|it| it.contains("🔑")).collect();
    insta::assert_snapshot!(told.join("\n"), @"🤖 🔑 Bob Baker, your message held a secret (GitHub token). It is deleted here, and I kept nothing of it. Others may have read it: take it as leaked.");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_delete_the_person_is_asked_to() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let rights = Rights {
        can_delete_messages: false,
        ..Rights::ALL
    };
    harness
        .control
        .make_bot_admin(room.id(), harness.person("Olivia"), rights);
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Bob").says(&format!("see {}", github())).await, @"
    🤖 🔑 Bob Baker, your message holds a secret (GitHub token). I kept nothing of it, but I may not delete messages here: delete it yourself now, and take it as leaked.
    Revoke it where it was issued, and put a new one where it is used.
    ");
    let all = harness.control.transcript(room.id());
    let pasted = all
        .iter()
        .rev()
        .find(|it| it.text.contains("see "))
        .expect("it is still there")
        .message_id;
    insta::assert_snapshot!(room.as_user("Alice").replies(pasted, "/note look at this").await, @"(✍ breakglass)");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_with_a_secret_opens_the_incident_without_it() {
    let harness = Harness::start().await;
    let room = harness.chat("Incident forum");
    insta::assert_snapshot!(room.as_user("Bob").says(&format!("before: {}", github())).await, @"");
    let said = room
        .as_user("Bob")
        .says(&format!("/declare P1 {} is public", github()))
        .await;
    let mut told: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("secret"))
        .collect();
    // The card waits for its topic; the notice, in the chat itself, may come before it or after it.
    told.sort_unstable();
    insta::assert_snapshot!(told.join("\n"), @"
    — breakglass created the topic “SEC-2026-001 ‹secret removed: GitHub token› is public”
    ‹secret removed: GitHub token› is public
    🤖 🔑 Bob Baker, your message held a secret (GitHub token). It is deleted here, and I kept nothing of it. Others may have read it: take it as leaked.
    ");
    assert!(!said.contains("CaNaRy"), "{said}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_brings_a_secret_in_never_acts_and_is_removed() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    room.as_user("Bob").says("one moment").await;
    let all = harness.control.transcript(room.id());
    let edited = all
        .iter()
        .rev()
        .find(|it| it.text == "one moment")
        .expect("it is there")
        .message_id;
    let bob = harness.person("Bob");
    harness.control.edit(
        room.id(),
        bob,
        edited,
        &format!("/note it was {}", github()),
    );
    harness.quiet().await;
    let left = harness.transcript(room.id());
    assert!(!left.contains("CaNaRy"), "{left}");
    let timeline = room.as_user("Alice").says("/timeline").await;
    let last = timeline.lines().last().expect("a line");
    insta::assert_snapshot!(last, @"14:00 🔑 Secret removed from a message of Bob Baker: GitHub token");
    harness.end().await;
}

/// What is written to the log while it lives.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// One thread, so that everything is logged here.
#[tokio::test]
async fn nothing_of_it_is_on_the_disk_or_in_the_log() {
    let log = Log::default();
    let into = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(move || into.clone())
        .finish();
    // With a single subscriber in the process, places that another test's thread logs at first are taken for silent everywhere.
    let _second = tracing::Dispatch::new(
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_writer(std::io::sink)
            .finish(),
    );
    let guard = tracing::subscriber::set_default(subscriber);
    let mut harness = Harness::start().await;
    let room = harness.chat("War room");
    let secrets = [github(), anthropic(), dsn()];
    for secret in &secrets {
        room.as_user("Bob")
            .says(&format!("before the incident: {secret}"))
            .await;
        room.as_user("Bob")
            .says(&format!("/typo@breakglass_bot {secret}"))
            .await;
        room.as_user("Mallory")
            .says(&format!("/declare P1 {secret}"))
            .await;
    }
    room.as_user("Bob")
        .says(&format!("/declare P1 leaked {}", github()))
        .await;
    for secret in &secrets {
        for text in [
            format!("pasted {secret}"),
            format!("/note {secret}"),
            format!("/set root_cause {secret}"),
            format!("/set {secret} x"),
            format!("/todo revoke {secret} @alice"),
            format!("/role {secret}"),
            format!("/severity P0 {secret}"),
            format!("/skip 3 {secret}"),
            format!("/playbook {secret}"),
            format!("/back {secret}"),
            format!("/cancel false_alarm {secret}"),
            format!("/grant {secret}"),
        ] {
            room.as_user("Alice").says(&text).await;
        }
        let pasted = harness.control.send(
            room.id(),
            harness.person("Alice"),
            Say::text(&format!("look {secret}")),
        );
        room.as_user("Bob")
            .replies(pasted, "/evidence what Alice found")
            .await;
    }
    room.as_user("Olivia").says("/report").await;
    harness.stop_bot().await;
    let mut looked_at = 0;
    for path in harness.files() {
        let bytes = std::fs::read(&path).expect("readable");
        looked_at += bytes.len();
        assert!(!holds(&bytes), "{} holds a secret", path.display());
    }
    let logged = log.0.lock().unwrap().clone();
    assert!(logged.len() > 20_000, "the log is captured");
    let lines = String::from_utf8_lossy(&logged);
    // The stand-in's own traffic, and hyper's bytes on the wire, are not the bot's log.
    let ours: Vec<&str> = lines
        .lines()
        .filter(|line| line.contains("CaNaRy"))
        .collect();
    assert!(ours.is_empty(), "{}", ours.join("\n"));
    figure(&format!(
        "secrets: {looked_at} bytes of database and {} bytes of log without any of {} canaries",
        logged.len(),
        secrets.len()
    ));
    drop(guard);
    harness.end().await;
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(6).any(|part| part == b"CaNaRy")
}

/// A file is a message too: its text is looked through, in memory, while an incident is open.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_in_a_small_text_file_is_found_too() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let file =
        |name: &str, text: String| Say::text("the settings").document(name, text.into_bytes());
    let settings = || format!("LOG=info\nANTHROPIC_API_KEY={}\n", anthropic());
    // Before an incident nothing is fetched, and nothing is said.
    insta::assert_snapshot!(room.as_user("Bob").sends(file("settings.env", settings())).await, @"");
    room.as_user("Bob").says("/declare P1 key leaked").await;
    insta::assert_snapshot!(room.as_user("Bob").sends(file("settings.env", settings())).await, @"
    🤖 🔑 Bob Baker, your message held a secret (Anthropic API key). It is deleted here, and I kept nothing of it. Others may have read it: take it as leaked.
    Rotate Anthropic API key: /rotate anthropic_api_key
    ");
    insta::assert_snapshot!(room.as_user("Alice").sends(file("harmless.log", "10.0.0.9 logged in".to_owned())).await, @"");
    // What somebody stores deliberately stays, but people know what is in it.
    let kept = Say::text("/evidence their settings").document("kept.env", settings().into_bytes());
    let said = room.as_user("Alice").sends(kept).await;
    let about: Vec<&str> = said
        .lines()
        .filter(|it| it.contains("E1") || it.contains("otate"))
        .collect();
    insta::assert_snapshot!(about.join("\n"), @"
    🔒 E1 kept.env · SHA-256 9bc13ec5…
    🤖 🔑 E1 holds a secret (Anthropic API key). It stays in evidence as it is; delete it from the chat yourself, and take it as leaked.
    Rotate Anthropic API key: /rotate anthropic_api_key
    ");
    // What is no text, or too large, is left alone.
    insta::assert_snapshot!(room.as_user("Alice").sends(file("disk.img", settings())).await, @"");
    let large = format!("{}{}", settings(), "x".repeat(300_000));
    insta::assert_snapshot!(room.as_user("Alice").sends(file("large.env", large)).await, @"");
    let secret = anthropic();
    let evidence = harness.folder().join("evidence");
    let elsewhere = harness.files().into_iter();
    for path in elsewhere.filter(|it| !it.starts_with(&evidence)) {
        let bytes = std::fs::read(&path).expect("readable");
        let holds = bytes
            .windows(secret.len())
            .any(|it| it == secret.as_bytes());
        assert!(!holds, "{} holds the secret", path.display());
    }
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_plan_does_not_have_is_revoked_where_it_was_issued() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let bob = room.as_user("Bob");
    bob.says("/declare P1 key leaked").await;
    let stripe = format!("sk_live_{}", "CaNaRy4eC39HqLyjWDarjtT1zdp7dc");
    insta::assert_snapshot!(bob.says(&format!("pays with {stripe}")).await, @"
    🤖 🔑 Bob Baker, your message held a secret (Stripe key). It is deleted here, and I kept nothing of it. Others may have read it: take it as leaked.
    Revoke it where it was issued, and put a new one where it is used.
    ");
    let bearer = format!(
        "Authorization: Bearer {}",
        "CaNaRyq8W2eR5tY7uI0oP3aS6dF9gH1jK4l"
    );
    insta::assert_snapshot!(bob.says(&bearer).await, @"
    ✏️ 🔑 Bob Baker, 2 messages of yours held secrets (Stripe key, credential of a request). They are deleted here, and I kept nothing of them. Others may have read them: take them as leaked.
    Revoke each of them where it was issued, and put a new one where it is used.
    ");
    let (head, tail) = (github(), github());
    let hidden = format!("{}\u{200B}{}", &head[..12], &tail[12..]);
    insta::assert_snapshot!(bob.says(&format!("and {hidden}")).await, @"
    ✏️ 🔑 Bob Baker, 3 messages of yours held secrets (Stripe key, credential of a request, GitHub token). They are deleted here, and I kept nothing of them. Others may have read them: take them as leaked.
    Revoke each of them where it was issued, and put a new one where it is used.
    ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_github_token_is_revoked_by_the_plan_that_can() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    room.as_user("Olivia").says("/setup plan jarvis").await;
    let bob = room.as_user("Bob");
    bob.says("/declare P1 key leaked").await;
    insta::assert_snapshot!(bob.says(&format!("found {}", github())).await, @"
    🤖 🔑 Bob Baker, your message held a secret (GitHub token). It is deleted here, and I kept nothing of it. Others may have read it: take it as leaked.
    Revoke a GitHub token: /run revoke_github_token. Hands a leaked GitHub token (JARVIS_LEAKED_GITHUB_TOKEN) to GitHub, which revokes it for good and tells its owner.
    ");
}
