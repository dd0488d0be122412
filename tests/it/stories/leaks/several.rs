//! Several secrets in one message or file: people hear of each what is to be done.

use telegram_sandbox::Say;

use super::{anthropic, github};
use crate::harness::Harness;

fn n8n() -> String {
    format!(
        "{}.{}.{}",
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJpc3MiOiJuOG4iLCJzdWIiOiI3In0",
        "CaNaRyVu7Ts6Rq5Po4Nm3Lk2Ji1Hg0Fe9Dc8Ba7Zy6X"
    )
}

fn settings() -> String {
    format!(
        "NEXTAUTH_SECRET={}\nN8N_API_KEY={}\nANTHROPIC_API_KEY={}\nGITHUB_TOKEN={}\n",
        "CaNaRyeR5tY7uI0oP3aS6dF9gH1jK4lZxC",
        n8n(),
        anthropic(),
        github()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn each_secret_of_a_pasted_env_is_told() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let bob = room.as_user("Bob");
    bob.says("/declare P1 settings leaked").await;
    insta::assert_snapshot!(bob.says(&settings()).await, @"
    🤖 🔑 Bob Baker, your message held 4 secrets (secret value, n8n API key, Anthropic API key, GitHub token). It is deleted here, and I kept nothing of it. Others may have read it: take all of them as leaked.
    Rotate NextAuth secret: /rotate nextauth_secret
    Rotate n8n API key: /rotate n8n_api_key
    Rotate Anthropic API key: /rotate anthropic_api_key
    The other one (GitHub token): revoke it where it was issued, and put a new one where it is used.
    ");
    insta::assert_snapshot!(room.as_user("Alice").says(&format!("{} and {}", github(), github().replace("R81", "R82"))).await, @"
    🤖 🔑 Alice Archer, your message held 2 secrets (GitHub token). It is deleted here, and I kept nothing of it. Others may have read it: take all of them as leaked.
    Revoke each of them where it was issued, and put a new one where it is used.
    ");
    let timeline = bob.says("/timeline").await;
    let told: Vec<&str> = timeline.lines().filter(|it| it.contains("🔑")).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    14:00 🔑 Secrets removed from a message of Bob Baker: secret value, n8n API key, Anthropic API key, GitHub token
    14:00 🔑 Secrets removed from a message of Alice Archer: GitHub token
    ");
    let left = harness.transcript(room.id());
    assert!(!left.contains("CaNaRy"), "{left}");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_secret_of_an_env_file_is_told() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let bob = room.as_user("Bob");
    bob.says("/declare P1 settings leaked").await;
    let file = |text: &str| Say::text(text).document(".env", settings().into_bytes());
    insta::assert_snapshot!(bob.sends(file("the settings")).await, @"
    🤖 🔑 Bob Baker, your message held 4 secrets (secret value, n8n API key, Anthropic API key, GitHub token). It is deleted here, and I kept nothing of it. Others may have read it: take all of them as leaked.
    Rotate NextAuth secret: /rotate nextauth_secret
    Rotate n8n API key: /rotate n8n_api_key
    Rotate Anthropic API key: /rotate anthropic_api_key
    The other one (GitHub token): revoke it where it was issued, and put a new one where it is used.
    ");
    let said = room.as_user("Alice").sends(file("/evidence theirs")).await;
    let at = said.find("🤖 🔑").expect("a notice");
    insta::assert_snapshot!(&said[at..], @"
    🤖 🔑 E1 holds 4 secrets (secret value, n8n API key, Anthropic API key, GitHub token). It stays in evidence as it is; delete it from the chat yourself, and take all of them as leaked.
    Rotate NextAuth secret: /rotate nextauth_secret
    Rotate n8n API key: /rotate n8n_api_key
    Rotate Anthropic API key: /rotate anthropic_api_key
    The other one (GitHub token): revoke it where it was issued, and put a new one where it is used.
    ");
    let timeline = bob.says("/timeline").await;
    let told: Vec<&str> = timeline.lines().filter(|it| it.contains("🔑")).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    14:00 🔑 Secrets removed from a message of Bob Baker: secret value, n8n API key, Anthropic API key, GitHub token
    14:00 🔑 E1 holds secrets: secret value, n8n API key, Anthropic API key, GitHub token
    ");
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_a_known_key_the_others_are_told_too() {
    let harness = Harness::start().await;
    let room = harness.chat("War room");
    let bob = room.as_user("Bob");
    bob.says("/declare P1 key leaked").await;
    insta::assert_snapshot!(bob.says(&format!("{} {}", anthropic(), github())).await, @"
    🤖 🔑 Bob Baker, your message held 2 secrets (Anthropic API key, GitHub token). It is deleted here, and I kept nothing of it. Others may have read it: take all of them as leaked.
    Rotate Anthropic API key: /rotate anthropic_api_key
    The other one (GitHub token): revoke it where it was issued, and put a new one where it is used.
    ");
    let stripe = format!("sk_live_{}", "CaNaRy4eC39HqLyjWDarjtT1zdp7dc");
    insta::assert_snapshot!(bob.says(&format!("and {stripe}")).await, @"
    ✏️ 🔑 Bob Baker, 2 messages of yours held secrets (Anthropic API key, GitHub token, Stripe key). They are deleted here, and I kept nothing of them. Others may have read them: take them as leaked.
    Rotate Anthropic API key: /rotate anthropic_api_key
    The others (GitHub token, Stripe key): revoke each where it was issued, and put a new one where it is used.
    ");
    harness.end().await;
}
