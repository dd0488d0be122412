use std::collections::BTreeSet;

use super::*;
use crate::plan::Plan;

/// An example as it is tried.
fn line(example: &str) -> String {
    example.replace('¦', "")
}

#[test]
fn every_rule_finds_its_hits_and_leaves_its_misses() {
    let mut wrong = Vec::new();
    for rule in rules() {
        assert!(rule.hits.len() >= 2, "{}: two hits at least", rule.id);
        assert!(rule.misses.len() >= 2, "{}: two misses at least", rule.id);
        for hit in rule.hits {
            let found = scan(&line(hit));
            let names: Vec<_> = found.iter().map(|it| it.rule.id).collect();
            if names != [rule.id] {
                wrong.push(format!("{} in {hit:?}: found {names:?}", rule.id));
            }
        }
        for miss in rule.misses {
            let found = scan(&line(miss));
            if let Some(it) = found.first() {
                let text = line(miss);
                wrong.push(format!(
                    "{} took {:?} in {miss:?}",
                    it.rule.id,
                    &text[it.range.clone()]
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_have_ids_of_their_own_and_no_example_is_a_leak_as_it_stands() {
    let ids: BTreeSet<_> = rules().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), rules().count());
    for rule in rules() {
        for hit in rule.hits {
            assert!(hit.contains('¦'), "{}: {hit:?} is not broken up", rule.id);
        }
    }
}

#[test]
fn what_is_left_holds_nothing_of_the_secret() {
    for rule in rules() {
        for hit in rule.hits {
            let text = line(hit);
            let found = scan(&text);
            let clean = redact(&text, &found);
            for it in &found {
                let secret = &text[it.range.clone()];
                assert!(
                    !clean.contains(secret),
                    "{}: {clean:?} still holds it",
                    rule.id
                );
            }
            assert!(clean.contains(&mark(rule.name)), "{clean:?}");
            assert_eq!(scan(&clean), [], "{clean:?} would be found again");
        }
    }
}

#[test]
fn several_in_one_text_are_all_found_in_order() {
    let text = line(
        "one ghp_¦a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8 two password=¦hunter2! three GITHUB_TOKEN=ghp_¦Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0Fe9Dc8",
    );
    let found = scan(&text);
    let ids: Vec<_> = found.iter().map(|it| it.rule.id).collect();
    assert_eq!(ids, ["github", "password", "github"]);
    assert_eq!(
        redact(&text, &found),
        "one ‹secret removed: GitHub token› two password=‹secret removed: password› three GITHUB_TOKEN=‹secret removed: GitHub token›"
    );
}

#[test]
fn a_finding_names_the_plans_credential() {
    let source = crate::plan::shipped();
    let plan = |id: &str| {
        let (_, text) = source
            .iter()
            .find(|(name, _)| *name == id)
            .expect("it is built in");
        crate::plan::parse(text).expect("it is right")
    };
    let (tars, jarvis) = (plan("tars"), plan("jarvis"));
    let of = |plan: &Plan, rule: &str| {
        let rule = rules()
            .find(|it| it.id == rule)
            .expect("a rule of that name");
        plan.credential_for(rule.fits).map(|it| it.id.clone())
    };
    assert_eq!(of(&tars, "anthropic").as_deref(), Some("anthropic_api_key"));
    assert_eq!(of(&tars, "n8n").as_deref(), Some("n8n_api_key"));
    assert_eq!(
        of(&tars, "database-address").as_deref(),
        Some("database_password")
    );
    assert_eq!(of(&jarvis, "telegram-bot").as_deref(), Some("bot_tokens"));
    assert_eq!(of(&tars, "ssh-key").as_deref(), Some("ssh_keys"));
    // What the plan does not have, it does not name.
    for plan in [&tars, &jarvis] {
        for rule in [
            "stripe",
            "openai",
            "header",
            "saas",
            "sendgrid",
            "google",
            "slack-hook",
            "github",
            "discord",
            "webhook-secret",
            "private-key",
            "web-token",
            "hosting",
        ] {
            assert_eq!(of(plan, rule), None, "{rule}");
        }
    }
    let revokes = |plan: &Plan, name: &str| plan.revocation_for(&[name]).map(|it| it.id.clone());
    assert_eq!(
        revokes(&jarvis, "github").as_deref(),
        Some("revoke_github_token")
    );
    assert_eq!(revokes(&jarvis, "stripe"), None);
    assert_eq!(of(&jarvis, "seed-words").as_deref(), Some("wallet_keys"));
    assert_eq!(of(&tars, "password"), None);
}

#[test]
fn the_name_of_an_assignment_tells_more_than_the_form() {
    let fits = |text: &str| {
        let text = line(text);
        scan(&text)
            .first()
            .map(|it| it.fits(&text))
            .unwrap_or_default()
    };
    assert_eq!(
        fits("NEXTAUTH_SECRET=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC"),
        ["nextauth_secret", "nextauth"]
    );
    assert_eq!(
        fits("DB_PASSWORD: \"¦correct7horse\""),
        ["db_password", "database"]
    );
    assert_eq!(fits("password=¦hunter2!"), [""; 0]);
    assert_eq!(
        fits("DISCORD_BOT_TOKEN=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC"),
        ["discord_bot_token", "discord_bot"]
    );
    assert_eq!(
        fits("use xoxb-¦2718281828-3141592653-Qw8ErT5yU2iO9pAs4dFgH7jK now"),
        ["slack"]
    );
    let (_, source) = crate::plan::shipped()
        .into_iter()
        .find(|(id, _)| *id == "tars")
        .expect("built in");
    let tars = crate::plan::parse(source).expect("it is right");
    let of = |text: &str| tars.credential_for(&fits(text)).map(|it| it.id.clone());
    assert_eq!(
        of("export NEXTAUTH_SECRET=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC").as_deref(),
        Some("nextauth_secret")
    );
    assert_eq!(
        of("DB_PASSWORD=¦correct7horse!").as_deref(),
        Some("database_password")
    );
    assert_eq!(
        of("TARS_WEBHOOK_SECRET=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC").as_deref(),
        Some("webhook_secrets")
    );
    for other in [
        "DISCORD_BOT_TOKEN=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC",
        "STRIPE_API_KEY=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC",
        "STRIPE_WEBHOOK_SECRET=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC",
        "api_key=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC",
    ] {
        assert_eq!(of(other), None, "{other}");
    }
}

#[test]
fn letters_that_nobody_sees_hide_nothing() {
    let token = line("ghp_¦aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lMq");
    for hidden in [
        "\u{200B}",
        "\u{AD}",
        "\u{2060}",
        "\u{FEFF}",
        "\u{200D}",
        "\u{FE0F}",
        "\u{E0041}",
    ] {
        for at in [1, 4, 12, token.len() - 1] {
            let (head, tail) = token.split_at(at);
            let text = format!("é {head}{hidden}{hidden}{tail} was it");
            let found = scan(&text);
            assert_eq!(
                redact(&text, &found),
                "é ‹secret removed: GitHub token› was it",
                "{hidden:?} at {at}"
            );
        }
        // One that stands before a token is no part of a word.
        let text = format!("key{hidden}{token}");
        assert!(
            !redact(&text, &scan(&text)).contains(&token[6..]),
            "{hidden:?}"
        );
    }
    assert!(scan("a family \u{1F468}\u{200D}\u{1F469}\u{200D}\u{1F467} was here").is_empty());
}

proptest::proptest! {
    #[test]
    fn any_text_is_scanned_and_what_is_redacted_stays_text(text in "\\PC{0,300}") {
        let found = scan(&text);
        for pair in found.windows(2) {
            proptest::prop_assert!(pair[0].range.end <= pair[1].range.start);
        }
        for it in &found {
            proptest::prop_assert!(text.get(it.range.clone()).is_some());
        }
        let _ = redact(&text, &found);
    }

    #[test]
    fn odd_pieces_of_tokens_do_not_break_the_scanner(pieces in proptest::collection::vec(
        proptest::sample::select(vec![
            "eyJ", ".", ":", "://", "@", "SG.", "password", "пароль", "=", "\"", " is ", "ghp_", "[", "]", ",", "12",
            "-----BEGIN ", "PRIVATE KEY", "-----", "-----END ", "seed:", "abandon ", "\u{200B}", "\u{AD}", "é", "«", "»", "İ", "\n", "sk-", "aB3", "/",
        ]), 0..40)) {
        let text = pieces.concat();
        let found = scan(&text);
        let _ = redact(&text, &found);
    }
}
