//! The rules, from the particular to the general, each with lines that it must find something in and lines that it must not.
//!
//! Examples are invented. A `¦` in them is taken out before they are tried, so that nobody's scanner takes this file for a leak.

use std::ops::Range;

use super::letters::Class::{Alnum, Base58, Digit, Hex, Url, Word};
use super::tokens::{Nearby, Token, mixed, token};
use super::{Kind, assignments, shapes};

/// How one kind of secret is found.
#[derive(Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its id, for tests and figures.
    pub id: &'static str,
    /// What it finds, for people.
    pub name: &'static str,
    /// What that opens.
    pub kind: Kind,
    /// Words by which a plan's credential is found that may be it, the best first.
    pub fits: &'static [&'static str],
    /// Lines with exactly one finding.
    pub hits: &'static [&'static str],
    /// Lines that look like it and have none.
    pub misses: &'static [&'static str],
    how: How,
}

#[derive(Debug)]
enum How {
    Tokens(&'static [Token]),
    Nearby(&'static [Nearby]),
    Shape(fn(&str, &mut Vec<Range<usize>>)),
}

impl PartialEq for How {
    fn eq(&self, _: &Self) -> bool {
        // A rule's id tells it.
        true
    }
}

impl Eq for How {}

impl Rule {
    pub(super) fn find(&self, text: &str, found: &mut Vec<Range<usize>>) {
        match self.how {
            How::Tokens(tokens) => tokens.iter().for_each(|it| it.find(text, found)),
            How::Nearby(all) => all.iter().for_each(|it| it.find(text, found)),
            How::Shape(find) => find(text, found),
        }
    }
}

const LONG: usize = 400;

/// All rules, in the order in which they are tried.
pub const RULES: &[Rule] = &[
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
        id: "private-key",
        name: "private key",
        kind: Kind::Key,
        fits: &["ssh", "private", "encryption", "signing"],
        how: How::Shape(shapes::private_key),
        hits: &[
            "-----BEGIN ¦OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz\nc2gtZWQyNTUxOQ\n-----END OPENSSH PRIVATE KEY-----",
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
        fits: &["encryption", "age"],
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
        fits: &["telegram", "bot_token", "bot token"],
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
        fits: &["anthropic", "claude", "api_key", "api key"],
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
        fits: &["stripe", "api_key", "api key"],
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
        fits: &["webhook"],
        how: How::Tokens(&[token("whsec_", super::letters::Class::Base64, 24, LONG)]),
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
        fits: &["openai", "api_key", "api key"],
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
        fits: &["github", "git"],
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
        fits: &["gitlab", "git"],
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
        fits: &["slack", "webhook"],
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
    Rule {
        id: "aws-secret",
        name: "AWS secret key",
        kind: Kind::Cloud,
        fits: &["aws", "amazon"],
        how: How::Nearby(&[Nearby {
            words: &[
                "aws_secret",
                "secretaccesskey",
                "secret_access_key",
                "secret access key",
                "akia",
                "aws secret",
            ],
            reach: 60,
            of: super::letters::Class::Base64,
            length: (40, 40),
            hex: false,
        }]),
        hits: &[
            "aws_secret_access_key = ¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxCvBnM2wE4",
            "\"SecretAccessKey\": \"¦Zx9Yw8Vu7Ts6Rq5Po4Nm/Lk2Ji1Hg0Fe9Dc8Ba7+\"",
        ],
        misses: &[
            "aws_secret_access_key: see the vault",
            "deployed 9fceb02d0ae598e95dc970b74767f19372d61af8 to aws, the secret access key was not touched",
        ],
    },
    Rule {
        id: "google",
        name: "Google API key",
        kind: Kind::ApiKey,
        fits: &["google", "api_key", "api key"],
        how: How::Tokens(&[
            token("AIza", Url, 35, 35),
            token("GOCSPX-", Url, 24, 40),
            mixed("ya29.", Url, 40, LONG),
        ]),
        hits: &[
            "AIza¦SyD3kF8jQ2mZ7Lw5vRtY9uPa1Bc4De6Gh0I",
            "client_secret GOCSPX-¦k3J9dLq7RtY2uIoP5aSdF8gHjKlZ",
        ],
        misses: &[
            "AIzawa is a name",
            "keys begin with AIza and have 39 letters",
        ],
    },
    Rule {
        id: "package-registry",
        name: "package registry token",
        kind: Kind::Source,
        fits: &["npm", "pypi", "registry"],
        how: How::Tokens(&[
            mixed("npm_", Alnum, 36, 36),
            token("pypi-AgE", Url, 50, LONG),
            token("dckr_pat_", Url, 27, 40),
            mixed("cio", Alnum, 32, 32),
        ]),
        hits: &[
            "//registry.npmjs.org/:_authToken=npm_¦a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
            "pypi-¦AgEIcHlwaS5vcmcCJDZkMTIzNDU2LTc4OTAtYWJjZC1lZjEyLTM0NTY3ODkwYWJjZAACKlsz",
            "dckr_pat_¦aB3dE6gH9jK2mN5pQ8sT1vW4yZ7",
        ],
        misses: &[
            "npm_config_registry=https://registry.npmjs.org",
            "pypi-server is running",
            "npm_lifecycle_event is postinstall",
        ],
    },
    Rule {
        id: "hosting",
        name: "hosting token",
        kind: Kind::Cloud,
        fits: &["vercel", "digitalocean", "cloudflare", "hosting"],
        how: How::Tokens(&[
            token("dop_v1_", Hex, 64, 64),
            token("doo_v1_", Hex, 64, 64),
            token("dor_v1_", Hex, 64, 64),
            mixed("vcp_", Alnum, 24, LONG),
            token("sbp_", Hex, 40, 40),
            token("FlyV1 fm2_", super::letters::Class::Base64, 40, LONG),
            token("rnd_", Alnum, 32, 32),
            token("HRKU-AA", Url, 58, LONG),
        ]),
        hits: &[
            "dop_v1_¦9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "SUPABASE=sbp_¦0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
        ],
        misses: &["dop_v1_ tokens have 64 digits", "sbp_report_2026"],
    },
    Rule {
        id: "vercel",
        name: "Vercel token",
        kind: Kind::Cloud,
        fits: &["vercel"],
        how: How::Nearby(&[Nearby {
            words: &[
                "vercel_token",
                "vercel token",
                "vercel --token",
                "vercel_api",
                "vercel_access",
            ],
            reach: 30,
            of: Alnum,
            length: (24, 24),
            hex: false,
        }]),
        hits: &[
            "VERCEL_TOKEN=¦q8W2eR5tY7uI0oP3aS6dF9gH",
            "the vercel token: ¦Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2",
        ],
        misses: &[
            "vercel deployment dpl_9aB8cD7eF6gH5iJ4kL3mN2oP is ready",
            "vercel token expired",
        ],
    },
    Rule {
        id: "cloudflare",
        name: "Cloudflare token",
        kind: Kind::Cloud,
        fits: &["cloudflare"],
        how: How::Nearby(&[Nearby {
            words: &[
                "cloudflare_api",
                "cloudflare token",
                "cloudflare api",
                "cf_api",
                "cf_token",
                "cloudflare key",
            ],
            reach: 40,
            of: Url,
            length: (37, 45),
            hex: true,
        }]),
        hits: &[
            "CLOUDFLARE_API_TOKEN=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxCvBnM2wE4",
            "CF_API_KEY: ¦0a1b2c3d4e5f60718293a4b5c6d7e8f901234",
        ],
        misses: &[
            "cloudflare ray 8f2b4c6d7e9a0b1c-FRA",
            "the cloudflare api answered 9fceb02d",
        ],
    },
    Rule {
        id: "vault",
        name: "secret store token",
        kind: Kind::Password,
        fits: &["vault"],
        how: How::Tokens(&[
            mixed("hvs.", Url, 24, LONG),
            mixed("hvb.", Url, 24, LONG),
            mixed("ops_eyJ", Url, 100, 4_000),
            token("dp.pt.", Alnum, 40, 44),
        ]),
        hits: &[
            "VAULT_TOKEN=hvs.¦CAESIJq8W2eR5tY7uI0oP3aS6dF9gH",
            "doppler dp.pt.¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxCvBnM2wE4",
        ],
        misses: &["hvs.example is not a host", "run vault token renew hvs.…"],
    },
    Rule {
        id: "saas",
        name: "API key",
        kind: Kind::ApiKey,
        fits: &["api_key", "api key"],
        how: How::Tokens(&[
            token("hf_", Alnum, 34, 40),
            token("gsk_", Alnum, 40, LONG),
            mixed("xai-", Alnum, 60, LONG),
            mixed("r8_", Alnum, 37, 40),
            token("lin_api_", Alnum, 32, LONG),
            mixed("ntn_", Alnum, 40, LONG),
            token("shpat_", Hex, 32, 32),
            token("shpss_", Hex, 32, 32),
            token("PMAK-", Url, 50, LONG),
            token("glsa_", Word, 36, LONG),
            token("dapi", Hex, 32, 34),
            token("SK", Hex, 32, 32),
            token("NRAK-", Alnum, 27, 27),
            token("sntrys_", super::letters::Class::Base64, 60, LONG),
        ]),
        hits: &[
            "HF=hf_¦aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lMq",
            "grafana glsa_¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC_1a2b3c4d",
            "twilio SK¦0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        ],
        misses: &[
            "hf_transfer is faster",
            "SKU 0a1b2c3d",
            "dapi is the dashboard api",
            "AC0a1b2c3d4e5f60718293a4b5c6d7e8f9 is only the account",
        ],
    },
    Rule {
        id: "sendgrid",
        name: "SendGrid key",
        kind: Kind::ApiKey,
        fits: &["sendgrid", "mail", "api_key", "api key"],
        how: How::Shape(shapes::sendgrid),
        hits: &[
            "SG.¦q8W2eR5tY7uI0oP3aS6dF9.gH1jK4lZxCvBnM2wE4rT6yU8iO0pA3sD5fG7hJ9kL1z",
            "key SG.¦Zx9Yw8Vu7Ts6Rq5Po4Nm3L.k2Ji1Hg0Fe9Dc8Ba7Zy6Xw5Vu4Ts3Rq2Po1Nm0Lk9J0",
        ],
        misses: &["SG.12 is the node in Singapore", "SG.abc.def"],
    },
    Rule {
        id: "discord",
        name: "Discord bot token",
        kind: Kind::Bot,
        fits: &["discord", "bot_token"],
        how: How::Shape(shapes::discord),
        hits: &[
            "MTA5¦NzE2NTQzMjEwOTg3NjU0Mw.Gx7kQz.aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0hJ3lMqRx",
            "DISCORD=Nzky¦NzE1NDU0MTk2MDg4ODQy.X-hvzA.Ovy4MCQywSkoMRRclStW4xAYK7I",
        ],
        misses: &[
            "com.example.service.Handler.process.execute",
            "MTA5NzE2NTQzMjEwOTg3NjU0Mw.txt",
        ],
    },
    Rule {
        id: "n8n",
        name: "n8n API key",
        kind: Kind::ApiKey,
        fits: &["n8n", "api_key", "api key"],
        how: How::Shape(shapes::n8n),
        hits: &[
            "X-N8N-API-KEY: ¦eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiI0MmE3IiwiaXNzIjoibjhuIiwiYXVkIjoicHVibGljLWFwaSIsImlhdCI6MTc3MjAwMDAwMH0.q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxCvBnM2wE4rT6",
            "¦eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJuOG4iLCJzdWIiOiI3In0.Zx9Yw8Vu7Ts6Rq5Po4Nm3Lk2Ji1Hg0Fe9Dc8Ba7Zy6X",
        ],
        misses: &[
            "n8n answers with eyJhbGciOiJIUzI1NiJ9",
            "the n8n key was revoked",
        ],
    },
    Rule {
        id: "web-token",
        name: "session token",
        kind: Kind::Session,
        fits: &["session", "nextauth", "jwt"],
        how: How::Shape(shapes::web_token),
        hits: &[
            "¦eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkJvYiJ9.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
            "cookie: next-auth.session-token=¦eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0.eyJpYXQiOjE3NzIwMDAwMDB9.q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC; Path=/",
        ],
        misses: &[
            "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 is only the head",
            "a.b.c is how it looks: eyJ….eyJ….sig",
        ],
    },
    Rule {
        id: "database-address",
        name: "database password",
        kind: Kind::Database,
        fits: &["database", "postgres", "mysql", "mongo", "redis"],
        how: How::Shape(shapes::database),
        hits: &[
            "DATABASE_URL=postgres://app:¦tr0ub4dor@db.internal:5432/prod",
            "mongodb+srv://root:¦Zx9Yw8Vu@cluster0.mongodb.net/?retryWrites=true",
            "redis://:¦q8W2eR5tY7@cache:6379/0",
        ],
        misses: &[
            "postgres://user:password@host:5432/db is the form",
            "postgres://$USER:$PASS@db/prod",
            "postgres://app@db.internal:5432/prod",
            "postgres://postgres:postgres@localhost/test",
        ],
    },
    Rule {
        id: "address",
        name: "password in an address",
        kind: Kind::Password,
        fits: &[],
        how: How::Shape(shapes::address),
        hits: &[
            "https://deploy:¦s3cr3tPush@git.example.org/acme/api.git",
            "smtp://mailer:¦hF7-kk2!x@smtp.example.org:587",
        ],
        misses: &[
            "https://example.org:8443/a@b",
            "http://localhost:3000/users/@me",
            "https://medium.com/@alice/how-we-did-it-12ab34",
            "https://user:***@git.example.org",
        ],
    },
    Rule {
        id: "solana-file",
        name: "wallet key",
        kind: Kind::Wallet,
        fits: &["wallet"],
        how: How::Shape(shapes::key_numbers),
        hits: &[
            "[¦12,34,56,78,90,123,45,67,89,101,213,44,55,66,77,88,99,111,122,133,144,155,166,177,188,199,200,211,222,233,244,255,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32]",
            "id.json: [¦ 112, 34, 56, 78, 90, 123, 45, 67, 89, 101, 213, 44, 55, 66, 77, 88, 99, 111, 122, 133, 144, 155, 166, 177, 188, 199, 200, 211, 222, 233, 244, 255, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32 ]",
        ],
        misses: &[
            "ports [22, 80, 443, 5432, 6379, 8080]",
            "latencies [12, 15, 11, 230, 14]",
        ],
    },
    Rule {
        id: "wallet-key",
        name: "wallet key",
        kind: Kind::Wallet,
        fits: &["wallet"],
        how: How::Nearby(&[
            Nearby {
                words: &[
                    "private key",
                    "privatekey",
                    "private_key",
                    "privkey",
                    "secret key",
                    "приватный ключ",
                    "wallet key",
                    "keypair",
                ],
                reach: 48,
                of: Base58,
                length: (86, 88),
                hex: false,
            },
            Nearby {
                words: &[
                    "private key",
                    "privatekey",
                    "private_key",
                    "privkey",
                    "priv key",
                    "приватный ключ",
                    "wallet key",
                ],
                reach: 32,
                of: Alnum,
                length: (64, 66),
                hex: true,
            },
        ]),
        hits: &[
            "private key: ¦0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318",
            "wallet private_key=¦8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63",
            "keypair ¦4wBqpZM9xaSheZzJSMawUKKwhdpChKbZ5eu5ky4Vigw6d1Xk2pQmZ7Lw5vRtY9uPa1Bc4De6GhKJmNpRsTuVwXyZ",
        ],
        misses: &[
            "tx 0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318 was mined",
            "sha256 8f2a55949038a9610f50fb23b5883af3b4ecb3c3bb792cbcefbd1542c692be63 of the private bundle",
        ],
    },
    Rule {
        id: "seed-words",
        name: "seed phrase",
        kind: Kind::Wallet,
        fits: &["wallet"],
        how: How::Shape(shapes::seed_words),
        hits: &[
            "seed phrase: ¦abandon ability able about above absent absorb abstract absurd abuse access account",
            "Mnemonic:\n¦legal winner thank year wave sausage worth useful legal winner thank yellow",
        ],
        misses: &[
            "seed phrase: twelve words that nobody should ever see, so please do not post it here",
            "wallet: the hot wallet was drained at noon and nobody has seen who did it",
        ],
    },
    Rule {
        id: "header",
        name: "credential of a request",
        kind: Kind::Session,
        fits: &["api_key", "api key"],
        how: How::Shape(shapes::bearer),
        hits: &[
            "curl -H 'Authorization: Bearer ¦q8W2eR5tY7uI0oP3aS6dF9gH'",
            "Authorization: Basic ¦ZGVwbG95OnMzY3IzdA==",
        ],
        misses: &[
            "Authorization: Bearer $TOKEN",
            "Authorization: Bearer <your token>",
            "Basic authentication is off",
        ],
    },
    Rule {
        id: "password",
        name: "password",
        kind: Kind::Password,
        fits: &[],
        how: How::Shape(assignments::password),
        hits: &[
            "password=¦hunter2!",
            "DB_PASSWORD: \"¦correct7horse\"",
            "the password is ¦Tr0ub4dor&3",
            "пароль: ¦qwerty12345",
            "Passwort: ¦Sommer2024!",
            "mysql --password ¦s3cr3t77 -u root",
        ],
        misses: &[
            "password: please change it",
            "the password is in the vault",
            "password = getenv(\"DB_PASSWORD\")",
            "PASSWORD=$DB_PASSWORD",
            "пароль: спросите у Бори",
            "password: ********",
            "password reset: 2026-02-17 14:05",
            "forgot password? see 3rd-party-login",
        ],
    },
    Rule {
        id: "secret",
        name: "secret value",
        kind: Kind::Password,
        fits: &[],
        how: How::Shape(assignments::secret),
        hits: &[
            "NEXTAUTH_SECRET=¦q8W2eR5tY7uI0oP3aS6dF9gH1jK4lZxC",
            "api_key: '¦9f86d081884c7d659a2feaa0c55ad015'",
            "\"client_secret\": \"¦k3J9dLq7RtY2uIoP5aSdF8\"",
            "https://api.example.org/v1?token=¦Zx9Yw8Vu7Ts6Rq5Po4Nm&limit=5",
        ],
        misses: &[
            "token: invalid",
            "SyntaxError: Unexpected token: 1a2b3c4d5e6f7g8h9i0j",
            "secret = os.environ['SECRET_KEY_2']",
            "api_key=${API_KEY_2026_PRODUCTION}",
            "nextToken: eyJhIjoxLCJiIjoyMzQ1Njc4OX0",
            "the secret is that we deploy on Fridays",
            "token expired at: 2026-02-17T14:05:00Z",
        ],
    },
    Rule {
        id: "phone-login",
        name: "login code",
        kind: Kind::Session,
        fits: &["session"],
        how: How::Nearby(&[Nearby {
            words: &[
                "login code:",
                "one-time code:",
                "код для входа:",
                "verification code:",
            ],
            reach: 26,
            of: Digit,
            length: (5, 8),
            hex: true,
        }]),
        hits: &["Login code: ¦58213", "your one-time code: ¦902714"],
        misses: &["status code: 50312", "login code: it is in the repository"],
    },
];
