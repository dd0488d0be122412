//! What has no provider: addresses, wallets, headers, assignments.

use super::{How, Rule};
use crate::detect::secrets::Kind;
use crate::detect::secrets::letters::Class::{Alnum, Base58, Digit};
use crate::detect::secrets::tokens::Nearby;
use crate::detect::secrets::{assignments, shapes};

pub(super) const RULES: &[Rule] = &[
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
        fits: &[],
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
        fits: &[],
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
