use super::{MARK, Redactor};
use crate::secret::Secret;
use proptest::prelude::*;

fn redactor(secrets: &[&str]) -> Redactor {
    let secrets: Vec<Secret> = secrets.iter().map(|it| Secret::new(*it)).collect();
    Redactor::new(&secrets)
}

#[test]
fn known_secrets_go_in_every_form() {
    let it = redactor(&["p@ss w\"ord/1"]);
    for (form, clean) in [
        ("x p@ss w\"ord/1 y", "x [secret] y"),
        ("{\"a\":\"p@ss w\\\"ord/1\"}", "{\"a\":\"[secret]\"}"),
        ("?t=p%40ss%20w%22ord%2F1&", "?t=[secret]&"),
        ("?t=p%40ss+w%22ord%2F1&", "?t=[secret]&"),
        ("70407373207722", "70407373207722"),
        ("704073732077226f72642f31", "[secret]"),
    ] {
        assert_eq!(it.text(form), clean);
    }
}

#[test]
fn base64_of_something_longer_shows_nothing() {
    use base64::Engine as _;
    let it = redactor(&["correct horse battery"]);
    for user in ["a", "ab", "abc", "abcd", ""] {
        let basic = base64::engine::general_purpose::STANDARD
            .encode(format!("{user}:correct horse battery"));
        let clean = it.text(&format!("Authorization: Basic {basic}"));
        assert!(clean.contains(MARK), "{clean}");
        assert!(!clean.contains(&basic[8..basic.len() - 8]), "{clean}");
    }
}

#[test]
fn shapes_of_tokens_go_and_words_stay() {
    let it = redactor(&[]);
    for (text, clean) in [
        ("key sk-ant-api03-0123456789abcdefgh.", "key [secret]"),
        ("(ghp_0123456789abcdefghijABCDEFGHIJ012345)", "([secret])"),
        ("AKIAIOSFODNN7EXAMPLE end", "[secret] end"),
        (
            "bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw8/getMe",
            "bot[secret]/getMe",
        ),
        (
            "postgres://app:hunter2@db/main",
            "postgres://app:[secret]@db/main",
        ),
        (
            "risk-assessment-of-2026-02-17-was-done",
            "risk-assessment-of-2026-02-17-was-done",
        ),
        ("sk-learn", "sk-learn"),
        ("https://example.org/a:b@c", "https://example.org/a:b@c"),
        ("12:AA", "12:AA"),
    ] {
        assert_eq!(it.text(text), clean);
    }
    let key = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE KEY-----\nb";
    assert_eq!(it.text(key), "a\n[secret]\nb");
    assert_eq!(it.text(&key[..60]), "a\n[secret]");
}

#[test]
fn endless_tokens_and_keys_are_dropped_to_their_end() {
    let it = redactor(&[]);
    let mut stream = it.stream();
    let mut clean = Vec::new();
    stream.push(b"go ghp_0123456789", &mut clean);
    for _ in 0..200 {
        stream.push(&[b'a'; 1000], &mut clean);
    }
    stream.push(b" and -----BEGIN PRIVATE KEY-----\n", &mut clean);
    for _ in 0..200 {
        stream.push(&[b'k'; 1000], &mut clean);
    }
    stream.push(b"\n-----END PRIVATE", &mut clean);
    stream.push(b" KEY-----.", &mut clean);
    stream.finish(&mut clean);
    assert_eq!(
        String::from_utf8(clean).unwrap(),
        "go [secret] and [secret]."
    );
}

proptest! {
    /// However a text is torn, the result is that of the whole, and no secret is in it.
    #[test]
    fn chunks_make_no_difference(
        parts in prop::collection::vec(prop_oneof![
            "[a-z:/@\n ]{0,40}",
            Just("canary-0451-secret".to_owned()),
            Just("other canary".to_owned()),
            Just("ghp_0123456789abcdefghijABCDEFGHIJ012345".to_owned()),
            Just("123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw8".to_owned()),
            Just("x".repeat(1500)),
        ], 0..30),
        cuts in prop::collection::vec(1_usize..700, 1..40),
    ) {
        let it = redactor(&["canary-0451-secret", "other canary"]);
        let text = parts.join(" ");
        let whole = it.text(&text);
        let (mut stream, mut clean) = (it.stream(), Vec::new());
        let (mut rest, mut turn) = (text.as_bytes(), 0);
        while !rest.is_empty() {
            let length = cuts[turn % cuts.len()].min(rest.len());
            turn += 1;
            stream.push(&rest[..length], &mut clean);
            rest = &rest[length..];
        }
        stream.finish(&mut clean);
        let clean = String::from_utf8(clean).unwrap();
        prop_assert_eq!(&clean, &whole);
        prop_assert!(!clean.contains("canary-0451-secret") && !clean.contains("other canary"));
        prop_assert!(!clean.contains("0123456789abcdefghij") && !clean.contains("AAHdqTcv"));
    }
}
