//! Keys, and tokens of services for code, bots and models.

use super::{How, LONG, Rule};
use crate::detect::secrets::Kind;
use crate::detect::secrets::letters::Class::{Alnum, Base64, Hex, Url, Word};
use crate::detect::secrets::shapes;
use crate::detect::secrets::tokens::{mixed, token};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "google-service-account",
        name: "Google service account key",
        kind: Kind::Cloud,
        fits: &["google", "gcp", "service_account"],
        how: How::Shape(shapes::service_account),
        hits: &[
            r#"{"type": "service_account", "private_key_id": "0a1b", "private_key": "-----BEGIN ¦PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n-----END PRIVATE KEY-----\n"}"#,
            "\"type\": \"service_account\",\n\"private_key\": \"-----BEGIN ¦PRIVATE KEY-----\\nMIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDf\\n-----END PRIVATE KEY-----\\n\"",
        ],
        misses: &[
            r#"{"type": "service_account", "private_key": "see the vault"}"#,
            "the service_account file begins with -----BEGIN PRIVATE KEY-----",
        ],
    },
    Rule {
        id: "ssh-key",
        name: "private key",
        kind: Kind::Key,
        fits: &["ssh"],
        how: How::Shape(shapes::ssh_key),
        hits: &[
            "-----BEGIN ¦OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz\nc2gtZWQyNTUxOQ\n-----END OPENSSH PRIVATE KEY-----",
            "id_ed25519: -----BEGIN ¦OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAACmFlczI1Ni1jdHIAAAAGYmNyeXB0AAAAGAAAABDf\n-----END OPENSSH PRIVATE KEY-----",
        ],
        misses: &[
            "it begins with -----BEGIN OPENSSH PRIVATE KEY-----",
            "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----",
        ],
    },
    Rule {
        id: "private-key",
        name: "private key",
        kind: Kind::Key,
        fits: &[],
        how: How::Shape(shapes::private_key),
        hits: &[
            "it is -----BEGIN ¦RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA0m59l2u9iDnMbrXHfqkOrn2dVQ3vfBJqcDuFUK03d+1PZGbV\nlNCqnkpIJ8syFppW8ljnWweP7+LiWpRoz0I7fYb3d8TjhV86Y997Fl4DBrxgM6KT",
            "-----BEGIN ¦PGP PRIVATE KEY BLOCK-----\n\nlQOYBF0qO0sBCADJr7uGzXvQ0yQ3v0F2xN4Yb8m1pQ2s7fG9k3dL5hT6jW8cR1nZ\n-----END PGP PRIVATE KEY BLOCK-----",
        ],
        misses: &[
            "-----BEGIN CERTIFICATE-----\nMIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ\n-----END CERTIFICATE-----",
            "grep for -----BEGIN RSA PRIVATE KEY----- in the repository",
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----",
        ],
    },
    Rule {
        id: "age-key",
        name: "age key",
        kind: Kind::Key,
        fits: &["age"],
        how: How::Tokens(&[token("AGE-SECRET-KEY-1", Alnum, 50, 64)]),
        hits: &[
            "AGE-SECRET-¦KEY-1QYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPQYQSZQMX9A2",
            "key: AGE-SECRET-¦KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYS4K2LE",
        ],
        misses: &[
            "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p",
            "the file holds a line that begins with AGE-SECRET-KEY-1",
        ],
    },
    Rule {
        id: "telegram-bot",
        name: "Telegram bot token",
        kind: Kind::Bot,
        fits: &["telegram"],
        how: How::Shape(shapes::telegram),
        hits: &[
            "110201543¦:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw4",
            "https://api.telegram.org/bot7654321098¦:AAE9x-Qw3rTyUiOpAsDfGhJkLzXcVbNm_12/getMe",
        ],
        misses: &[
            "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PA",
            "12:34:56 worker 1234567890:accepted",
        ],
    },
    Rule {
        id: "anthropic",
        name: "Anthropic API key",
        kind: Kind::ApiKey,
        fits: &["anthropic", "claude"],
        how: How::Tokens(&[token("sk-ant-", Url, 32, LONG)]),
        hits: &[
            "ANTHROPIC_API_KEY=sk-ant-¦api03-Xk29fjQmZ8Lw3vRtY7uPa1Bc5De6Gh0IjKlMnOpQrStUvWx-AA",
            "use sk-ant-¦admin01-q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZ for now",
        ],
        misses: &[
            "keys begin with sk-ant-",
            "sk-ant-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ],
    },
    Rule {
        id: "stripe",
        name: "Stripe key",
        kind: Kind::ApiKey,
        fits: &["stripe"],
        how: How::Tokens(&[
            token("sk_live_", Alnum, 16, LONG),
            token("rk_live_", Alnum, 16, LONG),
            token("sk_test_", Alnum, 16, LONG),
        ]),
        hits: &[
            "sk_live_¦51H8xYzKq2LmN4pRsTuVwXy",
            "STRIPE=rk_live_¦9aB8cD7eF6gH5iJ4kL3m",
        ],
        misses: &[
            "pk_live_51H8xYzKq2LmN4pRsTuVwXy is the public one",
            "sk_live_ keys must never be in the repository",
        ],
    },
    Rule {
        id: "webhook-secret",
        name: "webhook secret",
        kind: Kind::Password,
        fits: &[],
        how: How::Tokens(&[token("whsec_", Base64, 24, LONG)]),
        hits: &[
            "whsec_¦MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "secret whsec_¦5WbX5kEWLlfzsGNjH64I8lOOqUB6e8FH",
        ],
        misses: &[
            "it begins with whsec_",
            "whsec_xxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        ],
    },
    Rule {
        id: "openai",
        name: "OpenAI API key",
        kind: Kind::ApiKey,
        fits: &["openai"],
        how: How::Tokens(&[
            token("sk-proj-", Url, 32, LONG),
            token("sk-svcacct-", Url, 32, LONG),
            token("sk-admin-", Url, 32, LONG),
            mixed("sk-", Url, 32, LONG),
        ]),
        hits: &[
            "sk-proj-¦a8Kd92mfLqP0xZ7vBnW3rT5yU1iO4sGhJ6",
            "OPENAI_KEY=sk-¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxCvBnM2wE4rT6yU8i",
        ],
        misses: &[
            "pip install sk-learn-contrib-extras-for-everybody-in-the-house",
            "sk-proj-your-key-goes-right-here-in-this-place",
        ],
    },
    Rule {
        id: "github",
        name: "GitHub token",
        kind: Kind::Source,
        fits: &["github"],
        how: How::Tokens(&[
            token("ghp_", Alnum, 36, LONG),
            token("gho_", Alnum, 36, LONG),
            token("ghu_", Alnum, 36, LONG),
            token("ghs_", Alnum, 36, LONG),
            token("ghr_", Alnum, 36, LONG),
            token("github_pat_", Word, 60, LONG),
        ]),
        hits: &[
            "the key is ghp_¦a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
            "git clone https://ghs_¦Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0Fe9Dc8@github.com/acme/api",
            "github_pat_¦11ABCDEFG0aBcDeFgHiJkL_mNoPqRsTuVwXyZ0123456789aBcDeFgHiJkLmNoPqRs",
        ],
        misses: &[
            "tokens look like ghp_…",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        ],
    },
    Rule {
        id: "gitlab",
        name: "GitLab token",
        kind: Kind::Source,
        fits: &["gitlab"],
        how: How::Tokens(&[
            mixed("glpat-", Url, 20, LONG),
            mixed("gldt-", Url, 20, LONG),
            mixed("glrt-", Url, 20, LONG),
            token("glptt-", Hex, 40, 40),
        ]),
        hits: &[
            "glpat-¦xY7_kQ2mN9pR4sT6vW8z",
            "GITLAB_TOKEN: glrt-¦Ab3dE6gH9jK2mN5pQ8sT",
        ],
        misses: &[
            "glpat-your-token",
            "use a glpat- token with the scope read_api",
        ],
    },
    Rule {
        id: "slack",
        name: "Slack token",
        kind: Kind::Bot,
        fits: &["slack"],
        how: How::Tokens(&[
            token("xoxb-", Url, 20, LONG),
            token("xoxp-", Url, 20, LONG),
            token("xoxa-", Url, 20, LONG),
            token("xoxr-", Url, 20, LONG),
            token("xoxs-", Url, 20, LONG),
            token("xoxe-", Url, 20, LONG),
            token("xapp-", Url, 20, LONG),
        ]),
        hits: &[
            "xoxb-¦2718281828-3141592653-Qw8ErT5yU2iO9pAs4dFgH7jK",
            "SLACK=xapp-¦1-A0123BCDEF-2718281828459-9f8e7d6c5b4a39281706",
        ],
        misses: &[
            "xoxb- is the bot token, xoxp- the user's",
            "xoxb-your-token-goes-here-please",
        ],
    },
    Rule {
        id: "slack-hook",
        name: "Slack webhook",
        kind: Kind::Bot,
        fits: &["slack"],
        how: How::Shape(shapes::slack_hook),
        hits: &[
            "https://hooks.slack.com/services/¦T02AB3CDE/B04FG5HIJ/q8W2eR5tY7uI0oP3aS6dF9gH",
            "curl -d @x hooks.slack.com/services/¦T1A2B3C4D/B5E6F7G8H/Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2",
        ],
        misses: &[
            "https://hooks.slack.com/services/T000/B000/XXXX",
            "see hooks.slack.com/services for the list",
        ],
    },
    Rule {
        id: "aws-id",
        name: "AWS access key",
        kind: Kind::Cloud,
        fits: &["aws", "amazon"],
        how: How::Tokens(&[token("AKIA", Alnum, 16, 16), token("ASIA", Alnum, 16, 16)]),
        hits: &[
            "AKIA¦Q3EGRT7XZ5YHNB2K",
            "aws_access_key_id = ASIA¦X4K2LP9QWJ7RTYV3",
        ],
        misses: &[
            "AKIAIOSFODNN7EXAMPLE",
            "MASIAQ3EGRT7XZ5YHNB2K",
            "ASIA PACIFIC region is down",
        ],
    },
];
