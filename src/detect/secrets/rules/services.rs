//! Tokens of clouds and services.

use super::{How, LONG, Rule};
use crate::detect::secrets::Kind;
use crate::detect::secrets::letters::Class::{Alnum, Base64, Hex, Url, Word};
use crate::detect::secrets::shapes;
use crate::detect::secrets::tokens::{Nearby, mixed, token};

pub(super) const RULES: &[Rule] = &[
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
            of: Base64,
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
        fits: &["google"],
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
        fits: &[],
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
        fits: &[],
        how: How::Tokens(&[
            token("dop_v1_", Hex, 64, 64),
            token("doo_v1_", Hex, 64, 64),
            token("dor_v1_", Hex, 64, 64),
            mixed("vcp_", Alnum, 24, LONG),
            token("sbp_", Hex, 40, 40),
            token("FlyV1 fm2_", Base64, 40, LONG),
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
        fits: &[],
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
            token("sntrys_", Base64, 60, LONG),
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
        fits: &["sendgrid"],
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
        fits: &["discord"],
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
        fits: &["n8n"],
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
        fits: &[],
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
];
